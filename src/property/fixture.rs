//! Fixtures: reading is total, and undoes writing.

use std::collections::BTreeMap;

use crate::fixture::{Fixture, Set};

/// Any bytes as a fixture's file load or are refused with a place in the
/// file; and a fixture that parses can be written and read again.
///
/// # Panics
/// Where that is not so.
pub fn fixture_file(bytes: &[u8]) {
    if let Ok(parsed) = serde_json::from_slice::<Fixture>(bytes) {
        fixture(&parsed);
    }
    let requirements =
        br#"{"requirements":[{"id":"a","says":"b","sources":[{"title":"c","url":"https://example.com/"}]}]}"#;
    let files = BTreeMap::from([
        ("client/group/name.json".to_owned(), bytes.to_vec()),
        ("requirements.json".to_owned(), requirements.to_vec()),
    ]);
    match Set::read(files, true) {
        Ok(set) => {
            assert_eq!(set.client.len(), 1);
            for fixture in set.client {
                loaded(&fixture);
            }
        }
        Err(error) => {
            assert!(!error.problems.is_empty());
            for problem in error.problems {
                assert!(problem.starts_with("client/group/name.json: $"), "{problem:?} names no place");
            }
        }
    }
}

/// A fixture is the same after writing and reading, and so is its text.
///
/// # Panics
/// Where it is not.
pub fn fixture(fixture: &Fixture) {
    let text = write(fixture);
    match serde_json::from_str::<Fixture>(&text) {
        Ok(read) => {
            assert_eq!(Fixture { id: fixture.id.clone(), ..read.clone() }, *fixture);
            assert_eq!(write(&read), text);
        }
        Err(error) => panic!("a fixture that was written does not parse: {error}: {text}"),
    }
}

fn write(fixture: &Fixture) -> String {
    match serde_json::to_string_pretty(fixture) {
        Ok(text) => text,
        Err(error) => panic!("a fixture cannot be written: {error}"),
    }
}

/// What the loader lets through can be used.
fn loaded(fixture: &Fixture) {
    assert_eq!(fixture.id, "group/name");
    for step in &fixture.steps {
        let count = step.count();
        assert!(count.min <= count.max && !step.replies.is_empty());
    }
}
