//! Exit codes, and the errors that end a command.

use crate::text::{cut, visible};

/// How many characters of an error are shown.
const MAX_ERROR: usize = 32_768;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything is as expected, and something was judged.
    Conforms,
    /// An unexpected failure or pass, something that is missing from the
    /// results, or an uncovered requirement.
    Unexpected,
    /// There is no verdict: nothing was judged, or a client could not be run.
    NotJudged,
    /// A signal interrupted it.
    Interrupted,
}

impl Exit {
    /// The exit code of [`Exit::Conforms`].
    pub const CONFORMS: u8 = 0;
    /// The exit code of [`Exit::Unexpected`].
    pub const UNEXPECTED: u8 = 1;
    /// The exit code of [`Exit::NotJudged`] and of a [`UsageError`]: what is to
    /// be judged, or with what, has to be set right before there is a verdict.
    pub const USAGE: u8 = 2;
    /// The exit code of an [`Error::Output`].
    pub const OUTPUT: u8 = 3;
    /// The exit code of [`Exit::Interrupted`], whichever signal it was: what
    /// shells give a program that Ctrl-C ended, 128 and the number of SIGINT.
    pub const INTERRUPTED: u8 = 130;

    /// Every exit code of the program and what it means. docs/ci.md,
    /// docs/semver.md and `--help` have this table.
    pub const TABLE: &[(u8, &str)] = &[
        (Self::CONFORMS, "the results are as expected, and at least one fixture was judged"),
        (
            Self::UNEXPECTED,
            "an unexpected failure or pass, an outdated line in the list of known failures, or \
             incomplete results",
        ),
        (Self::USAGE, "no verdict: a usage or set-up error, nothing was judged, or the machine was too slow"),
        (Self::OUTPUT, "a report, the results or standard output could not be written"),
        (Self::INTERRUPTED, "interrupted by Ctrl-C, SIGTERM or SIGHUP; reports contain the results so far"),
    ];

    /// The exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Conforms => Self::CONFORMS,
            Self::Unexpected => Self::UNEXPECTED,
            Self::NotJudged => Self::USAGE,
            Self::Interrupted => Self::INTERRUPTED,
        }
    }
}

/// Why a command came to no end of its own.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A mistake of the user's, or something missing on the machine.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// Something could not be written, on a full disk perhaps.
    #[error("{}", cut(&visible(.0), MAX_ERROR))]
    Output(String),
}

impl Error {
    /// The exit code.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => Exit::USAGE,
            Self::Output(_) => Exit::OUTPUT,
        }
    }
}

/// A mistake of the user's, or something missing on the machine. It may quote
/// files and programs: what a terminal or a CI server would obey is escaped as it
/// is shown.
#[derive(Debug, thiserror::Error)]
#[error("{}", cut(&visible(.0), MAX_ERROR))]
pub struct UsageError(pub(super) String);

impl UsageError {
    pub(super) fn new(message: impl std::fmt::Display) -> Self {
        Self(message.to_string())
    }
}
