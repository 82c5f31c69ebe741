//! Small changes to messages, inputs and outcomes, for the mutants' tables.

use std::time::{Duration, SystemTime};

use attachset::model::{Attachment, Input};
use attachset::wire::outcome::{Failure, Members, Outcome};
use attachset::wire::{Headers, Response};
use serde_json::{Map, Value};

/// Gives a field one value, or takes it away.
pub(crate) fn header(headers: &mut Headers, name: &str, value: Option<&str>) {
    let others = headers.iter().filter(|(other, _)| !other.eq_ignore_ascii_case(name));
    *headers = others.chain(value.map(|value| (name, value))).collect();
}

/// Changes the JSON value of a body, if it is JSON.
pub(crate) fn json(body: &mut Vec<u8>, change: impl FnOnce(&mut Value)) {
    if let Ok(mut value) = serde_json::from_slice(body) {
        change(&mut value);
        *body = value.to_string().into_bytes();
    }
}

/// Changes the members of a body, if it is a JSON object.
pub(crate) fn members(body: &mut Vec<u8>, change: impl FnOnce(&mut Map<String, Value>)) {
    json(body, |value| {
        if let Some(members) = value.as_object_mut() {
            change(members);
        }
    });
}

/// Changes the members of each attachment in a request's body.
pub(crate) fn attachments(body: &mut Vec<u8>, change: impl Fn(&mut Map<String, Value>)) {
    json(body, |value| {
        let list = value.get_mut("attachments").and_then(Value::as_array_mut);
        list.into_iter().flatten().filter_map(Value::as_object_mut).for_each(change);
    });
}

/// Changes the base64 of each attachment in a request's body.
pub(crate) fn base64(body: &mut Vec<u8>, change: impl Fn(&str) -> String) {
    attachments(body, |attachment| {
        if let Some(Value::String(data)) = attachment.get_mut("data") {
            *data = change(data);
        }
    });
}

/// Changes a body as text.
pub(crate) fn body(body: &mut Vec<u8>, change: impl FnOnce(&str) -> String) {
    *body = change(&String::from_utf8_lossy(body)).into_bytes();
}

/// The attachments of an input.
pub(crate) fn files(input: &mut Input) -> &mut Vec<Attachment> {
    input.attachments.get_or_insert_default()
}

/// Changes the name of each attachment of an input.
pub(crate) fn names(input: &mut Input, change: impl Fn(&str) -> String) {
    for name in files(input).iter_mut().filter_map(|file| file.file_name.as_mut()) {
        *name = change(name);
    }
}

/// Changes the bytes of each attachment of an input.
pub(crate) fn data(input: &mut Input, change: impl Fn(&[u8]) -> Vec<u8>) {
    for data in files(input).iter_mut().filter_map(|file| file.data.as_mut()) {
        *data = change(data);
    }
}

/// Changes a member of an outcome that is text.
pub(crate) fn text(member: &mut Value, change: impl Fn(&str) -> String) {
    if let Value::String(text) = member {
        *text = change(text);
    }
}

/// The error that an outcome is.
pub(crate) fn error(outcome: &mut Outcome) -> Option<&mut Failure> {
    if let Outcome::Error(error) = outcome { Some(error) } else { None }
}

/// An error's code, or nothing.
pub(crate) fn code(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Error(error) => error.code.as_ref().and_then(Value::as_str).unwrap_or_default(),
        _ => "",
    }
}

/// What names the error of an answer, uncut.
pub(crate) fn discriminator(response: &Response) -> Option<String> {
    let header = response.headers.get("x-amzn-errortype").map(str::to_owned);
    let member = |name| {
        let body: Value = serde_json::from_slice(&response.body).ok()?;
        Some(body.get(name)?.as_str()?.to_owned())
    };
    header.filter(|name| !name.is_empty()).or_else(|| member("__type")).or_else(|| member("code"))
}

/// An output with an id and no expiry time.
pub(crate) fn output(id: Option<&str>) -> Outcome {
    let mut members = Members::default();
    members.set("attachmentSetId", id.map(Value::from));
    Outcome::Output(members)
}

/// How long ago an answer was made by its `Date`.
pub(crate) fn age(response: &Response) -> Option<Duration> {
    let made = jiff::fmt::rfc2822::parse(response.headers.get("date")?).ok()?;
    SystemTime::now().duration_since(SystemTime::from(made.timestamp())).ok()
}

/// Fills what an output lacks from the output before.
pub(crate) fn fill(outcome: &mut Outcome, before: &Outcome) {
    if let (Outcome::Output(output), Outcome::Output(before)) = (outcome, before) {
        for (name, value) in &before.members {
            output.members.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
}
