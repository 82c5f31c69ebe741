//! Outcomes, patterns and differences as text for people.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::fixture::{ErrorPattern, Expected, Given, OutputPattern, Pattern, Rule, Text};
use crate::normalize::without_ports;
use crate::wire::outcome::{Failure, Members, Outcome};

/// A string of up to this many characters is shown whole.
const MOST: usize = 200;
/// How much of a longer one is shown before the first difference.
const BEFORE: usize = 20;

/// What was expected and what was seen, as text.
pub(super) type Pair = (String, String);

/// An outcome in a line, without the ports of one run.
#[must_use]
pub fn describe(outcome: &Outcome) -> String {
    let string = |name: &str, value: Option<&str>| value.map(|value| format!("{name} {}", whole(value)));
    let any = |name: &str, value: Option<&Value>| value.map(|value| format!("{name} {}", shown(value, None)));
    let (what, members) = match outcome {
        Outcome::Output(output) => {
            let other = (!output.other.is_empty()).then(|| output.other.join(", "));
            let mut members: Vec<_> = output.members.iter().map(|(name, of)| any(name, Some(of))).collect();
            members.push(any("the value", output.value.as_ref()));
            members.push(other.map(|names| format!("other members {}", cut(&names))));
            ("success".to_owned(), members)
        }
        Outcome::Error(error) => (
            format!("{} error", error.kind.as_str()),
            vec![
                any("code", error.code.as_ref()),
                any("message", error.message.as_ref()),
                error.status.map(|status| format!("status {status}")),
                string("requestId", error.request_id.as_deref()),
            ],
        ),
        Outcome::Unsupported(reason) => (format!("unsupported: {reason}"), Vec::new()),
    };
    let members: Vec<_> = members.into_iter().flatten().collect();
    match (members.is_empty(), outcome) {
        (false, _) => format!("{what} with {}", members.join(", ")),
        (true, Outcome::Output(_)) => format!("{what} with no members"),
        (true, _) => what,
    }
}

/// The outcomes that are accepted, in words.
pub(super) fn wanted(expected: &Expected) -> String {
    expected.accept.iter().map(pattern).collect::<Vec<_>>().join(" or ")
}

fn pattern(pattern: &Pattern) -> String {
    let (what, members) = match pattern {
        Pattern::Output(output) => {
            let members = output.members.iter().map(|(name, rule)| given(name, rule));
            ("success".to_owned(), members.collect())
        }
        Pattern::Error(error) => (kind(error), {
            let holds = error
                .message_holds
                .as_ref()
                .map(|text| format!("a message that holds {}", whole(&text.to_text())));
            vec![
                rule("code", &texts(&error.code)),
                rule("message", &texts(&error.message)),
                holds,
                rule("status", &numbers(&error.status)),
                rule("requestId", &texts(&error.request_id)),
            ]
        }),
    };
    let members: Vec<_> = members.into_iter().flatten().collect();
    if members.is_empty() { what } else { format!("{what} with {}", members.join(", ")) }
}

/// The kinds of error that a pattern names, such as "a timeout or transport
/// error".
fn kind(pattern: &ErrorPattern) -> String {
    let kinds: Vec<_> = pattern.kind.0.iter().flatten().map(|kind| kind.as_str()).collect();
    let article = if kinds.first().is_some_and(|kind| !kind.starts_with('u')) { "a" } else { "an" };
    match kinds.as_slice() {
        [] => "an error".into(),
        kinds => format!("{article} {} error", kinds.join(" or ")),
    }
}

/// What a member must be: `code "A" or "B"`, or `no code`.
fn rule(name: &str, allowed: &[Option<Value>]) -> Option<String> {
    match allowed {
        [] => None,
        [None] => Some(format!("no {name}")),
        allowed => Some(format!("{name} {}", any_of(allowed, None))),
    }
}

fn given(name: &str, of: &Rule<Given>) -> Option<String> {
    rule(name, &values(of))
}

fn texts(rule: &Rule<Text>) -> Vec<Option<Value>> {
    rule.0.iter().map(|text| text.as_ref().map(|text| text.to_text().into())).collect()
}

fn numbers(rule: &Rule<u16>) -> Vec<Option<Value>> {
    rule.0.iter().map(|number| number.map(Value::from)).collect()
}

fn values(rule: &Rule<Given>) -> Vec<Option<Value>> {
    let value = |given: &Given| match given {
        Given::Text(text) => text.to_text().into(),
        Given::Json { json } | Given::Holds { holds: json } => json.clone(),
    };
    rule.0.iter().map(|given| given.as_ref().map(value)).collect()
}

/// A member of an error that no accepted pattern allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Kind,
    Code,
    Message,
    Status,
    RequestId,
}

/// The first member of an error, the most harmful first, that none of the accepted
/// patterns allows together with those before it; what it should be, and what it is.
pub(super) fn wrong_in_error(accepted: &[&ErrorPattern], error: &Failure) -> (Part, Pair) {
    type Check<'a> = (Part, &'a dyn Fn(&ErrorPattern) -> bool);
    let checks: [Check<'_>; 4] = [
        (Part::Kind, &|of| of.allows_kind(error.kind)),
        (Part::Code, &|of| of.code.allows_value(error.code.as_ref())),
        (Part::Message, &|of| of.allows_message(error.message.as_ref())),
        (Part::Status, &|of| of.allows_status(error.status)),
    ];
    let mut left = accepted.to_vec();
    for (part, allows) in checks {
        let kept: Vec<_> = left.iter().copied().filter(|of| allows(of)).collect();
        if kept.is_empty() {
            return (part, of_error(part, &left, error));
        }
        left = kept;
    }
    (Part::RequestId, of_error(Part::RequestId, &left, error))
}

