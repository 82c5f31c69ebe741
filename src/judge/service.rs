//! What a server must answer.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;
use serde_json::value::RawValue;

use super::member::member_of;
use super::{Defect, Judged, Judgement, Verdict, cases, conclude, describe, outcome};
use crate::fixture::{Expected, Form, Member, Pattern, Send, ServiceExchange, ServiceFixture, ServiceStep};
use crate::model::{Exception, names};
use crate::transcript::{Answered, Seen, ServiceTranscript};
use crate::wire::Response;
use crate::wire::outcome::{ErrorKind, Failure, Members, Outcome};

/// Values captured from outputs, by name.
type Captured<'a> = HashMap<&'a str, String>;

/// Judges what was seen of a fixture of the service role.
#[must_use]
pub fn judge_service(fixture: &ServiceFixture, transcript: &ServiceTranscript) -> Judgement {
    let mut mismatches = Vec::new();
    let mut notes = Vec::new();
    let mut captured = Captured::new();
    for (index, (step, seen)) in fixture.steps.iter().zip(&transcript.steps).enumerate() {
        let without = |verdict, note| Judgement { verdict, mismatches: Vec::new(), notes: vec![note] };
        match (step, seen) {
            (_, Seen::Unsupported(reason)) => return without(Verdict::Unsupported, reason.clone()),
            (_, Seen::Broken(reason)) => return without(Verdict::Error, reason.clone()),
            (ServiceStep::Exchange(step), Seen::Exchange(answered)) => {
                if met_rate_limit(step, &answered.outcome) {
                    return without(Verdict::Unsupported, RATE_LIMIT.into());
                }
                if let Some(reason) = cases::unsupported(fixture, step, &answered.outcome) {
                    return without(Verdict::Unsupported, reason.into());
                }
                let mut judged = Judged {
                    step: index + 1,
                    cites: &fixture.cites,
                    charges: &fixture.charges,
                    mismatches: &mut mismatches,
                };
                exchange(step, answered, &mut captured, &mut judged, &mut notes);
            }
            (ServiceStep::Advance(_), _) | (_, Seen::Advanced) => {}
        }
    }
    conclude(fixture.level, mismatches, notes, || observations(transcript))
}

const RATE_LIMIT: &str =
    "the server's rate limit on new sets was met, and the documents leave open where it is";

/// Whether a call for a new set met the rate limit. How many sets may be made
/// in how short a time is not documented, so that it can come to any of them.
fn met_rate_limit(step: &ServiceExchange, outcome: &Outcome) -> bool {
    let is_new =
        matches!(&step.send, Send::Call(call) if call.attachment_set_id.is_none()) && step.with.is_empty();
    let limit = Exception::AttachmentLimitExceeded.code();
    let is_limit = matches!(outcome, Outcome::Error(error) if code(error) == Some(limit));
    is_new && is_limit && !accepts(&step.outcome, outcome)
}

fn observations(transcript: &ServiceTranscript) -> Vec<String> {
    let exchanges = transcript.steps.iter().filter_map(|step| match step {
        Seen::Exchange(answered) => Some(describe(&answered.outcome)),
        _ => None,
    });
    exchanges.collect()
}

fn exchange<'a>(
    step: &'a ServiceExchange,
    answered: &Answered,
    captured: &mut Captured<'a>,
    judged: &mut Judged<'_>,
    notes: &mut Vec<String>,
) {
    let outcome = &answered.outcome;
    if accepts(&step.outcome, outcome) {
        // Right.
    } else if let Some(tolerated) = step.outcome.tolerate.iter().find(|of| of.pattern.matches(outcome)) {
        notes.push(tolerated.reason.clone());
    } else {
        return mismatch(&step.outcome, outcome, judged);
    }
    if let Ok(answer) = &answered.answer {
        step.form.iter().for_each(|rule| form(*rule, answer, judged));
        if let Outcome::Output(output) = outcome {
            members(step, answer, output, captured, judged);
        }
    }
}

fn accepts(expected: &Expected, outcome: &Outcome) -> bool {
    expected.accept.iter().any(|pattern| pattern.matches(outcome))
}

fn code(error: &Failure) -> Option<&str> {
    error.code.as_ref().and_then(Value::as_str)
}

/// Says in which way an answer is wrong.
fn mismatch(expected: &Expected, outcome: &Outcome, judged: &mut Judged<'_>) {
    let errors: Vec<_> = expected.accept.iter().filter_map(Pattern::error).collect();
    let outputs = errors.len() < expected.accept.len();
    let defect = match outcome {
        Outcome::Output(_) if outputs => Defect::OtherOutput,
        Outcome::Output(_) => Defect::Accepted,
        Outcome::Error(error) => match error.kind {
            ErrorKind::Timeout => Defect::Hang,
            ErrorKind::Service if errors.is_empty() => Defect::Refused,
            ErrorKind::Service if errors.iter().any(|of| of.code.allows_value(error.code.as_ref())) => {
                Defect::OtherStatus
            }
            ErrorKind::Service if code(error).is_none() => Defect::UnnamedError,
            ErrorKind::Service => Defect::OtherError,
            ErrorKind::Decode => Defect::UnreadableAnswer,
            ErrorKind::Transport | ErrorKind::Client | ErrorKind::Unexpected => Defect::BrokenAnswer,
        },
        Outcome::Unsupported(_) => return,
    };
    judged.fixture(defect, outcome::wanted(expected), describe(outcome));
}

