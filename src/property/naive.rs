//! The rules a second time: slow, plain, from the documents alone, and with
//! nothing of the codec or the oracle but the types of results.

mod plain;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use plain::Plain;

use crate::model::{Attachment, Input, Output};
use crate::wire::decode::{DecodeErrorKind, Note, NoteKind};
use crate::wire::http1::Framing;
use crate::wire::{Headers, Response};

/// RFC 4648 section 4: groups of four from the standard alphabet; only the
/// last may end in one or two `=`, and then its spare bits are zero.
pub(super) fn is_base64(text: &str) -> bool {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.strip_suffix("==").or(text.strip_suffix('=')).unwrap_or(text);
    let padding = text.len() - digits.len();
    let spare = match (digits.chars().last().and_then(|last| ALPHABET.find(last)), padding) {
        (Some(last), 1) => last % 4,
        (Some(last), 2) => last % 16,
        _ => 0,
    };
    text.len().is_multiple_of(4) && digits.chars().all(|digit| ALPHABET.contains(digit)) && spare == 0
}

/// RFC 9112 section 6: one chunked coding, or lengths that all agree; None
/// where a message is neither, and must not be read.
pub(super) fn framing(headers: &Headers) -> Option<Framing> {
    let all = |name: &str| {
        let fields = headers.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
        let values = fields
            .flat_map(|(_, value)| value.split(','))
            .map(|value| value.trim_matches([' ', '\t']).to_ascii_lowercase());
        values.collect::<Vec<_>>()
    };
    match (all("transfer-encoding").as_slice(), all("content-length").as_slice()) {
        ([], []) => Some(Framing::Close),
        ([], lengths) => {
            let digits = lengths.iter().all(|length| !length.starts_with('+'));
            let mut lengths = lengths.iter().map(|length| length.parse().ok());
            let first = lengths.next()?.filter(|_| digits)?;
            lengths.all(|length| length == Some(first)).then_some(Framing::Length(first))
        }
        ([coding], _) => (coding == "chunked").then_some(Framing::Chunked),
        _ => None,
    }
}

/// RFC 9112 section 7.1: each chunk is its size, its bytes and a line's end;
/// the one of no size is the last.
pub(super) fn chunks(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|end| end == b"\r\n")?;
        let line = std::str::from_utf8(bytes.get(..end)?.split(|byte| *byte == b';').next()?).ok()?;
        let size = usize::from_str_radix(line.trim_end_matches([' ', '\t']), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        let (chunk, rest) = bytes.get(end + 2..)?.split_at_checked(size)?;
        body.extend_from_slice(chunk);
        bytes = rest.strip_prefix(b"\r\n")?;
    }
}

/// What a body is.
pub(super) enum Body {
    /// A JSON object.
    Object(Map<String, Value>),
    /// Anything else: no JSON, or another value.
    Unreadable,
    /// JSON that a [`Value`] cannot hold: too deep, or a number or character
    /// out of range, which does no harm in a member that is ignored.
    Beyond,
}

pub(super) fn body(bytes: &[u8]) -> Body {
    match serde_json::from_slice(bytes) {
        Ok(Plain(Value::Object(members))) => Body::Object(members),
        Ok(_) => Body::Unreadable,
        Err(_) => {
            let is_json = std::str::from_utf8(bytes)
                .is_ok_and(|text| text.trim_start().starts_with('{') && is_json(text));
            if is_json { Body::Beyond } else { Body::Unreadable }
        }
    }
}

/// A string as JSON.
pub(super) fn value(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().map(|Plain(value)| value)
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// What a response means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Output(Output),
    Service {
        code: Option<String>,
        message: Option<String>,
    },
    /// With the member that has the wrong type, if that is what is wrong.
    Decode(Option<&'static str>),
}

/// The code in what names an error: what precedes the first `:`, and of that
/// what follows the first `#`.
pub(super) fn error_code(discriminator: &str) -> Option<String> {
    let before = discriminator.split(':').next().unwrap_or_default();
    let code = before.split_once('#').map_or(before, |(_, name)| name).trim();
    (!code.is_empty()).then(|| code.into())
}

/// What a response means to the reference, where the documents leave a choice:
/// the last of duplicate keys counts, and the header before `__type` before `code`.
/// None where its body cannot be read here.
pub(super) fn answer(response: &Response) -> Option<Meaning> {
    let members = match body(&response.body) {
        Body::Object(members) => Some(members),
        Body::Unreadable if response.body.is_empty() => Some(Map::new()),
        Body::Unreadable => None,
        Body::Beyond => return None,
    };
    let value = |name: &str| match members.as_ref().and_then(|members| members.get(name)) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(()),
    };
    let text = |name: &str| value(name).ok().flatten();
    let header = response.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-amzn-errortype"));
    let named = [header.map(|(_, value)| value.into()), text("__type"), text("code")];
    let code = named.into_iter().flatten().find_map(|name: String| error_code(&name));
    let message = text("message").or(text("Message"));
    if response.status / 100 != 2 {
        return Some(Meaning::Service { code, message });
    }
    if members.is_none() {
        return Some(Meaning::Decode(None));
    }
    if let Some(wrong) = ["attachmentSetId", "expiryTime"].into_iter().find(|name| value(name).is_err()) {
        return Some(Meaning::Decode(Some(wrong)));
    }
    Some(match (text("attachmentSetId"), text("expiryTime"), &code) {
        (None, None, Some(_)) => Meaning::Service { code, message },
        (attachment_set_id, expiry_time, _) => Meaning::Output(Output { attachment_set_id, expiry_time }),
    })
}

