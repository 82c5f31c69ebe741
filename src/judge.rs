//! From a fixture and what was seen to a verdict with every mismatch.
//!
//! Nothing here knows where the fixture came from, which client ran, or which
//! server answered.

mod cases;
mod member;
mod outcome;
mod request;
mod service;
mod text;

use serde::{Deserialize, Serialize};

pub use crate::fixture::Defect;
#[cfg(feature = "harness")]
pub(crate) use member::member_of;
pub use service::judge_service;
pub use text::describe;

use crate::fixture::{Basis, Charges, Fixture, Level, Otherwise};
use crate::steady::without_ports;
use crate::transcript::{End, Fault, Transcript};
use crate::wire::outcome::{ErrorKind, Outcome};

/// What a client's or a server's run of one fixture came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// Everything is as the documents require.
    Pass,
    /// Not right, and not its fault: the fixture gives the reason.
    Tolerated,
    /// Something is not as the documents require.
    Fail,
    /// The client has no way to express the call, or the server lacks what the
    /// fixture needs.
    Unsupported,
    /// The adapter broke the adapter protocol, the server's clock could not be
    /// moved, or not every step was taken: nothing is known.
    Error,
    /// The documents leave it open: nothing is judged.
    Observed,
}

impl Verdict {
    /// The word used in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Tolerated => "tolerated",
            Self::Fail => "fail",
            Self::Unsupported => "unsupported",
            Self::Error => "error",
            Self::Observed => "observed",
        }
    }
}

/// A verdict and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Everything that is not as required.
    pub mismatches: Vec<Mismatch>,
    /// Remarks: why something is tolerated, what was observed.
    pub notes: Vec<String>,
}

/// One thing that is not as required.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mismatch {
    /// The step, from 1.
    pub step: usize,
    /// What sort of defect shows here.
    pub defect: Defect,
    /// What was expected.
    pub expected: String,
    /// What was seen.
    pub seen: String,
    /// The id of the requirement that is broken.
    pub requirement: String,
    /// The other requirements that may be violated instead, from the plain to
    /// the special, if the client keeps that one elsewhere.
    /// [`attribute`](crate::results::attribute) decides it when the whole run
    /// is known; from then on, all that may be violated stand here, with the
    /// one that is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub otherwise: Vec<String>,
    /// How binding that is here: the fixture's level, and no more than `should`
    /// where the requirement rests on advice or on a rule of this project.
    pub level: Level,
}

impl Mismatch {
    /// Whether it was decided which of several requirements is violated.
    #[must_use]
    pub fn is_attributed(&self) -> bool {
        self.otherwise.is_empty() || self.otherwise.contains(&self.requirement)
    }
}

/// The ids of all requirements that the judge itself may cite.
#[must_use]
pub fn requirements() -> Vec<&'static str> {
    [request::REQUIREMENTS, outcome::REQUIREMENTS, service::REQUIREMENTS].concat()
}

/// Judges what was seen of a fixture.
#[must_use]
pub fn judge(fixture: &Fixture, transcript: &Transcript) -> Judgement {
    let mut mismatches = Vec::new();
    let mut notes = Vec::new();
    if let Some(verdict) = unjudgeable(transcript, &mut notes) {
        return Judgement { verdict, mismatches, notes };
    }
    for (index, step) in fixture.steps.iter().enumerate() {
        let exchanges: Vec<_> =
            transcript.exchanges.iter().filter(|exchange| exchange.step == index).collect();
        let mut judged = Judged {
            step: index + 1,
            cites: &fixture.cites,
            charges: &fixture.charges,
            otherwise: Some(&fixture.otherwise),
            level: fixture.level,
            mismatches: &mut mismatches,
        };
        // After a step without an outcome there is nothing more to judge.
        let Some(end) = transcript.ends.get(index) else {
            if mismatches.is_empty() && transcript.ends.last().is_none_or(Result::is_ok) {
                notes = vec![format!("call {} was not made", index + 1)];
                return Judgement { verdict: Verdict::Error, mismatches, notes };
            }
            break;
        };
        outcome::step(step, fixture.max_attempts, &exchanges, end, &mut judged, &mut notes);
        request::step(step, &fixture.endpoint_path, &exchanges, &mut judged);
    }
    let observations = || transcript.ends.iter().map(observation).collect();
    let mut judgement = conclude(fixture.level, mismatches, notes, observations);
    // They are told, and no part of the verdict.
    judgement.notes.extend(transcript.remarks.iter().cloned());
    judgement
}

