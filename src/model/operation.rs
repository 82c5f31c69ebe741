//! The operations of the service that this crate knows: the one that makes
//! sets, and those that put them to use.

use serde::{Deserialize, Serialize};

use super::{Exception, names};

/// An operation of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation {
    /// Puts attachments into a set.
    AddAttachmentsToSet,
    /// Opens a case; it may take a set.
    CreateCase,
    /// Adds a communication to a case; it may take a set.
    AddCommunicationToCase,
    /// Lists cases.
    DescribeCases,
    /// Lists the communications of a case.
    DescribeCommunications,
    /// Gives an attachment back.
    DescribeAttachment,
    /// Closes a case.
    ResolveCase,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 7] = [
        Self::AddAttachmentsToSet,
        Self::CreateCase,
        Self::AddCommunicationToCase,
        Self::DescribeCases,
        Self::DescribeCommunications,
        Self::DescribeAttachment,
        Self::ResolveCase,
    ];

    /// The name in the service model.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AddAttachmentsToSet => "AddAttachmentsToSet",
            Self::CreateCase => "CreateCase",
            Self::AddCommunicationToCase => "AddCommunicationToCase",
            Self::DescribeCases => "DescribeCases",
            Self::DescribeCommunications => "DescribeCommunications",
            Self::DescribeAttachment => "DescribeAttachment",
            Self::ResolveCase => "ResolveCase",
        }
    }

    /// The operation that an `X-Amz-Target` header names.
    #[must_use]
    pub fn from_target(target: &str) -> Option<Self> {
        let name = target.strip_prefix(names::TARGET_PREFIX)?.strip_prefix('.')?;
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }

    /// The exceptions that the documents name for it: those of the service
    /// model, and those that only the prose has.
    #[must_use]
    pub fn exceptions(self) -> &'static [Exception] {
        use Exception as E;
        match self {
            Self::AddAttachmentsToSet => &[
                E::InternalServerError,
                E::AttachmentSetIdNotFound,
                E::AttachmentSetExpired,
                E::AttachmentSetSizeLimitExceeded,
                E::AttachmentLimitExceeded,
                E::DryRunOperationException,
                E::SubscriptionRequiredException,
            ],
            Self::CreateCase => &[
                E::InternalServerError,
                E::CaseCreationLimitExceeded,
                E::AttachmentSetIdNotFound,
                E::AttachmentSetExpired,
                E::DryRunOperationException,
                E::SubscriptionRequiredException,
            ],
            Self::AddCommunicationToCase => &[
                E::InternalServerError,
                E::CaseIdNotFound,
                E::AttachmentSetIdNotFound,
                E::AttachmentSetExpired,
                E::DryRunOperationException,
                E::SubscriptionRequiredException,
            ],
            Self::DescribeCases | Self::DescribeCommunications | Self::ResolveCase => &[
                E::InternalServerError,
                E::CaseIdNotFound,
                E::DryRunOperationException,
                E::SubscriptionRequiredException,
            ],
            Self::DescribeAttachment => &[
                E::InternalServerError,
                E::DescribeAttachmentLimitExceeded,
                E::AttachmentIdNotFound,
                E::DryRunOperationException,
                E::SubscriptionRequiredException,
                E::InvalidParameterValueException,
            ],
        }
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
