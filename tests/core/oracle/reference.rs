//! The reference is never failed by the oracle, whatever the answer.

use attachset::fixture::{Reply, Set};
use attachset::oracle::Answer;
use attachset::property;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::common::inputs(2_000)))]

    /// An answer of a fixture, or a part of one, with some of its bytes
    /// changed, put in or left out.
    #[test]
    fn any_answer_of_a_fixture_changed(answer in select(answers()), changes in vec(change(), 0..6)) {
        property::oracle(&changes.iter().fold(answer, changed));
    }

    #[test]
    fn any_body(body in body()) {
        property::oracle_body(&body);
    }
}

/// The bytes of every embedded answer but the longest.
fn answers() -> Vec<Vec<u8>> {
    let set = Set::embedded().unwrap();
    let replies = set.client.iter().flat_map(|fixture| &fixture.steps).flat_map(|step| &step.replies);
    let bytes = |reply: &Reply| Answer::of(reply, 4_000).bytes;
    replies.map(bytes).filter(|bytes| bytes.len() < 4_096).collect()
}

#[derive(Debug, Clone)]
enum Change {
    Cut(Index),
    Remove(Index, usize),
    Put(Index, Vec<u8>),
    Byte(Index, u8),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        1 => any::<Index>().prop_map(Change::Cut),
        3 => (any::<Index>(), 1..12_usize).prop_map(|(at, len)| Change::Remove(at, len)),
        6 => (any::<Index>(), piece()).prop_map(|(at, bytes)| Change::Put(at, bytes)),
        3 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
    ]
}

fn changed(mut bytes: Vec<u8>, change: &Change) -> Vec<u8> {
    match change {
        Change::Cut(at) => bytes.truncate(at.index(bytes.len() + 1)),
        Change::Remove(at, len) => {
            let at = at.index(bytes.len() + 1);
            bytes.drain(at..bytes.len().min(at + len));
        }
        Change::Put(at, piece) => {
            let at = at.index(bytes.len() + 1);
            bytes.splice(at..at, piece.iter().copied());
        }
        Change::Byte(at, byte) => {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
        }
    }
    bytes
}

/// Bytes that mean something somewhere in an answer.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), vec(any::<u8>(), 1..4),]
}

const PIECES: &[&str] = &[
    "\r\n",
    "\n",
    "\r",
    " ",
    "\t",
    ":",
    "#",
    ",",
    "\"",
    "{",
    "}",
    "[",
    "]",
    "\\",
    "\\u0041",
    "\\ud800",
    "\\ud83d\\udcce",
    "null",
    "true",
    "NaN",
    "0",
    "-",
    "1e400",
    ".",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.0 200 OK\r\n",
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "X-Amzn-Errortype: AttachmentSetExpired\r\n",
    "Content-Encoding: gzip\r\n",
    "5\r\nabcde\r\n",
    "0\r\n\r\n",
    "\"__type\":\"AttachmentSetExpired\",",
    "\"code\":404,",
    "\"code\":\"a#B:c\",",
    "\"message\":7,",
    "\"Message\":\"m\",",
    "\"attachmentSetId\":1,",
    "\"expiryTime\":null,",
    "\"x\":{\"__type\":\"A\"},",
    "\u{feff}",
    "é",
    "com.amazonaws.support#",
    ":http://example.com/",
];

/// JSON of an answer's kind, mostly.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let name = select(&["attachmentSetId", "expiryTime", "__type", "code", "message", "Message", "x"][..]);
    let value = prop_oneof![
        "[a-zA-Z#:. ]{0,12}".prop_map(|text| serde_json::Value::from(text).to_string()),
        select(&["AttachmentSetExpired", "a.b#InternalServerError", "Slow", "as-1"][..])
            .prop_map(|text| serde_json::Value::from(text).to_string()),
        select(&["null", "7", "true", "{}", "[]", "{\"__type\":\"A\"}", "\"\\ud800\"", "1e9", ""][..])
            .prop_map(str::to_owned),
    ];
    let members = vec((name, value), 0..5);
    (members, vec(change(), 0..3)).prop_map(|(members, changes)| {
        let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        changes.iter().fold(format!("{{{}}}", members.join(",")).into_bytes(), changed)
    })
}
