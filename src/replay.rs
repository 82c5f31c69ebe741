//! A scripted server for one fixture, and what it saw.
//!
//! A plain TCP listener sends the very bytes of each reply's script, and sees
//! the requests as they are on the wire. It can take one fixture after another.

mod port;
mod raw;

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Notify;

use crate::fixture::{Fixture, Reply};
use crate::transcript::{Exchange, Received};
use crate::wire::Request;
use crate::wire::sign::{Credentials, verify};

/// Whether a client may send so much that every copy of it counts.
pub(crate) fn is_large(fixture: &Fixture) -> bool {
    fixture.sent() > 65_536
}

/// A running server for one fixture. Dropping it stops it.
pub struct Replay {
    script: Arc<Script>,
    server: raw::Server,
}

impl Replay {
    /// Starts a server for a fixture on a free port of the loopback address.
    ///
    /// # Errors
    /// Where no port can be bound.
    pub async fn start(fixture: &Fixture, credentials: Credentials) -> std::io::Result<Self> {
        Self::start_on(port::listen()?, fixture, credentials).await
    }

    /// Starts a server for a fixture on a listener.
    ///
    /// # Errors
    /// Where the listener cannot be used.
    pub async fn start_on(
        listener: TcpListener,
        fixture: &Fixture,
        credentials: Credentials,
    ) -> std::io::Result<Self> {
        Self::serve(listener, fixture, credentials, Turn::Told).await
    }

    /// Starts a server on a listener that goes through the replies of all steps
    /// by itself, and then through them again.
    ///
    /// # Errors
    /// Where the listener cannot be used.
    pub async fn endless(
        listener: TcpListener,
        fixture: &Fixture,
        credentials: Credentials,
    ) -> std::io::Result<Self> {
        Self::serve(listener, fixture, credentials, Turn::Alone).await
    }

    /// Starts a server on a free port of the loopback address that [loads]
    /// one fixture after another: a client can keep its connections.
    ///
    /// # Errors
    /// Where no port can be bound.
    ///
    /// [loads]: Replay::load
    pub fn for_many(credentials: Credentials) -> std::io::Result<Self> {
        let script = Arc::new(Script::new(credentials, Turn::Told));
        let server = raw::Server::start(port::listen()?, script.clone())?;
        Ok(Self { script, server })
    }

    async fn serve(
        listener: TcpListener,
        fixture: &Fixture,
        credentials: Credentials,
        turn: Turn,
    ) -> std::io::Result<Self> {
        let script = Arc::new(Script::new(credentials.clone(), turn));
        script.load(fixture, credentials);
        let server = raw::Server::start(listener, script.clone())?;
        Ok(Self { script, server })
    }

    /// Turns to another fixture, and forgets the one before.
    pub fn load(&self, fixture: &Fixture, credentials: Credentials) {
        self.script.load(fixture, credentials);
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// How many connections there are that a client has not closed, or that were
    /// reset.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.server.connections()
    }

    /// Turns to another step: its replies are the ones given from now on.
    pub fn enter(&self, step: usize) {
        self.script.state().step = step;
    }

    /// Waits for the request of this number, from 0, and takes it out. Where
    /// its body is not read before the reply, it is as it was soon after its head.
    pub async fn arrival(&self, number: usize) -> Exchange {
        const SOON: Duration = Duration::from_millis(300);
        loop {
            let noted = self.script.noted.notified();
            if let Some(exchange) = self.script.take(number, SOON) {
                return exchange;
            }
            let _ = tokio::time::timeout(SOON, noted).await;
        }
    }

    /// Ends the fixture; gives what was seen of it.
    #[must_use]
    pub fn finish(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.script.state().exchanges)
    }
}

/// What to reply, and what has come.
struct Script {
    turn: Turn,
    state: Mutex<State>,
    noted: Notify,
}

/// Who turns to the next step.
#[derive(PartialEq)]
enum Turn {
    /// Whoever makes the calls.
    Told,
    /// The script itself, when all replies of a step are given; after the last
    /// step it starts again.
    Alone,
}

struct State {
    /// How many fixtures there were before.
    fixture: u64,
    credentials: Credentials,
    steps: Vec<Vec<Reply>>,
    step: usize,
    start: Instant,
    /// The first exchange of the present time through the script.
    since: usize,
    exchanges: Vec<Exchange>,
}

impl State {
    fn new(fixture: u64, credentials: Credentials, steps: Vec<Vec<Reply>>) -> Self {
        Self { fixture, credentials, steps, step: 0, start: Instant::now(), since: 0, exchanges: Vec::new() }
    }

    /// How many replies of the present step have been given.
    fn given(&self) -> usize {
        self.exchanges.iter().skip(self.since).filter(|exchange| exchange.step == self.step).count()
    }

    /// The replies of the present step.
    fn replies(&self) -> &[Reply] {
        self.steps.get(self.step).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The place of a request among all that came.
#[derive(Clone, Copy)]
struct Place {
    fixture: u64,
    exchange: usize,
}

impl Script {
    fn new(credentials: Credentials, turn: Turn) -> Self {
        Self { turn, state: State::new(0, credentials, Vec::new()).into(), noted: Notify::new() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // A panic while it was held cannot leave the state half-changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn load(&self, fixture: &Fixture, credentials: Credentials) {
        let mut state = self.state();
        let steps = fixture.steps.iter().map(|step| step.replies.clone()).collect();
        *state = State::new(state.fixture + 1, credentials, steps);
    }

    /// Notes that a request is coming; gives its place and the reply to it.
    /// The last reply of a step repeats.
    fn begin(&self) -> (Place, Reply) {
        let mut state = self.state();
        if self.turn == Turn::Alone && state.given() >= state.replies().len() {
            state.step += 1;
            if state.step >= state.steps.len() {
                state.step = 0;
                state.since = state.exchanges.len();
            }
        }
        let (step, before, at) = (state.step, state.given(), state.start.elapsed());
        let index = before.min(state.replies().len().saturating_sub(1));
        // The loader refuses a step without replies.
        let reply =
            state.replies().get(index).cloned().unwrap_or(Reply::Raw(crate::fixture::RawReply::default()));
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

    /// Takes a request out that has been read, or was to have been by now.
    fn take(&self, number: usize, patience: Duration) -> Option<Exchange> {
        let mut state = self.state();
        let now = state.start.elapsed();
        let exchange = state.exchanges.get_mut(number)?;
        let is_due = exchange.body != Received::Part || now.saturating_sub(exchange.at) >= patience;
        is_due.then(|| Exchange {
            request: std::mem::take(&mut exchange.request),
            body: exchange.body.clone(),
            signature: exchange.signature.clone(),
            ..*exchange
        })
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
        drop(state);
        self.noted.notify_waiters();
    }
}
