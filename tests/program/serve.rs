//! The documented service on a port.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod bounds;
mod callers;
mod calls;
mod cases;
mod control;
mod http;
mod lint;
mod memory;
mod mutated;
mod plans;
mod program;
mod protocol;
mod signatures;
mod worlds;

use attachset::model::{Attachment, Input, Output, ServiceError};
use attachset::wire::Request;
use attachset::wire::encode;
use attachset::wire::outcome::Outcome;
use http::Connection;

/// A call that adds files of these sizes.
fn input(set: Option<&str>, sizes: &[usize]) -> Input {
    let attachment =
        |bytes: &usize| Attachment { file_name: Some("a.log".into()), data: Some(vec![7; *bytes]) };
    Input {
        attachment_set_id: set.map(Into::into),
        attachments: Some(sizes.iter().map(attachment).collect()),
        dry_run: None,
    }
}

fn request(input: &Input) -> Request {
    encode::request(input, "localhost")
}

/// A request with another body.
fn with_body(body: impl Into<Vec<u8>>) -> Request {
    let mut request = request(&Input::default());
    let body = body.into();
    request.headers = request
        .headers
        .iter()
        .map(|(name, value)| match name {
            "Content-Length" => (name.to_owned(), body.len().to_string()),
            _ => (name.to_owned(), value.to_owned()),
        })
        .collect();
    request.body = body;
    request
}

/// What a call comes to, for a client that sends it as it is.
fn call(connection: &mut Connection, input: &Input) -> Result<Output, ServiceError> {
    outcome(&connection.ask(&request(input)))
}

fn outcome(response: &attachset::wire::Response) -> Result<Output, ServiceError> {
    let text = |value: Option<&serde_json::Value>| Some(value?.as_str()?.to_owned());
    match attachset::wire::decode::response(response) {
        Outcome::Output(members) => Ok(Output {
            attachment_set_id: text(members.get("attachmentSetId")),
            expiry_time: text(members.get("expiryTime")),
        }),
        Outcome::Error(error) => Err(ServiceError {
            code: text(error.code.as_ref()),
            message: text(error.message.as_ref()),
            status: error.status.unwrap_or_default(),
            request_id: error.request_id,
        }),
        Outcome::Unsupported(reason) => panic!("{reason}"),
    }
}

/// The code and the status of an error.
fn code(answer: Result<Output, ServiceError>) -> (String, u16) {
    let error = answer.unwrap_err();
    (error.code.unwrap_or_default(), error.status)
}

fn error(code: &str, status: u16) -> (String, u16) {
    (code.to_owned(), status)
}
