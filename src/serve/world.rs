//! What one caller has of the server: a service, a clock, a plan and counts of
//! its own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::Clock;
use super::digests::Digests;
use super::linting::Lint;
use super::next::{Answer, Next, Plan, PlanFull};
use super::state::{State, cases_of, sets_of};
use crate::model::Operation;
use crate::service::Service;

/// What one caller has of a server: sets, cases, a clock, a plan and counts. A
/// server without worlds has one for all callers.
pub struct World {
    /// The access key id; none for the world of whoever has no other.
    name: Option<Box<str>>,
    clock: Clock,
    pub(super) next: Next,
    pub(super) lint: Option<Lint>,
    service: Mutex<Service>,
    digests: Arc<Digests>,
    succeeded: AtomicU64,
    refused: AtomicU64,
    /// When it was last used, in milliseconds since the server started.
    used: AtomicU64,
}

impl World {
    pub(super) fn new(
        name: Option<&str>,
        service: Service,
        next: Next,
        lint: Option<Lint>,
        digests: Arc<Digests>,
    ) -> Self {
        Self {
            name: name.map(Into::into),
            clock: Clock::default(),
            next,
            lint,
            service: Mutex::new(service),
            digests,
            succeeded: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            used: AtomicU64::new(0),
        }
    }

    /// The access key id whose calls it takes; none for the world of whoever has
    /// no other.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The clock that its sets expire by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Plans what becomes of the next calls, after what was planned before: all
    /// of it, or nothing.
    ///
    /// # Errors
    /// Where there is no room for so much.
    pub fn plan(&self, plans: impl IntoIterator<Item = Plan>) -> Result<(), PlanFull> {
        self.next.push(plans.into_iter().collect())
    }

    /// Responds to the next calls with this, after what was planned before: an
    /// exception is sent to the operations that it is documented for, a fixture's
    /// response `AddAttachmentsToSet`. Such a response leaves sets and cases as
    /// they are. Nothing is planned where there is no room for it.
    pub fn answer_next(&self, calls: u32, answer: Answer) {
        let _ = self.plan([Plan { calls, ..Plan::from(answer) }]);
    }

    /// Responds to the next calls of one operation with this, after what was
    /// planned for it before.
    pub fn answer_next_of(&self, operation: Operation, calls: u32, answer: Answer) {
        let _ = self.plan([Plan { operation: Some(operation), calls, ..Plan::from(answer) }]);
    }

    /// What it holds, and how it responded.
    #[must_use]
    pub fn state(&self) -> State {
        let (now, sets, cases) = self.service(|service, now| (now, sets_of(service, now), cases_of(service)));
        let (succeeded, refused) = self.counts();
        State {
            now: now.to_string(),
            sets: sets.into_iter().map(|set| set.finish(&self.digests)).collect(),
            cases: cases.into_iter().map(|case| case.finish(&self.digests)).collect(),
            succeeded,
            refused,
            next: self.next.list(),
            lint: self.lint.as_ref().map(Lint::report),
        }
    }

    /// The data of a live set's attachment, counted from 0; none unless
    /// [`kept_bytes`](crate::service::Options::kept_bytes) lets it be kept.
    #[must_use]
    pub fn data(&self, attachment_set_id: &str, index: usize) -> Option<Arc<Vec<u8>>> {
        self.service(|service, now| service.set(attachment_set_id, now)?.attachments.get(index)?.data.clone())
    }

    /// Forgets every set, case, planned response and count, and sets the clock right.
    pub fn reset(&self) {
        self.service(|service, _| service.reset());
        self.next.clear();
        if let Some(lint) = &self.lint {
            lint.reset();
        }
        self.clock.reset();
        self.succeeded.store(0, Ordering::Relaxed);
        self.refused.store(0, Ordering::Relaxed);
    }

    /// Gives the service and the time. What has expired by the latest time that
    /// the clock showed has ended, also where it was set back since.
    pub(super) fn service<T>(&self, use_it: impl FnOnce(&mut Service, Timestamp) -> T) -> T {
        // A panic while it was held cannot leave the service half-changed.
        let mut service = self.service.lock().unwrap_or_else(PoisonError::into_inner);
        let (latest, now) = self.clock.read();
        if let Some(latest) = latest {
            service.expire(latest);
        }
        use_it(&mut service, now)
    }

    pub(super) fn digests(&self) -> &Digests {
        &self.digests
    }

    /// Counts a call.
    pub(super) fn count(&self, succeeded: bool) {
        let counter = if succeeded { &self.succeeded } else { &self.refused };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// How many calls succeeded, and how many were refused.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.succeeded.load(Ordering::Relaxed), self.refused.load(Ordering::Relaxed))
    }

    /// Notes that it is used, at a time in milliseconds.
    pub(super) fn note_use(&self, now: u64) {
        self.used.store(now, Ordering::Relaxed);
    }

    /// When it was last used, in milliseconds.
    pub(super) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }
}
