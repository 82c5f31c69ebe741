//! Many draws, one after the other, with servers and clients that stay.

use std::collections::{BTreeSet, VecDeque};
use std::future::Future;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::task::JoinSet;

use super::drawing::Drawing;
use super::{Way, behaviour, hasty, ways};
use crate::client::Client;
use crate::draw::{self, Draw};
use crate::judge::Verdict;
use crate::replay::Replay;
use crate::runner::{self, Run, RunError};
use crate::transcript::End;
use crate::wire::outcome::{ErrorKind, Outcome};
use crate::wire::sign::test_credentials;

/// How many workers there are for draws whose servers wait, for each other one.
const PATIENT: usize = 2;
/// How many draws before a failure may have to do with it.
const BEFORE: usize = 16;

/// A draw, and what it came to.
pub(super) struct Tried {
    pub(super) number: u64,
    pub(super) draw: Arc<Draw>,
    pub(super) verdict: Verdict,
    /// The ways in which it fails.
    pub(super) ways: BTreeSet<Way>,
    /// Whether the client waited until its time was up.
    pub(super) timed_out: bool,
    /// The run, where the adapter broke its protocol.
    pub(super) broken: Option<Run>,
    /// What the client did in each call, as a number.
    pub(super) behaviours: Vec<u64>,
    /// What the same client was given before, the last first; nothing where
    /// the draw does not fail.
    pub(super) before: Vec<Arc<Draw>>,
}

/// Draws by number.
type Numbered = VecDeque<(u64, Arc<Draw>)>;
/// A worker that is through, with what its draws came to.
type Worked<C> = Result<(Worker<C>, Vec<Tried>), RunError>;

pub(super) struct Company<C, S> {
    quick: Vec<Worker<C>>,
    /// For draws whose servers wait: these need no processor meanwhile.
    patient: Vec<Worker<C>>,
    /// The draws of the last round whose servers wait.
    later: Numbered,
    common: Arc<Common<S>>,
}

struct Common<S> {
    start: Arc<S>,
    options: runner::Options,
    stop: Arc<AtomicBool>,
    until: Option<Instant>,
}

struct Worker<C> {
    replay: Replay,
    client: Option<C>,
    /// What the client was given, the last first.
    before: VecDeque<Arc<Draw>>,
    /// Whether it may have left something on its connection.
    is_doubtful: bool,
}

impl<C, S, F> Company<C, S>
where
    C: Client + 'static,
    S: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<C, String>> + Send + 'static,
{
    pub(super) fn start(
        options: runner::Options,
        start: Arc<S>,
        stop: Arc<AtomicBool>,
        until: Option<Instant>,
    ) -> Result<Self, RunError> {
        let worker = |_| {
            let replay = Replay::for_many(test_credentials())?;
            Ok(Worker { replay, client: None, before: VecDeque::new(), is_doubtful: false })
        };
        let workers = |count| (0..count).map(worker).collect::<Result<_, _>>().map_err(RunError::Listen);
        let jobs = options.jobs.get();
        let common = Common { start, options: hasty(options), stop, until };
        Ok(Self {
            quick: workers(jobs)?,
            patient: workers(jobs * PATIENT)?,
            later: VecDeque::new(),
            common: common.into(),
        })
    }

    /// Tries the draws of a round; what they came to, in the order of their
    /// numbers. Those whose servers wait are tried beside the next round and are
    /// among its results. Those for which no time is left are not.
    pub(super) async fn round(
        &mut self,
        numbers: Range<u64>,
        drawing: &Drawing,
    ) -> Result<Vec<Tried>, RunError> {
        let later = Arc::new(Mutex::new(std::mem::take(&mut self.later)));
        let (next, drawing) = (Arc::new(AtomicU64::new(numbers.start)), Arc::new(drawing.clone()));
        let waiting = Arc::new(Mutex::new(Vec::new()));
        let mut quick = JoinSet::new();
        for worker in self.quick.drain(..) {
            let (next, drawing, waiting) = (next.clone(), drawing.clone(), waiting.clone());
            let end = numbers.end;
            let draw = move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= end {
                        return None;
                    }
                    let draw = (number, Arc::new(drawing.draw(number)));
                    if !draw.1.waits() {
                        return Some(draw);
                    }
                    waiting.lock().unwrap_or_else(PoisonError::into_inner).push(draw);
                }
            };
            quick.spawn(worker.work(self.common.clone(), draw));
        }
        let mut patient = JoinSet::new();
        for worker in self.patient.drain(..) {
            patient.spawn(worker.work(self.common.clone(), of(later.clone())));
        }
        let mut all = Vec::new();
        self.quick = joined(quick, &mut all).await?;
        self.patient = joined(patient, &mut all).await?;
        all.sort_unstable_by_key(|tried| tried.number);
        let mut waiting = std::mem::take(&mut *waiting.lock().unwrap_or_else(PoisonError::into_inner));
        waiting.sort_unstable_by_key(|(number, _)| *number);
        self.later = waiting.into();
        Ok(all)
    }

    /// Whether draws are left whose servers wait.
    pub(super) fn is_due(&self) -> bool {
        !self.later.is_empty()
    }

    /// Tries draws of another kind than a round's; what they came to.
    pub(super) async fn all(&mut self, draws: Numbered) -> Result<Vec<Tried>, RunError> {
        let draws = Arc::new(Mutex::new(draws));
        let mut tasks = JoinSet::new();
        for worker in self.quick.drain(..) {
            tasks.spawn(worker.work(self.common.clone(), of(draws.clone())));
        }
        let mut all = Vec::new();
        self.quick = joined(tasks, &mut all).await?;
        all.sort_unstable_by_key(|tried| tried.number);
        Ok(all)
    }
}

