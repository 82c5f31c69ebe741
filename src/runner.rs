//! Clients times fixtures: runs them in parallel and judges each run.

mod pool;
mod watch;

use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::client::{Call, Client};
use crate::deadline::{self, Hangs, Retried};
use crate::fixture::Fixture;
use crate::judge::{Judgement, Verdict, judge};
use crate::model::names;
use crate::replay::Replay;
use crate::transcript::{Fault, Transcript};
use crate::unwind::caught;
use crate::wire::sign::{Credentials, test_credentials};
use pool::Queue;
use watch::Watch;

/// The session token of fixtures with temporary credentials.
const SESSION_TOKEN: &str = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI=";

/// How a run goes about it.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many fixtures run at once.
    pub jobs: NonZeroUsize,
    /// How long a client has for a call beyond the time-outs that it is told.
    pub grace: Duration,
    /// How long a client may take in a call until it connects: a program may be
    /// started for each. The deadline of the call begins with the first
    /// connection, or when this time is over.
    pub start: Duration,
    /// How many times its deadline a call has where a missed one is tried again
    /// alone.
    pub retry_factor: u32,
}

/// How long a program may take to start where nothing else is said.
pub const START: Duration = Duration::from_secs(60);
/// How many times longer a deadline is when it is tried again.
pub(crate) const RETRY_FACTOR: u32 = 3;

impl Default for Options {
    fn default() -> Self {
        Self {
            jobs: default_jobs(),
            grace: Duration::from_secs(10),
            start: START,
            retry_factor: RETRY_FACTOR,
        }
    }
}

/// Two for each processor: most of a run is waiting.
pub(crate) fn default_jobs() -> NonZeroUsize {
    let processors = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    processors.saturating_mul(NonZeroUsize::MIN.saturating_add(1))
}

/// One fixture, run and judged.
#[derive(Debug, Clone)]
pub struct Run {
    /// The fixture.
    pub fixture: Arc<Fixture>,
    /// The verdict and what it rests on.
    pub judgement: Judgement,
    /// What was seen.
    pub transcript: Transcript,
    /// How long it took.
    pub took: Duration,
    /// What became of it after a missed deadline.
    pub retried: Option<Retried>,
}

impl Run {
    /// The deadline that was missed, if one was.
    #[must_use]
    pub fn missed(&self) -> Option<Duration> {
        self.transcript.ends.iter().find_map(|end| match end {
            Err(Fault::NoAnswer(deadline)) => Some(*deadline),
            _ => None,
        })
    }

    /// A fixture that does not run.
    fn left(fixture: Arc<Fixture>, hangs: &Hangs) -> Self {
        let judgement =
            Judgement { verdict: Verdict::Error, mismatches: Vec::new(), notes: vec![hangs.left()] };
        let transcript = Transcript::default();
        Self { fixture, judgement, transcript, took: Duration::ZERO, retried: Some(Retried::Left) }
    }
}

/// Why a run cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No port of the loopback address can be bound.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Listen(std::io::Error),
    /// The client cannot be started.
    #[error("{0}")]
    Start(String),
    /// The client breaks its protocol whatever it is asked.
    #[error("nothing is known of the client, for the first {runs} runs ended alike: {fault}")]
    Broken {
        /// How many runs ended so.
        runs: usize,
        /// How, with what the adapter wrote.
        fault: Fault,
    },
    /// A part of this program did not come to its end; in words.
    #[error("a task was lost, and what it was to judge with it: {0}")]
    Lost(String),
    /// Not every fixture came to a verdict.
    #[error("{judged} of {planned} fixtures came to a verdict: the others were lost")]
    Missing {
        /// How many came to a verdict.
        judged: usize,
        /// How many there are.
        planned: usize,
    },
}

impl RunError {
    /// Where the counts differ.
    pub(crate) fn unless_all(judged: usize, planned: usize) -> Result<(), Self> {
        if judged == planned { Ok(()) } else { Err(Self::Missing { judged, planned }) }
    }
}

/// Runs fixtures against a client, `jobs` at once, each job with a client of
/// its own from `start`. A client that gives no answer, dies or breaks its
/// protocol is replaced by a new one. `each` sees every run once, as it ends.
///
/// What missed its deadline runs again, alone, when all others are over, with
/// [`retry_factor`](Options::retry_factor) times the deadline; `each` sees that
/// second run. Where many fixtures in a row end without an answer, they are
/// tried again at once; if the client hangs in these too, the rest is left out,
/// which is an error in each of them.
///
/// # Errors
/// Where a client or a server cannot be started, where the client breaks its
/// protocol in every fixture, and where a task of this program's panicked.
pub async fn run<C, S, F>(
    fixtures: Vec<Arc<Fixture>>,
    options: Options,
    start: S,
    mut each: impl FnMut(Run),
) -> Result<(), RunError>
where
    C: Client + 'static,
    S: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<C, String>> + Send,
{
    let planned = fixtures.len();
    let mut judged = 0;
    let mut each = |run: Run| {
        judged += 1;
        each(run);
    };
    let queue = Queue::new(fixtures);
    let start = Arc::new(start);
    let (mut watch, mut hangs) = (Watch::default(), Hangs::default());
    loop {
        let mut missed = Vec::new();
        pool::work(&queue, options, &start, |run: Run| {
            hangs.see(run.missed().is_some());
            watch.see(&run)?;
            match run.missed() {
                Some(deadline) => missed.push((run.fixture, deadline)),
                None => each(run),
            }
            Ok(!hangs.is_silent())
        })
        .await?;
        missed.sort_by(|(one, _), (other, _)| one.id.cmp(&other.id));
        hangs.retry();
        for (fixture, deadline) in missed {
            each(match hangs.goes_on() {
                true => again(fixture, deadline, options, &*start, &mut hangs).await?,
                false => Run::left(fixture, &hangs),
            });
        }
        if hangs.is_dead() {
            queue.rest().into_iter().for_each(|fixture| each(Run::left(fixture, &hangs)));
        }
        if queue.is_empty() {
            break;
        }
    }
    watch.end()?;
    RunError::unless_all(judged, planned)
}

