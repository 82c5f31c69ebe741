//! One failure, tried alone: whether it is one, and the simplest fixture that
//! shows it.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{Way, hasty, ways};
use crate::client::Client;
use crate::draw::{self, Draw, Tree};
use crate::fixture::Fixture;
use crate::replay::Replay;
use crate::runner::{self, Run, RunError};
use crate::wire::sign::test_credentials;

/// How long simpler fixtures are sought.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many simpler fixtures are tried.
const MOST_TRIED: usize = 1_000;
/// What the fixture of a finding is called as long as it has no name.
const NAME: &str = "found/draw";

/// Runs one fixture after another: on a server of its own where it matters.
pub(super) struct Alone<C, S> {
    options: runner::Options,
    start: Arc<S>,
    replay: Option<Replay>,
    client: Option<C>,
}

/// What is left until the search for a simpler fixture ends.
struct Budget<'a> {
    tries: usize,
    until: Instant,
    stop: &'a AtomicBool,
}

impl Budget<'_> {
    fn spend(&mut self) -> bool {
        self.tries = self.tries.saturating_sub(1);
        self.tries > 0 && Instant::now() < self.until && !self.stop.load(Ordering::Relaxed)
    }
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
        mut tree: Tree,
        way: &Way,
        stop: &AtomicBool,
    ) -> Result<Option<(Run, Draw)>, RunError> {
        let first = draw::fixture(draw);
        let Some(confirmed) = self.confirmed(first, way).await? else { return Ok(None) };
        self.client = None;
        let mut budget = Budget { tries: MOST_TRIED, until: Instant::now() + PATIENCE, stop };
        let mut simplest = draw.clone();
        // A draw from which something was left out is not the tree's.
        let mut goes_on = tree.current() == simplest && tree.simplify();
        while goes_on && budget.spend() {
            let simpler = tree.current();
            goes_on = if self.fails(draw::fixture(&simpler), way).await? {
                simplest = simpler;
                tree.simplify()
            } else {
                tree.complicate()
            };
        }
        let mut left = simplest.simpler().into_iter();
        while let Some(simpler) = left.next()
            && budget.spend()
        {
            if self.fails(draw::fixture(&simpler), way).await? {
                left = simpler.simpler().into_iter();
                simplest = simpler;
            }
        }
        let mut fixture = draw::fixture(&simplest);
        let bytes = simplest.is_of_bytes();
        let mut left = draw::simpler(&fixture, bytes).into_iter();
        while let Some(simpler) = left.next()
            && budget.spend()
        {
            if self.fails(simpler.clone(), way).await? {
                left = draw::simpler(&simpler, bytes).into_iter();
                fixture = simpler;
            }
        }
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
