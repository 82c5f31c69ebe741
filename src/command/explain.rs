//! `explain` for what is not a fixture: a finding, a requirement, a project
//! rule.

use std::fmt::Write as _;

use super::UsageError;
use super::show::citing;
use crate::findings::FindingId;
use crate::fixture::{Basis, Defect, Entry, Requirement, Set};
use crate::judge;
use crate::nearest::{hint, nearest};
use crate::oracle;

/// The rules of this project, for those who have the program alone.
const RULES: &str = include_str!("../../docs/rulings.md");

/// A finding: what its subject did, the requirement, the fixtures that can
/// show it. Nothing for what is not the id of one.
pub(super) fn finding(set: &Set, id: &str) -> Option<String> {
    let finding: FindingId = id.parse().ok()?;
    let requirement = set.requirements.get(&finding.requirement)?;
    let defect = finding.defect;
    let shows = |entry: &Entry<'_>| {
        set.find(entry.id).is_some_and(|fixture| {
            let mut attributions = oracle::attributions(fixture).filter(|(of, _)| *of == defect);
            attributions
                .any(|(_, of)| of.requirement == requirement.id || of.otherwise.contains(&requirement.id))
        })
    };
    let mut fixtures: Vec<_> = set.entries().filter(shows).collect();
    if fixtures.is_empty() {
        fixtures = citing(set, &requirement.id).collect();
    }
    let role = if defect >= Defect::Accepted { "server" } else { "client" };
    let mut out =
        format!("{id}\nThe {role} {}.\n\n{}: {}\n", defect.words(), requirement.id, requirement.says);
    about(&mut out, requirement, &fixtures);
    Some(out)
}

/// A requirement: what it says, where, how binding it is, the fixtures that can
/// show that it is violated.
pub(super) fn requirement(set: &Set, requirement: &Requirement) -> String {
    let mut out = format!("{}\n{}\n", requirement.id, requirement.says);
    about(&mut out, requirement, &citing(set, &requirement.id).collect::<Vec<_>>());
    out
}

fn about(out: &mut String, requirement: &Requirement, fixtures: &[Entry<'_>]) {
    let (basis, level) = match requirement.basis {
        Basis::Document => ("a document", "that of the fixture"),
        Basis::Advice => ("advice of a document", "should, at most"),
        Basis::Project => ("a rule of this project", "should, at most"),
    };
    // Writing to a String cannot fail.
    let _ = writeln!(out, "\ndecided by: {basis}\nlevel: {level}\n\nsources");
    for source in &requirement.sources {
        let _ = writeln!(out, "  {}\n    {}", source.title, source.link());
    }
    out.push_str("\nfixtures\n");
    if judge::requirements().contains(&requirement.id.as_str()) {
        out.push_str("  every fixture whose level is must or should\n");
    }
    if let Some(excuse) = &requirement.excuse {
        let _ = writeln!(out, "  none: {excuse}");
    }
    let width = fixtures.iter().map(|entry| entry.id.len()).max().unwrap_or(0);
    for entry in fixtures {
        let _ = writeln!(out, "  {:<width$}  {:<6}  {}", entry.id, entry.level.as_str(), entry.title);
    }
}

/// A numbered rule of this project, such as `R14`, as `docs/rulings.md` has it.
pub(super) fn rule(id: &str) -> Option<String> {
    let anchor = format!("<a id=\"{}\"></a>\n", id.to_ascii_lowercase());
    let (_, from) = RULES.split_once(&anchor)?;
    let end = ["<a id=", "\n## "].iter().filter_map(|end| from.find(end)).min().unwrap_or(from.len());
    let text = from.get(..end)?.trim().trim_start_matches("### ");
    Some(format!("{text}\n\nThe links are in docs/rulings.md.\n"))
}

/// The mistake of naming none of these, with the nearest name.
pub(super) fn unknown(set: &Set, id: &str) -> UsageError {
    let requirements = || set.requirements.requirements.iter().map(|requirement| requirement.id.as_str());
    // Of all findings, only the one with the nearest name on each side of the slash.
    let finding = id.split_once('/').and_then(|(defect, requirement)| {
        let defect = nearest(defect, Defect::ALL.iter().map(|defect| defect.as_str()))?;
        Some(format!("{defect}/{}", nearest(requirement, requirements())?))
    });
    let names = set.entries().map(|entry| entry.id).chain(requirements()).map(str::to_owned);
    let hint = hint(id, names.chain(finding));
    UsageError(format!(
        "there is no fixture, finding or requirement {id:?}{hint}; see `attachset list` and `attachset requirements`"
    ))
}
