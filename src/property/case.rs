//! Generated cases: each becomes a fixture, whatever is left out of it, and by
//! its ruling the reference is not wrong.

use super::fixture::fixture;
use super::oracle::ruled;
use crate::draw::{self, Choices, Draw, Source, service};
use crate::oracle::Answer;

/// How many simpler cases are looked at.
const MOST_SIMPLER: usize = 8;

/// Any bytes as the choices of a call and its response.
///
/// # Panics
/// Where the property does not hold.
pub fn case(bytes: &[u8]) {
    let case = Source::new(0, Vec::new()).any(&mut Choices::new(bytes), &[]);
    let simpler = case.simpler();
    for case in [case].iter().chain(simpler.iter().take(MOST_SIMPLER)) {
        becomes_a_fixture(case);
    }
}

fn becomes_a_fixture(case: &Draw) {
    let of = draw::fixture(case);
    fixture(&of);
    for reply in of.steps.iter().flat_map(|step| &step.replies) {
        ruled(&Answer::of(reply, of.timeout_ms));
    }
}

/// Any bytes as the choices of a sequence of requests.
///
/// # Panics
/// Where the property does not hold.
pub fn sequence(bytes: &[u8]) {
    let able = service::Able { clock: true, signatures: true, cases: true };
    let sequence = service::Asks::new(0, able).any(&mut Choices::new(bytes));
    let simpler = sequence.simpler();
    for sequence in [sequence].iter().chain(simpler.iter().take(MOST_SIMPLER)) {
        let fixture = service::drawn(sequence).fixture;
        let again = serde_json::to_string(&fixture).and_then(|text| serde_json::from_str(&text));
        assert_eq!(again.ok(), Some(fixture));
    }
}
