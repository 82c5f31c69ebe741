//! The errors below the operation: of HTTP, of the protocol, of signatures.
//!
//! They are well-formed awsJson1_1 errors with the shape's bare name in
//! `__type`, the form that the protocol recommends. The names are those of
//! the documents' common errors and of other services of this protocol. Where
//! the sources disagree on a status, the one that was seen from such services
//! stands here. No document gives an order; ours is the order of the variants.

use super::caller::Foreign;
use super::worlds::WorldError;
use crate::lint::Warning;
use crate::model::{Operation, ServiceError, names};
use crate::service::choices;
use crate::wire::decode::DecodeError;
use crate::wire::shortened;
use crate::wire::sign::SignatureError;

/// Why a request never reached the operation.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProtocolError {
    /// It is not one that this server may respond to.
    #[error("{0}")]
    Foreign(#[from] Foreign),
    /// A transfer coding beside chunked. RFC 9112 section 6.1 asks for a 501.
    #[error("the transfer coding is {0:?}, where only chunked is known")]
    Coding(String),
    /// Not `POST /`.
    #[error("the request is {0}, where the protocol has POST /")]
    Route(String),
    /// Another content type than the protocol's.
    #[error("the content type is not {}", names::CONTENT_TYPE)]
    ContentType,
    /// No target, or another operation than those served.
    #[error("the target is none of {}", served())]
    Target,
    /// The body is longer than the server takes.
    #[error("the body is longer than {0} bytes")]
    TooLarge(usize),
    /// There is no room for the body, or for the response.
    #[error("there is no room for so many bytes beside what is under way; send it again later")]
    Full,
    /// The body did not come in time.
    #[error("the body did not come within {0} seconds")]
    Slow(u64),
    /// The body's framing is broken, or the connection ended within it.
    #[error("the body is incomplete: {0}")]
    Framing(String),
    /// The signature is not valid.
    #[error("{0}")]
    Signature(#[from] SignatureError),
    /// The body is not the operation's input.
    #[error("{0}")]
    Body(#[from] DecodeError),
    /// The body has more parts than any input has use for.
    #[error("the body has more than {0} members")]
    Crowded(usize),
    /// There is no world for it.
    #[error("{0}")]
    World(#[from] WorldError),
    /// Lint refuses the call.
    #[error("{0}")]
    Lint(Warning),
    /// Something that cannot happen did.
    #[error("{0}")]
    Internal(&'static str),
}

impl ProtocolError {
    /// The code and the status.
    fn name(&self) -> (&'static str, u16) {
        match self {
            // Common errors: 404; captured from a service: 400.
            Self::Route(_) | Self::Target => ("UnknownOperationException", 400),
            // As AWS's own server framework for this protocol has it.
            Self::ContentType => ("UnsupportedMediaTypeException", 415),
            Self::TooLarge(_) => ("RequestEntityTooLargeException", 413),
            Self::Slow(_) => ("RequestTimeoutException", 408),
            Self::Full | Self::World(WorldError::Full(..)) => (choices::UNAVAILABLE, 503),
            Self::Lint(_) => ("LintException", 400),
            Self::World(_) => ("UnrecognizedClientException", 403),
            Self::Coding(_) => ("NotImplementedException", 501),
            Self::Framing(_) | Self::Foreign(Foreign::Hosts(_)) => ("MalformedHttpRequestException", 400),
            // Common errors: 400; of a request that is not to be served at all,
            // RFC 9110 section 15.5.4.
            Self::Foreign(_) => ("AccessDeniedException", 403),
            Self::Body(_) | Self::Crowded(_) => ("SerializationException", 400),
            Self::Internal(_) => ("InternalServerError", 500),
            Self::Signature(error) => match error {
                SignatureError::Missing => ("MissingAuthenticationTokenException", 400),
                SignatureError::Malformed(_) | SignatureError::Algorithm(_) | SignatureError::Date => {
                    ("IncompleteSignatureException", 400)
                }
                SignatureError::AccessKey(_) | SignatureError::Token => ("UnrecognizedClientException", 403),
                _ => ("InvalidSignatureException", 403),
            },
        }
    }

    /// The HTTP status.
    pub(super) fn status(&self) -> u16 {
        self.name().1
    }

    /// The message, which is no longer than a reader can use.
    pub(super) fn message(&self) -> String {
        shortened(&self.to_string()).into_owned()
    }

    pub(super) fn error(&self, request_id: &str) -> ServiceError {
        let (code, status) = self.name();
        ServiceError {
            code: Some(code.into()),
            message: Some(self.message()),
            status,
            request_id: Some(request_id.into()),
        }
    }
}

/// The targets that are served, for people to read.
fn served() -> String {
    format!("{}.{{{}}}", names::TARGET_PREFIX, Operation::ALL.map(Operation::name).join(", "))
}
