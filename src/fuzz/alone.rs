//! One failure, tried alone: whether it is one, and the simplest fixture that
//! shows it.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

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
    replay: Option<Replay>,
    client: Option<C>,
}

impl<C, S, F> Alone<C, S>
where
    C: Client,
    S: Fn() -> F,
    F: Future<Output = Result<C, String>>,
{
    pub(super) fn new(options: runner::Options, start: Arc<S>) -> Self {
        Self { options, start, replay: None, client: None }
    }

    /// The simplest fixture that fails in a way, confirmed with a run of it,
    /// and what was drawn for it; None if the draw does not fail so alone.
    pub(super) async fn find(
        &mut self,
        draw: &Draw,
        tree: Tree,
        way: &Way,
        stop: &AtomicBool,
    ) -> Result<Option<(Run, Draw)>, RunError> {
        let first = draw::fixture(draw);
        let Some(confirmed) = self.confirmed(first, way).await? else { return Ok(None) };
        self.client = None;
        let mut budget = Budget::new(stop);
        let mut fails = async |draw: &Draw| self.fails(draw::fixture(draw), way).await;
        let simplest = along(tree, draw.clone(), &mut budget, &mut fails).await?;
        let simplest = greedily(simplest, Draw::simpler, &mut budget, fails).await?;
        let bytes = simplest.is_of_bytes();
        let simpler = |fixture: &Fixture| draw::simpler(fixture, bytes);
        let fails = async |fixture: &Fixture| self.fails(fixture.clone(), way).await;
        let fixture = greedily(draw::fixture(&simplest), simpler, &mut budget, fails).await?;
        for fixture in [draw::readable(&fixture), fixture, draw::fixture(&simplest)] {
            if let Some(run) = self.confirmed(fixture, way).await? {
                return Ok(Some((run, simplest)));
            }
        }
        Ok(Some((confirmed, draw.clone())))
    }

    /// Whether a fixture fails in a way; the server and the client stay.
    async fn fails(&mut self, fixture: Fixture, way: &Way) -> Result<bool, RunError> {
        let replay = match &self.replay {
            Some(replay) => replay,
            None => self.replay.insert(Replay::for_many(test_credentials()).map_err(RunError::Listen)?),
        };
        replay.load(&fixture, runner::credentials(&fixture));
        let options = hasty(self.options);
        let run = runner::against(replay, fixture.into(), options, &*self.start, &mut self.client).await?;
        Ok(ways(&run).any(|other| other == *way))
    }

    /// A run of a fixture that fails in a way with two fresh clients.
    async fn confirmed(&mut self, fixture: Fixture, way: &Way) -> Result<Option<Run>, RunError> {
        let fixture = Arc::new(Fixture { id: NAME.into(), ..fixture });
        let mut last = None;
        for _ in 0..2 {
            let run = runner::one(fixture.clone(), self.options, &*self.start, &mut None).await?;
            if !ways(&run).any(|other| other == *way) {
                return Ok(None);
            }
            last = Some(run);
        }
        Ok(last)
    }
}
