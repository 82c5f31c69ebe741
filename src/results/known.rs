//! Lists of known failures: they still run, and must fail.

use serde::{Deserialize, Serialize};

use super::{Expectation, Record};
use crate::findings::{FindingId, FindingIdError, findings};
use crate::fixture::{Entry, Level, Requirements};
use crate::glob::{Glob, GlobError};
use crate::judge::{Mismatch, requirements as of_the_judge};
use crate::nearest::hint;
use crate::text::cut;

/// What a line starts with that names a finding. No fixture's id has a colon.
pub(crate) const FINDING: &str = "finding:";

/// The reason that a record has whose line of the list has none.
pub(crate) const NO_REASON: &str = "no reason given";

/// A list of known failures. One line each: a glob of fixture ids, or
/// `finding:` with a finding's id, then the reason. Empty lines and lines that
/// start with `#` are ignored.
///
/// A line without a reason counts like any other, so that a list can be
/// written and used at once; [`without_reason`](Self::without_reason) names
/// these lines.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KnownFailures {
    lines: Vec<Line>,
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Line {
    /// What is known to fail, as the line writes it.
    #[serde(rename = "known")]
    what: What,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Whether a run was planned that must show whether it still holds.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    decidable: bool,
}

/// What a line says is known to fail.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
enum What {
    /// A glob as it is written, and compiled.
    Fixtures(String, Glob),
    Finding(FindingId),
}

/// Why a line of a list of known failures is refused.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct KnownFailuresError {
    /// The line, from 1.
    line: usize,
    problem: Problem,
}

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("{0}: {1}")]
    Glob(String, GlobError),
    #[error("{0} matches no fixture{1}")]
    NoMatch(String, String),
    #[error("{0}: {1}")]
    Finding(String, FindingIdError),
    #[error("{0}: there is no such requirement{1}; see `attachset requirements`")]
    NoRequirement(String, String),
}

/// What a line names, cut to a length that a message can hold.
fn brief(what: &str) -> String {
    const MOST: usize = 200;
    cut(what, MOST).into_owned()
}

impl KnownFailures {
    /// Reads a list; every glob must match one of the ids, every finding must
    /// be of one of the requirements.
    ///
    /// # Errors
    /// The first line that names nothing.
    pub fn parse<'a>(
        text: &str,
        ids: impl Iterator<Item = &'a str> + Clone,
        requirements: &Requirements,
    ) -> Result<Self, KnownFailuresError> {
        let mut list = Self::default();
        for (index, line) in text.lines().enumerate() {
            let Some((what, reason)) = split(line) else { continue };
            let line = What::named(what, ids.clone(), requirements)
                .map_err(|problem| KnownFailuresError { line: index + 1, problem })?;
            list.lines.push(Line { what: line, reason: reason.map(Into::into), decidable: false });
        }
        Ok(list)
    }

    /// Reads a list, and ignores lines that name nothing.
    pub(crate) fn lenient(text: &str) -> Self {
        let line = |line| {
            let (what, reason) = split(line)?;
            let what = What::try_from(what.to_owned()).ok()?;
            Some(Line { what, reason: reason.map(Into::into), decidable: false })
        };
        Self { lines: text.lines().filter_map(line).collect() }
    }

    /// What the lines without a reason name.
    pub fn without_reason(&self) -> impl Iterator<Item = String> {
        self.lines.iter().filter(|line| line.reason.is_none()).map(|line| line.what.to_string())
    }

    /// Why a fixture is known to fail in this way: it is on the list itself,
    /// or every finding that it shows is.
    #[must_use]
    pub fn reason(&self, id: &str, mismatches: &[Mismatch]) -> Option<String> {
        if let Some(line) = self.lines.iter().find(|line| line.what.matches(id)) {
            return Some(line.reason().into());
        }
        let mut reasons = Vec::new();
        for mismatch in mismatches {
            let reason = self.lines.iter().find(|line| line.what.may_be_of(mismatch))?.reason();
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    /// Decides of each line whether a run of the planned fixtures must show
    /// that it still holds: all of `fixtures` that can show it are planned, and
    /// there is one. `fixtures` are those that the list was made for.
    #[must_use]
    pub fn planned<'a>(
        mut self,
        is_planned: impl Fn(&str) -> bool,
        fixtures: impl Iterator<Item = Entry<'a>> + Clone,
    ) -> Self {
        for line in &mut self.lines {
            let can_show = |fixture: &Entry<'_>| match &line.what {
                What::Finding(finding) => can_show(fixture.cites, finding),
                What::Fixtures(_, glob) => glob.matches(fixture.id),
            };
            let mut able = fixtures.clone().filter(|of| of.level != Level::May && can_show(of)).peekable();
            line.decidable = able.peek().is_some() && able.all(|fixture| is_planned(fixture.id));
        }
        self
    }

    /// The findings on the list that a client no longer shows, with their
    /// reasons. Its records must be those of all planned fixtures, and one of
    /// them must have been judged that can show the finding.
    pub(super) fn gone<'a>(
        &'a self,
        records: &[&Record],
    ) -> impl Iterator<Item = (&'a FindingId, &'a str)> + use<'a> {
        let shown: Vec<_> = findings(records.iter().copied()).into_iter().map(|finding| finding.id).collect();
        let judged: Vec<_> = records.iter().filter(|record| record.is_judged()).collect();
        let gone = |line: &'a Line| match &line.what {
            What::Finding(id) if line.decidable && !shown.contains(id) => {
                judged.iter().any(|record| can_show(&record.cites, id)).then_some((id, line.reason()))
            }
            _ => None,
        };
        self.lines.iter().filter_map(gone).collect::<Vec<_>>().into_iter()
    }

    /// Whether a line names fixtures of which all were planned, and all passed.
    pub(crate) fn only_passes(&self, what: &str, records: &[&Record]) -> bool {
        let Some(line) = self.lines.iter().find(|line| line.decidable && line.what.to_string() == what)
        else {
            return false;
        };
        let mut named = records.iter().filter(|record| line.what.matches(&record.fixture)).peekable();
        named.peek().is_some() && named.all(|record| record.expectation == Expectation::UnexpectedPass)
    }

    /// Each line: what it names, and its reason.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (String, Option<&str>)> {
        self.lines.iter().map(|line| (line.what.to_string(), line.reason.as_deref()))
    }

    /// Whether a fixture is on the list itself.
    pub(crate) fn names(&self, fixture: &str) -> bool {
        self.lines.iter().any(|line| line.what.matches(fixture))
    }
}

