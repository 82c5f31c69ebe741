//! A drawn sequence as a fixture, and what is known of its steps.

use crate::fixture::{Defect, Level, ServiceFixture};

/// A sequence as a fixture. What an author has to say of it is left empty.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// The fixture.
    pub fixture: ServiceFixture,
    /// How binding each of its steps is.
    pub(super) levels: Vec<Level>,
    /// Each of its steps in words; none where it only shows that the server
    /// serves.
    pub(super) words: Vec<String>,
}

/// The rules for the form of an answer of which no defect is charged to the
/// step.
pub(super) fn is_advice(requirement: &str, defect: Defect) -> bool {
    let advice = [
        "http.server-refusal-status",
        "model.common-errors",
        "protocol.request-id",
        "protocol.server-dunder-type",
    ];
    advice.contains(&requirement) || (requirement == "seed.one-hour" && defect == Defect::OtherOutput)
}
