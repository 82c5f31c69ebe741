//! Adapter lines: reading is total, and undoes writing.

use std::collections::BTreeSet;

use serde_json::Value;

use super::naive::value;
use crate::wire::answer;
use crate::wire::outcome::Outcome;

/// Any line is a response or not; one that is says what stands in the line, can
/// be written and read again, and belongs to no other call.
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
        says_nothing_else(line, &answer::write(&id, &outcome));
        assert!(answer::parse(line, &format!("{id}#2")).is_err(), "it belongs to another call");
    }
}

/// No string in a response differs from those in the line, if the line is JSON.
fn says_nothing_else(line: &str, answer: &str) {
    if let (Some(line), Some(answer)) = (value(line), value(answer)) {
        let (mut said, mut read) = (BTreeSet::new(), BTreeSet::new());
        texts(&line, &mut said);
        texts(&answer, &mut read);
        assert!(read.is_subset(&said), "{read:?} in {said:?}");
    }
}

fn texts<'a>(value: &'a Value, texts: &mut BTreeSet<&'a str>) {
    match value {
        Value::String(text) => drop(texts.insert(text)),
        Value::Array(values) => values.iter().for_each(|value| self::texts(value, texts)),
        Value::Object(members) => members.values().for_each(|value| self::texts(value, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
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
