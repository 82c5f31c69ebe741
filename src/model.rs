//! The service: its operations as a table of shapes, its errors and its
//! documented limits.
//!
//! The shapes are those of the service model (API version 2013-04-15). What
//! the model leaves optional is an [`Option`] here: an absent member and an
//! empty one are different things on the wire.

mod operation;
mod shape;
mod value;

use std::time::Duration;

pub use operation::Operation;
pub use shape::{Member, Model, ModelError, OperationShape, Shape, Structure, operation_shape};
pub use value::Value;

/// The input of `AddAttachmentsToSet`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Input {
    /// The set to add to; without it, a new set is made.
    pub attachment_set_id: Option<String>,
    /// The attachments to add. The model's only required member; absent here
    /// means that it was absent on the wire.
    pub attachments: Option<Vec<Attachment>>,
    /// Whether to validate the call without performing it.
    pub dry_run: Option<bool>,
}

/// One file to attach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Attachment {
    /// The file's name.
    pub file_name: Option<String>,
    /// The file's content: the bytes themselves, not their base64.
    pub data: Option<Vec<u8>>,
}

/// The output of `AddAttachmentsToSet`. The model requires neither member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Output {
    /// The set that the attachments are in.
    pub attachment_set_id: Option<String>,
    /// When the set expires. A string of unspecified form: opaque.
    pub expiry_time: Option<String>,
}

/// An error that the service sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct ServiceError {
    /// The error's shape name without namespace, if the response named one.
    pub code: Option<String>,
    /// The error's message, if the response had one.
    pub message: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// The value of the `x-amzn-requestid` header.
    pub request_id: Option<String>,
}

/// An exception that the documents name for one of the operations here; see
/// [`Operation::exceptions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exception {
    /// An internal server error occurred.
    InternalServerError,
    /// No set has the given id.
    AttachmentSetIdNotFound,
    /// The set's hour has passed.
    AttachmentSetExpired,
    /// More than three attachments in the set, or one above 5 MB.
    AttachmentSetSizeLimitExceeded,
    /// Too many sets created in a short period of time.
    AttachmentLimitExceeded,
    /// The call was valid and not performed, because `dryRun` was true.
    DryRunOperationException,
    /// The account has no support plan; documented on every operation and
    /// modelled on none.
    SubscriptionRequiredException,
    /// No case has the given id.
    CaseIdNotFound,
    /// Too many cases are open.
    CaseCreationLimitExceeded,
    /// No attachment has the given id.
    AttachmentIdNotFound,
    /// Too many attachments were asked for in a short period of time.
    DescribeAttachmentLimitExceeded,
    /// The attachment is larger than `DescribeAttachment` can return;
    /// documented there and modelled nowhere.
    InvalidParameterValueException,
}

impl Exception {
    /// Every documented exception.
    pub const ALL: [Self; 12] = [
        Self::InternalServerError,
        Self::AttachmentSetIdNotFound,
        Self::AttachmentSetExpired,
        Self::AttachmentSetSizeLimitExceeded,
        Self::AttachmentLimitExceeded,
        Self::DryRunOperationException,
        Self::SubscriptionRequiredException,
        Self::CaseIdNotFound,
        Self::CaseCreationLimitExceeded,
        Self::AttachmentIdNotFound,
        Self::DescribeAttachmentLimitExceeded,
        Self::InvalidParameterValueException,
    ];

    /// The error code: the shape's name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InternalServerError => "InternalServerError",
            Self::AttachmentSetIdNotFound => "AttachmentSetIdNotFound",
            Self::AttachmentSetExpired => "AttachmentSetExpired",
            Self::AttachmentSetSizeLimitExceeded => "AttachmentSetSizeLimitExceeded",
            Self::AttachmentLimitExceeded => "AttachmentLimitExceeded",
            Self::DryRunOperationException => "DryRunOperationException",
            Self::SubscriptionRequiredException => "SubscriptionRequiredException",
            Self::CaseIdNotFound => "CaseIdNotFound",
            Self::CaseCreationLimitExceeded => "CaseCreationLimitExceeded",
            Self::AttachmentIdNotFound => "AttachmentIdNotFound",
            Self::DescribeAttachmentLimitExceeded => "DescribeAttachmentLimitExceeded",
            Self::InvalidParameterValueException => "InvalidParameterValueException",
        }
    }

    /// The exception with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|exception| exception.code() == code)
    }

    /// The HTTP status: 500 for the server's fault, 400 for the caller's. For
    /// `DryRunOperationException`, `SubscriptionRequiredException` and
    /// `InvalidParameterValueException` no page states it; 400 follows from the
    /// fault.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::InternalServerError => 500,
            _ => 400,
        }
    }
}

/// The HTTP and signing names of the operation.
pub mod names {
    /// What precedes the operation's name and a dot in `X-Amz-Target`.
    pub const TARGET_PREFIX: &str = "AWSSupport_20130415";
    /// The `X-Amz-Target` header.
    pub const TARGET: &str = "AWSSupport_20130415.AddAttachmentsToSet";
    /// The `Content-Type` of requests and of responses.
    pub const CONTENT_TYPE: &str = "application/x-amz-json-1.1";
    /// The service name in a signature's scope.
    pub const SIGNING_NAME: &str = "support";
    /// The region in a signature's scope, whatever region is configured in
    /// the `aws` partition.
    pub const SIGNING_REGION: &str = "us-east-1";
}

/// The documented limits.
pub mod limits {
    use super::Duration;

    /// Attachments in one set.
    pub const ATTACHMENTS_PER_SET: usize = 3;
    /// Bytes that are within "5 MB" by every reading.
    pub const SURELY_ALLOWED_BYTES: usize = 5_000_000;
    /// The most bytes that "5 MB" can mean; one more is too many by every
    /// reading. What lies between the two is unspecified.
    pub const POSSIBLY_ALLOWED_BYTES: usize = 5 * 1024 * 1024;
    /// How long a set lives, from its creation.
    pub const SET_LIFETIME: Duration = Duration::from_secs(60 * 60);
    /// Characters in the text of a communication; there is at least one.
    pub const COMMUNICATION_CHARS: usize = 8_000;
    /// Addresses that get a copy.
    pub const CC_ADDRESSES: usize = 10;
    /// Cases that one call asks for by id.
    pub const CASE_IDS: usize = 100;
    /// Results on one page, where a call says how many.
    pub const PAGE: std::ops::RangeInclusive<i32> = 10..=100;
    /// Communications that come with a case: the most recent ones.
    pub const RECENT_COMMUNICATIONS: usize = 5;
}
