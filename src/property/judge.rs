//! The judge: what `accept` describes passes, and nothing else does.

use std::time::Duration;

use serde_json::Value;

use crate::fixture::{
    Call, ErrorPattern, Expected, Fixture, Given, HttpReply, Level, Pattern, Reply, Rule, Step, Text,
};
use crate::judge::{Defect, Judgement, Verdict, judge as judged};
use crate::transcript::{Exchange, Received, Transcript};
use crate::wire::outcome::{ErrorKind, Failure, Members, Outcome};

/// An outcome built from a pattern of `accept` passes. That outcome with one
/// member changed, and the given one, get the verdict that the patterns read
/// as JSON give them.
///
/// # Panics
/// Where they do not.
pub fn judge(expected: &Expected, outcome: &Outcome) {
    verdict(expected, outcome);
    for pattern in &expected.accept {
        // A message cannot be one text and hold another.
        let can_be = |built: &Outcome| {
            !matches!(pattern, Pattern::Error(ErrorPattern { message_holds: Some(_), .. }))
                || matches(pattern, built)
        };
        let Some(built) = built(pattern).filter(can_be) else { continue };
        assert_eq!(verdict(expected, &built), Verdict::Pass, "{pattern:?} does not accept {built:?}");
        for spoiled in spoiled(&built) {
            verdict(expected, &spoiled);
        }
    }
}

/// Judges an outcome after one right request, and holds the verdict against
/// the patterns.
fn verdict(expected: &Expected, outcome: &Outcome) -> Verdict {
    let fixture = fixture(expected, Level::Must);
    let judgement = judged(&fixture, &transcript(&fixture, outcome, 1));
    let matches = |pattern: &Pattern| matches(pattern, outcome);
    let right = match outcome {
        Outcome::Unsupported(_) => Verdict::Unsupported,
        _ if expected.accept.iter().any(matches) => Verdict::Pass,
        _ if expected.tolerate.iter().any(|tolerated| matches(&tolerated.pattern)) => Verdict::Tolerated,
        _ => Verdict::Fail,
    };
    assert_eq!(judgement.verdict, right, "{expected:?} {outcome:?}");
    assert_eq!(judgement.mismatches.is_empty(), right != Verdict::Fail, "{judgement:?}");
    let only_errors = expected.accept.iter().all(|pattern| matches!(pattern, Pattern::Error(_)));
    if right == Verdict::Fail && only_errors && matches!(outcome, Outcome::Output(_)) {
        assert_eq!(judgement.mismatches.first().map(|mismatch| mismatch.defect), Some(Defect::FalseSuccess));
    }
    contact(expected, outcome, &judgement);
    other_members(&fixture, outcome, &judgement);
    right
}

/// What a client passed on beyond the model's members changes nothing but the
/// words for the outcome.
fn other_members(fixture: &Fixture, outcome: &Outcome, judgement: &Judgement) {
    let Outcome::Output(output) = outcome else { return };
    let more = Outcome::Output(Members { other: vec!["more".into()], ..output.clone() });
    let with_more = judged(fixture, &transcript(fixture, &more, 1));
    let defects = |judgement: &Judgement| judgement.mismatches.iter().map(|it| it.defect).collect::<Vec<_>>();
    assert_eq!(with_more.verdict, judgement.verdict, "{more:?}");
    assert_eq!(defects(&with_more), defects(judgement), "{more:?}");
}

