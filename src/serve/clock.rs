//! The clock that sets expire by.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A clock that runs as the system's does, and that can be advanced and set.
///
/// A set that has been seen to expire stays expired when the clock is set
/// back.
#[derive(Debug, Default)]
pub struct Clock {
    ahead: Mutex<SignedDuration>,
}

impl Clock {
    /// The time it shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::now().saturating_add(self.ahead()).unwrap_or(Timestamp::MAX)
    }

    /// How far it is ahead of the system's clock.
    #[must_use]
    pub fn ahead(&self) -> SignedDuration {
        *self.lock()
    }

    /// Puts it forward.
    pub fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        let mut ahead = self.lock();
        *ahead = ahead.saturating_add(by);
    }

    /// Sets it; it runs on from there.
    pub fn set(&self, time: Timestamp) {
        *self.lock() = time.duration_since(Timestamp::now());
    }

    /// Sets it to the system's time.
    pub fn reset(&self) {
        *self.lock() = SignedDuration::ZERO;
    }

    fn lock(&self) -> MutexGuard<'_, SignedDuration> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
