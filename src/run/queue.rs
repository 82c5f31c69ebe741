//! The fixtures that have not begun yet.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Fixtures in the order in which they begin.
pub(crate) struct Lanes<F> {
    /// Those that run alone, before all others.
    pub(crate) first: VecDeque<Arc<F>>,
    /// Those with calls of megabytes. Memory has each byte of such a call several
    /// times over, so one job takes them all, one after the other.
    pub(crate) large: VecDeque<Arc<F>>,
    /// Those that run side by side.
    pub(crate) together: VecDeque<Arc<F>>,
    /// How many of these leave their place to others while they wait.
    pub(crate) waiting: usize,
    /// Those that run alone, after all others.
    pub(crate) last: VecDeque<Arc<F>>,
}

/// The fixtures that no job has taken yet.
pub(crate) struct Queue<F>(Arc<Mutex<Lanes<F>>>);

impl<F> Clone for Queue<F> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<F> Queue<F> {
    pub(super) fn new(lanes: Lanes<F>) -> Self {
        Self(Arc::new(Mutex::new(lanes)))
    }

    fn lanes(&self) -> MutexGuard<'_, Lanes<F>> {
        // No code panics between two changes of the lanes.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next fixture that runs beside others; `is_first` for the job that
    /// takes the large ones.
    pub(super) fn next(&self, is_first: bool) -> Option<Arc<F>> {
        let mut lanes = self.lanes();
        let large = if is_first { lanes.large.pop_front() } else { None };
        large.or_else(|| lanes.together.pop_front())
    }

    /// The next fixture that runs alone, before all others.
    pub(super) fn next_first(&self) -> Option<Arc<F>> {
        self.lanes().first.pop_front()
    }

    /// The next fixture that runs alone, after all others.
    pub(super) fn next_last(&self) -> Option<Arc<F>> {
        self.lanes().last.pop_front()
    }

    /// How many jobs there is work for, where `jobs` fixtures run at once.
    pub(super) fn jobs(&self, jobs: usize) -> usize {
        let lanes = self.lanes();
        (jobs + lanes.waiting).min(lanes.large.len() + lanes.together.len())
    }

    pub(super) fn is_empty(&self) -> bool {
        let Lanes { first, large, together, last, .. } = &*self.lanes();
        [first, large, together, last].into_iter().all(VecDeque::is_empty)
    }

    /// Takes all that is left.
    pub(super) fn rest(&self) -> Vec<Arc<F>> {
        let mut lanes = self.lanes();
        let Lanes { first, large, together, last, .. } = &mut *lanes;
        [first, large, together, last].into_iter().flat_map(|lane| lane.drain(..)).collect()
    }
}
