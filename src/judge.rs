//! From a fixture and what was seen to a verdict with every mismatch.
//!
//! Nothing here knows where the fixture came from, which client ran, or which
//! server answered.

mod cases;
mod finding_id;
mod leak;
mod member;
mod outcome;
mod request;
mod sender;
mod service;
mod text;

use serde::{Deserialize, Serialize};

pub use crate::fixture::Defect;
pub use finding_id::FindingId;
#[cfg(all(feature = "draw", feature = "harness"))]
pub(crate) use leak::{leak, marks};
#[cfg(feature = "harness")]
pub(crate) use member::member_of;
pub use service::judge_service;
pub use text::describe;

use crate::fixture::{Basis, DateIs, Entry, Fixture, Level};
use crate::normalize::without_ports;
use crate::oracle::{Attribution, attribution};
use crate::transcript::{End, Exchange, Fault, Transcript};
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

impl Judgement {
    /// Nothing is known of the subject, and why.
    fn unknown(verdict: Verdict, note: String) -> Self {
        Self { verdict, mismatches: Vec::new(), notes: vec![note] }
    }
}

/// One thing that is not as required.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mismatch {
    /// The step, from 1.
    pub step: usize,
    /// The kind of defect.
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
    /// How binding that is here: the fixture's level, and at most `should` where the
    /// requirement rests on advice or on a rule of this project.
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
    [request::REQUIREMENTS, outcome::REQUIREMENTS, sender::REQUIREMENTS, service::REQUIREMENTS].concat()
}

/// Judges what was seen of a fixture of the client role.
#[must_use]
pub fn judge(fixture: &Fixture, transcript: &Transcript) -> Judgement {
    if let Some((verdict, note)) = unjudgeable(transcript) {
        return Judgement::unknown(verdict, note);
    }
    let observations = || transcript.ends.iter().map(observation).collect();
    let attribute = |step, defect| attribution(fixture, step, defect);
    let steps = fixture.steps.len();
    let mut judgement = walk(fixture.into(), steps, &attribute, observations, |index, judged, notes| {
        let (Some(step), Some(end)) = (fixture.steps.get(index), transcript.ends.get(index)) else {
            // After a call that failed there is nothing more to judge.
            let goes_on = transcript.ends.last().is_none_or(Result::is_ok);
            return if goes_on {
                Next::NotTaken(format!("call {} was not made", index + 1))
            } else {
                Next::End
            };
        };
        let exchanges: Vec<_> =
            transcript.exchanges.iter().filter(|exchange| exchange.step == index).collect();
        let before = judged.mismatches.len();
        outcome::step(step, fixture.max_attempts, &exchanges, end, judged, notes);
        // An outcome that is wrong is a finding already.
        if index > 0 && judged.mismatches.len() == before {
            leak::step(fixture, index, end, judged);
        }
        let date_before = |exchange: &Exchange| date_before(fixture, transcript, exchange);
        request::step(step, &fixture.endpoint_path, &exchanges, &date_before, judged);
        Next::Step
    });
    // They are reported, and no part of the verdict.
    judgement.notes.extend(transcript.remarks.iter().cloned());
    judgement
}

/// What the dates of the responses before a request are to a client that sets its
/// clock by one.
fn date_before(fixture: &Fixture, transcript: &Transcript, request: &Exchange) -> DateIs {
    let before = transcript.exchanges.iter().take_while(|exchange| !std::ptr::eq(*exchange, request));
    let dates = before.filter_map(|exchange| {
        let step = fixture.steps.get(exchange.step)?;
        Some(step.replies.get(exchange.reply)?.script().date())
    });
    dates.max().unwrap_or(DateIs::Now)
}

/// How a walk goes on after a step.
enum Next {
    /// With the next step.
    Step,
    /// It ends: what follows says nothing of the subject.
    End,
    /// It ends, and the subject is not judged at all. Why not.
    Unknown(Verdict, String),
    /// It ends, for the step was not taken. If nothing was wrong before it, that
    /// is an error.
    NotTaken(String),
}

