//! Which requirement a client violates when it gets a fixture's response wrong.

use super::name::{Form, Named, Place};
use super::outcome::{Right, is_hard_to_keep, message};
use super::seen::{Member, Seen};
use super::{Answer, Row, Variation, rule};
use crate::fixture::{Charges, Defect, Fixture, Level, Otherwise, Pattern, Step};

/// The defects of an outcome: the ones that a response can be the reason for.
const OF_OUTCOMES: &[Defect] = &[
    Defect::FalseSuccess,
    Defect::LostCode,
    Defect::WrongCode,
    Defect::WrongMessage,
    Defect::WrongStatus,
    Defect::WrongRequestId,
    Defect::WrongKind,
    Defect::FalseError,
    Defect::WrongOutput,
    Defect::ForeignException,
];

/// The ones that each response of several is the only reason for. What else goes
/// wrong in a sequence of calls is about the sequence.
const OF_EACH_CALL: &[Defect] =
    &[Defect::LostCode, Defect::WrongCode, Defect::WrongMessage, Defect::WrongStatus];

/// The requirement on bytes in a response.
pub(super) const BLOB: &str = "protocol.response-blob";

/// The requirement on a response that has nothing unusual.
const PLAIN: &str = "protocol.response-json";

/// The requirements that a defect may violate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attribution {
    /// The one that it violates.
    pub requirement: String,
    /// The ones that it violates instead, from the plain to the special, if the
    /// client meets that one, and those before, in other fixtures.
    pub otherwise: Vec<String>,
}

/// What a defect in a step of a fixture is attributed to: what the fixture
/// states, or else what the oracle names for the step's last response and the
/// fixture cites. None if it is the first requirement that the fixture cites, or
/// the judge's own.
#[must_use]
pub fn attribution(fixture: &Fixture, step: usize, defect: Defect) -> Option<Attribution> {
    if let Some(requirement) = fixture.charges.get(&defect) {
        let otherwise = fixture.otherwise.get(&defect).cloned().unwrap_or_default();
        return Some(Attribution { requirement: requirement.clone(), otherwise });
    }
    of_response(fixture, step, defect)
}

/// What a fixture can show: each defect of an outcome with its attribution, for
/// the first step that can show it.
pub fn attributions(fixture: &Fixture) -> impl Iterator<Item = (Defect, Attribution)> {
    let stated = fixture.charges.keys().filter(|defect| !OF_OUTCOMES.contains(defect));
    stated.chain(OF_OUTCOMES).filter_map(|defect| {
        let mut steps = fixture.steps.iter().enumerate().filter(|(_, step)| can_show(step, *defect));
        let of_step = steps.find_map(|(step, _)| attribution(fixture, step, *defect));
        Some((*defect, of_step.or_else(|| attribution(fixture, fixture.steps.len(), *defect))?))
    })
}

/// What the oracle names, where the fixture cites it.
fn of_response(fixture: &Fixture, step: usize, defect: Defect) -> Option<Attribution> {
    let is_alone = matches!(fixture.steps.as_slice(), [step] if step.replies.len() == 1);
    let defects = if is_alone { OF_OUTCOMES } else { OF_EACH_CALL };
    if fixture.level == Level::May || !defects.contains(&defect) {
        return None;
    }
    let step = fixture.steps.get(step)?;
    let ruling = rule(step.call.operation(), &Answer::of(step.replies.last()?, fixture.timeout_ms));
    let requirement = ruling.charges.get(&defect)?;
    // An output that a client misses for what it sent is about the call.
    let is_about_the_call = ["hostile", "limit", "request", "retry", "signing"].contains(&fixture.group());
    if !fixture.cites.contains(requirement) || is_about_the_call && requirement == PLAIN {
        return None;
    }
    let mut otherwise = ruling.otherwise.get(&defect).cloned().unwrap_or_default();
    otherwise.retain(|id| fixture.cites.contains(id));
    Some(Attribution { requirement: requirement.clone(), otherwise })
}

