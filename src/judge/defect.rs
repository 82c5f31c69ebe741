//! The sorts of defect.

use serde::{Deserialize, Serialize};

/// The sorts of defect that users fix in different ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Defect {
    /// A success reported for an answer that carries no valid output.
    FalseSuccess,
    /// No answer by the deadline.
    Hang,
    /// The client's process ended without answering.
    Crash,
    /// An exception from outside the client's own error types.
    ForeignException,
    /// The error's code did not reach the caller.
    LostCode,
    /// The caller got another error code.
    WrongCode,
    /// The error's message did not reach the caller as it was sent.
    WrongMessage,
    /// The status or request id did not reach the caller as it was sent.
    WrongMetadata,
    /// The caller got another sort of error.
    WrongKind,
    /// An error reported for a valid output.
    FalseError,
    /// The caller got another output.
    WrongOutput,
    /// An outcome reported without any request.
    NoContact,
    /// Fewer requests than required.
    TooFewRequests,
    /// More requests than allowed.
    TooManyRequests,
    /// The request line is wrong.
    RequestLine,
    /// The target header is wrong.
    Target,
    /// The content type is wrong.
    ContentType,
    /// The body's framing is wrong.
    Framing,
    /// A header is not as the fixture requires.
    Header,
    /// The body is not valid JSON in UTF-8.
    Json,
    /// A member is unknown, null or stands twice.
    Member,
    /// A member has the wrong type.
    MemberType,
    /// Attachment data is not padded standard base64.
    Base64,
    /// The input that arrived is not the one that was given.
    Input,
    /// A retried request has another body than the first.
    RetryBody,
    /// A retry came sooner than the server asked.
    EarlyRetry,
    /// The signature is not valid.
    Signature,
    /// The server accepted a call that the documents refuse.
    Accepted,
    /// The server refused a call that the documents allow.
    Refused,
    /// The server answered with another error.
    OtherError,
    /// The server did not name the error.
    UnnamedError,
    /// The server answered with another status.
    OtherStatus,
    /// The server answered with another output.
    OtherOutput,
    /// The server's answer has another form than the protocol's.
    AnswerForm,
    /// The server's answer is neither an output nor an error.
    UnreadableAnswer,
    /// The server gave no whole HTTP answer.
    BrokenAnswer,
}

impl Defect {
    /// The word used in results.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FalseSuccess => "false-success",
            Self::Hang => "hang",
            Self::Crash => "crash",
            Self::ForeignException => "foreign-exception",
            Self::LostCode => "lost-code",
            Self::WrongCode => "wrong-code",
            Self::WrongMessage => "wrong-message",
            Self::WrongMetadata => "wrong-metadata",
            Self::WrongKind => "wrong-kind",
            Self::FalseError => "false-error",
            Self::WrongOutput => "wrong-output",
            Self::NoContact => "no-contact",
            Self::TooFewRequests => "too-few-requests",
            Self::TooManyRequests => "too-many-requests",
            Self::RequestLine => "request-line",
            Self::Target => "target",
            Self::ContentType => "content-type",
            Self::Framing => "framing",
            Self::Header => "header",
            Self::Json => "json",
            Self::Member => "member",
            Self::MemberType => "member-type",
            Self::Base64 => "base64",
            Self::Input => "input",
            Self::RetryBody => "retry-body",
            Self::EarlyRetry => "early-retry",
            Self::Signature => "signature",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::OtherError => "other-error",
            Self::UnnamedError => "unnamed-error",
            Self::OtherStatus => "other-status",
            Self::OtherOutput => "other-output",
            Self::AnswerForm => "answer-form",
            Self::UnreadableAnswer => "unreadable-answer",
            Self::BrokenAnswer => "broken-answer",
        }
    }

    /// What the defect means, in a few words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::FalseSuccess => "reported success for an answer that carries no valid output",
            Self::Hang => "gave no answer by the deadline",
            Self::Crash => "ended without answering",
            Self::ForeignException => "raised an exception from outside its own error types",
            Self::LostCode => "lost the error code",
            Self::WrongCode => "reported another error code",
            Self::WrongMessage => "did not report the error's message",
            Self::WrongMetadata => "reported another status or request id",
            Self::WrongKind => "reported another sort of error",
            Self::FalseError => "reported an error for a valid output",
            Self::WrongOutput => "reported another output",
            Self::NoContact => "reported an outcome without sending a request",
            Self::TooFewRequests => "sent fewer requests than required",
            Self::TooManyRequests => "sent more requests than allowed",
            Self::RequestLine => "sent a wrong request line",
            Self::Target => "sent a wrong X-Amz-Target",
            Self::ContentType => "sent a wrong Content-Type",
            Self::Framing => "framed the request's body wrongly",
            Self::Header => "sent a wrong header",
            Self::Json => "sent a body that is not JSON in UTF-8",
            Self::Member => "sent a member that does not belong there",
            Self::MemberType => "sent a member of the wrong type",
            Self::Base64 => "sent data that is not padded standard base64",
            Self::Input => "sent another input than it was given",
            Self::RetryBody => "changed the body when it retried",
            Self::EarlyRetry => "retried sooner than the server asked",
            Self::Signature => "sent an invalid signature",
            Self::Accepted => "accepted what the documents refuse",
            Self::Refused => "refused what the documents allow",
            Self::OtherError => "answered with another error",
            Self::UnnamedError => "did not name the error",
            Self::OtherStatus => "answered with another status",
            Self::OtherOutput => "answered with another output",
            Self::AnswerForm => "answered in another form than the protocol's",
            Self::UnreadableAnswer => "answered with neither an output nor an error",
            Self::BrokenAnswer => "gave no whole HTTP answer",
        }
    }
}
