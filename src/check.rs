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
mod endpoint;
mod raw;
mod request;

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

pub use endpoint::{Endpoint, EndpointError};

use crate::fixture::{Send, ServiceExchange, ServiceFixture, ServiceNeed, ServiceStep};
use crate::judge::{Judgement, judge_service, member_of};
use crate::runner::default_jobs;
use crate::transcript::{Answered, Seen, Sent, ServiceTranscript};
use crate::wire::outcome::Outcome;
use crate::wire::sign::{Credentials, test_credentials};
use crate::wire::{Response, decode};

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
    /// Whether it verifies signatures.
    pub verifies_signatures: bool,
}

impl Server {
    /// A server that knows the documents' example credentials, has no clock
    /// to advance and does not verify signatures.
    #[must_use]
    pub fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, credentials: test_credentials(), clock: None, verifies_signatures: false }
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

/// Runs fixtures against a server, `jobs` at once. Those that advance the
/// clock run alone, after the others, for it is the clock of all sets. `each`
/// sees every run as it ends.
pub async fn run(
    fixtures: Vec<Arc<ServiceFixture>>,
    server: Server,
    options: Options,
    mut each: impl FnMut(Run),
) {
    let server = Arc::new(server);
    let (alone, together): (Vec<_>, Vec<_>) = fixtures.into_iter().partition(|fixture| fixture.advances());
    let slots = Arc::new(Semaphore::new(options.jobs.get()));
    let mut running = JoinSet::new();
    for fixture in together {
        let (slots, server) = (slots.clone(), server.clone());
        running.spawn(async move {
            // The semaphore is never closed.
            let _slot = slots.acquire().await;
            one(fixture, &server, options.timeout).await
        });
    }
    while let Some(run) = running.join_next().await {
        run.into_iter().for_each(&mut each);
    }
    for fixture in alone {
        each(one(fixture, &server, options.timeout).await);
    }
}

async fn one(fixture: Arc<ServiceFixture>, server: &Server, timeout: Duration) -> Run {
    let began = Instant::now();
    let transcript = ServiceTranscript { steps: steps(&fixture, server, timeout, began).await };
    let judgement = judge_service(&fixture, &transcript);
    Run { fixture, judgement, transcript, took: began.elapsed() }
}

async fn steps(fixture: &ServiceFixture, server: &Server, timeout: Duration, began: Instant) -> Vec<Seen> {
    if fixture.needs.contains(&ServiceNeed::Signatures) && !server.verifies_signatures {
        return vec![Seen::Unsupported("the server is not said to verify signatures".into())];
    }
    if fixture.advances() && server.clock.is_none() {
        return vec![Seen::Unsupported("the server has no clock that can be advanced".into())];
    }
    let mut http = server.endpoint.http();
    let mut captured = HashMap::new();
    let mut steps = Vec::new();
    for step in &fixture.steps {
        let seen = match step {
            ServiceStep::Advance(advance) => {
                clock::advance(server.clock.as_ref(), advance.advance_seconds, timeout).await
            }
            ServiceStep::Exchange(step) => {
                let at = began.elapsed();
                let Some(sent) = request::sent(step, server, &captured) else { break };
                let answer = match &sent {
                    Sent::Request(request) => http.send(request.clone(), timeout).await,
                    Sent::Raw(bytes) => raw::send(&server.endpoint, bytes, timeout).await,
                };
                let outcome = match &answer {
                    Ok(answer) => decode::response(answer),
                    Err(outcome) => outcome.clone(),
                };
                capture(step, &answer, &outcome, &mut captured);
                Seen::Exchange(Box::new(Answered { sent, answer, outcome, at }))
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

fn capture<'a>(
    step: &'a ServiceExchange,
    answer: &Result<Response, Outcome>,
    outcome: &Outcome,
    captured: &mut HashMap<&'a str, String>,
) {
    let (Ok(answer), Outcome::Output(output)) = (answer, outcome) else { return };
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
