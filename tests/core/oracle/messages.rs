//! What arrives, as RFC 9112 has it, in every form that the oracle tells apart.

use std::fmt::Write as _;

use attachset::oracle::message::{Arrived, Features, Message, read};
use attachset::oracle::{Answer, End, Pace};
use serde_json::{Value, json};

/// Heads, and what is no head.
const HEADS: &[&str] = &[
    "",
    "H",
    "HTTP/",
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200 OK\r",
    "HTTP/1.1 200 OK\rA: b",
    "HTTP/1.1 200 OK\r\nA: b\r\n\r",
    "http/1.1 200 OK\r\n\r\n",
    "\r\nHTTP/1.1 200 OK\r\n\r\n",
    "\r\nhello",
    "  HTTP",
    "<html>",
    "HTTP/1.1 200 OK\n\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
    "HTTP/1.1 200 OK\n",
    "\nHTTP",
    "HTTP/1.0 200 OK\r\n\r\n",
    "HTTP/1.2 200 OK\r\n\r\n",
    "HTTP/1.1\r\n\r\n",
    "HTTP/1.1 \r\n\r\n",
    "HTTP/1.1 200\r\n\r\n",
    "HTTP/1.1 200 \r\n\r\n",
    "HTTP/1.1 20\r\n\r\n",
    "HTTP/1.1 20 OK\r\n\r\n",
    "HTTP/1.1 2000 OK\r\n\r\n",
    "HTTP/1.1 2x0 OK\r\n\r\n",
    "HTTP/1.1  200 OK\r\n\r\n",
    "HTTP/1.1 503 a b\tc\r\n\r\n",
    "HTTP/1.1 200 a\x01b\r\n\r\n",
    "HTTP/1.1 200 a\x7fb\r\n\r\n",
    "HTTP/1.1 200 \u{e9}\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 199 A\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 100 A\r\n\r\nHTTP/1.1 102 B\r\n\r\nHTTP/1.1 204 C\r\n\r\nx",
    "HTTP/1.1 100 A\r\n\r\nhello",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
    "HTTP/1.1 103 A\r\nLink: a\r\n\r\nHTTP/1.1 200 A\r\n\r\n",
    "HTTP/1.1 103 A\r\nConnection: Close\r\n\r\nHTTP/1.1 200 A\r\n\r\n",
];

/// Field lines of a head that is right otherwise.
const FIELDS: &[&str] = &[
    "A: b",
    "A:b",
    "A: ",
    "A:",
    "A:  b",
    "A: b ",
    "A:\tb",
    "A: b\tc",
    "a!#$%&'*+-.^_`|~9: b",
    "A : b",
    ": b",
    "A",
    " folded: b",
    "\u{e9}: b",
    "A: \u{e9}",
    "A: b\x01",
    "A: b\x7f",
    "X-AMZN-ERRORTYPE: A",
    "X-AMZN-REQUESTID: A",
    "CONTENT-TYPE: A",
    "ETAG: A",
];

/// Fields that state a length, and the body of five bytes and one more.
const LENGTHS: &[&str] = &[
    "Content-Length: 5",
    "Content-Length: 6",
    "Content-Length: 7",
    "content-length: 5",
    "Content-Length: 0",
    "Content-Length: +5",
    "Content-Length: -5",
    "Content-Length: 0x5",
    "Content-Length: ",
    "Content-Length: 5, 5",
    "Content-Length: 5, 6",
    "Content-Length: 5,",
    "Content-Length: 5\r\nContent-Length: 5",
    "Content-Length: 5\r\nContent-Length: 6",
    "Content-Length: 99999999999999999999999",
    "Transfer-Encoding: gzip",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: CHUNKED",
    "Transfer-Encoding: chunked\r\nContent-Length: 5",
    "Transfer-Encoding: chunked\r\nContent-Length: x",
];

