//! Results: one record for each client and fixture, the source of every
//! report.

mod attribute;
mod bounds;
mod known;
mod lacks;
mod levels;
mod merge;
mod plan;
mod problem;
mod wire;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use attribute::attribute;
pub(crate) use known::{FINDING, split};
pub use known::{KnownFailures, KnownFailuresError};
pub use levels::Levels;
pub use merge::{Merged, Results, merge};
pub use plan::{Plan, Searched, Shard, conclude};
pub use problem::{Problem, ProblemKind, in_lines};
pub(crate) use problem::{groups, line};
pub use wire::{Wire, reply as reply_text};

use crate::check;
use crate::client::ClientInfo;
use crate::deadline::Retried;
use crate::fixture::{Entry, Level};
use crate::judge::{Judgement, Mismatch, Verdict, observation};
use crate::runner::Run;

/// One client's or server's run of one fixture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// Which side is judged.
    #[serde(default, skip_serializing_if = "Role::is_client")]
    pub role: Role,
    /// The fixture's id.
    pub fixture: String,
    /// The fixture's title.
    pub title: String,
    /// How binding the fixture is.
    pub level: Level,
    /// The requirements that the fixture cites.
    pub cites: Vec<String>,
    /// Who is judged: a client, or a server under the name it is known by.
    pub client: ClientInfo,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether the verdict was expected; not final before the whole run is
    /// known, see [`conclude`].
    pub expectation: Expectation,
    /// The reason in the list of known failures, if the fixture, or every
    /// finding that it shows, is on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<String>,
    /// Everything that is not as required.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mismatches: Vec<Mismatch>,
    /// Why something is tolerated, unsupported or an error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What each call came to, in words.
    pub outcomes: Vec<String>,
    /// The exchanges on the wire.
    pub wire: Vec<Wire>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What became of it after a missed deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retried: Option<Retried>,
}

/// Whether a verdict was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Expectation {
    /// It was.
    Expected,
    /// A failure that is not on the list of known failures.
    UnexpectedFailure,
    /// A pass of what is on the list.
    UnexpectedPass,
}

/// The two sides that are judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// A client.
    #[default]
    Client,
    /// A server.
    Service,
}

impl Role {
    /// The word for whoever is judged.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Service => "server",
        }
    }

    fn is_client(&self) -> bool {
        *self == Self::Client
    }
}

/// What was expected of whom.
#[derive(Debug, Clone, Copy)]
pub struct Expectations<'a> {
    /// Who is judged.
    pub client: &'a ClientInfo,
    /// Which failures are known.
    pub known: &'a KnownFailures,
    /// Whether what is tolerated counts as failed.
    pub strict: bool,
}

impl Record {
    /// The record of a client's run.
    #[must_use]
    pub fn of_client(run: &Run, expectations: Expectations<'_>) -> Self {
        Self {
            outcomes: run.transcript.ends.iter().map(observation).collect(),
            wire: wire::of_client(&run.fixture, &run.transcript),
            retried: run.retried,
            ..Self::new(Role::Client, Entry::from(&*run.fixture), &run.judgement, run.took, expectations)
        }
        .bounded()
    }

    /// The record of a server's run.
    #[must_use]
    pub fn of_server(run: &check::Run, expectations: Expectations<'_>) -> Self {
        Self {
            outcomes: wire::outcomes(&run.transcript),
            wire: wire::of_server(&run.transcript),
            retried: run.retried,
            ..Self::new(Role::Service, Entry::from(&*run.fixture), &run.judgement, run.took, expectations)
        }
        .bounded()
    }

    fn new(
        role: Role,
        fixture: Entry<'_>,
        judgement: &Judgement,
        took: Duration,
        expectations: Expectations<'_>,
    ) -> Self {
        let judgement = lacks::weigh(judgement, expectations.client);
        let mut record = Self {
            role,
            fixture: fixture.id.into(),
            title: fixture.title.into(),
            level: fixture.level,
            cites: fixture.cites.to_vec(),
            client: expectations.client.clone(),
            verdict: judgement.verdict,
            expectation: Expectation::Expected,
            known: None,
            mismatches: judgement.mismatches,
            notes: judgement.notes,
            outcomes: Vec::new(),
            wire: Vec::new(),
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            retried: None,
        };
        record.expect(expectations.known, expectations.strict);
        record
    }

