//! The reference client: this crate's codec over reqwest.

use std::time::{Duration, SystemTime};

use super::{Call, Client, ClientInfo, retry};
use crate::transcript::End;
use crate::wire::outcome::{ErrorKind, Outcome};
use crate::wire::{Headers, Request, Response, decode, encode, latin1, sign};

/// The most that is read of an answer; what the service sends is far smaller.
const MAX_ANSWER: usize = 16 << 20;

/// The client that defines what correct means.
#[derive(Debug, Clone)]
pub struct Reference {
    http: Option<(Duration, reqwest::Client)>,
}

impl Default for Reference {
    fn default() -> Self {
        Self::new()
    }
}

impl Reference {
    /// A client without connections.
    #[must_use]
    pub fn new() -> Self {
        Self { http: None }
    }

    /// Who it is.
    #[must_use]
    pub fn info() -> ClientInfo {
        ClientInfo {
            name: "reference".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            language: "rust".into(),
        }
    }

    fn http(&mut self, timeout: Duration) -> Result<reqwest::Client, reqwest::Error> {
        match &self.http {
            Some((time, http)) if *time == timeout => Ok(http.clone()),
            _ => {
                let http = reqwest::Client::builder()
                    .connect_timeout(timeout)
                    .timeout(timeout)
                    .redirect(reqwest::redirect::Policy::none())
                    .no_proxy()
                    .build()?;
                self.http = Some((timeout, http.clone()));
                Ok(http)
            }
        }
    }
}

impl Client for Reference {
    async fn call(&mut self, call: &Call) -> End {
        Ok(match self.attempts(call).await {
            Ok(outcome) | Err(outcome) => outcome,
        })
    }
}

impl Reference {
    async fn attempts(&mut self, call: &Call) -> Result<Outcome, Outcome> {
        if call.input.attachments.is_none() {
            return Err(Outcome::error(ErrorKind::Client, "attachments is required"));
        }
        let http =
            self.http(call.timeout).map_err(|error| Outcome::error(ErrorKind::Client, describe(&error)))?;
        let place = call.endpoint.strip_prefix("http://").unwrap_or(&call.endpoint);
        let (host, path) = place.split_at(place.find('/').unwrap_or(place.len()));
        let mut unsigned = encode::request(&call.input, host);
        unsigned.target = format!("{path}/");
        let mut attempt = 1;
        loop {
            let mut request = unsigned.clone();
            sign::sign(&mut request, &call.credentials, SystemTime::now())
                .map_err(|error| Outcome::error(ErrorKind::Client, error.to_string()))?;
            let (outcome, retry_after) = match send(&http, request).await {
                Ok(response) => (decode::response(&response), retry::after(&response.headers)),
                Err(outcome) => (outcome, None),
            };
            match retry::cause(&outcome) {
                Some(cause) if attempt < call.max_attempts => {
                    tokio::time::sleep(retry::delay(cause, attempt, retry_after, fastrand::f64())).await;
                    attempt += 1;
                }
                _ => return Ok(outcome),
            }
        }
    }
}

/// One HTTP exchange.
async fn send(http: &reqwest::Client, request: Request) -> Result<Response, Outcome> {
    let host = request.headers.get("host").unwrap_or_default();
    let mut builder = http.post(format!("http://{host}{}", request.target)).body(request.body);
    for (name, value) in request.headers.iter() {
        // The connection adds the length by itself.
        if !name.eq_ignore_ascii_case("content-length") {
            builder = builder.header(name, value);
        }
    }
    let mut answer = builder.send().await.map_err(|error| failure(&error))?;
    let status = answer.status().as_u16();
    let headers: Headers =
        answer.headers().iter().map(|(name, value)| (name.as_str(), latin1(value.as_bytes()))).collect();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| failure(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER {
            let message = format!("the answer is longer than {MAX_ANSWER} bytes");
            return Err(Outcome::error(ErrorKind::Transport, message));
        }
    }
    Ok(Response { status, headers, body })
}

fn failure(error: &reqwest::Error) -> Outcome {
    let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Transport };
    Outcome::error(kind, describe(error))
}

/// An error with its causes.
fn describe(error: &dyn std::error::Error) -> String {
    let mut out = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        out = format!("{out}: {cause}");
        source = cause.source();
    }
    out
}
