//! One failure, tried alone: whether it is one, and the simplest fixture that
//! shows it.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::beside::{Came, Trial};
use super::shrink::{Budget, along, greedily};
use super::{Way, hasty, ways};
use crate::client::Client;
use crate::draw::{self, Draw, Tree};
use crate::fixture::Fixture;
use crate::replay::Replay;
use crate::runner::{self, Run, RunError};
use crate::wire::sign::test_credentials;

/// What the fixture of a finding is called as long as it has no name.
const NAME: &str = "found/draw";

/// Runs one fixture after another: on a server of its own where it matters.
pub(super) struct Alone<C, S> {
    options: runner::Options,
    start: Arc<S>,
    stop: Arc<AtomicBool>,
    /// When the search ends.
    until: Option<Instant>,
    replay: Option<Replay>,
    client: Option<C>,
}

impl<C, S, F> Alone<C, S>
where
    C: Client,
    S: Fn() -> F,
    F: Future<Output = Result<C, String>>,
{
    pub(super) fn new(
        options: runner::Options,
        start: Arc<S>,
        stop: Arc<AtomicBool>,
        until: Option<Instant>,
    ) -> Self {
        Self { options, start, stop, until, replay: None, client: None }
    }

    /// The simplest fixture that fails in a way, if the draw does so alone.
    pub(super) async fn find(&mut self, trial: &Trial) -> Result<Came, RunError> {
        let way = &trial.way;
        if self.fails_alone(&trial.draw, way).await? {
            let tree = trial.drawing.tree(trial.number);
            // A draw from which something was left out is not the tree's.
            let tree = Some(tree).filter(|tree| tree.current() == *trial.draw);
            return self.simplest(&trial.draw, tree, way).await;
        }
        Ok(Came::Nothing)
    }

    /// The same of two draws, where the first leaves something behind that
    /// makes the second fail.
    pub(super) async fn find_pair(&mut self, trial: &Trial) -> Result<Came, RunError> {
        let way = &trial.way;
        let stop = self.stop.clone();
        let mut budget = Budget::new(&stop, self.until);
        for before in &trial.before {
            let pair = before.followed_by(&trial.draw);
            if budget.spend() && self.fails(draw::fixture(&pair), way).await? {
                let came = self.simplest(&pair, None, way).await?;
                if !matches!(came, Came::Nothing) {
                    return Ok(came);
                }
            }
        }
        Ok(Came::Nothing)
    }

    /// Whether a draw fails in a way with a client that has seen little else,
    /// or else with one that has seen nothing.
    async fn fails_alone(&mut self, draw: &Draw, way: &Way) -> Result<bool, RunError> {
        let fixture = draw::fixture(draw);
        if self.fails(fixture.clone(), way).await? {
            return Ok(true);
        }
        self.client = None;
        self.fails(fixture, way).await
    }

    async fn simplest(&mut self, draw: &Draw, tree: Option<Tree>, way: &Way) -> Result<Came, RunError> {
        let stop = self.stop.clone();
        let mut budget = Budget::new(&stop, self.until);
        let mut simplest = draw.clone();
        let mut fails = async |draw: &Draw| self.fails(draw::fixture(draw), way).await;
        if let Some(tree) = tree {
            simplest = along(tree, simplest, &mut budget, &mut fails).await?;
        }
        let simplest = greedily(simplest, Draw::simpler, &mut budget, fails).await?;
        for simpler in simplest.simpler() {
            if budget.spend()
                && let Some(other) =
                    self.ways(draw::fixture(&simpler)).await?.into_iter().find(|other| other.0 == way.0)
            {
                return Ok(Came::Disguise(other, simpler));
            }
        }
        let bytes = simplest.is_of_bytes();
        let simpler = |fixture: &Fixture| draw::simpler(fixture, bytes);
        let fails = async |fixture: &Fixture| self.fails(fixture.clone(), way).await;
        let fixture = greedily(draw::fixture(&simplest), simpler, &mut budget, fails).await?;
        // What fails among the others only is left behind, step by step.
        let first = draw::fixture(draw);
        for fixture in [draw::readable(&fixture), fixture, draw::fixture(&simplest)] {
            if let Some(run) = self.confirmed(fixture, way).await? {
                return Ok(Came::Found(run, simplest));
            }
        }
        let run = self.confirmed(first, way).await?;
        Ok(run.map_or(Came::Nothing, |run| Came::Found(run, draw.clone())))
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    async fn fails(&mut self, fixture: Fixture, way: &Way) -> Result<bool, RunError> {
        Ok(self.ways(fixture).await?.contains(way))
    }

    /// The ways in which a fixture fails; the server and the client stay.
    async fn ways(&mut self, fixture: Fixture) -> Result<BTreeSet<Way>, RunError> {
        let replay = match &self.replay {
            Some(replay) => replay,
            None => self.replay.insert(Replay::for_many(test_credentials()).map_err(RunError::Listen)?),
        };
        replay.load(&fixture, runner::credentials(&fixture));
        let options = hasty(self.options);
        let run = runner::against(replay, fixture.into(), options, &*self.start, &mut self.client).await?;
        Ok(ways(&run))
    }

    /// A run of a fixture that fails in a way with two fresh clients.
    async fn confirmed(&mut self, fixture: Fixture, way: &Way) -> Result<Option<Run>, RunError> {
        let fixture = Arc::new(Fixture { id: NAME.into(), ..fixture });
        let (mut one, mut other) = (None, None);
        let [run, again] = [&mut one, &mut other]
            .map(|client| runner::one(fixture.clone(), self.options, &*self.start, client));
        let (run, again) = tokio::try_join!(run, again)?;
        let fails = |run: &Run| ways(run).contains(way);
        Ok(Some(run).filter(|run| fails(run) && fails(&again)))
    }
}
