//! Texts, and JSON values as they are written.

use super::choices::Choices;

/// Any string, mostly short and mostly plain.
pub(super) fn any(choices: &mut Choices<'_>) -> String {
    const PLAIN: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    choices.one_of(&[
        (4, |choices| choices.word(PLAIN, 0..=12)),
        (4, |choices| choices.pick(ODD).into()),
        (2, |choices| choices.list(0..=5, any_char).into_iter().collect()),
        (1, |choices| String::from(any_char(choices)).repeat(choices.pick(&[255, 256, 1_024, 4_097]))),
    ])
}

/// A string that is not empty.
pub(super) fn some(choices: &mut Choices<'_>, otherwise: &str) -> String {
    let text = any(choices);
    if text.is_empty() { otherwise.into() } else { text }
}

/// A character of any plane.
fn any_char(choices: &mut Choices<'_>) -> char {
    let planes = [(0x20, 0x7e), (0, 0xff), (0x100, 0xffff), (0x1_0000, 0x10_ffff)];
    let (first, last) = choices.pick(&planes);
    // A surrogate is no character.
    char::from_u32(choices.range(first..=last)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// What programs take for something else.
pub(super) const ODD: &[&str] = &[
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

/// The same string with less in it, where it is one; the shortest first.
pub(super) fn shorter_json(written: &str) -> impl Iterator<Item = String> {
    let text = serde_json::from_str::<String>(written).unwrap_or_default();
    shorter(&text).map(|text| quoted(&text, Quoting::Plain))
}

/// Strings with less in them, the shortest first.
pub(super) fn shorter(text: &str) -> impl Iterator<Item = String> + use<> {
    super::shorter(&text.chars().collect::<Vec<_>>()).map(String::from_iter)
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

pub(super) fn quoting(choices: &mut Choices<'_>) -> Quoting {
    choices.pick(&[Quoting::Plain, Quoting::Slashes, Quoting::Ascii, Quoting::Units])
}

/// A JSON value as it is written, or something that looks like one.
pub(super) fn json(choices: &mut Choices<'_>) -> String {
    choices.one_of(&[
        (6, |choices| choices.pick(VALUES).into()),
        (4, |choices| quoted(&any(choices), quoting(choices))),
        (1, number),
        (1, |choices| {
            let (open, close) = choices.pick(&[("[", "]"), ("{\"a\":", "}")]);
            let depth = choices.pick(&[2, 19, 21, 60, 99, 120, 600]);
            format!("{}1{}", open.repeat(depth), close.repeat(depth))
        }),
    ])
}

/// A JSON number of any form.
fn number(choices: &mut Choices<'_>) -> String {
    const DIGITS: &str = "0123456789";
    let mut number = choices.pick(&["", "-"]).to_owned();
    match choices.chance(1, 2) {
        true => number.push('0'),
        false => {
            number.push_str(&choices.word("123456789", 1..=1));
            number.push_str(&choices.word(DIGITS, 0..=20));
        }
    }
    if choices.chance(1, 2) {
        number.push('.');
        number.push_str(&choices.word(DIGITS, 1..=18));
    }
    if choices.chance(1, 2) {
        number.push(choices.pick(&['e', 'E']));
        number.push_str(choices.pick(&["", "+", "-"]));
        number.push_str(&choices.word(DIGITS, 1..=3));
    }
    number
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
