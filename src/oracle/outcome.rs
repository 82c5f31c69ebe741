//! The outcomes that are right, as patterns.

use super::attribution::unmodelled;
use super::name::{Named, Place};
use super::seen::{Member, Seen};
use super::shape;
use crate::fixture::{ErrorPattern, Expected, Given, OutputPattern, Pattern, Rule, Text, Tolerated};
use crate::model::Shape;
use crate::wire::outcome::ErrorKind;

use serde_json::{Map, Value};

/// What is right of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Whatever the client makes of it: nothing is judged.
    Anything,
    /// An error of any kind that comes of an exchange.
    Error,
    /// An error of the network or a time-out.
    Silence,
    /// An error; a parser may take more than JSON, and then give an output.
    ErrorOrLaxOutput,
    /// An error; the exact output is tolerated where only the framing fails.
    ErrorOrWholeOutput,
    /// An error; the members handed on unchanged are tolerated.
    ErrorOrUnchanged,
    /// An error; the body handed on unchanged is tolerated.
    ErrorOrValue,
    /// An output without members, or an error.
    EmptyOrError,
    /// The output.
    Output,
    /// The output, or an error.
    OutputOrError,
    /// The error that is named.
    NamedError,
    /// The error that is named, or any other.
    NamedErrorOrError,
    /// The error that is named; a client may refuse its message.
    NamedErrorOrRefusal,
    /// An error without a name.
    UnnamedError,
}

impl Right {
    /// Whether a client has to read the answer to be right.
    pub(super) fn reads(self) -> bool {
        !matches!(
            self,
            Self::Anything
                | Self::Error
                | Self::Silence
                | Self::ErrorOrLaxOutput
                | Self::ErrorOrWholeOutput
                | Self::ErrorOrUnchanged
                | Self::ErrorOrValue
                | Self::EmptyOrError
        )
    }
}

const LAX: &str = "RFC 8259 section 9 lets a parser accept more than JSON";
const FRAMING_ONLY: &str =
    "RFC 9112 section 8 has an incomplete response recorded as such, and does not say that it is discarded";
const UNCHANGED: &str = "nothing obliges a client to check the type of what it passes on";
const SAME_CHARACTERS: &str = "the string has every character of the number or boolean that was sent";
const SPELLED: &str = "the value is what the characters that were sent spell";
const WHOLE_RESPONSE: &str = "the caller gets the whole response, with the error's name in it";
const STAND_IN: &str =
    "nothing names the error, and no document says that a client gives no code of its own then";
const REFUSED_MESSAGE: &str =
    "the message breaks the model, so a client may refuse to read the response at all";
