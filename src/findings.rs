//! Findings: what is wrong with a client or a server, with everything that
//! shows it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::fixture::{Defect, Level};
use crate::judge::{Mismatch, Verdict};
use crate::results::Record;

/// One thing that is wrong with a client or a server: how it fails, and which
/// requirement it breaks.
#[derive(Debug, Clone)]
pub struct Finding<'a> {
    /// The way to be wrong.
    pub defect: Defect,
    /// The id of the requirement that is broken.
    pub requirement: &'a str,
    /// The failures that show it, each of another fixture; at least one.
    pub shown: Vec<Shown<'a>>,
}

/// A failure that shows a finding: the run of a fixture, and what of it.
pub type Shown<'a> = (&'a Record, &'a Mismatch);

impl Finding<'_> {
    /// How many of the fixtures that show it have a level.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.shown.iter().filter(|(record, _)| record.level == level).count()
    }
}

/// The findings in the records of one client or server; what hurts its users
/// most comes first, then what most fixtures show.
#[must_use]
pub fn findings<'a>(records: &[&'a Record]) -> Vec<Finding<'a>> {
    let mut found: BTreeMap<(Defect, &str), Vec<Shown<'a>>> = BTreeMap::new();
    for record in records.iter().filter(|record| record.verdict == Verdict::Fail) {
        for mismatch in &record.mismatches {
            let shown = found.entry((mismatch.defect, &mismatch.requirement)).or_default();
            // The calls of one fixture show a finding once.
            if shown.last().is_none_or(|(last, _)| last.fixture != record.fixture) {
                shown.push((record, mismatch));
            }
        }
    }
    let mut findings: Vec<_> = found
        .into_iter()
        .map(|((defect, requirement), shown)| Finding { defect, requirement, shown })
        .collect();
    findings.sort_by_key(|finding| (finding.defect, Reverse(finding.shown.len())));
    findings
}
