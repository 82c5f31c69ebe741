//! What a run is to come to, and what it came to.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{KnownFailures, Problem, ProblemKind, Record, Standing, attribute};
use crate::client::ClientInfo;
use crate::deadline::Retried;

/// The fixtures planned for a client or server, and what is expected.
///
/// A results file has the plan of each client before its records, so that a
/// reader knows what is missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The client, or the server.
    pub client: ClientInfo,
    /// The ids of the fixtures, in the order in which a run is split; those of
    /// all parts. None where they are not known before, as in a search.
    pub fixtures: Vec<String>,
    /// Which part of them is to be run, where the run is split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// How many more clients follow in the same run.
    #[serde(default, skip_serializing_if = "is_none")]
    pub more: usize,
    /// Whether what is tolerated counts as failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub strict: bool,
    /// What a search came to, of which failures alone have records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<Searched>,
    /// Which failures are known.
    #[serde(default)]
    pub known: KnownFailures,
}

/// How many generated cases a search tried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Searched {
    /// All of them.
    pub cases: usize,
    /// Those that passed.
    pub passed: usize,
}

impl std::iter::Sum for Searched {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            cases: sum.cases.saturating_add(one.cases),
            passed: sum.passed.saturating_add(one.passed),
        })
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

/// One of several equal parts of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shard {
    /// Which part, from 1.
    pub part: usize,
    /// Of how many, at least 1.
    pub of: usize,
}

impl Shard {
    /// The part that a run is which is not split.
    pub const WHOLE: Self = Self { part: 1, of: 1 };

    /// The part that has the fixture with this number, from 0.
    #[must_use]
    pub fn having(self, number: usize) -> Self {
        Self { part: number % self.of.max(1) + 1, ..self }
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

impl Plan {
    fn shard(&self) -> Shard {
        self.shard.unwrap_or(Shard::WHOLE)
    }
}

/// Decides what a whole run leaves open, and names what makes it fail beside
/// its records: attributes each failure, decides then whether each verdict was
/// expected, counts the records against the plans, and looks for lines of the
/// lists of known failures that are out of date.
///
/// Records without a plan keep the expectation that they have.
pub fn conclude(records: &mut [Record], plans: &[Plan]) -> Vec<Problem> {
    attribute(records);
    let mut clients: BTreeMap<ClientInfo, Of<'_>> = BTreeMap::new();
    for plan in plans {
        let of = clients.entry(plan.client.clone()).or_default();
        of.fixtures.extend(plan.fixtures.iter().map(|id| (id.as_str(), plan)));
        of.plans.push(plan);
    }
    for record in records.iter_mut() {
        if let Some(plan) = clients.get(&record.client).and_then(|of| of.plan(&record.fixture)) {
            record.expect(&plan.known, plan.strict);
        }
    }
    let mut of_client: BTreeMap<&ClientInfo, Vec<&Record>> =
        clients.keys().map(|client| (client, Vec::new())).collect();
    for record in records.iter() {
        of_client.entry(&record.client).or_default().push(record);
    }
    let mut problems = Vec::new();
    for (client, records) in of_client {
        problems.extend(records.iter().filter(|record| record.retried == Some(Retried::Met)).map(|record| {
            let client = Some(client.clone());
            Problem {
                kind: ProblemKind::SlowMachine,
                client,
                about: record.fixture.clone(),
                detail: String::new(),
            }
        }));
        let of = clients.get(client);
        let missing = of.map(|of| of.missing(client, &records)).unwrap_or_default();
        if missing.is_empty() {
            problems.extend(of.into_iter().flat_map(|of| of.stale(client, &records)));
        }
        let is_search = of.is_some_and(|of| of.fixtures.is_empty());
        if !is_search && missing.iter().all(|problem| problem.kind != ProblemKind::MissingRecord) {
            problems.extend(nothing_judged(client, &records));
        }
        problems.extend(missing);
    }
    problems
}

/// The plans of one client.
#[derive(Default)]
struct Of<'a> {
    plans: Vec<&'a Plan>,
    /// The last plan that has each fixture.
    fixtures: HashMap<&'a str, &'a Plan>,
}

impl<'a> Of<'a> {
    /// The plan that a record was made by.
    fn plan(&self, fixture: &str) -> Option<&'a Plan> {
        self.fixtures.get(fixture).or(self.plans.last()).copied()
    }

    /// What was planned and has no record.
    fn missing(&self, client: &ClientInfo, records: &[&Record]) -> Vec<Problem> {
        let there: HashSet<_> = records.iter().map(|record| record.fixture.as_str()).collect();
        let parts: HashSet<_> = self.plans.iter().map(|plan| plan.shard()).collect();
        let mut fixtures = BTreeSet::new();
        let mut shards: BTreeMap<Shard, BTreeSet<&str>> = BTreeMap::new();
        for plan in &self.plans {
            for (number, fixture) in plan.fixtures.iter().enumerate() {
                let shard = plan.shard().having(number);
                if there.contains(fixture.as_str()) {
                } else if parts.contains(&shard) {
                    fixtures.insert(fixture);
                } else {
                    shards.entry(shard).or_default().insert(fixture);
                }
            }
        }
        let problem = |kind, about: String, detail: String| Problem {
            kind,
            client: Some(client.clone()),
            about,
            detail,
        };
        let records = fixtures
            .into_iter()
            .map(|fixture| problem(ProblemKind::MissingRecord, fixture.clone(), String::new()));
        let shards = shards.into_iter().map(|(shard, of)| {
            let count = if of.len() == 1 { "1 fixture".into() } else { format!("{} fixtures", of.len()) };
            problem(ProblemKind::MissingShard, format!("shard {shard}"), count)
        });
        shards.chain(records).collect()
    }

    /// The lines of the lists that are out of date.
    fn stale(&self, client: &ClientInfo, records: &[&Record]) -> Vec<Problem> {
        let gone: BTreeMap<_, _> = self.plans.iter().flat_map(|plan| plan.known.gone(records)).collect();
        let problem = |(finding, reason): (_, &str)| Problem {
            kind: ProblemKind::StaleLine,
            client: Some(client.clone()),
            about: format!("{}{finding}", super::FINDING),
            detail: reason.into(),
        };
        gone.into_iter().map(problem).collect()
    }
}

/// A client that failed nothing because nothing was judged has not passed.
fn nothing_judged(client: &ClientInfo, records: &[&Record]) -> Option<Problem> {
    if records.iter().any(|record| record.is_judged() || record.standing() == Standing::Failed) {
        return None;
    }
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for record in records {
        *reasons.entry(record.notes.first().map_or("", String::as_str)).or_default() += 1;
    }
    let most = reasons.into_iter().max_by_key(|(reason, count)| (*count, std::cmp::Reverse(*reason)));
    Some(Problem {
        kind: ProblemKind::NothingJudged,
        client: Some(client.clone()),
        about: match records.len() {
            0 => "no fixture was run".into(),
            1 => "the only fixture has no verdict".into(),
            count => format!("none of {count} fixtures has a verdict"),
        },
        detail: most.map(|(reason, _)| reason.to_owned()).unwrap_or_default(),
    })
}
