//! Results for a pull request, as GitHub's Markdown.

use std::fmt::Write as _;

use super::text::{code, cut, fence, ids, links, pair, prose, remark};
use super::{Counts, Report};
use crate::client::ClientInfo;
use crate::findings::{Finding, findings};
use crate::judge::Verdict;
use crate::results::{Expectation, Levels, Record, Standing, in_lines};

/// GitHub takes comments of 65,536 characters: what comes later has no details.
const DETAILS: usize = 45_000;
/// Nor is there room for more lines than this.
const LINES: usize = 100;
/// How much of each text is shown.
const MOST: usize = 2_000;

/// The report: counts, then all unexpected results.
#[must_use]
pub fn render(report: &Report<'_>) -> String {
    let total: Counts = report.table.by_client().flat_map(|(_, records)| records).collect();
    let mut out = format!("### attachset: {}\n\n", total.headline());
    for notice in report.notices {
        let _ = writeln!(out, "> {}\n", prose(notice));
    }
    matrix(&mut out, report);
    let unexpected: Vec<_> = report
        .table
        .by_client()
        .map(|(client, mut records)| {
            records.retain(|record| record.standing() == Standing::Failed);
            (client, records)
        })
        .filter(|(_, records)| !records.is_empty())
        .collect();
    if unexpected.is_empty() && report.problems.is_empty() {
        out.push_str("\nAll results are as expected.\n");
        return out;
    }
    out.push_str("\n#### Unexpected results\n\n");
    for problem in in_lines(report.problems) {
        let _ = writeln!(out, "- {}", prose(&cut(&problem, MOST)));
    }
    if !report.problems.is_empty() {
        out.push('\n');
    }
    let found: Vec<_> = unexpected
        .iter()
        .flat_map(|(client, records)| {
            findings(records.iter().copied()).into_iter().map(move |of| (*client, of))
        })
        .collect();
    let mut left = found.iter();
    for (client, finding) in left.by_ref() {
        details(&mut out, client, finding, report);
        if out.len() > DETAILS {
            break;
        }
    }
    let left = left.map(|(client, finding)| headline(client, finding));
    let others = unexpected
        .iter()
        .flat_map(|(_, records)| records)
        .filter(|record| !is_finding(record))
        .map(|of| other(of));
    let lines: Vec<_> = left.chain(others).collect();
    let (shown, more) = lines.split_at(lines.len().min(LINES));
    for line in shown {
        let _ = writeln!(out, "- {line}");
    }
    if !more.is_empty() {
        let _ = writeln!(out, "- and {} more", more.len());
    }
    out
}

pub(super) fn is_finding(record: &Record) -> bool {
    record.verdict == Verdict::Fail && !record.mismatches.is_empty()
}

/// Groups times clients; whichever there is more of is on the longer side.
fn matrix(out: &mut String, report: &Report<'_>) {
    let table = &report.table;
    let mut head = vec![String::new()];
    head.extend(table.clients.iter().map(|client| code(&client.to_string())));
    let mut grid = vec![head];
    for group in &table.groups {
        let mut row = vec![code(group.name)];
        row.extend(group.counts(table.clients.len()).map(|counts| cell(&counts)));
        grid.push(row);
    }
    let mut total = vec!["all".to_owned()];
    total.extend(table.by_client().map(|(_, records)| cell(&records.into_iter().collect())));
    grid.push(total);
    if table.clients.len() > 5 {
        grid = (0..=table.clients.len())
            .map(|column| grid.iter().filter_map(|row| row.get(column).cloned()).collect())
            .collect();
    }
    for (index, row) in grid.iter().enumerate() {
        let _ = writeln!(out, "| {} |", row.join(" | "));
        if index == 0 {
            let _ = writeln!(out, "|---|{}", "---:|".repeat(row.len() - 1));
        }
    }
    out.push_str(
        "\nCorrect of judged; ✗ unexpected and k known failures, must + should; – nothing judged.\n",
    );
}

fn cell(counts: &Counts) -> String {
    if counts.judged() == 0 {
        return "–".into();
    }
    let mut text = format!("{}/{}", counts.right(), counts.judged());
    if counts.known.all() > 0 {
        let _ = write!(text, " {}k", plus(counts.known));
    }
    if counts.unexpected.all() > 0 {
        let _ = write!(text, " **✗{}**", plus(counts.unexpected));
    }
    text
}

/// Counts of must and of should.
fn plus(levels: Levels) -> String {
    format!("{}+{}", levels.must, levels.should + levels.may)
}

/// Why a record that is not a finding is unexpected.
pub(super) fn way(record: &Record) -> &'static str {
    match record.expectation {
        Expectation::UnexpectedPass => "passes, but is on the list of known failures",
        _ => record.verdict.as_str(),
    }
}

fn other(record: &Record) -> String {
    let reason = way(record);
    format!("{} {}: {reason}", html(&record.client.name), html(&record.fixture))
}

fn headline(client: &ClientInfo, finding: &Finding<'_>) -> String {
    let words = finding.id.defect.words();
    format!("{} {words}: {} ({})", html(&client.name), html(&finding.id.to_string()), finding.levels())
}

/// Code that is code in a summary, too, where Markdown's own spans are not.
fn html(text: &str) -> String {
    code(text).replacen('`', "<code>", 1).replacen('`', "</code>", 1)
}

fn details(out: &mut String, client: &ClientInfo, finding: &Finding<'_>, report: &Report<'_>) {
    let Some((record, mismatch)) = finding.shown.first() else { return };
    let _ = writeln!(out, "<details><summary>{}</summary>\n", headline(client, finding));
    if let Some(requirement) = report.requirements.get(&finding.id.requirement) {
        let basis = finding.basis(report.requirements);
        let (says, sources) = (prose(&requirement.says), links(&requirement.sources));
        let _ =
            writeln!(out, "{}: {says}{} ({sources})\n", basis.heading(), prose(remark(basis, requirement)));
    }
    let _ = writeln!(
        out,
        "{}, call {}. A correct {} {}.\n",
        code(&record.fixture),
        mismatch.step,
        record.role.as_str(),
        prose(&record.title)
    );
    let [expected, seen] = pair(mismatch, MOST);
    let both = format!("expected: {expected}\nseen:     {seen}");
    let _ = writeln!(out, "{}", fence(&both));
    for wire in record.wire.iter().filter(|wire| wire.step == mismatch.step) {
        let _ = writeln!(out, "Request at {} ms, then the reply:\n", wire.at_ms);
        let _ = writeln!(out, "{}", fence(&cut(&wire.request, MOST)));
        let _ = writeln!(out, "{}", fence(&cut(&wire.reply, MOST)));
    }
    let others = ids(finding.records().skip(1).map(|record| record.fixture.as_str()));
    if !others.is_empty() {
        let _ = writeln!(out, "Also shown by {}.\n", code(&cut(&others, MOST)));
    }
    out.push_str("</details>\n\n");
}
