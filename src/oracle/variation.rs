//! What is unusual in an answer, and allowed: a client takes it as it comes.

use super::Pace;
use super::json::{Features, Json};
use super::name::Named;
use super::outcome::{is_hard_to_keep, message};
use super::seen::{Member, Seen};
use crate::fixture::Level;
use crate::model::Shape;

/// Something unusual that the documents allow a sender.
#[derive(Clone, Copy)]
pub struct Variation {
    /// The requirement that a client breaks when it stumbles over it.
    pub requirement: &'static str,
    /// How binding that is.
    pub level: Level,
    /// Whether an answer makes use of it.
    pub when: fn(&Seen<'_>) -> bool,
}

const fn must(requirement: &'static str, when: fn(&Seen<'_>) -> bool) -> Variation {
    Variation { requirement, level: Level::Must, when }
}

const fn should(requirement: &'static str, when: fn(&Seen<'_>) -> bool) -> Variation {
    Variation { requirement, level: Level::Should, when }
}

/// From the outside in; the first of those that an answer makes use of is what
/// a failure is charged to.
pub(super) const VARIATIONS: &[Variation] = &[
    should("http.early-response", |seen| seen.early),
    should("http.status-line", |seen| seen.message.features.opaque_reason),
    must("http.reason-phrase-optional", |seen| seen.message.features.no_reason),
    must("http.http10", |seen| seen.message.features.http10),
    must("http.interim-1xx", |seen| seen.message.features.interim),
    should("http.header-section-limits", |seen| seen.message.fields.len() > 40),
    should("http.opaque-bytes", |seen| seen.message.features.opaque_fields),
    must("http.header-case", |seen| seen.message.features.capitals),
    should("http.header-whitespace", |seen| seen.message.features.tabs),
    must("http.header-whitespace", |seen| seen.message.features.padded_fields),
    should("http.chunked-trailer", |seen| seen.message.features.trailer),
    must("http.chunk-extensions", |seen| seen.message.features.extensions),
    must("http.chunked", |seen| seen.message.features.chunked),
    must("http.close-delimited", |seen| seen.message.features.close_delimited),
    must("http.fragmented-delivery", |seen| seen.pace == Pace::InPieces),
    should("http.media-type-case", |seen| {
        let capital =
            |value: &[u8]| value.iter().take_while(|byte| **byte != b';').any(u8::is_ascii_uppercase);
        seen.message.all("content-type").any(capital)
    }),
    must("protocol.http-traits-ignored", |seen| seen.asked.output.names().any(|name| seen.message.has(name))),
    should("json.parser-limits", |seen| features(seen, |features| features.depth > 20)),
    should("json.parser-limits", |seen| {
        let is_long = |member| matches!(member, Member::Text(text) if text.len() > 1_024);
        seen.is_success() && seen.output().any(is_long)
    }),
    should("json.numbers", |seen| features(seen, |features| features.large_numbers)),
    should("user.code-not-lost", |seen| {
        let has_own = |status: u16| status == seen.message.status;
        !seen.is_success()
            && matches!(&seen.named, Named::Once(name)
                if name.modelled.is_some_and(|status| !has_own(status)))
    }),
    should("user.request-id-kept", |seen| {
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        !seen.message.all("x-amzn-requestid").all(|id| id.iter().all(is_plain))
    }),
    should("user.message-kept", |seen| !seen.is_success() && message(seen).is_some_and(is_hard_to_keep)),
    must("protocol.error-nested-type", |seen| !seen.is_success() && names_inside(seen)),
    should("json.control-characters", |seen| {
        seen.output().any(|member| matches!(member, Member::Text(text) if text.contains('\0')))
    }),
    must("json.non-bmp", |seen| features(seen, |features| features.pairs)),
    must("json.string-comparison", |seen| features(seen, |features| features.escaped_names)),
    must("json.escapes", |seen| features(seen, |features| features.escapes)),
    must("json.utf8", |seen| features(seen, |features| features.beyond_ascii)),
    must("json.whitespace", |seen| features(seen, |features| features.white_space)),
    should("protocol.unknown-members", |seen| {
        seen.is_success() && ["__type", "code", "message"].iter().any(|name| seen.json(name).is_some())
    }),
    must("protocol.unknown-members", |seen| seen.is_success() && has_others(seen)),
    must("protocol.error-unknown-members", |seen| !seen.is_success() && has_others(seen)),
    must("protocol.null-is-absent", |seen| {
        seen.object().is_some_and(|members| {
            members.iter().any(|(name, value)| *value == Json::Null && seen.knows(&name.text))
        })
    }),
    must("protocol.error-no-message", |seen| {
        !seen.is_success() && seen.object().is_some() && seen.text("message") == Member::Absent
    }),
    must("protocol.error-body-any", |seen| !seen.is_success() && seen.message.body.is_empty()),
    must("model.output-optional", |seen| {
        let is_missing = |(name, _, member)| name != "nextToken" && member == Member::Absent;
        seen.is_success() && seen.members().any(is_missing)
    }),
    must("json.member-order", |seen| {
        let first = seen.object().and_then(<[_]>::first);
        let last = if seen.is_success() { "expiryTime" } else { "message" };
        let is_alone = seen.object().is_some_and(|members| members.len() == 1);
        !is_alone && first.is_some_and(|(name, _)| name.text == last)
    }),
    must("protocol.response-blob", |seen| seen.is_success() && seen.contains(|shape| *shape == Shape::Blob)),
    must("protocol.scalars", |seen| {
        let is_scalar =
            |of: &Shape| matches!(of, Shape::Boolean | Shape::Double | Shape::Integer | Shape::Long);
        seen.is_success() && seen.contains(is_scalar)
    }),
    must("model.set-id-opaque", |seen| {
        seen.is_success()
            && seen.knows("attachmentSetId")
            && matches!(seen.text("attachmentSetId"), Member::Text(id) if !looks_like_an_id(id))
    }),
    must("model.expiry-time-string", |seen| {
        seen.is_success()
            && seen.knows("expiryTime")
            && matches!(seen.text("expiryTime"), Member::Text(time) if !looks_like_a_time(time))
    }),
];

