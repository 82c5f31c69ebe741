//! What is wrong with each client, as Markdown for its maintainers: by finding
//! and by client. `docs/findings.md` is made by this.

use std::fmt::Write as _;

use super::text::{code, cut, ids, links, pair, prose, remark};
use super::{Counts, Report};
use crate::client::ClientInfo;
use crate::findings::{Across, Finding, findings, side_by_side};
use crate::fixture::Basis;
use crate::judge::Verdict;
use crate::results::{Record, in_lines};

/// How much of an expected or seen text an example shows.
const MOST: usize = 400;

const PREFACE: &str = "\
<!-- Written by `attachset report RESULTS... --findings FILE`. Do not edit. -->

# Findings

What each client gets wrong. A finding groups all failures of one kind that violate
one requirement; its id names both. Known failures count as failures here.

- `attachset explain ID` explains a finding, a requirement or a fixture.
- `attachset validate --client NAME --known-failures /dev/null --only FIXTURE` reproduces a failure.
- `attachset replay FIXTURE --client NAME` shows one exchange, and serves it to a debugger.

";

/// The parts of the page, by what a finding rests on.
const PARTS: [(Basis, &str); 3] = [
    (Basis::Document, "Required by a document"),
    (Basis::Advice, "Recommended by a document"),
    (Basis::Project, "Required by a rule of this project alone"),
];

/// The findings of all clients.
#[must_use]
pub fn render(report: &Report<'_>) -> String {
    let clients: Vec<_> =
        report.table.by_client().map(|(client, of)| (client, findings(of.iter().copied()), of)).collect();
    let across = side_by_side(clients.iter().map(|(_, findings, _)| findings.clone()).collect());
    let mut out = PREFACE.to_owned();
    if let Some(made) = report.about.made() {
        let _ = writeln!(out, "{}.\n", prose(&made));
    }
    for notice in report.notices.iter().chain(&in_lines(report.problems)) {
        let _ = writeln!(out, "> {}\n", prose(notice));
    }
    overview(&mut out, &clients, &across, report);
    for (basis, title) in PARTS {
        let mut of = across.iter().filter(|row| row.basis(report.requirements) == basis).peekable();
        if of.peek().is_some() {
            let _ = writeln!(out, "\n## {title}");
        }
        of.for_each(|row| finding(&mut out, row, report));
    }
    out.push_str("\n## By client\n");
    for (who, findings, records) in &clients {
        client(&mut out, who, findings, records, report);
    }
    out
}

type OfClient<'a> = (&'a ClientInfo, Vec<Finding<'a>>, Vec<&'a Record>);

