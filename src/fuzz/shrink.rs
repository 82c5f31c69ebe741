//! Makes what fails simpler, for as long as it fails.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::draw::Tree;
use crate::runner::RunError;

/// How long where the search is over.
const LATE: Duration = Duration::from_secs(1);
/// How much that is simpler is tried.
const MOST_TRIED: usize = 1_000;

/// What is left until the search for something simpler ends.
pub(super) struct Budget<'a> {
    tries: usize,
    until: Instant,
    stop: &'a AtomicBool,
}

impl<'a> Budget<'a> {
    /// For a search that is over at a time, if it is; a little is tried then.
    pub(super) fn new(stop: &'a AtomicBool, patience: Duration, over: Option<Instant>) -> Self {
        let (patience, late) = (Instant::now() + patience, Instant::now() + LATE);
        let until = over.map_or(patience, |over| patience.min(over.max(late)));
        Self { tries: MOST_TRIED, until, stop }
    }

    /// Whether one more may be tried.
    pub(super) fn spend(&mut self) -> bool {
        self.tries = self.tries.saturating_sub(1);
        self.tries > 0 && Instant::now() < self.until && !self.stop.load(Ordering::Relaxed)
    }
}

/// The simplest draw of a tree that fails still; `first` is the tree's own.
pub(super) async fn along<D: PartialEq + std::fmt::Debug>(
    mut tree: Tree<D>,
    first: D,
    budget: &mut Budget<'_>,
    mut fails: impl AsyncFnMut(&D) -> Result<bool, RunError>,
) -> Result<D, RunError> {
    let mut simplest = first;
    // A draw from which something was left out is not the tree's.
    let mut goes_on = tree.current() == simplest && tree.simplify();
    while goes_on && budget.spend() {
        let simpler = tree.current();
        goes_on = if fails(&simpler).await? {
            simplest = simpler;
            tree.simplify()
        } else {
            tree.complicate()
        };
    }
    Ok(simplest)
}

/// What fails still while nothing that is a little simpler does.
pub(super) async fn greedily<T>(
    first: T,
    simpler: impl Fn(&T) -> Vec<T>,
    budget: &mut Budget<'_>,
    mut fails: impl AsyncFnMut(&T) -> Result<bool, RunError>,
) -> Result<T, RunError> {
    let mut simplest = first;
    let mut left = simpler(&simplest).into_iter();
    while let Some(next) = left.next()
        && budget.spend()
    {
        if fails(&next).await? {
            left = simpler(&next).into_iter();
            simplest = next;
        }
    }
    Ok(simplest)
}
