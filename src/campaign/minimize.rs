//! Makes what fails simpler, for as long as it fails.

use std::time::{Duration, Instant};

use super::Until;
use crate::runner::RunError;

/// How long where the search is over.
const LATE: Duration = Duration::from_secs(1);
/// The most simpler cases that are run.
const MOST_TRIED: usize = 1_000;

/// What is left until the search for something simpler ends.
pub(crate) struct Budget {
    tries: usize,
    until: Instant,
    search: Until,
}

impl Budget {
    /// A budget of so much time; less where the search is over before.
    pub(super) fn new(search: &Until, time: Duration) -> Self {
        let (until, late) = (Instant::now() + time, Instant::now() + LATE);
        let until = search.time.map_or(until, |over| until.min(over.max(late)));
        Self { tries: MOST_TRIED, until, search: search.clone() }
    }

    /// Whether one more may be run.
    fn spend(&mut self) -> bool {
        self.tries = self.tries.saturating_sub(1);
        self.tries > 0 && Instant::now() < self.until && !self.search.is_stopped()
    }
}

/// What still fails while nothing that is a little simpler does.
pub(super) async fn minimized<T>(
    first: T,
    simpler: impl Fn(&T) -> Vec<T>,
    budget: &mut Budget,
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
