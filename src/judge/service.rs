//! What a server must respond.

mod created;
mod form;
mod time;

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::member::member_of;
use super::text::{self, Part, wanted, wrong_in_error, wrong_in_output};
use super::{Defect, Judged, Judgement, Mismatch, Next, Verdict, cases, describe, sender, walk};
use crate::fixture::{
    AtOnce, Charges, Expected, Level, Member, Pattern, Send, ServiceExchange, ServiceFixture, ServiceStep,
};
use crate::model::Exception;
use crate::oracle::Attribution;
use crate::transcript::{Answered, Seen, ServiceTranscript};
use crate::wire::Response;
use crate::wire::outcome::{ErrorKind, Failure, Members, Outcome};

/// Values captured from outputs, by name.
type Captured<'a> = HashMap<&'a str, String>;

/// The rule on names of errors.
const NAME: &str = "protocol.error-body";
/// The rule on an output's form.
const OUTPUT: &str = "protocol.response-json";
/// The rule on an output's status, and on those of the documented errors.
const STATUS: &str = "model.http-status";
const CONTENT_TYPE: &str = "protocol.server-response-content-type";
const REQUEST_ID: &str = "protocol.request-id";
const NULL: &str = "protocol.server-null";
const UNIQUE: &str = "json.unique-names";
const BARE_TYPE: &str = "protocol.server-dunder-type";
const SET_ID: &str = "seed.output-set-id";
const NEW_SET: &str = "seed.set-id-optional";
const EXPIRY: &str = "seed.expiry-time";
const HOUR: &str = "seed.one-hour";
const ANSWERS: &str = "user.server-stays-up";

/// Rules that any response can violate, whatever the fixture is about.
pub(super) const REQUIREMENTS: &[&str] = &[
    NAME,
    OUTPUT,
    STATUS,
    CONTENT_TYPE,
    REQUEST_ID,
    NULL,
    UNIQUE,
    BARE_TYPE,
    SET_ID,
    NEW_SET,
    EXPIRY,
    HOUR,
    ANSWERS,
];

/// The requirement that a defect breaks in every fixture alike.
fn everywhere(defect: Defect) -> Option<&'static str> {
    match defect {
        Defect::UnnamedError => Some(NAME),
        Defect::UnreadableAnswer => Some(OUTPUT),
        Defect::Hang | Defect::BrokenAnswer => Some(ANSWERS),
        _ => None,
    }
}

/// Judges what was seen of a fixture of the service role, up to the first response that
/// is wrong: in which state it leaves the server, nobody knows.
#[must_use]
pub fn judge_service(fixture: &ServiceFixture, transcript: &ServiceTranscript) -> Judgement {
    let mut captured = Captured::new();
    let observations = || observations(transcript);
    let attribute = |_, defect| {
        let requirement = fixture.charges.get(&defect)?.clone();
        Some(Attribution { requirement, ..Attribution::default() })
    };
    let mut judgement =
        walk(fixture.into(), fixture.steps.len(), &attribute, observations, |index, judged, notes| {
            match (fixture.steps.get(index), transcript.steps.get(index)) {
                (Some(step), Some(seen)) => self::step(fixture, step, seen, &mut captured, judged, notes),
                _ => Next::NotTaken(format!("step {} was not taken", index + 1)),
            }
        });
    if judgement.verdict == Verdict::Fail && fixture.level == Level::May {
        // What is left open is left to a server altogether.
        judgement = Judgement { verdict: Verdict::Observed, mismatches: Vec::new(), ..judgement };
    }
    judgement
}

