//! Responses: decoding is total and deterministic, agrees with the rules, and
//! undoes encoding.

use super::naive::{self, Meaning};
use crate::model::{Output, ServiceError};
use crate::wire::outcome::{ErrorKind, Failure, Outcome};
use crate::wire::{Headers, Response, decode, encode};

/// A discriminator is cut to a code by the protocol's rule.
///
/// # Panics
/// Where it is not.
pub fn error_code(discriminator: &str) {
    assert_eq!(decode::error_code(discriminator), naive::error_code(discriminator).as_deref());
    // In the header and in the body alike.
    let json = serde_json::Value::from(discriminator);
    answer(&Response {
        status: 400,
        headers: Headers::from_iter([("x-amzn-errortype", discriminator)]),
        body: Vec::new(),
    });
    error_body(format!("{{\"__type\":{json},\"code\":\"C\"}}").as_bytes());
    error_body(format!("{{\"__type\":7,\"code\":{json}}}").as_bytes());
}

/// Any bytes as the body of a response can be decoded. What else holds costs
/// more than that, and is [`answer`]'s.
///
/// # Panics
/// Where they cannot.
pub fn decodes(status: u16, body: &[u8]) {
    let response = Response { status, headers: Headers::default(), body: body.into() };
    std::hint::black_box(decode::response(&response));
}

/// Any bytes as the body of a 200 response: see [`answer`].
///
/// # Panics
/// Where the property does not hold.
pub fn success_body(body: &[u8]) {
    answer(&Response { status: 200, headers: Headers::default(), body: body.into() });
}

/// Any bytes as the body of a 400 response: see [`answer`].
///
/// # Panics
/// Where the property does not hold.
pub fn error_body(body: &[u8]) {
    answer(&Response { status: 400, headers: Headers::default(), body: body.into() });
}

/// Any response has a meaning, always the same one, and the one that the rules
/// give it.
///
/// # Panics
/// Where it has not.
pub fn answer(response: &Response) {
    let outcome = decode::response(response);
    assert_eq!(decode::response(response), outcome, "decoding twice differs");
    metadata(response, &outcome);
    if let Some(right) = naive::answer(response) {
        assert_eq!(meaning(&outcome), right, "{response:?}");
    }
}

/// Status and request id reach the caller in every error.
fn metadata(response: &Response, outcome: &Outcome) {
    match outcome {
        Outcome::Error(error) => {
            assert_eq!(error.status, Some(response.status));
            assert_eq!(error.request_id.as_deref(), response.headers.get("x-amzn-requestid"));
        }
        Outcome::Output(_) => {
            assert_eq!(response.status / 100, 2, "success under status {}", response.status)
        }
        Outcome::Unsupported(_) => panic!("the decoder has no reason to say {outcome:?}"),
    }
}

fn meaning(outcome: &Outcome) -> Meaning {
    let text = |value: Option<&serde_json::Value>| match value {
        None => None,
        Some(serde_json::Value::String(text)) => Some(text.clone()),
        Some(other) => panic!("the decoder gave {other} for a string"),
    };
    match outcome {
        Outcome::Output(output) => Meaning::Output(Output {
            attachment_set_id: text(output.get("attachmentSetId")),
            expiry_time: text(output.get("expiryTime")),
        }),
        Outcome::Error(Failure { kind: ErrorKind::Service, code, message, .. }) => {
            Meaning::Service { code: text(code.as_ref()), message: text(message.as_ref()) }
        }
        Outcome::Error(Failure { kind: ErrorKind::Decode, code: None, message, .. }) => {
            let message = text(message.as_ref()).unwrap_or_default();
            let names = ["attachmentSetId", "expiryTime"];
            let wrong = names.into_iter().find(|name| message.starts_with(&format!("$.{name}: ")));
            assert!(wrong.is_some() || message.starts_with("$: "), "{message:?} names no place");
            Meaning::Decode(wrong)
        }
        other => panic!("the decoder has no reason to say {other:?}"),
    }
}

/// An output is the same after encoding and decoding.
///
/// # Panics
/// Where it is not.
pub fn output_round_trip(output: &Output) {
    let response = encode::output(output, "r-1");
    assert_eq!(decode::response(&response), output.clone().into());
    framed(&response);
    answer(&response);
    // And no request id is no header.
    assert_eq!(encode::output(output, "").headers.get("x-amzn-requestid"), None);
}

/// An error is the same after encoding and decoding, but for what the rule
/// for codes cuts off, and an empty request id.
///
/// # Panics
/// Where it is not.
pub fn error_round_trip(error: &ServiceError) {
    let response = encode::error(error);
    framed(&response);
    let code = error.code.as_deref().and_then(naive::error_code);
    let request_id = error.request_id.clone().filter(|id| !id.is_empty());
    let expected: Outcome = match (&code, error.status / 100) {
        (None, 2) => Output::default().into(),
        _ => ServiceError { code, request_id, ..error.clone() }.into(),
    };
    assert_eq!(decode::response(&response), expected);
    answer(&response);
}

/// A response says what it is and how long it is.
fn framed(response: &Response) {
    let length = response.body.len().to_string();
    assert_eq!(response.headers.get("content-length"), Some(&*length));
    assert_eq!(response.headers.get("content-type"), Some("application/x-amz-json-1.1"));
}