    /// Decides whether the verdict was expected. That is final once the
    /// failures are attributed, which [`conclude`] does for a whole run.
    pub fn expect(&mut self, known: &KnownFailures, strict: bool) {
        self.known = known.reason(&self.fixture, &self.mismatches);
        let failed = match self.verdict {
            Verdict::Fail | Verdict::Error => Some(true),
            Verdict::Tolerated => Some(strict),
            Verdict::Pass => Some(false),
            Verdict::Unsupported | Verdict::Observed => None,
        };
        self.expectation = match (failed, &self.known) {
            (Some(true), None) => Expectation::UnexpectedFailure,
            (Some(false), Some(_)) => Expectation::UnexpectedPass,
            _ => Expectation::Expected,
        };
    }

    /// Whether it says anything of the client or server.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        matches!(self.verdict, Verdict::Pass | Verdict::Tolerated | Verdict::Fail)
    }

    /// How the record counts.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match (self.expectation, self.verdict) {
            (Expectation::UnexpectedFailure | Expectation::UnexpectedPass, _) => Standing::Failed,
            (Expectation::Expected, Verdict::Pass) => Standing::Passed,
            (Expectation::Expected, Verdict::Tolerated) if self.known.is_none() => Standing::Passed,
            (Expectation::Expected, _) => Standing::Skipped,
        }
    }

    /// The reason for the verdict, in a line.
    #[must_use]
    pub fn reason(&self) -> String {
        match (self.expectation, &self.known) {
            (Expectation::UnexpectedPass, Some(reason)) => {
                return format!("passes now, and is on the list of known failures: {reason}");
            }
            (Expectation::Expected, Some(reason)) => return format!("known failure: {reason}"),
            _ => {}
        }
        let mut reasons: Vec<_> = self.mismatches.iter().map(|mismatch| mismatch.defect.words()).collect();
        reasons.dedup();
        reasons.extend(self.notes.iter().map(String::as_str));
        match (reasons.is_empty(), self.verdict) {
            (false, _) => reasons.join("; "),
            (true, Verdict::Pass) => "everything is as required".into(),
            (true, verdict) => verdict.as_str().into(),
        }
    }

    /// How binding what is broken is; where nothing is, the fixture's level.
    #[must_use]
    pub fn broken(&self) -> Level {
        self.mismatches.iter().map(|mismatch| mismatch.level).min().unwrap_or(self.level)
    }

    /// The first part of the fixture's id.
    #[must_use]
    pub fn group(&self) -> &str {
        self.fixture.split_once('/').map_or(&self.fixture, |(group, _)| group)
    }
}

/// How a record counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Passed or tolerated, as expected.
    Passed,
    /// Failed or passed unexpectedly.
    Failed,
    /// A known failure, unsupported, or observed only.
    Skipped,
}

/// How many records there are of each sort.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Passed or tolerated, as expected.
    pub passed: usize,
    /// Failed or passed unexpectedly.
    pub failed: usize,
    /// Known failures, unsupported, or observed only.
    pub skipped: usize,
}

impl Summary {
    /// Counts a record.
    pub fn count(&mut self, record: &Record) {
        match record.standing() {
            Standing::Passed => self.passed += 1,
            Standing::Failed => self.failed += 1,
            Standing::Skipped => self.skipped += 1,
        }
    }

    /// Counts the generated cases of a search that have no record.
    pub fn count_search(&mut self, search: Searched) {
        self.passed = self.passed.saturating_add(search.passed);
        self.skipped = self.skipped.max(search.cases.saturating_sub(self.passed + self.failed));
    }
}

impl<'a> FromIterator<&'a Record> for Summary {
    fn from_iter<I: IntoIterator<Item = &'a Record>>(records: I) -> Self {
        let mut summary = Self::default();
        records.into_iter().for_each(|record| summary.count(record));
        summary
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}