/// What a line names, and its reason; none where the line says nothing.
pub(crate) fn split(line: &str) -> Option<(&str, Option<&str>)> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (what, reason) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    Some((what, Some(reason.trim()).filter(|reason| !reason.is_empty())))
}

/// Whether a fixture that cites these requirements can show a finding. What
/// the judge holds every call to is shown by any.
fn can_show(cites: &[String], finding: &FindingId) -> bool {
    cites.contains(&finding.requirement) || of_the_judge().contains(&finding.requirement.as_str())
}

impl Line {
    fn reason(&self) -> &str {
        self.reason.as_deref().unwrap_or(NO_REASON)
    }
}

impl What {
    fn named<'a>(
        what: &str,
        ids: impl Iterator<Item = &'a str> + Clone,
        requirements: &Requirements,
    ) -> Result<Self, Problem> {
        let named = Self::try_from(what.to_owned())?;
        match &named {
            Self::Finding(id) if requirements.get(&id.requirement).is_none() => {
                let all = requirements.requirements.iter().map(|requirement| &requirement.id);
                Err(Problem::NoRequirement(brief(what), hint(&id.requirement, all)))
            }
            Self::Fixtures(_, glob) if !ids.clone().any(|id| glob.matches(id)) => {
                Err(Problem::NoMatch(brief(what), hint(what, ids)))
            }
            _ => Ok(named),
        }
    }

    fn matches(&self, fixture: &str) -> bool {
        matches!(self, Self::Fixtures(_, glob) if glob.matches(fixture))
    }

    fn may_be_of(&self, mismatch: &Mismatch) -> bool {
        matches!(self, Self::Finding(id) if id.may_be_of(mismatch))
    }
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fixtures(pattern, _) => f.write_str(pattern),
            Self::Finding(id) => write!(f, "{FINDING}{id}"),
        }
    }
}

impl PartialEq for What {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl From<What> for String {
    fn from(what: What) -> Self {
        what.to_string()
    }
}

impl TryFrom<String> for What {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        Ok(match text.strip_prefix(FINDING) {
            Some(id) => Self::Finding(id.parse().map_err(|error| Problem::Finding(brief(&text), error))?),
            None => {
                let glob = Glob::new(&text).map_err(|error| Problem::Glob(brief(&text), error))?;
                Self::Fixtures(text, glob)
            }
        })
    }
}
