//! The reference client: this crate's codec over reqwest.

use std::time::SystemTime;

use super::{Call, Client, ClientInfo, Http, retry};
use crate::model::OperationShape;
use crate::transcript::End;
use crate::wire::outcome::{ErrorKind, Outcome};
use crate::wire::{Headers, decode, sign};

/// The client that defines what correct means.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    http: Http,
}

impl Reference {
    /// A client without connections.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Who it is.
    #[must_use]
    pub fn info() -> ClientInfo {
        ClientInfo {
            name: "reference".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            language: "rust".into(),
            ..ClientInfo::default()
        }
    }

    async fn attempts(&mut self, call: &Call) -> Outcome {
        if let Some(name) = missing(call) {
            return Outcome::error(ErrorKind::Client, format!("{name} is required"));
        }
        let mut attempt = 1;
        loop {
            let mut request = call.request();
            if let Err(error) = sign::sign(&mut request, &call.credentials, SystemTime::now()) {
                return Outcome::error(ErrorKind::Client, error.to_string());
            }
            let (outcome, headers) = match self.http.send(request, call.timeout).await {
                Ok(response) => (decode::any_response(call.operation, &response), response.headers),
                Err(outcome) => (outcome, Headers::default()),
            };
            match retry::pause(&outcome, &headers, attempt, fastrand::f64()) {
                Some(pause) if attempt < call.max_attempts => tokio::time::sleep(pause).await,
                _ => return outcome,
            }
            attempt += 1;
        }
    }
}

/// A member that the model requires and the call does not have.
fn missing(call: &Call) -> Option<&'static str> {
    let has = |name: &str| match name {
        "attachments" => call.input.attachments.is_some(),
        name => call.members.contains_key(name),
    };
    let mut required = call.operation.input.0.iter().filter(|(_, member)| member.is_required);
    required.find(|(name, _)| !has(name)).map(|(name, _)| name.as_str())
}

impl Client for Reference {
    fn drives(&self, _: &OperationShape) -> bool {
        true
    }

    async fn call(&mut self, call: &Call) -> End {
        Ok(self.attempts(call).await)
    }
}
