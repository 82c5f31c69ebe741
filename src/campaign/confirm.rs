//! One failure in isolation: whether it is one, and the simplest case that
//! shows it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::minimize::{Budget, minimized};
use super::{Case, Gone, Subject, Until};
use crate::fixture::Defect;
use crate::judge::FindingId;
use crate::runner::RunError;

/// After how many cases before it one is run that hangs: each costs its
/// deadline.
const MOST_HANGING: usize = 2;
/// The time budget for one finding where that of the search is used up.
const LEAST: Duration = Duration::from_millis(500);

/// A case that failed in the pool.
pub(crate) struct Candidate<C: Case> {
    pub(super) id: FindingId,
    pub(super) case: Arc<C>,
    /// The cases that may have left something behind, the last first.
    pub(super) before: Vec<Arc<C>>,
    /// Whether it is known not to fail by itself, and is to run after those.
    pub(super) is_after: bool,
    pub(super) run: Option<Arc<C::Run>>,
}

impl<C: Case> Clone for Candidate<C> {
    fn clone(&self) -> Self {
        let Self { id, case, before, is_after, run } = self;
        Self {
            id: id.clone(),
            case: case.clone(),
            before: before.clone(),
            is_after: *is_after,
            run: run.clone(),
        }
    }
}

/// What a candidate came to in isolation.
pub(crate) enum Confirmation<C: Case> {
    /// A finding, with this id or one that says more: a run of the smallest case
    /// that fails, and that case.
    Found(FindingId, C::Run, C::Shown),
    /// Another failure, which needs less: what is left out changes what is
    /// expected, and not what the subject does.
    Alias(FindingId, C),
    /// It did not fail.
    Nothing,
    /// The server no longer responds.
    Gone(Gone<C>),
}

/// A candidate, and what it came to.
pub(super) type Confirmed<C> = (Candidate<C>, Confirmation<C>);

/// Runs one case after another, with nothing else on the same subject.
pub(crate) trait Isolated {
    type Case: Case;
    /// How a case fails; this stays while it is minimized.
    type Failure;

    /// How a case fails in fresh sessions, if it does so like this.
    async fn failure(&mut self, case: &Self::Case, id: &FindingId)
    -> Result<Option<Self::Failure>, RunError>;

    /// Whether a case fails like this, in a session that stays where that does no
    /// harm.
    async fn fails(&mut self, case: &Self::Case, failure: &Self::Failure) -> Result<bool, RunError>;

    /// What the simplest case shows; `first` is the one that was minimized.
    async fn conclude(
        &mut self,
        simplest: Self::Case,
        first: &Self::Case,
        failure: Self::Failure,
        budget: &mut Budget,
    ) -> Result<Confirmation<Self::Case>, RunError>;

    /// Whether the subject is lost.
    async fn gone(&mut self, _candidate: &Candidate<Self::Case>) -> Option<Gone<Self::Case>> {
        None
    }
}

/// Confirms one candidate after another.
pub(super) struct Confirm<S: Subject> {
    isolated: S::Isolated,
    /// The time budget for one finding, and what is left of that for all.
    minimize: Duration,
    left: Duration,
    until: Until,
}

impl<S: Subject> Confirm<S> {
    pub(super) fn new(subject: &Arc<S>, minimize: Duration, until: Until) -> Self {
        Self { isolated: subject.isolated(), minimize, left: S::LIMITS.minimize, until }
    }

    async fn confirm(&mut self, candidate: &Candidate<S::Case>) -> Result<Confirmation<S::Case>, RunError> {
        if let Some(gone) = self.isolated.gone(candidate).await {
            return Ok(Confirmation::Gone(gone));
        }
        let confirmation = match candidate.is_after {
            false => self.by_itself(candidate).await?,
            true => self.after_others(candidate).await?,
        };
        // What was run may have been the end of it.
        let gone = self.isolated.gone(candidate).await;
        Ok(gone.map_or(confirmation, Confirmation::Gone))
    }

    /// A part that fails by itself owes nothing to the others.
    async fn by_itself(&mut self, candidate: &Candidate<S::Case>) -> Result<Confirmation<S::Case>, RunError> {
        let Candidate { id, case, .. } = candidate;
        let parts = case.parts();
        if !parts.is_empty() && self.isolated.failure(case, id).await?.is_none() {
            return Ok(Confirmation::Nothing);
        }
        for part in parts.iter().chain([&**case]) {
            let confirmation = self.confirmed(part, id).await?;
            if !matches!(confirmation, Confirmation::Nothing) {
                return Ok(confirmation);
            }
        }
        Ok(Confirmation::Nothing)
    }

    /// Whether an earlier case leaves something behind that makes this one fail.
    async fn after_others(
        &mut self,
        candidate: &Candidate<S::Case>,
    ) -> Result<Confirmation<S::Case>, RunError> {
        let Candidate { id, case, before, .. } = candidate;
        let most = if id.defect == Defect::Hang { MOST_HANGING } else { usize::MAX };
        for after in case.after(before).iter().take(most) {
            if self.until.is_stopped() {
                break;
            }
            let confirmation = self.confirmed(after, id).await?;
            if !matches!(confirmation, Confirmation::Nothing) {
                return Ok(confirmation);
            }
        }
        Ok(Confirmation::Nothing)
    }

    async fn confirmed(&mut self, case: &S::Case, id: &FindingId) -> Result<Confirmation<S::Case>, RunError> {
        let Some(failure) = self.isolated.failure(case, id).await? else { return Ok(Confirmation::Nothing) };
        let began = Instant::now();
        let mut budget = Budget::new(&self.until, self.minimize.min(self.left.max(LEAST)));
        let isolated = &mut self.isolated;
        let fails = async |case: &S::Case| isolated.fails(case, &failure).await;
        let simplest = minimized(case.clone(), Case::simpler, &mut budget, fails).await?;
        let confirmation = self.isolated.conclude(simplest, case, failure, &mut budget).await;
        self.left = self.left.saturating_sub(began.elapsed());
        confirmation
    }
}

/// Confirms what is asked, until nobody asks any more. From `last` on, nothing is.
pub(super) async fn serve<S: Subject>(
    mut confirm: Confirm<S>,
    mut asked: UnboundedReceiver<Candidate<S::Case>>,
    tell: UnboundedSender<Confirmed<S::Case>>,
    last: Option<Instant>,
) -> Result<(), RunError> {
    while let Some(candidate) = asked.recv().await {
        let is_late = last.is_some_and(|last| Instant::now() >= last) || confirm.until.is_stopped();
        let confirmation = match is_late {
            true => Confirmation::Nothing,
            false => Box::pin(confirm.confirm(&candidate)).await?,
        };
        if tell.send((candidate, confirmation)).is_err() {
            return Ok(());
        }
    }
    Ok(())
}
