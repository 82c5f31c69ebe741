//! Many draws, one after the other, over connections that stay.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinSet;

use super::super::{LATE, over};
use super::MOST_HANGS;
use crate::check::{self, Run, Server};
use crate::client::Http;
use crate::draw::service::{Asks, Sequence, drawn};
use crate::fixture::Defect;
use crate::judge::Verdict;
use crate::runner::RunError;
use crate::transcript::Seen;
use crate::unwind::lost;

/// After how many draws in turn without any answer no more are tried.
const MOST_SILENT: usize = 12;

/// How many draws of megabytes are under way at once, at the most.
const MOST_LARGE: usize = 2;

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
    /// Whether a hang of the server is confirmed.
    pub(super) hangs: Arc<AtomicBool>,
    /// How many cases had no response in time since then.
    pub(super) hung: Arc<AtomicUsize>,
}

impl Company {
    /// Whether time is up, or the search is stopped.
    pub(super) fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// Whether so many cases had no response in time that no more are tried.
    pub(super) fn is_hung(&self) -> bool {
        self.hung.load(Ordering::Relaxed) >= MOST_HANGS
    }

    /// Tries the draws of a round; what they came to, in the order of their
    /// numbers. Those for which no time is left are not among it.
    pub(super) async fn round(
        &self,
        numbers: Range<u64>,
        asks: &Arc<Asks>,
        connections: &mut Vec<Http>,
    ) -> Result<Vec<Tried>, RunError> {
        let next = Arc::new(AtomicU64::new(numbers.start));
        let [large, alone] = [(); 2].map(|()| Arc::new(Mutex::new(BTreeMap::new())));
        let together = {
            let (asks, large, alone) = (asks.clone(), large.clone(), alone.clone());
            move || loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= numbers.end {
                    return None;
                }
                let draw = asks.draw(number).current();
                match (draw.advances(), draw.is_large()) {
                    (true, _) => locked(&alone).insert(number, draw),
                    (_, true) => locked(&large).insert(number, draw),
                    _ => return Some((number, draw)),
                };
            }
        };
        let mut all = self.work(together, self.jobs, connections).await?;
        for (draws, jobs) in [(large, self.jobs.min(MOST_LARGE)), (alone, 1)] {
            all.extend(self.work(move || locked(&draws).pop_first(), jobs, connections).await?);
        }
        all.sort_unstable_by_key(|tried| tried.number);
        Ok(all)
    }

    /// Tries one draw after the other, so many at once, until there are none,
    /// or time is up.
    async fn work<D>(&self, next: D, jobs: usize, connections: &mut Vec<Http>) -> Result<Vec<Tried>, RunError>
    where
        D: FnMut() -> Option<(u64, Sequence)> + Clone + Send + 'static,
    {
        let mut all = Vec::new();
        let mut tasks = JoinSet::new();
        let (tell, mut told) = unbounded_channel();
        for mut http in connections.drain(..connections.len().min(jobs)).collect::<Vec<_>>() {
            let (server, timeout) = (self.server.clone(), self.timeout);
            let (stop, until, silent) = (self.stop.clone(), self.until, self.silent.clone());
            let (hangs, hung) = (self.hangs.clone(), self.hung.clone());
            let (tell, mut next) = (tell.clone(), next.clone());
            tasks.spawn(async move {
                let is_over = || {
                    until.is_some_and(|until| Instant::now() >= until)
                        || stop.load(Ordering::Relaxed)
                        || silent.load(Ordering::Relaxed) >= MOST_SILENT
                        || hung.load(Ordering::Relaxed) >= MOST_HANGS
                };
                while !is_over()
                    && let Some((number, draw)) = next()
                {
                    let fixture = Arc::new(drawn(&draw).fixture);
                    let mut run = check::over(&mut http, fixture, &server, timeout).await;
                    match is_answered(&run) {
                        true => silent.store(0, Ordering::Relaxed),
                        false => drop(silent.fetch_add(1, Ordering::Relaxed)),
                    }
                    if hangs.load(Ordering::Relaxed) && is_hang(&run) {
                        hung.fetch_add(1, Ordering::Relaxed);
                    }
                    if matches!(run.judgement.verdict, Verdict::Pass | Verdict::Tolerated) {
                        // Nobody reads it, and it may be of megabytes.
                        run.transcript.steps.clear();
                    }
                    // Nobody may want to know any more.
                    let _ = tell.send(Tried { number, draw, run });
                }
                http
            });
        }
        drop(tell);
        let mut over = std::pin::pin!(over(&self.stop, self.until, LATE));
        loop {
            tokio::select! {
                biased;
                tried = told.recv() => match tried {
                    Some(tried) => all.push(tried),
                    None => break,
                },
                // What is under way goes with its task.
                () = &mut over => return Ok(all),
            }
        }
        while let Some(joined) = tasks.join_next().await {
            connections.push(joined.map_err(|error| RunError::Lost(lost(error)))?);
        }
        Ok(all)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a response that is required did not come in time.
fn is_hang(run: &Run) -> bool {
    run.judgement.mismatches.iter().any(|mismatch| mismatch.defect == Defect::Hang)
}

/// Whether anything was answered.
fn is_answered(run: &Run) -> bool {
    let mut answered = run.transcript.steps.iter().flat_map(Seen::answered);
    run.transcript.steps.is_empty() || answered.any(|answered| answered.answer.is_ok())
}
