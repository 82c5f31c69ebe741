//! Clients as subjects: a case is calls and their responses.

mod behaviour;
mod isolated;

use std::collections::{BTreeSet, VecDeque};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::{Case, Event, Lane, Limits, Subject, Summary, Tried, Until};
use crate::client::Client;
use crate::draw::{self, Draw, Kind, Source};
use crate::fixture::Fixture;
use crate::judge::{Defect, FindingId, Mismatch, Verdict, judge, leak, marks};
use crate::replay::Replay;
use crate::runner::{self, Run, RunError};
use crate::transcript::End;
use crate::wire::outcome::{ErrorKind, Outcome};
use crate::wire::sign::test_credentials;
use isolated::Isolation;

/// How long a client has in the pool beyond its timeouts; in isolation, it has
/// more.
const SLACK: Duration = Duration::from_secs(1);
/// How many cases before a failure may have left something behind.
const BEFORE: usize = 16;
/// How many connections a client may keep that it does not use again.
const MOST_OPEN: usize = 64;
/// The most cases that are kept to be changed.
const MOST_KEPT: usize = 4_096;

/// How a client is searched.
#[derive(Debug, Clone)]
pub struct Options {
    /// With the program's version, what fixes every case.
    pub seed: u64,
    /// What bounds the search. Its jobs are those of `run`.
    pub cases: u64,
    /// The time in which cases are started.
    pub time: Duration,
    /// Whether cases that showed something new are changed further.
    pub guided: bool,
    /// Whole responses whose bytes are changed.
    pub starts: Vec<Arc<[u8]>>,
    /// The time budget for minimizing one finding.
    pub minimize: Duration,
    /// How fixtures are run.
    pub run: runner::Options,
}

