//! Responses that are not the service's own: a fixture's script, and a
//! connection that is closed.

use std::time::{Duration, SystemTime};

use axum::body::{Body, Bytes};
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use super::app::App;
use super::budget::{Held, grow};
use super::connection::Connection;
use super::instead::{Exact, Step};
use super::operation::own;
use super::protocol::ProtocolError;
use crate::fixture::{Action, Body as FixtureBody, Reply};

const NO_CONNECTION: ProtocolError = ProtocolError::Internal("the connection is not known");

/// A response in the place of which the connection plays a fixture's script, and
/// the status that counts for it. The request was read whole, whatever the
/// script says of when to start.
pub(super) fn fixture(
    app: &App,
    reply: &Reply,
    connection: Option<&Connection>,
    request_id: &str,
) -> Result<Response, ProtocolError> {
    let script = reply.script();
    let body_of = |action: &Action| match action {
        Action::Send(body) | Action::Drip { body, .. } => FixtureBody::len(body),
        _ => 0,
    };
    let length: u64 = script.raw.iter().map(body_of).sum();
    let mut held = Held::new(&app.responses);
    if !grow(&mut held.room, usize::try_from(length).unwrap_or(usize::MAX)) {
        return Err(ProtocolError::Full);
    }
    held.bytes = script.sent_at(Some(SystemTime::now()));
    let mut bytes = Bytes::from_owner(held);
    let mut steps = Vec::new();
    for action in &script.raw {
        let length = usize::try_from(body_of(action)).unwrap_or(usize::MAX).min(bytes.len());
        match action {
            Action::Send(_) => steps.push(Step::Send(bytes.split_to(length))),
            Action::Drip { every_ms, .. } => {
                steps.push(Step::Drip(bytes.split_to(length), Duration::from_millis(*every_ms)));
            }
            Action::PauseMs(time) => steps.push(Step::Pause(Duration::from_millis(*time))),
            Action::ReadBody => {}
            Action::Close => steps.push(Step::Close),
            Action::Reset => steps.push(Step::Reset),
            Action::Hang => steps.extend([Step::Pause(app.options.limits.idle), Step::Close]),
        }
    }
    let status = match reply {
        Reply::Http(reply) => StatusCode::from_u16(reply.status).ok(),
        Reply::Raw(_) => None,
    };
    played(connection, steps, status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), request_id)
}

/// A response in the place of which the connection is closed.
pub(super) fn cut(connection: Option<&Connection>, request_id: &str) -> Result<Response, ProtocolError> {
    played(connection, vec![Step::Close], StatusCode::INTERNAL_SERVER_ERROR, request_id)
}

fn played(
    connection: Option<&Connection>,
    steps: Vec<Step>,
    status: StatusCode,
    request_id: &str,
) -> Result<Response, ProtocolError> {
    let mut response = own(status, request_id, Body::empty());
    if matches!(steps.last(), Some(Step::Close | Step::Reset)) {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    connection.ok_or(NO_CONNECTION)?.replace(Exact { marker: request_id.into(), steps });
    Ok(response)
}