/// Runs a fixture that missed its deadline again, with nothing else running.
async fn again<C, S, F>(
    fixture: Arc<Fixture>,
    deadline: Duration,
    options: Options,
    start: &S,
    hangs: &mut Hangs,
) -> Result<Run, RunError>
where
    C: Client,
    S: Fn() -> F,
    F: Future<Output = Result<C, String>>,
{
    let replay = Replay::start(&fixture, credentials(&fixture)).await.map_err(RunError::Listen)?;
    let times = options.retry_factor.max(1);
    let mut run = with_times(&replay, fixture, options, times, start, &mut None).await?;
    let retried = hangs.retried(run.missed().is_some());
    let longer = run.missed().unwrap_or(deadline.saturating_mul(times));
    run.judgement.notes.extend(deadline::note(retried, deadline, longer));
    run.retried = Some(retried);
    Ok(run)
}

/// Runs one fixture, on a server of its own, with a client that is started if
/// there is none.
///
/// # Errors
/// Where the client or the server cannot be started.
pub async fn one<C, S, F>(
    fixture: Arc<Fixture>,
    options: Options,
    start: &S,
    client: &mut Option<C>,
) -> Result<Run, RunError>
where
    C: Client,
    S: Fn() -> F,
    F: Future<Output = Result<C, String>>,
{
    let replay = Replay::start(&fixture, credentials(&fixture)).await.map_err(RunError::Listen)?;
    against(&replay, fixture, options, start, client).await
}

/// Runs one fixture on a server that has loaded it.
///
/// # Errors
/// Where the client cannot be started.
pub async fn against<C, S, F>(
    replay: &Replay,
    fixture: Arc<Fixture>,
    options: Options,
    start: &S,
    client: &mut Option<C>,
) -> Result<Run, RunError>
where
    C: Client,
    S: Fn() -> F,
    F: Future<Output = Result<C, String>>,
{
    with_times(replay, fixture, options, 1, start, client).await
}

/// The same, with so many times the deadline.
async fn with_times<C, S, F>(
    replay: &Replay,
    fixture: Arc<Fixture>,
    options: Options,
    times: u32,
    start: &S,
    client: &mut Option<C>,
) -> Result<Run, RunError>
where
    C: Client,
    S: Fn() -> F,
    F: Future<Output = Result<C, String>>,
{
    let began = Instant::now();
    let credentials = credentials(&fixture);
    let mut ends = Vec::new();
    for index in 0..fixture.steps.len() {
        replay.enter(index);
        let mut ready = match client.take() {
            Some(client) => client,
            None => start().await.map_err(RunError::Start)?,
        };
        let call = call(&fixture, index, replay.address(), &credentials);
        let deadline = (call.timeout * fixture.max_attempts + options.grace).saturating_mul(times);
        let end = tokio::select! {
            biased;
            end = caught(ready.call(&call)) => end.unwrap_or_else(|panic| Err(Fault::Panicked(panic))),
            waited = missed(replay, deadline, options.start) => Err(Fault::NoAnswer(waited)),
        };
        let over = end.is_err();
        ends.push(end);
        if over {
            break;
        }
        *client = Some(ready);
    }
    let transcript = Transcript { ends, ..replay.finish() };
    let judgement = judge(&fixture, &transcript);
    Ok(Run { fixture, judgement, transcript, took: began.elapsed(), retried: None })
}

/// Waits until the deadline of a call is over; it begins when the client
/// connects, or when the time for its start is over. How long that was.
async fn missed(replay: &Replay, deadline: Duration, start: Duration) -> Duration {
    let is_started = tokio::time::timeout(start, replay.contact()).await.is_ok();
    tokio::time::sleep(deadline).await;
    if is_started { deadline } else { deadline.saturating_add(start) }
}

/// The call of a step, to a server of its fixture.
pub(crate) fn call(fixture: &Fixture, step: usize, server: SocketAddr, credentials: &Credentials) -> Call {
    Call {
        id: if step == 0 { fixture.id.clone() } else { format!("{}#{}", fixture.id, step + 1) },
        endpoint: format!("http://{server}{}", fixture.endpoint_path),
        region: names::SIGNING_REGION.into(),
        credentials: credentials.clone(),
        max_attempts: fixture.max_attempts,
        timeout: Duration::from_millis(fixture.timeout_ms),
        needs: fixture.needs.clone(),
        input: fixture.steps.get(step).map(|step| step.call.input()).unwrap_or_default(),
    }
}

/// The credentials that a client is given for a fixture.
#[must_use]
pub fn credentials(fixture: &Fixture) -> Credentials {
    Credentials { session_token: fixture.session_token.then(|| SESSION_TOKEN.into()), ..test_credentials() }
}
