//! The operations of the service that this crate knows: the one that makes
//! sets, and those that put them to use.

use serde::{Deserialize, Serialize};

use super::{Exception, OperationShape, names, operation_shape};

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

    /// The operation as the service model has it.
    ///
    /// # Panics
    /// If the model lacks it, which a test rules out.
    #[must_use]
    pub fn shape(self) -> &'static OperationShape {
        operation_shape(self.name()).expect("the model has every operation that is served")
    }

    /// The exceptions that the documents name for it: those of the service
    /// model, and those that only the prose has.
    pub fn exceptions(self) -> impl Iterator<Item = Exception> {
        let of_model = self.shape().errors.keys().filter_map(|code| Exception::from_code(code));
        let too_large = Some(Exception::InvalidParameterValueException);
        let of_prose = [
            Some(Exception::SubscriptionRequiredException),
            too_large.filter(|_| self == Self::DescribeAttachment),
        ];
        of_model.chain(of_prose.into_iter().flatten())
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
