//! A scripted server for one fixture, and what it saw.
//!
//! A plain TCP listener sends the very bytes of each reply's script, and sees
//! the requests as they are on the wire. It can take one fixture after another.

#![warn(clippy::expect_used)]

mod connection;
mod own;
mod port;
mod script;
mod server;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use crate::fixture::Fixture;
use crate::transcript::{Exchange, Transcript};
use crate::wire::sign::Credentials;
use script::{Script, Turn};
use server::Server;

/// Whether a client may send so much that every copy of it counts.
pub(crate) fn is_large(fixture: &Fixture) -> bool {
    fixture.sent() > 65_536
}

/// A running server for one fixture. Dropping it stops it.
pub struct Replay {
    script: Arc<Script>,
    server: Server,
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
        let server = Server::start(port::listen()?, script.clone())?;
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
        let server = Server::start(listener, script.clone())?;
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
        self.script.enter(step);
    }

    /// Waits until a client has connected, or a request came, in the present
    /// step.
    pub async fn contact(&self) {
        // It is never closed: the script holds the other end.
        let _ = self.script.contact.subscribe().wait_for(|is_made| *is_made).await;
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

    /// Ends the fixture; gives what was seen of it, without what its calls came
    /// to.
    #[must_use]
    pub fn finish(&self) -> Transcript {
        self.script.finish()
    }
}
