//! The clock that sets expire by.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A clock that runs as the system's does, and that can be advanced and set.
///
/// A set that has expired stays expired when the clock is set back.
#[derive(Debug, Default)]
pub struct Clock(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    ahead: SignedDuration,
    /// What it showed at the latest before it was set back, until
    /// [`Clock::read`] gives it.
    latest: Option<Timestamp>,
}

impl State {
    fn now(&self) -> Timestamp {
        Timestamp::now().saturating_add(self.ahead).unwrap_or(Timestamp::MAX)
    }

    fn set(&mut self, ahead: SignedDuration) {
        if ahead < self.ahead {
            self.latest = self.latest.max(Some(self.now()));
        }
        self.ahead = ahead;
    }
}

impl Clock {
    /// The time it shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.lock().now()
    }

    /// The time it shows; before it, the latest that it showed where it was set
    /// back since the last reading.
    pub(super) fn read(&self) -> (Option<Timestamp>, Timestamp) {
        let mut state = self.lock();
        (state.latest.take(), state.now())
    }

    /// How far it is ahead of the system's clock.
    #[must_use]
    pub fn ahead(&self) -> SignedDuration {
        self.lock().ahead
    }

    /// Puts it forward.
    pub fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        let mut state = self.lock();
        let ahead = state.ahead.saturating_add(by);
        state.set(ahead);
    }

    /// Sets it; it runs on from there.
    pub fn set(&self, time: Timestamp) {
        self.lock().set(time.duration_since(Timestamp::now()));
    }

    /// Sets it to the system's time.
    pub fn reset(&self) {
        self.lock().set(SignedDuration::ZERO);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
