//! What every request shares.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jiff::Timestamp;
use tokio::sync::Semaphore;

use super::body::Reader;
use super::budget::{Budget, Part};
use super::caller::Callers;
use super::digests::Digests;
use super::next::{Answer, FixtureError, Next};
use super::state::{State, cases_of, sets_of};
use super::{Clock, Options};
use crate::fixture::{self, LoadError};
use crate::service::{self, Service};

/// The embedded fixtures; read when the first of them is asked for.
static EMBEDDED: LazyLock<Result<Arc<fixture::Set>, LoadError>> =
    LazyLock::new(|| fixture::Set::embedded().map(Arc::new));

pub(super) struct App {
    pub(super) options: Options,
    pub(super) clock: Clock,
    pub(super) next: Next,
    pub(super) callers: Callers,
    pub(super) bodies: Reader,
    /// The room for responses until they are sent.
    pub(super) responses: Part,
    /// The turns to decode a long body. Only decoding is waited for, never a
    /// client.
    pub(super) decoders: Decoders,
    /// One permit for each response about cases that may be made at once.
    pub(super) encoders: Semaphore,
    /// One permit for each piece of the state that may be made at once: control
    /// waits for no call.
    pub(super) states: Semaphore,
    pub(super) digests: Digests,
    service: Mutex<Service>,
    succeeded: AtomicU64,
    refused: AtomicU64,
}

/// The turns to decode a long body: so many at once, of so many bytes.
pub(super) struct Decoders {
    turns: Arc<Semaphore>,
    bytes_a_turn: usize,
    all: usize,
}

impl Decoders {
    fn new(bytes: usize) -> Self {
        // More decoders than processors would add to memory, not to speed.
        let all = std::thread::available_parallelism().map_or(1, usize::from).min(4);
        Self { turns: Arc::new(Semaphore::new(all)), bytes_a_turn: (bytes / all).max(1), all }
    }

    /// Waits for the turns that a body of so many bytes takes; none if there
    /// are no more.
    pub(super) async fn turn(&self, bytes: usize) -> Option<tokio::sync::OwnedSemaphorePermit> {
        let turns = bytes.div_ceil(self.bytes_a_turn).clamp(1, self.all);
        self.turns.clone().acquire_many_owned(u32::try_from(turns).unwrap_or(1)).await.ok()
    }
}

impl App {
    /// # Errors
    /// Where the budget is too small for the data that is to be kept.
    pub(super) fn new(options: Options) -> io::Result<Self> {
        let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
        let budget = Budget::new(&options.limits, options.service.kept_bytes)?;
        let held_bytes = options.service.held_bytes.min(budget.held);
        let service = service::Options { held_bytes, ..options.service.clone() };
        Ok(Self {
            clock: Clock::default(),
            next: Next::new(budget.planned),
            callers: Callers::new(&options.hosts),
            bodies: Reader::new(&options.limits, budget.bodies),
            responses: budget.responses,
            decoders: Decoders::new(budget.decoding),
            encoders: Semaphore::new(2),
            states: Semaphore::new(2),
            digests: Digests::default(),
            service: Mutex::new(Service::new(service, seed)),
            succeeded: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            options,
        })
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

    /// Counts a call.
    pub(super) fn count(&self, succeeded: bool) {
        let counter = if succeeded { &self.succeeded } else { &self.refused };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// How many calls succeeded, and how many were refused.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.succeeded.load(Ordering::Relaxed), self.refused.load(Ordering::Relaxed))
    }

    pub(super) fn fixture(&self, id: &str) -> Result<Answer, FixtureError> {
        let embedded = || EMBEDDED.as_ref().map_err(|error| FixtureError::Load(error.to_string()));
        Answer::fixture(self.options.fixtures.as_ref().map_or_else(embedded, Ok)?, id)
    }

    pub(super) fn state(&self) -> State {
        let (now, sets, cases) = self.service(|service, now| (now, sets_of(service, now), cases_of(service)));
        let (succeeded, refused) = self.counts();
        State {
            now: now.to_string(),
            sets: sets.into_iter().map(|set| set.finish(&self.digests)).collect(),
            cases: cases.into_iter().map(|case| case.finish(&self.digests)).collect(),
            succeeded,
            refused,
            next: self.next.list(),
        }
    }

    pub(super) fn data(&self, id: &str, index: usize) -> Option<Arc<Vec<u8>>> {
        self.service(|service, now| service.set(id, now)?.attachments.get(index)?.data.clone())
    }

    pub(super) fn reset(&self) {
        self.service(|service, _| service.reset());
        self.next.clear();
        self.clock.reset();
        self.succeeded.store(0, Ordering::Relaxed);
        self.refused.store(0, Ordering::Relaxed);
    }
}
