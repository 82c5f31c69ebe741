//! What a person reads while a run goes on and when it is over.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use crate::fixture::Requirements;
use crate::judge::Verdict;
use crate::results::{Expectation, Record, Summary};

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
    line(
        &mut out,
        format_args!("{BAD}{headline}{BAD:#} {STRONG}{}{STRONG:#} ({})", record.fixture, record.client.name),
    );
    line(&mut out, format_args!("  {}", record.title));
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
        line(&mut out, format_args!("  {step}the client {}", mismatch.defect.words()));
        block(&mut out, "    expected: ", &mismatch.expected);
        block(&mut out, "    seen:     ", &mismatch.seen);
        for id in &mismatch.requirements {
            let requirement = requirements.get(id);
            let says = requirement.map_or("", |requirement| requirement.says.as_str());
            let source = requirement.map_or("", |requirement| requirement.source.as_str());
            line(&mut out, format_args!("    {} {id}: {says} {DIM}[{source}]{DIM:#}", record.level.as_str()));
        }
    }
    for wire in &record.wire {
        line(&mut out, format_args!("  {DIM}call {}, request at {} ms{DIM:#}", wire.step, wire.at_ms));
        block(&mut out, "    > ", &wire.request);
        block(&mut out, "    < ", &wire.reply);
    }
    if record.wire.is_empty() && record.expectation == Expectation::UnexpectedFailure {
        line(&mut out, format_args!("  {DIM}no request came{DIM:#}"));
    }
    out
}

/// What a run came to, group by group.
#[must_use]
pub fn summary(records: &[Record]) -> String {
    let mut out = String::new();
    let mut clients: BTreeMap<_, Vec<&Record>> = BTreeMap::new();
    for record in records {
        clients.entry(&record.client).or_default().push(record);
    }
    for (client, records) in clients {
        line(&mut out, format_args!("{STRONG}{}{STRONG:#} {}", client.name, client.version));
        let mut groups: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
        for record in records {
            groups.entry(record.group()).or_default().push(record);
        }
        for (group, records) in groups {
            line(&mut out, format_args!("  {group:<10} {}", counts(&records)));
        }
    }
    out
}

/// The last line.
#[must_use]
pub fn last_line(records: &[Record]) -> Summary {
    let mut summary = Summary::default();
    for record in records {
        summary.count(record);
    }
    summary
}

fn counts(records: &[&Record]) -> String {
    let verdicts = [
        (Verdict::Pass, "passed", GOOD),
        (Verdict::Tolerated, "tolerated", GOOD),
        (Verdict::Fail, "failed", BAD),
        (Verdict::Error, "broke the protocol", BAD),
        (Verdict::Unsupported, "unsupported", DIM),
        (Verdict::Observed, "observed", DIM),
    ];
    let mut parts = Vec::new();
    for (verdict, word, style) in verdicts {
        let of: Vec<_> = records.iter().filter(|record| record.verdict == verdict).collect();
        let known = of.iter().filter(|record| record.known.is_some()).count();
        match (of.len(), known) {
            (0, _) => {}
            (n, 0) => parts.push(format!("{style}{n} {word}{style:#}")),
            (n, known) if n == known => parts.push(format!("{DIM}{n} {word} (known){DIM:#}")),
            (n, known) => parts.push(format!("{style}{n} {word}{style:#} ({known} known)")),
        }
    }
    parts.join(", ")
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}

/// Text of several lines, each behind a prefix. Control characters, which a
/// client may have put there, do not reach the terminal.
fn block(out: &mut String, prefix: &str, text: &str) {
    for part in text.lines() {
        let plain: String = part.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        line(out, format_args!("{prefix}{plain}"));
    }
}