fn features(seen: &Seen<'_>, has: fn(&Features) -> bool) -> bool {
    seen.features().is_some_and(has)
}

/// Whether the body has members that a client does not look at. The other
/// spelling of `message` is one where both stand there.
fn has_others(seen: &Seen<'_>) -> bool {
    let is_message = |name: &str| name == "Message" && seen.json("message").is_none();
    let is_other = |name: &str| !seen.knows(name) && !is_message(name);
    seen.object().is_some_and(|members| members.iter().any(|(name, _)| is_other(&name.text)))
}

/// Whether a discriminator stands deeper in the body. In `__proto__` it is not
/// deeper to a client that takes that for the object's own prototype.
fn names_inside(seen: &Seen<'_>) -> bool {
    fn names(json: &Json) -> bool {
        match json {
            Json::Object(members) => members
                .iter()
                .filter(|(name, _)| name.text != "__proto__")
                .any(|(name, value)| name.text == "__type" || names(value)),
            Json::Array(items) => items.iter().any(names),
            _ => false,
        }
    }
    let deeper = |(name, value): &(super::json::Text, Json)| name.text != "__proto__" && names(value);
    seen.object().is_some_and(|members| members.iter().any(deeper))
}

/// Whether an id has the form of the published example's.
fn looks_like_an_id(id: &str) -> bool {
    id.starts_with("as-") && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Whether a time has the form of the published example's.
fn looks_like_a_time(time: &str) -> bool {
    const FORM: &str = "0000-00-00T00:00:00.000+0000";
    let form: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    form == FORM
}
