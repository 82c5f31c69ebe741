//! What every request must be.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use super::text::{Pair, around, cut, pair, strings};
use super::{Defect, Judged, sender};
use crate::fixture::{Call, DateIs, Reply, Step, Text};
use crate::model::{self, Attachment, Input, OperationShape, names};
use crate::transcript::{Exchange, Received};
use crate::wire::decode::{self, DecodeErrorKind, NoteKind};

const POST_ROOT: &str = "protocol.post-root";
const TARGET: &str = "protocol.target";
const CONTENT_TYPE: &str = "protocol.content-type";
const HTTP: &str = "http.request";
const FRAMING: &str = "http.request-framing";
const JSON: &str = "protocol.json-body";
const SHAPES: &str = "protocol.shapes";
const UNIQUE: &str = "json.unique-names";
const KNOWN: &str = "model.members";
const NO_NULL: &str = "protocol.no-null";
const BASE64: &str = "protocol.blob-base64";
const INPUT: &str = "protocol.input-unchanged";
const RETRY_BODY: &str = "retry.same-body";
const SIGNATURE: &str = "sigv4.valid";
const AGE: &str = "http.age";
const ELSEWHERE: &str = "user.no-credentials-elsewhere";

pub(super) const REQUIREMENTS: &[&str] = &[
    POST_ROOT,
    TARGET,
    CONTENT_TYPE,
    HTTP,
    FRAMING,
    JSON,
    SHAPES,
    UNIQUE,
    KNOWN,
    NO_NULL,
    BASE64,
    INPUT,
    RETRY_BODY,
    SIGNATURE,
    AGE,
    ELSEWHERE,
];

/// Judges the requests of one step.
pub(super) fn step(
    step: &Step,
    path: &str,
    exchanges: &[&Exchange],
    date_before: &dyn Fn(&Exchange) -> DateIs,
    judged: &mut Judged<'_>,
) {
    let input = LazyCell::new(|| match &step.call.operation {
        None => Expected::Set(step.call.input()),
        Some(_) => Expected::Members(step.call.operation(), members(&step.call)),
    });
    // What follows a redirect is no attempt of the call's own.
    let leads_elsewhere = |exchange: &&Exchange| {
        step.replies.get(exchange.reply).or(step.replies.last()).is_some_and(Reply::leads_elsewhere)
    };
    let own = exchanges.iter().position(leads_elsewhere).map_or(exchanges.len(), |at| at + 1);
    let (exchanges, redirected) = exchanges.split_at(own);
    for exchange in redirected {
        elsewhere(exchanges, exchange, judged);
    }
    for exchange in exchanges {
        if let Received::Unreadable(reason) = &exchange.body {
            judged.rule(Defect::RequestLine, HTTP, "a request of HTTP/1.1", reason);
            continue;
        }
        sender::judge_request(&exchange.breaches, judged);
        head(step, path, exchange, judged);
        match &exchange.body {
            Received::Whole => {
                body(&input, exchange, judged);
                // Readers do not agree on what was signed where rules on senders are broken.
                if let Err(reason) = &exchange.signature
                    && exchange.breaches.is_empty()
                    && let Some(requirement) = of_signature(reason, || date_before(exchange))
                {
                    judged.rule(Defect::Signature, requirement, "a valid AWS Signature Version 4", reason);
                }
            }
            // What breaks a rule on senders has its own finding.
            Received::Broken(_) if !exchange.breaches.is_empty() => {}
            Received::Broken(reason) => {
                judged.rule(Defect::Framing, FRAMING, "a Content-Length or chunked body", reason);
            }
            Received::TooLong(most) => {
                let expected = format!("a body of at most {most} bytes, far more than the call needs");
                judged.rule(Defect::Input, INPUT, expected, "a longer body: the rest was not read");
            }
            Received::Part | Received::Unreadable(_) => {}
        }
    }
    let mut bodies =
        exchanges.iter().filter(|exchange| exchange.body == Received::Whole).map(|e| &e.request.body);
    if let Some(first) = bodies.next()
        && bodies.any(|body| body != first)
    {
        judged.rule(Defect::RetryBody, RETRY_BODY, "the same body in every attempt", "a body that differs");
    }
}

