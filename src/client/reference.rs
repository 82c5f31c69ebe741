//! The reference client: this crate's codec over reqwest.

use std::time::SystemTime;

use super::{Call, Client, ClientInfo, Http, retry};
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
        if call.input.attachments.is_none() {
            return Outcome::error(ErrorKind::Client, "attachments is required");
        }
        let mut attempt = 1;
        loop {
            let mut request = call.request();
            if let Err(error) = sign::sign(&mut request, &call.credentials, SystemTime::now()) {
                return Outcome::error(ErrorKind::Client, error.to_string());
            }
            let (outcome, headers) = match self.http.send(request, call.timeout).await {
                Ok(response) => (decode::response(&response), response.headers),
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

impl Client for Reference {
    async fn call(&mut self, call: &Call) -> End {
        Ok(self.attempts(call).await)
    }
}
