//! Judges a client in its own tests as `attachset validate` does: with
//! attribution, findings, known failures and a report.
//!
//! ```
//! use attachset::{client::Reference, suite::Suite};
//!
//! # #[tokio::main(flavor = "multi_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let report = Suite::of("my client")
//!     .only("error/*")
//!     .skip("error/message-*")
//!     .known_failures("# finding:lost-code/protocol.error-type-header   issue 12")
//!     .run(|| async { Ok(Reference::new()) })
//!     .await?;
//! assert!(report.is_as_expected(), "{report}");
//! # Ok(())
//! # }
//! ```

use std::future::Future;
use std::sync::Arc;

use crate::client::{Client, ClientInfo};
use crate::findings::{Finding, findings};
use crate::fixture::{Entry, Fixture, LoadError, Requirements, Set};
use crate::report::{plain, terminal};
use crate::results::{
    Expectation, Expectations, KnownFailures, KnownFailuresError, Plan, Problem, Record, Summary, conclude,
};
use crate::run::{Options, RunError};
use crate::runner;
use crate::select::{SelectError, select};

/// The fixtures that a client is judged by, and what is expected of it.
#[derive(Debug, Clone, Default)]
pub struct Suite {
    client: ClientInfo,
    set: Option<Set>,
    only: Vec<String>,
    skip: Vec<String>,
    known: String,
    strict: bool,
    options: Options,
}

/// Why a client cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// The fixtures do not load.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The selection of fixtures is a mistake.
    #[error(transparent)]
    Select(#[from] SelectError),
    /// The list of known failures names something that does not exist.
    #[error("known failures: {0}")]
    KnownFailures(#[from] KnownFailuresError),
    /// The run ended early.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl Suite {
    /// All built-in fixtures, for a client of this name.
    #[must_use]
    pub fn of(client: &str) -> Self {
        Self { client: ClientInfo { name: client.into(), ..ClientInfo::default() }, ..Self::default() }
    }

    /// Fixtures other than the built-in ones.
    #[must_use]
    pub fn fixtures(self, set: Set) -> Self {
        Self { set: Some(set), ..self }
    }

    /// Adds a glob of ids of fixtures that run. Without one, all run.
    #[must_use]
    pub fn only(mut self, glob: &str) -> Self {
        self.only.push(glob.into());
        self
    }

    /// Adds a glob of ids of fixtures that do not run.
    #[must_use]
    pub fn skip(mut self, glob: &str) -> Self {
        self.skip.push(glob.into());
        self
    }

    /// Failures that are known, in the format of `--known-failures`. Known
    /// failures still run, and have to fail.
    #[must_use]
    pub fn known_failures(self, list: &str) -> Self {
        Self { known: list.into(), ..self }
    }

    /// Counts what is tolerated as failed.
    #[must_use]
    pub fn strict(self) -> Self {
        Self { strict: true, ..self }
    }

    /// Options of the run, such as deadlines.
    #[must_use]
    pub fn options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// Judges the client. `start` makes one; each job has a client of its own.
    ///
    /// # Errors
    /// If a fixture does not load, a glob or a line of the known failures names
    /// nothing, or a client cannot be started.
    pub async fn run<C, S, F>(self, start: S) -> Result<Report, SuiteError>
    where
        C: Client + 'static,
        S: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<C, String>> + Send,
    {
        let Self { client, set, only, skip, known, strict, options } = self;
        let set = set.map_or_else(Set::embedded, Ok)?;
        let fixtures = select(&set.client, "client/", |fixture| &fixture.id, &only, &skip)?;
        let all = || set.client.iter().map(Entry::from);
        let known = KnownFailures::parse(&known, all().map(|fixture| fixture.id), &set.requirements)?
            .planned(|id| fixtures.iter().any(|fixture| fixture.id == id), all());
        let expectations = Expectations { client: &client, known: &known, strict };
        let mut records = Vec::new();
        let each = |run| records.push(Record::of_client(&run, expectations));
        let ids = fixtures.iter().map(|fixture| fixture.id.clone()).collect();
        let fixtures: Vec<Arc<Fixture>> = fixtures.into_iter().map(Arc::new).collect();
        runner::run(fixtures, options, start, each).await?;
        records.sort_by(|one, other| one.fixture.cmp(&other.fixture));
        let plan = Plan { client, fixtures: ids, shard: None, more: 0, strict, search: None, known };
        let problems = conclude(&mut records, &[plan]);
        Ok(Report { records, problems, requirements: set.requirements })
    }
}

/// What a client's run came to. Its text is the one that `attachset validate`
/// prints; with `{:#}`, each failure with its exchanges comes first.
#[derive(Debug, Clone)]
pub struct Report {
    /// A record for each fixture, by its id.
    pub records: Vec<Record>,
    /// What makes the run fail beside its records, such as a line of the known
    /// failures that is out of date.
    pub problems: Vec<Problem>,
    requirements: Requirements,
}

impl Report {
    /// Whether every verdict was expected, and something was judged: where it
    /// is, `attachset validate` ends with 0.
    #[must_use]
    pub fn is_as_expected(&self) -> bool {
        self.problems.is_empty() && self.unexpected().next().is_none()
    }

    /// The records of failures that are not on the list, and of passes that are.
    pub fn unexpected(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(|record| record.expectation != Expectation::Expected)
    }

    /// The findings, known or not, the most harmful first.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding<'_>> {
        findings(&self.records)
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { records, problems, requirements } = self;
        if f.alternate() {
            for record in self.unexpected() {
                writeln!(f, "{}", plain(&terminal::failure(record, requirements)))?;
            }
        }
        let parts = [
            terminal::findings(records, requirements),
            terminal::summary(records),
            terminal::problems(problems),
        ];
        let mut summary: Summary = records.iter().collect();
        summary.failed += problems.len();
        write!(f, "{}{summary}", plain(&parts.concat()))
    }
}
