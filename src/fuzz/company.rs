//! Many draws, one after the other, with servers and clients that stay.

use std::collections::{BTreeSet, VecDeque};
use std::future::Future;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinError, JoinSet};

use super::drawing::Drawing;
use super::{LATE, Way, behaviour, hasty, over, ways};
use crate::client::Client;
use crate::draw::{self, Draw};
use crate::fixture::Fixture;
use crate::judge::Verdict;
use crate::replay::Replay;
use crate::runner::{self, Run, RunError};
use crate::transcript::End;
use crate::unwind::lost;
use crate::wire::outcome::{ErrorKind, Outcome};
use crate::wire::sign::test_credentials;

/// How many workers there are for draws whose servers wait, for each other one.
const PATIENT: usize = 4;
/// How many draws before a failure may have to do with it.
const BEFORE: usize = 16;
/// How many connections a client may keep that it does not use again.
const MOST_OPEN: usize = 64;

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

/// Draws that are asked for, and what they come to as they are through.
pub(super) struct Round {
    count: usize,
    told: UnboundedReceiver<Tried>,
}

/// A draw to try, and whom to tell of it.
struct Job {
    number: u64,
    what: What,
    tell: UnboundedSender<Tried>,
}

enum What {
    /// Whatever is drawn for the number.
    Numbered(Arc<Drawing>),
    Drawn(Arc<Draw>),
}

type Jobs = Arc<Mutex<UnboundedReceiver<Job>>>;

pub(super) struct Company {
    ask: UnboundedSender<Job>,
    /// They end where something is wrong with them, and never else.
    workers: JoinSet<Result<(), RunError>>,
    until: Until,
}

/// When there is no more to begin.
#[derive(Clone)]
struct Until {
    stop: Arc<AtomicBool>,
    time: Option<Instant>,
}

impl Until {
    fn is_over(&self) -> bool {
        self.time.is_some_and(|time| Instant::now() >= time) || self.stop.load(Ordering::Relaxed)
    }
}

struct Worker<C, S> {
    start: Arc<S>,
    options: runner::Options,
    until: Until,
    free: Free<C>,
}

/// A client, and the server that it may have connections to.
struct Subject<C> {
    replay: Replay,
    client: Option<C>,
    /// What the client was given, the last first.
    before: VecDeque<Arc<Draw>>,
}

/// The subjects of which nobody makes use. The one that was used last is the next
/// to be, so that there are no more clients than draws are tried at once.
type Free<C> = Arc<std::sync::Mutex<Vec<Subject<C>>>>;

impl Company {
    pub(super) fn start<C, S, F>(
        options: runner::Options,
        start: Arc<S>,
        stop: Arc<AtomicBool>,
        time: Option<Instant>,
    ) -> Result<Self, RunError>
    where
        C: Client + 'static,
        S: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<C, String>> + Send + 'static,
    {
        let until = Until { stop, time };
        let free = Free::default();
        let worker = || Worker {
            start: start.clone(),
            options: hasty(options),
            until: until.clone(),
            free: free.clone(),
        };
        let (ask, asked) = unbounded_channel();
        let (ask_patient, asked_patient) = unbounded_channel();
        let [quick, patient] = [asked, asked_patient].map(|asked| Jobs::new(asked.into()));
        let mut workers = JoinSet::new();
        for _ in 0..options.jobs.get() {
            workers.spawn(worker().work(quick.clone(), Some(ask_patient.clone())));
        }
        // These need no processor meanwhile.
        for _ in 0..options.jobs.get() * PATIENT {
            workers.spawn(worker().work(patient.clone(), None));
        }
        Ok(Self { ask, workers, until })
    }

    /// Has the draws of these numbers tried.
    pub(super) fn round(&self, numbers: Range<u64>, drawing: &Drawing) -> Round {
        let drawing = Arc::new(drawing.clone());
        self.ask(numbers.map(|number| (number, What::Numbered(drawing.clone()))).collect())
    }

    /// Has these draws tried.
    pub(super) fn draws(&self, draws: impl Iterator<Item = Draw>) -> Round {
        self.ask((0..).zip(draws).map(|(number, draw)| (number, What::Drawn(draw.into()))).collect())
    }

    fn ask(&self, all: Vec<(u64, What)>) -> Round {
        let (tell, told) = unbounded_channel();
        let count = all.len();
        for (number, what) in all {
            // Where nobody takes it, `results` says why.
            let _ = self.ask.send(Job { number, what, tell: tell.clone() });
        }
        Round { count, told }
    }