/// Judges the steps of a fixture, one after the other.
fn walk(
    fixture: Entry<'_>,
    steps: usize,
    attribute: Attribute<'_>,
    observations: impl FnOnce() -> Vec<String>,
    mut step: impl FnMut(usize, &mut Judged<'_>, &mut Vec<String>) -> Next,
) -> Judgement {
    let (mut mismatches, mut notes) = (Vec::new(), Vec::new());
    for index in 0..steps {
        let mut judged = Judged { step: index + 1, fixture, attribute, mismatches: &mut mismatches };
        match step(index, &mut judged, &mut notes) {
            Next::Step => {}
            Next::Unknown(verdict, note) => return Judgement::unknown(verdict, note),
            Next::NotTaken(note) if mismatches.is_empty() => return Judgement::unknown(Verdict::Error, note),
            Next::End | Next::NotTaken(_) => break,
        }
    }
    conclude(fixture.level, mismatches, notes, observations)
}

/// The verdict on what was found. What is only observed is reported in the notes, and a
/// client fails there for what no document leaves open.
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
    matches!(defect, Defect::Hang | Defect::Crash | Defect::ForeignException | Defect::Leak)
}

/// The verdict on a client that could not be tried, and why.
fn unjudgeable(transcript: &Transcript) -> Option<(Verdict, String)> {
    transcript.ends.iter().find_map(|end| match end {
        Ok(Outcome::Unsupported(reason)) => Some((Verdict::Unsupported, reason.clone())),
        Err(Fault::Protocol { .. }) => Some((Verdict::Error, observation(end))),
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

/// What a defect in a step, counted from 0, is attributed to; none where it is
/// the requirement that the judge names.
type Attribute<'a> = &'a dyn Fn(usize, Defect) -> Option<Attribution>;

/// Collects the mismatches of one step.
struct Judged<'a> {
    step: usize,
    fixture: Entry<'a>,
    attribute: Attribute<'a>,
    mismatches: &'a mut Vec<Mismatch>,
}

impl Judged<'_> {
    /// A mismatch with the requirement that it is attributed to, or else the first
    /// that the fixture cites.
    ///
    /// # Panics
    /// If the fixture cites nothing, which the loader refuses.
    fn attributed(&mut self, defect: Defect, expected: impl Into<String>, seen: impl Into<String>) {
        let first = self.fixture.cites.first().expect("a fixture cites a requirement");
        self.rule(defect, first, expected, seen);
    }

    /// A mismatch with a requirement on every request or outcome, unless it is
    /// attributed to another.
    fn rule(
        &mut self,
        defect: Defect,
        requirement: &str,
        expected: impl Into<String>,
        seen: impl Into<String>,
    ) {
        let own = || Attribution { requirement: requirement.to_owned(), ..Attribution::default() };
        let attribution = (self.attribute)(self.step - 1, defect).unwrap_or_else(own);
        self.push(defect, expected, seen, attribution);
    }

    fn push(
        &mut self,
        defect: Defect,
        expected: impl Into<String>,
        seen: impl Into<String>,
        Attribution { requirement, otherwise }: Attribution,
    ) {
        let level = self.fixture.level;
        let level = if is_advice(&requirement) { level.max(Level::Should) } else { level };
        let mismatch = Mismatch {
            step: self.step,
            defect,
            expected: expected.into(),
            seen: seen.into(),
            requirement,
            otherwise,
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

/// Whether a requirement rests only on advice or a rule of this project.
pub(crate) fn is_advice(requirement: &str) -> bool {
    Basis::of(requirement) != Basis::Document
}

/// Whether a client says that it refused a call before sending anything.
fn refused(end: &End) -> bool {
    matches!(end, Ok(Outcome::Error(error)) if error.kind == ErrorKind::Client)
}
