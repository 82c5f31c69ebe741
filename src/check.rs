//! Fixtures of the service role against a server: sends what they say, and
//! judges what is answered.
//!
//! ```no_run
//! use std::sync::Arc;
//! use attachset::{check, fixture::Set, judge::Verdict};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let server = check::Server::new("http://127.0.0.1:4566".parse()?);
//! let fixtures = Set::embedded()?.service.into_iter().map(Arc::new).collect();
//! check::run(fixtures, server, check::Options::default(), |run| {
//!     assert_ne!(run.judgement.verdict, Verdict::Fail, "{}: {:?}", run.fixture.id, run.judgement.mismatches);
//! })
//! .await?;
//! # Ok(())
//! # }
//! ```

mod clock;
mod contact;
mod endpoint;
mod raw;
mod request;
mod timer;

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::JoinSet;

pub use contact::Contact;
pub use endpoint::{Endpoint, EndpointError};
pub use timer::Timer;

use crate::client::Http;
use crate::deadline::{self, Hangs, Retried};
use crate::fixture::{Send, ServiceExchange, ServiceFixture, ServiceNeed, ServiceStep};
use crate::judge::{Judgement, Verdict, judge_service, member_of};
use crate::runner::{RETRY_FACTOR, RunError, default_jobs};
use crate::transcript::{Answered, Seen, Sent, ServiceTranscript};
use crate::unwind::{caught, lost};
use crate::wire::decode;
use crate::wire::outcome::{ErrorKind, Outcome};
use crate::wire::sign::{Credentials, test_credentials};

/// The server under test.
#[derive(Debug, Clone)]
pub struct Server {
    /// Where it listens.
    pub endpoint: Endpoint,
    /// The credentials that it knows.
    pub credentials: Credentials,
    /// Where its clock is advanced, if it has one: `{"advanceSeconds": N}` is
    /// posted there.
    pub clock: Option<Endpoint>,
    /// Where it has none: how time passes all the same. Without it, what lets
    /// time pass is `unsupported`.
    pub timer: Option<Timer>,
    /// Whether it verifies signatures.
    pub verifies_signatures: bool,
}

impl Server {
    /// A server that knows the documents' example credentials, has no clock
    /// to advance and does not verify signatures.
    #[must_use]
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            credentials: test_credentials(),
            clock: None,
            timer: None,
            verifies_signatures: false,
        }
    }

    /// Looks for the clock where `attachset serve` has one.
    pub async fn find_clock(&mut self, timeout: Duration) {
        let clock = self.endpoint.join(clock::PATH);
        if clock::exists(&clock, timeout).await {
            self.clock = Some(clock);
        }
    }
}

/// How a run goes about it.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many fixtures run at once.
    pub jobs: NonZeroUsize,
    /// How long the server has for an answer.
    pub timeout: Duration,
    /// How many times that long it has where no answer came, and the fixture is
    /// tried again alone.
    pub retry_factor: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { jobs: default_jobs(), timeout: Duration::from_secs(10), retry_factor: RETRY_FACTOR }
    }
}

/// One fixture, run and judged.
#[derive(Debug, Clone)]
pub struct Run {
    /// The fixture.
    pub fixture: Arc<ServiceFixture>,
    /// The verdict and what it rests on.
    pub judgement: Judgement,
    /// What was seen.
    pub transcript: ServiceTranscript,
    /// How long it took.
    pub took: Duration,
    /// What became of it after a missed deadline.
    pub retried: Option<Retried>,
}

impl Run {
    /// Whether the server, or its clock, gave no answer by the deadline where
    /// one is required.
    fn missed(&self) -> bool {
        let is_silent = |seen: &Seen| match seen {
            Seen::Silent(_) => true,
            _ => seen.answered().iter().any(|answered| is_timeout(&answered.outcome)),
        };
        let counts = matches!(self.judgement.verdict, Verdict::Fail | Verdict::Error);
        counts && self.transcript.steps.iter().any(is_silent)
    }

    /// Whether anything was answered.
    pub(crate) fn is_answered(&self) -> bool {
        let mut answered = self.transcript.steps.iter().flat_map(Seen::answered);
        answered.any(|answered| answered.answer.is_ok())
    }

