//! Which requirement a client violates when it gets a fixture's response wrong.

use super::{Answer, rule};
use crate::fixture::{Defect, Fixture, Level, Pattern, Step};

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
    let reply = fixture.steps.get(step)?.replies.last()?;
    let ruling = rule(&Answer::of(reply, fixture.timeout_ms));
    let requirement = ruling.charges.get(&defect)?;
    // An output that a client misses for what it sent is about the call.
    let is_about_the_call = !["error", "success", "transport"].contains(&fixture.group());
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