/// Judges the members that are compared with earlier ones, and captures.
fn members<'a>(
    step: &'a ServiceExchange,
    answer: &Response,
    output: &Members,
    captured: &mut Captured<'a>,
    judged: &mut Judged<'_>,
) {
    let seen = |member| member_of(answer, output, member);
    let named =
        |names: &'a BTreeMap<Member, String>| names.iter().map(|(member, name)| (*member, name.as_str()));
    for (member, name) in named(&step.same) {
        let (seen, before) = (seen(member), captured.get(name));
        if seen.as_ref() != before {
            let expected = format!("{} {}", member.as_str(), quoted(before));
            judged.fixture(Defect::OtherOutput, expected, quoted(seen.as_ref()));
        }
    }
    for (member, name) in named(&step.differs) {
        let (seen, before) = (seen(member), captured.get(name));
        if seen.as_ref() == before {
            let expected = format!("another {} than {}", member.as_str(), quoted(before));
            judged.fixture(Defect::OtherOutput, expected, quoted(seen.as_ref()));
        }
    }
    for (member, text) in &step.equals {
        let (seen, text) = (seen(*member), text.to_text());
        if seen.as_ref() != Some(&text) {
            let expected = format!("{} {}", member.as_str(), quoted(Some(&text)));
            judged.fixture(Defect::OtherOutput, expected, quoted(seen.as_ref()));
        }
    }
    for (member, name) in named(&step.capture) {
        match seen(member) {
            Some(value) => {
                captured.insert(name, value);
            }
            None => {
                let expected = format!("{}, and not an empty one", member.as_str());
                judged.fixture(Defect::OtherOutput, expected, describe(&Outcome::Output(output.clone())));
            }
        }
    }
}

fn quoted(value: Option<&String>) -> String {
    value.map_or("none".into(), |value| format!("{value:?}"))
}

fn form(rule: Form, answer: &Response, judged: &mut Judged<'_>) {
    let header = |name: &str| match answer.headers.get(name) {
        Some(value) => format!("{name}: {value}"),
        None => format!("no {name}"),
    };
    match rule {
        Form::Ok if answer.status != 200 => {
            judged.fixture(Defect::OtherStatus, "status 200", format!("status {}", answer.status));
        }
        Form::ContentType if !has_content_type(answer) => {
            judged.fixture(Defect::AnswerForm, names::CONTENT_TYPE, header("content-type"));
        }
        Form::RequestId if answer.headers.get("x-amzn-requestid").is_none_or(str::is_empty) => {
            judged.fixture(Defect::AnswerForm, "an x-amzn-RequestId", header("x-amzn-requestid"));
        }
        Form::Json => {
            if let Err(problem) = strict(&answer.body) {
                judged.fixture(Defect::AnswerForm, "a JSON object, each member once, none null", problem);
            }
        }
        Form::BareType => {
            let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
            let name = body.as_ref().and_then(|body| body.get("__type")).and_then(Value::as_str);
            if !name.is_some_and(|name| !name.is_empty() && !name.contains([':', '#'])) {
                let seen = name.map_or("no __type".into(), |name| format!("__type {name:?}"));
                judged.fixture(Defect::AnswerForm, "the error's bare name in __type", seen);
            }
        }
        Form::Ok | Form::ContentType | Form::RequestId => {}
    }
}

fn has_content_type(answer: &Response) -> bool {
    let value = answer.headers.get("content-type").unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(names::CONTENT_TYPE)
}

/// Whether a body is an object without members that stand twice or are null.
fn strict(body: &[u8]) -> Result<(), String> {
    struct Strict;

    impl<'de> serde::de::Visitor<'de> for Strict {
        type Value = ();

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a JSON object")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            let mut names = HashSet::new();
            while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                if value.get() == "null" {
                    return Err(serde::de::Error::custom(format_args!("the member {name:?} is null")));
                }
                if let Some(twice) = names.replace(name) {
                    return Err(serde::de::Error::custom(format_args!("the member {twice:?} stands twice")));
                }
            }
            Ok(())
        }
    }

    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let mut json = serde_json::Deserializer::from_str(text);
    serde::Deserializer::deserialize_map(&mut json, Strict)
        .and_then(|()| json.end())
        .map_err(|error| error.to_string())
}
