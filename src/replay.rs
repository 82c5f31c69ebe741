//! A scripted server for one fixture, and what it saw.
//!
//! Well-formed replies are served by wiremock. A fixture with a broken reply
//! is served whole by a plain TCP listener, which also sees the requests as
//! they are on the wire. That one can also take one fixture after another.

mod http;
mod port;
mod raw;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use crate::fixture::{Fixture, Reply};
use crate::transcript::{Exchange, Received};
use crate::wire::Request;
use crate::wire::sign::{Credentials, verify};

/// A running server for a fixture. Dropping it stops it.
pub struct Replay {
    script: Arc<Script>,
    server: Server,
}

enum Server {
    Http(http::Server),
    Raw(raw::Server),
}

impl Replay {
    /// Starts a server for a fixture on a free port of the loopback address.
    ///
    /// # Errors
    /// Where no port can be bound.
    pub async fn start(fixture: &Fixture, credentials: Credentials) -> std::io::Result<Self> {
        let listener = port::listen()?;
        let script = Arc::new(Script::new(credentials.clone()));
        script.load(fixture, credentials);
        let broken =
            fixture.steps.iter().flat_map(|step| &step.replies).any(|reply| matches!(reply, Reply::Raw(_)));
        let server = match broken {
            false => Server::Http(http::Server::start(listener, script.clone()).await),
            true => Server::Raw(raw::Server::start(listener, script.clone())?),
        };
        Ok(Self { script, server })
    }

    /// Starts a server on a free port of the loopback address that [loads]
    /// one fixture after another: a client can keep its connections.
    ///
    /// # Errors
    /// Where no port can be bound.
    ///
    /// [loads]: Replay::load
    pub fn for_many(credentials: Credentials) -> std::io::Result<Self> {
        let script = Arc::new(Script::new(credentials));
        let server = Server::Raw(raw::Server::start(port::listen()?, script.clone())?);
        Ok(Self { script, server })
    }

    /// Turns to another fixture, and forgets the one before.
    pub fn load(&self, fixture: &Fixture, credentials: Credentials) {
        self.script.load(fixture, credentials);
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        match &self.server {
            Server::Http(server) => server.address(),
            Server::Raw(server) => server.address(),
        }
    }

    /// Turns to another step: its replies are the ones given from now on.
    pub fn enter(&self, step: usize) {
        self.script.state().step = step;
    }

    /// Ends the fixture; gives what was seen of it.
    #[must_use]
    pub fn finish(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.script.state().exchanges)
    }
}

/// What to reply, and what has come.
struct Script {
    state: Mutex<State>,
}

struct State {
    /// How many fixtures there were before.
    fixture: u64,
    credentials: Credentials,
    steps: Vec<Vec<Reply>>,
    step: usize,
    start: Instant,
    exchanges: Vec<Exchange>,
}

/// The place of a request among all that came.
#[derive(Clone, Copy)]
struct Place {
    fixture: u64,
    exchange: usize,
}

impl Script {
    fn new(credentials: Credentials) -> Self {
        let (steps, exchanges) = (Vec::new(), Vec::new());
        let state = State { fixture: 0, credentials, steps, step: 0, start: Instant::now(), exchanges };
        Self { state: state.into() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // A panic while it was held cannot leave the state half-changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn load(&self, fixture: &Fixture, credentials: Credentials) {
        let mut state = self.state();
        *state = State {
            fixture: state.fixture + 1,
            credentials,
            steps: fixture.steps.iter().map(|step| step.replies.clone()).collect(),
            step: 0,
            start: Instant::now(),
            exchanges: Vec::new(),
        };
    }

    /// Notes that a request is coming; gives its place and the reply to it.
    /// The last reply of a step repeats.
    fn begin(&self) -> (Place, Reply) {
        let mut state = self.state();
        let step = state.step;
        let before = state.exchanges.iter().filter(|exchange| exchange.step == step).count();
        let replies = state.steps.get(step).map(Vec::as_slice).unwrap_or_default();
        let index = before.min(replies.len().saturating_sub(1));
        // The loader refuses a step without replies.
        let reply = replies.get(index).cloned().unwrap_or(Reply::Raw(crate::fixture::RawReply::default()));
        let at = state.start.elapsed();
        state.exchanges.push(Exchange {
            step,
            reply: index,
            request: Request::default(),
            body: Received::Part,
            signature: Err("the request was not read to its end".into()),
            at,
        });
        (Place { fixture: state.fixture, exchange: state.exchanges.len() - 1 }, reply)
    }

    /// Notes what a request was.
    fn note(&self, place: Place, request: Request, body: Received) {
        let credentials = self.state().credentials.clone();
        let signature = verify(&request, &credentials, SystemTime::now()).map_err(|error| error.to_string());
        let mut state = self.state();
        // What is still read of a request after its fixture's end is nothing to the next.
        if state.fixture == place.fixture
            && let Some(exchange) = state.exchanges.get_mut(place.exchange)
        {
            exchange.request = request;
            exchange.body = body;
            exchange.signature = signature;
        }
    }
}
