//! Runs client fixtures against a client, each with a scripted server of its own, and
//! passes every result to a closure. [`Suite`](crate::suite::Suite) is the simpler way
//! to test a client; this is for reports of your own.
//!
//! ```
//! use std::sync::Arc;
//!
//! use attachset::client::Reference;
//! use attachset::{fixture::Set, judge::Verdict, runner};
//!
//! # #[tokio::main(flavor = "multi_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let fixtures = Set::embedded()?.client.into_iter().filter(|fixture| fixture.id.starts_with("signing/"));
//! runner::run(
//!     fixtures.map(Arc::new).collect(),
//!     runner::Options::default(),
//!     || async { Ok(Reference::new()) },
//!     |run| assert_ne!(run.judgement.verdict, Verdict::Fail, "{}", run.fixture.id),
//! )
//! .await?;
//! # Ok(())
//! # }
//! ```

use std::collections::VecDeque;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::client::{Call, Client};
use crate::fixture::{Fixture, Need};
use crate::judge::{Verdict, judge};
use crate::model::names;
use crate::replay::{Replay, is_large};
use crate::run::{self, Lanes, Slot, Subject};
pub use crate::run::{Options, RunError, START};
use crate::transcript::{End, Fault, Transcript};
use crate::unwind::caught;
use crate::wire::outcome::{ErrorKind, Outcome};
use crate::wire::sign::{Credentials, test_credentials};

/// The session token of fixtures with temporary credentials.
const SESSION_TOKEN: &str = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI=";

/// A client that may send more bytes than this runs alone: memory has each of
/// them up to five times.
const ALONE: u64 = 8 << 20;

/// One client-role fixture, run and judged.
pub type Run = run::Run<Fixture, Transcript>;

impl Run {
    /// The deadline that was missed, if one was.
    #[must_use]
    pub fn missed(&self) -> Option<Duration> {
        self.transcript.ends.iter().find_map(|end| match end {
            Err(Fault::NoAnswer(deadline)) => Some(*deadline),
            _ => None,
        })
    }
}

/// Runs fixtures against a client, `jobs` at once, each job with a client of
/// its own from `start`. A client that gives no response, dies or breaks its
/// protocol is replaced by a new one. `each` gets every run once, as it ends.
///
/// A fixture in which the client missed its deadline runs again, alone, when all
/// others are over, with [`retry_factor`](Options::retry_factor) times the
/// deadline; `each` gets that second run. After many misses in a row, these run
/// again at once; if the client hangs in them too, the other fixtures are left
/// out, and each of them is an error.
///
/// # Errors
/// If a client or a server cannot be started, if the client breaks its protocol
/// in every fixture, and if a task of this program panics.
pub async fn run<C, S, F>(
    fixtures: Vec<Arc<Fixture>>,
    options: Options,
    start: S,
    each: impl FnMut(Run),
) -> Result<(), RunError>
where
    C: Client + 'static,
    S: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<C, String>> + Send,
{
    run::run(fixtures, Clients::new(start), options, each).await
}

/// Clients, by the function that starts one.
pub(crate) struct Clients<S> {
    start: S,
}

impl<S> Clients<S> {
    pub(crate) fn new(start: S) -> Self {
        Self { start }
    }
}

impl<C, S, F> Subject for Clients<S>
where
    C: Client,
    S: Fn() -> F + Send + Sync,
    F: Future<Output = Result<C, String>> + Send,
{
    type Fixture = Fixture;
    type Transcript = Transcript;
    /// A client that has responded to its last call.
    type Session = Option<C>;

    fn id(fixture: &Fixture) -> &str {
        &fixture.id
    }

    fn lanes(&self, fixtures: Vec<Arc<Fixture>>) -> Lanes<Fixture> {
        let (first, others): (Vec<_>, Vec<_>) =
            fixtures.into_iter().partition(|fixture| fixture.sent() > ALONE);
        let (large, mut others): (Vec<_>, Vec<_>) = others.into_iter().partition(|fixture| is_large(fixture));
        // A fixture with a short timeout of its own waits for it: those start
        // first, so that the others run meanwhile.
        others.sort_by_key(|fixture| fixture.timeout_ms);
        // But each client makes a call with a long one first: what it loads then is
        // no part of a timeout of some hundred milliseconds (R41).
        let jobs = run::default_jobs().get().min(others.len());
        others.rotate_right(jobs);
        Lanes {
            first: first.into(),
            large: large.into(),
            together: others.into(),
            waiting: 0,
            last: VecDeque::new(),
        }
    }

    async fn run(
        &self,
        fixture: Arc<Fixture>,
        options: Options,
        times: u32,
        client: &mut Option<C>,
        _: &mut Slot,
    ) -> Result<Run, RunError> {
        let replay = Replay::start(&fixture, credentials(&fixture)).await.map_err(RunError::Listen)?;
        with_times(&replay, fixture, options, times, &self.start, client).await
    }

    fn missed(run: &Run, _: Duration) -> Option<Duration> {
        run.missed()
    }

    fn timed_out(run: &Run) -> bool {
        let is_timeout =
            |end: &End| matches!(end, Ok(Outcome::Error(error)) if error.kind == ErrorKind::Timeout);
        run.judgement.verdict == Verdict::Fail
            && !run.fixture.needs.contains(&Need::Timeout)
            && run.transcript.ends.iter().any(is_timeout)
    }

    fn has_responded(_: &Run) -> bool {
        // A client that ends is no client that hangs.
        true
    }

    fn protocol_fault(run: &Run) -> Option<&Fault> {
        run.transcript.ends.iter().find_map(|end| end.as_ref().err())
    }

    fn why_not_again(&self, _: &Fixture) -> Option<String> {
        None
    }
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
        let deadline = (call.timeout * fixture.max_attempts + options.timeout).saturating_mul(times);
        let end = tokio::select! {
            biased;
            end = caught(made(&mut ready, &call)) => end.unwrap_or_else(|panic| Err(Fault::Panicked(panic))),
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

/// Makes a call, if the client can.
async fn made(client: &mut impl Client, call: &Call) -> End {
    if client.drives(call.operation) {
        return client.call(call).await;
    }
    Ok(Outcome::Unsupported(format!("{} is not called through this client", call.operation.name)))
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
    let of = &fixture.steps.get(step).expect("it is a step of the fixture").call;
    Call {
        id: if step == 0 { fixture.id.clone() } else { format!("{}#{}", fixture.id, step + 1) },
        endpoint: format!("http://{server}{}", fixture.endpoint_path),
        region: names::SIGNING_REGION.into(),
        credentials: credentials.clone(),
        max_attempts: fixture.max_attempts,
        timeout: Duration::from_millis(fixture.timeout_ms),
        needs: fixture.needs.clone(),
        operation: of.operation(),
        input: of.input(),
        members: of.input.clone(),
    }
}

/// The credentials that a client is given for a fixture.
#[must_use]
pub fn credentials(fixture: &Fixture) -> Credentials {
    Credentials { session_token: fixture.session_token.then(|| SESSION_TOKEN.into()), ..test_credentials() }
}
