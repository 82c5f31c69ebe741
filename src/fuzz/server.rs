//! Searches a server for what nobody wrote down.
//!
//! Sequences go to it by the thousand. Those that let time pass go alone, for
//! it is the time of all sets, and those of megabytes two at a time. Nothing is a
//! finding until it has failed alone: twice, each time with new sets and over
//! new connections. What a way to fail breaks is said by the simplest sequence
//! that shows it, for in a longer one more than one step may be its cause.

mod alone;
mod company;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{LATE, Summary, Way, afterwards, over, way};
use crate::check::{self, Contact, Run, Server};
use crate::client::Http;
use crate::draw::service::{Able, Ask, Asks, Case, Drawn, Sequence, drawn};
use crate::fixture::{Defect, Level, ServiceFixture};
use crate::judge::{Judgement, Mismatch, Verdict};
use crate::runner::RunError;
use crate::transcript::ServiceTranscript;
use alone::{Alone, SHRINKING};
use company::{Company, Tried};

/// The draws of a round: few at first, for what hangs is to be known soon.
const FIRST_ROUND: u64 = 64;
const ROUND: u64 = 2_048;
/// How often a way to fail is tried alone that has not failed there.
const MOST_TRIALS: usize = 64;
/// As how many trials one counts that came to what is found already.
const KNOWN: usize = 8;
/// After how many cases without a response in time a search ends once a hang is
/// confirmed. Each takes the whole deadline.
const MOST_HANGS: usize = 32;
/// How many ways to hang are tried alone: that takes several deadlines.
const MOST_WAYS_TO_HANG: usize = 3;
/// From what time on a server is slow to answer a plain call.
const SLOW: Duration = Duration::from_millis(500);
/// How long a server has for an answer among others, at the least; alone, it
/// has more.
const GRACE: Duration = Duration::from_secs(2);
/// How many times longer than a plain call's an answer may take among others.
const PATIENCE: u32 = 8;
/// The requirement on a server that answers no more.
const ANSWERS: &str = "user.server-stays-up";
/// What the fixture of a finding is called as long as it has no name.
const NAME: &str = "found/draw";

/// How to go about it.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// With the program's version, what fixes every draw.
    pub seed: u64,
    /// How many draws at the most.
    pub cases: u64,
    /// For how long, but for what has been begun.
    pub time: Duration,
    /// How many run at once.
    pub jobs: NonZeroUsize,
    /// How long the server has for an answer.
    pub timeout: Duration,
}

