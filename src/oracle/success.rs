//! What an answer with a status of class 2 comes to.

use super::attribution::BLOB;
use super::json::{Json, NotJson};
use super::seen::{Member, Seen};
use super::source::{EMPTY, ERRORS, OPERATION, SHAPES, open, rfc, rule};
use super::{Right, Row};
use crate::fixture::Level;

pub(super) const ROWS: &[Row] = &[
    Row {
        says: "a status of class 2 other than 200 is not documented",
        sources: &[OPERATION],
        level: Level::May,
        when: |seen| seen.is_success() && seen.message.status != 200,
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "an output with the header that names an error",
        sources: &[rule!(6), ERRORS],
        level: Level::May,
        when: |seen| seen.is_success() && seen.message.has("x-amzn-errortype"),
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "an empty body is an output without members, or an error",
        sources: &[rule!(1), EMPTY],
        level: Level::Should,
        when: |seen| seen.is_success() && seen.message.body.is_empty(),
        right: Right::EmptyOrError,
        breaks: "protocol.empty-body",
    },
    Row {
        says: "white space, or null, in place of an output",
        sources: &[rule!(2)],
        level: Level::May,
        when: |seen| seen.is_success() && matches!(seen.body, Err(NotJson::Nothing) | Ok((Json::Null, _))),
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "a body that is JSON, and no object, is no output; the value passed on unchanged is tolerated",
        sources: &[rule!(3), rule!(34), SHAPES],
        level: Level::Should,
        when: |seen| seen.is_success() && seen.body.is_ok() && seen.object().is_none(),
        right: Right::ErrorOrValue,
        breaks: "protocol.response-json",
    },
    Row {
        says: "a body whose JSON is cut is no output",
        sources: &[rule!(3), rfc!(8259, "2")],
        level: Level::Should,
        when: |seen| seen.is_success() && matches!(seen.body, Err(NotJson::Cut)),
        right: Right::Error,
        breaks: "protocol.response-json",
    },
    Row {
        says: "a body that is not JSON and opens like an object, null or a comment: a parser may take more than JSON",
        sources: &[rfc!(8259, "9")],
        level: Level::Should,
        when: |seen| {
            seen.is_success() && matches!(seen.body, Err(NotJson::Grammar)) && may_be_more_than_json(seen)
        },
        right: Right::ErrorOrLaxOutput,
        breaks: "",
    },
    Row {
        says: "a body that is no JSON at all is no output",
        sources: &[rule!(3), rfc!(8259, "2")],
        level: Level::Should,
        when: |seen| seen.is_success() && matches!(seen.body, Err(NotJson::Grammar)),
        right: Right::Error,
        breaks: "protocol.response-json",
    },
    Row {
        says: "JSON that readers take in different ways: duplicate keys, lone surrogates, letters in another case, great depth",
        sources: &[rfc!(8259, "4"), rfc!(8259, "8.2"), rfc!(8259, "9"), open!("duplicate-keys")],
        level: Level::May,
        when: |seen| seen.is_success() && seen.is_ambiguous(),
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "something names an error, and there is no output beside it",
        sources: &[open!("success-with-error-body")],
        level: Level::May,
        when: |seen| seen.is_success() && !seen.has_output() && names_something(seen),
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "a content type other than the protocol's, or with parameters",
        sources: &[open!("response-content-type")],
        level: Level::May,
        when: |seen| seen.is_success() && !seen.has_content_type(),
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "a value of which the documents do not say what a client makes: null in a list, a required member that is missing, a whole number with a fraction, base64 without its padding",
        sources: &[SHAPES, rfc!(4648, "3.2"), rfc!(4648, "3.5"), open!("values")],
        level: Level::May,
        when: |seen| seen.is_success() && seen.output().any(|member| member == Member::Open),
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "bytes that are not UTF-8 in what the caller gets: an error",
        sources: &[rule!(5), rule!(38), rfc!(8259, "8.1")],
        level: Level::Should,
        when: |seen| seen.is_success() && seen.output().any(|member| member == Member::Spoiled),
        right: Right::Error,
        breaks: "protocol.response-json",
    },
    Row {
        says: "a number that not every reader can hold, in place of a string",
        sources: &[rule!(4), rfc!(8259, "6")],
        level: Level::May,
        when: |seen| seen.is_success() && seen.output().any(|member| cannot_be_held(&member)),
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "a member of another type: an error; the value passed on unchanged, or a string with its every character, is tolerated",
        sources: &[rule!(4), rule!(35)],
        level: Level::Should,
        when: |seen| seen.is_success() && seen.output().any(|member| matches!(member, Member::Other(_))),
        right: Right::ErrorOrUnchanged,
        breaks: "user.wrong-type",
    },
    Row {
        says: "characters that base64 does not have, in place of a file's bytes: an error; the text passed on unchanged is tolerated",
        sources: &[rule!(43), rfc!(4648, "3.3"), SHAPES],
        level: Level::Should,
        when: |seen| seen.is_success() && seen.output().any(|member| matches!(member, Member::Garbled(_))),
        right: Right::ErrorOrUnchanged,
        breaks: BLOB,
    },
    Row {
        says: "bytes that are not UTF-8 in a member that is ignored: the output, or an error",
        sources: &[rule!(5), rfc!(8259, "8.1")],
        level: Level::Should,
        when: |seen| seen.is_success() && seen.features().is_some_and(|features| features.invalid_utf8),
        right: Right::OutputOrError,
        breaks: "json.utf8",
    },
    Row {
        says: "a byte order mark: a parser may ignore it, or fail",
        sources: &[rfc!(8259, "8.1")],
        level: Level::Should,
        when: |seen| seen.is_success() && seen.bom,
        right: Right::OutputOrError,
        breaks: "protocol.response-json",
    },
    Row {
        says: "bytes behind the end: the output, or an error",
        sources: &[rfc!(9112, "6.3")],
        level: Level::Should,
        when: |seen| seen.is_success() && seen.message.features.surplus,
        right: Right::OutputOrError,
        breaks: "http.surplus-bytes",
    },
    Row {
        says: "an output: its members reach the caller unchanged",
        sources: &[SHAPES, OPERATION],
        level: Level::Must,
        when: |seen| seen.is_success(),
        right: Right::Output,
        breaks: "protocol.response-json",
    },
];

/// Whether a parser that takes more than JSON may find an object in the body, or
/// nothing: behind a comment, or before what follows null.
pub(super) fn may_be_more_than_json(seen: &Seen<'_>) -> bool {
    let body = seen.message.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&seen.message.body);
    [&b"{"[..], b"/", b"null"].iter().any(|start| body.trim_ascii_start().starts_with(start))
}

/// Whether a discriminator stands in the body, or in an object of it.
fn names_something(seen: &Seen<'_>) -> bool {
    let names = |json: &Json| ["__type", "code"].iter().any(|name| json.member(name).is_some());
    let within = |members: &[(_, Json)]| members.iter().any(|(_, value)| names(value));
    seen.body.as_ref().is_ok_and(|(body, _)| names(body)) || seen.object().is_some_and(within)
}

fn cannot_be_held(member: &Member<'_>) -> bool {
    matches!(member, Member::Other(json) if json.to_value().is_none())
}
