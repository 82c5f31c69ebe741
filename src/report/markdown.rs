//! Results for a pull request, as GitHub's Markdown.

use std::fmt::Write as _;

use super::text::{code, cut, fence, prose};
use super::{Counts, Report};
use crate::results::{Expectation, Record, Standing};

/// GitHub takes comments of 65,536 characters: what comes later has no details.
const DETAILS: usize = 45_000;
/// Nor is there room for more lines than this.
const LINES: usize = 100;
/// How much of each text is shown.
const MOST: usize = 2_000;

/// The report: counts, then everything that is against expectation.
#[must_use]
pub fn render(report: &Report<'_>) -> String {
    let mut out = format!("### attachset: {}\n\n", report.summary);
    for notice in report.notices {
        let _ = writeln!(out, "> {}\n", prose(notice));
    }
    matrix(&mut out, report);
    let unexpected: Vec<_> = report
        .table
        .by_client()
        .flat_map(|(_, records)| records)
        .filter(|record| record.standing() == Standing::Failed)
        .collect();
    if unexpected.is_empty() {
        out.push_str("\nNothing is against expectation.\n");
        return out;
    }
    out.push_str("\n#### Against expectation\n\n");
    let mut left = unexpected.iter();
    for record in left.by_ref() {
        details(&mut out, record, report);
        if out.len() > DETAILS {
            break;
        }
    }
    let (left, more) = left.as_slice().split_at(left.len().min(LINES));
    for record in left {
        let _ = writeln!(out, "- {}", headline(record));
    }
    if !more.is_empty() {
        let _ = writeln!(out, "- and {} more", more.len());
    }
    out
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
    out.push_str("\nPassed of judged; ✗ against expectation, k known failures, – nothing judged.\n");
}

fn cell(counts: &Counts) -> String {
    if counts.judged() == 0 {
        return "–".into();
    }
    let mut text = format!("{}/{}", counts.right(), counts.judged());
    if counts.known > 0 {
        let _ = write!(text, " {}k", counts.known);
    }
    if counts.unexpected > 0 {
        let _ = write!(text, " **✗{}**", counts.unexpected);
    }
    text
}

/// In which way a record is against expectation, in a few words.
pub(super) fn way(record: &Record) -> &'static str {
    match (record.expectation, record.mismatches.first()) {
        (Expectation::UnexpectedPass, _) => "passes, but is on the list of known failures",
        (_, Some(mismatch)) => mismatch.defect.words(),
        (_, None) => record.verdict.as_str(),
    }
}

fn headline(record: &Record) -> String {
    let reason = way(record);
    // In a summary, Markdown's own code spans do not work everywhere.
    let html = |text: &str| code(text).replacen('`', "<code>", 1).replacen('`', "</code>", 1);
    format!("{} {}: {reason}", html(&record.client.name), html(&record.fixture))
}

fn details(out: &mut String, record: &Record, report: &Report<'_>) {
    let _ = writeln!(out, "<details><summary>{}</summary>\n", headline(record));
    let _ = writeln!(out, "{} ({})\n", prose(&record.title), record.level.as_str());
    if let Some(reason) = &record.known {
        let _ = writeln!(out, "Known failure: {}\n", code(reason));
    }
    for note in &record.notes {
        let _ = writeln!(out, "{}", fence(&cut(note, MOST)));
    }
    for mismatch in &record.mismatches {
        let _ = writeln!(
            out,
            "Call {}: the {} {}.\n",
            mismatch.step,
            record.role.as_str(),
            mismatch.defect.words()
        );
        let both =
            format!("expected: {}\nseen:     {}", cut(&mismatch.expected, MOST), cut(&mismatch.seen, MOST));
        let _ = writeln!(out, "{}", fence(&both));
        let id = &mismatch.requirement;
        let (says, source) = report.requirements.get(id).map_or(("", ""), |it| (&it.says, &it.source));
        let _ = writeln!(out, "- {}: {} ({})\n", code(id), prose(says), prose(source));
    }
    for wire in &record.wire {
        let _ = writeln!(out, "Call {}, request at {} ms, then the reply:\n", wire.step, wire.at_ms);
        let _ = writeln!(out, "{}", fence(&cut(&wire.request, MOST)));
        let _ = writeln!(out, "{}", fence(&cut(&wire.reply, MOST)));
    }
    out.push_str("</details>\n\n");
}