const OWN_WORDS: &str = "the message reaches the caller whole, with words of the client's own around it";
/// What is accepted and what is tolerated.
pub(super) fn expected(right: Right, seen: &Seen<'_>) -> Expected {
    let error = || Pattern::Error(ErrorPattern::default());
    let tolerated = |pattern, reason: &str| Tolerated { pattern, reason: reason.into() };
    let mut expected = Expected::default();
    match right {
        Right::Anything => {}
        Right::Error => expected.accept = vec![error()],
        Right::Silence => expected.accept = vec![network()],
        Right::ErrorOrLaxOutput => {
            expected.accept = vec![error()];
            expected.tolerate = vec![tolerated(Pattern::Output(OutputPattern::default()), LAX)];
        }
        Right::ErrorOrWholeOutput => {
            expected.accept = vec![error()];
            expected.tolerate = vec![match seen.object() {
                // What readers take in different ways may be any output.
                Some(_) if seen.is_ambiguous() => {
                    tolerated(Pattern::Output(OutputPattern::default()), FRAMING_ONLY)
                }
                Some(_) => tolerated(output(seen), FRAMING_ONLY),
                None => tolerated(Pattern::Output(OutputPattern::default()), LAX),
            }];
        }
        Right::ErrorOrUnchanged => {
            expected.accept = vec![error()];
            expected.tolerate = vec![tolerated(output(seen), UNCHANGED)];
            if let Some(pattern) = output_respelled(seen) {
                let is_string = |shape: &Shape| *shape == Shape::String;
                let is_plain = seen.members().all(|(_, shape, _)| is_string(shape));
                expected.tolerate.push(tolerated(pattern, if is_plain { SAME_CHARACTERS } else { SPELLED }));
            }
        }
        Right::ErrorOrValue => {
            expected.accept = vec![error()];
            if let Some(value) = seen.body.as_ref().ok().and_then(|(body, _)| body.to_value()) {
                let pattern = OutputPattern { value: Some(value), ..OutputPattern::default() };
                expected.tolerate = vec![tolerated(Pattern::Output(pattern), UNCHANGED)];
            }
        }
        Right::EmptyOrError => expected.accept = vec![output(seen), error()],
        Right::Output => expected.accept = vec![output(seen)],
        Right::OutputOrError => expected.accept = vec![output(seen), error()],
        Right::NamedError => named(seen, &mut expected),
        Right::NamedErrorOrError => {
            named(seen, &mut expected);
            expected.accept.push(error());
        }
        Right::NamedErrorOrRefusal => {
            named(seen, &mut expected);
            let decode = ErrorPattern { kind: is(ErrorKind::Decode), ..Default::default() };
            let nameless =
                ErrorPattern { kind: is(ErrorKind::Service), code: Rule(vec![None]), ..Default::default() };
            for pattern in [decode, nameless] {
                expected.tolerate.push(tolerated(Pattern::Error(pattern), REFUSED_MESSAGE));
            }
        }
        Right::UnnamedError => {
            let kind = Rule(vec![Some(ErrorKind::Service), Some(ErrorKind::Decode)]);
            let any_code = ErrorPattern { kind, ..metadata(seen) };
            let no_code = ErrorPattern { code: Rule(vec![None]), ..any_code.clone() };
            expected.accept = vec![Pattern::Error(no_code)];
            expected.tolerate = vec![tolerated(Pattern::Error(any_code), STAND_IN)];
        }
    }
    expected
}

/// An error of the network, or a time-out.
fn network() -> Pattern {
    let kind = Rule(vec![Some(ErrorKind::Timeout), Some(ErrorKind::Transport)]);
    Pattern::Error(ErrorPattern { kind, ..Default::default() })
}

fn is<T>(value: T) -> Rule<T> {
    Rule(vec![Some(value)])
}

/// The output that an answer carries.
fn output(seen: &Seen<'_>) -> Pattern {
    let members = seen.members().map(|(name, shape, member)| (name.to_owned(), given(&member, shape)));
    let members = members.filter(|(_, rule)| !rule.is_anything());
    Pattern::Output(OutputPattern { members: members.collect(), value: None })
}

fn given(member: &Member<'_>, shape: &Shape) -> Rule<Given> {
    let holds = |json| {
        Rule(shape::known(json, shape).map(|holds| Some(Given::Holds { holds })).into_iter().collect())
    };
    match member {
        // A language without absent strings has empty ones.
        Member::Text("") => Rule(vec![None, Some(empty(shape))]),
        Member::Absent => Rule(vec![None, Some(empty(shape))]),
        Member::Text(text) => is(Given::Text(Text::Plain((*text).into()))),
        Member::Fits(json) | Member::Garbled(json) => holds(json),
        Member::Other(json) if matches!(shape, Shape::List(_) | Shape::Structure(_)) => holds(json),
        Member::Other(json) => {
            Rule(json.to_value().map(|json| Some(Given::Json { json })).into_iter().collect())
        }
        Member::Open | Member::Spoiled => Rule::default(),
    }
}

