//! Inputs that have cost some decoder more than they should: twice the input
//! must take about twice the instructions.

use std::hint::black_box;

use attachset::wire::{Headers, Response, decode, http1};

use crate::Work;

/// Instructions that do not depend on the length must not hide those that do.
const LENGTHS: [usize; 2] = [1 << 14, 1 << 15];

/// Its name, how an input of so many bytes is made, and what reads it.
type Family = (&'static str, fn(usize) -> Vec<u8>, fn(&[u8]));

pub(crate) fn all() -> Vec<Work> {
    let work = |&(family, make, decode): &Family| {
        LENGTHS.map(|length| {
            let bytes = make(length);
            Work { name: name(family, length), run: Box::new(move || decode(&bytes)) }
        })
    };
    FAMILIES.iter().flat_map(work).collect()
}

/// The families whose cost is not linear.
pub(crate) fn problems(counts: &[(String, u64)]) -> Vec<String> {
    let count = |name: String| counts.iter().find(|(other, _)| *other == name).map_or(0, |(_, count)| *count);
    let mut problems = Vec::new();
    for (family, ..) in FAMILIES {
        let [one, two] = LENGTHS.map(|length| count(name(family, length)));
        if one == 0 || two > one * 2 + one / 4 {
            problems.push(format!("{family}: {one} instructions, {two} for twice the input"));
        }
    }
    problems
}

fn name(family: &str, length: usize) -> String {
    format!("{family}, {} KiB", length >> 10)
}

const FAMILIES: &[Family] = &[
    ("a long text", |n| member("message", &format!("\"{}\"", "x".repeat(n))), answer),
    ("escapes", |n| member("message", &format!("\"{}\"", "\\n".repeat(n / 2))), answer),
    ("a long name", |n| member(&"x".repeat(n), "1"), answer),
    ("depth", |n| member("x", &("[".repeat(n / 2) + &"]".repeat(n / 2))), answer),
    ("depth in a member", |n| member("code", &("[".repeat(n / 2) + &"]".repeat(n / 2))), answer),
    ("unclosed", |n| member("x", &"[{\"\":".repeat(n / 5)), answer),
    ("members", |n| object(n / 13, |i| format!("\"{i:08x}\":1")), answer),
    ("one member again", |n| object(n / 16, |_| "\"code\":\"ABCDEF\"".into()), answer),
    ("colons and hashes", |n| member("code", &format!("\"{}\"", "#:".repeat(n / 2))), answer),
    ("white space", |n| member("code", &format!("{}1", " \n".repeat(n / 2))), answer),
    ("digits", |n| member("x", &"9".repeat(n)), answer),
    ("members of a request", |n| object(n / 13, |i| format!("\"{i:08x}\":1")), request),
    ("one member of a request again", |n| object(n / 12, |_| "\"dryRun\":true".into()), request),
    ("attachments", |n| member("attachments", &format!("[{}]", vec!["{\"x\":1}"; n / 8].join(","))), request),
    (
        "members of an attachment",
        |n| member("attachments", &format!("[{}]", text(object(n / 13, |i| format!("\"{i:08x}\":1"))))),
        request,
    ),
    ("base64", |n| member("attachments", &format!("[{{\"data\":\"{}\"}}]", "A".repeat(n / 4 * 4))), request),
    (
        "nulls",
        |n| member("attachments", &format!("[{}]", vec!["{\"data\":null}"; n / 14].join(","))),
        request,
    ),
    (
        "chunks",
        |n| message("Transfer-Encoding: chunked", &("1\r\nx\r\n".repeat(n / 6) + "0\r\n\r\n")),
        connection,
    ),
    (
        "a chunk's extension",
        |n| message("Transfer-Encoding: chunked", &format!("0;{}\r\n\r\n", "x".repeat(n))),
        connection,
    ),
    (
        "interim responses",
        |n| ("HTTP/1.1 100 \r\n\r\n".repeat(n / 17) + "HTTP/1.1 200 \r\n\r\n").into(),
        connection,
    ),
    ("lengths", |n| message(&format!("Content-Length: {}", vec!["0"; n / 2].join(",")), ""), connection),
];

fn member(name: &str, value: &str) -> Vec<u8> {
    format!("{{\"{name}\":{value}}}").into()
}

fn object(members: usize, member: fn(usize) -> String) -> Vec<u8> {
    format!("{{{}}}", (0..members).map(member).collect::<Vec<_>>().join(",")).into()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn message(field: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 \r\n{field}\r\n\r\n{body}").into()
}

fn answer(bytes: &[u8]) {
    for status in [200, 400] {
        let response = Response { status, headers: Headers::default(), body: bytes.into() };
        black_box(decode::response(&response));
    }
}

fn request(bytes: &[u8]) {
    black_box(decode::input(bytes).ok());
}

fn connection(bytes: &[u8]) {
    black_box(http1::response(bytes).ok());
}