    /// What is not judged, for a reason.
    fn left(fixture: Arc<ServiceFixture>, transcript: ServiceTranscript, why: String) -> Self {
        let judgement = Judgement { verdict: Verdict::Error, mismatches: Vec::new(), notes: vec![why] };
        Self { fixture, judgement, transcript, took: Duration::ZERO, retried: Some(Retried::Left) }
    }
}

fn is_timeout(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Error(error) if error.kind == ErrorKind::Timeout)
}

/// The longest that a fixture is waited for.
const LONGEST: Duration = Duration::from_secs(2 * 60 * 60);

/// How long the longest of these fixtures will be waited for, where time
/// really passes; none where no fixture lets time pass.
#[must_use]
pub fn waits<'a>(fixtures: impl IntoIterator<Item = &'a ServiceFixture>) -> Option<Duration> {
    let each = fixtures.into_iter().map(ServiceFixture::passes);
    each.filter(|time| !time.is_zero() && *time <= LONGEST).max()
}

/// Runs fixtures against a server, `jobs` at once. `each` sees every run once,
/// as it ends.
///
/// Those that advance the clock run alone, after the others, for it is the
/// clock of all sets. Where time really passes, they begin first, and the
/// others run while they wait.
///
/// Where no answer came by the deadline, the fixture runs again, alone, when all
/// others are over, with [`retry_factor`](Options::retry_factor) times the
/// deadline; `each` sees that second run. Where many fixtures in a row end
/// without an answer, they are tried again at once; if none comes then either,
/// the rest is left out, which is an error in each of them.
///
/// # Errors
/// Where a task of this program's panicked.
pub async fn run(
    fixtures: Vec<Arc<ServiceFixture>>,
    server: Server,
    options: Options,
    mut each: impl FnMut(Run),
) -> Result<(), RunError> {
    let planned = fixtures.len();
    let mut judged = 0;
    let mut each = |run: Run| {
        judged += 1;
        each(run);
    };
    let server = Arc::new(server);
    let advances = |fixture: &Arc<ServiceFixture>| fixture.advances() && server.clock.is_some();
    let (alone, mut together): (Vec<_>, Vec<_>) = fixtures.into_iter().partition(advances);
    together.sort_by_key(|fixture| !fixture.advances());
    let mut alone = VecDeque::from(alone);
    let mut hangs = Hangs::default();
    loop {
        let mut missed = Vec::new();
        let mut take = |run: Run| {
            let is_missed = run.missed();
            if is_missed || run.is_answered() {
                hangs.see(is_missed);
            }
            if is_missed {
                missed.push(run)
            } else {
                each(run)
            }
            !hangs.is_silent()
        };
        let mut goes_on = true;
        together = parallel(together, &server, options, |run| {
            goes_on = take(run);
            goes_on
        })
        .await?;
        while goes_on && let Some(fixture) = alone.pop_front() {
            goes_on = take(isolated(fixture, &server, options.timeout).await?);
        }
        missed.sort_by(|one, other| one.fixture.id.cmp(&other.fixture.id));
        hangs.retry();
        for run in missed {
            each(match hangs.goes_on() {
                true => again(run, &server, options, &mut hangs).await?,
                false => Run::left(run.fixture, run.transcript, hangs.left()),
            });
        }
        if hangs.is_dead() {
            let rest = std::mem::take(&mut together).into_iter().chain(std::mem::take(&mut alone));
            rest.for_each(|fixture| {
                each(Run::left(fixture, ServiceTranscript::default(), hangs.left()));
            });
        }
        if together.is_empty() && alone.is_empty() {
            return RunError::unless_all(judged, planned);
        }
    }
}

/// Runs fixtures, as many at once as there are jobs, until `each` says to stop;
/// gives those that have not begun by then.
async fn parallel(
    fixtures: Vec<Arc<ServiceFixture>>,
    server: &Arc<Server>,
    options: Options,
    mut each: impl FnMut(Run) -> bool,
) -> Result<Vec<Arc<ServiceFixture>>, RunError> {
    let slots = Arc::new(Semaphore::new(options.jobs.get()));
    let stop = Arc::new(AtomicBool::new(false));
    let mut running = JoinSet::new();
    for fixture in fixtures {
        let (slots, stop, server) = (slots.clone(), stop.clone(), server.clone());
        running.spawn(async move {
            let mut slot = Slot::of(&slots).await;
            if stop.load(Ordering::Relaxed) {
                return Err(fixture);
            }
            let http = &mut server.endpoint.http();
            Ok(taken(fixture, &server, options.timeout, http, &mut slot).await)
        });
    }
    let mut left = Vec::new();
    while let Some(joined) = running.join_next().await {
        match joined.map_err(|error| RunError::Lost(lost(error)))? {
            Ok(run) => drop(stop.fetch_or(!each(run), Ordering::Relaxed)),
            Err(fixture) => left.push(fixture),
        }
    }
    Ok(left)
}

