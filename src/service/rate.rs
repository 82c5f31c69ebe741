//! The limit on new sets.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// How many sets may be created in how short a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// So many sets.
    pub sets: usize,
    /// In any span of this length.
    pub per: Duration,
}

/// The creations that still count, the oldest first: no more than the limit.
#[derive(Debug, Default)]
pub(super) struct Rate(VecDeque<Timestamp>);

impl Rate {
    pub(super) fn is_reached(&self, limit: RateLimit, now: Timestamp) -> bool {
        let per = SignedDuration::try_from(limit.per).unwrap_or(SignedDuration::MAX);
        let counts = |at: &&Timestamp| now.duration_since(**at) < per;
        self.0.iter().rev().take_while(counts).count() >= limit.sets
    }

    pub(super) fn note(&mut self, limit: RateLimit, now: Timestamp) {
        self.0.push_back(now);
        while self.0.len() > limit.sets {
            self.0.pop_front();
        }
    }
}
