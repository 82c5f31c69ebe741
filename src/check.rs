//! Fixtures of the service role against a server: sends what they say, and
//! judges the responses.
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
mod connection;
mod contact;
mod endpoint;
mod request;
mod spelling;
mod timer;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

pub(crate) use connection::Connections;
pub use contact::Contact;
pub use endpoint::{Endpoint, EndpointError};
pub use timer::Timer;

use crate::fixture::{Form, Send, ServiceExchange, ServiceFixture, ServiceNeed, ServiceStep};
use crate::judge::{Verdict, judge_service, member_of};
use crate::run::{self, Lanes, Slot, Subject};
pub use crate::run::{Options, RunError};
use crate::transcript::{Answered, Fault, Seen, Sent, ServiceTranscript};
use crate::unwind::lost;
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

    /// Connections of its own.
    pub(crate) fn connections(&self) -> Connections {
        Connections::new(self.endpoint.clone())
    }

    /// Looks for the clock where `attachset serve` has one.
    pub async fn find_clock(&mut self, timeout: Duration) {
        let clock = self.endpoint.join(clock::PATH);
        if clock::exists(&clock, timeout).await {
            self.clock = Some(clock);
        }
    }
}

/// One service-role fixture, run and judged.
pub type Run = run::Run<ServiceFixture, ServiceTranscript>;

