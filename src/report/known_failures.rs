//! What failed as a list of known failures, finding by finding.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::Report;
use super::text::one_line;
use crate::findings::{Finding, findings};
use crate::results::{FINDING, KnownFailures, ProblemKind, split};

const PREFACE: &str = "\
# Failures that are known, a finding a line. Write the reason for each after
# it, such as an upstream issue: a line without a reason counts, with a note,
# and is refused with --strict.
";

/// The list: what is known and what failed, each with its reason if it has one.
/// Left out is what this run shows to be out of date.
///
/// `known` is the list that the run went by. `old` is the text that the file
/// has, which is kept but for lines that are out of date; empty where there is
/// none.
#[must_use]
pub fn render(report: &Report<'_>, known: &KnownFailures, old: &str) -> String {
    let is_new = old.trim().is_empty();
    let reasons: HashMap<_, _> =
        known.lines().filter_map(|(what, reason)| Some((what, reason?.to_owned()))).collect();
    let kept = match is_new {
        true => known.lines().map(|(what, _)| with_reason(&what, &reasons) + "\n").collect(),
        false => old.to_owned(),
    };
    let kept = without(&kept, |what| is_out_of_date(what, report, known), &reasons);
    let list = KnownFailures::lenient(&kept);
    let listed: Vec<_> = list.lines().map(|(what, _)| what).collect();
    let mut found = String::new();
    for (client, mut records) in report.table.by_client() {
        records.retain(|record| !list.names(&record.fixture));
        let findings = findings(records);
        let is_new_here = |of: &&Finding<'_>| is_new || !listed.contains(&format!("{FINDING}{}", of.id));
        let new: Vec<_> = findings.iter().filter(is_new_here).collect();
        if !new.is_empty() {
            // Writing to a String cannot fail.
            let _ = writeln!(found, "\n# {}", one_line(&client.to_string()));
        }
        new.into_iter().for_each(|finding| block(&mut found, finding, report, &reasons));
    }
    if !is_new {
        return kept + &found;
    }
    // Of what was known, the rest was not run, or only in part.
    let is_told = |line: &&str| split(line).is_some_and(|(what, _)| found.lines().any(|of| starts(of, what)));
    let rest: String = kept.lines().filter(|line| !is_told(line)).map(|line| format!("{line}\n")).collect();
    let rest = if rest.is_empty() { rest } else { format!("\n# Known before.\n{rest}") };
    format!("{PREFACE}{found}{rest}")
}

fn starts(line: &str, what: &str) -> bool {
    split(line).is_some_and(|(other, _)| other == what)
}

/// Whether a run shows that a line is out of date.
fn is_out_of_date(what: &str, report: &Report<'_>, known: &KnownFailures) -> bool {
    let is_stale =
        report.problems.iter().any(|problem| problem.kind == ProblemKind::StaleLine && problem.about == what);
    let records: Vec<_> = report.table.by_client().flat_map(|(_, records)| records).collect();
    is_stale || known.only_passes(what, &records)
}

/// A list without some lines, and with the reasons that are known. A comment
/// that stands above one line alone goes with it.
fn without(text: &str, is_out: impl Fn(&str) -> bool, reasons: &HashMap<String, String>) -> String {
    let mut out = String::new();
    let lines: Vec<_> = text.lines().collect();
    for block in lines.chunk_by(|_, next| !next.trim().is_empty()) {
        let named: Vec<_> = block.iter().filter_map(|line| split(line)).collect();
        if !named.is_empty() && named.iter().all(|(what, _)| is_out(what)) {
            continue;
        }
        for line in block {
            match split(line) {
                Some((what, _)) if is_out(what) => {}
                Some((what, None)) => out += &(with_reason(what, reasons) + "\n"),
                _ => out += &format!("{line}\n"),
            }
        }
    }
    out
}

fn with_reason(what: &str, reasons: &HashMap<String, String>) -> String {
    let reason = reasons.get(what).map_or("", String::as_str);
    format!("{what} {reason}").trim_end().to_owned()
}

/// A finding with a comment that says what it is.
fn block(out: &mut String, finding: &Finding<'_>, report: &Report<'_>, reasons: &HashMap<String, String>) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "\n# It {}.", finding.id.defect.words());
    if let Some(requirement) = report.requirements.get(&finding.id.requirement) {
        let _ = writeln!(out, "# {} [{}]", one_line(&requirement.says), one_line(&requirement.cited()));
    }
    if let Some(example) = finding.records().next() {
        let _ = writeln!(out, "# Shown by {}, such as {}.", finding.levels(), one_line(&example.fixture));
    }
    let _ = writeln!(out, "{}", one_line(&with_reason(&format!("{FINDING}{}", finding.id), reasons)));
}
