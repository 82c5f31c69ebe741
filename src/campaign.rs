//! Searches a client or a server for what no fixture has.
//!
//! Generated cases go to the subject by the thousand, through a pool of sessions
//! that stay, so that nothing is a finding until it has failed in isolation:
//! twice, each time in a fresh session. Each new failure is confirmed, and made
//! as small as it can be. What is generated depends on the seed, the numbers and
//! what the cases before came to, and never on how many run at once: cases are
//! taken in rounds, and a round's results in the order of numbers.
//!
//! [`Case`] and `Subject` say all that the engine knows: [`client`] and
//! [`server`] are the two of each.

mod alias;
pub mod client;
mod confirm;
mod minimize;
mod pool;
mod search;
pub mod server;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::unbounded_channel;

use crate::check::Contact;
use crate::judge::{FindingId, Verdict};
use crate::runner::RunError;

use confirm::{Confirm, Isolated};
use pool::Pool;
use search::Search;

/// Default time budget for minimizing one finding.
pub const MINIMIZE: Duration = Duration::from_secs(20);
/// How long failures are still confirmed when time is up, at the most.
const AFTERWARDS: Duration = Duration::from_secs(10);
/// How long running cases are waited for when time is up.
const LATE: Duration = Duration::from_secs(3);
/// The same when the search is stopped.
const STOPPING: Duration = Duration::from_secs(1);
/// How often a search looks whether it is stopped.
const LOOK: Duration = Duration::from_millis(50);

/// What bounds a search, whatever its subject.
#[derive(Debug, Clone)]
pub struct Options {
    /// The most cases.
    pub cases: u64,
    /// The time in which cases are started.
    pub time: Duration,
    /// How many cases run at once.
    pub jobs: NonZeroUsize,
    /// The time budget for minimizing one finding.
    pub minimize: Duration,
}

/// A generated test case.
pub trait Case: Clone + Send + Sync + 'static {
    /// What running it gives.
    type Run: Send + 'static;
    /// What describes it, and the fixture that it is exported to.
    type Shown;

    /// Cases with one thing less, the simplest first.
    fn simpler(&self) -> Vec<Self>;

    /// How much there is to it, to choose the simplest of several.
    fn cost(&self) -> (usize, usize);

    /// Its parts, each a case; none where it has only one.
    fn parts(&self) -> Vec<Self>;

    /// Cases in which the same happens after, or among, what happens in others;
    /// the others are in the order in which they ran.
    fn after(&self, others: &[Arc<Self>]) -> Vec<Self>;
}

/// A client or a server, and how cases are generated for it and run on it.
pub(crate) trait Subject: Send + Sync + 'static {
    type Case: Case;
    /// What stays from one case to the next: a client, or connections.
    type Session: Send + 'static;
    /// What earlier cases have shown, on which later ones depend.
    type Known: Clone + Default + Send + Sync + 'static;
    type Isolated: Isolated<Case = Self::Case>;
    const LIMITS: Limits;

    fn generate(&self, number: u64, known: &Self::Known) -> Self::Case;

    fn lane(&self, case: &Self::Case) -> Lane;

    fn session(&self) -> Result<Self::Session, RunError>;

    /// Runs a case in a session that may have run others.
    fn run(
        &self,
        session: &mut Self::Session,
        case: Arc<Self::Case>,
    ) -> impl Future<Output = Result<Tried<Self::Case>, RunError>> + Send;

    fn isolated(self: &Arc<Self>) -> Self::Isolated;

    /// Called before each round.
    fn begin_round(&self) {}

    /// Whether the rest of this round is not worth running.
    fn is_spent(&self) -> bool {
        false
    }

    /// Called for each finding.
    fn found(&self, _id: &FindingId) {}

    /// How many cases hung, where they are so many that the search ends.
    fn hung(&self) -> Option<usize> {
        None
    }

    /// Notes a case that showed something new.
    fn keep(&self, _known: &mut Self::Known, _case: &Arc<Self::Case>) {}

    /// Cases that show what makes the subject hang in this one; none where that is
    /// known, or cannot be learnt.
    fn suspects(&self, _known: &Self::Known, _case: &Self::Case) -> Vec<Self::Case> {
        Vec::new()
    }

    /// Notes what makes the subject hang, given the suspects that did.
    fn avoid(&self, _known: &mut Self::Known, _hung: &[Arc<Self::Case>]) {}
}

/// With which others a case may run at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// As many at once as there are jobs.
    Shared,
    /// It waits and needs no processor meanwhile: four times as many.
    Waiting,
    /// It would disturb others: it runs when those of its round are over.
    Exclusive,
}

/// The numbers by which searches of clients and of servers differ.
pub(crate) struct Limits {
    /// The cases of the first round, and the most of a round.
    pub(crate) round: (u64, u64),
    /// How many rounds are under way: nobody waits for the last case of one.
    pub(crate) rounds_at_once: usize,
    /// Whether failures are confirmed while other cases run, and hangs beside
    /// other failures: they are where each session has a subject of its own.
    pub(crate) confirms_meanwhile: bool,
    /// How many failing cases of a round are confirmed for one failure.
    pub(crate) candidates: usize,
    /// How often a failure is confirmed in vain, and how often a hang.
    pub(crate) trials: usize,
    pub(crate) hang_trials: usize,
    /// How often one is confirmed that turned out to be another.
    pub(crate) aliases: usize,
    /// How many cases that hang are confirmed in a search.
    pub(crate) hangs: usize,
    /// The time budget for minimizing all findings of a search.
    pub(crate) minimize: Duration,
}