fn is_time_out(end: &End) -> bool {
    matches!(end, Ok(Outcome::Error(error)) if error.kind == ErrorKind::Timeout)
}

/// Takes draws one after the other.
fn of(draws: Arc<Mutex<Numbered>>) -> impl FnMut() -> Option<(u64, Arc<Draw>)> + Send {
    move || draws.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

/// The workers, when they are through.
async fn joined<C: 'static>(
    mut tasks: JoinSet<Worked<C>>,
    all: &mut Vec<Tried>,
) -> Result<Vec<Worker<C>>, RunError> {
    let mut workers = Vec::new();
    while let Some(joined) = tasks.join_next().await {
        let (worker, tried) =
            joined.map_err(|error| RunError::Start(format!("a task did not end: {error}")))??;
        workers.push(worker);
        all.extend(tried);
    }
    Ok(workers)
}

impl<C: Client> Worker<C> {
    /// Tries one draw after the other, until there are none, or time is up.
    async fn work<S, F>(
        mut self,
        common: Arc<Common<S>>,
        mut next: impl FnMut() -> Option<(u64, Arc<Draw>)>,
    ) -> Worked<C>
    where
        S: Fn() -> F,
        F: Future<Output = Result<C, String>>,
    {
        let mut all = Vec::new();
        let is_over = || {
            let is_late = common.until.is_some_and(|until| Instant::now() >= until);
            is_late || common.stop.load(Ordering::Relaxed)
        };
        while !is_over()
            && let Some((number, draw)) = next()
        {
            let fixture = Arc::new(draw::fixture(&draw));
            let Self { replay, client, before, is_doubtful } = &mut self;
            replay.load(&fixture, runner::credentials(&fixture));
            let run = runner::against(replay, fixture, common.options, &*common.start, client).await?;
            let ways = ways(&run);
            let others = if ways.is_empty() { Vec::new() } else { before.iter().cloned().collect() };
            match client {
                Some(_) => before.push_front(draw.clone()),
                None => before.clear(),
            }
            before.truncate(BEFORE);
            let (behaviours, verdict) = (behaviour::of(&run), run.judgement.verdict);
            let timed_out = run.transcript.ends.iter().any(is_time_out);
            // What is still to come, or was not read, is not for the next draw:
            // it shows at once, or in what is wrong with the draw that follows.
            let fails = !matches!(verdict, Verdict::Pass | Verdict::Tolerated);
            *is_doubtful = draw.is_of_framing() || *is_doubtful && fails;
            if timed_out || client.is_none() || *is_doubtful && fails {
                *is_doubtful = false;
                *replay = Replay::for_many(test_credentials()).map_err(RunError::Listen)?;
            }
            let broken = (verdict == Verdict::Error).then_some(run);
            all.push(Tried { number, draw, verdict, ways, timed_out, broken, behaviours, before: others });
        }
        Ok((self, all))
    }
}
