//! The jobs that take fixtures from the queue, each with a session of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinError, JoinSet};

use super::{Options, Queue, RunError, RunOf, Slot, Subject};
use crate::unwind::lost;

/// Runs the fixtures that may run side by side, until there are none or `take`
/// says to stop; then those that have begun still run to their end. Whether
/// `take` lets the run go on.
///
/// # Errors
/// The error of a job or of `take`, and the panic of a job.
pub(super) async fn work<S: Subject + 'static>(
    queue: &Queue<S::Fixture>,
    subject: &Arc<S>,
    options: Options,
    mut take: impl FnMut(RunOf<S>) -> Result<bool, RunError>,
) -> Result<bool, RunError> {
    let jobs = queue.jobs(options.jobs.get());
    let slots = Arc::new(Semaphore::new(options.jobs.get().min(Semaphore::MAX_PERMITS)));
    let stop = Arc::new(AtomicBool::new(false));
    // Runs do not pile up: each may have the megabytes of a call.
    let (results, mut incoming) = mpsc::channel(1);
    let mut workers = JoinSet::new();
    for job in 0..jobs {
        let (queue, subject) = (queue.clone(), subject.clone());
        let (slots, stop, results) = (slots.clone(), stop.clone(), results.clone());
        workers.spawn(async move {
            let mut session = S::Session::default();
            let mut slot = Slot::take(&slots).await;
            while !stop.load(Ordering::Relaxed)
                && let Some(fixture) = queue.next(job == 0)
            {
                let run = subject.run(fixture, options, 1, &mut session, &mut slot).await?;
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
                Some(run) => drop(stop.fetch_or(!take(run)?, Ordering::Relaxed)),
                None => break,
            },
            Some(worker) = workers.join_next() => ended(worker)?,
        }
    }
    while let Some(worker) = workers.join_next().await {
        ended(worker)?;
    }
    Ok(!stop.load(Ordering::Relaxed))
}

fn ended(worker: Result<Result<(), RunError>, JoinError>) -> Result<(), RunError> {
    worker.map_err(|error| RunError::Lost(lost(error)))?
}