/// Judges one step.
fn step<'a>(
    fixture: &ServiceFixture,
    step: &'a ServiceStep,
    seen: &Seen,
    captured: &mut Captured<'a>,
    judged: &mut Judged<'_>,
    notes: &mut Vec<String>,
) -> Next {
    let unsupported = |reason: &str| Next::Unknown(Verdict::Unsupported, reason.into());
    match (step, seen) {
        (_, Seen::Unsupported(reason)) => unsupported(reason),
        (_, Seen::Broken(reason) | Seen::Silent(reason)) => Next::Unknown(Verdict::Error, reason.clone()),
        // An output without the value is wrong already.
        (_, Seen::Skipped(_)) if !judged.mismatches.is_empty() => Next::End,
        // The response without the value was accepted: a refusal that the
        // documents allow. So nothing is wrong with the server, and nothing of
        // what follows was shown (R23).
        (_, Seen::Skipped(reason)) => unsupported(reason),
        // What a response means whose bytes break the rules on senders, its readers
        // do not agree on.
        (_, seen) if seen.answered().iter().any(|answered| !answered.breaches.is_empty()) => {
            for answered in seen.answered() {
                sender::judge(&answered.breaches, Defect::AnswerForm, judged);
            }
            Next::End
        }
        (ServiceStep::AtOnce(step), Seen::AtOnce(answered)) => {
            let lacking = |one: &Answered| cases::unsupported(fixture, &step.send, &one.outcome);
            if let Some(reason) = answered.iter().find_map(lacking) {
                return unsupported(reason);
            }
            if answered.len() != step.at_once.len() {
                let (seen, sent) = (answered.len(), step.at_once.len());
                let reason = format!("step {}: {sent} requests were sent, and {seen} seen", judged.step);
                return Next::Unknown(Verdict::Error, reason);
            }
            at_once(step, answered, judged, notes);
            if judged.mismatches.is_empty() { Next::Step } else { Next::End }
        }
        (ServiceStep::Exchange(step), Seen::Exchange(answered)) => {
            let outcome = &answered.outcome;
            if met_rate_limit(step, outcome) {
                return unsupported(RATE_LIMIT);
            }
            if is_throttled(step, outcome) {
                return unsupported(THROTTLED);
            }
            if let Some(reason) = cases::unsupported(fixture, &step.send, outcome) {
                return unsupported(reason);
            }
            match exchange(step, answered, captured, judged, notes) {
                Next::End if is_lacking(fixture, judged.mismatches) => unsupported(LACKING),
                next => next,
            }
        }
        (ServiceStep::Advance(_), Seen::Advanced) => Next::Step,
        (ServiceStep::Advance(_) | ServiceStep::AtOnce(_) | ServiceStep::Exchange(_), _) => {
            Next::Unknown(Verdict::Error, format!("step {} was not taken", judged.step))
        }
    }
}

const LACKING: &str = "the server refused the ordinary call with which this fixture starts";

/// Whether a server refused the first call of a fixture that is not about it,
/// and so has shown nothing of what it is about.
fn is_lacking(fixture: &ServiceFixture, mismatches: &[Mismatch]) -> bool {
    let is_first = |of: &Mismatch| {
        of.step == 1 && of.defect == Defect::Refused && !fixture.cites.contains(&of.requirement)
    };
    fixture.steps.len() > 1 && matches!(mismatches, [first] if is_first(first))
}

const RATE_LIMIT: &str =
    "the server's rate limit on new sets was reached, and the documents leave open where it is";

const THROTTLED: &str =
    "the server's rate limit on requests was reached, and the documents leave open where it is";

/// Whether a server is asked too much at once. The errors common to all
/// services have one for that, which can come to any request.
fn is_throttled(step: &ServiceExchange, outcome: &Outcome) -> bool {
    let Outcome::Error(error) = outcome else { return false };
    let is_named = matches!(code(error), Some("ThrottlingException" | "Throttling"));
    (is_named || error.status == Some(429)) && !step.outcome.accepts(outcome)
}

/// Whether a call for a new set met the rate limit. How many sets may be made
/// in how short a time is not documented, so that it can come to any of them.
fn met_rate_limit(step: &ServiceExchange, outcome: &Outcome) -> bool {
    let is_new =
        matches!(&step.send, Send::Call(call) if call.attachment_set_id.is_none()) && step.with.is_empty();
    let limit = Exception::AttachmentLimitExceeded.code();
    let is_limit = matches!(outcome, Outcome::Error(error) if code(error) == Some(limit));
    is_new && is_limit && !step.outcome.accepts(outcome)
}

fn observations(transcript: &ServiceTranscript) -> Vec<String> {
    transcript.steps.iter().flat_map(Seen::answered).map(|answered| describe(&answered.outcome)).collect()
}

/// Judges responses to concurrent requests: each must be another one of those that the
/// step expects.
fn at_once(step: &AtOnce, answered: &[Answered], judged: &mut Judged<'_>, notes: &mut Vec<String>) {
    let mut left: Vec<_> = step.at_once.iter().collect();
    let mut others = Vec::new();
    for Answered { outcome, .. } in answered {
        if let Some(at) = left.iter().position(|expected| expected.accepts(outcome)) {
            left.remove(at);
        } else if let Some((at, reason)) =
            left.iter().enumerate().find_map(|(at, expected)| Some((at, expected.tolerates(outcome)?)))
        {
            notes.push(reason.into());
            left.remove(at);
        } else {
            others.push(outcome);
        }
    }
    for (expected, outcome) in left.into_iter().zip(others) {
        mismatch(expected, &step.charges, outcome, judged);
    }
}

/// Judges a response.
fn exchange<'a>(
    step: &'a ServiceExchange,
    answered: &Answered,
    captured: &mut Captured<'a>,
    judged: &mut Judged<'_>,
    notes: &mut Vec<String>,
) -> Next {
    let outcome = &answered.outcome;
    if step.outcome.accepts(outcome) {
        // Right.
    } else if let Some(reason) = step.outcome.tolerates(outcome) {
        notes.push(reason.into());
    } else {
        mismatch(&step.outcome, &step.charges, outcome, judged);
        return Next::End;
    }
    if let Ok(answer) = &answered.answer {
        step.form.iter().for_each(|rule| form::judge(*rule, answer, answered, judged));
        if let Outcome::Output(output) = outcome {
            if created::is_creation(step) {
                created::judge(answer, output, judged);
            }
            return members(step, answer, output, captured, judged);
        }
    }
    Next::Step
}