impl Run {
    /// Whether the server, or its clock, gave no response by the deadline where
    /// one is required.
    fn is_silent(&self) -> bool {
        let is_silent = |seen: &Seen| match seen {
            Seen::Silent(_) => true,
            _ => seen.answered().iter().any(|answered| is_timeout(&answered.outcome)),
        };
        let counts = matches!(self.judgement.verdict, Verdict::Fail | Verdict::Error);
        counts && self.transcript.steps.iter().any(is_silent)
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

/// Runs fixtures against a server, `jobs` at once. `each` gets every run once,
/// as it ends.
///
/// Those that advance the server's clock run alone, after the others, for it is
/// the clock of all sets. Where time really passes, they begin first, and the
/// others run while they wait.
///
/// A fixture in which no response came by the deadline runs again, alone, when
/// all others are over, with [`retry_factor`](Options::retry_factor) times the
/// deadline; `each` gets that second run. After many misses in a row, these run
/// again at once; if no response comes then either, the other fixtures are left
/// out, and each of them is an error.
///
/// # Errors
/// If a task of this program panics.
pub async fn run(
    fixtures: Vec<Arc<ServiceFixture>>,
    server: Server,
    options: Options,
    each: impl FnMut(Run),
) -> Result<(), RunError> {
    run::run(fixtures, server, options, each).await
}

impl Subject for Server {
    type Fixture = ServiceFixture;
    type Transcript = ServiceTranscript;
    /// Each fixture has connections of its own.
    type Session = ();

    fn id(fixture: &ServiceFixture) -> &str {
        &fixture.id
    }

    fn lanes(&self, fixtures: Vec<Arc<ServiceFixture>>) -> Lanes<ServiceFixture> {
        let (advancing, others): (Vec<_>, Vec<_>) =
            fixtures.into_iter().partition(|fixture| fixture.advances());
        let (waiting, last) =
            if self.clock.is_some() { (Vec::new(), advancing) } else { (advancing, Vec::new()) };
        Lanes {
            first: VecDeque::new(),
            large: VecDeque::new(),
            waiting: waiting.len(),
            together: waiting.into_iter().chain(others).collect(),
            last: last.into(),
        }
    }

    async fn run(
        &self,
        fixture: Arc<ServiceFixture>,
        options: Options,
        times: u32,
        (): &mut (),
        slot: &mut Slot,
    ) -> Result<Run, RunError> {
        let timeout = options.timeout.saturating_mul(times);
        Ok(judged(fixture, self, timeout, &mut self.connections(), slot).await)
    }

    fn missed(run: &Run, timeout: Duration) -> Option<Duration> {
        run.is_silent().then_some(timeout)
    }

    fn timed_out(_: &Run) -> bool {
        // A request of this program's has the deadline itself.
        false
    }

    fn has_responded(run: &Run) -> bool {
        let mut answered = run.transcript.steps.iter().flat_map(Seen::answered);
        answered.any(|answered| answered.answer.is_ok())
    }

    fn protocol_fault(_: &Run) -> Option<&Fault> {
        None
    }

    fn why_not_again(&self, fixture: &ServiceFixture) -> Option<String> {
        (fixture.advances() && self.clock.is_none()).then(|| {
            "not judged: the deadline was missed, and the fixture was not tried again alone, for time really \
             passes in it"
                .into()
        })
    }
}

/// Runs a fixture over connections that stay.
#[cfg(feature = "draw")]
pub(crate) async fn over(
    connections: &mut Connections,
    fixture: Arc<ServiceFixture>,
    server: &Server,
    timeout: Duration,
) -> Run {
    judged(fixture, server, timeout, connections, &mut Slot::only().await).await
}

async fn judged(
    fixture: Arc<ServiceFixture>,
    server: &Server,
    timeout: Duration,
    connections: &mut Connections,
    slot: &mut Slot,
) -> Run {
    let began = Instant::now();
    let steps = steps(&fixture, server, timeout, began, connections, slot).await;
    let transcript = ServiceTranscript { steps };
    let judgement = judge_service(&fixture, &transcript);
    Run { fixture, judgement, transcript, took: began.elapsed(), retried: None }
}

/// What the server lacks of what a fixture needs.
fn lacks(fixture: &ServiceFixture, server: &Server) -> Option<&'static str> {
    if fixture.needs.contains(&ServiceNeed::Signatures) && !server.verifies_signatures {
        return Some("the server is not said to verify signatures");
    }
    match (&server.clock, &server.timer) {
        _ if server.endpoint.is_secure() && fixture.is_spelled() => {
            Some("over TLS a library sends the requests, and spells them in one way")
        }
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
    connections: &mut Connections,
    slot: &mut Slot,
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
                    slot.lend(timer.wait(Duration::from_secs(advance.advance_seconds.into()))).await;
                    // No connection is kept for so long.
                    *connections = server.connections();
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
                let mut answered = exchange(sent, connections, timeout, at).await;
                if step.form.contains(&Form::Expiry)
                    && let Some(clock) = &server.clock
                {
                    answered.now = clock::now(clock, timeout).await;
                }
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
                    let (sent, mut own) = (sent.clone(), server.connections());
                    sending.spawn(async move { exchange(sent, &mut own, timeout, at).await });
                }
                match all(sending).await {
                    Ok(answered) => Seen::AtOnce(answered),
                    Err(problem) => Seen::Broken(format!("a request that was sent was lost: {problem}")),
                }
            }
        };
        let missed = seen.answered().iter().any(|answered| is_timeout(&answered.outcome));
        let over = matches!(seen, Seen::Unsupported(_) | Seen::Broken(_) | Seen::Silent(_));
        steps.push(seen);
        // Nothing is judged after the first response that is wrong: what is sent to a
        // server that hangs takes a deadline each.
        if over || missed && is_wrong(fixture, &mut steps) {
            break;
        }
    }
    steps
}

/// Whether something is wrong already in what was seen of a fixture.
fn is_wrong(fixture: &ServiceFixture, steps: &mut Vec<Seen>) -> bool {
    let transcript = ServiceTranscript { steps: std::mem::take(steps) };
    let judgement = judge_service(fixture, &transcript);
    *steps = transcript.steps;
    !judgement.mismatches.is_empty()
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
    connections: &mut Connections,
    timeout: Duration,
    at: Duration,
) -> Answered {
    let (answer, breaches) = connections.send(&mut sent, timeout).await;
    let outcome = match &answer {
        Ok(answer) => decode::any_response(request::asked(&sent), answer),
        Err(outcome) => outcome.clone(),
    };
    Answered { sent, answer, breaches, outcome, now: None, at }
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
