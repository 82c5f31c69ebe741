//! What a person reads while a run goes on and when it is over.

mod findings;
mod summary;

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

pub use findings::findings;
pub use summary::summary;

use super::text::{one_line, visible};
use crate::fixture::{Basis, Level, Requirements};
use crate::judge::{Mismatch, Verdict};
use crate::results::{Expectation, Problem, Record, Role, in_lines};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const DIM: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();
/// How wide a line of findings or of numbers is at most.
const WIDTH: usize = 80;

/// A record that needs a look: its title, what was expected, what was seen,
/// the exchange on the wire, the requirement with its source.
#[must_use]
pub fn failure(record: &Record, requirements: &Requirements) -> String {
    let mut out = String::new();
    let headline = match record.expectation {
        Expectation::UnexpectedPass => "UNEXPECTED PASS".to_owned(),
        Expectation::UnexpectedFailure if record.verdict != Verdict::Error => "FAIL".into(),
        _ => record.verdict.as_str().to_uppercase(),
    };
    let (fixture, client) = (one_line(&record.fixture), one_line(&record.client.name));
    line(&mut out, format_args!("{BAD}{headline}{BAD:#} {STRONG}{fixture}{STRONG:#} ({client})"));
    let correct = format!("  a correct {} ", record.role.as_str());
    block(&mut out, &correct, &record.title);
    if let (Expectation::UnexpectedPass, Some(reason)) = (record.expectation, &record.known) {
        block(&mut out, "  known failure: ", reason);
        line(&mut out, format_args!("  it passes: remove it from the list"));
    }
    for note in &record.notes {
        block(&mut out, "  ", note);
    }
    for mismatch in &record.mismatches {
        if record.outcomes.len() > 1 {
            line(&mut out, format_args!("  call {}:", mismatch.step));
        }
        out.push_str(&said_of(record.role, mismatch, mismatch.level, requirements));
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
        line(&mut out, format_args!("  {DIM}no request arrived{DIM:#}"));
    }
    out
}

/// What a client or server reported of each call.
#[must_use]
pub fn reported(record: &Record) -> String {
    let mut out = String::new();
    record.outcomes.iter().for_each(|outcome| block(&mut out, "  reported: ", outcome));
    out
}

/// A defect of a client's request or outcome: what was expected, what was seen, the
/// requirement with its source.
#[must_use]
pub fn mismatch(of: &Mismatch, level: Level, requirements: &Requirements) -> String {
    said_of(Role::Client, of, level, requirements)
}

fn said_of(role: Role, of: &Mismatch, level: Level, requirements: &Requirements) -> String {
    let mut out = format!("  the {} {}\n", role.as_str(), of.defect.words());
    block(&mut out, "    expected: ", &of.expected);
    block(&mut out, "    seen:     ", &of.seen);
    let (level, id) = (level.as_str(), one_line(&of.requirement));
    match requirements.get(&of.requirement) {
        Some(requirement) => {
            let (says, sources) = (one_line(&requirement.says), requirement.cited());
            let own = if requirement.basis == Basis::Project { " (project rule)" } else { "" };
            line(
                &mut out,
                format_args!("    {level} {id}{own}: {says} {DIM}[{}]{DIM:#}", one_line(&sources)),
            );
        }
        None => line(&mut out, format_args!("    {level} {id}")),
    }
    out
}

/// What makes a run fail beside its records, a line each.
#[must_use]
pub fn problems(problems: &[Problem]) -> String {
    let mut out = String::new();
    in_lines(problems).iter().for_each(|problem| block(&mut out, "", problem));
    out
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