/// Something that happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// The server does something that the documents do not allow. The fixture
    /// is the simplest that shows it, without what an author has to say.
    Found(&'a Way, Run, Drawn),
    /// The server's clock cannot be moved, for the first time.
    Broken(Run),
    /// It takes long to answer a plain call.
    Slow(Duration),
    /// It answers no more, or never did: the search is over. The run is of the
    /// draw in which that showed, and nothing was left out of it.
    Gone(&'a Contact, Run, Drawn),
    /// It gave no answer in too many draws: the search is over.
    Hangs(usize),
    /// A round is over.
    Round(&'a Summary),
}

/// Gives draws to a server, until there were enough, time is up or `stop` is
/// set.
///
/// # Errors
/// Where a task of this program's does not end.
pub async fn run(
    options: &Options,
    server: Server,
    stop: Arc<AtomicBool>,
    mut each: impl FnMut(Event<'_>),
) -> Result<Summary, RunError> {
    let until = Instant::now().checked_add(options.time);
    let contact = tokio::select! {
        contact = server.contact(options.timeout) => contact,
        () = over(&stop, until, LATE) => return Ok(Summary::default()),
    };
    let Contact::Answered(took) = contact else {
        let plain = drawn(&Sequence { asks: Vec::new() });
        let fixture = ServiceFixture { id: NAME.into(), ..plain.fixture.clone() };
        let http = &mut server.endpoint.http();
        let run = match contact {
            Contact::Garbage(_) => unreadable(fixture.into(), &contact),
            _ => tokio::select! {
                run = check::over(http, fixture.into(), &server, options.timeout) => run,
                () = over(&stop, until, LATE) => return Ok(Summary::default()),
            },
        };
        each(Event::Gone(&contact, run, plain));
        return Ok(Summary::default());
    };
    if took > SLOW {
        each(Event::Slow(took));
    }
    let hasty = GRACE.max(took.saturating_mul(PATIENCE)).min(options.timeout);
    let able = tokio::select! {
        able = able(&server, options.timeout) => able,
        () = over(&stop, until, LATE) => return Ok(Summary::default()),
    };
    let server = Arc::new(server);
    let mut search = Search {
        asks: Asks::new(options.seed, able).into(),
        alone: Alone {
            server: server.clone(),
            timeout: options.timeout,
            hasty,
            shrinking: SHRINKING,
            stop: stop.clone(),
            until,
        },
        hanging: 0,
        gone: None,
        trials: BTreeMap::new(),
        turned: BTreeMap::new(),
        stop: stop.clone(),
        summary: Summary::default(),
    };
    let company = Company {
        server: server.clone(),
        jobs: options.jobs.get(),
        timeout: hasty,
        stop: stop.clone(),
        until,
        silent: Arc::default(),
        hung: Arc::default(),
        hangs: Arc::default(),
    };
    let searched = search.all(options, &company, &mut each);
    // Whatever the server does.
    tokio::select! {
        biased;
        ended = searched => ended?,
        () = over(&stop, until, afterwards(options.time)) => {}
    }
    Ok(search.summary)
}

/// A run that fails, for this program cannot read what the server answers.
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
    let case = Sequence { asks: vec![Ask::Case(Case::Open(None))] };
    let fixture = drawn(&case).fixture;
    let run = check::over(&mut server.endpoint.http(), fixture.into(), server, timeout).await;
    Able {
        clock: server.clock.is_some(),
        signatures: server.verifies_signatures,
        cases: run.judgement.verdict != Verdict::Unsupported,
    }
}

/// What is known of a server so far.
struct Search {
    asks: Arc<Asks>,
    alone: Alone,
    /// How many ways to hang were tried alone.
    hanging: usize,
    /// Why the server answers no more, and the draw in which that showed.
    gone: Option<(Contact, Run, Sequence)>,
    /// How often a way to fail was tried alone.
    trials: BTreeMap<Way, usize>,
    /// What ways turned out to be that were tried alone.
    turned: BTreeMap<Way, Way>,
    stop: Arc<AtomicBool>,
    summary: Summary,
}

impl Search {
    /// Tries all draws, round by round.
    async fn all(
        &mut self,
        options: &Options,
        company: &Company,
        each: &mut impl FnMut(Event<'_>),
    ) -> Result<(), RunError> {
        let mut connections: Vec<Http> = (0..company.jobs).map(|_| company.server.endpoint.http()).collect();
        let mut next = 0;
        while next < options.cases && !company.is_over() {
            let size = if next == 0 { FIRST_ROUND } else { ROUND };
            let numbers = next..options.cases.min(next + size);
            next = numbers.end;
            for tried in company.round(numbers, &self.asks, &mut connections).await? {
                self.take(tried, each).await?;
                if let Some((contact, run, draw)) = self.gone.take() {
                    each(Event::Gone(&contact, run, drawn(&draw)));
                    return Ok(());
                }
            }
            each(Event::Round(&self.summary));
            company.silent.store(0, Ordering::Relaxed);
            if self.summary.found.keys().any(|(defect, _)| *defect == Defect::Hang) {
                company.hangs.store(true, Ordering::Relaxed);
            }
            if company.is_hung() {
                each(Event::Hangs(company.hung.load(Ordering::Relaxed)));
                return Ok(());
            }
        }
        Ok(())
    }

    /// Takes what a draw came to.
    async fn take(&mut self, tried: Tried, each: &mut impl FnMut(Event<'_>)) -> Result<(), RunError> {
        let Tried { number, draw, run } = tried;
        let ways: BTreeSet<Way> = run.judgement.mismatches.iter().map(way).collect();
        self.summary.drawn += 1;
        self.summary.passed += u64::from(matches!(run.judgement.verdict, Verdict::Pass | Verdict::Tolerated));
        self.summary.failed += u64::from(!ways.is_empty());
        if run.judgement.verdict == Verdict::Error {
            self.summary.errors += 1;
            if self.summary.errors == 1 {
                each(Event::Broken(run));
            }
            return Ok(());
        }
        for way in ways {
            if let Some(count) = self.summary.found.get_mut(&way) {
                *count += 1;
                continue;
            }
            let trials = self.trials.entry(way.clone()).or_default();
            let is_hang = way.0 == Defect::Hang;
            if *trials >= MOST_TRIALS
                || is_hang && self.hanging >= MOST_WAYS_TO_HANG
                || self.stop.load(Ordering::Relaxed)
            {
                self.count(way);
                continue;
            }
            *trials += 1;
            self.hanging += usize::from(is_hang);
            let tree = self.asks.draw(number);
            let may_be_gone = matches!(way.0, Defect::Hang | Defect::BrokenAnswer);
            if may_be_gone && self.is_gone(&run, &draw).await {
                return Ok(());
            }
            let found = self.alone.find(&draw, tree, &way).await?;
            // What was tried may have been the end of it.
            if may_be_gone && self.is_gone(&run, &draw).await {
                return Ok(());
            }
            match found {
                Some((real, run, drawn)) => {
                    if real != way {
                        self.turned.insert(way.clone(), real.clone());
                    }
                    let shown = self.summary.unconfirmed.remove(&way).unwrap_or_default() + 1;
                    match self.summary.found.get_mut(&real) {
                        Some(count) => {
                            *count += shown;
                            *self.trials.entry(way).or_default() += KNOWN;
                        }
                        None => {
                            each(Event::Found(&real, run, drawn));
                            self.summary.found.insert(real, shown);
                        }
                    }
                }
                None => self.count(way),
            }
        }
        Ok(())
    }

    /// Whether the server answers no more.
    async fn is_gone(&mut self, run: &Run, draw: &Sequence) -> bool {
        let contact = self.alone.server.contact(self.alone.timeout).await;
        let gone = !matches!(contact, Contact::Answered(_));
        if gone {
            self.gone = Some((contact, run.clone(), draw.clone()));
        }
        gone
    }

    /// Counts a way that is not tried alone, or did not fail there.
    fn count(&mut self, way: Way) {
        let found = self.turned.get(&way).and_then(|real| self.summary.found.get_mut(real));
        match found {
            Some(count) => *count += 1,
            None => *self.summary.unconfirmed.entry(way).or_default() += 1,
        }
    }
}
