//! HTTP/1.1: what comes in pieces reads as what comes whole.

use super::{answer, naive};
use crate::wire::http1::{self, Chunks, Framing, Http1Error};
use crate::wire::{Headers, Response};

/// Into how many pieces a message is cut at most.
const PIECES: usize = 64;

/// Any bytes as a response and as a request.
///
/// # Panics
/// Where [`response_http1`] or [`request_http1`] does not hold.
pub fn http1(bytes: &[u8]) {
    response_http1(bytes);
    request_http1(bytes);
}

/// Any bytes are a response or not, always the same one; a message that says
/// where it ends is incomplete until there; what is read can be written and
/// read again, and has a meaning.
///
/// # Panics
/// Where that is not so.
pub fn response_http1(bytes: &[u8]) {
    let whole = http1::response(bytes);
    assert_eq!(http1::response(bytes), whole, "reading twice differs");
    let Ok(response) = whole else { return };
    if matches!(response.status, 204 | 304) {
        assert!(response.body.is_empty(), "status {} has no body", response.status);
    } else {
        match naive::framing(&response.headers) {
            Some(Framing::Length(length)) => assert_eq!(length, response.body.len() as u64),
            Some(Framing::Chunked | Framing::Close) => {}
            None => panic!("the framing contradicts itself, yet {response:?}"),
        }
    }
    for end in ends(bytes.len()) {
        match http1::response(bytes.get(..end).unwrap_or_default()) {
            Err(Http1Error::Incomplete(_)) => {}
            Ok(part) if !is_framed(&part.headers) => {
                assert_eq!((part.status, &part.headers), (response.status, &response.headers));
                assert!(response.body.starts_with(&part.body));
            }
            // A status that has no body ends with the head.
            Ok(part) if matches!(part.status, 204 | 304) => panic!("{part:?} is whole {end} bytes in"),
            other => panic!("{other:?} after {end} bytes of a whole response"),
        }
    }
    written_again(&response);
    answer(&response);
}

fn written_again(response: &Response) {
    let fields = response.headers.iter().filter(|(name, _)| !is_framing(name));
    let mut headers: Headers = fields.collect();
    headers.push("Content-Length", response.body.len().to_string());
    let bytes = http1::message(&format!("HTTP/1.1 {:03} ", response.status), &headers, &response.body);
    let expected = Response { headers, ..response.clone() };
    assert_eq!(http1::response(&bytes), Ok(expected));
}

/// Any bytes are a request's head or not; the head is incomplete until its
/// end, and its body reads the same in pieces as at once.
///
/// # Panics
/// Where that is not so.
pub fn request_http1(bytes: &[u8]) {
    let Ok(head) = http1::request_head(bytes) else { return };
    assert!(head.request.body.is_empty() && head.len <= bytes.len());
    // A request without framing has no body.
    let framing = naive::framing(&head.request.headers).map(|framing| match framing {
        Framing::Close => Framing::Length(0),
        framing => framing,
    });
    if framing.is_some() {
        assert_eq!(head.framing.as_ref().ok(), framing.as_ref());
    }
    for end in ends(bytes.len()) {
        match http1::request_head(bytes.get(..end).unwrap_or_default()) {
            Ok(part) => assert!(end >= head.len && part == head),
            Err(Http1Error::Incomplete(_)) => assert!(end < head.len),
            Err(error) => panic!("{error} after {end} bytes of a whole head"),
        }
    }
    let Ok(framing) = head.framing else { return };
    let rest = bytes.get(head.len..).unwrap_or_default();
    let whole = http1::body(rest, framing);
    match (framing, &whole) {
        (Framing::Length(length), Ok((body, used))) => {
            assert!(*used as u64 == length && rest.get(..*used) == Some(body));
        }
        (Framing::Length(length), Err(_)) => assert!(length > rest.len() as u64),
        (Framing::Chunked, _) => {
            assert_eq!(in_pieces(rest), whole);
            if let Ok((body, used)) = &whole {
                assert_eq!(rest.get(..*used).and_then(naive::chunks).as_ref(), Some(body));
            }
        }
        (Framing::Close, _) => panic!("a request does not end with the connection"),
    }
}

/// Reads a chunked body as a connection does, a piece after the other.
fn in_pieces(bytes: &[u8]) -> Result<(Vec<u8>, usize), Http1Error> {
    let mut chunks = Chunks::default();
    for end in ends(bytes.len()).chain([bytes.len()]) {
        if let Some(used) = chunks.read(bytes.get(..end).unwrap_or_default())? {
            return Ok((chunks.body, used));
        }
    }
    Err(Http1Error::Incomplete("the last chunk is missing"))
}

/// Where to cut: everywhere in a short message, evenly in a long one.
fn ends(len: usize) -> impl Iterator<Item = usize> {
    (0..len).step_by(len.div_ceil(PIECES).max(1))
}

fn is_framed(headers: &Headers) -> bool {
    headers.iter().any(|(name, _)| is_framing(name))
}

fn is_framing(name: &str) -> bool {
    ["content-length", "transfer-encoding"].iter().any(|framing| name.eq_ignore_ascii_case(framing))
}
