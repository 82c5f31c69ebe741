//! Many draws, one after the other, over connections that stay.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::check::{self, Run, Server};
use crate::client::Http;
use crate::draw::service::{Sequence, drawn};
use crate::runner::RunError;
use crate::transcript::Seen;

/// After how many draws in turn without any answer no more are tried.
const MOST_SILENT: usize = 12;

/// A draw, and what it came to.
pub(super) struct Tried {
    pub(super) number: u64,
    pub(super) draw: Sequence,
    pub(super) run: Run,
}

/// Many draws, at once where they may be.
pub(super) struct Company {
    pub(super) server: Arc<Server>,
    /// How many are under way at once.
    pub(super) jobs: usize,
    /// How long the server has for an answer.
    pub(super) timeout: Duration,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) until: Option<Instant>,
    /// How many draws in turn came to no answer at all.
    pub(super) silent: Arc<AtomicUsize>,
}

impl Company {
    /// Tries draws; what they came to, in the order of their numbers. Those
    /// for which no time is left are not among it.
    pub(super) async fn round(
        &self,
        draws: Vec<(u64, Sequence)>,
        connections: &mut Vec<Http>,
    ) -> Result<Vec<Tried>, RunError> {
        let goes_alone = |(_, draw): &(u64, Sequence)| draw.is_large() || draw.advances();
        let (alone, together): (VecDeque<_>, VecDeque<_>) = draws.into_iter().partition(goes_alone);
        let mut all = Vec::new();
        for (draws, jobs) in [(together, self.jobs), (alone, 1)] {
            let queue = Arc::new(Mutex::new(draws));
            let mut tasks = JoinSet::new();
            for mut http in connections.drain(..connections.len().min(jobs)).collect::<Vec<_>>() {
                let queue = queue.clone();
                let (server, timeout) = (self.server.clone(), self.timeout);
                let (stop, until, silent) = (self.stop.clone(), self.until, self.silent.clone());
                tasks.spawn(async move {
                    let mut tried = Vec::new();
                    loop {
                        let over = until.is_some_and(|until| Instant::now() >= until)
                            || stop.load(Ordering::Relaxed)
                            || silent.load(Ordering::Relaxed) >= MOST_SILENT;
                        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                        let Some((number, draw)) = next.filter(|_| !over) else { return (http, tried) };
                        let fixture = Arc::new(drawn(&draw).fixture);
                        let run = check::over(&mut http, fixture, &server, timeout).await;
                        match is_answered(&run) {
                            true => silent.store(0, Ordering::Relaxed),
                            false => drop(silent.fetch_add(1, Ordering::Relaxed)),
                        }
                        tried.push(Tried { number, draw, run });
                    }
                });
            }
            while let Some(joined) = tasks.join_next().await {
                let (http, tried) =
                    joined.map_err(|error| RunError::Start(format!("a task did not end: {error}")))?;
                connections.push(http);
                all.extend(tried);
            }
        }
        all.sort_unstable_by_key(|tried| tried.number);
        Ok(all)
    }
}

/// Whether anything was answered.
fn is_answered(run: &Run) -> bool {
    let mut answered = run.transcript.steps.iter().flat_map(Seen::answered);
    run.transcript.steps.is_empty() || answered.any(|answered| answered.answer.is_ok())
}