/// What an invalid signature violates; none where a date that no document explains
/// may have set the client's clock.
fn of_signature(reason: &str, date_before: impl Fn() -> DateIs) -> Option<&'static str> {
    let is_about_time = is_about_time(reason);
    match is_about_time.then(date_before) {
        None | Some(DateIs::Now) => Some(SIGNATURE),
        Some(DateIs::Explained) => Some(AGE),
        Some(DateIs::Unexplained) => None,
    }
}

/// A request that a redirect led to.
fn elsewhere(own: &[&Exchange], exchange: &Exchange, judged: &mut Judged<'_>) {
    let host =
        |exchange: &Exchange| exchange.request.headers.get("host").unwrap_or_default().to_ascii_lowercase();
    let is_elsewhere = own.first().is_some_and(|first| host(first) != host(exchange));
    let sent = ["authorization", "x-amz-security-token"]
        .into_iter()
        .filter(|name| exchange.request.headers.get(name).is_some());
    let sent: Vec<_> = sent.collect();
    if is_elsewhere && !sent.is_empty() {
        judged.rule(
            Defect::CredentialsElsewhere,
            ELSEWHERE,
            "a request without the headers that hold credentials, or none",
            format!("a request to another host with {}", sent.join(", ")),
        );
    }
}

fn head(step: &Step, path: &str, exchange: &Exchange, judged: &mut Judged<'_>) {
    let request = &exchange.request;
    let (expected, seen) = (format!("POST {path}/"), format!("{} {}", request.method, request.target));
    if seen != expected {
        judged.rule(Defect::RequestLine, POST_ROOT, expected, seen);
    }
    let field = |name: &str, shown: &str| {
        format!("{shown}: {}", request.headers.get(name).map_or("none".into(), cut))
    };
    let target = step.call.operation().target();
    if request.headers.get("x-amz-target") != Some(&target) {
        let expected = format!("X-Amz-Target: {target}");
        judged.rule(Defect::Target, TARGET, expected, field("x-amz-target", "X-Amz-Target"));
    }
    let media_type = request.headers.get("content-type").unwrap_or_default();
    let media_type = media_type.split_once(';').map_or(media_type, |(media_type, _)| media_type);
    if !media_type.trim().eq_ignore_ascii_case(names::CONTENT_TYPE) {
        let expected = format!("Content-Type: {}", names::CONTENT_TYPE);
        judged.rule(Defect::ContentType, CONTENT_TYPE, expected, field("content-type", "Content-Type"));
    }
    let framed = ["content-length", "transfer-encoding"].map(|name| request.headers.get(name).is_some());
    if framed == [false, false] {
        judged.rule(Defect::Framing, FRAMING, "a Content-Length or chunked body", "neither");
    }
    for rule in &step.request.headers {
        if !rule.value.allows_text(request.headers.get(&rule.name)) {
            let allowed =
                |text: &Option<Text>| text.as_ref().map_or("none".into(), |text| cut(&text.to_text()));
            let allowed: Vec<_> = rule.value.0.iter().map(allowed).collect();
            let expected = format!("{}: {}", rule.name, allowed.join(" or "));
            judged.attributed(Defect::Header, expected, field(&rule.name, &rule.name));
        }
    }
}

/// Whether an invalid signature, as it is displayed, is one of the wrong time.
fn is_about_time(displayed: &str) -> bool {
    displayed.starts_with("the request's date is ")
}