/// What a language has that has no absent value of a type.
fn empty(shape: &Shape) -> Given {
    let json = |json| Given::Json { json };
    match shape {
        Shape::String | Shape::Blob => Given::Text(Text::Plain(String::new())),
        Shape::Boolean => json(false.into()),
        Shape::Double | Shape::Integer | Shape::Long => json(0.into()),
        Shape::List(_) => json(Value::Array(Vec::new())),
        Shape::Structure(_) => json(Value::Object(Map::new())),
    }
}

/// The output with values spelled in another type, where it has some.
fn output_respelled(seen: &Seen<'_>) -> Option<Pattern> {
    let spelled = |shape: &Shape, member: &Member<'_>| {
        let Member::Other(json) = member else { return None };
        match shape::respelled(json, shape)
            .filter(|value| Some(value) != shape::known(json, shape).as_ref())?
        {
            Value::String(text) => Some(Given::Text(Text::Plain(text))),
            holds => Some(Given::Holds { holds }),
        }
    };
    seen.members().any(|(_, shape, member)| spelled(shape, &member).is_some()).then(|| {
        let members = seen.members().map(|(name, shape, member)| {
            let mut rule = given(&member, shape);
            rule.0.extend(spelled(shape, &member).map(Some));
            (name.to_owned(), rule)
        });
        Pattern::Output(OutputPattern { members: members.collect(), value: None })
    })
}

/// Fields in which other services give the id of a request: where one of these
/// is there, too, no document says which counts.
const OTHER_REQUEST_IDS: [&str; 2] = ["x-amz-request-id", "x-amzn-request-id"];

/// The status and request id of an answer.
fn metadata(seen: &Seen<'_>) -> ErrorPattern {
    let is_open = OTHER_REQUEST_IDS.iter().any(|name| seen.message.has(name));
    let request_id = seen.message.only("x-amzn-requestid").filter(|id| id.is_ascii() && !id.is_empty());
    let request_id = request_id.filter(|_| !is_open);
    ErrorPattern {
        status: is(seen.message.status),
        request_id: Rule(request_id.map(|id| Some(Text::Plain(id))).into_iter().collect()),
        ..Default::default()
    }
}

/// The message of an error, where the documents say which it is.
pub(super) fn message<'a>(seen: &'a Seen<'_>) -> Option<&'a str> {
    match (seen.text("message"), seen.json("Message")) {
        (Member::Text(text), None) if !text.is_empty() => Some(text),
        _ => None,
    }
}

fn named(seen: &Seen<'_>, expected: &mut Expected) {
    let (Named::Once(name) | Named::BesideNumber(name)) = &seen.named else { return };
    let base = ErrorPattern {
        kind: is(ErrorKind::Service),
        code: is(Text::Plain(name.name.clone())),
        ..metadata(seen)
    };
    let text = || message(seen).map(|text| Text::Plain(text.into()));
    let exact = ErrorPattern { message: Rule(text().map(Some).into_iter().collect()), ..base.clone() };
    expected.accept.push(Pattern::Error(exact));
    let mut tolerate = |pattern, reason: &str| {
        expected.tolerate.push(Tolerated { pattern: Pattern::Error(pattern), reason: reason.into() });
    };
    if let Some(text) = text() {
        tolerate(ErrorPattern { message_holds: Some(text), ..base.clone() }, OWN_WORDS);
    }
    // A client that knows the model's names alone may give the response itself.
    if let (Some(_), Place::Type, Ok(body)) =
        (unmodelled(seen), name.place, std::str::from_utf8(&seen.message.body))
    {
        let whole = ErrorPattern {
            code: Rule(vec![None]),
            message_holds: Some(Text::Plain(body.into())),
            request_id: Rule::default(),
            ..base
        };
        tolerate(whole, WHOLE_RESPONSE);
    }
}

/// Whether a message has what programs cut, strip or interpret.
pub(super) fn is_hard_to_keep(message: &str) -> bool {
    message.trim() != message || message.len() > 65_536 || message.contains(char::is_control)
}
