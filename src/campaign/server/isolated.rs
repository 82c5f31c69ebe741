//! Sequences in isolation, each over connections of its own.

use std::sync::Arc;
use std::time::Duration;

use super::super::Gone;
use super::super::confirm::{Candidate, Confirmation, Isolated};
use super::super::minimize::{Budget, minimized};
use super::NAME;
use crate::check::{self, Contact, Run, Server};
use crate::draw::service::{Drawn, Sequence, drawn, simpler};
use crate::fixture::{Defect, ServiceFixture};
use crate::judge::{FindingId, Mismatch};
use crate::runner::RunError;
use crate::transcript::Seen;
use crate::wire::outcome::Outcome;

/// Runs one fixture after another.
pub(crate) struct Isolation {
    server: Server,
    /// How long the server has for a response, and while a case is minimized.
    timeout: Duration,
    fast: Duration,
}

/// How a sequence fails, whatever it violates by that, and a run that showed it.
pub(crate) struct Failure {
    how: How,
    id: FindingId,
    run: Run,
}

/// The defect, and the error code of the response.
#[derive(Clone, PartialEq)]
struct How(Defect, Option<String>);

impl Isolated for Isolation {
    type Case = Sequence;
    type Failure = Failure;

    async fn failure(&mut self, case: &Sequence, id: &FindingId) -> Result<Option<Failure>, RunError> {
        let fixture = drawn(case).fixture;
        let run = self.run(&fixture, self.timeout).await;
        let mismatches = &run.judgement.mismatches;
        // In the pool it may have failed before it came so far.
        let Some(of) = mismatches.iter().find(|of| FindingId::of(of) == *id).or(mismatches.first()) else {
            return Ok(None);
        };
        let how = how(&run, of);
        let confirmed = self.confirmed(&fixture, &how).await;
        Ok(confirmed.map(|(id, run)| Failure { how, id, run }))
    }

    async fn fails(&mut self, case: &Sequence, failure: &Failure) -> Result<bool, RunError> {
        Ok(self.fails_so(&drawn(case).fixture, &failure.how).await)
    }

    async fn conclude(
        &mut self,
        simplest: Sequence,
        first: &Sequence,
        Failure { how, id, run }: Failure,
        budget: &mut Budget,
    ) -> Result<Confirmation<Sequence>, RunError> {
        let fails = async |drawn: &Drawn| Ok(self.fails_so(&drawn.fixture, &how).await);
        let least = minimized(drawn(&simplest), simpler, budget, fails).await?;
        for drawn in [least, drawn(&simplest)] {
            if let Some((id, run)) = self.confirmed(&drawn.fixture, &how).await {
                return Ok(Confirmation::Found(id, run, drawn));
            }
        }
        Ok(Confirmation::Found(id, run, drawn(first)))
    }

    async fn gone(&mut self, candidate: &Candidate<Sequence>) -> Option<Gone<Sequence>> {
        let may_be_gone = matches!(candidate.id.defect, Defect::Hang | Defect::BrokenAnswer);
        let run = candidate.run.as_deref().filter(|_| may_be_gone)?;
        match self.server.contact(self.timeout).await {
            Contact::Answered(_) => None,
            contact => Some(Gone { contact, run: run.clone(), shown: drawn(&candidate.case) }),
        }
    }
}

impl Isolation {
    pub(super) fn new(server: Server, timeout: Duration, fast: Duration) -> Self {
        Self { server, timeout, fast }
    }

    async fn run(&self, fixture: &ServiceFixture, timeout: Duration) -> Run {
        let fixture = Arc::new(ServiceFixture { id: NAME.into(), ..fixture.clone() });
        check::over(&mut self.server.connections(), fixture, &self.server, timeout).await
    }

    async fn fails_so(&self, fixture: &ServiceFixture, how: &How) -> bool {
        finding(&self.run(fixture, self.fast).await, how).is_some()
    }

    /// A run of a fixture that fails so twice, in new sets, and what it violates.
    async fn confirmed(&self, fixture: &ServiceFixture, how: &How) -> Option<(FindingId, Run)> {
        let mut last = None;
        for _ in 0..2 {
            let run = self.run(fixture, self.timeout).await;
            last = Some((finding(&run, how)?, run));
        }
        last
    }
}

/// What a run violates that fails so.
fn finding(run: &Run, how: &How) -> Option<FindingId> {
    run.judgement.mismatches.iter().find(|of| self::how(run, of) == *how).map(FindingId::of)
}

/// How a run fails by a mismatch.
fn how(run: &Run, mismatch: &Mismatch) -> How {
    // A defect in a response's form or members is the same after any other call.
    if matches!(mismatch.defect, Defect::AnswerForm | Defect::OtherOutput) {
        return How(mismatch.defect, Some(mismatch.requirement.clone()));
    }
    let seen = run.transcript.steps.get(mismatch.step.saturating_sub(1));
    let code = seen.map(Seen::answered).into_iter().flatten().find_map(|answered| match &answered.outcome {
        Outcome::Error(error) => error.code.as_ref().map(ToString::to_string),
        Outcome::Output(_) | Outcome::Unsupported(_) => None,
    });
    How(mismatch.defect, code)
}