/// Chunked bodies.
const CHUNKS: &[&str] = &[
    "5\r\nhello\r\n0\r\n\r\n",
    "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
    "a\r\n0123456789\r\n0\r\n\r\n",
    "A\r\n0123456789\r\n00\r\n\r\nrest",
    "+5\r\nhello\r\n0\r\n\r\n",
    "+0X5_\r\nhello\r\n0\r\n\r\n",
    "0x\r\nhello\r\n0\r\n\r\n",
    "0\r\n\r\n",
    "0\r\nA: b\r\n\r\n",
    "0\r\nA: b\r\nC: d\r\n\r\nrest",
    "0\r\nA\r\n\r\n",
    "0\r\n",
    "0\r\n\r",
    "0\r\nA: b\r\n",
    "0\r",
    "0",
    "",
    "5",
    "5;a",
    "5;a\u{e9}",
    "5 ;a",
    "5\r",
    "g",
    "5\r\nhel",
    "5\r\nhello",
    "5\r\nhello\r",
    "5\r\nhello\r\n",
    "5\r\nhello\r\n0",
    "5\r\nhello\n0\r\n\r\n",
    "5\r\nhello!\r\n0\r\n\r\n",
    "5\r\nhello\rX",
    "5\nhello\r\n0\r\n\r\n",
    "5;a=b\r\nhello\r\n0\r\n\r\n",
    "5;\r\nhello\r\n0\r\n\r\n",
    "5;a\x01\r\nhello\r\n0\r\n\r\n",
    "5 \r\nhello\r\n0\r\n\r\n",
    " 5\r\nhello\r\n0\r\n\r\n",
    "\r\nhello\r\n0\r\n\r\n",
    "-5\r\nhello\r\n0\r\n\r\n",
    "0x5\r\nhello\r\n0\r\n\r\n",
    "ffffffffffffffff\r\nhello",
    "10000000000000000\r\nhello",
];

#[test]
fn heads() {
    listed("oracle-heads", HEADS.iter().map(|head| (*head).to_owned()));
}

#[test]
fn fields() {
    listed("oracle-fields", FIELDS.iter().map(|field| format!("HTTP/1.1 204 A\r\n{field}\r\n\r\n")));
}

#[test]
fn lengths() {
    listed(
        "oracle-lengths",
        LENGTHS.iter().map(|field| format!("HTTP/1.1 200 A\r\n{field}\r\n\r\n5\r\nabc")),
    );
    // Of HTTP/1.0 it is not known what a coding means.
    let old = "HTTP/1.0 200 A\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(read(&answer(old, End::Closed)), Arrived::OddLength);
}

#[test]
fn chunks() {
    let head = "HTTP/1.1 200 A\r\nTransfer-Encoding: chunked\r\n\r\n";
    listed("oracle-chunks", CHUNKS.iter().map(|body| format!("{head}{body}")));
    // Who does not know the coding for a tab, which a client should, reads no chunks.
    let broken = "HTTP/1.1 200 A\r\nTransfer-Encoding: chunked\t\r\n\r\nx\r\n";
    assert_eq!(read(&answer(broken, End::Closed)), Arrived::OddChunks);
    assert_eq!(read(&answer(&broken.replace('\t', " "), End::Closed)), Arrived::BadChunks);
}

/// Without a length a body is whole once its connection was closed, and only then.
#[test]
fn the_end_of_a_connection_ends_a_body_without_a_length() {
    for (end, whole) in [(End::Open, false), (End::Closed, true), (End::Reset, false)] {
        let answer = answer("HTTP/1.1 200 A\r\n\r\nhello", end);
        let Arrived::Message(message) = read(&answer) else { unreachable!() };
        assert_eq!((message.whole, message.body.as_slice()), (whole, b"hello".as_slice()));
        assert!(message.features.close_delimited && !message.features.surplus);
    }
}

#[test]
fn a_field_is_found_without_regard_to_case_and_only_where_it_stands_once() {
    let message = Message { fields: vec![("A", b"1"), ("a", b"2"), ("B", b"\xe9")], ..Message::default() };
    assert_eq!(message.all("a").collect::<Vec<_>>(), [b"1", b"2"]);
    assert_eq!((message.only("a"), message.only("b"), message.only("c")), (None, Some("é".into()), None));
    assert_eq!([message.has("a"), message.has("c")], [true, false]);
}

fn answer(bytes: &str, end: End) -> Answer {
    // A character beyond ASCII stands for its byte.
    let bytes = bytes.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    Answer { bytes, end, pace: Pace::AtOnce, early: false }
}

