//! Unexpected results as annotations of a GitHub workflow. The job's summary is the
//! Markdown report.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

use super::text::{cut, pair, visible};
use super::{Report, markdown};
use crate::findings::findings;
use crate::judge::Mismatch;
use crate::results::{Expectation, Levels, ProblemKind, Record, Role, Standing, groups, line};

/// GitHub shows at most this many errors of one step.
const MOST: usize = 10;
/// How much of an expected or seen text is shown.
const LENGTH: usize = 400;

/// The files that annotations can stand at, as GitHub knows them: from the
/// root of the repository on.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The program that drives the client.
    pub program: Option<String>,
    /// The folder of the fixtures.
    pub fixtures: Option<String>,
    /// The list of known failures.
    pub known_failures: Option<String>,
}

impl Places {
    /// Where an unexpected result can be fixed.
    fn of(&self, record: &Record) -> Option<String> {
        let role = match record.role {
            Role::Client => "client",
            Role::Service => "service",
        };
        let fixture = || Some(format!("{}/{role}/{}.json", self.fixtures.as_ref()?, record.fixture));
        match record.expectation {
            Expectation::UnexpectedPass => self.known_failures.clone(),
            _ => self.program.clone().or_else(fixture),
        }
    }
}

/// A file's path from the root of the repository, if it is below it.
#[must_use]
pub fn path_in(root: Option<&Path>, path: &Path) -> Option<String> {
    let absolute = std::path::absolute(path).ok()?;
    let inside = match root {
        Some(root) => absolute.strip_prefix(root).ok()?,
        None => path.strip_prefix(".").unwrap_or(path),
    };
    inside.to_str().map(str::to_owned)
}

/// What one annotation tells.
struct Told<'a> {
    client: String,
    way: String,
    /// The simplest run that shows it.
    record: &'a Record,
    mismatch: Option<&'a Mismatch>,
    levels: Levels,
}

/// One line for each problem of the run, for each finding of each client, and for all
/// other unexpected results: what the documents require first, then what most fixtures
/// show.
#[must_use]
pub fn annotations(report: &Report<'_>, places: &Places) -> String {
    let mut all = Vec::new();
    for (client, mut records) in report.table.by_client() {
        records.retain(|record| record.standing() == Standing::Failed);
        all.extend(findings(records.iter().copied()).into_iter().filter_map(|finding| {
            let (record, mismatch) = *finding.shown.first()?;
            let way = format!("{} ({})", finding.id.defect.words(), finding.id);
            let (client, levels) = (client.to_string(), finding.levels());
            Some(Told { client, way, record, mismatch: Some(mismatch), levels })
        }));
        let mut others: BTreeMap<_, Vec<&Record>> = BTreeMap::new();
        for record in records.into_iter().filter(|record| !markdown::is_finding(record)) {
            others.entry(markdown::way(record)).or_default().push(record);
        }
        all.extend(others.into_iter().filter_map(|(way, records)| {
            let levels = records.iter().map(|record| record.level).collect();
            let (client, way) = (client.to_string(), way.to_owned());
            Some(Told { client, way, record: records.first()?, mismatch: None, levels })
        }));
    }
    all.sort_by_key(|told| (told.levels.must == 0, Reverse(told.levels.all())));
    let mut lines = problems(report, places);
    lines.extend(all.iter().map(|told| {
        let title = format!("{}: {}", told.client, told.way);
        error(places.of(told.record).as_deref(), &title, &message(told, report))
    }));
    if lines.len() > MOST {
        let rest = lines.len() - (MOST - 1);
        lines.truncate(MOST - 1);
        lines.push(error(None, "attachset", &format!("{rest} more are in the job's summary")));
    }
    lines.concat()
}

fn problems(report: &Report<'_>, places: &Places) -> Vec<String> {
    let annotation = |(kind, client, of): (ProblemKind, Option<_>, Vec<_>)| {
        let place = places.known_failures.as_deref().filter(|_| kind == ProblemKind::StaleLine);
        error(place, "attachset", &line(kind, client, &of))
    };
    groups(report.problems).into_iter().map(annotation).collect()
}

fn message(told: &Told<'_>, report: &Report<'_>) -> String {
    let record = told.record;
    let mut lines = vec![format!("{}: a correct {} {}", record.fixture, record.role.as_str(), record.title)];
    if let (Expectation::UnexpectedPass, Some(reason)) = (record.expectation, &record.known) {
        lines.push(format!("take it off the list of known failures: {reason}"));
    }
    lines.extend(record.notes.iter().map(|note| cut(note, LENGTH).into_owned()));
    if let Some(mismatch) = told.mismatch {
        let [expected, seen] = pair(mismatch, LENGTH);
        lines.extend([format!("expected: {expected}"), format!("seen: {seen}")]);
        if let Some(requirement) = report.requirements.get(&mismatch.requirement) {
            lines.push(format!("{}: {} [{}]", requirement.id, requirement.says, requirement.cited()));
        }
    }
    lines.push(format!("fixtures that show it: {}", told.levels));
    lines.join("\n")
}

/// A workflow command; its escapes are those of GitHub's own toolkit.
fn error(file: Option<&str>, title: &str, message: &str) -> String {
    let data = |text: &str| visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let file = file.map(|file| format!("file={},", property(file))).unwrap_or_default();
    format!("::error {file}title={}::{}\n", property(title), data(message))
}
