//! What is wrong with each client, as Markdown: its failures grouped into
//! defects. `docs/findings.md` is made by this.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::text::{code, cut, prose};
use super::{Counts, Report};
use crate::client::ClientInfo;
use crate::fixture::{Level, Requirements};
use crate::judge::{self, Defect, Mismatch, Verdict};
use crate::results::Record;

/// How much of an expected or seen text an example shows.
const MOST: usize = 400;

const PREFACE: &str = "\
<!-- Written by `attachset report RESULTS... --findings FILE`. Do not edit. -->

# Findings

What each client does that the documents do not allow. Failures with the same
defect and the same requirement are one finding, with every fixture that shows
it and one of them as the example; `attachset explain FIXTURE` prints a fixture.
A failure counts here whether or not it is on a list of known failures.
";

/// One thing that is wrong with a client: how it fails, and what it breaks.
struct Finding<'a> {
    defect: Defect,
    /// The requirement that all that shows it has in common.
    requirement: &'a str,
    /// What shows it, by fixture.
    shown: Vec<Shown<'a>>,
}

type Shown<'a> = (&'a Record, &'a Mismatch);

/// The findings of all clients.
#[must_use]
pub fn render(report: &Report<'_>) -> String {
    let clients: Vec<_> = report.table.by_client().map(|(client, of)| (client, findings(&of), of)).collect();
    let mut out = PREFACE.to_owned();
    for notice in report.notices {
        let _ = writeln!(out, "\n> {}", prose(notice));
    }
    out.push_str(
        "\n| client | version | language | passed | tolerated | failed | unsupported | observed | findings |\n\
         |---|---|---|---:|---:|---:|---:|---:|---:|\n",
    );
    for (client, findings, records) in &clients {
        let counts: Counts = records.iter().copied().collect();
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            code(&client.name),
            code(&client.version),
            code(&client.language),
            counts.pass,
            counts.tolerated,
            counts.fail + counts.error,
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

/// Groups a client's failures; what hurts its users most comes first, then
/// what most fixtures show.
fn findings<'a>(records: &[&'a Record]) -> Vec<Finding<'a>> {
    let mut defects: BTreeMap<Defect, Vec<Shown<'a>>> = BTreeMap::new();
    for record in records.iter().filter(|record| record.verdict == Verdict::Fail) {
        for mismatch in &record.mismatches {
            let shown = defects.entry(mismatch.defect).or_default();
            // The calls of one fixture show a defect once.
            if shown.last().is_none_or(|(last, _)| last.fixture != record.fixture) {
                shown.push((record, mismatch));
            }
        }
    }
    let judged =
        records.iter().filter(|record| !matches!(record.verdict, Verdict::Unsupported | Verdict::Observed));
    let cites = judged.flat_map(|record| &record.cites).map(String::as_str);
    let mut cited = BTreeMap::new();
    cites.for_each(|id| *cited.entry(id).or_insert(0) += 1);
    defects.into_iter().flat_map(|(defect, shown)| by_requirement(defect, shown, &cited)).collect()
}

/// Splits what shows a defect by requirement: time and again the one that most
/// of what is left has in common. Those that the client breaks wherever they
/// are judged come first: they are more likely to be the cause than others,
/// which the client meets at times.
fn by_requirement<'a>(
    defect: Defect,
    mut left: Vec<Shown<'a>>,
    cited: &BTreeMap<&str, usize>,
) -> Vec<Finding<'a>> {
    let broken = count(&left);
    let is_cause = |id: &str| {
        let all = cited.get(id).copied().unwrap_or(0);
        broken.get(id).is_some_and(|(broken, _)| *broken > 1 && broken * 10 >= all * 9)
    };
    let mut findings = Vec::new();
    while !left.is_empty() {
        let ranked = count(&left)
            .into_iter()
            .map(|(id, (count, first))| ((count > 1 && is_cause(id), count, first, Reverse(id)), id));
        let requirement = ranked.max().map_or("", |(_, id)| id);
        let has =
            |(_, mismatch): &Shown<'_>| requirement.is_empty() || candidates(mismatch).contains(&requirement);
        let (shown, others) = left.into_iter().partition(has);
        findings.push(Finding { defect, requirement, shown });
        left = others;
    }
    findings.sort_by_key(|finding| Reverse(finding.shown.len()));
    findings
}

/// How many mismatches each requirement has, and where it is cited first.
fn count<'a>(shown: &[Shown<'a>]) -> BTreeMap<&'a str, (usize, Reverse<usize>)> {
    let mut counts = BTreeMap::new();
    for (_, mismatch) in shown {
        for (position, id) in candidates(mismatch).into_iter().enumerate() {
            let (count, first) = counts.entry(id).or_insert((0, Reverse(position)));
            *count += 1;
            *first = (*first).max(Reverse(position));
        }
    }
    counts
}

/// The requirements that can tell a mismatch from others: not the rules that
/// hold for every request and outcome, unless there are no others.
fn candidates(mismatch: &Mismatch) -> Vec<&str> {
    let rules = judge::requirements();
    let all = || mismatch.requirements.iter().map(String::as_str);
    let own: Vec<_> = all().filter(|id| !rules.contains(id)).collect();
    if own.is_empty() { all().collect() } else { own }
}

fn section(
    out: &mut String,
    client: &ClientInfo,
    findings: &[Finding<'_>],
    records: &[&Record],
    requirements: &Requirements,
) {
    let _ = writeln!(out, "\n## {}", code(&client.to_string()));
    let errors: Vec<_> = records.iter().filter(|record| record.verdict == Verdict::Error).collect();
    if findings.is_empty() && errors.is_empty() {
        out.push_str("\nNothing found.\n");
    }
    for of in findings.chunk_by(|a, b| a.defect == b.defect) {
        let Some(defect) = of.first().map(|finding| finding.defect) else { continue };
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
            let _ = writeln!(out, "- `{}`: {}", record.fixture, code(&cut(&record.reason(), MOST)));
        }
    }
}

fn finding(out: &mut String, finding: &Finding<'_>, requirements: &Requirements) {
    let Some((record, mismatch)) = finding.shown.first() else { return };
    let requirement = requirements.get(finding.requirement);
    let (says, source) = requirement.map_or(("", ""), |requirement| (&requirement.says, &requirement.source));
    let _ = writeln!(out, "\n**{}**: {} ({})\n", code(finding.requirement), prose(says), prose(source));
    let must = finding.shown.iter().filter(|(record, _)| record.level == Level::Must).count();
    let levels = match (must, finding.shown.len() - must) {
        (must, 0) => format!("{must} must"),
        (0, should) => format!("{should} should"),
        (must, should) => format!("{must} must, {should} should"),
    };
    let ids: Vec<_> = finding.shown.iter().map(|(record, _)| format!("`{}`", record.fixture)).collect();
    let _ = writeln!(out, "- shown by {} ({levels})", ids.join(", "));
    let _ = writeln!(out, "- `{}`: a client {}", record.fixture, prose(&record.title));
    let _ = writeln!(out, "  - expected: {}", code(&cut(&mismatch.expected, MOST)));
    let _ = writeln!(out, "  - seen: {}", code(&cut(&mismatch.seen, MOST)));
}