/// Without a request nothing passes but a refusal, and what the documents
/// leave open fails for nothing but a mistake of the client's own.
fn contact(expected: &Expected, outcome: &Outcome, judgement: &Judgement) {
    let fixture = fixture(expected, Level::Must);
    let unheard = judged(&fixture, &transcript(&fixture, outcome, 0)).verdict;
    let right = match outcome {
        Outcome::Error(Failure { kind: ErrorKind::Client, .. }) | Outcome::Unsupported(_) => {
            judgement.verdict
        }
        _ => Verdict::Fail,
    };
    assert_eq!(unheard, right, "without a request: {outcome:?}");
    let open = Fixture { level: Level::May, ..fixture };
    let observed = judged(&open, &transcript(&open, outcome, 1));
    let right = match outcome {
        Outcome::Unsupported(_) => Verdict::Unsupported,
        Outcome::Error(Failure { kind: ErrorKind::Unexpected, .. })
            if !expected.accept.iter().any(|pattern| pattern.matches(outcome))
                && !expected.tolerate.iter().any(|of| of.pattern.matches(outcome)) =>
        {
            Verdict::Fail
        }
        _ => Verdict::Observed,
    };
    assert_eq!(observed.verdict, right);
    assert_eq!(observed.mismatches.is_empty(), right != Verdict::Fail);
}

fn fixture(expected: &Expected, level: Level) -> Fixture {
    let reply =
        HttpReply { status: 200, reason: None, headers: Default::default(), body: None, delay_ms: None };
    let step = Step {
        call: Call { attachments: Some(Vec::new()), ..Call::default() },
        request: Default::default(),
        requests: None,
        min_pause_ms: 0,
        replies: vec![Reply::Http(reply)],
        outcome: expected.clone(),
    };
    Fixture {
        id: "group/name".into(),
        title: "title".into(),
        why: "why".into(),
        level,
        cites: vec!["a".into()],
        charges: Default::default(),
        otherwise: Default::default(),
        beyond: None,
        needs: Vec::new(),
        session_token: false,
        endpoint_path: String::new(),
        max_attempts: 1,
        timeout_ms: 1,
        steps: vec![step],
    }
}

fn transcript(fixture: &Fixture, outcome: &Outcome, requests: usize) -> Transcript {
    let call = fixture.steps.first().map(|step| step.call.clone()).unwrap_or_default();
    let exchange = Exchange {
        step: 0,
        reply: 0,
        request: call.request("localhost"),
        body: Received::Whole,
        breaches: Vec::new(),
        signature: Ok(()),
        at: Duration::ZERO,
    };
    Transcript { exchanges: vec![exchange; requests], ends: vec![Ok(outcome.clone())], ..Default::default() }
}

/// The plainest outcome that a pattern describes; None where it describes
/// none, because it forbids every kind of error.
fn built(pattern: &Pattern) -> Option<Outcome> {
    let text = |rule: &Rule<Text>| rule.0.first().cloned().flatten().map(|text| text.to_text());
    let value = |rule: &Rule<Text>| text(rule).map(Value::String);
    let given = |rule: &Rule<Given>| match rule.0.first().cloned().flatten()? {
        Given::Text(text) => Some(Value::String(text.to_text())),
        Given::Json { json } | Given::Holds { holds: json } => Some(json),
    };
    Some(match pattern {
        Pattern::Output(output) => Outcome::Output(Members {
            members: output
                .members
                .iter()
                .filter_map(|(name, rule)| Some((name.clone().into(), given(rule)?)))
                .collect(),
            other: Vec::new(),
            value: output.value.clone(),
        }),
        Pattern::Error(error) => Outcome::Error(Failure {
            kind: kind(error)?,
            code: value(&error.code),
            message: match &error.message_holds {
                Some(text) if error.message.is_anything() => Some(text.to_text().into()),
                _ => value(&error.message),
            },
            status: error.status.0.first().copied().flatten(),
            request_id: text(&error.request_id),
        }),
    })
}

fn kind(error: &ErrorPattern) -> Option<ErrorKind> {
    if error.kind.is_anything() {
        Some(ErrorKind::Service)
    } else {
        error.kind.0.iter().find_map(|kind| *kind)
    }
}

