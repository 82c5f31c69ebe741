//! Several results files as one.

use std::collections::{BTreeMap, BTreeSet};

use super::{Plan, Problem, ProblemKind, Record, Searched, conclude};
use crate::client::ClientInfo;

/// What a results file holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Results {
    /// What was planned, by client; none in files of older versions.
    pub plans: Vec<Plan>,
    /// The records.
    pub records: Vec<Record>,
    /// The days on which the file was written, in UTC.
    pub dates: BTreeSet<String>,
}

impl From<Vec<Record>> for Results {
    fn from(records: Vec<Record>) -> Self {
        Self { records, ..Self::default() }
    }
}

/// The records of several files.
#[derive(Debug, Clone, Default)]
pub struct Merged {
    /// One record for each client and fixture, by client, then by fixture.
    pub records: Vec<Record>,
    /// What is missing, and which lists are out of date.
    pub problems: Vec<Problem>,
    /// Which records were left out for later ones, in words.
    pub notices: Vec<String>,
    /// The days on which the files were written, in UTC and in order.
    pub dates: Vec<String>,
    /// The generated cases of all searches.
    pub search: Searched,
}

/// Merges files, each with its name. Where two records are of the same client
/// and fixture, the later one is kept. What they leave open is decided of all
/// together, as of one run.
#[must_use]
pub fn merge<R: Into<Results>>(files: impl IntoIterator<Item = (String, R)>) -> Merged {
    let mut kept: BTreeMap<(ClientInfo, String), (usize, Record)> = BTreeMap::new();
    let mut replaced: BTreeMap<(usize, usize, ClientInfo), usize> = BTreeMap::new();
    let (mut names, mut plans, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    let mut dates = BTreeSet::new();
    for (file, (name, results)) in files.into_iter().enumerate() {
        let results = results.into();
        problems.extend(results.plans.last().and_then(|last| not_begun(&name, last)));
        names.push(name);
        plans.extend(results.plans);
        dates.extend(results.dates);
        for record in results.records {
            let key = (record.client.clone(), record.fixture.clone());
            if let Some((earlier, record)) = kept.insert(key, (file, record)) {
                *replaced.entry((earlier, file, record.client)).or_default() += 1;
            }
        }
    }
    let name = |file: usize| names.get(file).map_or("", String::as_str);
    let notice = |((earlier, later, client), count): ((usize, usize, ClientInfo), usize)| {
        let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
        format!("{}: {records} of {client} in place of those in {}", name(later), name(earlier))
    };
    let notices = replaced.into_iter().map(notice).collect();
    let mut records: Vec<_> = kept.into_values().map(|(_, record)| record).collect();
    problems.extend(conclude(&mut records, &plans));
    let search = plans.iter().filter_map(|plan| plan.search).sum();
    Merged { records, problems, notices, dates: dates.into_iter().collect(), search }
}

/// The clients that a run which ended early did not come to.
fn not_begun(file: &str, last: &Plan) -> Option<Problem> {
    let about = match last.more {
        0 => return None,
        1 => "1 more client".to_owned(),
        more => format!("{more} more clients"),
    };
    let detail = format!("{file} ends with {}", last.client);
    Some(Problem { kind: ProblemKind::NotRun, client: None, about, detail })
}