/// Whether an outcome of the step can show a defect.
fn can_show(step: &Step, defect: Defect) -> bool {
    let accept = &step.outcome.accept;
    let mut errors = accept.iter().filter_map(Pattern::error);
    match defect {
        Defect::FalseError => errors.next().is_none(),
        Defect::WrongOutput => errors.count() < accept.len(),
        Defect::LostCode | Defect::WrongCode => errors.any(|of| !of.code.is_anything()),
        Defect::WrongMessage => errors.any(|of| !of.message.is_anything()),
        Defect::WrongStatus => errors.any(|of| !of.status.is_anything()),
        Defect::WrongRequestId => errors.any(|of| !of.request_id.is_anything()),
        Defect::ForeignException => true,
        _ => errors.next().is_some(),
    }
}

/// The requirement that each defect violates, and the ones that it may violate
/// instead, from the plain to the special.
pub(super) fn charges(row: &Row, variation: Option<&Variation>, seen: &Seen<'_>) -> (Charges, Otherwise) {
    let variation = variation.map(|variation| variation.requirement);
    // Success for an error is a matter of the status, which only HTTP can hide:
    // who takes an interim answer for the final one finds no error in it.
    let form = variation.filter(|requirement| requirement.starts_with("http."));
    let interim = Some("http.interim-1xx").filter(|_| seen.message.features.interim);
    let success = interim.or(form).unwrap_or(row.breaks);
    let spaced = variation.filter(|requirement| *requirement == "http.header-whitespace");
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
            let what = Some(variation.filter(|_| plain).unwrap_or(row.breaks));
            charge(&[Defect::FalseError, Defect::WrongOutput, Defect::FalseSuccess, Defect::WrongKind], what);
            charge(&[Defect::ForeignException], variation.filter(|_| plain));
        }
        Right::NamedError | Right::NamedErrorOrError | Right::NamedErrorOrRefusal => {
            let (place, special) = lost(seen, variation);
            charge(&[Defect::FalseSuccess], Some(success));
            charge(&[Defect::LostCode], Some(place));
            let changed = changed(seen).or(variation).unwrap_or(place);
            charge(&[Defect::WrongCode], Some(changed));
            if changed == NESTED && names_in_prototype(seen) {
                otherwise.insert(Defect::WrongCode, vec![NO_EVALUATION.into()]);
            }
            // An empty body is unreadable to a client that has not seen the header.
            let beside_number = matches!(seen.named, Named::BesideNumber(_));
            let unread = variation.filter(|_| !beside_number && !seen.message.body.is_empty());
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
            charge(&[Defect::ForeignException], name.or(variation).or(sanitized(seen)));
            if let (Some(_), Some(variation)) = (name, variation) {
                otherwise.insert(Defect::ForeignException, vec![variation.into()]);
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
            // A client that passes on the whole part of a cut body may violate that alone.
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
fn lost(seen: &Seen<'_>, variation: Option<&'static str>) -> (&'static str, Vec<String>) {
    let Named::Once(name) = &seen.named else {
        let beside_number = matches!(seen.named, Named::BesideNumber(_));
        let first = if beside_number { "user.code-not-lost" } else { "protocol.error-body" };
        // That a number stands there is no variation of HTTP's or JSON's.
        let of_form = |of: &&str| of.starts_with("http.") || of.starts_with("json.");
        return (first, variation.filter(of_form).into_iter().map(str::to_owned).collect());
    };
    let place = match name.place {
        Place::Header => Some("protocol.error-type-header"),
        Place::Code => Some("protocol.error-type-code"),
        Place::Type => None,
    };
    let mut all =
        [place, unmodelled(seen), looked_up(seen), sanitized(seen), variation].into_iter().flatten();
    (all.next().unwrap_or("protocol.error-type-dunder"), all.map(str::to_owned).collect())
}

/// What a client breaks that takes a member for an output's which cannot be one.
fn no_output(seen: &Seen<'_>) -> Option<&'static str> {
    let breaks = |member: &Member<'_>| match member {
        Member::Spoiled => Some("protocol.response-json"),
        Member::Other(_) => Some("user.wrong-type"),
        Member::Garbled(_) => Some(BLOB),
        _ => None,
    };
    seen.output().filter(|_| seen.is_success()).find_map(|member| breaks(&member))
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
pub(super) fn unmodelled(seen: &Seen<'_>) -> Option<&'static str> {
    match &seen.named {
        Named::Once(name) if name.modelled.is_none() => Some("protocol.error-unmodelled"),
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
