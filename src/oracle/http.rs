//! What an answer comes to as a message: RFC 9110 and 9112.

use super::json::{Json, NotJson};
use super::message::Arrived;
use super::seen::{Member, Seen};
use super::source::{ANSWERS_IN_TIME, CRC32, rfc, rule};
use super::success::may_be_more_than_json;
use super::{End, Pace, Right, Row};
use crate::fixture::Level;

pub(super) const ROWS: &[Row] = &[
    Row {
        says: "pauses come near the timeout, and may end the call or not",
        sources: &[rule!(29)],
        level: Level::May,
        when: |seen| seen.pace == Pace::Unclear,
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "no response comes, and the connection stays open: the client's timeout ends the call",
        sources: &[ANSWERS_IN_TIME],
        level: Level::Should,
        when: |seen| seen.arrived == Arrived::Nothing && seen.end == End::Open,
        right: Right::Silence,
        breaks: "user.answers-in-time",
    },
    Row {
        says: "the connection ends before a response: an error",
        sources: &[rfc!(9112, "8")],
        level: Level::Must,
        when: |seen| seen.arrived == Arrived::Nothing,
        right: Right::Error,
        breaks: "http.incomplete-message",
    },
    Row {
        says: "what comes is not an HTTP response: an error",
        sources: &[rfc!(9112, "2.2"), rfc!(9112, "4")],
        level: Level::Must,
        when: |seen| seen.arrived == Arrived::NotHttp,
        right: Right::Error,
        breaks: "http.malformed",
    },
    Row {
        says: "a head that stops, and the connection stays open: the client's timeout ends the call",
        sources: &[ANSWERS_IN_TIME],
        level: Level::Should,
        when: |seen| seen.arrived == Arrived::CutHead && seen.end == End::Open,
        right: Right::Silence,
        breaks: "user.answers-in-time",
    },
    Row {
        says: "a head that is cut is no response: an error",
        sources: &[rfc!(9112, "8")],
        level: Level::Must,
        when: |seen| seen.arrived == Arrived::CutHead,
        right: Right::Error,
        breaks: "http.incomplete-message",
    },
    Row {
        says: "a head in a form that a sender may not use, and that a reader may take or refuse: line feeds alone, folds, white space before a colon, other versions, or more behind an interim response that closes the connection",
        sources: &[
            rfc!(9112, "2.2"),
            rfc!(9112, "3"),
            rfc!(9112, "5.1"),
            rfc!(9112, "5.2"),
            rfc!(9112, "9.6"),
        ],
        level: Level::May,
        when: |seen| seen.arrived == Arrived::OddHead,
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "more fields, or longer ones, than some clients take",
        sources: &[rfc!(9110, "5.4")],
        level: Level::May,
        when: |seen| seen.message.fields.len() > 100 || seen.message.features.head > 4_096,
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "a Content-Length that is no number, or two that differ: the response is discarded, an error",
        sources: &[rfc!(9112, "6.3")],
        level: Level::Must,
        when: |seen| seen.arrived == Arrived::NoLength,
        right: Right::Error,
        breaks: "http.content-length-invalid",
    },
    Row {
        says: "a transfer coding other than chunked, or a list of equal lengths",
        sources: &[rfc!(9112, "6.1"), rfc!(9112, "6.3")],
        level: Level::May,
        when: |seen| seen.arrived == Arrived::OddLength,
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "chunks that cannot be read: an error",
        sources: &[rfc!(9112, "7.1")],
        level: Level::Must,
        when: |seen| seen.arrived == Arrived::BadChunks,
        right: Right::Error,
        breaks: "http.chunked-malformed",
    },
    Row {
        says: "chunks in a form that is left open: white space, line feeds alone, no last line end, a sign or `0x` before a size; unreadable ones where a tab hides their coding",
        sources: &[rfc!(9110, "2.2"), rfc!(9112, "2.2"), rfc!(9112, "7.1")],
        level: Level::May,
        when: |seen| seen.arrived == Arrived::OddChunks,
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "a reset behind a whole response can destroy it on its way",
        sources: &[rfc!(9112, "9.6")],
        level: Level::May,
        when: |seen| seen.is_whole() && seen.end == End::Reset,
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "a content coding that nobody asked for",
        sources: &[rfc!(9110, "8.4"), rule!(24)],
        level: Level::May,
        when: |seen| seen.message.has("content-encoding"),
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "a check of another service's: a client may hold the body against it",
        sources: &[CRC32],
        level: Level::May,
        when: |seen| seen.message.has("x-amz-crc32"),
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "chunks beside a length: they count, and yet such a message ought to be an error",
        sources: &[rfc!(9112, "6.3")],
        level: Level::May,
        when: |seen| seen.message.features.two_lengths,
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "an output that begins before the request has been read",
        sources: &[rfc!(9112, "9.5")],
        level: Level::May,
        when: |seen| seen.early && seen.is_success(),
        right: Right::Anything,
        breaks: "",
    },
    Row {
        says: "a status outside 100 to 599 is invalid: an error",
        sources: &[rfc!(9110, "15")],
        level: Level::Should,
        when: |seen| seen.is_whole() && !(100..600).contains(&seen.message.status),
        right: Right::Error,
        breaks: "http.status-out-of-range",
    },
    Row {
        says: "a status of class 3 is no output: an error, whether the client follows it or not",
        sources: &[rfc!(9110, "15.4")],
        level: Level::Should,
        when: |seen| seen.is_whole() && (300..400).contains(&seen.message.status),
        right: Right::Error,
        breaks: "user.no-false-success",
    },
    Row {
        says: "the JSON is whole, its framing is not: an error; the exact output is tolerated",
        sources: &[rule!(15), rfc!(9112, "8")],
        level: Level::Should,
        when: |seen| is_cut(seen) && is_whole_output(seen),
        right: Right::ErrorOrWholeOutput,
        breaks: "http.incomplete-message",
    },
    Row {
        says: "the body stops, and the connection stays open: an error",
        sources: &[rule!(15), rfc!(9112, "8")],
        level: Level::Should,
        when: |seen| is_cut(seen) && seen.end == End::Open,
        right: Right::Error,
        breaks: "http.incomplete-message",
    },
    Row {
        says: "the body is cut: an error",
        sources: &[rule!(15), rfc!(9112, "8")],
        level: Level::Must,
        when: is_cut,
        right: Right::Error,
        breaks: "http.incomplete-message",
    },
];

/// Whether the body ends before its stated end.
fn is_cut(seen: &Seen<'_>) -> bool {
    matches!(seen.arrived, Arrived::Message(_)) && !seen.message.whole
}

/// Whether what has come of the body is a whole output, for a parser that may
/// take more than JSON, too.
fn is_whole_output(seen: &Seen<'_>) -> bool {
    let is_text = |member: &Member<'_>| matches!(member, Member::Absent | Member::Text(_) | Member::Fits(_));
    let is_object = matches!(seen.body, Ok((Json::Object(_), _)))
        && (seen.is_ambiguous() || seen.output().all(|member| is_text(&member)));
    seen.is_success()
        && (is_object || matches!(seen.body, Err(NotJson::Grammar)) && may_be_more_than_json(seen))
}
