//! Searches a client for what nobody wrote down.
//!
//! Draws go to clients by the thousand, through servers that stay, so that
//! nothing is a finding until it has failed alone: twice, each time with a
//! fresh client and a fresh server. What is drawn depends on the seed, the
//! numbers and what the draws before did, and never on how many run at once:
//! draws are taken in rounds, and a round's results in the order of numbers.

mod alone;
mod behaviour;
mod company;
pub mod server;
mod shrink;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::draw::{self, Draw, Kind, Source, Tree};
use crate::fixture::Defect;
use crate::judge::{Mismatch, Verdict};
use crate::runner::{self, Run, RunError};

use alone::Alone;
use company::{Company, Tried};

/// The most draws that are kept to be changed.
const MOST_KEPT: usize = 4_096;
/// How often a way to fail is tried alone that has not failed there.
const MOST_TRIALS: usize = 8;
/// The draws of a round: few at first, for what hangs is to be known soon.
const FIRST_ROUND: u64 = 64;
const ROUND: u64 = 512;
/// How long a client has in company beyond its time-out; alone, it has more.
const GRACE: Duration = Duration::from_secs(1);

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
/// `stop` is set.
///
/// # Errors
/// Where a client or a server cannot be started.
pub async fn run<C, S, F>(
    options: &Options,
    start: S,
    stop: Arc<AtomicBool>,
    mut each: impl FnMut(Event<'_>),
) -> Result<Summary, RunError>
where
    C: Client + 'static,
    S: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<C, String>> + Send,
{
    let start = Arc::new(start);
    let until = Instant::now().checked_add(options.time);
    let is_over = || stop.load(Ordering::Relaxed) || until.is_some_and(|until| Instant::now() >= until);
    let mut company = Company::start(options.run, start.clone(), stop.clone(), until)?;
    let mut search = Search {
        source: Source::new(options.seed, options.starts.clone()),
        guided: options.guided,
        kept: Vec::new(),
        behaviours: HashSet::new(),
        hangs: Vec::new(),
        before: (0, 0),
        trials: BTreeMap::new(),
        alone: Alone::new(options.run, start),
        stop: stop.clone(),
        summary: Summary::default(),
    };
    let mut next = 0;
    while next < options.cases && !is_over() {
        let size = if next == 0 { FIRST_ROUND } else { ROUND };
        let numbers = next..options.cases.min(next + size);
        next = numbers.end;
        search.before = (search.kept.len(), search.hangs.len());
        let draws = numbers.map(|number| (number, Arc::new(search.current(&search.tree(number))))).collect();
        for tried in company.round(draws).await? {
            search.take(tried, &mut each).await?;
        }
        each(Event::Round(&search.summary));
    }
    Ok(search.summary)
}

/// What is known of a client so far.
struct Search<C, S> {
    source: Source,
    guided: bool,
    /// Draws that showed something new.
    kept: Vec<Arc<Draw>>,
    behaviours: HashSet<u64>,
    /// Sorts of twist that together make the client hang.
    hangs: Vec<Vec<Kind>>,
    /// How many were kept, and how many hangs known, when the round began.
    before: (usize, usize),
    /// How often a way to fail was tried alone in vain.
    trials: BTreeMap<Way, usize>,
    alone: Alone<C, S>,
    stop: Arc<AtomicBool>,
    summary: Summary,
}

impl<C, S, F> Search<C, S>
where
    C: Client,
    S: Fn() -> F,
    F: Future<Output = Result<C, String>>,
{
    fn tree(&self, number: u64) -> Tree {
        let kept = self.kept.get(..self.before.0).filter(|_| self.guided).unwrap_or_default();
        self.source.draw(number, kept)
    }

    /// What is drawn, without what is known to make the client hang.
    fn current(&self, tree: &Tree) -> Draw {
        let mut draw = tree.current();
        for hang in self.hangs.iter().take(self.before.1) {
            if let [first, ..] = hang.as_slice()
                && hang.iter().all(|kind| draw.kinds().any(|other| other == *kind))
            {
                draw.leave_out(*first);
            }
        }
        draw
    }

    /// Takes what a draw came to.
    async fn take(&mut self, tried: Tried, each: &mut impl FnMut(Event<'_>)) -> Result<(), RunError> {
        let Tried { number, draw, run, behaviours } = tried;
        let ways: BTreeSet<Way> = ways(&run).collect();
        self.summary.drawn += 1;
        self.summary.passed += u64::from(matches!(run.judgement.verdict, Verdict::Pass | Verdict::Tolerated));
        self.summary.failed += u64::from(!ways.is_empty());
        if run.judgement.verdict == Verdict::Error {
            self.summary.errors += 1;
            if self.summary.errors == 1 {
                each(Event::Broken(run));
            }
        }
        let before = self.behaviours.len();
        self.behaviours.extend(behaviours);
        self.summary.behaviours = self.behaviours.len();
        if self.behaviours.len() > before && self.kept.len() < MOST_KEPT && !draw.takes_time() {
            self.kept.push(draw.clone());
        }
        for way in ways {
            if let Some(count) = self.summary.found.get_mut(&way) {
                *count += 1;
                continue;
            }
            let shown = self.summary.unconfirmed.entry(way.clone()).or_default();
            *shown += 1;
            let trials = self.trials.entry(way.clone()).or_default();
            if *trials >= MOST_TRIALS || self.stop.load(Ordering::Relaxed) {
                continue;
            }
            *trials += 1;
            let tree = self.tree(number);
            if let Some((run, draw)) = self.alone.find(&draw, tree, &way, &self.stop).await? {
                if way.0 == Defect::Hang {
                    self.hangs.push(draw.kinds().collect());
                }
                let shown = self.summary.unconfirmed.remove(&way).unwrap_or_default();
                each(Event::Found(&way, run, draw));
                self.summary.found.insert(way, shown);
            }
        }
        Ok(())
    }
}

/// The ways in which a run fails. Of several calls, each is charged by its own
/// answer.
fn ways(run: &Run) -> impl Iterator<Item = Way> + '_ {
    let Run { fixture, judgement, .. } = run;
    judgement.mismatches.iter().map(|mismatch| {
        let Mismatch { step, defect, requirement, .. } = mismatch;
        let is_charged = fixture.steps.len() > 1 && fixture.charges.get(defect) == Some(requirement);
        let own = || draw::charged(fixture, step.saturating_sub(1), *defect);
        (*defect, is_charged.then(own).flatten().unwrap_or_else(|| requirement.clone()))
    })
}

/// How a fixture is run among others, or to make it simpler.
fn hasty(options: runner::Options) -> runner::Options {
    runner::Options { grace: GRACE.min(options.grace), ..options }
}
