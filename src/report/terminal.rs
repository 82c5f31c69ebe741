//! What a person reads while a run goes on and when it is over.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::table::Table;
use super::text::visible;
use crate::fixture::Requirements;
use crate::judge::Verdict;
use crate::results::{Expectation, Record, Role, Summary};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const DIM: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();

/// A record that needs a look: its title, what was expected, what was seen,
/// the exchange on the wire, the requirement with its source.
#[must_use]
pub fn failure(record: &Record, requirements: &Requirements) -> String {
    let mut out = String::new();
    let headline = match record.expectation {
        Expectation::UnexpectedPass => "UNEXPECTED PASS",
        _ if record.verdict == Verdict::Error => "ERROR",
        _ => "FAIL",
    };
    let (fixture, client) = (visible(&record.fixture), visible(&record.client.name));
    line(&mut out, format_args!("{BAD}{headline}{BAD:#} {STRONG}{fixture}{STRONG:#} ({client})"));
    block(&mut out, "  ", &record.title);
    if let (Expectation::UnexpectedPass, Some(reason)) = (record.expectation, &record.known) {
        line(&mut out, format_args!("  known to fail: {reason}"));
        line(&mut out, format_args!("  it passes now: take it off the list"));
    }
    for note in &record.notes {
        block(&mut out, "  ", note);
    }
    for mismatch in &record.mismatches {
        let step =
            if record.outcomes.len() > 1 { format!("call {}: ", mismatch.step) } else { String::new() };
        line(&mut out, format_args!("  {step}the {} {}", record.role.as_str(), mismatch.defect.words()));
        block(&mut out, "    expected: ", &mismatch.expected);
        block(&mut out, "    seen:     ", &mismatch.seen);
        let (level, id) = (record.level.as_str(), &mismatch.requirement);
        let (says, source) = requirements.get(id).map_or(("", ""), |it| (&it.says, &it.source));
        line(&mut out, format_args!("    {level} {id}: {says} {DIM}[{source}]{DIM:#}"));
    }
    for wire in &record.wire {
        line(&mut out, format_args!("  {DIM}call {}, request at {} ms{DIM:#}", wire.step, wire.at_ms));
        block(&mut out, "    > ", &wire.request);
        block(&mut out, "    < ", &wire.reply);
    }
    if record.wire.is_empty()
        && record.role == Role::Client
        && record.expectation == Expectation::UnexpectedFailure
    {
        line(&mut out, format_args!("  {DIM}no request came{DIM:#}"));
    }
    out
}

/// What a run came to, in numbers: a line a group for one client, a line a
/// client for several.
#[must_use]
pub fn summary(records: &[Record]) -> String {
    let table = Table::new(records);
    let (title, rows): (_, Vec<_>) = match table.clients.as_slice() {
        [client] => {
            let groups =
                table.groups.iter().flat_map(|group| group.counts(1).map(|of| (group.name.into(), of)));
            (client.to_string(), groups.collect())
        }
        _ => {
            let clients =
                table.by_client().map(|(client, of)| (client.to_string(), of.into_iter().collect()));
            ("client".into(), clients.collect())
        }
    };
    let name = |name: &str| short(&visible(name));
    let width = rows.iter().map(|row| &row.0).chain([&title]).map(|text| name(text).chars().count()).max();
    let width = width.unwrap_or(0);
    let mut out = String::new();
    let title = name(&title);
    line(
        &mut out,
        format_args!(
            "{STRONG}{title:<width$}{STRONG:#} {DIM}{:>7} {:>7} {:>6} {:>12} {:>9}{DIM:#}",
            "passed", "failed", "known", "unsupported", "observed"
        ),
    );
    for (text, counts) in &rows {
        let number = |count: usize, width: usize, style: Style| match count {
            0 => format!("{DIM}{:>width$}{DIM:#}", "-"),
            count => format!("{style}{count:>width$}{style:#}"),
        };
        let cells = [
            number(counts.passed(), 7, GOOD),
            number(counts.unexpected, 7, BAD),
            number(counts.known, 6, Style::new()),
            number(counts.unsupported, 12, Style::new()),
            number(counts.observed, 9, Style::new()),
        ];
        line(&mut out, format_args!("{:<width$} {}", name(text), cells.join(" ")));
    }
    out
}

/// The last line.
#[must_use]
pub fn last_line(records: &[Record]) -> Summary {
    records.iter().collect()
}

/// A name that leaves room for the numbers on 80 columns.
fn short(name: &str) -> String {
    const MOST: usize = 33;
    match name.char_indices().nth(MOST) {
        Some(_) => name.chars().take(MOST - 1).chain(['…']).collect(),
        None => name.into(),
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}

/// Text of several lines, each behind a prefix.
fn block(out: &mut String, prefix: &str, text: &str) {
    for part in text.lines() {
        line(out, format_args!("{prefix}{}", visible(part)));
    }
}
