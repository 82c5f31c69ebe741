//! What files and strings look like.

use super::{Options, Warning, secrets};
use crate::model::{Input, limits};
use crate::wire::cases;
use crate::wire::encode::from_base64;

/// How compressed files, images and documents begin.
const MAGIC: [&[u8]; 9] = [
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"%PDF-",
    b"GIF8",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"BZh",
    b"7z\xbc\xaf",
    b"\xd0\xcf\x11\xe0",
];

/// The types that the documents name, the last in an example.
const TYPES: [&str; 6] = ["pdf", "jpeg", "doc", "log", "text", "png"];

/// How values print that are no file's bytes: Python, JavaScript and Java.
const PRINTED: [(&[u8], &str); 7] = [
    (b"b'", "'"),
    (b"b\"", "\""),
    (b"bytearray(b", ")"),
    (b"<_io.", ">"),
    (b"<Buffer ", ">"),
    (b"[object ", "]"),
    (b"[B@", ""),
];

/// The longest path.
const MAX_PATH: usize = 4_096;

/// From how many digits or letters on, an encoding is known by its alphabet
/// alone.
const LONG: usize = 256;

/// How many groups of an encoding are decoded to see what they stand for.
const DECODED: usize = 4_096;

/// What is wrong with the files of a call.
#[must_use]
pub fn files(input: &Input, options: &Options) -> Vec<Warning> {
    let mut found = Vec::new();
    let mut names = Vec::new();
    for file in input.attachments.iter().flatten() {
        let name = file.file_name.as_deref();
        let data = file.data.as_deref().unwrap_or_default();
        let shown = name.map_or_else(|| "a file without a name".into(), |name| format!("{name:?}"));
        let mut warn = |rule: &str, says: &str| {
            if options.has(rule) {
                found.push(Warning::new(rule, format!("{shown} {says}")));
            }
        };
        if let Some((rule, says)) = data_rule(name, data) {
            warn(rule, says);
        }
        if let Some((rule, says)) = size_rule(data.len()) {
            warn(rule, says);
        }
        for (rule, says) in name_rules(name) {
            warn(rule, says);
        }
        for (rule, says) in secrets::find(data) {
            warn(rule, says);
        }
        if let Some(name) = name {
            if names.contains(&name) {
                warn("name/duplicate", "is the name of two files of one call");
            }
            names.push(name);
        }
    }
    found
}

/// What is wrong with the strings of a call.
#[must_use]
pub fn texts(input: &cases::Input, options: &Options) -> Vec<Warning> {
    let texts = match input {
        cases::Input::CreateCase(input) => {
            [("subject", &input.subject), ("communicationBody", &input.communication_body)]
        }
        cases::Input::AddCommunicationToCase(input) => {
            [("communicationBody", &input.communication_body), ("communicationBody", &None)]
        }
        _ => return Vec::new(),
    };
    let found = texts.iter().flat_map(|(member, text)| {
        let found = secrets::find(text.as_deref().unwrap_or_default().as_bytes());
        found.into_iter().map(move |(rule, says)| (rule, format!("{member} {says}")))
    });
    found.filter(|(rule, _)| options.has(rule)).map(|(rule, says)| Warning::new(rule, says)).collect()
}

/// The first rule that a file's bytes break.
fn data_rule(name: Option<&str>, data: &[u8]) -> Option<(&'static str, &'static str)> {
    let text = data.trim_ascii();
    let head = text.get(..text.len().min(MAX_PATH)).unwrap_or_default();
    let has = |part: &[u8]| memchr::memmem::find(head, part).is_some();
    if data.is_empty() {
        return Some(("data/empty", "has no bytes"));
    }
    if text.starts_with(b"data:") && has(b";base64,") {
        return Some((
            "data/data-url",
            "has the bytes of a data: URL; what follows the comma is the file, in base64",
        ));
    }
    if PRINTED
        .iter()
        .any(|(start, end)| text.starts_with(start) && text.ends_with(end.as_bytes()) && is_line(text))
    {
        return Some((
            "data/printed-value",
            "has the bytes of what a program prints of a value, and not the value's",
        ));
    }
    if is_path(text) {
        return Some(("data/path", "has a path in the place of the file's bytes"));
    }
    let says_so = name.is_some_and(|name| {
        let name = name.to_ascii_lowercase();
        [".b64", ".base64", ".hex", ".pem"].iter().any(|end| name.ends_with(end))
    });
    if says_so {
        return None;
    }
    if is_hex(text) {
        return Some(("data/hex", "has hexadecimal digits in the place of the bytes that they stand for"));
    }
    is_base64(text).then_some(("data/base64", "has the bytes of base64, which the SDK applies once more"))
}

