//! What an answer with a status of class 4 or 5 comes to.

use super::name::Named;
use super::seen::{Member, Seen};
use super::{Right, Row};
use crate::fixture::Level;

pub(super) const ROWS: &[Row] = &[
    Row {
        says: "JSON that readers take in different ways: twins, halves of pairs, letters in another case, great depth, a byte order mark",
        source: "RFC 8259 sections 4, 8.1, 8.2 and 9; C13 of the facts",
        level: Level::May,
        when: |seen| seen.is_ambiguous() || seen.bom,
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "R7: named in the header, and the body is no JSON object",
        source: "rulings R7; C13 of the facts",
        level: Level::May,
        when: |seen| named(seen) && !seen.message.body.is_empty() && seen.object().is_none(),
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "R6: named in two places, or in one beside something that is no name",
        source: "rulings R6; C9 of the facts",
        level: Level::May,
        when: |seen| seen.named == Named::Open,
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "R13: named by x-amzn-query-error, too",
        source: "rulings R13",
        level: Level::May,
        when: |seen| seen.message.has("x-amzn-query-error"),
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "a content type other than the protocol's, or with parameters, beside a name",
        source: "C13 of the facts",
        level: Level::May,
        when: |seen| named(seen) && !seen.has_content_type(),
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "R36: a byte beyond ASCII in the header that names the error",
        source: "rulings R36; RFC 9110 section 5.5",
        level: Level::May,
        when: |seen| seen.message.all("x-amzn-errortype").any(|value| !value.is_ascii()),
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "bytes behind the end: the error, or any other",
        source: "RFC 9112 section 6.3",
        level: Level::Should,
        when: |seen| seen.message.marks.surplus,
        right: Right::NamedErrorOrError,
        breaks: "user.no-false-success",
    },
    Row {
        says: "R11: an error that nothing names: that it is one, and its status, reach the caller",
        source: "rulings R11",
        level: Level::Should,
        when: |seen| seen.named == Named::Nowhere,
        right: Right::UnnamedError,
        breaks: "user.no-false-success",
    },
    Row {
        says: "R5: bytes that are not UTF-8 in an error: any error",
        source: "rulings R5; RFC 8259 section 8.1",
        level: Level::Should,
        when: |seen| seen.marks().is_some_and(|marks| marks.broken),
        right: Right::NamedErrorOrError,
        breaks: "user.no-false-success",
    },
    Row {
        says: "a message that is no text, in either spelling: the name reaches the caller, or the client refuses the answer",
        source: "service model: error shapes, message; rulings R10",
        level: Level::Should,
        when: |seen| ["message", "Message"].iter().any(|name| matches!(seen.member(name), Member::Other(_))),
        right: Right::NamedErrorOrRefusal,
        breaks: "user.no-false-success",
    },
    Row {
        says: "R6: named by __type, beside a number in code: the name reaches the caller",
        source: "rulings R6; B10 of the facts",
        level: Level::Should,
        when: |seen| matches!(seen.named, Named::BesideNumber(_)),
        right: Right::NamedError,
        breaks: "user.no-false-success",
    },
    Row {
        says: "R32: a message in both spellings: the name reaches the caller",
        source: "rulings R32; C13 of the facts: the case of the message's name",
        level: Level::Should,
        when: |seen| named(seen) && seen.json("message").is_some() && seen.json("Message").is_some(),
        right: Right::NamedError,
        breaks: "user.no-false-success",
    },
    Row {
        says: "R9: a name that the model does not list reaches the caller",
        source: "rulings R9",
        level: Level::Should,
        when: |seen| matches!(&seen.named, Named::Once(name) if name.modelled().is_none()),
        right: Right::NamedError,
        breaks: "user.no-false-success",
    },
    Row {
        says: "R8: a name in a form that no official test holds is cut to the name",
        source: "rulings R8; C10 of the facts",
        level: Level::Should,
        when: |seen| matches!(&seen.named, Named::Once(name) if !name.is_tested()),
        right: Right::NamedError,
        breaks: "user.no-false-success",
    },
    Row {
        says: "an error of the model: its name, message, status and request id reach the caller",
        source: "Smithy awsJson1_1, operation error serialization; official tests",
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
