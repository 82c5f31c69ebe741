//! One world for each access key: calls in parallel, each in a world of its
//! own, see nothing of each other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use sha2::{Digest as _, Sha256};

use super::budget::Budget;
use super::digests::Digests;
use super::linting::Lint;
use super::next::Next;
use super::state::WorldState;
use super::{Options, World, WorldLimits};
use crate::service::room::Part;
use crate::service::{self, Rooms, Service};

/// The longest name, in bytes: the longest access key id that AWS documents.
const MAX_NAME: usize = 128;

/// Why a world is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    /// The server has one world for all callers.
    #[error(
        "this server has one world for all callers; start it with --worlds to have one for each access key"
    )]
    Off,
    /// The name is none.
    #[error(
        "the access key id {0:?} names no world: expected 1 to {MAX_NAME} of the characters A-Z a-z 0-9 - . _ ~"
    )]
    Name(String),
    /// There are as many as there may be, and all are in use.
    #[error(
        "there are {0} worlds already, and one more once one is deleted or has been idle for {1} seconds: \
         DELETE /_attachset/state?world=NAME, or a larger --worlds"
    )]
    Full(usize, u64),
}

/// The worlds of a server.
pub(super) struct Worlds {
    /// The world of whoever has no other.
    shared: Arc<World>,
    limits: Option<WorldLimits>,
    named: Mutex<HashMap<Box<str>, Arc<World>>>,
    /// What a world is made of.
    service: service::Options,
    rooms: Rooms,
    planned: Part,
    has_lint: bool,
    digests: Arc<Digests>,
    seed: u64,
    start: Instant,
}

impl Worlds {
    pub(super) fn new(options: &Options, budget: &Budget) -> Self {
        let held_bytes = options.service.held_bytes.min(budget.rooms.held.most());
        let service = service::Options { held_bytes, ..options.service.clone() };
        let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
        let digests = Arc::new(Digests::default());
        let next = Next::new(budget.planned.clone());
        let has_lint = options.lint.is_some();
        let lint = has_lint.then(|| Lint::new(&budget.planned));
        let shared = Service::within(service.clone(), seed, &budget.rooms);
        Self {
            shared: Arc::new(World::new(None, shared, next, lint, digests.clone())),
            limits: options.worlds.clone(),
            named: Mutex::default(),
            service,
            rooms: budget.rooms.clone(),
            planned: budget.planned.clone(),
            has_lint,
            digests,
            seed,
            start: Instant::now(),
        }
    }

    /// The world of whoever has no other.
    pub(super) fn shared(&self) -> &Arc<World> {
        &self.shared
    }

    /// The name of the world of a call: its access key id, where each has a
    /// world. A call without one is in the shared world.
    pub(super) fn name_of(&self, parts: &Parts) -> Result<Option<Box<str>>, WorldError> {
        if self.limits.is_none() {
            return Ok(None);
        }
        let authorization = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some((_, credential)) = authorization.and_then(|value| value.split_once("Credential=")) else {
            return Ok(None);
        };
        let key = credential.split(['/', ',', ' ']).next().unwrap_or_default();
        checked(key).map(|key| Some(key.into()))
    }

    /// The world of a name, if it is there.
    pub(super) fn find(&self, name: Option<&str>) -> Option<Arc<World>> {
        let Some(name) = name else { return Some(self.shared.clone()) };
        let world = self.named().get(name).cloned()?;
        world.note_use(self.now());
        Some(world)
    }

    /// The world of a name, which is made if it is not there.
    pub(super) fn make(&self, name: Option<&str>) -> Result<Arc<World>, WorldError> {
        let Some(name) = name else { return Ok(self.shared.clone()) };
        let limits = self.limits.as_ref().ok_or(WorldError::Off)?;
        let name = checked(name)?;
        let mut named = self.named();
        if let Some(world) = named.get(name) {
            world.note_use(self.now());
            return Ok(world.clone());
        }
        if named.len() >= limits.most {
            self.forget_idle(&mut named, limits.idle);
        }
        if named.len() >= limits.most {
            return Err(WorldError::Full(named.len(), limits.idle.as_secs()));
        }
        let service = Service::within(self.service.clone(), self.seed_of(name), &self.rooms);
        let next = Next::new(self.planned.clone());
        let lint = self.has_lint.then(|| Lint::new(&self.planned));
        let world = Arc::new(World::new(Some(name), service, next, lint, self.digests.clone()));
        world.note_use(self.now());
        named.insert(name.into(), world.clone());
        Ok(world)
    }

    /// Forgets a world; the shared one is reset.
    pub(super) fn remove(&self, name: Option<&str>) -> Result<(), WorldError> {
        let Some(name) = name else {
            self.shared.reset();
            return Ok(());
        };
        self.limits.as_ref().ok_or(WorldError::Off)?;
        if let Some(world) = self.named().remove(checked(name)?) {
            // A call under way may still hold it, and its room with it.
            world.reset();
        }
        Ok(())
    }

    /// The worlds that have a name, by name.
    pub(super) fn list(&self) -> Vec<WorldState> {
        let now = self.now();
        let named = self.named();
        let worlds = named.iter().map(|(name, world)| WorldState {
            world: name.to_string(),
            idle_seconds: now.saturating_sub(world.used()) / 1_000,
        });
        let mut list: Vec<_> = worlds.collect();
        list.sort_by(|one, other| one.world.cmp(&other.world));
        list
    }

    /// How often to [sweep](Self::sweep); never where there is one world.
    pub(super) fn sweeps(&self) -> Option<Duration> {
        self.limits.as_ref().map(|limits| (limits.idle / 4).max(Duration::from_millis(100)))
    }

    /// Forgets the worlds that have been idle for too long.
    pub(super) fn sweep(&self) {
        if let Some(limits) = &self.limits {
            self.forget_idle(&mut self.named(), limits.idle);
        }
    }

    fn forget_idle(&self, named: &mut HashMap<Box<str>, Arc<World>>, idle: Duration) {
        let idle = u64::try_from(idle.as_millis()).unwrap_or(u64::MAX);
        let now = self.now();
        // Whoever holds one uses it.
        named.retain(|_, world| Arc::strong_count(world) > 1 || now.saturating_sub(world.used()) < idle);
    }

    /// The seed of a world's ids: no two worlds have an id in common, and each
    /// has the same for the same seed of the server.
    fn seed_of(&self, name: &str) -> u64 {
        let digest = Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(name).finalize();
        digest.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn named(&self) -> MutexGuard<'_, HashMap<Box<str>, Arc<World>>> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn checked(name: &str) -> Result<&str, WorldError> {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    match (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(is_known) {
        true => Ok(name),
        false => Err(WorldError::Name(name.chars().take(MAX_NAME).collect())),
    }
}