/// The input that a request has to hold.
enum Expected {
    /// That of `AddAttachmentsToSet`.
    Set(Input),
    /// That of another operation.
    Members(&'static OperationShape, Members),
}

type Members = BTreeMap<String, model::Value>;

fn members(call: &Call) -> Members {
    let members = decode::members(&call.operation().input, &call.body());
    members.expect("the loader refuses a call with other members than the operation's").0
}

fn body(expected: &Expected, exchange: &Exchange, judged: &mut Judged<'_>) {
    let body = &exchange.request.body;
    let read = match expected {
        Expected::Set(input) => decode::input(body).map(|of| (difference(input, &of.input), of.notes)),
        Expected::Members(operation, members) => decode::members(&operation.input, body)
            .map(|(seen, notes)| (difference_by_name(members, &seen), notes)),
    };
    let (difference, notes) = match read {
        Ok(read) => read,
        Err(error) => {
            let (defect, requirement, expected) = match error.kind {
                DecodeErrorKind::Syntax => (Defect::Json, JSON, "a JSON object in UTF-8"),
                DecodeErrorKind::Type => (Defect::MemberType, SHAPES, "members of the model's types"),
                DecodeErrorKind::Base64 => (Defect::Base64, BASE64, "padded standard base64"),
            };
            return judged.rule(defect, requirement, expected, error.to_string());
        }
    };
    for note in &notes {
        let (requirement, expected) = match note.kind {
            NoteKind::Duplicate => (UNIQUE, "each member once"),
            NoteKind::Unknown => (KNOWN, "members of the operation's input"),
            NoteKind::Null => (NO_NULL, "absent members left out"),
        };
        judged.rule(Defect::Member, requirement, expected, note.to_string());
    }
    if let Some((expected, seen)) = difference {
        judged.rule(Defect::Input, INPUT, expected, seen);
    }
}

/// The first member of another operation's input that differs.
fn difference_by_name(expected: &Members, seen: &Members) -> Option<Pair> {
    let names = expected.keys().chain(seen.keys());
    let differs = |name: &&String| expected.get(*name) != seen.get(*name);
    let value = |of: &Members, name: &String| of.get(name).cloned().map(serde_json::Value::from);
    let mut pairs =
        names.filter(differs).map(|name| pair(name, &[value(expected, name)], value(seen, name).as_ref()));
    pairs.next()
}

/// The first member in which two inputs differ, expected and seen.
fn difference(expected: &Input, seen: &Input) -> Option<Pair> {
    let text = |place: &str, expected: &Option<String>, seen: &Option<String>| {
        (expected != seen).then(|| strings(place, expected.as_deref(), seen.as_deref()))
    };
    let count = |list: &Option<Vec<Attachment>>| match list.as_deref() {
        None => "attachments: none".into(),
        Some([_]) => "attachments: a list of 1".into(),
        Some(list) => format!("attachments: a list of {}", list.len()),
    };
    if let Some(found) = text("attachmentSetId", &expected.attachment_set_id, &seen.attachment_set_id) {
        return Some(found);
    }
    if expected.dry_run != seen.dry_run {
        let value = |of: Option<bool>| of.map(serde_json::Value::from);
        return Some(pair("dryRun", &[value(expected.dry_run)], value(seen.dry_run).as_ref()));
    }
    if expected.attachments.as_ref().map(Vec::len) != seen.attachments.as_ref().map(Vec::len) {
        return Some((count(&expected.attachments), count(&seen.attachments)));
    }
    let pairs = expected.attachments.iter().flatten().zip(seen.attachments.iter().flatten());
    pairs.enumerate().find_map(|(index, (expected, seen))| {
        let place = format!("attachments[{index}]");
        text(&format!("{place}.fileName"), &expected.file_name, &seen.file_name).or_else(|| {
            let escaped = |data: &Option<Vec<u8>>| data.as_ref().map(|data| data.escape_ascii().to_string());
            let shown = |data: &Option<Vec<u8>>, other: &Option<Vec<u8>>| {
                let (Some(bytes), Some(text)) = (data, escaped(data)) else {
                    return format!("{place}.data: none");
                };
                let text = around(&text, escaped(other).as_deref(), |part| format!("b\"{part}\""));
                format!("{place}.data: {text}, {} bytes in all", bytes.len())
            };
            let (wanted, got) = (&expected.data, &seen.data);
            (wanted != got).then(|| (shown(wanted, got), shown(got, wanted)))
        })
    })
}