/// What a case came to in the pool.
pub(crate) struct Tried<C: Case> {
    pub(crate) case: Arc<C>,
    pub(crate) verdict: Verdict,
    pub(crate) failures: BTreeSet<FindingId>,
    /// What the subject did in each call, as a number.
    pub(crate) behaviours: Vec<u64>,
    /// Whether cases like it cost no additional time.
    pub(crate) is_quick: bool,
    /// Its run, where that is worth showing or needed.
    pub(crate) run: Option<C::Run>,
    /// The cases that may have left something behind, the last first; none where
    /// it does not fail.
    pub(crate) before: Vec<Arc<C>>,
}

/// Something that happened.
pub enum Event<'a, C: Case> {
    /// A finding: what was seen when its smallest case ran, and that case.
    Found(&'a FindingId, C::Run, C::Shown),
    /// The run could not be judged, for the first time.
    Broken(C::Run),
    /// How long the server takes to respond to an ordinary call.
    Slow(Duration),
    /// The server no longer responds, or never did: the search is over. The run is the
    /// one in which that showed.
    Gone(Gone<C>),
    /// The server did not respond in too many cases: the search is over.
    Hangs(usize),
    /// A round is over.
    Round(&'a Summary),
}

/// How a server was lost.
pub struct Gone<C: Case> {
    /// What becomes of a plain call.
    pub contact: Contact,
    /// The run in which that showed first.
    pub run: C::Run,
    /// The case that was run.
    pub shown: C::Shown,
}

/// What a search came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many cases ran.
    pub cases: u64,
    /// How many of them passed, or were tolerated.
    pub passed: u64,
    /// How many failed.
    pub failed: u64,
    /// How many could not be judged.
    pub errors: u64,
    /// How many different things the subject did.
    pub behaviours: usize,
    /// How many cases showed each finding.
    pub found: BTreeMap<FindingId, u64>,
    /// Failures that did not show in isolation, and how many cases showed each:
    /// something is carried over from case to case, or a machine is slow.
    pub unconfirmed: BTreeMap<FindingId, u64>,
}

/// When a search is over.
#[derive(Clone)]
pub(crate) struct Until {
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) time: Option<Instant>,
}

impl Until {
    pub(crate) fn new(stop: Arc<AtomicBool>, time: Duration) -> Self {
        Self { stop, time: Instant::now().checked_add(time) }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_stopped() || self.time.is_some_and(|time| Instant::now() >= time)
    }

    /// Waits until it is over, and this much longer for what is running.
    pub(crate) async fn over(&self, longer: Duration) {
        let last = self.time.and_then(|time| time.checked_add(longer));
        while last.is_none_or(|last| Instant::now() < last) {
            if self.is_stopped() {
                return tokio::time::sleep(STOPPING).await;
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// Runs generated cases until there were enough, or the search is over. Failures
/// are still confirmed then, for six to ten seconds at the most; when it is
/// stopped, for one second.
pub(crate) async fn run<S: Subject>(
    subject: Arc<S>,
    options: &Options,
    until: Until,
    mut each: impl FnMut(Event<'_, S::Case>),
) -> Result<Summary, RunError> {
    let limits = S::LIMITS;
    let afterwards = options.time.clamp(LATE.saturating_mul(2), AFTERWARDS);
    let last = until.time.and_then(|time| time.checked_add(afterwards));
    let pool = Pool::new(subject.clone(), options.jobs, until.clone());
    let confirm = || Confirm::new(&subject, options.minimize, until.clone());
    let ((ask, asked), (ask_hanging, asked_hanging)) = (unbounded_channel(), unbounded_channel());
    let (tell, told) = unbounded_channel();
    // A hang costs its deadline each time.
    let ask = match limits.confirms_meanwhile {
        true => [ask, ask_hanging],
        false => {
            drop(ask_hanging);
            [ask.clone(), ask]
        }
    };
    let mut search = Search::new(subject.clone(), ask, told);
    let searched = async {
        let (mut next, mut size) = (0, limits.round.0);
        let mut rounds = VecDeque::new();
        loop {
            while rounds.len() < limits.rounds_at_once && next < options.cases && !until.is_over() {
                let numbers = next..options.cases.min(next + size);
                (next, size) = (numbers.end, limits.round.1.min(size * 2));
                subject.begin_round();
                rounds.push_back(pool.round(numbers, &search.known));
            }
            let Some(round) = rounds.pop_front() else { break };
            let tried = pool.results(round).await?;
            let hung = search.take(tried, &mut each);
            if !limits.confirms_meanwhile {
                search.wait(&mut each).await;
            }
            for case in hung.iter().filter(|_| !until.is_over()) {
                search.learn(case, &pool).await?;
            }
            if let Some(gone) = search.gone.take() {
                each(Event::Gone(gone));
                break;
            }
            each(Event::Round(&search.summary));
            if let Some(hung) = subject.hung() {
                each(Event::Hangs(hung));
                break;
            }
        }
        search.finish(&mut each).await;
        Ok(())
    };
    let confirmed = confirm::serve(confirm(), asked, tell.clone(), last);
    let hangs_confirmed = confirm::serve(confirm(), asked_hanging, tell, last);
    let work = async { tokio::try_join!(searched, confirmed, hangs_confirmed) };
    // Whatever the subject does.
    tokio::select! {
        biased;
        ended = work => drop(ended?),
        () = until.over(afterwards) => {}
    }
    Ok(search.summary)
}
