//! How a server is set up.

use std::sync::Arc;
use std::time::Duration;

use super::Call;
use crate::fixture::Set;
use crate::service;
use crate::wire::sign::Credentials;

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
    /// The fixtures to answer with on demand; by default the embedded ones.
    pub fixtures: Option<Arc<Set>>,
    /// The bounds on what is taken in.
    pub limits: Limits,
    /// Told of every call that was answered.
    pub observer: Option<Observer>,
}

/// Told of every call that was answered, on the thread that answers: it must
/// be quick.
pub type Observer = Arc<dyn Fn(&Call) + Send + Sync>;

/// The bounds on what a server takes in, so that its memory has one, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The longest body, in bytes. By default 32 MiB: three attachments of
    /// 5 MiB are 20 MiB of base64, and a fourth should meet the limit of the
    /// set and not this one. What the real service takes is not documented.
    pub body: usize,
    /// The bytes of all long bodies together; a body that finds no room
    /// waits unread. By default 96 MiB.
    pub bodies: usize,
    /// The most connections; more wait to be accepted. By default 256.
    pub connections: usize,
    /// How long a connection may be idle, take to send a request's head, or
    /// leave an answer unread. By default a minute.
    pub idle: Duration,
    /// How long a request's body may take. By default a minute.
    pub body_time: Duration,
    /// How long a shutdown waits for calls under way. By default 10 seconds.
    pub shutdown: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 32 << 20,
            bodies: 96 << 20,
            connections: 256,
            idle: Duration::from_secs(60),
            body_time: Duration::from_secs(60),
            shutdown: Duration::from_secs(10),
        }
    }
}
