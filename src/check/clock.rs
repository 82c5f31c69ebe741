//! The clock of the server under test.

use std::time::Duration;

use serde_json::json;

use super::Endpoint;
use crate::judge::describe;
use crate::transcript::Seen;
use crate::wire::outcome::{ErrorKind, Outcome};
use crate::wire::{Headers, Request, Response};

/// Where `attachset serve` has its clock.
pub(super) const PATH: &str = "/_attachset/clock";

/// Whether there is a clock: a server that knows the path responds with the
/// time.
pub(super) async fn exists(clock: &Endpoint, timeout: Duration) -> bool {
    now(clock, timeout).await.is_some()
}

/// The time that the clock shows.
pub(super) async fn now(clock: &Endpoint, timeout: Duration) -> Option<String> {
    let answer = ask(clock, "GET", Vec::new(), timeout).await.ok().filter(|answer| answer.status == 200)?;
    let json: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
    Some(json.get("now")?.as_str()?.into())
}

/// Lets time pass.
pub(super) async fn advance(clock: Option<&Endpoint>, seconds: u32, timeout: Duration) -> Seen {
    let Some(clock) = clock else {
        return Seen::Unsupported("the server has no clock that can be advanced".into());
    };
    let body = json!({ "advanceSeconds": seconds }).to_string().into_bytes();
    match ask(clock, "POST", body, timeout).await {
        Ok(answer) if (200..300).contains(&answer.status) => Seen::Advanced,
        Ok(answer) => Seen::Broken(format!("{clock} responded with status {}", answer.status)),
        Err(Outcome::Error(error)) if error.kind == ErrorKind::Timeout => {
            Seen::Silent(format!("{clock}: the clock gave no response after {} ms", timeout.as_millis()))
        }
        Err(outcome) => Seen::Broken(format!("{clock}: {}", describe(&outcome))),
    }
}

async fn ask(clock: &Endpoint, method: &str, body: Vec<u8>, timeout: Duration) -> Result<Response, Outcome> {
    let mut headers = Headers::default();
    headers.push("Host", clock.host());
    headers.push("Content-Type", "application/json");
    let request = Request { method: method.into(), target: clock.target(""), headers, body };
    clock.http().send(request, timeout).await
}
