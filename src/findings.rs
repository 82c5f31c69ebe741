//! Findings: the failures of a client or a server, grouped by defect and violated
//! requirement. Terminal, reports and known failures all speak of these.

mod id;

use std::cmp::Reverse;
use std::collections::BTreeMap;

pub use crate::judge::FindingId;
pub use id::FindingIdError;

use crate::fixture::{Basis, Requirements};
use crate::judge::{Mismatch, Verdict};
use crate::results::{Expectation, Levels, Record};

/// How a client or a server fails, and the requirement that it violates.
#[derive(Debug, Clone)]
pub struct Finding<'a> {
    /// The defect and the violated requirement.
    pub id: FindingId,
    /// The failures that show it, each of another fixture, the simplest first;
    /// at least one.
    pub shown: Vec<Shown<'a>>,
}

/// A failure that shows a finding: the run of a fixture, and what of it.
pub type Shown<'a> = (&'a Record, &'a Mismatch);

impl<'a> Finding<'a> {
    /// How many fixtures show it, by level.
    #[must_use]
    pub fn levels(&self) -> Levels {
        self.shown.iter().map(|(_, mismatch)| mismatch.level).collect()
    }

    /// What it rests on. Where a document states the requirement, and not one
    /// failure is a `must`, no document decides these cases: a rule of this
    /// project does.
    #[must_use]
    pub fn basis(&self, requirements: &Requirements) -> Basis {
        basis(self.levels(), &self.id.requirement, requirements)
    }

    /// The runs that show it, the simplest first.
    pub fn records(&self) -> impl Iterator<Item = &'a Record> {
        self.shown.iter().map(|(record, _)| *record)
    }

    /// How many of those that show it are not on the list of known failures.
    #[must_use]
    pub fn unexpected(&self) -> usize {
        self.records().filter(|record| record.expectation == Expectation::UnexpectedFailure).count()
    }
}

/// The findings in the records of one client or server; the most harmful come first, then
/// what the documents forbid, then what most show.
#[must_use]
pub fn findings<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<Finding<'a>> {
    let mut found: BTreeMap<FindingId, Vec<Shown<'a>>> = BTreeMap::new();
    for record in records.into_iter().filter(|record| record.verdict == Verdict::Fail) {
        for mismatch in &record.mismatches {
            let shown = found.entry(FindingId::of(mismatch)).or_default();
            // The calls of one fixture show a finding once.
            if shown.last().is_none_or(|(last, _)| last.fixture != record.fixture) {
                shown.push((record, mismatch));
            }
        }
    }
    let finding = |(id, mut shown): (_, Vec<Shown<'a>>)| {
        shown.sort_by_key(|(record, _)| size(record));
        Finding { id, shown }
    };
    let mut findings: Vec<_> = found.into_iter().map(finding).collect();
    findings.sort_by_key(|finding| {
        (finding.id.defect, Reverse(finding.levels().must), Reverse(finding.shown.len()))
    });
    findings
}

fn basis(levels: Levels, requirement: &str, requirements: &Requirements) -> Basis {
    match requirements.get(requirement).map_or(Basis::Document, |requirement| requirement.basis) {
        Basis::Document if levels.must == 0 => Basis::Project,
        basis => basis,
    }
}

/// A finding across clients.
#[derive(Debug, Clone)]
pub struct Across<'a> {
    /// What it is called.
    pub id: FindingId,
    /// For each client, the finding if it shows it.
    pub cells: Vec<Option<Finding<'a>>>,
}

impl Across<'_> {
    /// How many runs show it, by level.
    #[must_use]
    pub fn levels(&self) -> Levels {
        self.cells.iter().flatten().flat_map(|of| &of.shown).map(|(_, mismatch)| mismatch.level).collect()
    }

    /// What it rests on, as [`Finding::basis`].
    #[must_use]
    pub fn basis(&self, requirements: &Requirements) -> Basis {
        basis(self.levels(), &self.id.requirement, requirements)
    }

    /// How many clients show it.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.cells.iter().flatten().count()
    }
}

/// The findings of several clients side by side, in the order of one client's,
/// those first that most clients show.
#[must_use]
pub fn side_by_side(clients: Vec<Vec<Finding<'_>>>) -> Vec<Across<'_>> {
    let mut rows: BTreeMap<FindingId, Vec<Option<Finding<'_>>>> = BTreeMap::new();
    let count = clients.len();
    for (column, findings) in clients.into_iter().enumerate() {
        for finding in findings {
            let row = rows.entry(finding.id.clone()).or_insert_with(|| vec![None; count]);
            if let Some(cell) = row.get_mut(column) {
                *cell = Some(finding);
            }
        }
    }
    let mut rows: Vec<_> = rows.into_iter().map(|(id, cells)| Across { id, cells }).collect();
    rows.sort_by_key(|row| {
        let levels = row.levels();
        (row.id.defect, Reverse(row.clients()), Reverse(levels.must), Reverse(levels.all()))
    });
    rows
}

/// What a reader has to take in to see what went wrong: a run without any
/// exchange shows least. The fixture's id makes the order whole.
fn size(record: &Record) -> impl Ord + use<'_> {
    let replies: usize = record.wire.iter().map(|wire| wire.reply.len()).sum();
    (record.wire.is_empty(), record.outcomes.len(), record.wire.len(), replies, &record.fixture)
}
