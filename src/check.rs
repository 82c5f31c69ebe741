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
//! .await;
//! # Ok(())
//! # }
//! ```

mod clock;
mod contact;
mod endpoint;
mod raw;
mod request;
mod timer;

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::JoinSet;

pub use contact::Contact;
pub use endpoint::{Endpoint, EndpointError};
pub use timer::Timer;

use crate::client::Http;
use crate::fixture::{Send, ServiceExchange, ServiceFixture, ServiceNeed, ServiceStep};
use crate::judge::{Judgement, judge_service, member_of};
use crate::runner::default_jobs;
use crate::transcript::{Answered, Seen, Sent, ServiceTranscript};
use crate::wire::decode;
use crate::wire::outcome::Outcome;
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
}

impl Default for Options {
    fn default() -> Self {
        Self { jobs: default_jobs(), timeout: Duration::from_secs(10) }
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

/// Runs fixtures against a server, `jobs` at once. `each` sees every run as it
/// ends.
///
/// Those that advance the clock run alone, after the others, for it is the
/// clock of all sets. Where time really passes, they begin first, and the
/// others run while they wait.
pub async fn run(
    fixtures: Vec<Arc<ServiceFixture>>,
    server: Server,
    options: Options,
    mut each: impl FnMut(Run),
) {
    let server = Arc::new(server);
    let advances = |fixture: &Arc<ServiceFixture>| fixture.advances() && server.clock.is_some();
    let (alone, mut together): (Vec<_>, Vec<_>) = fixtures.into_iter().partition(advances);
    together.sort_by_key(|fixture| !fixture.advances());
    let slots = Arc::new(Semaphore::new(options.jobs.get()));
    let mut running = JoinSet::new();
    for fixture in together {
        let (slots, server) = (slots.clone(), server.clone());
        running.spawn(async move { one(fixture, &server, options.timeout, &slots).await });
    }
    while let Some(run) = running.join_next().await {
        run.into_iter().for_each(&mut each);
    }
    for fixture in alone {
        each(one(fixture, &server, options.timeout, &slots).await);
    }
}

async fn one(fixture: Arc<ServiceFixture>, server: &Server, timeout: Duration, slots: &Semaphore) -> Run {
    let mut slot = Slot::of(slots).await;
    taken(fixture, server, timeout, &mut server.endpoint.http(), &mut slot).await
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
    Run { fixture, judgement, transcript, took: began.elapsed() }
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
                let Some(sent) = request::sent(&step.send, &step.with, server, &captured) else { break };
                let answered = exchange(sent, http, server, timeout, at).await;
                capture(step, &answered, &mut captured);
                Seen::Exchange(Box::new(answered))
            }
            ServiceStep::AtOnce(step) => {
                let at = began.elapsed();
                let Some(sent) = request::sent(&step.send, &step.with, server, &captured) else { break };
                let mut sending = JoinSet::new();
                for _ in &step.at_once {
                    let (sent, server) = (sent.clone(), server.clone());
                    let mut http = http.apart(timeout);
                    sending.spawn(async move { exchange(sent, &mut http, &server, timeout, at).await });
                }
                let mut answered = Vec::new();
                while let Some(one) = sending.join_next().await {
                    answered.extend(one);
                }
                Seen::AtOnce(answered)
            }
        };
        let over = matches!(seen, Seen::Unsupported(_) | Seen::Broken(_));
        steps.push(seen);
        if over {
            break;
        }
    }
    steps
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
