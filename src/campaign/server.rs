//! A server as a subject: a case is a sequence of requests.
//!
//! All cases go to one server, so that the ones that advance its clock run alone,
//! and failures are confirmed between rounds. What a failure violates is said by
//! the simplest sequence that shows it: in a longer one, more than one step may be
//! its cause.

mod isolated;

use std::collections::{BTreeSet, VecDeque};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Case, Event, Gone, LATE, Lane, Limits, MINIMIZE, Subject, Summary, Tried, Until};
use crate::check::{self, Connections, Contact, Run, Server};
use crate::draw::service::{Able, Ask, Asks, Case as OfCases, Drawn, Sequence, drawn};
use crate::fixture::{Defect, Level, ServiceFixture};
use crate::judge::{FindingId, Judgement, Mismatch, Verdict};
use crate::runner::RunError;
use crate::transcript::{Seen, ServiceTranscript};
use isolated::Isolation;

/// The time from which a server counts as slow to respond to an ordinary call.
const SLOW: Duration = Duration::from_millis(500);
/// The least time that a server has for a response in the pool; in isolation, it
/// has more.
const SLACK: Duration = Duration::from_secs(2);
/// How many times longer than for a plain call a response may take in the pool.
const SLOWER: u32 = 8;
/// How many cases before a failure may have left something behind.
const BEFORE: usize = 64;
/// After how many cases in a row without any response the rest of a round is skipped.
const MOST_SILENT: usize = 12;
/// After how many cases without a response in time a search ends once a hang is
/// confirmed. Each takes the whole deadline.
const MOST_HANGS: usize = 32;
/// The requirement on a server that no longer responds.
const ANSWERS: &str = "user.server-stays-up";
/// The id of a finding's fixture as long as it has no name.
const NAME: &str = "found/case";

/// How a server is searched.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// With the program's version, what fixes every case.
    pub seed: u64,
    /// The most cases.
    pub cases: u64,
    /// The time in which cases are started.
    pub time: Duration,
    /// How many cases run at once.
    pub jobs: NonZeroUsize,
    /// How long the server has for a response.
    pub timeout: Duration,
}

