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

/// Text for a terminal, without its colours.
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
    /// When the results were written, and by which command.
    pub about: About,
}

/// When results were written, and the command that reports on them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The days on which the results were written, in UTC, such as `2026-11-30`;
    /// none where the results do not say.
    pub dates: Vec<String>,
    /// The command that made the report, without the arguments of an adapter, which
    /// may be secret; empty in a library's report.
    pub command: String,
}

impl About {
    /// Results of today, by the command line of this process.
    #[must_use]
    pub fn now() -> Self {
        Self { dates: vec![today()], command: without_secrets(std::env::args().skip(1)) }
    }

    /// The program's version and the date of the results, if they have one.
    #[must_use]
    pub fn made(&self) -> Option<String> {
        let version = env!("CARGO_PKG_VERSION");
        match (self.dates.first()?, self.dates.last()?) {
            (first, last) if first == last => Some(format!("attachset {version}, results of {first}")),
            (first, last) => Some(format!("attachset {version}, results of {first} to {last}")),
        }
    }
}

/// The program's command, which names the program of an adapter and not its arguments.
fn without_secrets(arguments: impl IntoIterator<Item = String>) -> String {
    let mut command = vec!["attachset".to_owned()];
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let is_last = argument == "--";
        command.push(argument);
        if is_last {
            command.extend(arguments.next());
            command.extend(arguments.next().map(|_| "...".to_owned()));
            break;
        }
    }
    command.join(" ")
}

/// The date in UTC, such as `2026-11-30`.
pub(crate) fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
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
            about: About::default(),
        }
    }

    /// The report with what it says of its own making.
    #[must_use]
    pub fn with_about(self, about: About) -> Self {
        Self { about, ..self }
    }

    /// The report with what makes the run fail beside its records.
    #[must_use]
    pub fn with_problems(mut self, problems: &'a [Problem]) -> Self {
        self.summary.failed += problems.len();
        self.problems = problems;
        self
    }
}
