//! What makes a run fail beside its records.

use std::collections::BTreeMap;

use crate::client::ClientInfo;

/// What makes a run fail beside its records: something is missing from it, or
/// a list of known failures is out of date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind of problem it is.
    pub kind: ProblemKind,
    /// The client or server, where it is one's alone.
    pub client: Option<ClientInfo>,
    /// What it is about: a fixture, a finding, a part of a run, a file.
    pub about: String,
    /// The problem, in a sentence of which `about` is no part; empty where the kind says
    /// all.
    pub detail: String,
}

/// The kinds of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProblemKind {
    /// A finding on the list of known failures does not show any longer.
    StaleLine,
    /// A fixture was planned and has no record.
    MissingRecord,
    /// A part of a run that was split has no records.
    MissingShard,
    /// A results file cannot be read whole.
    DamagedFile,
    /// A client could not be run, or not to the end.
    NotRun,
    /// Nothing was judged: every fixture was unsupported or observed, or there
    /// was none.
    NothingJudged,
    /// Deadlines were missed that were met when the fixtures ran again alone.
    SlowMachine,
}

impl ProblemKind {
    /// The word used in reports for programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StaleLine => "stale-known-failure",
            Self::MissingRecord => "missing-record",
            Self::MissingShard => "missing-shard",
            Self::DamagedFile => "damaged-file",
            Self::NotRun => "not-run",
            Self::NothingJudged => "nothing-judged",
            Self::SlowMachine => "slow-machine",
        }
    }

    /// Whether the run itself could not take place, or not as it should, and
    /// there is no verdict: that is a matter of its set-up.
    #[must_use]
    pub fn is_set_up(self) -> bool {
        matches!(self, Self::NotRun | Self::NothingJudged | Self::SlowMachine)
    }
}

/// The problem in a line.
impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&line(self.kind, self.client.as_ref(), &[self]))
    }
}

/// Problems in lines: those of a client that are alike share one.
#[must_use]
pub fn in_lines(problems: &[Problem]) -> Vec<String> {
    groups(problems).into_iter().map(|(kind, client, of)| line(kind, client, &of)).collect()
}

/// The problems of each client that are alike.
pub(crate) fn groups(problems: &[Problem]) -> Vec<(ProblemKind, Option<&ClientInfo>, Vec<&Problem>)> {
    let mut groups: BTreeMap<(ProblemKind, Option<&ClientInfo>), Vec<&Problem>> = BTreeMap::new();
    for problem in problems {
        groups.entry((problem.kind, problem.client.as_ref())).or_default().push(problem);
    }
    groups.into_iter().map(|((kind, client), of)| (kind, client, of)).collect()
}

/// Problems of one kind and client, with a noun for each thing.
pub(crate) fn line(kind: ProblemKind, client: Option<&ClientInfo>, of: &[&Problem]) -> String {
    let each = of.iter().map(|problem| match problem.detail.as_str() {
        "" => problem.about.clone(),
        detail => format!("{} ({detail})", problem.about),
    });
    let each = each.collect::<Vec<_>>().join(", ");
    let who = client.map(|client| format!("{client}: ")).unwrap_or_default();
    let what = match kind {
        ProblemKind::StaleLine => {
            format!("no longer shown; remove from the list of known failures: {each}")
        }
        ProblemKind::MissingRecord if of.len() == 1 => format!("1 planned fixture has no record: {each}"),
        ProblemKind::MissingRecord => format!("{} planned fixtures have no record: {each}", of.len()),
        ProblemKind::MissingShard => format!("results are missing: {each}"),
        ProblemKind::DamagedFile => format!("incomplete results file: {each}"),
        ProblemKind::NotRun => format!("not judged: {each}"),
        ProblemKind::NothingJudged => format!("nothing was judged: {each}"),
        ProblemKind::SlowMachine => format!(
            "the machine was too slow for a verdict: these missed their deadline, but met it in isolation: \
             {each}; run again with fewer --jobs, a longer --timeout or less other load"
        ),
    };
    who + &what
}
