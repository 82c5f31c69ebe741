//! What is no request of HTTP, or not quite.

use super::super::{Raw, expect, words};
use super::{Builder, exchange};
use crate::fixture::{Body, Level, Repeat, Send};
use crate::model::names;

impl Builder {
    pub(super) fn raw(&mut self, raw: &Raw) {
        let (requirement, level, may_be_taken) = match raw {
            Raw::Hosts(_) => ("http.server-host", Level::Must, false),
            Raw::Lengths(lengths) => {
                ("http.server-length", Level::Must, lengths.iter().all(|length| *length == "="))
            }
            Raw::Chunks(size, coding) => {
                ("http.server-length", Level::Must, *size == "=" && coding.eq_ignore_ascii_case("chunked"))
            }
            Raw::Both => ("http.server-length", Level::Must, true),
            Raw::LongField(_) | Raw::Fields(_) => ("user.server-stays-up", Level::Should, true),
            Raw::Garbage(_) => ("user.server-stays-up", Level::Should, false),
        };
        let of = expect::of_raw(requirement, may_be_taken);
        self.exchange(exchange(Send::Raw(bytes(raw)), of), level, words::raw(raw));
        self.serves();
    }
}

/// The bytes of what is no request of HTTP, or not quite.
fn bytes(raw: &Raw) -> Body {
    const BODY: &str = r#"{"attachments":[{"fileName":"a.log","data":"aGVsbG8="}]}"#;
    let mut head = vec!["POST / HTTP/1.1".to_owned()];
    let hosts = if let Raw::Hosts(hosts) = raw { *hosts } else { 1 };
    head.extend((0..hosts).map(|_| "Host: localhost".into()));
    head.push(format!("Content-Type: {}", names::CONTENT_TYPE));
    head.push(format!("X-Amz-Target: {}", names::TARGET));
    let length = format!("Content-Length: {}", BODY.len());
    let chunks = |size: &str| {
        let size = if size == "=" { format!("{:x}", BODY.len()) } else { size.into() };
        format!("{size}\r\n{BODY}\r\n0\r\n\r\n")
    };
    let whole = |mut head: Vec<String>, last: &[String], body: String| {
        head.extend_from_slice(last);
        head.push(String::new());
        Body::Parts(vec![Body::Lines(head), Body::Text(body)])
    };
    match raw {
        Raw::Garbage(bytes) => Body::from(bytes.as_slice()),
        Raw::Hosts(_) => whole(head, &[length], BODY.into()),
        Raw::Lengths(lengths) => {
            let right = BODY.len().to_string();
            let each = lengths.iter().map(|length| if *length == "=" { &right } else { *length });
            let each: Vec<_> = each.map(|length| format!("Content-Length: {length}")).collect();
            whole(head, &each, BODY.into())
        }
        Raw::Chunks(size, coding) => whole(head, &[format!("Transfer-Encoding: {coding}")], chunks(size)),
        Raw::Both => whole(head, &[length, "Transfer-Encoding: chunked".into()], chunks("=")),
        Raw::LongField(bytes) => Body::Parts(vec![
            Body::Lines(head),
            Body::Text("X-A: ".into()),
            Body::Repeat(Repeat { repeat: "a".into(), times: *bytes }),
            Body::Lines(vec![String::new(), length, String::new()]),
            Body::Text(BODY.into()),
        ]),
        Raw::Fields(fields) => Body::Parts(vec![
            Body::Lines(head),
            Body::Repeat(Repeat { repeat: "x-a: 1\r\n".into(), times: *fields }),
            Body::Lines(vec![length, String::new()]),
            Body::Text(BODY.into()),
        ]),
    }
}
