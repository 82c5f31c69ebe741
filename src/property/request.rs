//! Requests: decoding is total and deterministic, agrees with the rules, and
//! undoes encoding.

use super::naive::{self, Body};
use crate::model::Input;
use crate::wire::decode::{self, Note, NoteKind};
use crate::wire::{encode, http1};

/// An input is the same after encoding and decoding, its JSON is what the
/// protocol says, and so is the HTTP request around it.
///
/// # Panics
/// Where it is not.
pub fn request_round_trip(input: &Input) {
    let body = encode::input_body(input);
    let json: serde_json::Value = match serde_json::from_slice(&body) {
        Ok(json) => json,
        Err(error) => panic!("the body is not JSON: {error}: {}", body.escape_ascii()),
    };
    assert_eq!(json, naive::input_json(input));
    decodes_to(&body, input);

    let request = encode::request(input, "localhost");
    let bytes = http1::request_bytes(&request);
    let head = match http1::request_head(&bytes) {
        Ok(head) => head,
        Err(error) => panic!("the request is not HTTP/1.1: {error}"),
    };
    let rest = bytes.get(head.len..).unwrap_or_default();
    let (parsed, _) = head.framing.and_then(|framing| http1::body(rest, framing)).unwrap_or_default();
    assert_eq!((&head.request.method, &head.request.target), (&"POST".into(), &"/".into()));
    assert_eq!(head.request.headers, request.headers);
    assert_eq!(head.request.headers.get("x-amz-target"), Some("AWSSupport_20130415.AddAttachmentsToSet"));
    assert_eq!(head.request.headers.get("content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(parsed, body);
}

/// Any bytes as the body of a request can be decoded, or refused. What else
/// holds costs more than that, and is [`request_body`]'s.
///
/// # Panics
/// Where they cannot.
pub fn decodes_request(body: &[u8]) {
    std::hint::black_box(decode::input(body).ok());
}

/// Any bytes are a request's body or not, as the rules say, and what is wrong
/// has a place.
///
/// # Panics
/// Where that is not so.
pub fn request_body(body: &[u8]) {
    let decoded = decode::input(body);
    match (naive::body(body), &decoded) {
        (Body::Unreadable, Ok(decoded)) => panic!("not a JSON object, yet {decoded:?}"),
        (Body::Object(members), _)
            if !naive::has_duplicate_keys(&String::from_utf8_lossy(body), &members) =>
        {
            match (&decoded, naive::input(&members)) {
                (Ok(decoded), Ok(right)) => {
                    assert_eq!((&decoded.input, &decoded.notes), (&right.0, &right.1))
                }
                (Err(error), Err(right)) => assert_eq!((&error.path, error.kind), (&right.0, right.1)),
                (decoded, right) => panic!("{decoded:?} should be {right:?}"),
            }
        }
        // Of duplicate keys the last counts.
        (Body::Object(members), Ok(decoded)) => {
            assert_eq!(Ok(&decoded.input), naive::input(&members).as_ref().map(|(input, _)| input));
            // Twins in an unknown member's value are nobody's business.
            let odd = |note: &Note| matches!(note.kind, NoteKind::Duplicate | NoteKind::Unknown);
            assert!(decoded.notes.iter().any(odd), "nothing of duplicate keys in {:?}", decoded.notes);
        }
        (Body::Object(_) | Body::Beyond, _) | (Body::Unreadable, Err(_)) => {}
    }
    assert_eq!(decode::input(body), decoded, "decoding twice differs");
    if let Err(error) = decoded {
        assert!(error.path.starts_with('$'), "{error} names no place");
    }
}

fn decodes_to(body: &[u8], input: &Input) {
    match decode::input(body) {
        Ok(decoded) => {
            assert_eq!(decoded.input, *input);
            assert_eq!(decoded.notes, [], "{}", body.escape_ascii());
        }
        Err(error) => panic!("what was encoded does not decode: {error}: {}", body.escape_ascii()),
    }
}