fn of_error(part: Part, accepted: &[&ErrorPattern], error: &Failure) -> Pair {
    let all = |of: fn(&ErrorPattern) -> Vec<Option<Value>>| -> Vec<_> {
        let mut all: Vec<_> = accepted.iter().flat_map(|pattern| of(pattern)).collect();
        all.dedup();
        all
    };
    let held: Vec<_> = accepted.iter().filter_map(|pattern| pattern.message_holds.as_ref()).collect();
    match (part, held.first()) {
        (Part::Kind, _) => {
            let kinds: Vec<_> = accepted.iter().map(|pattern| kind(pattern)).collect();
            (kinds.join(" or "), describe(&Outcome::Error(error.clone())))
        }
        (Part::Code, _) => pair("code", &all(|of| texts(&of.code)), error.code.as_ref()),
        (Part::Message, Some(held)) => {
            let (_, seen) = pair("message", &[], error.message.as_ref());
            (format!("message: a string that holds {}", whole(&held.to_text())), seen)
        }
        (Part::Message, None) => pair("message", &all(|of| texts(&of.message)), error.message.as_ref()),
        (Part::Status, _) => {
            pair("status", &all(|of| numbers(&of.status)), error.status.map(Value::from).as_ref())
        }
        (Part::RequestId, _) => {
            let seen = error.request_id.as_deref().map(Value::from);
            pair("requestId", &all(|of| texts(&of.request_id)), seen.as_ref())
        }
    }
}

/// The first member of an output that none of the accepted patterns allows
/// together with those before it; what it should be, and what it is.
pub(super) fn wrong_in_output(accepted: &[&OutputPattern], output: &Members) -> Option<Pair> {
    let mut left = accepted.to_vec();
    let names: BTreeSet<_> = accepted.iter().flat_map(|of| of.members.keys()).collect();
    for name in names {
        let seen = output.get(name);
        let rule = |of: &&OutputPattern| of.members.get(name).is_none_or(|rule| rule.allows_value(seen));
        let kept: Vec<_> = left.iter().copied().filter(rule).collect();
        if kept.is_empty() {
            let allowed: Vec<_> =
                left.iter().filter_map(|of| of.members.get(name)).flat_map(values).collect();
            return Some(pair(name, &allowed, seen));
        }
        left = kept;
    }
    None
}

/// A member by its name, with what it should be and what it is.
pub(super) fn pair(name: &str, allowed: &[Option<Value>], seen: Option<&Value>) -> Pair {
    let seen = seen.filter(|value| !value.is_null());
    let expected = allowed.iter().flatten().next();
    let shown = seen.map_or("none".into(), |value| shown(value, expected));
    (format!("{name}: {}", any_of(allowed, seen)), format!("{name}: {shown}"))
}

/// A member that is a string, with what it should be and what it is.
pub(super) fn strings(name: &str, expected: Option<&str>, seen: Option<&str>) -> Pair {
    pair(name, &[expected.map(Value::from)], seen.map(Value::from).as_ref())
}

fn any_of(allowed: &[Option<Value>], beside: Option<&Value>) -> String {
    let one = |value: &Option<Value>| value.as_ref().map_or("none".into(), |value| shown(value, beside));
    allowed.iter().map(one).collect::<Vec<_>>().join(" or ")
}

/// A value as JSON, around the first difference from another where it is long.
fn shown(value: &Value, beside: Option<&Value>) -> String {
    let plain = |value: &Value| match value {
        Value::String(text) => without_ports(text),
        value => value.to_string(),
    };
    let (text, other) = (plain(value), beside.map(plain));
    around(&text, other.as_deref(), |part| match value {
        Value::String(_) => quoted(part),
        _ => part.to_owned(),
    })
}

fn whole(text: &str) -> String {
    shown(&Value::from(text), None)
}

/// A string in quotes, with escapes for what cannot be seen.
pub(super) fn quoted(text: &str) -> String {
    // A string always serializes.
    serde_json::to_string(text).expect("a string has JSON")
}

/// A string, cut around the first difference from another where it is long.
pub(super) fn around(text: &str, other: Option<&str>, quote: impl Fn(&str) -> String) -> String {
    let count = text.chars().count();
    if count <= MOST {
        return quote(text);
    }
    let same = other.map_or(0, |other| text.chars().zip(other.chars()).take_while(|(a, b)| a == b).count());
    let start = same.saturating_sub(BEFORE).min(count - MOST);
    let part: String = text.chars().skip(start).take(MOST).collect();
    let (before, after) = (if start > 0 { "..." } else { "" }, if start + MOST < count { "..." } else { "" });
    format!("{before}{}{after} ({} bytes)", quote(&part), text.len())
}

/// The start of a long text.
pub(super) fn cut(text: &str) -> String {
    around(text, None, str::to_owned)
}
