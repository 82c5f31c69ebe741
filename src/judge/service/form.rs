//! The form of a server's response.

use std::collections::HashSet;

use serde_json::Value;
use serde_json::value::RawValue;

use super::{BARE_TYPE, CONTENT_TYPE, EXPIRY, NAME, NULL, OUTPUT, REQUEST_ID, STATUS, UNIQUE, code, time};
use crate::fixture::Form;
use crate::judge::text::quoted;
use crate::judge::{Defect, Judged, describe};
use crate::model::names;
use crate::transcript::Answered;
use crate::wire::Response;
use crate::wire::outcome::Outcome;

/// Judges a response by a rule for its form. Each rule is a requirement of its own.
pub(super) fn judge(rule: Form, answer: &Response, answered: &Answered, judged: &mut Judged<'_>) {
    let outcome = &answered.outcome;
    let header = |name: &str| match answer.headers.get(name) {
        Some(value) => format!("{name}: {value}"),
        None => format!("{name}: none"),
    };
    let mut wrong = |requirement, expected: &str, seen: String| {
        judged.rule(Defect::AnswerForm, requirement, expected, seen)
    };
    match rule {
        Form::Ok if answer.status != 200 && matches!(outcome, Outcome::Output(_)) => {
            judged.rule(Defect::OtherStatus, STATUS, "status 200", format!("status {}", answer.status));
        }
        Form::ContentType if !has_content_type(answer) => {
            wrong(CONTENT_TYPE, names::CONTENT_TYPE, header("content-type"));
        }
        Form::RequestId if answer.headers.get("x-amzn-requestid").is_none_or(str::is_empty) => {
            wrong(REQUEST_ID, "an x-amzn-RequestId", header("x-amzn-requestid"));
        }
        Form::Json => {
            let whole = if matches!(outcome, Outcome::Output(_)) { OUTPUT } else { NAME };
            if let Err((requirement, problem)) = strict(&answer.body) {
                let expected = "a JSON object, each member once, none null";
                wrong(requirement.unwrap_or(whole), expected, problem);
            }
        }
        Form::Named | Form::BareType if matches!(outcome, Outcome::Error(error) if code(error).is_none()) => {
            judged.rule(Defect::UnnamedError, NAME, "a name for the error", describe(outcome));
        }
        Form::BareType => {
            let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
            let name = body.as_ref().and_then(|body| body.get("__type")).and_then(Value::as_str);
            if !name.is_some_and(|name| !name.is_empty() && !name.contains([':', '#'])) {
                let seen = format!("__type: {}", name.map_or("none".into(), quoted));
                wrong(BARE_TYPE, "__type: the bare name of the error", seen);
            }
        }
        Form::Expiry => {
            let Outcome::Output(output) = outcome else { return };
            let now = answered.now.as_deref().or_else(|| answer.headers.get("date"));
            let expiry = output.get("expiryTime").and_then(Value::as_str);
            if let (Some(now), Some(expiry)) = (now, expiry)
                && time::is_an_hour_after(expiry, now) == Some(false)
            {
                let expected = format!("expiryTime: an hour after {now}, give or take 5 minutes");
                let seen = format!("expiryTime: {}", quoted(expiry));
                judged.rule(Defect::OtherOutput, EXPIRY, expected, seen);
            }
        }
        Form::Ok | Form::ContentType | Form::RequestId | Form::Named => {}
    }
}

fn has_content_type(answer: &Response) -> bool {
    let value = answer.headers.get("content-type").unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(names::CONTENT_TYPE)
}

/// Whether a body is an object without members that stand twice or are null;
/// if not, which rule on members it breaks, and how.
fn strict(body: &[u8]) -> Result<(), (Option<&'static str>, String)> {
    let no_object = |error: &dyn std::fmt::Display| (None, error.to_string());
    let text = std::str::from_utf8(body).map_err(|error| no_object(&error))?;
    let mut json = serde_json::Deserializer::from_str(text);
    let members = serde::Deserializer::deserialize_map(&mut json, Each)
        .and_then(|members| json.end().map(|()| members))
        .map_err(|error| no_object(&error))?;
    let mut names = HashSet::new();
    for (name, value) in &members {
        if value.get() == "null" {
            return Err((Some(NULL), format!("the member {} is null", quoted(name))));
        }
        if !names.insert(name) {
            return Err((Some(UNIQUE), format!("the member {} occurs twice", quoted(name))));
        }
    }
    Ok(())
}

/// Reads every member of an object, also those that stand twice.
struct Each;

impl<'de> serde::de::Visitor<'de> for Each {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}
