//! What is right, as patterns, and what each way to be wrong breaks.

use super::json::Json;
use super::name::{Form, Named, Place};
use super::seen::{Member, Seen};
use super::{Freedom, Row};
use crate::fixture::{
    Charges, Defect, ErrorPattern, Expected, Given, Otherwise, OutputPattern, Pattern, Rule, Text, Tolerated,
};
use crate::wire::outcome::ErrorKind;

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
            if let Some(pattern) = output_as_text(seen) {
                expected.tolerate.push(tolerated(pattern, SAME_CHARACTERS));
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
    let [attachment_set_id, expiry_time] = seen.output().map(|member| given(&member));
    Pattern::Output(OutputPattern { attachment_set_id, expiry_time, value: None })
}

fn given(member: &Member<'_>) -> Rule<Given> {
    match member {
        // A language without absent strings has empty ones.
        Member::Absent | Member::Text("") => Rule(vec![None, Some(Given::Text(Text::Plain(String::new())))]),
        Member::Text(text) => is(Given::Text(Text::Plain((*text).into()))),
        Member::Other(json) => {
            Rule(json.to_value().map(|json| Some(Given::Json { json })).into_iter().collect())
        }
        Member::Spoiled => Rule::default(),
    }
}

/// The output with the characters of a number or boolean in a string, where it
/// has one.
fn output_as_text(seen: &Seen<'_>) -> Option<Pattern> {
    let characters = |member: &Member<'_>| match member {
        Member::Other(Json::Number(text)) => Some(text.clone()),
        Member::Other(Json::Boolean(value)) => Some(value.to_string()),
        _ => None,
    };
    let members = seen.output();
    members.iter().any(|member| characters(member).is_some()).then(|| {
        let [attachment_set_id, expiry_time] = members.each_ref().map(|member| {
            let mut rule = given(member);
            rule.0.extend(characters(member).map(|text| Some(Given::Text(Text::Plain(text)))));
            rule
        });
        Pattern::Output(OutputPattern { attachment_set_id, expiry_time, value: None })
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
    match (seen.member("message"), seen.json("Message")) {
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

/// What each way to be wrong breaks, and what else it may, from the plain to
/// the special.
pub(super) fn charges(row: &Row, freedom: Option<&Freedom>, seen: &Seen<'_>) -> (Charges, Otherwise) {
    let freedom = freedom.map(|freedom| freedom.requirement);
    // Success for an error is a matter of the status, which only HTTP can hide:
    // who takes an interim answer for the final one finds no error in it.
    let form = freedom.filter(|requirement| requirement.starts_with("http."));
    let interim = Some("http.interim-1xx").filter(|_| seen.message.marks.interim);
    let success = interim.or(form).unwrap_or(row.breaks);
    let spaced = freedom.filter(|requirement| *requirement == "http.header-whitespace");
    let request_id = spaced.unwrap_or("user.request-id-kept");
    let mut charges = Charges::new();
    let mut otherwise = Otherwise::new();
    let mut charge = |defects: &[Defect], requirement: Option<&str>| {
        for defect in defects {
            let requirement = requirement.filter(|requirement| !requirement.is_empty());
            charges.extend(requirement.map(|requirement| (*defect, requirement.to_owned())));
        }
    };
    match row.right {
        Right::Anything => {}
        Right::Output | Right::OutputOrError => {
            let plain = row.right == Right::Output;
            let what = Some(freedom.filter(|_| plain).unwrap_or(row.breaks));
            charge(&[Defect::FalseError, Defect::WrongOutput, Defect::FalseSuccess, Defect::WrongKind], what);
            charge(&[Defect::ForeignException], freedom.filter(|_| plain));
        }
        Right::NamedError | Right::NamedErrorOrError | Right::NamedErrorOrRefusal => {
            let (place, special) = lost(seen, freedom);
            charge(&[Defect::FalseSuccess], Some(success));
            charge(&[Defect::LostCode], Some(place));
            let changed = changed(seen).or(freedom).unwrap_or(place);
            charge(&[Defect::WrongCode], Some(changed));
            if changed == NESTED && names_in_prototype(seen) {
                otherwise.insert(Defect::WrongCode, vec![NO_EVALUATION.into()]);
            }
            // An empty body is unreadable to a client that has not seen the header.
            let beside_number = matches!(seen.named, Named::BesideNumber(_));
            let unread = freedom.filter(|_| !beside_number && !seen.message.body.is_empty());
            charge(&[Defect::WrongKind], Some(unread.unwrap_or(place)));
            if !special.is_empty() {
                otherwise.insert(Defect::LostCode, special.clone());
                if unread.is_none() {
                    otherwise.insert(Defect::WrongKind, special);
                }
            }
            // Who stumbles over the message has not come to the name, and who
            // stumbles over the name need not mind the rest.
            let name = sanitized(seen).filter(|_| form.is_none());
            charge(&[Defect::ForeignException], name.or(freedom).or(sanitized(seen)));
            if let (Some(_), Some(freedom)) = (name, freedom) {
                otherwise.insert(Defect::ForeignException, vec![freedom.into()]);
            }
            charge(&[Defect::WrongMessage], Some(kept(seen)));
            charge(&[Defect::WrongStatus], Some("user.status-kept"));
            charge(&[Defect::WrongRequestId], Some(request_id));
        }
        Right::UnnamedError => {
            if let Some(form) = form {
                charge(&[Defect::ForeignException], Some("user.own-error-types"));
                otherwise.insert(Defect::ForeignException, vec![form.into()]);
            }
            charge(&[Defect::FalseSuccess], Some(success));
            charge(&[Defect::WrongKind], Some(form.unwrap_or("user.status-kept")));
            charge(&[Defect::WrongStatus], Some("user.status-kept"));
            charge(&[Defect::WrongRequestId], Some(request_id));
        }
        Right::Error
        | Right::Silence
        | Right::ErrorOrLaxOutput
        | Right::ErrorOrWholeOutput
        | Right::ErrorOrUnchanged
        | Right::ErrorOrValue
        | Right::EmptyOrError => {
            charge(&[Defect::FalseSuccess, Defect::WrongOutput], Some(success));
            charge(&[Defect::WrongKind], Some(row.breaks));
            // Who hands on what is whole in a cut body may mind that alone.
            if !seen.message.whole
                && let Some(member) = no_output(seen)
            {
                otherwise.insert(Defect::FalseSuccess, vec![member.into()]);
            }
        }
    }
    (charges, otherwise)
}

/// What a client breaks that loses a name, and what else it may break, from
/// the plain to the special. Not all clients look at the header and at `code`,
/// so there the first is the rule for the place.
fn lost(seen: &Seen<'_>, freedom: Option<&'static str>) -> (&'static str, Vec<String>) {
    let Named::Once(name) = &seen.named else {
        let beside_number = matches!(seen.named, Named::BesideNumber(_));
        let first = if beside_number { "user.code-not-lost" } else { "protocol.error-body" };
        // That a number stands there is no freedom of HTTP's or JSON's.
        let of_form = |of: &&str| of.starts_with("http.") || of.starts_with("json.");
        return (first, freedom.filter(of_form).into_iter().map(str::to_owned).collect());
    };
    let place = match name.place {
        Place::Header => Some("protocol.error-type-header"),
        Place::Code => Some("protocol.error-type-code"),
        Place::Type => None,
    };
    let mut all = [place, unmodelled(seen), looked_up(seen), sanitized(seen), freedom].into_iter().flatten();
    (all.next().unwrap_or("protocol.error-type-dunder"), all.map(str::to_owned).collect())
}

/// What a client breaks that takes a member for an output's which cannot be one.
fn no_output(seen: &Seen<'_>) -> Option<&'static str> {
    let breaks = |member: &Member<'_>| match member {
        Member::Spoiled => Some("protocol.response-json"),
        Member::Other(_) => Some("user.wrong-type"),
        _ => None,
    };
    seen.output().iter().filter(|_| seen.is_success()).find_map(breaks)
}

/// What a client breaks that gives another name.
fn changed(seen: &Seen<'_>) -> Option<&'static str> {
    let nested = Some(NESTED).filter(|_| names_in_prototype(seen));
    sanitized(seen).or(looked_up(seen)).or(unmodelled(seen)).or(nested)
}

const NESTED: &str = "protocol.error-nested-type";
const NO_EVALUATION: &str = "user.no-evaluation";

/// What a client breaks that finds a name among what every object has.
fn looked_up(seen: &Seen<'_>) -> Option<&'static str> {
    const OF_EVERY_OBJECT: [&str; 6] =
        ["constructor", "__proto__", "hasOwnProperty", "prototype", "toString", "valueOf"];
    match &seen.named {
        Named::Once(name) if OF_EVERY_OBJECT.contains(&name.name.as_str()) => Some(NO_EVALUATION),
        _ => None,
    }
}

/// Whether what a client may take for an object's prototype names an error.
fn names_in_prototype(seen: &Seen<'_>) -> bool {
    seen.json("__proto__")
        .is_some_and(|json| ["__type", "code"].iter().any(|name| json.member(name).is_some()))
}

/// What a client breaks that knows the names of the model alone.
fn unmodelled(seen: &Seen<'_>) -> Option<&'static str> {
    match &seen.named {
        Named::Once(name) if name.modelled().is_none() => Some("protocol.error-unmodelled"),
        _ => None,
    }
}

/// What a client breaks that cannot cut a name out of what stands around it.
fn sanitized(seen: &Seen<'_>) -> Option<&'static str> {
    match &seen.named {
        Named::Once(name) if name.form != Form::Bare => Some("protocol.error-sanitize"),
        _ => None,
    }
}

/// What a client breaks that changes a message.
fn kept(seen: &Seen<'_>) -> &'static str {
    // Of an error that the model does not list, no shape says what it has.
    if unmodelled(seen).is_some() || message(seen).is_some_and(is_hard_to_keep) {
        "user.message-kept"
    } else {
        "protocol.error-message"
    }
}

/// Whether a message has what programs cut, strip or interpret.
pub(super) fn is_hard_to_keep(message: &str) -> bool {
    message.trim() != message || message.len() > 65_536 || message.contains(char::is_control)
}
