//! Many draws, one after the other, with servers and clients that stay.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::task::JoinSet;

use super::{behaviour, hasty};
use crate::client::Client;
use crate::draw::{self, Draw};
use crate::replay::Replay;
use crate::runner::{self, Run, RunError};
use crate::wire::sign::test_credentials;

/// A draw, and what it came to.
pub(super) struct Tried {
    pub(super) number: u64,
    pub(super) draw: Arc<Draw>,
    pub(super) run: Run,
    /// What the client did in each call, as a number.
    pub(super) behaviours: Vec<u64>,
}

pub(super) struct Company<C, S> {
    workers: Vec<Worker<C>>,
    start: Arc<S>,
    options: runner::Options,
    stop: Arc<AtomicBool>,
    until: Option<Instant>,
}

struct Worker<C> {
    replay: Replay,
    client: Option<C>,
}

impl<C, S, F> Company<C, S>
where
    C: Client + 'static,
    S: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<C, String>> + Send,
{
    pub(super) fn start(
        options: runner::Options,
        start: Arc<S>,
        stop: Arc<AtomicBool>,
        until: Option<Instant>,
    ) -> Result<Self, RunError> {
        let worker = |_| Ok(Worker { replay: Replay::for_many(test_credentials())?, client: None });
        let workers =
            (0..options.jobs.get()).map(worker).collect::<Result<_, _>>().map_err(RunError::Listen)?;
        Ok(Self { workers, start, options: hasty(options), stop, until })
    }

    /// Tries draws; what they came to, in the order of their numbers. Those
    /// for which no time is left are not among it.
    pub(super) async fn round(&mut self, draws: VecDeque<(u64, Arc<Draw>)>) -> Result<Vec<Tried>, RunError> {
        let queue = Arc::new(Mutex::new(draws));
        let mut tasks = JoinSet::new();
        for mut worker in self.workers.drain(..) {
            let (queue, start, options) = (queue.clone(), self.start.clone(), self.options);
            let (stop, until) = (self.stop.clone(), self.until);
            tasks.spawn(async move {
                let mut all = Vec::new();
                loop {
                    let over = until.is_some_and(|until| Instant::now() >= until);
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some((number, draw)) = next.filter(|_| !over && !stop.load(Ordering::Relaxed)) else {
                        return Ok((worker, all));
                    };
                    let fixture = Arc::new(draw::fixture(&draw));
                    let Worker { replay, client } = &mut worker;
                    replay.load(&fixture, runner::credentials(&fixture));
                    let run = runner::against(replay, fixture, options, &*start, client).await?;
                    let behaviours = behaviour::of(&run);
                    all.push(Tried { number, draw, run, behaviours });
                }
            });
        }
        let mut all = Vec::new();
        while let Some(joined) = tasks.join_next().await {
            let (worker, tried) =
                joined.map_err(|error| RunError::Start(format!("a task did not end: {error}")))??;
            self.workers.push(worker);
            all.extend(tried);
        }
        all.sort_unstable_by_key(|tried| tried.number);
        Ok(all)
    }
}
