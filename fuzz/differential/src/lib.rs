//! This decoder and encoder against the official AWS SDK for Rust, in
//! process: the SDK's HTTP client is replaced by one that answers with given
//! bytes and keeps the request.

pub mod differences;
mod reading;
mod sdk;

use attachset::model::Input;
use attachset::wire::{Response, decode, http1};

pub use sdk::Sdk;

/// The same answer means the same to both, but for what
/// [`differences::ACCEPTED`] lists.
///
/// # Panics
/// Where it does not.
pub fn response(sdk: &Sdk, response: &Response) {
    let ours = decode::response(response);
    let Some(theirs) = sdk.outcome(response) else { return };
    if let Some(why) = differences::unexplained(response, &ours, &theirs) {
        let raw = http1::message(&response.status.to_string(), &response.headers, &response.body);
        panic!("{why}\n  answer: {}\n  ours:   {ours:?}\n  theirs: {theirs:?}", raw.escape_ascii());
    }
}

/// [`response`] for any bytes that are an HTTP/1.1 response.
///
/// # Panics
/// Where the answer means something else to the SDK.
pub fn response_bytes(sdk: &Sdk, bytes: &[u8]) {
    if let Ok(answer) = http1::response(bytes) {
        response(sdk, &answer);
    }
}

/// What the SDK encodes for an input, this decoder decodes to that input.
///
/// # Panics
/// Where it does not.
pub fn request(sdk: &Sdk, input: &Input) {
    let sent = sdk.request(input);
    let header = |name: &str| sent.headers.get(name);
    assert_eq!((sent.method.as_str(), sent.target.as_str()), ("POST", "/"));
    assert_eq!(header("x-amz-target"), Some("AWSSupport_20130415.AddAttachmentsToSet"));
    assert_eq!(header("content-type"), Some("application/x-amz-json-1.1"));
    match decode::input(&sent.body) {
        Ok(decoded) => {
            assert_eq!(decoded.input, *input);
            assert_eq!(decoded.notes, []);
        }
        Err(error) => panic!("{error}: {}", sent.body.escape_ascii()),
    }
}
