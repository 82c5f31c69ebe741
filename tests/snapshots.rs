//! A snapshot a fixture: the request that the reference encodes, and what it
//! makes of each reply. No network.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fmt::Write as _;
use std::path::Path;

use attachset::fixture::{Action, Body, HttpReply, RawReply, Reply};
use attachset::wire::http1::Http1Error;
use attachset::wire::{Response, decode, encode, http1, sha256_hex};

/// The longest text that is shown whole.
const MOST: usize = 2_000;

fn matches_its_snapshot(path: &Path) -> datatest_stable::Result<()> {
    let fixture = common::fixture(path);
    let mut out = String::new();
    for (index, step) in fixture.steps.iter().enumerate() {
        writeln!(out, "--- call {}", index + 1)?;
        let mut request = encode::request(&step.call.input(), "localhost");
        request.target = format!("{}/", fixture.endpoint_path);
        writeln!(out, "{}", shown(&http1::request_bytes(&request)))?;
        for (index, reply) in step.replies.iter().enumerate() {
            writeln!(out, "--- reply {}", index + 1)?;
            writeln!(out, "{}", outcome(reply)?)?;
        }
    }
    common::snapshot(&fixture.id, &out);
    Ok(())
}

fn outcome(reply: &Reply) -> serde_json::Result<String> {
    let response = match reply {
        Reply::Http(reply) => Ok(response(reply)),
        Reply::Raw(reply) => sent(reply),
    };
    match response {
        Ok(response) => Ok(shown(serde_json::to_string(&decode::response(&response))?.as_bytes())),
        Err(error) => Ok(format!("no response: {error}")),
    }
}

fn response(reply: &HttpReply) -> Response {
    let headers = reply.headers.clone();
    Response {
        status: reply.status,
        headers,
        body: reply.body.as_ref().map(Body::to_bytes).unwrap_or_default(),
    }
}

/// What a script sends, read as one response.
fn sent(reply: &RawReply) -> Result<Response, Http1Error> {
    let bytes = reply.raw.iter().flat_map(|action| match action {
        Action::Send(body) | Action::Drip { body, .. } => body.to_bytes(),
        _ => Vec::new(),
    });
    http1::response(&bytes.collect::<Vec<_>>())
}

/// Text with its line ends as they are on the wire; long ones by digest.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    match text.char_indices().nth(MOST) {
        None => text,
        Some((end, _)) => {
            format!("{}\n... {} bytes, SHA-256 {}", text.get(..end).unwrap(), bytes.len(), sha256_hex(bytes))
        }
    }
}

datatest_stable::harness! {
    { test = matches_its_snapshot, root = common::FIXTURES, pattern = r"\.json$" },
}
