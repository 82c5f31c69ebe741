//! One failure, tried alone: whether it is one, and the simplest fixture that
//! shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::drawing::Drawing;
use super::shrink::{Budget, along, greedily};
use super::{Options, Way, behaviour, hasty, ways};
use crate::client::Client;
use crate::draw::{self, Draw, Tree};
use crate::fixture::{Defect, Fixture};
use crate::replay::Replay;
use crate::runner::{self, Run, RunError};
use crate::transcript::End;
use crate::wire::sign::test_credentials;

/// The requirement that is broken where something of one call shows in another.
const CARRIED: &str = "user.no-leak";
/// After how many draws before it one is tried that hangs: each costs its
/// deadline.
const MOST_HANGING: usize = 2;
/// What the fixture of a finding is called as long as it has no name.
const NAME: &str = "found/draw";

/// A draw that failed in company.
#[derive(Clone)]
pub(super) struct Trial {
    pub(super) way: Way,
    pub(super) number: u64,
    pub(super) draw: Arc<Draw>,
    /// Where it comes from.
    pub(super) drawing: Drawing,
    /// What the same client was given before, the last first.
    pub(super) before: Vec<Arc<Draw>>,
    /// Whether it is known not to fail alone, and something before it may have
    /// to do with it.
    pub(super) is_after: bool,
}

/// What a draw came to alone.
pub(super) enum Came {
    /// To a finding, in this way or in one that says more: a run of the
    /// simplest fixture that fails, and its draw.
    Found(Way, Run, Draw),
    /// To another way to fail, which needs less: what is left out changes what
    /// is expected, and not what the client does.
    Disguise(Way, Draw),
    /// To nothing.
    Nothing,
}

/// Runs one fixture after another: on a server of its own where it matters.
pub(super) struct Alone<C, S> {
    options: runner::Options,
    patience: Duration,
    start: Arc<S>,
    stop: Arc<AtomicBool>,
    /// When the search ends.
    until: Option<Instant>,
    replay: Option<Replay>,
    /// Whether a failure may leave something on the connection.
    is_of_framing: bool,
    client: Option<C>,
    /// Whether the client breaks requirements where nothing else could be the
    /// reason, as far as that was asked.
    plain: BTreeMap<String, bool>,
    /// Ways to fail that were others with a fresh client, too.
    disguises: BTreeSet<(Way, Way)>,
    found: BTreeSet<Way>,
}

