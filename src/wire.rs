//! Plain HTTP request and response values, and the codec that fills and reads
//! them.
//!
//! Nothing here does I/O. A header's value is kept as text in which every
//! character stands for one byte (ISO 8859-1), so that no byte a network can
//! send is lost.

#![warn(clippy::expect_used)]

pub mod answer;
pub mod cases;
pub mod decode;
pub mod encode;
pub mod http1;
mod loose;
pub mod outcome;
pub mod sender;
#[cfg(feature = "sign")]
pub mod sign;

use std::borrow::Cow;

/// An HTTP request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The method, such as `POST`.
    pub method: String,
    /// The request target: path and query.
    pub target: String,
    /// The header fields, in the order in which they came.
    pub headers: Headers,
    /// The body, with transfer coding removed.
    pub body: Vec<u8>,
}

/// An HTTP response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header fields, in the order in which they came.
    pub headers: Headers,
    /// The body, with transfer coding removed.
    pub body: Vec<u8>,
}

/// Header fields in order; names compare without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// The first value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Every value of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a field after the others.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// The fields in order, names as they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        Self(fields.into_iter().map(|(n, v)| (n.into(), v.into())).collect())
    }
}

/// Text in which every character stands for one byte.
#[must_use]
pub fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The start of a string, and an ellipsis where more of it was left out: what is
/// said of a request must not be as long as the request.
#[must_use]
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    const MOST: usize = 1_000;
    match text.len() {
        0..=MOST => Cow::Borrowed(text),
        _ => Cow::Owned(format!("{}…", text.split_at(text.floor_char_boundary(MOST)).0)),
    }
}

/// The SHA-256 of some bytes, in hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    hex(&sha2::Sha256::digest(bytes))
}

/// Bytes in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or_default();
    let mut out = String::with_capacity(2 * bytes.len());
    out.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    out
}
