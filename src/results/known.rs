//! Lists of known failures: they still run, and must fail.

use globset::{Glob, GlobMatcher};

use crate::findings::{FindingId, FindingIdError, findings};
use crate::fixture::Requirements;
use crate::judge::Mismatch;
use crate::results::Record;

/// What a line starts with that names a finding. No fixture's id has a colon.
pub(crate) const FINDING: &str = "finding:";

/// A list of known failures. One line each: a glob of fixture ids, or
/// `finding:` with a finding's id, then the reason. Empty lines and lines that
/// start with `#` are passed over.
#[derive(Debug, Clone, Default)]
pub struct KnownFailures {
    fixtures: Vec<(GlobMatcher, String)>,
    findings: Vec<(FindingId, String)>,
}

/// What is wrong with a line of a list of known failures.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct KnownFailuresError {
    /// The line, from 1.
    line: usize,
    problem: Problem,
}

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("{0} has no reason; write one after it")]
    NoReason(String),
    #[error("{0}")]
    Glob(#[from] globset::Error),
    #[error("{0} matches no fixture")]
    NoMatch(String),
    #[error("{0}: {1}")]
    Finding(String, FindingIdError),
    #[error("{0}: there is no such requirement; see `attachset requirements`")]
    NoRequirement(String),
}

impl KnownFailures {
    /// Reads a list; every glob must match one of the ids, every finding must
    /// be of one of the requirements.
    ///
    /// # Errors
    /// The first line that names nothing or has no reason.
    pub fn parse<'a>(
        text: &str,
        ids: impl Iterator<Item = &'a str> + Clone,
        requirements: &Requirements,
    ) -> Result<Self, KnownFailuresError> {
        let mut list = Self::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                let added = list.add(line, ids.clone(), requirements);
                added.map_err(|problem| KnownFailuresError { line: index + 1, problem })?;
            }
        }
        Ok(list)
    }

    fn add<'a>(
        &mut self,
        line: &str,
        mut ids: impl Iterator<Item = &'a str>,
        requirements: &Requirements,
    ) -> Result<(), Problem> {
        let (what, reason) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let reason = match reason.trim() {
            "" => return Err(Problem::NoReason(what.into())),
            reason => reason.to_owned(),
        };
        if let Some(finding) = what.strip_prefix(FINDING) {
            let id: FindingId = finding.parse().map_err(|error| Problem::Finding(what.into(), error))?;
            if requirements.get(&id.requirement).is_none() {
                return Err(Problem::NoRequirement(what.into()));
            }
            self.findings.push((id, reason));
        } else {
            let glob = Glob::new(what)?.compile_matcher();
            if !ids.any(|id| glob.is_match(id)) {
                return Err(Problem::NoMatch(what.into()));
            }
            self.fixtures.push((glob, reason));
        }
        Ok(())
    }

    /// Why a fixture is known to fail in this way: it is on the list itself,
    /// or every finding that it shows is.
    #[must_use]
    pub fn reason(&self, id: &str, mismatches: &[Mismatch]) -> Option<String> {
        if let Some((_, reason)) = self.fixtures.iter().find(|(glob, _)| glob.is_match(id)) {
            return Some(reason.clone());
        }
        let mut reasons = Vec::new();
        for mismatch in mismatches {
            let (_, reason) = self.findings.iter().find(|(id, _)| id.may_be_of(mismatch))?;
            if !reasons.contains(&reason.as_str()) {
                reasons.push(reason);
            }
        }
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    /// The findings on the list that none of a client's records shows.
    pub fn unshown<'a>(&'a self, records: &[Record]) -> impl Iterator<Item = (&'a FindingId, &'a str)> {
        let shown: Vec<_> = findings(records).into_iter().map(|finding| finding.id).collect();
        self.findings.iter().filter(move |(id, _)| !shown.contains(id)).map(|(id, why)| (id, why.as_str()))
    }
}