/// Searches a server until there were enough cases, time is up or `stop` is set.
///
/// # Errors
/// Where a task of this program's panicked.
pub async fn run(
    options: &Options,
    server: Server,
    stop: Arc<AtomicBool>,
    mut each: impl FnMut(Event<'_, Sequence>),
) -> Result<Summary, RunError> {
    let until = Until::new(stop, options.time);
    let prepared = tokio::select! {
        prepared = prepare(options, server, &mut each) => prepared,
        () = until.over(LATE) => None,
    };
    let Some(subject) = prepared else { return Ok(Summary::default()) };
    let Options { cases, time, jobs, .. } = *options;
    let all = super::Options { cases, time, jobs, minimize: MINIMIZE };
    super::run(Arc::new(subject), &all, until, each).await
}

/// A server that responds to an ordinary call, and what it has; none if it does not
/// respond.
async fn prepare(
    options: &Options,
    server: Server,
    each: &mut impl FnMut(Event<'_, Sequence>),
) -> Option<OneServer> {
    let contact = server.contact(options.timeout).await;
    let Contact::Answered(took) = contact else {
        let shown = drawn(&Sequence { asks: Vec::new() });
        let fixture = Arc::new(ServiceFixture { id: NAME.into(), ..shown.fixture.clone() });
        let run = match contact {
            Contact::Garbage(_) => unreadable(fixture, &contact),
            _ => check::over(&mut server.connections(), fixture, &server, options.timeout).await,
        };
        each(Event::Gone(Gone { contact, run, shown }));
        return None;
    };
    if took > SLOW {
        each(Event::Slow(took));
    }
    let able = able(&server, options.timeout).await;
    Some(OneServer {
        asks: Asks::new(options.seed, able),
        server,
        timeout: options.timeout,
        fast: SLACK.max(took.saturating_mul(SLOWER)).min(options.timeout),
        silent: AtomicUsize::new(0),
        hangs: AtomicBool::new(false),
        hung: AtomicUsize::new(0),
        before: Mutex::default(),
    })
}

/// A run that fails, for this program cannot read the server's response.
fn unreadable(fixture: Arc<ServiceFixture>, contact: &Contact) -> Run {
    let mismatch = Mismatch {
        step: 1,
        defect: Defect::BrokenAnswer,
        expected: "a response that can be read as HTTP/1.1".into(),
        seen: contact.to_string(),
        requirement: ANSWERS.into(),
        otherwise: Vec::new(),
        level: Level::Should,
    };
    let judgement = Judgement { verdict: Verdict::Fail, mismatches: vec![mismatch], notes: Vec::new() };
    let (transcript, took, retried) = (ServiceTranscript::default(), Duration::ZERO, None);
    Run { fixture, judgement, transcript, took, retried }
}

/// What the server has that not every one has.
async fn able(server: &Server, timeout: Duration) -> Able {
    let case = Sequence { asks: vec![Ask::Case(OfCases::Open(None))] };
    let run = check::over(&mut server.connections(), drawn(&case).fixture.into(), server, timeout).await;
    Able {
        clock: server.clock.is_some(),
        signatures: server.verifies_signatures,
        cases: run.judgement.verdict != Verdict::Unsupported,
    }
}

impl Case for Sequence {
    type Run = Run;
    type Shown = Drawn;

    fn simpler(&self) -> Vec<Self> {
        self.simpler()
    }

    fn cost(&self) -> (usize, usize) {
        let mutations = |ask: &Ask| if let Ask::Add(_, mutations) = ask { mutations.len() } else { 0 };
        (self.asks.len(), self.asks.iter().map(mutations).sum())
    }

    fn parts(&self) -> Vec<Self> {
        Vec::new()
    }

    fn after(&self, _others: &[Arc<Self>]) -> Vec<Self> {
        Vec::new()
    }
}

/// The server of a search.
struct OneServer {
    asks: Asks,
    server: Server,
    /// How long it has for a response in isolation, and in the pool.
    timeout: Duration,
    fast: Duration,
    /// How many cases in a row came to no response at all.
    silent: AtomicUsize,
    /// Whether a hang is confirmed, and how many cases had no response in time
    /// since then.
    hangs: AtomicBool,
    hung: AtomicUsize,
    /// The latest cases, the last first.
    before: Mutex<VecDeque<Arc<Sequence>>>,
}

impl Subject for OneServer {
    type Case = Sequence;
    type Session = Connections;
    type Known = ();
    type Isolated = Isolation;
    const LIMITS: Limits = Limits {
        round: (64, 2_048),
        rounds_at_once: 1,
        confirms_meanwhile: false,
        candidates: 4,
        trials: 64,
        hang_trials: 64,
        aliases: 8,
        // Each takes several deadlines.
        hangs: 3,
        // A server that takes its time for each response would take minutes for a
        // few findings.
        minimize: MINIMIZE,
    };

    fn generate(&self, number: u64, (): &()) -> Sequence {
        self.asks.draw(number)
    }

    fn lane(&self, case: &Sequence) -> Lane {
        if case.advances() || case.is_large() { Lane::Exclusive } else { Lane::Shared }
    }

    fn session(&self) -> Result<Connections, RunError> {
        Ok(self.server.connections())
    }

    async fn run(
        &self,
        connections: &mut Connections,
        case: Arc<Sequence>,
    ) -> Result<Tried<Sequence>, RunError> {
        let fixture = Arc::new(drawn(&case).fixture);
        let run = check::over(connections, fixture, &self.server, self.fast).await;
        match is_answered(&run) {
            true => self.silent.store(0, Ordering::Relaxed),
            false => drop(self.silent.fetch_add(1, Ordering::Relaxed)),
        }
        let failures: BTreeSet<_> = run.judgement.mismatches.iter().map(FindingId::of).collect();
        if self.hangs.load(Ordering::Relaxed) && failures.iter().any(|id| id.defect == Defect::Hang) {
            self.hung.fetch_add(1, Ordering::Relaxed);
        }
        let mut latest = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        let before = if failures.is_empty() { Vec::new() } else { latest.iter().cloned().collect() };
        latest.push_front(case.clone());
        latest.truncate(BEFORE);
        let verdict = run.judgement.verdict;
        // Nobody reads the others, and they may be of megabytes.
        let run = (!matches!(verdict, Verdict::Pass | Verdict::Tolerated)).then_some(run);
        Ok(Tried { case, verdict, failures, behaviours: Vec::new(), is_quick: true, run, before })
    }

    fn isolated(self: &Arc<Self>) -> Isolation {
        Isolation::new(self.server.clone(), self.timeout, self.fast)
    }

    fn begin_round(&self) {
        self.silent.store(0, Ordering::Relaxed);
    }

    fn is_spent(&self) -> bool {
        self.silent.load(Ordering::Relaxed) >= MOST_SILENT || self.hung().is_some()
    }

    fn found(&self, id: &FindingId) {
        if id.defect == Defect::Hang {
            self.hangs.store(true, Ordering::Relaxed);
        }
    }

    fn hung(&self) -> Option<usize> {
        Some(self.hung.load(Ordering::Relaxed)).filter(|hung| *hung >= MOST_HANGS)
    }
}

/// Whether any response came.
fn is_answered(run: &Run) -> bool {
    let mut answered = run.transcript.steps.iter().flat_map(Seen::answered);
    run.transcript.steps.is_empty() || answered.any(|answered| answered.answer.is_ok())
}