/// Searches clients from `start` until there were enough cases, time is up or
/// `stop` is set.
///
/// # Errors
/// Where a client or a server cannot be started, and where a task of this
/// program's panicked.
pub async fn run<C, S, F>(
    options: &Options,
    start: S,
    stop: Arc<AtomicBool>,
    each: impl FnMut(Event<'_, Draw>),
) -> Result<Summary, RunError>
where
    C: Client + 'static,
    S: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<C, String>> + Send + 'static,
{
    let until = Until::new(stop, options.time);
    let clients = Clients {
        start: Arc::new(start),
        source: Source::new(options.seed, options.starts.clone()),
        guided: options.guided,
        minimizes: !options.minimize.is_zero(),
        options: options.run,
        until: until.clone(),
    };
    let all = super::Options {
        cases: options.cases,
        time: options.time,
        jobs: options.run.jobs,
        minimize: options.minimize,
    };
    super::run(Arc::new(clients), &all, until, each).await
}

impl Case for Draw {
    type Run = Run;
    type Shown = Self;

    fn simpler(&self) -> Vec<Self> {
        self.simpler()
    }

    fn cost(&self) -> (usize, usize) {
        self.size()
    }

    fn parts(&self) -> Vec<Self> {
        if self.exchanges.len() > 1 { self.calls().collect() } else { Vec::new() }
    }

    fn after(&self, others: &[Arc<Self>]) -> Vec<Self> {
        others.iter().map(|other| other.followed_by(self)).collect()
    }
}

/// What earlier cases have shown.
#[derive(Clone, Default)]
pub(crate) struct Known {
    /// Cases that showed something new.
    kept: Vec<Arc<Draw>>,
    /// Kinds of mutations that together make the client hang.
    hangs: Vec<Vec<Kind>>,
}

/// Clients from one way to start them.
struct Clients<S> {
    start: Arc<S>,
    source: Source,
    guided: bool,
    /// Whether findings are minimized at all.
    minimizes: bool,
    options: runner::Options,
    until: Until,
}

/// A client, and the server that it may have connections to.
struct Session<C> {
    replay: Replay,
    client: Option<C>,
    /// What the client was given, the last first.
    before: VecDeque<Arc<Draw>>,
    /// The strings of the responses to each of these.
    marks: VecDeque<BTreeSet<String>>,
}

impl<C, S, F> Subject for Clients<S>
where
    C: Client + 'static,
    S: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<C, String>> + Send + 'static,
{
    type Case = Draw;
    type Session = Session<C>;
    type Known = Known;
    type Isolated = Isolation<C, S>;
    const LIMITS: Limits = Limits {
        // What hangs is to be known soon.
        round: (32, 768),
        rounds_at_once: 3,
        confirms_meanwhile: true,
        candidates: 1,
        trials: 8,
        hang_trials: 2,
        aliases: 3,
        hangs: usize::MAX,
        minimize: Duration::MAX,
    };

    /// A case without what is known to make the client hang.
    fn generate(&self, number: u64, known: &Known) -> Draw {
        let kept = if self.guided { known.kept.as_slice() } else { &[] };
        let mut draw = self.source.draw(number, kept);
        for hang in &known.hangs {
            if let [first, ..] = hang.as_slice()
                && hang.iter().all(|kind| draw.kinds().any(|other| other == *kind))
            {
                draw.leave_out(*first);
            }
        }
        draw
    }

    fn lane(&self, case: &Draw) -> Lane {
        if case.waits() { Lane::Waiting } else { Lane::Shared }
    }

    fn session(&self) -> Result<Session<C>, RunError> {
        Ok(Session { replay: server()?, client: None, before: VecDeque::new(), marks: VecDeque::new() })
    }

    async fn run(&self, session: &mut Session<C>, case: Arc<Draw>) -> Result<Tried<Draw>, RunError> {
        let fixture = Arc::new(draw::fixture(&case));
        let mut run = self.against(&fixture, session).await?;
        // A client may have taken what an earlier response left on a connection
        // for this one.
        if session.client.is_some() && fails(&run) && !run.transcript.reached_all() {
            session.replay = server()?;
            run = self.against(&fixture, session).await?;
        }
        let Session { replay, client, before, marks: earlier } = session;
        if case.is_of_clock() {
            *client = None;
        }
        let mut failures = failures(&run);
        if failures.is_empty() && earlier.iter().any(|marks| leaks(&run, marks)) {
            failures.insert(FindingId { defect: Defect::Leak, requirement: "user.no-leak".into() });
        }
        let others = if failures.is_empty() { Vec::new() } else { before.iter().cloned().collect() };
        match client {
            Some(_) => {
                before.push_front(case.clone());
                let replies = fixture.steps.iter().flat_map(|step| &step.replies);
                earlier.push_front(replies.flat_map(|reply| marks(reply, fixture.timeout_ms)).collect());
            }
            None => {
                before.clear();
                earlier.clear();
            }
        }
        earlier.truncate(BEFORE);
        before.truncate(BEFORE);
        let timed_out = run.transcript.ends.iter().any(is_timeout);
        // What was not read of a response is not for the next case. Where the
        // connection is closed behind it, whoever uses it reaches nobody.
        let leaves = fails(&run) && case.is_of_framing() && !case.is_last();
        if timed_out || client.is_none() || leaves || replay.connections() > MOST_OPEN {
            *replay = server()?;
        }
        Ok(Tried {
            verdict: if failures.is_empty() { run.judgement.verdict } else { Verdict::Fail },
            failures,
            behaviours: behaviour::of(&run),
            is_quick: !timed_out && !case.takes_time(),
            run: (run.judgement.verdict == Verdict::Error).then_some(run),
            before: others,
            case,
        })
    }

    fn isolated(self: &Arc<Self>) -> Isolation<C, S> {
        Isolation::new(self.start.clone(), self.options, self.minimizes, self.until.clone())
    }

    fn keep(&self, known: &mut Known, case: &Arc<Draw>) {
        if known.kept.len() < MOST_KEPT {
            known.kept.push(case.clone());
        }
    }

    fn suspects(&self, known: &Known, case: &Draw) -> Vec<Draw> {
        let kinds: Vec<_> = case.kinds().collect();
        let is_known = known.hangs.iter().any(|hang| hang.iter().all(|kind| kinds.contains(kind)));
        if kinds.is_empty() || is_known { Vec::new() } else { case.with_few_mutations() }
    }

    fn avoid(&self, known: &mut Known, hung: &[Arc<Draw>]) {
        let mut hangs: Vec<Vec<_>> = hung.iter().map(|case| case.kinds().collect()).collect();
        let fewest = hangs.iter().map(Vec::len).min().unwrap_or_default();
        hangs.retain(|kinds| kinds.len() == fewest && !kinds.is_empty());
        hangs.dedup();
        known.hangs.extend(hangs);
    }
}

impl<S> Clients<S> {
    async fn against<C, F>(&self, fixture: &Arc<Fixture>, session: &mut Session<C>) -> Result<Run, RunError>
    where
        C: Client,
        S: Fn() -> F,
        F: Future<Output = Result<C, String>>,
    {
        let Session { replay, client, .. } = session;
        replay.load(fixture, runner::credentials(fixture));
        Box::pin(runner::against(replay, fixture.clone(), fast(self.options), &*self.start, client)).await
    }
}

fn server() -> Result<Replay, RunError> {
    Replay::for_many(test_credentials()).map_err(RunError::Listen)
}

/// How a fixture is run in the pool, or to minimize it.
fn fast(options: runner::Options) -> runner::Options {
    runner::Options { timeout: SLACK.min(options.timeout), ..options }
}

fn fails(run: &Run) -> bool {
    !matches!(run.judgement.verdict, Verdict::Pass | Verdict::Tolerated)
}

fn is_timeout(end: &End) -> bool {
    matches!(end, Ok(Outcome::Error(error)) if error.kind == ErrorKind::Timeout)
}

/// Whether a run shows something of earlier responses.
fn leaks(run: &Run, earlier: &BTreeSet<String>) -> bool {
    let mut ends = run.transcript.ends.iter().enumerate();
    ends.any(|(step, end)| leak(&run.fixture, step, end, earlier).is_some())
}

/// How a run fails. Each of several calls is judged by itself, for what one
/// violates does not depend on what others are about.
fn failures(run: &Run) -> BTreeSet<FindingId> {
    let Run { fixture, judgement, transcript, .. } = run;
    if fixture.steps.len() == 1 || judgement.mismatches.is_empty() {
        return judgement.mismatches.iter().map(FindingId::of).collect();
    }
    let steps = 0..fixture.steps.len();
    let alone = steps.filter_map(|step| Some(judge(&draw::alone(fixture, step)?, &transcript.of_step(step))));
    let alone = alone.flat_map(|judgement| judgement.mismatches);
    // What these are depends on the responses before.
    let is_of_sequence = |mismatch: &Mismatch| matches!(mismatch.defect, Defect::Signature | Defect::Leak);
    let of_sequence = judgement.mismatches.iter().filter(|mismatch| is_of_sequence(mismatch)).cloned();
    let all = alone.filter(|mismatch| !is_of_sequence(mismatch)).chain(of_sequence);
    all.map(|mismatch| FindingId::of(&mismatch)).collect()
}
