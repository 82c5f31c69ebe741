//! Adapter lines: reading is total, and undoes writing.

use crate::wire::answer;
use crate::wire::outcome::Outcome;

/// Any line is an answer or not; one that is can be written and read again,
/// and answers for no other call.
///
/// # Panics
/// Where that is not so.
pub fn adapter_line(line: &str) {
    #[derive(serde::Deserialize)]
    struct Id {
        id: String,
    }
    let id = serde_json::from_str(line).map_or("a".into(), |Id { id }| id);
    let parsed = answer::parse(line, &id);
    assert_eq!(answer::parse(line, &id), parsed, "reading twice differs");
    if let Ok(outcome) = parsed {
        outcome_round_trip(&id, &outcome);
        assert!(answer::parse(line, &format!("{id}#2")).is_err(), "it answers for another call");
    }
}

/// An outcome is the same after writing and reading.
///
/// # Panics
/// Where it is not.
pub fn outcome_round_trip(id: &str, outcome: &Outcome) {
    let line = answer::write(id, outcome);
    assert!(!line.contains('\n'), "{line:?} is more than a line");
    assert_eq!(answer::parse(&line, id).as_ref(), Ok(outcome), "{line}");
}
