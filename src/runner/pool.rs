//! The fixtures of a run, and the workers that take them.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{Options, Run, RunError, one};
use crate::client::Client;
use crate::fixture::Fixture;
use crate::replay::is_large;
use crate::unwind::lost;

/// The fixtures that nobody has taken yet.
#[derive(Clone)]
pub(super) struct Queue(Arc<Mutex<Left>>);

struct Left {
    /// Each byte of a large call is there several times over: with the client,
    /// on its way, as it came, and as it is judged. So that memory does not
    /// grow with the jobs, the first of them takes all of these.
    large: VecDeque<Arc<Fixture>>,
    others: VecDeque<Arc<Fixture>>,
}

impl Queue {
    pub(super) fn new(fixtures: Vec<Arc<Fixture>>) -> Self {
        let (large, mut others): (Vec<_>, Vec<_>) =
            fixtures.into_iter().partition(|fixture| is_large(fixture));
        // A fixture with a short time-out of its own waits for it: those start
        // first, so that the others run meanwhile.
        others.sort_by_key(|fixture| fixture.timeout_ms);
        // But each client makes a call with a long one first: what it loads then is
        // no part of a time-out of some hundred milliseconds (R41).
        let first = super::default_jobs().get().min(others.len());
        others.rotate_right(first);
        Self(Arc::new(Mutex::new(Left { large: large.into(), others: others.into() })))
    }

    fn left(&self) -> MutexGuard<'_, Left> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, is_first: bool) -> Option<Arc<Fixture>> {
        let mut left = self.left();
        let large = if is_first { left.large.pop_front() } else { None };
        large.or_else(|| left.others.pop_front())
    }

    pub(super) fn len(&self) -> usize {
        let left = self.left();
        left.large.len() + left.others.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes all.
    pub(super) fn rest(&self) -> Vec<Arc<Fixture>> {
        let mut left = self.left();
        let large = std::mem::take(&mut left.large);
        large.into_iter().chain(std::mem::take(&mut left.others)).collect()
    }
}

/// Runs fixtures until there are none, or `each` says to stop; then what has
/// begun is still waited for.
///
/// # Errors
/// What a worker or `each` came to, and where a worker panicked.
pub(super) async fn work<C, S, F>(
    queue: &Queue,
    options: Options,
    start: &Arc<S>,
    mut each: impl FnMut(Run) -> Result<bool, RunError>,
) -> Result<(), RunError>
where
    C: Client + 'static,
    S: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<C, String>> + Send,
{
    let jobs = options.jobs.get().min(queue.len());
    let stop = Arc::new(AtomicBool::new(false));
    let (results, mut incoming) = mpsc::channel(jobs.max(1));
    let mut workers = JoinSet::new();
    for job in 0..jobs {
        let (queue, start, stop, results) = (queue.clone(), start.clone(), stop.clone(), results.clone());
        workers.spawn(async move {
            let mut client = None;
            while !stop.load(Ordering::Relaxed)
                && let Some(fixture) = queue.next(job == 0)
            {
                let run = one(fixture, options, &*start, &mut client).await?;
                if results.send(run).await.is_err() {
                    break;
                }
            }
            Ok(())
        });
    }
    drop(results);
    loop {
        tokio::select! {
            // A run that was sent comes before the end of its worker.
            biased;
            run = incoming.recv() => match run {
                Some(run) => stop.store(!each(run)?, Ordering::Relaxed),
                None => break,
            },
            Some(worker) = workers.join_next() => ended(worker)?,
        }
    }
    while let Some(worker) = workers.join_next().await {
        ended(worker)?;
    }
    Ok(())
}

fn ended(worker: Result<Result<(), RunError>, tokio::task::JoinError>) -> Result<(), RunError> {
    worker.map_err(|error| RunError::Lost(lost(error)))?
}
