//! Texts, and JSON values as they are written.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Any text, mostly short and mostly plain.
pub(super) fn any() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z0-9._-]{0,12}",
        4 => odd().prop_map(str::to_owned),
        2 => vec(any_char(), 0..6).prop_map(String::from_iter),
        1 => (any_char(), select(&[255_usize, 256, 1_024, 4_097][..]))
            .prop_map(|(c, times)| String::from(c).repeat(times)),
    ]
}

pub(super) fn odd() -> impl Strategy<Value = &'static str> {
    select(ODD)
}

/// A character of any plane.
fn any_char() -> impl Strategy<Value = char> {
    prop_oneof![
        proptest::char::range(' ', '~'),
        proptest::char::range('\0', '\u{ff}'),
        proptest::char::range('\u{100}', '\u{ffff}'),
        proptest::char::range('\u{10000}', '\u{10ffff}'),
    ]
}

/// What programs take for something else.
const ODD: &[&str] = &[
    "",
    " ",
    " a ",
    "a b",
    "null",
    "true",
    "0",
    "-1",
    "1e9",
    "NaN",
    "[]",
    "{}",
    "\"",
    "\\",
    "\\n",
    "\\u0041",
    "a\"b",
    "'",
    "`",
    "$HOME",
    "$(id)",
    "${7*7}",
    "%s",
    "%41",
    "&amp;",
    "<b>",
    "<Code>a</Code>",
    "../a",
    "/",
    "a/b",
    "C:\\a",
    "-",
    "--help",
    "@a",
    "~",
    "*",
    "#",
    ":",
    ",",
    "a,b",
    "a:b",
    "a#b",
    "\0",
    "a\0b",
    "\t",
    "\n",
    "\r\n",
    "a\nb",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{feff}",
    "\u{2028}",
    "\u{202e}",
    "\u{e9}",
    "e\u{301}",
    "\u{df}",
    "\u{130}",
    "\u{4e2d}",
    "\u{1f600}",
    "\u{ffff}",
    "\u{10ffff}",
    "__proto__",
    "constructor",
    "file://a",
    "fileb://a",
    "2030-10-09T07:19:31Z",
    "1893456000",
    "1893456000.5",
    "aGVsbG8=",
    "\u{1b}[31m",
    "{{7*7}}",
    "a=b",
    "a;b",
];

/// A text as JSON, in one of its forms.
pub(super) fn quoted(text: &str, form: Quoting) -> String {
    let units = |c: char| {
        let mut units = [0; 2];
        c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>()
    };
    let each = |c: char| match (c, form) {
        (_, Quoting::Units) => units(c),
        (c, Quoting::Ascii) if !c.is_ascii() => units(c),
        ('/', Quoting::Slashes) => "\\/".to_owned(),
        ('"', _) => "\\\"".to_owned(),
        ('\\', _) => "\\\\".to_owned(),
        ('\0'..='\u{1f}', _) => units(c),
        _ => c.into(),
    };
    format!("\"{}\"", text.chars().map(each).collect::<String>())
}

/// A value without escapes that it does not need.
pub(super) fn plain(written: &str) -> String {
    serde_json::from_str(written)
        .map_or_else(|_| written.to_owned(), |text: String| quoted(&text, Quoting::Plain))
}

/// A value of the same type that says nothing, where any may do.
pub(super) fn plainer(written: &str) -> String {
    let plain = plain(written);
    if plain != written {
        return plain;
    }
    let any = match written.bytes().next() {
        Some(b'"') => "\"a\"",
        Some(b'[') => "[1]",
        Some(b'{') => "{\"a\":1}",
        Some(b'-' | b'0'..=b'9') => "1",
        _ => written,
    };
    any.to_owned()
}

/// How a text is written in JSON.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quoting {
    /// With the escapes that it needs.
    Plain,
    /// With slashes escaped.
    Slashes,
    /// With what is beyond ASCII escaped.
    Ascii,
    /// With everything escaped.
    Units,
}

pub(super) fn quoting() -> impl Strategy<Value = Quoting> {
    select(&[Quoting::Plain, Quoting::Slashes, Quoting::Ascii, Quoting::Units][..])
}

/// A JSON value as it is written, or something that looks like one.
pub(super) fn json() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(VALUES).prop_map(str::to_owned),
        4 => (any(), quoting()).prop_map(|(text, form)| quoted(&text, form)),
        1 => "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,18})?([eE][+-]?[0-9]{1,3})?",
        1 => (select(&[("[", "]"), ("{\"a\":", "}")][..]), select(&[2_usize, 19, 21, 60, 99, 120, 600][..]))
            .prop_map(|((open, close), depth)| format!("{}1{}", open.repeat(depth), close.repeat(depth))),
    ]
}

const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "17",
    "-0",
    "1.5",
    "1e2",
    "1E400",
    "12345678901234567890",
    "\"\"",
    "\"a\"",
    "[]",
    "{}",
    "[1,\"a\",null]",
    "{\"a\":{\"b\":[]}}",
    "[null]",
    "{\"__type\":\"InternalServerError\"}",
    "{\"code\":\"AttachmentSetExpired\",\"message\":\"m\"}",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\\u0000\"",
    "\"\\/\"",
    "\"\\b\\f\\n\\r\\t\"",
    "01",
    "+1",
    ".5",
    "1.",
    "0x10",
    "NaN",
    "Infinity",
    "'a'",
    "undefined",
    "\"\\x\"",
    "\"\t\"",
    "\"",
    "tru",
    "[1,]",
    "{\"a\":1,}",
];