/// Runs one fixture with nothing else running.
async fn isolated(
    fixture: Arc<ServiceFixture>,
    server: &Arc<Server>,
    timeout: Duration,
) -> Result<Run, RunError> {
    let slots = Semaphore::new(1);
    let mut slot = Slot::of(&slots).await;
    let http = &mut server.endpoint.http();
    caught(taken(fixture, server, timeout, http, &mut slot)).await.map_err(RunError::Lost)
}

/// Runs a fixture in which no answer came again, with a longer deadline.
async fn again(
    first: Run,
    server: &Arc<Server>,
    options: Options,
    hangs: &mut Hangs,
) -> Result<Run, RunError> {
    let Run { fixture, transcript, .. } = first;
    if fixture.advances() && server.clock.is_none() {
        let why = "not judged: the deadline was missed, and the fixture was not tried again alone, for time \
                   really passes in it";
        return Ok(Run::left(fixture, transcript, why.into()));
    }
    let longer = options.timeout.saturating_mul(options.retry_factor.max(1));
    let mut run = isolated(fixture, server, longer).await?;
    let retried = hangs.retried(run.missed());
    run.judgement.notes.extend(deadline::note(retried, options.timeout, longer));
    run.retried = Some(retried);
    Ok(run)
}

/// Runs a fixture over connections that stay.
#[cfg(feature = "draw")]
pub(crate) async fn over(
    http: &mut Http,
    fixture: Arc<ServiceFixture>,
    server: &Server,
    timeout: Duration,
) -> Run {
    let slots = Semaphore::new(1);
    let mut slot = Slot::of(&slots).await;
    taken(fixture, server, timeout, http, &mut slot).await
}

async fn taken(
    fixture: Arc<ServiceFixture>,
    server: &Server,
    timeout: Duration,
    http: &mut Http,
    slot: &mut Slot<'_>,
) -> Run {
    let began = Instant::now();
    let steps = steps(&fixture, server, timeout, began, http, slot).await;
    let transcript = ServiceTranscript { steps };
    let judgement = judge_service(&fixture, &transcript);
    Run { fixture, judgement, transcript, took: began.elapsed(), retried: None }
}

/// One of the places for fixtures that run at once.
struct Slot<'a> {
    slots: &'a Semaphore,
    /// None while it is left to others. The semaphore is never closed.
    held: Option<SemaphorePermit<'a>>,
}

impl<'a> Slot<'a> {
    async fn of(slots: &'a Semaphore) -> Self {
        Self { slots, held: slots.acquire().await.ok() }
    }

    /// Waits, and leaves the place to others meanwhile.
    async fn wait(&mut self, timer: &Timer, time: Duration) {
        self.held = None;
        timer.wait(time).await;
        self.held = self.slots.acquire().await.ok();
    }
}

/// What the server lacks of what a fixture needs.
fn lacks(fixture: &ServiceFixture, server: &Server) -> Option<&'static str> {
    if fixture.needs.contains(&ServiceNeed::Signatures) && !server.verifies_signatures {
        return Some("the server is not said to verify signatures");
    }
    match (&server.clock, &server.timer) {
        _ if !fixture.advances() => None,
        (None, None) => Some("the server has no clock that can be advanced"),
        (None, Some(_)) if fixture.passes() > LONGEST => Some("it lets more than two hours pass"),
        _ => None,
    }
}

