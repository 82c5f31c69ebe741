//! Limits on how much happens in how short a time.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// How much may happen in how short a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// So many sets, or calls.
    pub most: usize,
    /// In any span of this length.
    pub per: Duration,
}

/// What happened and still counts, the oldest first: no more than the limit.
#[derive(Debug, Clone, Default)]
pub(super) struct Rate(VecDeque<Timestamp>);

impl Rate {
    pub(super) fn is_reached(&self, limit: RateLimit, now: Timestamp) -> bool {
        let per = SignedDuration::try_from(limit.per).unwrap_or(SignedDuration::MAX);
        let counts = |at: &&Timestamp| now.duration_since(**at) < per;
        self.0.iter().rev().take_while(counts).count() >= limit.most
    }

    pub(super) fn note(&mut self, limit: RateLimit, now: Timestamp) {
        self.0.push_back(now);
        while self.0.len() > limit.most {
            self.0.pop_front();
        }
    }
}
