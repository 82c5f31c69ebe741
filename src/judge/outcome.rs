//! What a call must come to.

use super::text::{Part, wanted, wrong_in_error, wrong_in_output};
use super::{Defect, Judged, describe, observation, refused};
use crate::fixture::{Expected, OutputPattern, Pattern, Step};
use crate::transcript::{End, Exchange, Fault};
use crate::wire::outcome::{ErrorKind, Failure, Members, Outcome};

const ANSWERS: &str = "user.answers-in-time";
const OWN_ERRORS: &str = "user.own-error-types";
const CONTACT: &str = "user.contact";
const RETRY_OFF: &str = "retry.off";
const MAX_ATTEMPTS: &str = "retry.max-attempts";

pub(super) const REQUIREMENTS: &[&str] = &[ANSWERS, OWN_ERRORS, CONTACT, RETRY_OFF, MAX_ATTEMPTS];

/// Judges what one step came to, and how many requests it took.
pub(super) fn step(
    step: &Step,
    max_attempts: u32,
    exchanges: &[&Exchange],
    end: &End,
    judged: &mut Judged<'_>,
    notes: &mut Vec<String>,
) {
    let outcome = match end {
        Ok(outcome) => outcome,
        Err(fault) => {
            let defect = if matches!(fault, Fault::NoAnswer(_)) { Defect::Hang } else { Defect::Crash };
            return judged.rule(defect, ANSWERS, "an outcome by the deadline", observation(end));
        }
    };
    if step.outcome.accepts(outcome) {
        // Right.
    } else if let Some(reason) = step.outcome.tolerates(outcome) {
        notes.push(reason.into());
    } else if exchanges.len() >= step.count().min || refused(end) {
        // With fewer requests than there must be, no outcome could be right.
        mismatch(&step.outcome, outcome, judged);
    }
    count(step, max_attempts, exchanges.len(), end, outcome, judged);
    pauses(step, exchanges, judged);
}

fn pauses(step: &Step, exchanges: &[&Exchange], judged: &mut Judged<'_>) {
    let times = exchanges.iter().map(|exchange| exchange.at.as_millis());
    for (before, after) in times.clone().zip(times.skip(1)) {
        let pause = after.saturating_sub(before);
        if pause < u128::from(step.min_pause_ms) {
            let expected = format!("at least {} ms between two requests", step.min_pause_ms);
            // How much shorter differs from run to run; the exchanges tell it.
            judged.attributed(Defect::EarlyRetry, expected, "a shorter pause");
        }
    }
}

fn count(step: &Step, max_attempts: u32, seen: usize, end: &End, outcome: &Outcome, judged: &mut Judged<'_>) {
    let count = step.count();
    let requests = |n: usize| if n == 1 { "1 request".to_owned() } else { format!("{n} requests") };
    match seen {
        // It said that it sent nothing, and it sent nothing.
        0 if refused(end) => {}
        0 if count.min > 0 => {
            judged.rule(
                Defect::NoContact,
                CONTACT,
                requests(count.min),
                format!("none; it reported {}", describe(outcome)),
            );
        }
        _ if seen < count.min => {
            judged.attributed(Defect::TooFewRequests, requests(count.min), requests(seen))
        }
        _ if seen > count.max && seen > max_attempts as usize => {
            let requirement = if max_attempts == 1 { RETRY_OFF } else { MAX_ATTEMPTS };
            judged.rule(Defect::TooManyRequests, requirement, requests(count.max), requests(seen));
        }
        _ if seen > count.max => {
            judged.attributed(Defect::TooManyRequests, requests(count.max), requests(seen))
        }
        _ => {}
    }
}

/// Says in which way an outcome is wrong.
fn mismatch(expected: &Expected, outcome: &Outcome, judged: &mut Judged<'_>) {
    let wanted = match wanted(expected) {
        none if none.is_empty() => "an output, or an error of the client's own".into(),
        wanted => wanted,
    };
    let seen = describe(outcome);
    let outputs: Vec<_> = expected.accept.iter().filter_map(Pattern::output).collect();
    let errors: Vec<_> = expected.accept.iter().filter_map(Pattern::error).collect();
    // Where a response may be refused, an empty output is not a way to read it.
    let made_up = |output: &Members| {
        outputs.is_empty() || !errors.is_empty() && outputs.iter().all(|pattern| misses_all(pattern, output))
    };
    match outcome {
        Outcome::Error(error) if error.kind == ErrorKind::Unexpected => {
            judged.rule(Defect::ForeignException, OWN_ERRORS, wanted, seen);
        }
        Outcome::Output(output) if made_up(output) => judged.attributed(Defect::FalseSuccess, wanted, seen),
        Outcome::Output(output) => {
            let (wanted, seen) = wrong_in_output(&outputs, output).unwrap_or((wanted, seen));
            judged.attributed(Defect::WrongOutput, wanted, seen);
        }
        Outcome::Error(_) if errors.is_empty() => judged.attributed(Defect::FalseError, wanted, seen),
        Outcome::Error(error) => {
            let (part, pair) = wrong_in_error(&errors, error);
            let (wanted, seen) = if part == Part::Kind { (wanted, seen) } else { pair };
            judged.attributed(defect(part, error), wanted, seen);
        }
        Outcome::Unsupported(_) => {}
    }
}

/// Whether an output has no member at all, where the pattern names one.
fn misses_all(pattern: &OutputPattern, output: &Members) -> bool {
    output.is_empty() && !pattern.is_anything()
}

fn defect(wrong: Part, error: &Failure) -> Defect {
    match wrong {
        Part::Kind => Defect::WrongKind,
        Part::Code if names_an_exception(error.code.as_ref().and_then(|code| code.as_str())) => {
            Defect::WrongCode
        }
        Part::Code => Defect::LostCode,
        Part::Message => Defect::WrongMessage,
        Part::Status => Defect::WrongStatus,
        Part::RequestId => Defect::WrongRequestId,
    }
}

/// Whether a code could be a service's name for an error, and not what a
/// client puts in its place: nothing, a status, or a word for "unknown".
fn names_an_exception(code: Option<&str>) -> bool {
    code.is_some_and(|code| {
        let placeholder = ["unknown", "unknownerror", "error"].contains(&code.to_ascii_lowercase().as_str());
        !code.is_empty() && !placeholder && !code.bytes().all(|byte| byte.is_ascii_digit())
    })
}
