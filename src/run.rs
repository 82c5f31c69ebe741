//! The executor: runs fixtures against a client or a server, many at once.
//!
//! [`runner::run`](crate::runner::run) runs clients with it, and
//! [`check::run`](crate::check::run) a server.

mod queue;
mod slot;
mod subject;
mod watch;
mod workers;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use crate::deadline::{self, Hangs, Retried};
use crate::judge::{Judgement, Verdict};
use crate::transcript::Fault;
use crate::unwind::caught;
pub(crate) use queue::{Lanes, Queue};
pub(crate) use slot::Slot;
pub(crate) use subject::Subject;
use watch::Watch;

/// Options of a run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many fixtures run at once.
    pub jobs: NonZeroUsize,
    /// Time for a server's response, and for a client's call beyond the
    /// timeouts that the client is given.
    pub timeout: Duration,
    /// Time for a client to connect in a call: a program may be started for each
    /// call. The deadline of the call begins with the first connection, or when
    /// this time is over.
    pub start: Duration,
    /// Factor on the deadline of a fixture that missed it and runs again alone.
    pub retry_factor: u32,
}

/// Default of [`Options::start`].
pub const START: Duration = Duration::from_secs(60);

impl Default for Options {
    fn default() -> Self {
        Self { jobs: default_jobs(), timeout: Duration::from_secs(10), start: START, retry_factor: 3 }
    }
}

/// Two for each processor: most of a run is waiting.
pub(crate) fn default_jobs() -> NonZeroUsize {
    let processors = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    processors.saturating_mul(NonZeroUsize::MIN.saturating_add(1))
}

/// One fixture, run and judged.
#[derive(Debug, Clone)]
pub struct Run<F, T> {
    /// The fixture.
    pub fixture: Arc<F>,
    /// The verdict, the mismatches and the notes.
    pub judgement: Judgement,
    /// Requests, responses and outcomes.
    pub transcript: T,
    /// How long it took.
    pub took: Duration,
    /// Result of a second run, after a missed deadline.
    pub retried: Option<Retried>,
}

impl<F, T> Run<F, T> {
    /// A fixture that is not judged, and why.
    fn not_judged(fixture: Arc<F>, transcript: T, why: String) -> Self {
        let judgement = Judgement { verdict: Verdict::Error, mismatches: Vec::new(), notes: vec![why] };
        Self { fixture, judgement, transcript, took: Duration::ZERO, retried: Some(Retried::Left) }
    }
}

/// The run of a subject's fixture.
type RunOf<S> = Run<<S as Subject>::Fixture, <S as Subject>::Transcript>;

/// Why a run cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No port of the loopback address can be bound.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Listen(std::io::Error),
    /// The client cannot be started.
    #[error("{0}")]
    Start(String),
    /// The client breaks its protocol in every call.
    #[error("no verdict on the client: the first {runs} runs all ended with the same error: {fault}")]
    Broken {
        /// How many runs ended so.
        runs: usize,
        /// How, with what the adapter wrote.
        fault: Fault,
    },
    /// A task of this program panicked; the message.
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

