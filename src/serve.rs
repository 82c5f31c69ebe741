//! The documented service on a port, for an application or its tests to talk
//! to.
//!
//! ```no_run
//! use std::time::Duration;
//! use attachset::{model::Exception, serve::Server};
//!
//! let server = Server::start()?;
//! // Point any SDK at it: endpoint server.url(), region us-east-1, any key.
//! server.clock().advance(Duration::from_secs(3_600));
//! // What was created before has now expired.
//! server.answer_next(1, Exception::InternalServerError.into());
//! // The next call gets a 500, the one after it is served as before.
//! assert!(server.state().sets.is_empty());
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! The same is in reach of any language under `/_attachset/`: see
//! [`CONTROL`].

// State on the ground, routes on top; each uses only what stands before it:
// clock, call, options, digests, connection with instead, caller, budget,
// state, next, linting with world, worlds, protocol, body; app; pieces, request, control with
// plan and scope, snapshot, scripted with operation; routes; listen.
mod app;
mod body;
mod budget;
mod call;
mod caller;
mod clock;
mod connection;
mod control;
mod digests;
mod instead;
mod linting;
mod listen;
mod next;
mod operation;
mod options;
mod pieces;
mod plan;
mod protocol;
mod request;
mod routes;
mod scope;
mod scripted;
mod snapshot;
mod state;
mod world;
mod worlds;

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

pub use call::Call;
pub use clock::Clock;
pub use control::CONTROL;
pub use next::{Answer, Cut, FixtureError, Plan, PlanFull};
pub use options::{Limits, Observer, Options, WorldLimits};
pub use state::{
    AttachmentState, CaseState, CommunicationState, FileState, LintState, NextState, SetState, State,
    WarningState, WorldState,
};
pub use world::World;
pub use worlds::WorldError;

pub use crate::wire::sign::{TEST_CREDENTIALS, test_credentials};

use crate::model::Operation;
use app::App;

/// A running server, on a thread of its own: it serves synchronous and
/// asynchronous tests alike. Dropping it stops it.
pub struct Server {
    app: Arc<App>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server on a free port of the loopback address.
    ///
    /// # Errors
    /// Where no port can be bound, no thread started, or the budget is too small
    /// for the data that is to be kept.
    pub fn start() -> std::io::Result<Self> {
        Self::with(Options::default())
    }

    /// As [`Server::start`], with options.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn with(options: Options) -> std::io::Result<Self> {
        Self::bind(("127.0.0.1", 0), options)
    }

    /// Starts a server on an address.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn bind(address: impl ToSocketAddrs, options: Options) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let app = Arc::new(App::new(options)?);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("attachset-serve".into()).spawn({
            let app = app.clone();
            move || {
                // It ends with an error only where the listener is unusable;
                // the test's calls then fail to connect.
                let _ = runtime.block_on(listen::serve(listener, app, async {
                    let _ = stopped.await;
                }));
            }
        })?;
        Ok(Self { app, address, stop: Some(stop), thread: Some(thread) })
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint to give to a client, such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The world of an access key id, which is made if it is not there: what is
    /// planned in it, and what its clock shows, concerns its calls alone. It is
    /// kept at least as long as it is held here.
    ///
    /// # Errors
    /// Where [`Options::worlds`] is none, the name cannot be one, or there are as
    /// many worlds as there may be.
    pub fn world(&self, name: &str) -> Result<Arc<World>, WorldError> {
        self.app.worlds.make(Some(name))
    }

    /// The world of every call that has none of its own.
    fn shared(&self) -> &World {
        self.app.worlds.shared()
    }

    /// The clock that sets expire by; see [`World::clock`].
    #[must_use]
    pub fn clock(&self) -> &Clock {
        self.shared().clock()
    }

    /// See [`World::plan`].
    ///
    /// # Errors
    /// Where there is no room for so much.
    pub fn plan(&self, plans: impl IntoIterator<Item = Plan>) -> Result<(), PlanFull> {
        self.shared().plan(plans)
    }

    /// See [`World::answer_next`].
    pub fn answer_next(&self, calls: u32, answer: Answer) {
        self.shared().answer_next(calls, answer);
    }

    /// See [`World::answer_next_of`].
    pub fn answer_next_of(&self, operation: Operation, calls: u32, answer: Answer) {
        self.shared().answer_next_of(operation, calls, answer);
    }

    /// The response of a fixture, to send: the first of its first step.
    ///
    /// # Errors
    /// Where there is no such fixture, or it has no response.
    pub fn fixture(&self, id: &str) -> Result<Answer, FixtureError> {
        self.app.fixture(id)
    }

    /// What the service holds, and how it responded.
    #[must_use]
    pub fn state(&self) -> State {
        self.shared().state()
    }

    /// See [`World::data`].
    #[must_use]
    pub fn data(&self, attachment_set_id: &str, index: usize) -> Option<Arc<Vec<u8>>> {
        self.shared().data(attachment_set_id, index)
    }

    /// Forgets every set, case, planned response and count, and sets the clock right.
    pub fn reset(&self) {
        self.shared().reset();
    }

    /// Responds to what is under way, and stops. Gives up on what takes longer
    /// than [`Limits::shutdown`].
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// Serves on a listener until `stop` is ready; then responds to what is under way
/// and returns. For a program that has a runtime of its own.
///
/// # Errors
/// Where the listener cannot be used, or the budget is too small for the data
/// that is to be kept.
pub async fn run(
    listener: TcpListener,
    options: Options,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    listen::serve(listener, Arc::new(App::new(options)?), stop).await
}
