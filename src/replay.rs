//! A scripted server for one fixture, and what it saw.
//!
//! Well-formed replies are served by wiremock. A fixture with a broken reply
//! is served whole by a plain TCP listener, which also sees the requests as
//! they are on the wire.

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

/// A running server for one fixture. Dropping it stops it.
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
        let script = Arc::new(Script::new(fixture, credentials));
        let broken =
            fixture.steps.iter().flat_map(|step| &step.replies).any(|reply| matches!(reply, Reply::Raw(_)));
        let server = match broken {
            false => Server::Http(http::Server::start(listener, script.clone()).await),
            true => Server::Raw(raw::Server::start(listener, script.clone())?),
        };
        Ok(Self { script, server })
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

    /// Stops the server; gives what it has seen.
    #[must_use]
    pub fn finish(self) -> Vec<Exchange> {
        std::mem::take(&mut self.script.state().exchanges)
    }
}

/// What to reply, and what has come.
struct Script {
    steps: Vec<Vec<Reply>>,
    credentials: Credentials,
    start: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    step: usize,
    exchanges: Vec<Exchange>,
}

impl Script {
    fn new(fixture: &Fixture, credentials: Credentials) -> Self {
        Self {
            steps: fixture.steps.iter().map(|step| step.replies.clone()).collect(),
            credentials,
            start: Instant::now(),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // A panic while it was held cannot leave the state half-changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a request is coming; gives its place among the exchanges
    /// and the reply to it. The last reply of a step repeats.
    fn begin(&self) -> (usize, Reply) {
        let mut state = self.state();
        let step = state.step;
        let before = state.exchanges.iter().filter(|exchange| exchange.step == step).count();
        let replies = self.steps.get(step).map(Vec::as_slice).unwrap_or_default();
        let index = before.min(replies.len().saturating_sub(1));
        // The loader refuses a step without replies.
        let reply = replies.get(index).cloned().unwrap_or(Reply::Raw(crate::fixture::RawReply::default()));
        state.exchanges.push(Exchange {
            step,
            reply: index,
            request: Request::default(),
            body: Received::Part,
            signature: Err("the request was not read to its end".into()),
            at: self.start.elapsed(),
        });
        (state.exchanges.len() - 1, reply)
    }

    /// Notes what a request was.
    fn note(&self, exchange: usize, request: Request, body: Received) {
        let signature =
            verify(&request, &self.credentials, SystemTime::now()).map_err(|error| error.to_string());
        if let Some(exchange) = self.state().exchanges.get_mut(exchange) {
            exchange.request = request;
            exchange.body = body;
            exchange.signature = signature;
        }
    }
}
