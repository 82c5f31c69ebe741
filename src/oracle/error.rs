//! What an answer with a status of class 4 or 5 comes to.

use super::name::Named;
use super::seen::{Member, Seen};
use super::source::{ERROR_SHAPES, ERROR_TESTS, ERRORS, open, rfc, rule};
use super::{Right, Row};
use crate::fixture::Level;

pub(super) const ROWS: &[Row] = &[
    Row {
        says: "JSON that readers take in different ways: duplicate keys, lone surrogates, letters in another case, great depth, a byte order mark",
        sources: &[
            rfc!(8259, "4"),
            rfc!(8259, "8.1"),
            rfc!(8259, "8.2"),
            rfc!(8259, "9"),
            open!("duplicate-keys"),
        ],
        level: Level::May,
        when: |seen| seen.is_ambiguous() || seen.bom,
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "named in the header, and the body is no JSON object",
        sources: &[rule!(7), ERRORS],
        level: Level::May,
        when: |seen| named(seen) && !seen.message.body.is_empty() && seen.object().is_none(),
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "named in two places, or in one beside something that is no name",
        sources: &[rule!(6), ERRORS],
        level: Level::May,
        when: |seen| seen.named == Named::Open,
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "named by x-amzn-query-error, too",
        sources: &[rule!(13)],
        level: Level::May,
        when: |seen| seen.message.has("x-amzn-query-error"),
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "a content type other than the protocol's, or with parameters, beside a name",
        sources: &[open!("response-content-type")],
        level: Level::May,
        when: |seen| named(seen) && !seen.has_content_type(),
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "a byte beyond ASCII in the header that names the error",
        sources: &[rule!(36), rfc!(9110, "5.5")],
        level: Level::May,
        when: |seen| seen.message.all("x-amzn-errortype").any(|value| !value.is_ascii()),
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "bytes behind the end: the error, or any other",
        sources: &[rfc!(9112, "6.3")],
        level: Level::Should,
        when: |seen| seen.message.features.surplus,
        right: Right::NamedErrorOrError,
        breaks: "user.no-false-success",
    },
    Row {
        says: "an error that nothing names: that it is one, and its status, reach the caller",
        sources: &[rule!(11)],
        level: Level::Should,
        when: |seen| seen.named == Named::Nowhere,
        right: Right::UnnamedError,
        breaks: "user.no-false-success",
    },
    Row {
        says: "bytes that are not UTF-8 in an error: any error",
        sources: &[rule!(5), rfc!(8259, "8.1")],
        level: Level::Should,
        when: |seen| seen.features().is_some_and(|features| features.invalid_utf8),
        right: Right::NamedErrorOrError,
        breaks: "user.no-false-success",
    },
    Row {
        says: "a message that is no text, in either spelling: the name reaches the caller, or the client refuses the response",
        sources: &[ERROR_SHAPES, rule!(10)],
        level: Level::Should,
        when: |seen| ["message", "Message"].iter().any(|name| matches!(seen.text(name), Member::Other(_))),
        right: Right::NamedErrorOrRefusal,
        breaks: "user.no-false-success",
    },
    Row {
        says: "named by __type, beside a number in code: the name reaches the caller",
        sources: &[rule!(6)],
        level: Level::Should,
        when: |seen| matches!(seen.named, Named::BesideNumber(_)),
        right: Right::NamedError,
        breaks: "user.no-false-success",
    },
    Row {
        says: "a message in both spellings: the name reaches the caller",
        sources: &[rule!(32), open!("message-case")],
        level: Level::Should,
        when: |seen| named(seen) && seen.json("message").is_some() && seen.json("Message").is_some(),
        right: Right::NamedError,
        breaks: "user.no-false-success",
    },
    Row {
        says: "a name that the model does not list reaches the caller",
        sources: &[rule!(9)],
        level: Level::Should,
        when: |seen| matches!(&seen.named, Named::Once(name) if name.modelled.is_none()),
        right: Right::NamedError,
        breaks: "user.no-false-success",
    },
    Row {
        says: "a name in a form that no official test holds is cut to the name",
        sources: &[rule!(8), ERRORS],
        level: Level::Should,
        when: |seen| matches!(&seen.named, Named::Once(name) if !name.is_tested()),
        right: Right::NamedError,
        breaks: "user.no-false-success",
    },
    Row {
        says: "an error of the model: its name, message, status and request id reach the caller",
        sources: &[ERRORS, ERROR_TESTS],
        level: Level::Must,
        when: named,
        right: Right::NamedError,
        breaks: "user.no-false-success",
    },
];

/// Whether anything names the error.
fn named(seen: &Seen<'_>) -> bool {
    seen.named != Named::Nowhere
}
