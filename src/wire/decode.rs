//! The decoder of both messages.
//!
//! Decoding is total: any status, headers and bytes give a value or an error,
//! never a panic, in time linear in the input.

mod plain;
mod request;
mod response;
mod shape;

pub use plain::plain_input;
pub use request::{Decoded, any_input, input};
pub use response::{any_response, error_code, response};
pub use shape::{Note, NoteKind, members};

/// Why a body is not the message that it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct DecodeError {
    /// The JSON path of the offending value; `$` is the whole body.
    pub path: String,
    /// What kind of thing is wrong there.
    pub kind: DecodeErrorKind,
    /// What is wrong there, in words.
    pub reason: String,
}

/// The kinds of thing that can be wrong with a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DecodeErrorKind {
    /// It is empty, not UTF-8, or not JSON.
    Syntax,
    /// A value has the wrong type.
    Type,
    /// A blob is not padded standard base64.
    Base64,
}

impl DecodeError {
    pub(super) fn whole(reason: impl Into<String>) -> Self {
        Self { path: "$".into(), kind: DecodeErrorKind::Syntax, reason: reason.into() }
    }
}

/// A body as text.
pub(super) fn utf8(body: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(body)
        .map_err(|error| DecodeError::whole(format!("not UTF-8 after byte {}", error.valid_up_to())))
}