/// Runs fixtures against a subject, `jobs` at once. `each` gets every run once,
/// as it ends.
///
/// A fixture that misses its deadline runs again, alone, when all others are
/// over, with [`retry_factor`](Options::retry_factor) times the deadline; `each`
/// gets that second run. So does a fixture in which a client failed with a timeout
/// of its own. After many misses in a row, these run again at once; if
/// the subject hangs in them too, the other fixtures are left out, and each of
/// them is an error.
///
/// # Errors
/// If a client or a server cannot be started, if a client breaks its protocol in
/// every fixture, and if a task of this program panics.
pub(crate) async fn run<S: Subject + 'static>(
    fixtures: Vec<Arc<S::Fixture>>,
    subject: S,
    options: Options,
    mut each: impl FnMut(RunOf<S>),
) -> Result<(), RunError> {
    let planned = fixtures.len();
    let mut judged = 0;
    let mut each = |run: RunOf<S>| {
        judged += 1;
        each(run);
    };
    let subject = Arc::new(subject);
    let queue = Queue::new(subject.lanes(fixtures));
    let (mut watch, mut hangs) = (Watch::default(), Hangs::new(planned));
    while !queue.is_empty() {
        let (mut missed, mut timed_out) = (Vec::new(), Vec::new());
        // Whether the run goes on after one of the fixtures.
        let mut take = |run: RunOf<S>| {
            let deadline = S::missed(&run, options.timeout);
            if deadline.is_some() || S::has_responded(&run) {
                hangs.see(deadline.is_some());
            }
            watch.see(S::protocol_fault(&run))?;
            match deadline {
                Some(deadline) => missed.push((run, deadline)),
                None if S::timed_out(&run) => timed_out.push(run),
                None => each(run),
            }
            Ok(!hangs.is_silent())
        };
        let mut goes_on = true;
        while goes_on && let Some(fixture) = queue.next_first() {
            goes_on = take(alone(&*subject, fixture, options, 1).await?)?;
        }
        goes_on = goes_on && workers::work(&queue, &subject, options, &mut take).await?;
        while goes_on && let Some(fixture) = queue.next_last() {
            goes_on = take(alone(&*subject, fixture, options, 1).await?)?;
        }
        missed.sort_by(|(one, _), (other, _)| S::id(&one.fixture).cmp(S::id(&other.fixture)));
        hangs.retry();
        for (run, deadline) in missed {
            each(if hangs.goes_on() {
                again(&*subject, run, deadline, options, &mut hangs).await?
            } else {
                Run::not_judged(run.fixture, run.transcript, hangs.left())
            });
        }
        timed_out.sort_by(|one, other| S::id(&one.fixture).cmp(S::id(&other.fixture)));
        let mut confirmed = 0;
        for run in timed_out {
            each(if confirmed < deadline::MOST_TIMEOUTS {
                after_timeout(&*subject, run, options, &mut confirmed).await?
            } else {
                run
            });
        }
        if hangs.is_dead() {
            let left = |fixture| Run::not_judged(fixture, S::Transcript::default(), hangs.left());
            queue.rest().into_iter().map(left).for_each(&mut each);
        }
    }
    watch.end()?;
    if judged == planned { Ok(()) } else { Err(RunError::Missing { judged, planned }) }
}

/// Runs a fixture with nothing else running, with `times` times its deadline.
async fn alone<S: Subject>(
    subject: &S,
    fixture: Arc<S::Fixture>,
    options: Options,
    times: u32,
) -> Result<RunOf<S>, RunError> {
    let mut slot = Slot::only().await;
    let mut session = S::Session::default();
    caught(subject.run(fixture, options, times, &mut session, &mut slot)).await.map_err(RunError::Lost)?
}

/// Runs a fixture that missed its deadline again, alone.
async fn again<S: Subject>(
    subject: &S,
    first: RunOf<S>,
    deadline: Duration,
    options: Options,
    hangs: &mut Hangs,
) -> Result<RunOf<S>, RunError> {
    if let Some(why) = subject.why_not_again(&first.fixture) {
        return Ok(Run::not_judged(first.fixture, first.transcript, why));
    }
    let times = options.retry_factor.max(1);
    let mut run = alone(subject, first.fixture, options, times).await?;
    let missed = S::missed(&run, options.timeout.saturating_mul(times));
    let retried = hangs.retried(missed.is_some());
    let longer = missed.unwrap_or(deadline.saturating_mul(times));
    run.judgement.notes.extend(deadline::note(retried, deadline, longer));
    run.retried = Some(retried);
    Ok(run)
}

/// Runs a fixture again, alone, in which the subject reported a timeout. Unless it
/// does so again, the machine was slow, and the second run counts.
async fn after_timeout<S: Subject>(
    subject: &S,
    first: RunOf<S>,
    options: Options,
    confirmed: &mut usize,
) -> Result<RunOf<S>, RunError> {
    let mut run = alone(subject, first.fixture.clone(), options, 1).await?;
    if S::timed_out(&run) || S::missed(&run, options.timeout).is_some() {
        *confirmed += 1;
        return Ok(first);
    }
    run.judgement.notes.push(deadline::TIMED_OUT_ONCE.into());
    run.retried = Some(Retried::Met);
    Ok(run)
}
