//! What is against expectation, as annotations of a workflow on GitHub. The
//! job's summary is the Markdown report.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

use super::text::{cut, visible};
use super::{Report, markdown};
use crate::fixture::Level;
use crate::results::{Expectation, Record, Role, Standing};

/// GitHub shows no more errors of one step.
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
    /// Where a record that is against expectation is to be mended.
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

/// One line for each way to be wrong of each client: what the documents
/// require first, then what most fixtures show.
#[must_use]
pub fn annotations(report: &Report<'_>, places: &Places) -> String {
    let mut ways: BTreeMap<_, Vec<&Record>> = BTreeMap::new();
    for (client, records) in report.table.by_client() {
        for record in records.into_iter().filter(|record| record.standing() == Standing::Failed) {
            ways.entry((client, markdown::way(record))).or_default().push(record);
        }
    }
    let mut ways: Vec<_> = ways.into_iter().collect();
    ways.sort_by_key(|(_, records)| {
        (!records.iter().any(|record| record.level == Level::Must), Reverse(records.len()))
    });
    let shown = if ways.len() > MOST { MOST - 1 } else { ways.len() };
    let mut out = String::new();
    for ((client, way), records) in ways.iter().take(shown) {
        let Some(record) = records.first() else { continue };
        let title = format!("{client}: {way}");
        out += &error(places.of(record).as_deref(), &title, &message(record, records.len(), report));
    }
    if shown < ways.len() {
        let rest = format!("{} more are in the job's summary", ways.len() - shown);
        out += &error(None, "attachset", &rest);
    }
    out
}

fn message(record: &Record, of: usize, report: &Report<'_>) -> String {
    let mut lines = vec![format!("{}: a {} {}", record.fixture, record.role.as_str(), record.title)];
    if let (Expectation::UnexpectedPass, Some(reason)) = (record.expectation, &record.known) {
        lines.push(format!("take it off the list of known failures: {reason}"));
    }
    lines.extend(record.notes.iter().map(|note| cut(note, LENGTH).into_owned()));
    if let Some(mismatch) = record.mismatches.first() {
        lines.push(format!("expected: {}", cut(&mismatch.expected, LENGTH)));
        lines.push(format!("seen: {}", cut(&mismatch.seen, LENGTH)));
        if let Some(requirement) = report.requirements.get(&mismatch.requirement) {
            lines.push(format!("{}: {} ({})", requirement.id, requirement.says, requirement.source));
        }
    }
    match of - 1 {
        0 => {}
        1 => lines.push("one more fixture shows it".into()),
        others => lines.push(format!("{others} more fixtures show it")),
    }
    lines.join("\n")
}

/// A workflow command; its escapes are those of GitHub's own toolkit.
fn error(file: Option<&str>, title: &str, message: &str) -> String {
    let data = |text: &str| visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let file = file.map(|file| format!("file={},", property(file))).unwrap_or_default();
    format!("::error {file}title={}::{}\n", property(title), data(message))
}
