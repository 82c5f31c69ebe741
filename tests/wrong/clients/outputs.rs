//! Outputs that do not reach the caller as they were sent.

use attachset::model::Output;
use attachset::wire::Response;
use attachset::wire::outcome::{ErrorKind, Outcome};
use serde_json::{Map, Value};

use crate::clients::edit;
use crate::clients::mutant::Defect::{self, AfterOutcome, Answer, Member, Report};
use crate::clients::mutant::{Mutant, mutant};

pub(crate) static OUTPUTS: &[Mutant] = &[
    mutant(
        "both-members-needed",
        "takes an output that lacks a member for broken",
        Defect::Outcome(|outcome, _| {
            if let Outcome::Output(output) = outcome
                && (output.get("attachmentSetId").is_none() || output.get("expiryTime").is_none())
            {
                *outcome = Outcome::error(ErrorKind::Decode, "a member is missing");
            }
        }),
    ),
    mutant(
        "empty-output-is-null",
        "fails with a null dereference where the output has no members",
        Defect::Outcome(|outcome, _| {
            if *outcome == Outcome::from(Output::default()) {
                *outcome = Outcome::error(ErrorKind::Unexpected, "null");
            }
        }),
    ),
    mutant(
        "unknown-members-refused",
        "refuses members that its model does not have",
        Defect::Outcome(|outcome, answer| {
            let known = ["attachmentSetId", "expiryTime"];
            if matches!(outcome, Outcome::Output(_))
                && object(answer).keys().any(|name| !known.contains(&name.as_str()))
            {
                *outcome = Outcome::error(ErrorKind::Decode, "a member is unknown");
            }
        }),
    ),
    mutant(
        "null-as-text",
        "turns null into the text null",
        Answer(|answer| {
            edit::members(&mut answer.body, |body| {
                body.values_mut().filter(|value| value.is_null()).for_each(|value| *value = "null".into());
            });
        }),
    ),
    mutant(
        "null-refused",
        "takes a null member for a member of the wrong type",
        Answer(|answer| {
            edit::members(&mut answer.body, |body| {
                body.values_mut().filter(|value| value.is_null()).for_each(|value| *value = false.into());
            });
        }),
    ),
    mutant(
        "empty-string-refused",
        "takes an empty member for an answer gone wrong",
        Defect::Outcome(|outcome, answer| {
            if matches!(outcome, Outcome::Output(_)) && object(answer).values().any(|value| value == "") {
                *outcome = Outcome::error(ErrorKind::Decode, "a member is empty");
            }
        }),
    ),
    mutant(
        "anything-as-text",
        "turns numbers, booleans and objects into text",
        Answer(|answer| {
            edit::members(&mut answer.body, |body| {
                for value in body.values_mut().filter(|value| !value.is_string() && !value.is_null()) {
                    *value = value.to_string().into();
                }
            });
        }),
    ),
    mutant(
        "wrong-type-as-absent",
        "takes a member of the wrong type for an absent one",
        Answer(|answer| {
            edit::members(&mut answer.body, |body| body.retain(|_, value| value.is_string()));
        }),
    ),
    mutant(
        "digits-as-number",
        "turns a value of digits into a number",
        Defect::Outcome(|outcome, _| {
            if let Outcome::Output(output) = outcome {
                for member in output.members.values_mut() {
                    if let Some(number) = member.as_str().and_then(|text| text.parse::<f64>().ok()) {
                        *member = number.into();
                    }
                }
            }
        }),
    ),
    mutant(
        "time-parsed",
        "refuses an expiry time that is not of RFC 3339, as the published one is not",
        Defect::Outcome(|outcome, _| {
            refuse_time(outcome, |time| time.ends_with("+0000") || time.parse::<jiff::Timestamp>().is_err());
        }),
    ),
    mutant(
        "time-by-pattern",
        "refuses an expiry time that is not written as the published one",
        Defect::Outcome(|outcome, _| {
            refuse_time(outcome, |time| !time.ends_with("+0000") || published(time).is_err());
        }),
    ),
    mutant(
        "past-refused",
        "refuses an expiry time that is past by its own clock",
        Defect::Outcome(|outcome, _| {
            refuse_time(outcome, |time| published(time).is_ok_and(|time| time < jiff::Timestamp::now()));
        }),
    ),
    mutant(
        "time-rewritten",
        "rewrites the expiry time in a form of its own",
        Member(|text| text.replace("+0000", "Z")),
    ),
    mutant("values-trimmed", "trims values", Member(|text| text.trim().into())),
    mutant("values-cut", "keeps values in 255 characters", Member(|text| text.chars().take(255).collect())),
    mutant(
        "values-up-to-nul",
        "takes values for C strings",
        Member(|text| text.split('\0').next().unwrap_or_default().into()),
    ),
    mutant(
        "values-in-ascii",
        "replaces what is not ASCII in values",
        Member(|text| text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect()),
    ),
    mutant(
        "redirect-is-success",
        "takes every status below 400 for success",
        Defect::Outcome(|outcome, answer| {
            if (300..400).contains(&answer.status) {
                *outcome = Output::default().into();
            }
        }),
    ),
    mutant(
        "value-hidden",
        "gives an output without members where the body is no object",
        Defect::Outcome(|outcome, answer| {
            let body: Result<Value, _> = serde_json::from_slice(&answer.body);
            if answer.status == 200 && body.is_ok_and(|body| !body.is_object() && !body.is_null()) {
                *outcome = Output::default().into();
            }
        }),
    ),
    mutant(
        "request-id-needed",
        "fails where an answer has no request id",
        Defect::Outcome(|outcome, answer| {
            if answer.headers.get("x-amzn-requestid").is_none() {
                *outcome = Outcome::error(ErrorKind::Unexpected, "KeyError: 'x-amzn-requestid'");
            }
        }),
    ),
    mutant(
        "code-in-output",
        "takes an output for an error where a member is named as an error's are",
        Defect::Outcome(|outcome, answer| {
            if matches!(outcome, Outcome::Output(_)) && edit::discriminator(answer).is_some() {
                *outcome = Outcome::error(ErrorKind::Service, "an error");
            }
        }),
    ),
    mutant(
        "given-id-reported",
        "reports the id that the caller gave, and not the one that came",
        Report(|outcome, input| {
            if let (Outcome::Output(output), Some(id)) = (outcome, &input.attachment_set_id) {
                output.set("attachmentSetId", Some(id.clone().into()));
            }
        }),
    ),
    mutant(
        "known-id-left-out",
        "reports the id of new sets only",
        Report(|outcome, input| {
            if let (Outcome::Output(output), Some(_)) = (outcome, &input.attachment_set_id) {
                output.set("attachmentSetId", None);
            }
        }),
    ),
    mutant(
        "request-id-of-before",
        "keeps a request id until another comes",
        AfterOutcome(|outcome, before| {
            if let (Some(error), Outcome::Error(before)) = (edit::error(outcome), before) {
                error.request_id = error.request_id.take().or_else(|| before.request_id.clone());
            }
        }),
    ),
    mutant(
        "message-of-before",
        "gives an error without a name the message of the one before",
        AfterOutcome(|outcome, before| {
            if let (Some(error), Outcome::Error(before)) = (edit::error(outcome), before)
                && error.code.is_none()
            {
                error.message = before.message.clone();
            }
        }),
    ),
    mutant(
        "last-output-shows",
        "fills what an output lacks from the output before",
        AfterOutcome(edit::fill),
    ),
    mutant(
        "output-cached",
        "returns the last output again",
        AfterOutcome(|outcome, before| {
            if matches!((&outcome, before), (Outcome::Output(_), Outcome::Output(_))) {
                outcome.clone_from(before);
            }
        }),
    ),
    mutant(
        "failure-sticks",
        "fails for good once a call has failed",
        AfterOutcome(|outcome, before| {
            if matches!(before, Outcome::Error(_)) {
                outcome.clone_from(before);
            }
        }),
    ),
];

fn published(time: &str) -> Result<jiff::Timestamp, jiff::Error> {
    jiff::Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", time)
}

fn refuse_time(outcome: &mut Outcome, is_wrong: impl Fn(&str) -> bool) {
    let time = match outcome {
        Outcome::Output(output) => output.get("expiryTime").and_then(Value::as_str),
        _ => None,
    };
    if time.is_some_and(is_wrong) {
        *outcome = Outcome::error(ErrorKind::Decode, "expiryTime is wrong");
    }
}

fn object(answer: &Response) -> Map<String, Value> {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}
