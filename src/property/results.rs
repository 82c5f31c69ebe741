//! Results: reading is total, and undoes writing.

use crate::report::ndjson::{Writer, read};
use crate::results::Record;

/// Any text is a results file up to some line; what is whole in it can be
/// written and read again.
///
/// # Panics
/// Where that is not so.
pub fn results(text: &str) {
    let (results, problem) = read(text.as_bytes());
    let records = results.records;
    let header = |line: &&str| line.is_empty() || line.starts_with("{\"attachsetResults\"");
    assert!(problem.is_some() || records.len() == text.split('\n').filter(|line| !header(line)).count());
    results_round_trip(&records);
}

/// Records are the same after writing and reading; cut short, those before
/// the cut are.
///
/// # Panics
/// Where they are not.
pub fn results_round_trip(records: &[Record]) {
    let text = write(records);
    let (again, problem) = read(text.as_bytes());
    assert!(problem.is_none(), "{problem:?}");
    assert_eq!(again.records, records);
    let cut: String = text.chars().take(text.chars().count().saturating_sub(2)).collect();
    let (kept, problem) = read(cut.as_bytes());
    assert!(problem.is_some() || records.is_empty() && kept.records.is_empty());
    assert_eq!(Some(&*kept.records), records.get(..records.len().saturating_sub(1)));
}

fn write(records: &[Record]) -> String {
    let mut out = Vec::new();
    let written = Writer::new(&mut out, &[])
        .and_then(|mut writer| records.iter().try_for_each(|record| writer.write(record)));
    match written.map(|()| String::from_utf8(out)) {
        Ok(Ok(text)) => text,
        problem => panic!("records cannot be written: {problem:?}"),
    }
}
