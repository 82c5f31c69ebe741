//! Values to hold properties against.

use attachset::model::{Attachment, Input, Output, ServiceError};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

/// Text with what JSON escapes, and with every plane of Unicode.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{0,8}", any::<String>(), "[\\x00-\\x20\"\\\\/\\x7f\u{2028}é\u{10ffff}]{0,8}"]
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
    prop_oneof!["[ A#:]{0,6}", "(a\\.b)?#?A{0,2}#?(:http://x/#?y?)?", any::<String>()]
}

/// JSON that is mostly an answer or a request.
pub(crate) fn json() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        4 => discriminator().prop_map(|text| serde_json::Value::from(text).to_string()),
        1 => "[A-Za-z0-9+/]{0,8}={0,2}".prop_map(|text| format!("\"{text}\"")),
        2 => "null|true|false|-?[0-9]{1,3}(\\.5)?|1e999|\\[\\]|\\{\\}|\"\\\\u(0041|d800)\"",
    ];
    value.prop_recursive(3, 24, 4, |value| {
        let member = (name(), value.clone()).prop_map(|(name, value)| format!("\"{name}\":{value}"));
        prop_oneof![
            1 => vec(value, 0..4).prop_map(|values| format!("[{}]", values.join(","))),
            3 => vec(member, 0..4).prop_map(|members| format!("{{{}}}", members.join(", "))),
        ]
    })
}

fn name() -> impl Strategy<Value = &'static str> {
    let answer = ["attachmentSetId", "expiryTime", "__type", "code", "message", "Message"];
    let request = ["attachments", "fileName", "data", "dryRun", "x", "\\u0063ode"];
    proptest::sample::select([answer, request].concat())
}

/// [`json`], whole, cut, with a byte changed, or with something behind it.
pub(crate) fn nearly_json() -> impl Strategy<Value = Vec<u8>> {
    let cut = of(any::<proptest::sample::Index>());
    let more = prop_oneof![4 => Just(""), 1 => Just(" "), 1 => Just("}"), 1 => Just("{}"), 1 => Just("\0")];
    (json(), of((0..64usize, any::<u8>())), cut, more).prop_map(|(json, change, cut, more)| {
        let mut bytes = format!("{json}{more}").into_bytes();
        if let Some(cut) = cut.filter(|_| more.is_empty()) {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Some((at, to)) = change
            && let Some(byte) = bytes.get_mut(at)
        {
            *byte = to;
        }
        bytes
    })
}
