//! Values to hold properties against.

use attachset::model::{Attachment, Input, Output, ServiceError};
use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::Index;

/// Text with what JSON escapes, and with every plane of Unicode.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{0,8}",
        any::<String>(),
        "[\\x00-\\x20\"\\\\/\\x7f\u{2028}é\u{10ffff}]{0,8}",
        // What looks like an escape and is none.
        "(\\\\{1,2}(u(0041|d800|dc00)|n)){0,3}",
    ]
}

pub(crate) fn input() -> impl Strategy<Value = Input> {
    let attachment = (of(text()), of(vec(any::<u8>(), 0..200)))
        .prop_map(|(file_name, data)| Attachment { file_name, data });
    (of(text()), of(vec(attachment, 0..5)), of(any::<bool>())).prop_map(
        |(attachment_set_id, attachments, dry_run)| Input { attachment_set_id, attachments, dry_run },
    )
}

pub(crate) fn output() -> impl Strategy<Value = Output> {
    (of(text()), of(text()))
        .prop_map(|(attachment_set_id, expiry_time)| Output { attachment_set_id, expiry_time })
}

pub(crate) fn service_error() -> impl Strategy<Value = ServiceError> {
    (of(discriminator()), of(text()), status(), of("[!-~]{0,8}"))
        .prop_map(|(code, message, status, request_id)| ServiceError { code, message, status, request_id })
}

pub(crate) fn status() -> impl Strategy<Value = u16> {
    prop_oneof![Just(200), Just(400), Just(500), Just(199), Just(299), Just(300), 100..600u16]
}

/// What names an error, in the forms that services use and in some they do
/// not.
pub(crate) fn discriminator() -> impl Strategy<Value = String> {
    prop_oneof!["[ \\tA#:]{0,6}", "(a\\.b)?#?A{0,2}#?(:http://x/#?y?)?", any::<String>()]
}

/// The body of an answer, or other JSON.
pub(crate) fn answer_body() -> impl Strategy<Value = String> {
    const NAMES: &[&str] =
        &["attachmentSetId", "expiryTime", "__type", "code", "message", "Message", "\\u0063ode"];
    prop_oneof![4 => object(member(NAMES, odd(discriminator().prop_map(quoted)))), 1 => json()]
}

/// The body of a request, or other JSON.
pub(crate) fn request_body() -> impl Strategy<Value = String> {
    let data = prop_oneof![3 => "([A-Za-z0-9+/]{4}){0,2}", 1 => "[A-Za-z0-9+/_]{0,8}={0,3}"];
    let file = prop_oneof![
        member(&["fileName"], odd(text().prop_map(quoted))),
        member(&["data"], odd(data.prop_map(quoted))),
        member(&["x"], json()),
    ];
    let files = list(vec(odd(object(file)), 0..4)).prop_map(|files| format!("[{files}]"));
    let input = prop_oneof![
        member(&["attachmentSetId"], odd(text().prop_map(quoted))),
        member(&["attachments"], odd(files)),
        member(&["dryRun"], odd("true|false")),
        member(&["x"], json()),
    ];
    prop_oneof![4 => object(input), 1 => json()]
}

fn quoted(text: String) -> String {
    serde_json::Value::from(text).to_string()
}

/// A value, null, or now and then something else.
fn odd(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop_oneof![7 => value, 2 => Just("null".to_owned()), 1 => json()]
}

fn member(
    names: &'static [&'static str],
    value: impl Strategy<Value = String>,
) -> impl Strategy<Value = String> {
    let name = proptest::sample::select(names);
    (name, value).prop_map(|(name, value)| format!("\"{name}\":{value}"))
}

fn object(member: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    list(vec(member, 0..5)).prop_map(|members| format!("{{{members}}}"))
}

/// What stands between brackets, now and then with a comma too many.
fn list(items: impl Strategy<Value = Vec<String>>) -> impl Strategy<Value = String> {
    let comma = prop_oneof![19 => Just(""), 1 => Just(",")];
    (items, comma).prop_map(|(items, comma)| items.join(", ") + comma)
}

/// Any JSON, with the names that mean something.
pub(crate) fn json() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        4 => discriminator().prop_map(quoted),
        1 => "[A-Za-z0-9+/]{0,8}={0,2}".prop_map(|text| format!("\"{text}\"")),
        2 => "null|true|false|-?[0-9]{1,3}(\\.5)?|1e999|\\[\\]|\\{\\}|\"\\\\u(0041|d800)\"",
    ];
    value.prop_recursive(3, 24, 4, |value| {
        prop_oneof![
            1 => list(vec(value.clone(), 0..4)).prop_map(|values| format!("[{values}]")),
            3 => object(member(&["code", "data", "attachments", "x"], value)),
        ]
    })
}

/// JSON, whole, cut, with a byte changed or put in, or with something behind
/// it.
pub(crate) fn nearly(json: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<u8>> {
    let cut = weighted(0.1, any::<Index>());
    let change = weighted(0.1, (any::<Index>(), any::<u8>()));
    let put_in = weighted(0.1, (any::<Index>(), proptest::sample::select(b",:\"\\{}[] ".as_slice())));
    let more = prop_oneof![9 => Just(""), 1 => Just(" "), 1 => Just("}"), 1 => Just("{}"), 1 => Just("\0")];
    (json, change, put_in, cut, more).prop_map(|(json, change, put_in, cut, more)| {
        let mut bytes = format!("{json}{more}").into_bytes();
        if let Some((at, byte)) = put_in {
            bytes.insert(at.index(bytes.len() + 1), byte);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Some((at, to)) = change
            && let Some(byte) = bytes.get_mut(at.index(64))
        {
            *byte = to;
        }
        bytes
    })
}
