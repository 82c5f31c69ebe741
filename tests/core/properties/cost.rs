//! What decoding costs, counted: allocations and their bytes, which are the
//! same on every machine. What runs between them is counted in
//! `benches/instructions`.

use allocation_counter::measure;
use attachset::model::Operation;
use attachset::oracle::{self, Answer, End, Pace};
use attachset::wire::{Headers, Response, decode, http1};

/// An input of about so many bytes.
type Family = fn(usize) -> Vec<u8>;

/// Inputs that have cost some decoder more than they should.
const FAMILIES: &[(&str, Family)] = &[
    ("a long text", |n| [b"{\"message\":\"", "x".repeat(n).as_bytes(), b"\"}"].concat()),
    ("escapes", |n| [b"{\"message\":\"", "\\n".repeat(n / 2).as_bytes(), b"\"}"].concat()),
    ("depth", |n| [b"{\"x\":", "[".repeat(n / 2).as_bytes(), "]".repeat(n / 2).as_bytes(), b"}"].concat()),
    ("unclosed", |n| [b"{\"x\":", "[{\"\":".repeat(n / 5).as_bytes()].concat()),
    ("members", |n| object((0..n / 12).map(|i| format!("\"{i:08x}\":1")))),
    ("one member again", |n| object((0..n / 16).map(|_| "\"code\":\"ABCDEF\"".into()))),
    ("attachments", |n| {
        object([format!("\"attachments\":[{}]", vec!["{\"x\":1}"; n / 8].join(","))].into_iter())
    }),
    ("base64", |n| {
        object([format!("\"attachments\":[{{\"data\":\"{}\"}}]", "A".repeat(n / 4 * 4))].into_iter())
    }),
    ("chunks", |n| {
        [
            b"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n",
            "1\r\nx\r\n".repeat(n / 6).as_bytes(),
            b"0\r\n\r\n",
        ]
        .concat()
    }),
];

fn object(members: impl Iterator<Item = String>) -> Vec<u8> {
    format!("{{{}}}", members.collect::<Vec<_>>().join(",")).into_bytes()
}

fn decode(bytes: &[u8]) {
    for status in [200, 400] {
        let response = Response { status, headers: Headers::default(), body: Vec::new() };
        // The input itself is not the decoder's.
        let _ = std::hint::black_box(decode::response(&Response { body: bytes.into(), ..response }));
    }
    let _ = std::hint::black_box(decode::input(bytes));
    let _ = std::hint::black_box(http1::response(bytes));
    for bytes in [bytes.to_vec(), answer(bytes)] {
        let answer = Answer { bytes, end: End::Closed, pace: Pace::AtOnce, early: false };
        let _ = std::hint::black_box(oracle::rule(Operation::AddAttachmentsToSet.shape(), &answer));
    }
}

/// An answer with this body.
fn answer(body: &[u8]) -> Vec<u8> {
    let length = [("Content-Length", body.len().to_string())];
    http1::message("HTTP/1.1 400 Reply", &Headers::from_iter(length), body)
}

#[test]
fn twice_the_input_is_at_most_about_twice_the_allocations() {
    for (name, family) in FAMILIES {
        let [one, two] = [family(1 << 14), family(1 << 15)].map(|bytes| measure(|| decode(&bytes)));
        let doubled = |one: u64, two: u64, slack| two <= one * 2 + one / 4 + slack;
        assert!(doubled(one.count_total, two.count_total, 16), "{name}: {one:?}, then {two:?}");
        assert!(doubled(one.bytes_total, two.bytes_total, 1024), "{name}: {one:?}, then {two:?}");
    }
}
