//! HTTP/1.1 messages, whole and in pieces.

use attachset::property;
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_response(status in prop_oneof![8 => 100..600u16, 1 => Just(204), 1 => Just(304)], fields in fields(), body in body()) {
        message(&format!("HTTP/1.1 {status} \r\n{fields}\r\n"), &body);
    }

    #[test]
    fn a_response_after_an_interim_one(fields in fields(), body in body()) {
        message(&format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n{fields}\r\n"), &body);
    }

    #[test]
    fn a_request(fields in fields(), body in body()) {
        message(&format!("POST / HTTP/1.1\r\n{fields}\r\n"), &body);
    }
}

fn message(head: &str, body: &str) {
    let text = format!("{}{body}", head.replace("LENGTH", &body.len().to_string()));
    // On the wire a character is a byte.
    property::http1(&text.chars().map(|c| c as u8).collect::<Vec<_>>());
}

fn fields() -> impl Strategy<Value = String> {
    let field = prop_oneof![
        1 => "Content-Length: [0-9]{1,2}(, ?[0-9]{1,2})?",
        3 => "Content-Length: LENGTH(, ?(LENGTH|[0-9]))?",
        3 => "Transfer-Encoding: (chunked|gzip, chunked|Chunked)",
        1 => "[a-zA-Z-]{1,5}:[ -~\u{80}-\u{ff}]{0,8}",
        1 => "[ -~]{0,5}",
    ];
    // LENGTH stands for the body's.
    vec(field, 0..3).prop_map(|fields| fields.iter().map(|field| format!("{field}\r\n")).collect())
}

/// A body that is chunked, or nearly so, or not.
fn body() -> impl Strategy<Value = String> {
    let chunk = prop_oneof![
        8 => "[a-z]{0,12}".prop_map(|data| format!("{:x}\r\n{data}\r\n", data.len())),
        1 => "([0-9a-fA-F]{1,17}|[fF]{15}[0-9a-f])(;[a-z]{0,4})?\r\n[a-z]{0,4}\r\n",
        1 => "[a-z]{0,9}".prop_map(|data| format!("{:x}\r\n{data}\r ", data.len())),
        1 => "(0\r\n)?([a-z]:[a-z]\r\n)?\r\n",
    ];
    let chunks = vec(chunk, 0..4).prop_map(|chunks| chunks.concat());
    prop_oneof![4 => (chunks, "(0\r\n\r\n)?").prop_map(|(chunks, last)| chunks + &last), 1 => "[ -~]{0,20}"]
}
