//! Many cases at once, in sessions that stay.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedRwLockReadGuard, RwLock, Semaphore};
use tokio::task::JoinSet;

use super::{LATE, Lane, Subject, Tried, Until};
use crate::runner::RunError;
use crate::unwind::lost;

/// How many waiting cases run at once, for each job.
const WAITING: usize = 4;

pub(super) struct Pool<S: Subject>(Arc<Shared<S>>);

struct Shared<S: Subject> {
    subject: Arc<S>,
    /// The sessions that run nothing. The one that was used last is the next to be,
    /// so that there are no more than cases run at once.
    free: Mutex<Vec<S::Session>>,
    jobs: Semaphore,
    waiting: Semaphore,
    until: Until,
}

/// The running cases of a round.
pub(super) struct Round<S: Subject>(JoinSet<Outcome<S>>);

/// The number of a case and what it came to; none where no time was left.
type Outcome<S> = Result<Option<(u64, Tried<<S as Subject>::Case>)>, RunError>;

/// Where a case comes from.
enum From<S: Subject> {
    Known(Arc<S::Known>),
    Case(S::Case),
}

impl<S: Subject> Pool<S> {
    pub(super) fn new(subject: Arc<S>, jobs: NonZeroUsize, until: Until) -> Self {
        let jobs = jobs.get();
        Self(Arc::new(Shared {
            subject,
            free: Mutex::default(),
            jobs: Semaphore::new(jobs),
            waiting: Semaphore::new(jobs * WAITING),
            until,
        }))
    }

    /// Starts the cases of these numbers.
    pub(super) fn round(&self, numbers: Range<u64>, known: &Arc<S::Known>) -> Round<S> {
        self.start(numbers.map(|number| (number, From::Known(known.clone()))))
    }

    /// Starts these cases.
    pub(super) fn cases(&self, cases: Vec<S::Case>) -> Round<S> {
        self.start((0..).zip(cases.into_iter().map(From::Case)))
    }

    fn start(&self, all: impl Iterator<Item = (u64, From<S>)>) -> Round<S> {
        let gate = Arc::new(RwLock::new(()));
        // All hold the gate before the first of them can want it for itself.
        let all: Vec<_> = all.map(|from| (from, gate.clone().try_read_owned().ok())).collect();
        let mut tasks = JoinSet::new();
        for ((number, from), held) in all {
            tasks.spawn(self.0.clone().one(number, from, gate.clone(), held));
        }
        Round(tasks)
    }

    /// What the cases of a round came to, in the order of their numbers. Those for
    /// which no time was left are not among them.
    pub(super) async fn results(&self, mut round: Round<S>) -> Result<Vec<Tried<S::Case>>, RunError> {
        let mut all = Vec::new();
        let mut over = std::pin::pin!(self.0.until.over(LATE));
        loop {
            tokio::select! {
                biased;
                joined = round.0.join_next() => match joined {
                    Some(joined) => all.extend(joined.map_err(|error| RunError::Lost(lost(error)))??),
                    None => break,
                },
                // What is still running ends with the round.
                () = &mut over => break,
            }
        }
        all.sort_unstable_by_key(|(number, _)| *number);
        Ok(all.into_iter().map(|(_, tried)| tried).collect())
    }
}

impl<S: Subject> Shared<S> {
    async fn one(
        self: Arc<Self>,
        number: u64,
        from: From<S>,
        gate: Arc<RwLock<()>>,
        mut held: Option<OwnedRwLockReadGuard<()>>,
    ) -> Outcome<S> {
        let mut slot = self.jobs.acquire().await.ok();
        if self.is_over() {
            return Ok(None);
        }
        let (case, lane) = match from {
            From::Known(known) => {
                let case = self.subject.generate(number, &known);
                let lane = self.subject.lane(&case);
                (case, lane)
            }
            From::Case(case) => (case, Lane::Shared),
        };
        // Others take its place while it waits for the one that it needs.
        let mut alone = None;
        match lane {
            Lane::Shared => {}
            Lane::Waiting => {
                drop(slot.take());
                slot = self.waiting.acquire().await.ok();
            }
            Lane::Exclusive => {
                drop((slot.take(), held.take()));
                alone = Some(gate.write().await);
            }
        }
        if self.is_over() {
            return Ok(None);
        }
        let free = self.free().pop();
        let mut session = match free {
            Some(session) => session,
            None => self.subject.session()?,
        };
        let tried = self.subject.run(&mut session, Arc::new(case)).await?;
        self.free().push(session);
        drop((slot, held, alone));
        Ok(Some((number, tried)))
    }

    fn is_over(&self) -> bool {
        self.until.is_over() || self.subject.is_spent()
    }

    fn free(&self) -> MutexGuard<'_, Vec<S::Session>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
