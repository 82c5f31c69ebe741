//! Reports, all derived from the records.

pub mod findings;
pub mod github;
#[cfg(feature = "cli")]
pub mod html;
pub mod issue;
#[cfg(feature = "cli")]
pub mod junit;
pub mod known_failures;
pub mod markdown;
pub mod ndjson;
mod table;
pub mod terminal;
mod text;

pub use table::{Counts, Group, Row, Table};

use crate::fixture::Requirements;
use crate::results::{Problem, Record, Summary};

/// A text for a terminal without its colors.
#[must_use]
pub fn plain(colored: &str) -> String {
    let mut parts = colored.split('\x1b');
    let first = parts.next().unwrap_or_default();
    // A color ends with an m. What others wrote has no escape character: it is
    // shown as its number.
    let rest = parts.map(|part| part.split_once('m').map_or(part, |(_, rest)| rest));
    [first].into_iter().chain(rest).collect()
}

/// What every report is made from.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// The records as a matrix.
    pub table: Table<'a>,
    /// What the documents say.
    pub requirements: &'a Requirements,
    /// What a reader must know of the records: some are missing or replaced.
    pub notices: &'a [String],
    /// What makes the run fail beside its records.
    pub problems: &'a [Problem],
    /// How many records there are of each sort; each problem counts as failed.
    pub summary: Summary,
}

impl<'a> Report<'a> {
    /// A report on records.
    #[must_use]
    pub fn new(records: &'a [Record], requirements: &'a Requirements, notices: &'a [String]) -> Self {
        Self {
            table: Table::new(records),
            requirements,
            notices,
            problems: &[],
            summary: records.iter().collect(),
        }
    }

    /// The report with what makes the run fail beside its records.
    #[must_use]
    pub fn with_problems(mut self, problems: &'a [Problem]) -> Self {
        self.summary.failed += problems.len();
        self.problems = problems;
        self
    }
}