async fn steps(
    fixture: &ServiceFixture,
    server: &Server,
    timeout: Duration,
    began: Instant,
    http: &mut Http,
    slot: &mut Slot<'_>,
) -> Vec<Seen> {
    if let Some(lacks) = lacks(fixture, server) {
        return vec![Seen::Unsupported(lacks.into())];
    }
    let mut captured = HashMap::new();
    let mut steps = Vec::new();
    for step in &fixture.steps {
        let seen = match step {
            ServiceStep::Advance(advance) => match (&server.clock, &server.timer) {
                (None, Some(timer)) => {
                    slot.wait(timer, Duration::from_secs(advance.advance_seconds.into())).await;
                    // No connection is kept for so long.
                    *http = server.endpoint.http();
                    Seen::Advanced
                }
                (clock, _) => clock::advance(clock.as_ref(), advance.advance_seconds, timeout).await,
            },
            ServiceStep::Exchange(step) => {
                let at = began.elapsed();
                let sent = match request::sent(&step.send, &step.with, server, &captured) {
                    Ok(sent) => sent,
                    Err(missing) => {
                        steps.push(Seen::Skipped(skipped(&missing)));
                        break;
                    }
                };
                let answered = exchange(sent, http, server, timeout, at).await;
                capture(step, &answered, &mut captured);
                Seen::Exchange(Box::new(answered))
            }
            ServiceStep::AtOnce(step) => {
                let at = began.elapsed();
                let sent = match request::sent(&step.send, &step.with, server, &captured) {
                    Ok(sent) => sent,
                    Err(missing) => {
                        steps.push(Seen::Skipped(skipped(&missing)));
                        break;
                    }
                };
                let mut sending = JoinSet::new();
                for _ in &step.at_once {
                    let (sent, server) = (sent.clone(), server.clone());
                    let mut http = http.apart(timeout);
                    sending.spawn(async move { exchange(sent, &mut http, &server, timeout, at).await });
                }
                match all(sending).await {
                    Ok(answered) => Seen::AtOnce(answered),
                    Err(problem) => Seen::Broken(format!("a request that was sent was lost: {problem}")),
                }
            }
        };
        let over = matches!(seen, Seen::Unsupported(_) | Seen::Broken(_) | Seen::Silent(_));
        steps.push(seen);
        if over {
            break;
        }
    }
    steps
}

/// What all tasks came to, or why one was lost.
async fn all<T: 'static>(mut tasks: JoinSet<T>) -> Result<Vec<T>, String> {
    let mut all = Vec::new();
    while let Some(joined) = tasks.join_next().await {
        all.push(joined.map_err(lost)?);
    }
    Ok(all)
}

/// Why a step is not taken that sends what was not captured.
fn skipped(name: &str) -> String {
    format!("the responses before this step have no value for {name}, which it sends")
}

async fn exchange(
    mut sent: Sent,
    http: &mut Http,
    server: &Server,
    timeout: Duration,
    at: Duration,
) -> Answered {
    let answer = match &mut sent {
        Sent::Request(request) => http.lend(request, timeout).await,
        Sent::Raw(bytes) => raw::send(&server.endpoint, bytes, timeout).await,
    };
    let outcome = match &answer {
        Ok(answer) => decode::response(answer),
        Err(outcome) => outcome.clone(),
    };
    Answered { sent, answer, outcome, at }
}

fn capture<'a>(step: &'a ServiceExchange, answered: &Answered, captured: &mut HashMap<&'a str, String>) {
    let (Ok(answer), Outcome::Output(output)) = (&answered.answer, &answered.outcome) else { return };
    for (member, name) in &step.capture {
        if let Some(value) = member_of(answer, output, *member) {
            captured.insert(name, value);
        }
    }
}

/// How many sets these fixtures create at most.
#[must_use]
pub fn new_sets<'a>(fixtures: impl IntoIterator<Item = &'a ServiceFixture>) -> usize {
    let steps = fixtures.into_iter().flat_map(ServiceFixture::exchanges);
    let may_create = |step: &&ServiceExchange| match &step.send {
        Send::Call(call) => call.attachment_set_id.is_none() && step.with.is_empty(),
        Send::Request(_) | Send::Raw(_) => true,
    };
    steps.filter(may_create).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_panics_is_told_with_its_message() {
        let mut tasks = JoinSet::new();
        tasks.spawn(async { 1 });
        tasks.spawn(async { unreachable!("no such file") });
        assert_eq!(all(tasks).await, Err("internal error: entered unreachable code: no such file".into()));
    }
}
