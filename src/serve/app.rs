//! What every request shares.

use std::io;
use std::sync::{Arc, LazyLock};

use tokio::sync::Semaphore;

use super::Options;
use super::body::Reader;
use super::budget::Budget;
use super::caller::Callers;
use super::next::{Answer, FixtureError};
use super::worlds::Worlds;
use crate::fixture::{self, LoadError};
use crate::service::room::Part;

/// The embedded fixtures; read when the first of them is asked for.
static EMBEDDED: LazyLock<Result<Arc<fixture::Set>, LoadError>> =
    LazyLock::new(|| fixture::Set::embedded().map(Arc::new));

pub(super) struct App {
    pub(super) options: Options,
    pub(super) worlds: Worlds,
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
        let budget = Budget::new(&options.limits, options.service.kept_bytes, options.worlds.is_some())?;
        Ok(Self {
            worlds: Worlds::new(&options, &budget),
            callers: Callers::new(&options.hosts),
            bodies: Reader::new(&options.limits, budget.bodies),
            responses: budget.responses,
            decoders: Decoders::new(budget.decoding),
            encoders: Semaphore::new(2),
            states: Semaphore::new(2),
            options,
        })
    }

    pub(super) fn fixture(&self, id: &str) -> Result<Answer, FixtureError> {
        let embedded = || EMBEDDED.as_ref().map_err(|error| FixtureError::Load(error.to_string()));
        Answer::fixture(self.options.fixtures.as_ref().map_or_else(embedded, Ok)?, id)
    }
}