fn listed(name: &str, answers: impl Iterator<Item = String>) {
    let mut list = String::new();
    for bytes in answers {
        writeln!(list, "{}\n    {}", bytes.escape_default(), words(&read(&answer(&bytes, End::Closed))))
            .unwrap();
    }
    crate::common::snapshot(name, &list);
}

fn words(arrived: &Arrived<'_>) -> String {
    let Arrived::Message(message) = arrived else { return format!("{arrived:?}") };
    let Message { status, fields, body, whole, features } = message;
    let fields: Vec<_> =
        fields.iter().map(|(name, value)| format!("{name}={}", value.escape_ascii())).collect();
    let whole = if *whole { "whole" } else { "cut" };
    format!(
        "{status} [{}] {:?}, {whole}{}",
        fields.join(" "),
        body.escape_ascii().to_string(),
        named(features)
    )
}

fn named(features: &Features) -> String {
    let words = [
        (features.http10, "http10"),
        (features.interim, "interim"),
        (features.no_reason, "no reason"),
        (features.opaque_reason, "opaque reason"),
        (features.opaque_fields, "opaque fields"),
        (features.padded_fields, "padded fields"),
        (features.tabs, "tabs"),
        (features.capitals, "capitals"),
        (features.chunked, "chunked"),
        (features.extensions, "extensions"),
        (features.trailer, "trailer"),
        (features.two_lengths, "two lengths"),
        (features.close_delimited, "close-delimited"),
        (features.surplus, "surplus"),
    ];
    let words: String = words.iter().filter(|(is, _)| *is).map(|(_, word)| format!(", {word}")).collect();
    format!("{words}, head {}", features.head)
}

/// What a client that waits a second is sent, and at what pace.
#[test]
fn replies() {
    let of = |reply: Value| {
        let Answer { bytes, end, pace, early } = Answer::of(&serde_json::from_value(reply).unwrap(), 1_000);
        (String::from_utf8(bytes).unwrap(), end, pace, early)
    };
    let sent = |raw: Value| of(json!({"raw": raw}));
    let early = |raw: Value| of(json!({"start": "afterHead", "raw": raw})).3;
    let a = || json!({"send": {"text": "a"}});
    let drip = |every: u64| json!({"drip": {"body": {"text": "abc"}, "everyMs": every}});

    assert_eq!(sent(json!([a(), "close"])), ("a".into(), End::Closed, Pace::AtOnce, false));
    assert_eq!(sent(json!([a(), "reset"])), ("a".into(), End::Reset, Pace::AtOnce, false));
    assert_eq!(sent(json!([a(), "hang"])), ("a".into(), End::Open, Pace::AtOnce, false));
    assert_eq!(sent(json!([a(), {"pauseMs": 500}, a()])), ("aa".into(), End::Open, Pace::InPieces, false));
    assert_eq!(sent(json!([a(), {"pauseMs": 501}, a()])), ("aa".into(), End::Open, Pace::Unclear, false));
    assert_eq!(sent(json!([{"pauseMs": 250}, {"pauseMs": 251}, a()])).2, Pace::Unclear);
    assert_eq!(sent(json!([a(), {"pauseMs": 1_999}, a()])).0, "aa");
    assert_eq!(sent(json!([a(), {"pauseMs": 2_000}, a()])).0, "a");
    assert_eq!(sent(json!([drip(100), a()])), ("abca".into(), End::Open, Pace::InPieces, false));
    assert_eq!(sent(json!([drip(200)])).2, Pace::Unclear);
    assert_eq!(sent(json!([drip(2_000), a()])).0, "a");
    assert!(of(json!({"status": 200, "delayMs": 1_999})).0.starts_with("HTTP/1.1 200 "));
    assert_eq!(of(json!({"status": 200, "delayMs": 2_000})).0, "");
    // Whether it comes before the request has been read.
    assert!(early(json!([a()])));
    assert!(early(json!([a(), "readBody"])));
    assert!(!early(json!(["readBody", a()])));
    assert!(!of(json!({"raw": ["readBody", a()]})).3);
}
