//! Searches a client for what nobody wrote down.
//!
//! Draws go to clients by the thousand, through servers that stay, so that
//! nothing is a finding until it has failed alone: twice, each time with a
//! fresh client and a fresh server. Beside the search, each new way to fail is
//! made simpler and tried alone. What is drawn depends on the seed, the numbers
//! and what the draws before did, and never on how many run at once: draws are
//! taken in rounds, three at once, and a round's results in the order of numbers.

mod alone;
mod behaviour;
mod beside;
mod company;
mod disguise;
mod drawing;
mod search;
pub mod server;
mod shrink;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::unbounded_channel;

use crate::client::Client;
use crate::draw::{self, Draw};
use crate::fixture::Defect;
use crate::judge::{Mismatch, judge};
use crate::runner::{self, Run, RunError};

use alone::Alone;
use company::Company;
use search::{Asked, Search};

/// The draws of a round: few at first, for what hangs is to be known soon.
const FIRST_ROUND: u64 = 32;
const ROUND: u64 = 768;
/// How many rounds are under way: nobody waits for the last draw of one.
const AT_ONCE: usize = 3;
/// For how long simpler fixtures are sought where nothing else is said.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// How long a client has in company beyond its time-out; alone, it has more.
const GRACE: Duration = Duration::from_secs(1);
/// For how long what failed is tried alone when time is up, at the most.
const AFTERWARDS: Duration = Duration::from_secs(10);
/// For how long what is under way is waited for when time is up.
const LATE: Duration = Duration::from_secs(3);
/// The same when the search is stopped.
const STOPPING: Duration = Duration::from_secs(1);
/// How often a search looks whether it is stopped.
const LOOK: Duration = Duration::from_millis(50);

/// How to go about it.
#[derive(Debug, Clone)]
pub struct Options {
    /// With the program's version, what fixes every draw.
    pub seed: u64,
    /// How many draws at the most.
    pub cases: u64,
    /// For how long, but for what has been begun.
    pub time: Duration,
    /// Whether draws that showed something new are changed further.
    pub guided: bool,
    /// Whole answers whose bytes are changed.
    pub starts: Vec<Arc<[u8]>>,
    /// For how long simpler fixtures are sought for each finding.
    pub patience: Duration,
    /// How fixtures are run.
    pub run: runner::Options,
}

/// A way to fail: what sort of defect it is, and the id of the requirement
/// that is broken.
pub type Way = (Defect, String);

/// Something that happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// A client does something that the documents do not allow. The fixture is
    /// the simplest that shows it, without what an author has to say.
    Found(&'a Way, Run, Draw),
    /// A client's adapter broke its protocol, for the first time.
    Broken(Run),
    /// A round is over.
    Round(&'a Summary),
}

/// What it came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many draws were tried.
    pub drawn: u64,
    /// How many of them passed, or were tolerated.
    pub passed: u64,
    /// How many showed a way to fail.
    pub failed: u64,
    /// In how many the adapter broke its protocol.
    pub errors: u64,
    /// How many different things clients did.
    pub behaviours: usize,
    /// How many draws showed each way to fail that was found.
    pub found: BTreeMap<Way, u64>,
    /// Ways that showed among others only, and how many draws showed each:
    /// something is carried over from call to call, or a machine is slow.
    pub unconfirmed: BTreeMap<Way, u64>,
}

/// Tries draws on clients from `start`, until there were enough, time is up or
/// `stop` is set. What failed by then is still tried alone, for six to
/// ten seconds at the most; when `stop` is set, for a second.
///
/// # Errors
/// Where a client or a server cannot be started, and where a task of this
/// program's panicked.
pub async fn run<C, S, F>(
    options: &Options,
    start: S,
    stop: Arc<AtomicBool>,
    mut each: impl FnMut(Event<'_>),
) -> Result<Summary, RunError>
where
    C: Client + 'static,
    S: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<C, String>> + Send + 'static,
{
    let start = Arc::new(start);
    let until = Instant::now().checked_add(options.time);
    let is_over = || stop.load(Ordering::Relaxed) || until.is_some_and(|until| Instant::now() >= until);
    // A hang costs its deadline each time, so those are tried beside the others.
    let [alone, hanging] = [(); 2].map(|()| Alone::new(options, start.clone(), stop.clone(), until));
    let mut company = Company::start(options.run, start, stop.clone(), until)?;
    let afterwards = afterwards(options.time);
    let ((ask, asked), (ask_hanging, asked_hanging)) = (unbounded_channel(), unbounded_channel());
    let (tell, told) = unbounded_channel();
    let mut search = Search::new(options, Asked { ask, ask_hanging }, told);
    let last = until.and_then(|until| until.checked_add(afterwards));
    let searched = async {
        let (mut next, mut size) = (0, FIRST_ROUND);
        let mut rounds = VecDeque::new();
        loop {
            while rounds.len() < AT_ONCE && next < options.cases && !is_over() {
                let numbers = next..options.cases.min(next + size);
                (next, size) = (numbers.end, ROUND.min(size * 2));
                rounds.push_back(company.round(numbers, &search.drawing));
            }
            let Some(round) = rounds.pop_front() else { break };
            let tried = company.results(round).await?;
            let hung = search.take(tried, &mut each);
            for draw in hung.iter().filter(|_| !is_over()) {
                search.learn(draw, &mut company).await?;
            }
            each(Event::Round(&search.summary));
        }
        search.finish(&mut each).await;
        Ok(())
    };
    let beside = beside::serve(alone, asked, tell.clone(), last);
    let hangs = beside::serve(hanging, asked_hanging, tell, last);
    let work = async { tokio::try_join!(searched, beside, hangs) };
    // Whatever the client does.
    tokio::select! {
        biased;
        ended = work => drop(ended?),
        () = over(&stop, until, afterwards) => {}
    }
    Ok(search.summary)
}

/// For how long what is under way, and what failed, is still tried when time is
/// up.
fn afterwards(time: Duration) -> Duration {
    time.clamp(LATE.saturating_mul(2), AFTERWARDS)
}

/// Waits until a search is over, and so much longer for what is under way.
async fn over(stop: &AtomicBool, until: Option<Instant>, afterwards: Duration) {
    let last = until.and_then(|until| until.checked_add(afterwards));
    while last.is_none_or(|last| Instant::now() < last) {
        if stop.load(Ordering::Relaxed) {
            return tokio::time::sleep(STOPPING).await;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The ways in which a run fails. Each of several calls is judged by itself,
/// for what one breaks does not depend on what others are about.
fn ways(run: &Run) -> BTreeSet<Way> {
    let Run { fixture, judgement, transcript, .. } = run;
    if fixture.steps.len() == 1 || judgement.mismatches.is_empty() {
        return judgement.mismatches.iter().map(way).collect();
    }
    let steps = 0..fixture.steps.len();
    let alone = steps.filter_map(|step| Some(judge(&draw::alone(fixture, step)?, &transcript.of_step(step))));
    alone.flat_map(|judgement| judgement.mismatches).map(|mismatch| way(&mismatch)).collect()
}

fn way(mismatch: &Mismatch) -> Way {
    (mismatch.defect, mismatch.requirement.clone())
}

/// How a fixture is run among others, or to make it simpler.
fn hasty(options: runner::Options) -> runner::Options {
    runner::Options { timeout: GRACE.min(options.timeout), ..options }
}
