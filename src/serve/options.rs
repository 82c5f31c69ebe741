//! How a server is set up.

use std::sync::Arc;
use std::time::Duration;

use super::Call;
use crate::fixture::Set;
use crate::wire::sign::Credentials;
use crate::{lint, service};

/// How a server is set up.
#[derive(Clone, Default)]
pub struct Options {
    /// What the documents leave to the service.
    pub service: service::Options,
    /// The seed of the ids; by default another one at each start.
    pub seed: Option<u64>,
    /// The credentials that every call must be signed with; by default,
    /// signatures are not looked at. Dates are compared with the system's
    /// clock, not with the one that can be advanced: a client signs by the
    /// former.
    pub verify: Option<Credentials>,
    /// The fixtures whose responses are sent on demand; by default the embedded ones.
    pub fixtures: Option<Arc<Set>>,
    /// The names and addresses that a request's `Host` may have beside
    /// loopback ones and the address that is listened on. By default none.
    pub hosts: Vec<String>,
    /// The bounds on what is held and under way.
    pub limits: Limits,
    /// A world for each access key id that calls are signed with; by default
    /// there is one for all calls. An unsigned call is always in that one.
    pub worlds: Option<WorldLimits>,
    /// Lint of calls; by default there is none.
    pub lint: Option<lint::Options>,
    /// Called with every call that had a response.
    pub observer: Option<Observer>,
}

/// Called with every call that had a response, on the thread that responds: it must
/// be quick.
pub type Observer = Arc<dyn Fn(&Call) + Send + Sync>;

/// The bounds on what a server holds and has under way, so that its memory has
/// one, too. `docs/limits.md` has what each comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The longest body, in bytes. By default 32 MiB: three attachments of
    /// 5 MiB are 20 MiB of base64, and a fourth should meet the limit of the
    /// set and not this one. What the real service takes is not documented.
    pub body: usize,
    /// The budget, in bytes, for all that is held and under way: the data that
    /// is kept ([`kept_bytes`](service::Options::kept_bytes) twice, in sets and
    /// in cases), and of the rest seven sixteenths for long bodies as they
    /// arrive, four for decoding them, two for responses until they are read,
    /// two for sets and cases beside the data, and one for planned responses.
    /// With worlds, half of it is for data that is kept, and all worlds share it.
    /// What finds no room is refused at once. By default 512 MiB.
    pub memory: usize,
    /// The most connections; one more, and the longest idle one is closed. By
    /// default 256.
    pub connections: usize,
    /// How long a connection may be idle, take to send a request's head, or
    /// leave a response unread. By default a minute.
    pub idle: Duration,
    /// How long a request's body may take. By default a minute.
    pub body_time: Duration,
    /// How long a shutdown waits for calls under way. By default 10 seconds.
    pub shutdown: Duration,
}

/// The bounds on worlds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldLimits {
    /// How many there are at most beside the shared one. By default 256.
    pub most: usize,
    /// How long one is kept after its last use. By default 15 minutes.
    pub idle: Duration,
}

impl Default for WorldLimits {
    fn default() -> Self {
        Self { most: 256, idle: Duration::from_secs(900) }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 32 << 20,
            memory: 512 << 20,
            connections: 256,
            idle: Duration::from_secs(60),
            body_time: Duration::from_secs(60),
            shutdown: Duration::from_secs(10),
        }
    }
}