/// The verdict on what was found. What is only observed is told in the notes,
/// and a client fails there for what no document leaves open.
fn conclude(
    level: Level,
    mut mismatches: Vec<Mismatch>,
    notes: Vec<String>,
    observations: impl FnOnce() -> Vec<String>,
) -> Judgement {
    if level == Level::May {
        mismatches.retain(|mismatch| is_never_open(mismatch.defect));
        mismatches.iter_mut().for_each(|mismatch| mismatch.level = Level::Should);
        let verdict = if mismatches.is_empty() { Verdict::Observed } else { Verdict::Fail };
        return Judgement { verdict, mismatches, notes: observations() };
    }
    let verdict = match (mismatches.is_empty(), notes.is_empty()) {
        (false, _) => Verdict::Fail,
        (true, false) => Verdict::Tolerated,
        (true, true) => Verdict::Pass,
    };
    Judgement { verdict, mismatches, notes }
}

/// Whether a defect is one whatever the documents leave open.
fn is_never_open(defect: Defect) -> bool {
    matches!(defect, Defect::Hang | Defect::Crash | Defect::ForeignException)
}

/// The verdict on a client that could not be tried.
fn unjudgeable(transcript: &Transcript, notes: &mut Vec<String>) -> Option<Verdict> {
    transcript.ends.iter().find_map(|end| match end {
        Ok(Outcome::Unsupported(reason)) => {
            notes.push(reason.clone());
            Some(Verdict::Unsupported)
        }
        Err(Fault::Protocol { .. }) => {
            notes.push(observation(end));
            Some(Verdict::Error)
        }
        _ => None,
    })
}

/// What a call came to, in a line that two runs have in common.
#[must_use]
pub fn observation(end: &End) -> String {
    match end {
        Ok(outcome) => describe(outcome),
        Err(fault) => without_ports(&fault.to_string()),
    }
}

/// The most mismatches of a step that are alike: a request may have a million
/// unknown members.
const MAX_LIKE: usize = 50;

/// Collects the mismatches of one step.
struct Judged<'a> {
    step: usize,
    cites: &'a [String],
    charges: &'a Charges,
    otherwise: Option<&'a Otherwise>,
    level: Level,
    mismatches: &'a mut Vec<Mismatch>,
}

impl Judged<'_> {
    /// A mismatch with the requirement that the fixture charges for it.
    ///
    /// # Panics
    /// If the fixture cites nothing, which the loader refuses.
    fn fixture(&mut self, defect: Defect, expected: impl Into<String>, seen: impl Into<String>) {
        let requirement = self.charges.get(&defect).or(self.cites.first());
        let requirement = requirement.expect("a fixture cites a requirement").clone();
        self.push(defect, expected, seen, requirement);
    }

    /// A mismatch with a requirement on every request or outcome, unless the
    /// fixture charges another for it.
    fn rule(
        &mut self,
        defect: Defect,
        requirement: &str,
        expected: impl Into<String>,
        seen: impl Into<String>,
    ) {
        let requirement = self.charges.get(&defect).map_or(requirement, String::as_str).to_owned();
        self.push(defect, expected, seen, requirement);
    }

    fn push(
        &mut self,
        defect: Defect,
        expected: impl Into<String>,
        seen: impl Into<String>,
        requirement: String,
    ) {
        let level = if is_advice(&requirement) { self.level.max(Level::Should) } else { self.level };
        let mismatch = Mismatch {
            step: self.step,
            defect,
            expected: expected.into(),
            seen: seen.into(),
            requirement,
            otherwise: self.otherwise.and_then(|of| of.get(&defect)).cloned().unwrap_or_default(),
            level,
        };
        let is_like = |of: &&Mismatch| {
            (of.step, of.defect, &of.requirement) == (mismatch.step, mismatch.defect, &mismatch.requirement)
        };
        // A retry repeats what was wrong with the first request.
        let like = self.mismatches.iter().filter(is_like).count();
        if like < MAX_LIKE && !self.mismatches.contains(&mismatch) {
            self.mismatches.push(mismatch);
        }
    }
}

/// Whether a requirement rests on no more than advice or a rule of this project.
pub(crate) fn is_advice(requirement: &str) -> bool {
    Basis::of(requirement) != Basis::Document
}

/// Whether a client says that it refused a call before sending anything.
fn refused(end: &End) -> bool {
    matches!(end, Ok(Outcome::Error(error)) if error.kind == ErrorKind::Client)
}
