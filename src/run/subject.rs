//! The interface of a subject: a client or a server under test.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::{Lanes, Options, Run, RunError, RunOf, Slot};
use crate::transcript::Fault;

/// A client or a server under test.
pub(crate) trait Subject: Send + Sync + Sized {
    /// The fixtures of its role.
    type Fixture: Send + Sync;
    /// Requests, responses and outcomes of one fixture.
    type Transcript: Default + Send;
    /// State that a job keeps from one fixture to the next.
    type Session: Default + Send;

    /// A fixture's id.
    fn id(fixture: &Self::Fixture) -> &str;

    /// The order in which fixtures run, and which of them run alone.
    fn lanes(&self, fixtures: Vec<Arc<Self::Fixture>>) -> Lanes<Self::Fixture>;

    /// Runs and judges a fixture, with `times` times its deadline.
    fn run(
        &self,
        fixture: Arc<Self::Fixture>,
        options: Options,
        times: u32,
        session: &mut Self::Session,
        slot: &mut Slot,
    ) -> impl Future<Output = Result<Run<Self::Fixture, Self::Transcript>, RunError>> + Send;

    /// The deadline that the subject missed, if it missed one. `timeout` is the
    /// [`timeout`](Options::timeout) that it had in this run.
    fn missed(run: &RunOf<Self>, timeout: Duration) -> Option<Duration>;

    /// Whether the subject failed with a timeout of its own although it was given its
    /// response in time, as far as this program knows.
    fn timed_out(run: &RunOf<Self>) -> bool;

    /// Whether the run shows that the subject still responds, unless it missed
    /// a deadline.
    fn has_responded(run: &RunOf<Self>) -> bool;

    /// How the subject's adapter broke the adapter protocol, if it did.
    fn protocol_fault(run: &RunOf<Self>) -> Option<&Fault>;

    /// Why a fixture that missed its deadline cannot run again, if it cannot.
    fn why_not_again(&self, fixture: &Self::Fixture) -> Option<String>;
}
