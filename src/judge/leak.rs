//! What an outcome holds of an earlier response.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Defect, Judged};
use crate::fixture::{Fixture, Reply};
use crate::oracle::json::{self, Json};
use crate::oracle::message::{self, Arrived};
use crate::oracle::{Answer, Attribution};
use crate::transcript::End;

const NO_LEAK: &str = "user.no-leak";
/// Shorter strings, and those without a digit, a client may have of its own.
const SHORTEST: usize = 8;

/// The strings of a reply that no client makes up.
pub(crate) fn marks(reply: &Reply, timeout_ms: u64) -> BTreeSet<String> {
    let answer = Answer::of(reply, timeout_ms);
    let mut found = BTreeSet::new();
    let Arrived::Message(message) = message::read(&answer) else { return found };
    if let Ok((body, _)) = json::read(&message.body) {
        strings(&body, &mut found);
    }
    let ids = message.all("x-amzn-requestid");
    found.extend(ids.map(|id| crate::wire::latin1(id.trim_ascii())));
    found.retain(|text| text.len() >= SHORTEST && text.contains(|c: char| c.is_ascii_digit()));
    found
}

fn strings(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::String(text) => found.extend(text.sound().map(str::to_owned)),
        Json::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Json::Object(members) => members.iter().for_each(|(_, value)| strings(value, found)),
        Json::Null | Json::Boolean(_) | Json::Number(_) => {}
    }
}

/// A mark of earlier responses that a step's outcome holds, and that neither its call
/// nor its replies have.
pub(crate) fn leak(fixture: &Fixture, step: usize, end: &End, earlier: &BTreeSet<String>) -> Option<String> {
    let (step, outcome) = (fixture.steps.get(step)?, end.as_ref().ok()?);
    if earlier.is_empty() {
        return None;
    }
    let mut said = Vec::new();
    texts(&serde_json::to_value(outcome).ok()?, &mut said);
    let held = earlier.iter().filter(|mark| said.iter().any(|text| text.contains(mark.as_str())));
    let is_own = |mark: &str| {
        let in_bytes = |bytes: &[u8]| memchr::memmem::find(bytes, mark.as_bytes()).is_some();
        serde_json::to_vec(&step.call).is_ok_and(|call| in_bytes(&call))
            || step.replies.iter().any(|reply| {
                in_bytes(&reply.script().sent()) || marks(reply, fixture.timeout_ms).contains(mark)
            })
    };
    held.into_iter().find(|mark| !is_own(mark)).cloned()
}

fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|value| texts(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Judges whether a step's outcome holds something of an earlier response.
pub(super) fn step(fixture: &Fixture, step: usize, end: &End, judged: &mut Judged<'_>) {
    let before = fixture.steps.iter().take(step).flat_map(|step| &step.replies);
    let earlier = before.flat_map(|reply| marks(reply, fixture.timeout_ms)).collect();
    if let Some(mark) = leak(fixture, step, end, &earlier) {
        let own = Attribution { requirement: NO_LEAK.into(), ..Attribution::default() };
        let seen = format!("{:?} of an earlier response", super::text::cut(&mark));
        judged.push(Defect::Leak, "nothing of an earlier response", seen, own);
    }
}
