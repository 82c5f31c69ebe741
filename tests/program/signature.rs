//! Signing and verifying: what is signed verifies, and each rule can fail.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, SystemTime};

use attachset::model::Input;
use attachset::wire::sign::{Credentials, SignatureError, sign, verify};
use attachset::wire::{Headers, Request, encode, latin1};

const DATE: Duration = Duration::from_secs(1_440_938_160); // 2015-08-30T12:36:00Z

fn credentials(session_token: Option<&str>) -> Credentials {
    Credentials {
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
        session_token: session_token.map(str::to_owned),
    }
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + DATE
}

fn signed() -> Request {
    let mut request = encode::request(&Input::default(), "support.us-east-1.amazonaws.com");
    sign(&mut request, &credentials(Some("token")), now()).unwrap();
    request
}

/// The request with each header changed by `change`, which may drop it.
fn with(request: &Request, change: impl Fn(&str, &str) -> Option<String>) -> Request {
    let headers: Headers =
        request.headers.iter().filter_map(|(name, value)| Some((name, change(name, value)?))).collect();
    Request { headers, ..request.clone() }
}

fn replace(request: &Request, header: &str, from: &str, to: &str) -> Request {
    assert!(request.headers.get(header).unwrap().contains(from));
    with(request, |name, value| {
        Some(if name.eq_ignore_ascii_case(header) { value.replace(from, to) } else { value.to_owned() })
    })
}

#[track_caller]
fn refused(request: &Request, error: &SignatureError) {
    assert_eq!(verify(request, &credentials(Some("token")), now()).as_ref(), Err(error));
}

/// Computed apart from this crate, by the steps of the AWS documents, with
/// Python's hmac and hashlib.
#[test]
fn a_signature_is_the_one_that_the_documents_describe() {
    let authorization = signed().headers.get("authorization").unwrap().to_owned();
    assert_eq!(
        authorization,
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/support/aws4_request, \
         SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-security-token;x-amz-target, \
         Signature=61841d0e47d3078d36e6dec94f8c95c6cdbbfb53f21252290c6565e2519b1759"
    );
}

#[test]
fn what_is_signed_verifies() {
    assert_eq!(verify(&signed(), &credentials(Some("token")), now()), Ok(()));
    let quarter = Duration::from_secs(15 * 60);
    assert_eq!(verify(&signed(), &credentials(Some("token")), now() + quarter), Ok(()));
    assert_eq!(verify(&signed(), &credentials(Some("token")), now() - quarter), Ok(()));
}

#[test]
fn each_rule_can_fail() {
    let good = signed();
    let without = |header: &str| with(&good, |name, value| (name != header).then(|| value.to_owned()));
    let bad = |from: &str, to: &str| replace(&good, "authorization", from, to);

    refused(&without("authorization"), &SignatureError::Missing);
    refused(&without("x-amz-date"), &SignatureError::Date);
    refused(&replace(&good, "x-amz-date", "T123600Z", "T12360Z"), &SignatureError::Date);
    refused(&replace(&good, "x-amz-date", "20150830", "20151330"), &SignatureError::Date);
    refused(&bad("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"), &SignatureError::Algorithm("AWS4-HMAC-SHA1".into()));
    refused(&bad("Signature=", "Sig="), &SignatureError::Malformed("Signature"));
    refused(&bad("AKIDEXAMPLE", "AKIDOTHER"), &SignatureError::AccessKey("AKIDOTHER".into()));
    refused(
        &bad("us-east-1", "eu-west-1"),
        &SignatureError::Scope {
            expected: "20150830/us-east-1/support/aws4_request".into(),
            seen: "20150830/eu-west-1/support/aws4_request".into(),
        },
    );
    refused(&bad(";x-amz-target", ""), &SignatureError::Unsigned("x-amz-target".into()));
    refused(&bad(";host", ""), &SignatureError::Unsigned("host".into()));
    refused(&bad(";host", ";accept;host"), &SignatureError::Absent("accept".into()));
    refused(&without("x-amz-security-token"), &SignatureError::Token);
    refused(&replace(&good, "x-amz-security-token", "token", "other"), &SignatureError::Token);
    refused(&replace(&good, "x-amz-target", "Attachments", "Attachment"), &SignatureError::Mismatch);
    refused(&Request { body: b"{ }".to_vec(), ..good.clone() }, &SignatureError::Mismatch);

    let late = now() + Duration::from_secs(15 * 60 + 1);
    assert_eq!(verify(&good, &credentials(Some("token")), late), Err(SignatureError::Skew(901)));
    let mut other = credentials(Some("token"));
    other.secret_access_key.push('x');
    assert_eq!(verify(&good, &other, now()), Err(SignatureError::Mismatch));
}

#[test]
fn a_body_digest_must_be_that_of_the_body() {
    let mut request = encode::request(&Input::default(), "localhost");
    request.headers.push("x-amz-content-sha256", "0".repeat(64));
    sign(&mut request, &credentials(None), now()).unwrap();
    assert_eq!(verify(&request, &credentials(None), now()), Err(SignatureError::Payload));
}

/// A service that reads the second of two dates would take an old request.
#[test]
fn a_header_that_stands_once_is_not_there_twice() {
    let good = signed();
    for (name, value) in [
        ("X-Amz-Date", "20150830T123500Z"),
        ("x-amz-security-token", "other"),
        ("Authorization", "AWS4-HMAC-SHA256 "),
    ] {
        let mut twice = good.clone();
        twice.headers.push(name, value);
        refused(&twice, &SignatureError::Repeated(name.to_ascii_lowercase()));
    }
    let bad = |to: &str| replace(&good, "authorization", ";host;", to);
    refused(&bad(";host;host;"), &SignatureError::Repeated("host".into()));
    refused(&bad(";host;Host;"), &SignatureError::Repeated("Host".into()));
    refused(&bad(&format!(";{}", "host;".repeat(15_000))), &SignatureError::Repeated("host".into()));
}

/// Bytes beyond ASCII are signed as they are sent. Computed apart from this
/// crate, as above, over the UTF-8 of "café".
#[test]
fn a_field_in_utf8_verifies_over_its_bytes() {
    let authorization = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/support/aws4_request, \
         SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-security-token;x-amz-target;x-note, \
         Signature=73de92fcd987bb540cd186e0892034d493680b037bd3da7f56d72f469878eb2c";
    let mut request = with(&signed(), |name, value| {
        let is_authorization = name.eq_ignore_ascii_case("authorization");
        Some(if is_authorization { authorization.into() } else { value.to_owned() })
    });
    request.headers.push("x-note", latin1("café".as_bytes()));
    assert_eq!(verify(&request, &credentials(Some("token")), now()), Ok(()));
}