fn size_rule(bytes: usize) -> Option<(&'static str, &'static str)> {
    let encoded = bytes.div_ceil(3) * 4;
    match bytes {
        _ if bytes > limits::POSSIBLY_ALLOWED_BYTES => None,
        _ if bytes > limits::SURELY_ALLOWED_BYTES => {
            Some(("size/limit", "is longer than 5,000,000 bytes: the documents say 5 MB and not which"))
        }
        _ if encoded > limits::POSSIBLY_ALLOWED_BYTES => Some((
            "size/base64",
            "is longer than 5 MB in base64: the documents do not say where they measure",
        )),
        _ => None,
    }
}

fn name_rules(name: Option<&str>) -> Vec<(&'static str, &'static str)> {
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return vec![("name/missing", "cannot be distinguished from others, nor opened by its type")];
    };
    let mut found = Vec::new();
    if name.contains(['/', '\\']) {
        found.push(("name/path", "has a folder in it, which means nothing to who receives it"));
    }
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    match last.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && !extension.is_empty() => {
            if !TYPES.contains(&extension.to_ascii_lowercase().as_str()) {
                found.push(("name/type", "is of none of the types that the documents name"));
            }
        }
        _ => found.push(("name/extension", "has no extension: who receives it cannot tell its type")),
    }
    found
}

/// A short single line.
fn is_line(text: &[u8]) -> bool {
    !text.contains(&b'\n')
}

fn is_path(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    if text.len() > MAX_PATH || text.contains(char::is_whitespace) {
        return false;
    }
    if text.starts_with("file://") || text.starts_with("fileb://") {
        return true;
    }
    let drive = text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) && text.get(1..3) == Some(":\\");
    let starts =
        ["/", "./", "../", "~/"].iter().any(|start| text.starts_with(start)) && !text.starts_with("//");
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    (drive || starts) && last.rsplit_once('.').is_some_and(|(stem, end)| !stem.is_empty() && !end.is_empty())
}

/// Whether bytes are the start of a file that somebody could read: of a known
/// format, or text.
fn is_file(bytes: &[u8]) -> bool {
    let is_plain = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // The last character may be cut.
        Err(error) if error.error_len().is_none() => bytes
            .get(..error.valid_up_to())
            .and_then(|text| std::str::from_utf8(text).ok())
            .unwrap_or_default(),
        Err(_) => "",
    };
    MAGIC.iter().any(|magic| bytes.starts_with(magic)) || !text.is_empty() && text.chars().all(is_plain)
}

fn is_hex(text: &[u8]) -> bool {
    if text.len() < 16 || !text.len().is_multiple_of(2) || !text.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    let decoded: Option<Vec<u8>> = text.chunks(2).take(DECODED).map(byte).collect();
    // Digits alone may be a number.
    text.iter().any(u8::is_ascii_alphabetic)
        && (text.len() >= LONG || decoded.is_some_and(|bytes| is_file(&bytes)))
}

fn is_base64(text: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=\r\n".contains(byte);
    if text.len() < 8 || !text.iter().all(is_letter) || !is_wrapped(text) {
        return false;
    }
    let letters = || text.iter().filter(|byte| !byte.is_ascii_whitespace());
    let count = letters().count();
    let start: Vec<u8> = letters().take(4 * DECODED).copied().collect();
    let Ok(decoded) = from_base64(start) else { return false };
    let has = |of: fn(&u8) -> bool| text.iter().any(of);
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    let is_readable = is_file(&decoded) && (decoded.len() >= 12 || text.ends_with(b"="));
    count.is_multiple_of(4) && (is_readable || count >= LONG && is_mixed)
}

/// Whether text is one line, or lines as `base64` and e-mail break it: a list of
/// words is none.
fn is_wrapped(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n').map(|line| line.trim_ascii().len());
    let width = lines.next().unwrap_or_default();
    let mut before = width;
    for line in lines {
        if !matches!(width, 60 | 64 | 72 | 76) || before != width || line > width {
            return false;
        }
        before = line;
    }
    true
}
