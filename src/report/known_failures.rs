//! What failed as a list of known failures, finding by finding.

use std::fmt::Write as _;

use super::Report;
use super::text::visible;
use crate::findings::{Finding, findings};
use crate::results::FINDING;

const PREFACE: &str = "\
# Failures that are known, a finding a line. Write the reason for each after
# it, such as an upstream issue: a line without a reason is refused.
";

/// The list. A reason that is known stands in it; where none is, the line has
/// to be completed before the list can be used.
#[must_use]
pub fn render(report: &Report<'_>) -> String {
    let mut out = PREFACE.to_owned();
    for (client, records) in report.table.by_client() {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "\n# {}", visible(&client.to_string()).replace('\n', " "));
        for finding in findings(records) {
            let _ = writeln!(out, "\n# It {}.", finding.id.defect.words());
            if let Some(requirement) = report.requirements.get(&finding.id.requirement) {
                let _ = writeln!(out, "# {} [{}]", requirement.says, requirement.source);
            }
            if let Some(example) = finding.records().next() {
                let _ = writeln!(out, "# Shown by {}, such as {}.", finding.levels(), example.fixture);
            }
            let line = format!("{FINDING}{} {}", finding.id, reason(&finding).unwrap_or_default());
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
    out
}

/// The reason that all failures of a finding are known for, if it is one.
fn reason<'a>(finding: &Finding<'a>) -> Option<&'a str> {
    let mut reasons = finding.records().map(|record| record.known.as_deref());
    let first = reasons.next()??;
    reasons.all(|reason| reason == Some(first)).then_some(first)
}
