//! What is wrong with each client, as Markdown: its failures grouped into
//! defects. `docs/findings.md` is made by this.

use std::fmt::Write as _;

use super::text::{code, cut, links, pair, prose, remark};
use super::{Counts, Report};
use crate::client::ClientInfo;
use crate::findings::{Finding, findings};
use crate::fixture::Requirements;
use crate::judge::Verdict;
use crate::results::{Record, in_lines};

/// How much of an expected or seen text an example shows.
const MOST: usize = 400;

const PREFACE: &str = "\
<!-- Written by `attachset report RESULTS... --findings FILE`. Do not edit. -->

# Findings

What each client gets wrong: by a document, or by a rule of this project where
no document decides; each finding says which. Failures with the same defect and
the same requirement are one finding, with every fixture that shows it and one
of them as the example; `attachset explain` prints a finding, a requirement or a
fixture. A failure counts here whether or not it is on a list of known failures.
";

/// The findings of all clients.
#[must_use]
pub fn render(report: &Report<'_>) -> String {
    let clients: Vec<_> =
        report.table.by_client().map(|(client, of)| (client, findings(of.iter().copied()), of)).collect();
    let mut out = PREFACE.to_owned();
    for notice in report.notices.iter().chain(&in_lines(report.problems)) {
        let _ = writeln!(out, "\n> {}", prose(notice));
    }
    out.push_str(
        "\n| client | version | language | runtime | passed | tolerated | fails must | fails should | error | unsupported | observed | findings |\n\
         |---|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for (client, findings, records) in &clients {
        let counts: Counts = records.iter().copied().collect();
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            code(&client.name),
            code(&client.version),
            code(&client.language),
            prose(&client.runtime),
            counts.pass,
            counts.tolerated,
            counts.fail.must,
            counts.fail.should,
            counts.error,
            counts.unsupported,
            counts.observed,
            findings.len(),
        );
    }
    for (client, findings, records) in &clients {
        section(&mut out, client, findings, records, report.requirements);
    }
    out
}

fn section(
    out: &mut String,
    client: &ClientInfo,
    findings: &[Finding<'_>],
    records: &[&Record],
    requirements: &Requirements,
) {
    let _ = writeln!(out, "\n## {}", code(&client.to_string()));
    let known = [&client.title, &client.runtime].into_iter().filter(|text| !text.is_empty());
    let known: Vec<_> = known.map(|text| prose(text)).collect();
    if !known.is_empty() {
        let _ = writeln!(out, "\n{}.", known.join("; on "));
    }
    let errors: Vec<_> = records.iter().filter(|record| record.verdict == Verdict::Error).collect();
    if findings.is_empty() && errors.is_empty() {
        out.push_str("\nNothing found.\n");
    }
    for of in findings.chunk_by(|a, b| a.id.defect == b.id.defect) {
        let Some(defect) = of.first().map(|finding| finding.id.defect) else { continue };
        let _ = writeln!(out, "\n### It {}", defect.words());
        for finding in of {
            self::finding(out, finding, requirements);
        }
    }
    if !errors.is_empty() {
        out.push_str(
            "\n### Its adapter broke the adapter protocol\n\nNothing is known of the client here.\n\n",
        );
        for record in errors {
            let _ = writeln!(out, "- {}: {}", code(&record.fixture), code(&cut(&record.reason(), MOST)));
        }
    }
}

fn finding(out: &mut String, finding: &Finding<'_>, requirements: &Requirements) {
    let Some((record, mismatch)) = finding.shown.first() else { return };
    let _ = write!(out, "\n**{}**", code(&finding.id.to_string()));
    match requirements.get(&finding.id.requirement) {
        Some(requirement) => {
            let basis = finding.basis(requirements);
            let (says, sources) = (prose(&requirement.says), links(&requirement.sources));
            let remark = prose(remark(basis, requirement));
            let _ =
                writeln!(out, ", {}: {says}{remark}\n\n- sources: {sources}", basis.heading().to_lowercase());
        }
        None => out.push_str("\n\n"),
    }
    let ids: Vec<_> = finding.shown.iter().map(|(record, _)| code(&record.fixture)).collect();
    let role = record.role.as_str();
    let _ = writeln!(out, "- shown by {} ({})", ids.join(", "), finding.levels());
    let _ = writeln!(out, "- example {}: a correct {role} {}", code(&record.fixture), prose(&record.title));
    let [expected, seen] = pair(mismatch, MOST);
    let _ = writeln!(out, "  - expected: {}", code(&expected));
    let _ = writeln!(out, "  - seen: {}", code(&seen));
}
