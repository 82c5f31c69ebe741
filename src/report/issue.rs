//! One finding of one client as a report to those who make the client.

use std::fmt::Write as _;

use super::Report;
use super::text::{code, cut, fence, fence_of, ids, links, pair, prose, remark};
use crate::client::ClientInfo;
use crate::findings::{Finding, FindingId, findings};
use crate::fixture::{Basis, Set, Source};
use crate::nearest::hint;
use crate::oracle::{self, Answer, Ruling};
use crate::results::{Record, Role, Standing};
use crate::{judge::Verdict, reproduce};

/// How much of each text is shown.
const MOST: usize = 4_000;

/// Why there is no such report.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The results have no such client.
    #[error("the results have no client {0}{2}; they have {1}")]
    Client(String, String, String),
    /// The client does not show the finding.
    #[error("{0} does not show {1}{3}; it shows {2}")]
    Finding(String, FindingId, String, String),
}

/// The report, as Markdown to be pasted.
///
/// # Errors
/// Where the results have no such client or finding.
pub fn render(report: &Report<'_>, set: &Set, client: &str, id: &FindingId) -> Result<String, IssueError> {
    let table = &report.table;
    let (who, records) = table.by_client().find(|(of, _)| table.key(of) == client).ok_or_else(|| {
        let all: Vec<_> = table.clients.iter().map(|of| table.key(of)).collect();
        IssueError::Client(client.into(), all.join(", "), hint(client, &all))
    })?;
    let all = findings(records);
    let finding = all.iter().find(|finding| finding.id == *id).ok_or_else(|| {
        let shown: Vec<_> = all.iter().map(|finding| finding.id.to_string()).collect();
        IssueError::Finding(client.into(), id.clone(), shown.join(", "), hint(&id.to_string(), &shown))
    })?;
    let mut out = format!("# {} {}\n", prose(&who.to_string()), finding.id.defect.words());
    what_happens(&mut out, who, finding);
    rests_on(&mut out, report, set, finding);
    exchange(&mut out, finding);
    reproduction(&mut out, finding, set);
    others(&mut out, report, who, finding);
    Ok(out)
}

fn what_happens(out: &mut String, who: &ClientInfo, finding: &Finding<'_>) {
    let Some((record, mismatch)) = finding.shown.first() else { return };
    let language = if who.language.is_empty() { String::new() } else { format!(" ({})", who.language) };
    let runtime = if who.runtime.is_empty() { String::new() } else { format!(", on {}", who.runtime) };
    let version = format!("{}{}", prose(&language), prose(&runtime));
    // Writing to a String cannot fail.
    let _ = writeln!(out, "\nVersion: {}{version}\n\n## What happens\n", code(&who.heading()));
    let (role, did) = (record.role.as_str(), finding.id.defect.words());
    let _ = writeln!(out, "In test case {}, the {role} {did}:\n", code(&record.fixture));
    let [expected, seen] = pair(mismatch, MOST);
    out.push_str(&fence(&format!("expected: {expected}\nseen:     {seen}")));
    let _ = writeln!(out, "\nA correct {role} {}.", prose(&record.title));
    if finding.shown.len() > 1 {
        let others = ids(finding.records().skip(1).map(|record| record.fixture.as_str()));
        let _ = writeln!(
            out,
            "\nThe same happened in {} more test cases: {}",
            finding.shown.len() - 1,
            code(&cut(&others, MOST))
        );
    }
}

/// The requirement, headed by what it rests on, and the rule that decides the
/// case where that is one of this project's.
fn rests_on(out: &mut String, report: &Report<'_>, set: &Set, finding: &Finding<'_>) {
    let Some(requirement) = report.requirements.get(&finding.id.requirement) else { return };
    let basis = finding.basis(report.requirements);
    let (says, sources) = (prose(&requirement.says), links(&requirement.sources));
    let _ = writeln!(out, "\n## {}\n\n> {says}\n>\n> {sources}", basis.heading());
    let remark = remark(basis, requirement);
    if !remark.is_empty() {
        let _ = writeln!(out, "\n{}", prose(remark.trim_start()));
    }
    if let Some(ruling) = ruling(set, finding).filter(|_| basis == Basis::Project) {
        let _ = writeln!(
            out,
            "\nThe rule for such a response: {} ({}).",
            prose(ruling.says),
            links(ruling.sources)
        );
    }
}

/// What is decided of the response that the example is about, if a rule of this
/// project decides it.
fn ruling(set: &Set, finding: &Finding<'_>) -> Option<Ruling> {
    let (record, mismatch) = finding.shown.first()?;
    let fixture = set.find(&record.fixture)?;
    let step = fixture.steps.get(mismatch.step.checked_sub(1)?)?;
    let answer = Answer::of(step.replies.last()?, fixture.timeout_ms);
    let ruling = oracle::rule(step.call.operation(), &answer);
    Some(ruling).filter(|ruling| ruling.sources.iter().any(Source::is_own))
}

fn exchange(out: &mut String, finding: &Finding<'_>) {
    let Some((record, mismatch)) = finding.shown.first() else { return };
    out.push_str("\n## The exchange\n\n");
    let mut wires = record.wire.iter().filter(|wire| wire.step == mismatch.step).peekable();
    if wires.peek().is_none() {
        out.push_str("No request arrived.\n");
    }
    for wire in wires {
        let _ = writeln!(out, "{}\n{}", fence(&cut(&wire.request, MOST)), fence(&cut(&wire.reply, MOST)));
    }
}

fn reproduction(out: &mut String, finding: &Finding<'_>, set: &Set) {
    let Some(record) = finding.records().next().filter(|record| record.role == Role::Client) else { return };
    let Some(fixture) = set.find(&record.fixture) else { return };
    out.push_str(
        "\n## Steps to reproduce\n\nSave this as `response.py`. It serves the response and needs only Python:\n\
         `python3 response.py COMMAND` runs a command with `AWS_ENDPOINT_URL_SUPPORT` and the credentials set.\n\n\
         <details><summary>response.py</summary>\n\n",
    );
    out.push_str(&fence_of("python", &reproduce::python(fixture, &set.requirements)));
    out.push_str("\n</details>\n");
}

/// Which other clients are correct there, and which are not.
fn others(out: &mut String, report: &Report<'_>, who: &ClientInfo, finding: &Finding<'_>) {
    let shows = |record: &Record| finding.records().any(|shown| shown.fixture == record.fixture);
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for (client, records) in report.table.by_client().filter(|(client, _)| *client != who) {
        let judged: Vec<_> = records.into_iter().filter(|record| shows(record)).collect();
        let passed = |record: &&&Record| {
            matches!(record.verdict, Verdict::Pass | Verdict::Tolerated)
                && record.standing() != Standing::Skipped
        };
        let (passed, all) = (judged.iter().filter(passed).count(), judged.len());
        let name = prose(&client.to_string());
        match all {
            0 => {}
            all if passed == all => right.push(name),
            all => wrong.push(format!("{name} ({passed} of {all} correct)")),
        }
    }
    if right.is_empty() && wrong.is_empty() {
        return;
    }
    out.push_str("\n## Other clients\n\n");
    for (words, clients) in [("Correct", right), ("Also wrong", wrong)] {
        if !clients.is_empty() {
            let _ = writeln!(out, "{words}: {}.\n", clients.join(", "));
        }
    }
}
