//! One failure, tried alone: whether it is one, and the simplest fixture that
//! shows it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::super::Way;
use super::super::shrink::{Budget, along, greedily};
use super::{NAME, way};
use crate::check::{self, Run, Server};
use crate::draw::Tree;
use crate::draw::service::{Drawn, Sequence, drawn, simpler};
use crate::fixture::{Defect, ServiceFixture};
use crate::judge::Mismatch;
use crate::runner::RunError;
use crate::transcript::Seen;
use crate::wire::outcome::Outcome;

/// Runs one fixture after another, each over connections of its own.
pub(super) struct Alone {
    pub(super) server: Arc<Server>,
    /// How long the server has for an answer, where that counts.
    pub(super) timeout: Duration,
    /// How long it has while something simpler is sought.
    pub(super) hasty: Duration,
    /// For how long something simpler is still sought in this search.
    pub(super) shrinking: Duration,
    pub(super) stop: Arc<AtomicBool>,
    /// When the search ends.
    pub(super) until: Option<Instant>,
}

/// For how long something simpler is sought in one search. A server that takes
/// its time for each response would take minutes for a few findings.
pub(super) const SHRINKING: Duration = Duration::from_secs(20);
/// For how long for one finding, when that is over.
const LEAST: Duration = Duration::from_millis(500);

/// How a sequence fails, whatever it breaks by that: the sort of defect, and
/// what was answered.
#[derive(PartialEq)]
struct Failure(Defect, Option<String>);

impl Alone {
    /// The simplest fixture that fails as a draw does in a way, confirmed with
    /// a run of it, and what it breaks; none if the draw does not fail so
    /// alone.
    pub(super) async fn find(
        &mut self,
        draw: &Sequence,
        tree: Tree<Sequence>,
        way: &Way,
    ) -> Result<Option<(Way, Run, Drawn)>, RunError> {
        let first = drawn(draw);
        let run = self.run(&first.fixture, self.timeout).await;
        let mismatches = &run.judgement.mismatches;
        // Among others it may have failed before it came so far.
        let Some(of) = mismatches.iter().find(|of| self::way(of) == *way).or(mismatches.first()) else {
            return Ok(None);
        };
        let failure = failure(&run, of);
        let Some((way, run)) = self.confirmed(&first.fixture, &failure).await else { return Ok(None) };
        let began = Instant::now();
        let stop = self.stop.clone();
        let mut budget = Budget::new(&stop, self.shrinking.max(LEAST), self.until);
        let mut fails = async |draw: &Sequence| {
            let run = self.run(&drawn(draw).fixture, self.hasty).await;
            Ok(way_to(&run, &failure).is_some())
        };
        let simplest = along(tree, draw.clone(), &mut budget, &mut fails).await?;
        let simplest = greedily(simplest, Sequence::simpler, &mut budget, fails).await?;
        let fails = async |drawn: &Drawn| {
            let run = self.run(&drawn.fixture, self.hasty).await;
            Ok(way_to(&run, &failure).is_some())
        };
        let lean = greedily(drawn(&simplest), simpler, &mut budget, fails).await?;
        self.shrinking = self.shrinking.saturating_sub(began.elapsed());
        for drawn in [lean, drawn(&simplest)] {
            if let Some((way, run)) = self.confirmed(&drawn.fixture, &failure).await {
                return Ok(Some((way, run, drawn)));
            }
        }
        Ok(Some((way, run, first)))
    }

    async fn run(&self, fixture: &ServiceFixture, timeout: Duration) -> Run {
        let fixture = ServiceFixture { id: NAME.into(), ..fixture.clone() };
        check::over(&mut self.server.endpoint.http(), fixture.into(), &self.server, timeout).await
    }

    /// A run of a fixture that fails so twice, in new sets, and what it breaks.
    async fn confirmed(&self, fixture: &ServiceFixture, failure: &Failure) -> Option<(Way, Run)> {
        let mut last = None;
        for _ in 0..2 {
            let run = self.run(fixture, self.timeout).await;
            last = Some((way_to(&run, failure)?, run));
        }
        last
    }
}

/// What a run breaks that fails so.
fn way_to(run: &Run, failure: &Failure) -> Option<Way> {
    run.judgement.mismatches.iter().find(|of| self::failure(run, of) == *failure).map(way)
}

/// How a run fails by a mismatch.
fn failure(run: &Run, mismatch: &Mismatch) -> Failure {
    // What is wrong with an answer's form or members is the same after anything.
    if matches!(mismatch.defect, Defect::AnswerForm | Defect::OtherOutput) {
        return Failure(mismatch.defect, Some(mismatch.requirement.clone()));
    }
    let seen = run.transcript.steps.get(mismatch.step.saturating_sub(1));
    let code = seen.map(Seen::answered).into_iter().flatten().find_map(|answered| match &answered.outcome {
        Outcome::Error(error) => error.code.as_ref().map(ToString::to_string),
        Outcome::Output(_) | Outcome::Unsupported(_) => None,
    });
    Failure(mismatch.defect, code)
}
