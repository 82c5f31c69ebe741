//! Selects fixtures by globs of their ids.

use crate::glob::Glob;
use crate::nearest::hint;
use crate::text::cut;

/// The most characters of a pattern that an error shows.
const SHOWN: usize = 200;

/// Why a selection is a mistake.
#[derive(Debug, thiserror::Error)]
pub enum SelectError {
    /// A pattern is not a glob.
    #[error("{option} {}: {problem}", cut(pattern, SHOWN))]
    Glob {
        /// `--only` or `--skip`.
        option: &'static str,
        /// The pattern.
        pattern: String,
        /// The reason.
        problem: String,
    },
    /// A pattern matches nothing.
    #[error("{option} {}: matches no fixture{hint}; see `attachset list`", cut(pattern, SHOWN))]
    NoMatch {
        /// `--only` or `--skip`.
        option: &'static str,
        /// The pattern.
        pattern: String,
        /// The nearest id, for a reader.
        hint: String,
    },
    /// There is nothing to select from.
    #[error("there are no fixtures in {0}")]
    NoFixtures(&'static str),
    /// Nothing is selected.
    #[error("no fixture is left to run: --skip excludes everything that --only selects")]
    Empty,
}

/// The fixtures whose id matches a pattern of `only`, or all if there is none,
/// without those that match a pattern of `skip`. `folder` is where all are from.
///
/// # Errors
/// If there are no fixtures, if a pattern is not a glob or matches no fixture, and if
/// nothing is selected.
pub(crate) fn select<T: Clone>(
    all: &[T],
    folder: &'static str,
    id: fn(&T) -> &str,
    only: &[String],
    skip: &[String],
) -> Result<Vec<T>, SelectError> {
    let compile = |option: &'static str, patterns: &[String]| {
        let compiled = patterns.iter().map(|pattern| {
            let pattern = pattern.clone();
            match Glob::new(&pattern) {
                Err(error) => Err(SelectError::Glob { option, pattern, problem: error.to_string() }),
                Ok(glob) if all.iter().any(|fixture| glob.matches(id(fixture))) => Ok(glob),
                Ok(_) => {
                    let hint = hint(&pattern, all.iter().map(id));
                    Err(SelectError::NoMatch { option, pattern, hint })
                }
            }
        });
        compiled.collect::<Result<Vec<_>, _>>()
    };
    if all.is_empty() {
        return Err(SelectError::NoFixtures(folder));
    }
    let (only, skip) = (compile("--only", only)?, compile("--skip", skip)?);
    let chosen = |fixture: &&T| {
        let named = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(id(fixture)));
        (only.is_empty() || named(&only)) && !named(&skip)
    };
    let fixtures: Vec<_> = all.iter().filter(chosen).cloned().collect();
    if fixtures.is_empty() { Err(SelectError::Empty) } else { Ok(fixtures) }
}
