//! What a finding is called.

use std::str::FromStr;

use crate::fixture::Defect;
use crate::judge::Mismatch;
use crate::nearest::hint;

/// What a finding is called wherever it shows: the way to be wrong, a slash,
/// and the requirement that is broken, such as
/// `lost-code/protocol.error-type-header`. It can be typed, and stand in a link.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FindingId {
    /// The way to be wrong.
    pub defect: Defect,
    /// The id of the requirement that is broken.
    pub requirement: String,
}

/// Why a text is not the id of a finding.
#[derive(Debug, thiserror::Error)]
pub enum FindingIdError {
    /// There is no slash in it.
    #[error("expected DEFECT/REQUIREMENT, such as lost-code/protocol.error-type-header")]
    Form,
    /// There is no such defect; the second part names the nearest one.
    #[error("there is no defect {0}{1}")]
    Defect(String, String),
}

impl FindingId {
    /// The finding that a mismatch shows.
    #[must_use]
    pub fn of(mismatch: &Mismatch) -> Self {
        Self { defect: mismatch.defect, requirement: mismatch.requirement.clone() }
    }

    /// Whether a mismatch shows it; before it is attributed, whether it may.
    #[must_use]
    pub fn may_be_of(&self, mismatch: &Mismatch) -> bool {
        let others = if mismatch.is_attributed() { &[][..] } else { &mismatch.otherwise };
        let mut violated = std::iter::once(&mismatch.requirement).chain(others);
        self.defect == mismatch.defect && violated.any(|requirement| *requirement == self.requirement)
    }
}

impl std::fmt::Display for FindingId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.defect.as_str(), self.requirement)
    }
}

impl FromStr for FindingId {
    type Err = FindingIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (word, requirement) = text.split_once('/').ok_or(FindingIdError::Form)?;
        let defect = Defect::ALL.iter().copied().find(|defect| defect.as_str() == word).ok_or_else(|| {
            FindingIdError::Defect(word.into(), hint(word, Defect::ALL.iter().map(|defect| defect.as_str())))
        })?;
        Ok(Self { defect, requirement: requirement.into() })
    }
}