impl<C, S, F> Alone<C, S>
where
    C: Client,
    S: Fn() -> F,
    F: Future<Output = Result<C, String>>,
{
    pub(super) fn new(
        options: &Options,
        start: Arc<S>,
        stop: Arc<AtomicBool>,
        until: Option<Instant>,
    ) -> Self {
        Self {
            options: options.run,
            patience: options.patience,
            start,
            stop,
            until,
            replay: None,
            is_of_framing: false,
            client: None,
            plain: BTreeMap::new(),
            disguises: BTreeSet::new(),
            found: BTreeSet::new(),
        }
    }

    /// The simplest fixture that fails in a way, if the draw does so alone.
    pub(super) async fn find(&mut self, trial: &Trial) -> Result<Came, RunError> {
        let Trial { way, draw, .. } = trial;
        if !self.fails_alone(draw, way).await? || !self.is_no_haste(draw, way).await? {
            return Ok(Came::Nothing);
        }
        if draw.calls().len() > 1 {
            // One call that fails by itself owes nothing to the others.
            for one in draw.calls() {
                if self.fails_alone(&one, way).await? {
                    let came = self.simplest(&one, None, way).await?;
                    if !matches!(came, Came::Nothing) {
                        return Ok(came);
                    }
                }
            }
            if !self.fails_alone(draw, way).await? {
                return Ok(Came::Nothing);
            }
        }
        let tree = trial.drawing.tree(trial.number);
        // A draw from which something was left out is not the tree's.
        let tree = Some(tree).filter(|tree| tree.current() == **draw);
        self.simplest(draw, tree, way).await
    }

    /// The same of two draws, where the first leaves something behind that
    /// makes the second fail.
    pub(super) async fn find_pair(&mut self, trial: &Trial) -> Result<Came, RunError> {
        let way = &trial.way;
        let most = if way.0 == Defect::Hang { MOST_HANGING } else { trial.before.len() };
        for before in trial.before.iter().take(most) {
            let pair = before.followed_by(&trial.draw);
            if !self.is_stopped()
                && self.fails_alone(&pair, way).await?
                && self.is_no_haste(&pair, way).await?
            {
                let came = self.simplest(&pair, None, way).await?;
                if !matches!(came, Came::Nothing) {
                    return Ok(came);
                }
            }
        }
        Ok(Came::Nothing)
    }

    /// Whether a draw fails in a way on a fresh port, with a client that has
    /// seen few others.
    async fn fails_alone(&mut self, draw: &Draw, way: &Way) -> Result<bool, RunError> {
        self.replay = None;
        self.is_of_framing = draw.is_of_framing();
        self.fails(draw::fixture(draw), way).await
    }

    /// Whether a hang is none of this program's impatience, which is not worth
    /// to be made simpler.
    async fn is_no_haste(&mut self, draw: &Draw, way: &Way) -> Result<bool, RunError> {
        Ok(way.0 != Defect::Hang || self.confirmed(draw::fixture(draw), way).await?.is_some())
    }

    async fn simplest(&mut self, first: &Draw, tree: Option<Tree>, way: &Way) -> Result<Came, RunError> {
        let stop = self.stop.clone();
        let mut budget = Budget::new(&stop, self.patience, self.until);
        let mut simplest = first.clone();
        let mut fails = async |draw: &Draw| self.fails(draw::fixture(draw), way).await;
        if let Some(tree) = tree {
            simplest = along(tree, simplest, &mut budget, &mut fails).await?;
        }
        let simplest = greedily(simplest, Draw::simpler, &mut budget, fails).await?;
        // Whatever the time is: what a failure is charged to depends on it.
        if way.0 != Defect::Hang && !self.patience.is_zero() {
            let ends = self.run(draw::fixture(&simplest)).await?.transcript.ends;
            for simpler in simplest.simpler() {
                let Some(other) = self.other(&simpler, way, &ends).await? else { continue };
                if self.found.contains(&other) || self.disguises.contains(&(way.clone(), other.clone())) {
                    return Ok(Came::Disguise(other, simpler));
                }
                self.client = None;
                if let Some(other) = self.other(&simpler, way, &ends).await? {
                    self.disguises.insert((way.clone(), other.clone()));
                    return Ok(Came::Disguise(other, simpler));
                }
            }
        }
        let bytes = simplest.is_of_bytes();
        let simpler = |fixture: &Fixture| draw::simpler(fixture, bytes);
        let fails = async |fixture: &Fixture| self.fails(fixture.clone(), way).await;
        let fixture = greedily(draw::fixture(&simplest), simpler, &mut budget, fails).await?;
        let all = [draw::readable(&fixture), fixture, draw::fixture(&simplest), draw::fixture(first)];
        for (fixture, draw) in all.into_iter().zip([&simplest, &simplest, &simplest, first]) {
            // What fails after another call alone is not about what it is itself.
            let (way, fixture) = match fixture.steps.len() {
                1 => self.settled(way, fixture).await?,
                _ => ((way.0, CARRIED.into()), draw::about_the_last(&fixture, way.0, CARRIED)),
            };
            if let Some(run) = self.confirmed(fixture, &way).await? {
                self.found.insert(way.clone());
                return Ok(Came::Found(way, run, draw.clone()));
            }
        }
        Ok(Came::Nothing)
    }

    /// What a failure is charged to, where the fixture alone leaves that open:
    /// the plainest requirement that the client breaks where nothing else could
    /// be the reason, or the last.
    async fn settled(&mut self, way: &Way, mut fixture: Fixture) -> Result<(Way, Fixture), RunError> {
        let (defect, mut requirement) = way.clone();
        for next in fixture.otherwise.remove(&defect).unwrap_or_default() {
            if self.breaks(&requirement).await? {
                break;
            }
            requirement = next;
        }
        fixture.charges.insert(defect, requirement.clone());
        Ok(((defect, requirement), fixture))
    }

    /// Whether the client breaks a requirement in the plainest answer for it.
    async fn breaks(&mut self, requirement: &str) -> Result<bool, RunError> {
        if let Some(known) = self.plain.get(requirement) {
            return Ok(*known);
        }
        let breaks = match draw::plainest(requirement) {
            Some(draw) => {
                let ways = self.ways(draw::fixture(&draw)).await?;
                // What is closed without a word is not for the next.
                self.replay = None;
                !ways.is_empty()
            }
            None => false,
        };
        self.plain.insert(requirement.into(), breaks);
        Ok(breaks)
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    async fn fails(&mut self, fixture: Fixture, way: &Way) -> Result<bool, RunError> {
        Ok(self.ways(fixture).await?.contains(way))
    }

    /// Another way in which a draw fails: of the same sort, or one that breaks
    /// another requirement while the client does the same as it did before.
    async fn other(&mut self, draw: &Draw, way: &Way, ends: &[End]) -> Result<Option<Way>, RunError> {
        let run = self.run(draw::fixture(draw)).await?;
        let is_same = behaviour::is_same(&run.transcript.ends, ends);
        let is_other = |other: &Way| other.0 == way.0 || (is_same && other.1 != way.1);
        Ok(ways(&run).into_iter().find(is_other))
    }

    /// The ways in which a fixture fails.
    async fn ways(&mut self, fixture: Fixture) -> Result<BTreeSet<Way>, RunError> {
        Ok(ways(&self.run(fixture).await?))
    }

    /// Runs a fixture; the server and the client stay.
    async fn run(&mut self, fixture: Fixture) -> Result<Run, RunError> {
        let replay = match &self.replay {
            Some(replay) => replay,
            None => self.replay.insert(Replay::for_many(test_credentials()).map_err(RunError::Listen)?),
        };
        replay.load(&fixture, runner::credentials(&fixture));
        let options = hasty(self.options);
        // On the heap: a search holds many of these inside of one another.
        let run = Box::pin(runner::against(replay, fixture.into(), options, &*self.start, &mut self.client))
            .await?;
        if self.is_of_framing && !run.judgement.mismatches.is_empty() {
            self.replay = None;
        }
        Ok(run)
    }

    /// A run of a fixture that fails in a way with two fresh clients.
    async fn confirmed(&mut self, fixture: Fixture, way: &Way) -> Result<Option<Run>, RunError> {
        let fixture = Arc::new(Fixture { id: NAME.into(), ..fixture });
        let (mut one, mut other) = (None, None);
        let [run, again] = [&mut one, &mut other]
            .map(|client| runner::one(fixture.clone(), self.options, &*self.start, client));
        let (run, again) = tokio::try_join!(run, again)?;
        let fails = |run: &Run| run.judgement.mismatches.iter().any(|of| super::way(of) == *way);
        Ok(Some(run).filter(|run| fails(run) && fails(&again)))
    }
}
