//! Reading the id of a finding.

use std::str::FromStr;

use crate::fixture::Defect;
use crate::judge::FindingId;
use crate::nearest::hint;

/// Why a string is not the id of a finding.
#[derive(Debug, thiserror::Error)]
pub enum FindingIdError {
    /// There is no slash in it.
    #[error("expected DEFECT/REQUIREMENT, such as lost-code/protocol.error-type-header")]
    Form,
    /// There is no such defect; the second part names the nearest one.
    #[error("there is no defect {0}{1}")]
    Defect(String, String),
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
