//! Requests as bytes, in every spelling that HTTP allows.

use crate::fixture::Spelling;
use crate::transcript::Pace;
use crate::wire::{Headers, Request, http1};

/// The bytes of a signed request in these spellings, and in which pieces they are
/// sent.
pub(super) fn spelled(request: &Request, spellings: &[Spelling]) -> (Vec<u8>, Pace) {
    let has = |spelling| spellings.contains(&spelling);
    let mut target = request.target.clone();
    if has(Spelling::AbsoluteForm) {
        target = format!("http://{}{target}", request.headers.get("host").unwrap_or_default());
    }
    let mut fields: Vec<(String, String)> = Vec::new();
    for (name, value) in request.headers.iter() {
        let value = match name.eq_ignore_ascii_case("authorization") {
            true => authorization(value, spellings),
            false => value.into(),
        };
        fields.push((name.to_ascii_lowercase(), value));
    }
    if has(Spelling::Chunked) {
        fields.retain(|(name, _)| name != "content-length");
        fields.push(("transfer-encoding".into(), "chunked".into()));
    }
    if has(Spelling::ExpectContinue) {
        fields.push(("expect".into(), "100-continue".into()));
    }
    for (name, _) in &mut fields {
        if has(Spelling::UpperCase) {
            name.make_ascii_uppercase();
        } else if has(Spelling::TitleCase) {
            *name = name.split('-').map(title_case).collect::<Vec<_>>().join("-");
        }
    }
    if has(Spelling::FieldsReversed) {
        fields.reverse();
    }
    let body = if has(Spelling::Chunked) { chunked(&request.body) } else { request.body.clone() };
    let start = format!("{} {target} HTTP/1.1", request.method);
    let pace = match () {
        () if has(Spelling::ExpectContinue) => Pace::HeadFirst,
        () if has(Spelling::InPieces) => Pace::Pieces,
        () => Pace::AtOnce,
    };
    (http1::message(&start, &fields.into_iter().collect::<Headers>(), &body), pace)
}

fn title_case(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    format!("{}{rest}", first.to_ascii_uppercase())
}

/// The value of `Authorization` with its parts in another order, or without white
/// space after its commas.
fn authorization(value: &str, spellings: &[Spelling]) -> String {
    let Some((algorithm, parts)) = value.split_once(' ') else { return value.into() };
    let mut parts: Vec<_> = parts.split(',').map(str::trim).collect();
    if spellings.contains(&Spelling::AuthorizationReversed) {
        parts.reverse();
    }
    let compact = spellings.contains(&Spelling::AuthorizationCompact);
    format!("{algorithm} {}", parts.join(if compact { "," } else { ", " }))
}

/// A body in two chunks, the second of which holds most of it.
fn chunked(body: &[u8]) -> Vec<u8> {
    let (one, other) = body.split_at(body.len().min(10));
    let mut out = Vec::new();
    for chunk in [one, other].into_iter().filter(|chunk| !chunk.is_empty()) {
        out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(spellings: &[Spelling]) -> String {
        let headers = [
            ("Host", "localhost"),
            ("Content-Length", "14"),
            ("Authorization", "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c"),
        ];
        let request = Request {
            method: "POST".into(),
            target: "/".into(),
            headers: headers.into_iter().collect(),
            body: b"{\"members\": 1}".to_vec(),
        };
        String::from_utf8(spelled(&request, spellings).0).unwrap_or_default()
    }

    #[test]
    fn each_spelling_says_the_same() {
        let plain = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 14\r\nauthorization: \
                     AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c\r\n\r\n{\"members\": 1}";
        assert_eq!(written(&[]), plain);
        for (spelling, part) in [
            (Spelling::UpperCase, "\r\nCONTENT-LENGTH: 14\r\n"),
            (Spelling::TitleCase, "\r\nContent-Length: 14\r\n"),
            (Spelling::FieldsReversed, "Signature=c\r\ncontent-length: 14\r\nhost: localhost\r\n\r\n"),
            (Spelling::AuthorizationCompact, " Credential=a,SignedHeaders=b,Signature=c\r\n"),
            (Spelling::AuthorizationReversed, " Signature=c, SignedHeaders=b, Credential=a\r\n"),
            (Spelling::AbsoluteForm, "POST http://localhost/ HTTP/1.1\r\n"),
            (Spelling::Chunked, "\r\ntransfer-encoding: chunked\r\n"),
            (Spelling::Chunked, "\r\n\r\na\r\n{\"members\"\r\n4\r\n: 1}\r\n0\r\n\r\n"),
            (Spelling::ExpectContinue, "\r\nexpect: 100-continue\r\n\r\n"),
        ] {
            let written = written(&[spelling]);
            assert!(written.contains(part), "{written}");
        }
    }
}