    /// What the draws of a round came to, in the order of their numbers. Those
    /// for which no time was left are not among them.
    pub(super) async fn results(&mut self, mut round: Round) -> Result<Vec<Tried>, RunError> {
        let mut all = Vec::new();
        let until = self.until.clone();
        let mut over = std::pin::pin!(over(&until.stop, until.time, LATE));
        loop {
            tokio::select! {
                biased;
                tried = round.told.recv() => match tried {
                    Some(tried) => all.push(tried),
                    None if all.len() == round.count || self.until.is_over() => break,
                    None => ended(self.workers.join_next().await)?,
                },
                worker = self.workers.join_next() => ended(worker)?,
                () = &mut over => break,
            }
        }
        all.sort_unstable_by_key(|tried| tried.number);
        Ok(all)
    }
}

/// Why a worker ended.
fn ended(worker: Option<Result<Result<(), RunError>, JoinError>>) -> Result<(), RunError> {
    match worker {
        Some(Ok(ended)) => ended,
        Some(Err(error)) => Err(RunError::Lost(lost(error))),
        None => Err(RunError::Lost("every task has ended".into())),
    }
}

fn server() -> Result<Replay, RunError> {
    Replay::for_many(test_credentials()).map_err(RunError::Listen)
}

fn is_time_out(end: &End) -> bool {
    matches!(end, Ok(Outcome::Error(error)) if error.kind == ErrorKind::Timeout)
}

impl<C, S, F> Worker<C, S>
where
    C: Client,
    S: Fn() -> F,
    F: Future<Output = Result<C, String>>,
{
    /// Tries one draw after the other; those that take time are for the
    /// patient, if there are any.
    async fn work(self, jobs: Jobs, patient: Option<UnboundedSender<Job>>) -> Result<(), RunError> {
        loop {
            let Some(Job { number, what, tell }) = jobs.lock().await.recv().await else { return Ok(()) };
            if self.until.is_over() {
                continue;
            }
            let (draw, is_known) = match what {
                What::Numbered(drawing) => (Arc::new(drawing.draw(number)), false),
                What::Drawn(draw) => (draw, true),
            };
            match &patient {
                Some(patient) if !is_known && draw.waits() => {
                    let _ = patient.send(Job { number, what: What::Drawn(draw), tell });
                }
                _ => {
                    // Nobody may want to know any more.
                    let _ = tell.send(self.try_one(number, draw).await?);
                }
            }
        }
    }

    async fn try_one(&self, number: u64, draw: Arc<Draw>) -> Result<Tried, RunError> {
        let fixture = Arc::new(draw::fixture(&draw));
        let free = self.free().pop();
        let mut subject = match free {
            Some(subject) => subject,
            None => Subject { replay: server()?, client: None, before: VecDeque::new() },
        };
        let mut run = self.run(&fixture, &mut subject).await?;
        // A client may have taken what an earlier answer left on a connection
        // for the answer to this.
        if subject.client.is_some() && fails(&run) && !run.transcript.reached_all() {
            subject.replay = server()?;
            run = self.run(&fixture, &mut subject).await?;
        }
        let Subject { replay, client, before } = &mut subject;
        let ways = ways(&run);
        let others = if ways.is_empty() { Vec::new() } else { before.iter().cloned().collect() };
        match client {
            Some(_) => before.push_front(draw.clone()),
            None => before.clear(),
        }
        before.truncate(BEFORE);
        let (behaviours, verdict) = (behaviour::of(&run), run.judgement.verdict);
        let timed_out = run.transcript.ends.iter().any(is_time_out);
        // What was not read of an answer is not for the next draw. Where the
        // connection is closed behind it, whoever uses it reaches nobody.
        let leaves = fails(&run) && draw.is_of_framing() && !draw.is_last();
        if timed_out || client.is_none() || leaves || replay.connections() > MOST_OPEN {
            *replay = server()?;
        }
        self.free().push(subject);
        let broken = (verdict == Verdict::Error).then_some(run);
        Ok(Tried { number, draw, verdict, ways, timed_out, broken, behaviours, before: others })
    }

    async fn run(&self, fixture: &Arc<Fixture>, subject: &mut Subject<C>) -> Result<Run, RunError> {
        let Subject { replay, client, .. } = subject;
        replay.load(fixture, runner::credentials(fixture));
        Box::pin(runner::against(replay, fixture.clone(), self.options, &*self.start, client)).await
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Subject<C>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fails(run: &Run) -> bool {
    !matches!(run.judgement.verdict, Verdict::Pass | Verdict::Tolerated)
}
