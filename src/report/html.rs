//! Results as one page that needs nothing else: a matrix of fixtures and
//! clients, with filters and, behind each cell, the reason and the transcript.
//!
//! The table is complete without JavaScript. A policy in the page lets nothing
//! run but the one script and the one style sheet that are part of it,
//! whatever a client's messages contain.

mod data;

use askama::Template;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use super::text::visible;
use super::{Counts, Group, Report};
use crate::findings::{Across, Finding, side_by_side};
use crate::judge::Verdict;
use crate::results::{Levels, Record, Standing, in_lines};

const STYLE: &str = include_str!("../../templates/report/report.css");
const SCRIPT: &str = concat!(
    include_str!("../../templates/report/matrix.js"),
    include_str!("../../templates/report/findings.js"),
    include_str!("../../templates/report/detail.js")
);

/// Up to this many columns, clients' names stand upright.
const WIDE: usize = 6;

#[derive(Template)]
#[template(path = "report/report.html", whitespace = "minimize")]
struct Page<'a> {
    report: &'a Report<'a>,
    policy: String,
    data: String,
    clients: Vec<Column>,
    fixtures: usize,
    total: Counts,
    findings: Vec<Across<'a>>,
}

/// One client's head of column.
struct Column {
    name: String,
    version: String,
    title: String,
    counts: Counts,
}

/// The page.
///
/// # Errors
/// Where the template cannot be rendered, which no records cause.
pub fn render(report: &Report<'_>) -> Result<String, askama::Error> {
    let clients = report.table.by_client().map(|(client, records)| Column {
        name: visible(&client.name).into_owned(),
        version: visible(&client.version).into_owned(),
        title: visible(&client.title).into_owned(),
        counts: records.into_iter().collect(),
    });
    let findings = side_by_side(
        report.table.by_client().map(|(_, records)| crate::findings::findings(records)).collect(),
    );
    let page = Page {
        report,
        policy: policy(),
        data: data::json(report, &findings),
        clients: clients.collect(),
        fixtures: report.table.rows().count(),
        total: report.table.by_client().flat_map(|(_, records)| records).collect(),
        findings,
    };
    page.render()
}

/// A policy under which the page's own script and style are all that counts.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src data:; \
         base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(STYLE)
    )
}

impl Page<'_> {
    fn style(&self) -> &'static str {
        STYLE
    }

    fn script(&self) -> &'static str {
        SCRIPT
    }

    /// The title: the program, who was tested, and when.
    fn title(&self) -> String {
        let who = match self.clients.as_slice() {
            [client] => format!("{} {}", client.name, client.version),
            clients => format!("{} clients", clients.len()),
        };
        let date = self.report.about.dates.last().map(|date| format!(", {date}")).unwrap_or_default();
        format!("{who}, attachset {}{date}: {}", env!("CARGO_PKG_VERSION"), self.total.headline())
    }

    /// The command that made the page.
    fn command(&self) -> String {
        visible(&self.report.about.command).into_owned()
    }

    /// What makes the run fail beside its records.
    fn problems(&self) -> Vec<String> {
        in_lines(self.report.problems).iter().map(|problem| visible(problem).into_owned()).collect()
    }

    fn shape(&self) -> &'static str {
        if self.clients.len() <= WIDE { "wide" } else { "narrow" }
    }

    /// What the matrix can be filtered by, with how many cells there are of it,
    /// must and should apart where they can be.
    fn verdicts(&self) -> impl Iterator<Item = (&'static str, String)> {
        let total = &self.total;
        let all = [
            ("pass", total.pass, total.pass.to_string()),
            ("tolerated", total.tolerated, total.tolerated.to_string()),
            ("fail", total.fail.all(), few(total.fail)),
            ("error", total.error, total.error.to_string()),
            ("unsupported", total.unsupported, total.unsupported.to_string()),
            ("observed", total.observed, total.observed.to_string()),
            ("unexpected", total.unexpected.all(), few(total.unexpected)),
        ];
        all.into_iter().filter(|(_, count, _)| *count > 0).map(|(verdict, _, count)| (verdict, count))
    }

    /// The findings by defect.
    fn defects(&self) -> impl Iterator<Item = &[Across<'_>]> {
        self.findings.chunk_by(|a, b| a.id.defect == b.id.defect)
    }

    fn says(&self, requirement: &str) -> &str {
        self.report.requirements.get(requirement).map_or("", |it| &it.says)
    }

    fn group_counts(&self, group: &Group<'_>) -> Vec<Counts> {
        group.counts(self.clients.len()).collect()
    }
}

/// The class that a finding's cell has.
fn finding_class(finding: &Finding<'_>) -> &'static str {
    match (finding.unexpected(), finding.levels().must) {
        (0, 0) => "fail known should",
        (0, _) => "fail known must",
        (_, 0) => "fail unexpected should",
        _ => "fail unexpected must",
    }
}

/// How many must and how many should, for where there is little room.
fn few(levels: Levels) -> String {
    match (levels.must, levels.should + levels.may) {
        (must, 0) => must.to_string(),
        (0, should) => format!("+{should}"),
        (must, should) => format!("{must}+{should}"),
    }
}

/// The class that a cell has, which gives it its sign and colour.
fn class(record: &Record) -> String {
    let verdict = record.verdict.as_str();
    match record.standing() {
        Standing::Failed => format!("{verdict} unexpected"),
        Standing::Skipped if is_known(record) => format!("{verdict} known"),
        _ => verdict.to_owned(),
    }
}

/// What a cell says.
fn words(record: &Record) -> String {
    let verdict = record.verdict.as_str();
    match record.standing() {
        Standing::Failed if record.verdict != Verdict::Fail => format!("{verdict}, unexpected"),
        Standing::Skipped if is_known(record) => format!("{verdict}, known"),
        _ => verdict.to_owned(),
    }
}

fn is_known(record: &Record) -> bool {
    !matches!(record.verdict, Verdict::Unsupported | Verdict::Observed)
}

/// Prose in pieces: text between backticks is code.
fn parts(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.split('`').enumerate().map(|(index, part)| (index % 2 == 1, part))
}

/// The class of a group's cell.
fn group_class(counts: &Counts) -> &'static str {
    let right = counts.right() == counts.judged();
    match (counts.unexpected.all(), counts.known.all()) {
        (1.., _) if right => "pass unexpected",
        (1.., _) => "fail unexpected",
        (0, 1..) => "fail known",
        _ if counts.judged() > 0 => "pass",
        _ => "none",
    }
}

/// A group's cell for those who hear it.
fn group_words(counts: &Counts) -> String {
    if counts.judged() == 0 {
        return "nothing judged".into();
    }
    let mut words = format!("{} of {} correct", counts.right(), counts.judged());
    if counts.unexpected.all() > 0 {
        words.push_str(&format!(", unexpected {}", counts.unexpected));
    }
    if counts.known.all() > 0 {
        words.push_str(&format!(", known {}", counts.known));
    }
    words
}
