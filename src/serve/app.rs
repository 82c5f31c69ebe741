//! What every request shares.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

use super::body::Reader;
use super::next::{Answer, FixtureError, Next};
use super::state::{Held, State};
use super::{Clock, Options};
use crate::fixture::{self, LoadError};
use crate::service::Service;

/// The embedded fixtures; read when the first of them is asked for.
static EMBEDDED: LazyLock<Result<Arc<fixture::Set>, LoadError>> =
    LazyLock::new(|| fixture::Set::embedded().map(Arc::new));

pub(super) struct App {
    pub(super) options: Options,
    pub(super) clock: Clock,
    pub(super) next: Next,
    pub(super) bodies: Reader,
    /// One permit for each long body that may be decoded at once.
    pub(super) decoders: Arc<Semaphore>,
    /// One permit for each answer about cases that may be made at once.
    pub(super) encoders: Arc<Semaphore>,
    service: Mutex<Service>,
    succeeded: AtomicU64,
    refused: AtomicU64,
}

impl App {
    pub(super) fn new(options: Options) -> Self {
        let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
        // More decoders than processors would add to memory, not to speed.
        let decoders = std::thread::available_parallelism().map_or(1, usize::from).min(4);
        Self {
            clock: Clock::default(),
            next: Next::default(),
            bodies: Reader::new(&options.limits),
            decoders: Arc::new(Semaphore::new(decoders)),
            encoders: Arc::new(Semaphore::new(decoders)),
            service: Mutex::new(Service::new(options.service.clone(), seed)),
            succeeded: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            options,
        }
    }

    pub(super) fn service(&self) -> MutexGuard<'_, Service> {
        // A panic while it was held cannot leave the service half-changed.
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call.
    pub(super) fn count(&self, succeeded: bool) {
        let counter = if succeeded { &self.succeeded } else { &self.refused };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn fixture(&self, id: &str) -> Result<Answer, FixtureError> {
        let embedded = || EMBEDDED.as_ref().map_err(|error| FixtureError::Load(error.to_string()));
        Answer::fixture(self.options.fixtures.as_ref().map_or_else(embedded, Ok)?, id)
    }

    pub(super) fn state(&self) -> State {
        let now = self.clock.now();
        let held = Held::new(&mut self.service(), now);
        State {
            now: now.to_string(),
            sets: held.sets(),
            cases: held.cases(),
            succeeded: self.succeeded.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            next: self.next.list(),
        }
    }

    pub(super) fn data(&self, id: &str, index: usize) -> Option<Arc<Vec<u8>>> {
        self.service().set(id, self.clock.now())?.attachments.get(index)?.data.clone()
    }

    pub(super) fn reset(&self) {
        self.service().reset();
        self.next.clear();
        self.clock.reset();
        self.succeeded.store(0, Ordering::Relaxed);
        self.refused.store(0, Ordering::Relaxed);
    }
}
