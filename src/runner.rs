//! Clients times fixtures: runs them in parallel and judges each run.

use std::collections::VecDeque;
use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::client::{Call, Client};
use crate::fixture::Fixture;
use crate::judge::{Judgement, judge};
use crate::model::names;
use crate::replay::{Replay, is_large};
use crate::transcript::{End, Fault, Transcript};
use crate::wire::sign::{Credentials, test_credentials};

/// The session token of fixtures with temporary credentials.
const SESSION_TOKEN: &str = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI=";

/// How a run goes about it.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many fixtures run at once.
    pub jobs: NonZeroUsize,
    /// How long a client has for a call beyond the time-outs that it is told.
    pub grace: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { jobs: default_jobs(), grace: Duration::from_secs(10) }
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
    #[error("the first {BROKEN} runs ended alike, and say nothing of the client: {0}")]
    Broken(Fault),
}

/// So many runs at the start that break the adapter protocol in the same way
/// show an adapter that is broken.
const BROKEN: usize = 10;

/// Watches for an adapter that is broken.
#[derive(Default)]
struct Watch {
    runs: usize,
    sort: String,
    /// The fault that says most: what an adapter writes may come late.
    told: Option<Fault>,
}

impl Watch {
    fn see(&mut self, run: &Run) -> Result<(), RunError> {
        if self.runs >= BROKEN {
            return Ok(());
        }
        let fault = run.transcript.ends.iter().find_map(|end| end.as_ref().err());
        let Some(fault @ Fault::Protocol { problem, stderr }) = fault else {
            self.runs = BROKEN;
            return Ok(());
        };
        // What it quotes differs from call to call, and where it stands.
        let unquoted: String = problem.replace("\\\"", "").split('"').step_by(2).collect();
        let sort = unquoted.replace(|c: char| c.is_ascii_digit(), "");
        if self.runs > 0 && self.sort != sort {
            self.runs = BROKEN;
            return Ok(());
        }
        self.runs += 1;
        self.sort = sort;
        if self.told.is_none() || !stderr.trim().is_empty() {
            self.told = Some(fault.clone());
        }
        match self.told.take_if(|_| self.runs == BROKEN) {
            Some(fault) => Err(RunError::Broken(fault)),
            None => Ok(()),
        }
    }
}

/// Runs fixtures against a client, `jobs` at once, each job with a client of
/// its own from `start`. A client that gives no answer, dies or breaks its
/// protocol is replaced by a new one. `each` sees every run as it ends.
///
/// # Errors
/// Where a client or a server cannot be started.
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
    let jobs = options.jobs.get().min(fixtures.len());
    let (large, mut others): (Vec<_>, Vec<_>) = fixtures.into_iter().partition(|fixture| is_large(fixture));
    // A fixture with a short time-out of its own waits for it: those start
    // first, so that the others run meanwhile.
    others.sort_by_key(|fixture| fixture.timeout_ms);
    let queue = Arc::new(Mutex::new(VecDeque::from(others)));
    let mut large = VecDeque::from(large);
    let start = Arc::new(start);
    let (results, mut incoming) = mpsc::channel(jobs.max(1));
    let mut workers = JoinSet::new();
    for _ in 0..jobs {
        let (queue, start, results) = (queue.clone(), start.clone(), results.clone());
        // Each byte of a large call is there several times over: with the client,
        // on its way, as it came, and as it is judged. So that memory does not
        // grow with the jobs, the first of them takes all of these.
        let mut own = std::mem::take(&mut large);
        workers.spawn(async move {
            let mut client = None;
            let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            while let Some(fixture) = own.pop_front().or_else(next) {
                let result = one(fixture, options, &*start, &mut client).await;
                if results.send(result).await.is_err() {
                    return;
                }
            }
        });
    }
    drop(results);
    let mut watch = Watch::default();
    while let Some(result) = incoming.recv().await {
        let run = result?;
        watch.see(&run)?;
        each(run);
    }
    Ok(())
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
    let began = Instant::now();
    let credentials = credentials(&fixture);
    let mut ends = Vec::new();
    for index in 0..fixture.steps.len() {
        replay.enter(index);
        let ready = match client.take() {
            Some(client) => client,
            None => start().await.map_err(RunError::Start)?,
        };
        let call = call(&fixture, index, replay.address(), &credentials);
        let deadline = call.timeout * fixture.max_attempts + options.grace;
        let end = within(deadline, ready, client, &call).await;
        let over = end.is_err();
        ends.push(end);
        if over {
            break;
        }
    }
    let transcript = Transcript { ends, ..replay.finish() };
    let judgement = judge(&fixture, &transcript);
    Ok(Run { fixture, judgement, transcript, took: began.elapsed() })
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

/// Makes a call; keeps the client only if it is still of use.
async fn within<C: Client>(deadline: Duration, mut ready: C, keep: &mut Option<C>, call: &Call) -> End {
    let end =
        tokio::time::timeout(deadline, ready.call(call)).await.unwrap_or(Err(Fault::NoAnswer(deadline)));
    if end.is_ok() {
        *keep = Some(ready);
    }
    end
}

/// The credentials that a client is given for a fixture.
#[must_use]
pub fn credentials(fixture: &Fixture) -> Credentials {
    Credentials { session_token: fixture.session_token.then(|| SESSION_TOKEN.into()), ..test_credentials() }
}
