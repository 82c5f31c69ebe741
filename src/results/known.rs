//! Lists of known failures: they still run, and must fail.

use globset::{Glob, GlobMatcher};

/// A list of known failures. One line each: a glob of fixture ids, then the
/// reason. Empty lines and lines that start with `#` are passed over.
#[derive(Debug, Clone, Default)]
pub struct KnownFailures(Vec<Known>);

#[derive(Debug, Clone)]
struct Known {
    glob: GlobMatcher,
    reason: String,
}

/// What is wrong with a list of known failures.
#[derive(Debug, thiserror::Error)]
pub enum KnownFailuresError {
    /// A line without a reason.
    #[error("line {line}: {glob} has no reason; write one after it")]
    NoReason {
        /// The line, from 1.
        line: usize,
        /// The glob.
        glob: String,
    },
    /// A glob that cannot be read.
    #[error("line {line}: {error}")]
    Glob {
        /// The line, from 1.
        line: usize,
        /// What is wrong with the glob.
        error: globset::Error,
    },
    /// A glob that no fixture's id matches.
    #[error("line {line}: {glob} matches no fixture")]
    NoMatch {
        /// The line, from 1.
        line: usize,
        /// The glob.
        glob: String,
    },
}

impl KnownFailures {
    /// Reads a list; every glob must match one of the ids.
    ///
    /// # Errors
    /// The first line that is not a glob with a reason or matches nothing.
    pub fn parse<'a>(
        text: &str,
        ids: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<Self, KnownFailuresError> {
        let mut list = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let (line, text) = (index + 1, line.trim());
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let (glob, reason) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
            if reason.trim().is_empty() {
                return Err(KnownFailuresError::NoReason { line, glob: glob.into() });
            }
            let matcher =
                Glob::new(glob).map_err(|error| KnownFailuresError::Glob { line, error })?.compile_matcher();
            if !ids.clone().any(|id| matcher.is_match(id)) {
                return Err(KnownFailuresError::NoMatch { line, glob: glob.into() });
            }
            list.push(Known { glob: matcher, reason: reason.trim().into() });
        }
        Ok(Self(list))
    }

    /// Why a fixture is known to fail, if it is.
    #[must_use]
    pub fn reason(&self, id: &str) -> Option<&str> {
        self.0.iter().find(|known| known.glob.is_match(id)).map(|known| known.reason.as_str())
    }
}