/// A name as a path has it: the start of a long one, and an ellipsis.
fn shortened(name: &str) -> String {
    const MOST: usize = 1_000;
    let end = (0..=MOST.min(name.len())).rev().find(|end| name.is_char_boundary(*end)).unwrap_or_default();
    if end < name.len() { format!("{}…", name.get(..end).unwrap_or_default()) } else { name.into() }
}

/// The first member that is not what it should be, by path.
pub(super) type Wrong = (String, DecodeErrorKind);

/// The input that an object stands for, and its oddities by path.
pub(super) fn input(members: &Map<String, Value>) -> Result<(Input, Vec<Note>), Wrong> {
    let mut input = Input::default();
    let mut notes = Vec::new();
    for (name, value) in members {
        let path = || format!("$.{}", shortened(name));
        let wrong = || (path(), DecodeErrorKind::Type);
        match (name.as_str(), value) {
            ("attachmentSetId" | "attachments" | "dryRun", Value::Null) => {
                notes.push(Note { path: path(), kind: NoteKind::Null })
            }
            ("attachmentSetId", value) => {
                input.attachment_set_id = Some(value.as_str().ok_or_else(wrong)?.into())
            }
            ("dryRun", value) => input.dry_run = Some(value.as_bool().ok_or_else(wrong)?),
            ("attachments", value) => {
                let each = value.as_array().ok_or_else(wrong)?.iter().enumerate();
                let read = each.map(|(i, value)| attachment(&format!("$.{name}[{i}]"), value, &mut notes));
                input.attachments = Some(read.collect::<Result<_, _>>()?);
            }
            _ => notes.push(Note { path: path(), kind: NoteKind::Unknown }),
        }
    }
    Ok((input, notes))
}

fn attachment(at: &str, value: &Value, notes: &mut Vec<Note>) -> Result<Attachment, Wrong> {
    let mut attachment = Attachment::default();
    for (name, value) in value.as_object().ok_or_else(|| (at.into(), DecodeErrorKind::Type))? {
        let path = || format!("{at}.{}", shortened(name));
        let wrong = || (path(), DecodeErrorKind::Type);
        match (name.as_str(), value) {
            ("fileName" | "data", Value::Null) => notes.push(Note { path: path(), kind: NoteKind::Null }),
            ("fileName", value) => attachment.file_name = Some(value.as_str().ok_or_else(wrong)?.into()),
            ("data", value) => {
                let text = Some(value.as_str().ok_or_else(wrong)?).filter(|text| is_base64(text));
                let data = text.and_then(|text| BASE64_STANDARD.decode(text).ok());
                attachment.data = Some(data.ok_or_else(|| (path(), DecodeErrorKind::Base64))?);
            }
            _ => notes.push(Note { path: path(), kind: NoteKind::Unknown }),
        }
    }
    Ok(attachment)
}

/// The JSON of an input.
pub(super) fn input_json(input: &Input) -> Value {
    let mut members = Map::new();
    if let Some(id) = &input.attachment_set_id {
        members.insert("attachmentSetId".into(), id.as_str().into());
    }
    if let Some(attachments) = &input.attachments {
        members.insert("attachments".into(), attachments.iter().map(attachment_json).collect());
    }
    if let Some(dry_run) = input.dry_run {
        members.insert("dryRun".into(), dry_run.into());
    }
    members.into()
}

fn attachment_json(attachment: &Attachment) -> Value {
    let mut members = Map::new();
    if let Some(name) = &attachment.file_name {
        members.insert("fileName".into(), name.as_str().into());
    }
    if let Some(data) = &attachment.data {
        members.insert("data".into(), BASE64_STANDARD.encode(data).into());
    }
    members.into()
}

/// Whether an object somewhere in a JSON text has two members of one name:
/// more colons stand outside its strings than its value has members.
pub(super) fn has_duplicate_keys(text: &str, value: &Map<String, Value>) -> bool {
    let (mut colons, mut in_string, mut escaped) = (0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b':' if !in_string => colons += 1,
            _ => {}
        }
    }
    colons > value.values().map(count).sum::<usize>() + value.len()
}

fn count(value: &Value) -> usize {
    match value {
        Value::Object(object) => object.len() + object.values().map(count).sum::<usize>(),
        Value::Array(array) => array.iter().map(count).sum(),
        _ => 0,
    }
}
