//! What a finding is called.

use super::{Defect, Mismatch};

/// What a finding is called wherever it shows: the defect, a slash, and the requirement
/// that is broken, such as `lost-code/protocol.error-type-header`. It can be typed, and
/// stand in a link.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FindingId {
    /// The defect.
    pub defect: Defect,
    /// The id of the requirement that is broken.
    pub requirement: String,
}

impl FindingId {
    /// The finding that a mismatch shows.
    #[must_use]
    pub fn of(mismatch: &Mismatch) -> Self {
        Self { defect: mismatch.defect, requirement: mismatch.requirement.clone() }
    }

    /// Whether a mismatch shows it; before it is attributed, whether it may.
    #[must_use]
    pub fn may_be_of(&self, mismatch: &Mismatch) -> bool {
        let others = if mismatch.is_attributed() { &[][..] } else { &mismatch.otherwise };
        let mut violated = std::iter::once(&mismatch.requirement).chain(others);
        self.defect == mismatch.defect && violated.any(|requirement| *requirement == self.requirement)
    }
}

impl std::fmt::Display for FindingId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.defect.as_str(), self.requirement)
    }
}