/// An outcome with one member changed, for each change.
fn spoiled(outcome: &Outcome) -> Vec<Outcome> {
    let values = || [None, Some(Value::Null), Some("other".into()), Some(7.into())];
    let mut all = vec![Outcome::Output(Members::default()), Outcome::error(ErrorKind::Unexpected, "other")];
    match outcome {
        Outcome::Output(output) => {
            for value in values() {
                for name in ["attachmentSetId", "expiryTime"] {
                    let mut output = output.clone();
                    output.set(name, value.clone());
                    all.push(Outcome::Output(output));
                }
            }
            all.push(Outcome::Output(Members { other: vec!["other".into()], ..output.clone() }));
        }
        Outcome::Error(error) => {
            for value in values() {
                all.push(Outcome::Error(Failure { code: value.clone(), ..error.clone() }));
                all.push(Outcome::Error(Failure { message: value, ..error.clone() }));
            }
            all.push(Outcome::Error(Failure { kind: ErrorKind::Client, ..error.clone() }));
            all.push(Outcome::Error(Failure { status: Some(999), ..error.clone() }));
            all.push(Outcome::Error(Failure { request_id: Some("other".into()), ..error.clone() }));
        }
        Outcome::Unsupported(_) => {}
    }
    all
}

/// Whether an outcome matches a pattern, both read as the JSON that authors
/// of fixtures and of adapters write.
fn matches(pattern: &Pattern, outcome: &Outcome) -> bool {
    let (Ok(pattern), Ok(outcome)) = (serde_json::to_value(pattern), serde_json::to_value(outcome)) else {
        panic!("{pattern:?} or {outcome:?} is not JSON");
    };
    ["output", "error"].into_iter().any(|what| match (pattern.get(what), outcome.get(what)) {
        (Some(rules), Some(members)) => {
            let kind = members.get("kind").and_then(Value::as_str);
            let rules = rules.as_object().into_iter().flatten();
            let optional =
                |name: &str| ["status", "requestId"].contains(&name) && members.get(name).is_none();
            let mut named = rules.clone().map(|(name, _)| name.as_str());
            (named.any(|name| name == "kind") || !matches!(kind, Some("client" | "unexpected")))
                && rules.clone().all(|(name, rule)| match name.as_str() {
                    "messageHolds" => holds(members.get("message"), rule),
                    name => optional(name) || allows(rule, members.get(name)),
                })
        }
        _ => false,
    })
}

fn allows(rule: &Value, value: Option<&Value>) -> bool {
    let value = value.filter(|value| !value.is_null());
    match rule {
        Value::Array(rules) => rules.iter().any(|rule| allows(rule, value)),
        Value::Null => value.is_none(),
        Value::Object(json) if json.contains_key("json") => {
            value == json.get("json").filter(|of| !of.is_null())
        }
        Value::Object(json) if json.contains_key("holds") => has(json.get("holds"), value),
        Value::Object(_) => value.and_then(Value::as_str) == Some(&text(rule)),
        rule => value == Some(rule),
    }
}

/// Whether a value has all that another has.
fn has(least: Option<&Value>, value: Option<&Value>) -> bool {
    let nothing = |value: &&Value| !value.is_null() && *value != "" && *value != &Value::Array(Vec::new());
    match (least.filter(nothing), value.filter(nothing)) {
        (Some(Value::Object(least)), Some(Value::String(seen))) => *seen == text(&least.clone().into()),
        (Some(Value::Object(least)), Some(Value::Object(value))) => {
            least.iter().all(|(name, least)| has(Some(least), value.get(name)))
        }
        (Some(Value::Array(least)), Some(Value::Array(value))) => {
            least.len() == value.len()
                && least.iter().zip(value).all(|(least, value)| has(Some(least), Some(value)))
        }
        (Some(Value::Number(least)), Some(Value::Number(value))) => least.as_f64() == value.as_f64(),
        (least, value) => least == value,
    }
}

/// Whether a message is a string that contains another.
fn holds(message: Option<&Value>, rule: &Value) -> bool {
    message.and_then(Value::as_str).is_some_and(|message| message.contains(&text(rule)))
}

/// A string, stated or as a repetition.
fn text(rule: &Value) -> String {
    match rule {
        Value::String(text) => text.clone(),
        rule => {
            let text = rule.get("repeat").and_then(Value::as_str).unwrap_or_default();
            let times = rule.get("times").and_then(Value::as_u64).unwrap_or_default();
            (0..times).map(|_| text).collect()
        }
    }
}