/// A row for each client, and one for each finding.
fn overview(out: &mut String, clients: &[OfClient<'_>], across: &[Across<'_>], report: &Report<'_>) {
    out.push_str(
        "| client | language | runtime | passed | failed, must | failed, should | not judged | unsupported | observed | findings |\n\
         |---|---|---|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for (who, findings, records) in clients {
        let counts: Counts = records.iter().copied().collect();
        let cells = [
            format!("[{}](#{})", code(&who.to_string()), anchor(&who.to_string())),
            prose(&who.language),
            prose(&who.runtime),
            counts.right().to_string(),
            counts.fail.must.to_string(),
            (counts.fail.should + counts.fail.may).to_string(),
            counts.error.to_string(),
            counts.unsupported.to_string(),
            counts.observed.to_string(),
            findings.len().to_string(),
        ];
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    if across.is_empty() {
        return;
    }
    out.push_str(
        "\nPassed includes tolerated outcomes. Not judged counts fixtures in which the adapter, not the client, failed.\n\n\
         | finding | what the clients did | decided by | clients |\n|---|---|---|---:|\n",
    );
    for row in across {
        let decided = match row.basis(report.requirements) {
            Basis::Document | Basis::Advice => "document",
            Basis::Project => "project rule",
        };
        let (id, label) = (row.id.to_string(), row.id.defect.words());
        let _ =
            writeln!(out, "| [{}](#{}) | {label} | {decided} | {} |", code(&id), anchor(&id), row.clients());
    }
}

/// A finding, with every client that shows it.
fn finding(out: &mut String, row: &Across<'_>, report: &Report<'_>) {
    let id = row.id.to_string();
    let _ = writeln!(out, "\n<a id=\"{}\"></a>\n### {}\n", anchor(&id), code(&id));
    let shows = || report.table.clients.iter().zip(&row.cells);
    let (count, all) = (row.clients(), report.table.clients.len());
    let who = if all == 1 { "client" } else { "clients" };
    let _ = writeln!(out, "{count} of {all} {who} {}.", row.id.defect.words());
    if let Some(requirement) = report.requirements.get(&row.id.requirement) {
        let basis = row.basis(report.requirements);
        let (says, remark) = (prose(&requirement.says), prose(remark(basis, requirement)));
        let _ = writeln!(out, "\n> {says}{remark}\n>\n> {}", links(&requirement.sources));
    }
    out.push('\n');
    // Of all examples the simplest is shown: findings are sorted by that.
    let example = row.cells.iter().flatten().filter_map(|of| of.shown.first()).min_by_key(|(record, _)| {
        (record.outcomes.len(), record.wire.iter().map(|wire| wire.reply.len()).sum::<usize>())
    });
    if let Some((record, mismatch)) = example {
        let _ = writeln!(
            out,
            "Example: {}. A correct {} {}.\n",
            code(&record.fixture),
            record.role.as_str(),
            prose(&record.title)
        );
        let [expected, seen] = pair(mismatch, MOST);
        let _ = writeln!(out, "- expected: {}", code(&expected));
        let _ = writeln!(out, "- seen in {}: {}\n", code(&record.client.to_string()), code(&seen));
    }
    out.push_str("| client | failed | fixtures |\n|---|---|---|\n");
    for (client, finding) in shows().filter_map(|(client, cell)| Some((client, cell.as_ref()?))) {
        let name = client.to_string();
        let _ = writeln!(
            out,
            "| [{}](#{}) | {} | {} |",
            code(&name),
            anchor(&name),
            finding.levels(),
            code(&ids(finding.records().map(|record| record.fixture.as_str())))
        );
    }
}

/// A client, with every finding that it shows.
fn client(
    out: &mut String,
    who: &ClientInfo,
    findings: &[Finding<'_>],
    records: &[&Record],
    report: &Report<'_>,
) {
    let name = who.to_string();
    let _ = writeln!(out, "\n<a id=\"{}\"></a>\n### {}\n", anchor(&name), code(&name));
    let about = [&who.title, &who.runtime].into_iter().filter(|text| !text.is_empty());
    let about: Vec<_> = about.map(|text| prose(text)).collect();
    if !about.is_empty() {
        let _ = writeln!(out, "{}.\n", about.join("; on "));
    }
    let counts: Counts = records.iter().copied().collect();
    let _ = writeln!(out, "{} of {} correct; failed {}.", counts.right(), counts.judged(), counts.fail);
    if let Some(adapter) = adapter(who) {
        let command = format!("attachset validate --client {adapter} --known-failures /dev/null");
        let _ = writeln!(out, "\nReproduce: {}", code(&command));
    }
    if !findings.is_empty() {
        out.push_str(
            "\n| finding | decided by | failed | simplest fixture | expected | seen |\n|---|---|---|---|---|---|\n",
        );
    }
    for finding in findings {
        let Some((record, mismatch)) = finding.shown.first() else { continue };
        let id = finding.id.to_string();
        let decided = match finding.basis(report.requirements) {
            Basis::Document | Basis::Advice => "document",
            Basis::Project => "project rule",
        };
        let [expected, seen] = pair(mismatch, MOST / 4);
        let _ = writeln!(
            out,
            "| [{}](#{}) | {decided} | {} | {} | {} | {} |",
            code(&id),
            anchor(&id),
            finding.levels(),
            code(&record.fixture),
            code(&expected),
            code(&seen)
        );
    }
    let errors: Vec<_> = records.iter().filter(|record| record.verdict == Verdict::Error).collect();
    if !errors.is_empty() {
        out.push_str("\nNot judged, which says nothing of the client:\n\n");
        for record in errors {
            let _ = writeln!(out, "- {}: {}", code(&record.fixture), code(&cut(&record.reason(), MOST)));
        }
    }
}

/// An address on the page for an id or a client's name.
fn anchor(name: &str) -> String {
    let is_kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    name.chars().map(|c| if is_kept(c) { c.to_ascii_lowercase() } else { '-' }).collect()
}

/// The built-in adapter of a client: two versions of a client have the same name.
#[cfg(feature = "cli")]
fn adapter(client: &ClientInfo) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Manifest {
        name: String,
        version: String,
    }
    let manifests = crate::embedded::ADAPTERS.iter().filter(|(path, _)| path.ends_with("adapter.json"));
    let mut manifests = manifests.filter_map(|(_, bytes)| serde_json::from_slice::<Manifest>(bytes).ok());
    let is_it = |of: &Manifest| of.version == client.version && of.name.starts_with(&client.name);
    manifests.find(is_it).map(|of| of.name)
}

#[cfg(not(feature = "cli"))]
fn adapter(_: &ClientInfo) -> Option<String> {
    None
}
