//! What a client is to the harness, and the reference client.

mod http;
mod info;
mod reference;
pub mod retry;

use std::future::Future;
use std::time::Duration;

use serde_json::{Map, Value};

pub use http::Http;
pub use info::ClientInfo;
pub use reference::Reference;

use crate::fixture::Need;
use crate::model::{Input, Operation, OperationShape};
use crate::transcript::End;
use crate::wire::sign::Credentials;
use crate::wire::{Request, encode};

/// One call to make.
#[derive(Debug, Clone)]
pub struct Call {
    /// The fixture's id, with `#` and the step's number from the second on.
    pub id: String,
    /// Where the service listens, such as `http://127.0.0.1:40123`.
    pub endpoint: String,
    /// The region that the client is configured for.
    pub region: String,
    /// The credentials to sign with.
    pub credentials: Credentials,
    /// How many attempts the client may make in all.
    pub max_attempts: u32,
    /// The client's connect and read timeout.
    pub timeout: Duration,
    /// What the call needs that not every client can express or be configured for.
    pub needs: Vec<Need>,
    /// The operation to call.
    pub operation: &'static OperationShape,
    /// The input of `AddAttachmentsToSet`; empty for any other operation.
    pub input: Input,
    /// The input of any other operation, by the names in the service model.
    pub members: Map<String, Value>,
}

impl Call {
    /// The unsigned request that the call comes to.
    #[must_use]
    pub fn request(&self) -> Request {
        let place = self.endpoint.strip_prefix("http://").unwrap_or(&self.endpoint);
        let (host, path) = place.split_at(place.find('/').unwrap_or(place.len()));
        let request = encode::request_of(self.operation, self.body(), host);
        Request { target: format!("{path}/"), ..request }
    }

    /// The body of the request: the input as JSON.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        if self.operation.is(FIRST) {
            encode::input_body(&self.input)
        } else {
            encode::members(&self.members)
        }
    }
}

/// The operation that every client here has.
const FIRST: Operation = Operation::AddAttachmentsToSet;

/// A client that can be judged. In one fixture all calls go to one client,
/// one after the other.
pub trait Client: Send {
    /// Whether it can call an operation; where it cannot, it is not asked to. By
    /// default, it can call `AddAttachmentsToSet` alone.
    fn drives(&self, operation: &OperationShape) -> bool {
        operation.is(FIRST)
    }

    /// Makes a call and says what it came to, as the client's user sees it.
    fn call(&mut self, call: &Call) -> impl Future<Output = End> + Send;
}