fn code(error: &Failure) -> Option<&str> {
    error.code.as_ref().and_then(Value::as_str)
}

/// Describes the defect of a response.
fn mismatch(expected: &Expected, charges: &Charges, outcome: &Outcome, judged: &mut Judged<'_>) {
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
    let charged = charges.get(&defect).or(judged.fixture.charges.get(&defect)).map(String::as_str);
    let pair = match outcome {
        Outcome::Error(error)
            if matches!(defect, Defect::OtherStatus | Defect::OtherError | Defect::UnnamedError) =>
        {
            let (part, pair) = wrong_in_error(&errors, error);
            (part != Part::Kind).then_some(pair)
        }
        Outcome::Output(output) if defect == Defect::OtherOutput => {
            wrong_in_output(&expected.accept.iter().filter_map(Pattern::output).collect::<Vec<_>>(), output)
        }
        _ => None,
    };
    let (wanted, seen) = pair.unwrap_or_else(|| (wanted(expected), describe(outcome)));
    match charged.or(everywhere(defect)) {
        Some(requirement) => judged.rule(defect, requirement, wanted, seen),
        None => judged.attributed(defect, wanted, seen),
    }
}

/// Judges the members that are compared with earlier ones, and captures.
fn members<'a>(
    step: &'a ServiceExchange,
    answer: &Response,
    output: &Members,
    captured: &mut Captured<'a>,
    judged: &mut Judged<'_>,
) -> Next {
    let seen = |member| member_of(answer, output, member);
    let named =
        |names: &'a BTreeMap<Member, String>| names.iter().map(|(member, name)| (*member, name.as_str()));
    let charged = step.charges.get(&Defect::OtherOutput);
    let mut wrong = |rule: Option<&str>, expected, seen| match rule.or(charged.map(String::as_str)) {
        Some(rule) => judged.rule(Defect::OtherOutput, rule, expected, seen),
        None => judged.attributed(Defect::OtherOutput, expected, seen),
    };
    for (member, name) in named(&step.same) {
        let (seen, before) = (seen(member), captured.get(name));
        if seen.as_ref() != before {
            wrong(
                rule_on(member),
                format!("{}: {}", member.as_str(), quoted(before)),
                got(member, seen.as_ref()),
            );
        }
    }
    for (member, name) in named(&step.differs) {
        let (seen, before) = (seen(member), captured.get(name));
        if seen.is_some() && seen.as_ref() == before {
            let rule = (member == Member::AttachmentSetId).then_some(NEW_SET);
            let expected = format!("{}: not {}", member.as_str(), quoted(before));
            wrong(rule, expected, got(member, seen.as_ref()));
        }
    }
    for (member, name) in named(&step.near) {
        let (seen, before) = (seen(member), captured.get(name));
        match time::are_near(before.map(String::as_str), seen.as_deref()) {
            Some(true) => {}
            Some(false) if seen.is_none() => {
                wrong(rule_on(member), format!("{}: a time", member.as_str()), got(member, seen.as_ref()));
            }
            Some(false) => {
                let expected =
                    format!("{}: {}, give or take {:#}", member.as_str(), quoted(before), time::NEAR);
                wrong(Some(HOUR), expected, got(member, seen.as_ref()));
            }
            None => {
                let both = format!("{} and {}", quoted(before), quoted(seen.as_ref()));
                let reason = format!("the times {both} cannot be compared: unknown form");
                return Next::Unknown(Verdict::Unsupported, reason);
            }
        }
    }
    for (member, text) in &step.equals {
        let (seen, text) = (seen(*member), text.to_text());
        if seen.as_ref() != Some(&text) {
            let expected = format!("{}: {}", member.as_str(), quoted(Some(&text)));
            wrong(rule_on(*member), expected, got(*member, seen.as_ref()));
        }
    }
    for (member, name) in named(&step.capture) {
        match seen(member) {
            Some(value) => {
                captured.insert(name, value);
            }
            None => {
                let expected = format!("{}: a string that is not empty", member.as_str());
                wrong(rule_on(member), expected, describe(&Outcome::Output(output.clone())));
            }
        }
    }
    Next::Step
}

/// The requirement on a member of the operation's output. A defect of one that only the
/// operations on cases have, the fixture charges.
fn rule_on(member: Member) -> Option<&'static str> {
    match member {
        Member::AttachmentSetId => Some(SET_ID),
        Member::ExpiryTime => Some(EXPIRY),
        Member::CaseId | Member::AttachmentId | Member::FileName | Member::Data | Member::Body => None,
    }
}

fn quoted(value: Option<&String>) -> String {
    value.map_or("none".into(), |value| text::quoted(value))
}

fn got(member: Member, value: Option<&String>) -> String {
    format!("{}: {}", member.as_str(), quoted(value))
}
