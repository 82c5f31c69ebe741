//! The findings of a run, for one who wants to know in a minute what is wrong.

use std::collections::BTreeMap;

use super::{BAD, DIM, STRONG, WIDTH, line};
use crate::findings::{Finding, findings as group};
use crate::fixture::{Defect, Requirements};
use crate::judge::{Mismatch, Verdict};
use crate::report::table::Table;
use crate::report::text::{brief, ids, one_line, pair, wrapped};
use crate::results::{Expectation, Record, Role};

/// About how many lines there are for the findings of all clients.
const LINES: usize = 96;
/// How many characters of a finding's id are shown.
const MAX_ID: usize = 120;
/// A client has this many, however many clients there are.
const FEWEST: usize = 16;

/// Unexpected results, client by client: a block for each finding, the worst first. Where
/// there is no room for all blocks, each defect has one before any has a second, and the
/// other findings stand in a line.
#[must_use]
pub fn findings(records: &[Record], requirements: &Requirements) -> String {
    let table = Table::new(records);
    let unexpected: Vec<_> = table
        .by_client()
        .map(|(client, mut of)| {
            of.retain(|record| record.expectation != Expectation::Expected);
            (client, of)
        })
        .filter(|(_, of)| !of.is_empty())
        .collect();
    let room = (LINES / unexpected.len().max(1)).max(FEWEST);
    let mut out = String::new();
    for (client, records) in &unexpected {
        if table.clients.len() > 1 {
            line(&mut out, format_args!("{STRONG}{}{STRONG:#}\n", brief(&client.to_string(), WIDTH - 1)));
        }
        of_client(&mut out, records, requirements, room);
    }
    if !out.is_empty() {
        let is_client = records.iter().any(|record| record.role == Role::Client);
        let replay = if is_client { "attachset replay FIXTURE, " } else { "" };
        line(
            &mut out,
            format_args!("{DIM}For details: attachset explain ID, {replay}or --verbose.{DIM:#}\n"),
        );
    }
    out
}

fn of_client(out: &mut String, records: &[&Record], requirements: &Requirements, room: usize) {
    let findings = group(records.iter().copied());
    let mut groups: Vec<_> = findings
        .chunk_by(|a, b| a.id.defect == b.id.defect)
        .map(|of| Group { forms: forms(of, requirements), form: 0 })
        .collect();
    for form in 1..FORMS {
        for index in 0..groups.len() {
            let lines: usize = groups.iter().map(Group::lines).sum();
            let Some(group) = groups.get_mut(index) else { continue };
            let more = group.forms.get(form).map_or(0, |text| text.lines().count());
            // The worst has a block, come what may.
            if lines - group.lines() + more <= room || (form, index) == (1, 0) {
                group.form = form;
            }
        }
    }
    groups.iter().for_each(|group| out.push_str(group.text()));
    let is = |verdict: fn(&Record) -> bool| records.iter().copied().filter(move |record| verdict(record));
    let error =
        is(|record| record.verdict == Verdict::Error && record.expectation != Expectation::UnexpectedPass);
    others(out, "Not judged, for these reasons", error);
    let tolerated = is(|record| {
        record.verdict == Verdict::Tolerated && record.expectation == Expectation::UnexpectedFailure
    });
    others(out, "Tolerated, which --strict counts as failed", tolerated);
    let passes = is(|record| record.expectation == Expectation::UnexpectedPass);
    others(out, "UNEXPECTED PASS: on the list of known failures; remove it from the list", passes);
}

/// In how many forms the findings of one defect can be printed.
const FORMS: usize = 4;

/// The findings of one defect, as short or long as there is room for.
struct Group {
    forms: [String; FORMS],
    form: usize,
}

impl Group {
    fn text(&self) -> &str {
        self.forms.get(self.form).map_or("", String::as_str)
    }

    fn lines(&self) -> usize {
        self.text().lines().count()
    }
}

