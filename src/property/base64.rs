//! Base64: the engine in use agrees with the scalar one and with the rule.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::naive;
use crate::wire::encode::{base64, from_base64};

/// Bytes are written as the scalar engine writes them, and read back.
///
/// # Panics
/// Where they are not.
pub fn base64_bytes(bytes: &[u8]) {
    let text = base64(bytes);
    assert_eq!(text, BASE64_STANDARD.encode(bytes));
    assert!(naive::is_base64(&text), "{text:?} is not padded standard base64");
    assert_eq!(from_base64(&text).as_deref(), Ok(bytes));
}

/// A string is decoded if and only if it is padded standard base64 in its
/// canonical form, and then as by the scalar engine reads it.
///
/// # Panics
/// Where it is not.
pub fn base64_text(text: &str) {
    let read = from_base64(text);
    assert_eq!(read.is_ok(), naive::is_base64(text), "{text:?}");
    assert_eq!(read.ok(), BASE64_STANDARD.decode(text).ok(), "{text:?}");
}
