//! Reports, all derived from the records.

pub mod findings;
pub mod github;
pub mod html;
pub mod issue;
pub mod junit;
pub mod known_failures;
pub mod markdown;
pub mod ndjson;
mod table;
pub mod terminal;
mod text;

pub use table::{Counts, Group, Row, Table};

use crate::fixture::Requirements;
use crate::results::{Record, Summary};

/// What every report is made from.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// The records as a matrix.
    pub table: Table<'a>,
    /// What the documents say.
    pub requirements: &'a Requirements,
    /// What a reader must know of the records: some are missing or replaced.
    pub notices: &'a [String],
    /// How many records there are of each sort.
    pub summary: Summary,
}

impl<'a> Report<'a> {
    /// A report on records.
    #[must_use]
    pub fn new(records: &'a [Record], requirements: &'a Requirements, notices: &'a [String]) -> Self {
        Self { table: Table::new(records), requirements, notices, summary: records.iter().collect() }
    }
}