/// All lines, a block and a few words, a block and lines, all blocks.
fn forms(findings: &[Finding<'_>], requirements: &Requirements) -> [String; FORMS] {
    let Some((first, rest)) = findings.split_first() else { return Default::default() };
    let role = first.records().next().map_or(Role::Client, |record| record.role);
    let title = format!("{BAD}The {} {}{BAD:#}\n", role.as_str(), first.id.defect.words());
    let (line, block) = (in_a_line(first), block(first, requirements));
    let lines: String = rest.iter().map(in_a_line).collect();
    let blocks: String = rest.iter().map(|finding| self::block(finding, requirements)).collect();
    let named: Vec<_> =
        rest.iter().map(|of| format!("{} ({})", brief(&of.id.requirement, MAX_ID), of.levels())).collect();
    let named = match named.as_slice() {
        [] => String::new(),
        named => wrapped(&format!("and the same for {}", named.join(", ")), "  ", WIDTH, 4),
    };
    [(&line, &named), (&block, &named), (&block, &lines), (&block, &blocks)]
        .map(|(first, rest)| format!("{title}{first}{rest}\n"))
}

/// A finding in a line, or two where its name is long.
fn in_a_line(finding: &Finding<'_>) -> String {
    let example = finding.records().next().map_or("", |record| &record.fixture);
    let rest = format!("{}, as in {}", finding.levels(), one_line(example));
    let id = name(finding);
    let width = id.chars().count() + rest.chars().count() + 4;
    if width <= WIDTH {
        return format!("  {STRONG}{id}{STRONG:#}: {rest}\n");
    }
    format!("{}{}", head(finding), wrapped(&format!("as in {}", one_line(example)), "    ", WIDTH, 1))
}

fn head(finding: &Finding<'_>) -> String {
    format!("  {STRONG}{}{STRONG:#}: {}\n", name(finding), finding.levels())
}

/// A finding's id. In results of others, its requirement may be any text.
fn name(finding: &Finding<'_>) -> String {
    brief(&finding.id.to_string(), MAX_ID)
}

/// What the documents say, the simplest fixture that shows it, and the others.
fn block(finding: &Finding<'_>, requirements: &Requirements) -> String {
    let mut out = head(finding);
    let Some((record, mismatch)) = finding.shown.first() else { return out };
    if let Some(requirement) = requirements.get(&finding.id.requirement) {
        let heading = finding.basis(requirements).heading();
        let titles: Vec<_> = requirement.sources.iter().map(|source| &*source.title).collect();
        let says = format!("{heading}: {} [{}]", requirement.says, titles.join("; "));
        out.push_str(&wrapped(&one_line(&says), "    ", WIDTH, 4));
    }
    out.push_str(&wrapped(&example(record, mismatch), "    ", WIDTH, 2));
    // The dots of a cut take up to six columns.
    for (what, text) in ["expected", "seen"].iter().zip(pair(mismatch, WIDTH - 22)) {
        line(&mut out, format_args!("      {what:<8} {}", brief(&text, WIDTH - 16)));
    }
    let others = ids(finding.records().skip(1).map(|record| record.fixture.as_str()));
    if !others.is_empty() {
        out.push_str(&wrapped(&format!("also {others}"), "    ", WIDTH, 4));
    }
    out
}

/// A fixture, and the part of its exchange that a mismatch is about.
fn example(record: &Record, mismatch: &Mismatch) -> String {
    let mut out = one_line(&record.fixture).into_owned();
    if record.outcomes.len() > 1 {
        out.push_str(&format!(", call {}", mismatch.step));
    }
    let Some(wire) = record.wire.iter().rfind(|wire| wire.step == mismatch.step) else { return out };
    let (what, text) = match record.role {
        Role::Service => ("was sent", &wire.request),
        Role::Client if is_of_request(mismatch.defect) => ("sent", &wire.request),
        Role::Client => ("got", &wire.reply),
    };
    let told = text.lines().map(str::trim).filter(|line| !line.is_empty() && !is_usual(line));
    format!("{out} {what} {}", brief(&told.collect::<Vec<_>>().join(" | "), 200))
}

/// Whether a defect is one of what a client sent, and not of what it made of
/// the response.
fn is_of_request(defect: Defect) -> bool {
    use Defect::{
        Base64, ContentType, EarlyRetry, Framing, Header, Input, Json, Member, MemberType, RequestLine,
        RetryBody, Signature, Target,
    };
    matches!(
        defect,
        RequestLine
            | Target
            | ContentType
            | Framing
            | Header
            | Json
            | Member
            | MemberType
            | Base64
            | Input
            | RetryBody
            | EarlyRetry
            | Signature
    )
}

/// What lines of an exchange start with that say nothing of what is special in
/// it.
const USUAL: &[&str] = &[
    "accept: ",
    "accept-encoding: ",
    "after the request:",
    "amz-sdk-",
    "authorization: ",
    "connection: keep-alive",
    "content-length: ",
    "content-type: application/x-amz-json-1.1",
    "host: ",
    "user-agent: ",
    "x-amz-content-sha256: ",
    "x-amz-date: ",
    "x-amz-target: awssupport_20130415.addattachmentstoset",
    "x-amz-user-agent: ",
    "x-amzn-requestid: ",
];

fn is_usual(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    line == "- send" || USUAL.iter().any(|usual| line.starts_with(usual))
}

/// What is no finding, under a title: what is said of it, and who says so.
fn others<'a>(out: &mut String, title: &str, records: impl Iterator<Item = &'a Record>) {
    let mut by_reason: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut count = 0;
    for record in records {
        // A message may have the fixture's id in it, and is the same for all that.
        let reason = record.known.clone().unwrap_or_else(|| record.notes.join("; "));
        by_reason.entry(reason.replace(&record.fixture, "ID")).or_default().push(&record.fixture);
        count += 1;
    }
    if count == 0 {
        return;
    }
    line(out, format_args!("{BAD}{title}{BAD:#} {DIM}({count}){DIM:#}"));
    for (at, (reason, of)) in by_reason.iter().enumerate() {
        if at == 5 {
            line(out, format_args!("  and {} more reasons", by_reason.len() - at));
            break;
        }
        out.push_str(&wrapped(&brief(reason, 400), "  ", WIDTH, 5));
        out.push_str(&wrapped(&ids(of.iter().copied()), "    ", WIDTH, 3));
    }
    out.push('\n');
}
