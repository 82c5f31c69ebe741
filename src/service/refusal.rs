//! Why a call is refused, and how that is said.

use super::choices;
use crate::model::{Exception, ServiceError};

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// With an exception that the documents name.
    #[error("{}", message(*.0))]
    Exception(Exception),
    /// The input is not valid, and the documents name no exception for it.
    #[error("{0}")]
    Invalid(String),
    /// The attachment is known, but its data is no longer kept. The documents
    /// name no exception for that; the nearest is the one for an unknown id.
    #[error("The data of the attachment is no longer kept, to make room for newer data.")]
    DataNotKept,
    /// There is no room for what the call would add, and the documents name no
    /// exception for that.
    #[error("There is no room for more communications; resolve cases to make room.")]
    NoRoom,
}

impl Refusal {
    /// The error code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Exception(exception) => exception.code(),
            Self::Invalid(_) => choices::INVALID_INPUT,
            Self::DataNotKept => Exception::AttachmentIdNotFound.code(),
            Self::NoRoom => choices::UNAVAILABLE,
        }
    }

    /// The error as the service sends it.
    #[must_use]
    pub fn error(&self, request_id: &str) -> ServiceError {
        ServiceError {
            code: Some(self.code().into()),
            message: Some(self.to_string()),
            status: match self {
                Self::Exception(exception) => exception.status(),
                Self::Invalid(_) => 400,
                Self::DataNotKept => Exception::AttachmentIdNotFound.status(),
                Self::NoRoom => 503,
            },
            request_id: Some(request_id.into()),
        }
    }
}

impl From<Exception> for Refusal {
    fn from(exception: Exception) -> Self {
        Self::Exception(exception)
    }
}

/// The message that goes with an exception: the documents' words for it. What
/// the real service says is not documented, but for
/// `SubscriptionRequiredException`, whose message is known from reports and
/// which programs compare with.
#[must_use]
pub fn message(exception: Exception) -> &'static str {
    match exception {
        Exception::InternalServerError => "An internal server error occurred.",
        Exception::AttachmentSetIdNotFound => "An attachment set with the specified ID could not be found.",
        Exception::AttachmentSetExpired => {
            "The expiration time of the attachment set has passed. The set expires 1 hour after it is created."
        }
        Exception::AttachmentSetSizeLimitExceeded => {
            "A limit for the size of an attachment set has been exceeded. \
             The limits are three attachments and 5 MB per attachment."
        }
        Exception::AttachmentLimitExceeded => {
            "The limit for the number of attachment sets created in a short period of time has been exceeded."
        }
        Exception::DryRunOperationException => {
            "The request was valid and was not performed, because dryRun was true."
        }
        Exception::SubscriptionRequiredException => {
            "Amazon Web Services Premium Support Subscription is required to use this service."
        }
        Exception::CaseIdNotFound => "The requested CaseId could not be located.",
        Exception::CaseCreationLimitExceeded => "The case creation limit for the account has been exceeded.",
        Exception::AttachmentIdNotFound => "An attachment with the specified ID could not be found.",
        Exception::DescribeAttachmentLimitExceeded => {
            "The limit for the number of DescribeAttachment requests in a short period of time has been exceeded."
        }
        Exception::InvalidParameterValueException => "The specified attachment is larger than 5 MB.",
    }
}

/// A broken constraint on a member, in the words of other services of this
/// protocol.
pub(super) fn constraint(member: &str, constraint: &str) -> Refusal {
    Refusal::Invalid(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: {constraint}"
    ))
}
