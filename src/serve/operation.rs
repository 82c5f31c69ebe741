//! Everything but control: the operation, over awsJson1_1.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::extract::State;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Version};
use axum::response::Response;

use super::app::App;
use super::body::{Body, SHORT};
use super::call::request_id;
use super::protocol::ProtocolError;
use super::{Answer, Call};
use crate::fixture::{Body as FixtureBody, HttpReply};
use crate::model::{Input, Output, ServiceError, names};
use crate::service::Upload;
use crate::wire::sign::{Credentials, verify};
use crate::wire::{self, decode, encode, latin1};

/// The most commas in a long body, so that what is decoded of it is not much
/// larger than the body itself. No input has use for more than a few, and
/// base64 has none.
const MAX_COMMAS: usize = 100_000;

/// What a call came to.
enum Reply {
    Output(Output),
    Error(ServiceError),
    Planned(Arc<Answer>),
}

/// Answers a request that is not for control.
pub(super) async fn answer(State(app): State<Arc<App>>, request: axum::extract::Request) -> Response {
    let start = Instant::now();
    let request_id = request_id();
    let (parts, incoming) = request.into_parts();
    let reply = match reply(&app, parts, incoming, &request_id).await {
        Ok(reply) => reply,
        Err(error) => Reply::Error(error.error(&request_id)),
    };
    let response = respond(&reply, &request_id).await;
    app.count(response.status().is_success());
    if let Some(observer) = &app.options.observer {
        observer(&call(&reply, response.status().as_u16(), &request_id, start.elapsed()));
    }
    response
}

async fn reply(
    app: &Arc<App>,
    mut parts: Parts,
    incoming: axum::body::Body,
    request_id: &str,
) -> Result<Reply, ProtocolError> {
    if let Err(error) = route(&parts) {
        app.bodies.discard(incoming).await;
        return Err(error);
    }
    let mut body = app.bodies.read(incoming).await?;
    if let Some(answer) = app.next.take() {
        return Ok(Reply::Planned(answer));
    }
    let upload = if body.bytes.len() <= SHORT {
        upload(app, &mut parts, &mut body)?
    } else {
        let gone = |_| ProtocolError::Internal("the decoder is gone");
        let permit = app.decoders.clone().acquire_owned().await.map_err(gone)?;
        let app = app.clone();
        let decode = move || {
            let upload = upload(&app, &mut parts, &mut body);
            drop((body, permit));
            upload
        };
        tokio::task::spawn_blocking(decode)
            .await
            .map_err(|_| ProtocolError::Internal("the decoder broke off"))??
    };
    Ok(match app.service().call(upload, app.clock.now()) {
        Ok(output) => Reply::Output(output),
        Err(refusal) => Reply::Error(refusal.error(request_id)),
    })
}

/// Whether a request is for the operation. A query and parameters of the
/// content type are passed over.
fn route(parts: &Parts) -> Result<(), ProtocolError> {
    if parts.version == Version::HTTP_11 && parts.headers.get_all(HOST).iter().count() != 1 {
        return Err(ProtocolError::Host);
    }
    if parts.method != Method::POST || parts.uri.path() != "/" {
        return Err(ProtocolError::Route(format!("{} {}", parts.method, parts.uri.path())));
    }
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let media_type = header(CONTENT_TYPE.as_str()).and_then(|value| value.split(';').next());
    if !media_type.is_some_and(|value| value.trim().eq_ignore_ascii_case(names::CONTENT_TYPE)) {
        return Err(ProtocolError::ContentType);
    }
    if header("x-amz-target") != Some(names::TARGET) {
        return Err(ProtocolError::Target);
    }
    Ok(())
}

/// The slow part of a call: what needs the whole body and no service.
fn upload(app: &App, parts: &mut Parts, body: &mut Body) -> Result<Upload, ProtocolError> {
    if let Some(credentials) = &app.options.verify {
        verify_signature(parts, body, credentials)?;
    }
    let input = match decode::plain_input(&body.bytes) {
        Some(input) => input,
        None => any_input(&body.bytes)?,
    };
    Ok(Upload::new(input, app.options.service.kept_bytes > 0))
}

fn any_input(body: &[u8]) -> Result<Input, ProtocolError> {
    let commas = || memchr::memchr_iter(b',', body).count();
    if body.len() > SHORT && commas() > MAX_COMMAS {
        return Err(ProtocolError::Crowded(MAX_COMMAS));
    }
    Ok(decode::any_input(body)?.input)
}

fn verify_signature(parts: &Parts, body: &mut Body, credentials: &Credentials) -> Result<(), ProtocolError> {
    let text = |value: &HeaderValue| latin1(value.as_bytes());
    let request = wire::Request {
        method: parts.method.to_string(),
        target: parts.uri.path_and_query().map_or_else(|| "/".into(), ToString::to_string),
        headers: parts.headers.iter().map(|(name, value)| (name.as_str(), text(value))).collect(),
        body: std::mem::take(&mut body.bytes),
    };
    let verified = verify(&request, credentials, SystemTime::now());
    body.bytes = request.body;
    Ok(verified?)
}

async fn respond(reply: &Reply, request_id: &str) -> Response {
    match reply {
        Reply::Output(output) => own(StatusCode::OK, request_id, encode::output_body(output)),
        Reply::Error(error) => own(status(error.status), request_id, encode::error_body(error)),
        Reply::Planned(answer) => match &**answer {
            Answer::Error(error) => {
                let request_id = error.request_id.as_deref().unwrap_or(request_id);
                own(status(error.status), request_id, encode::error_body(error))
            }
            Answer::Fixture { reply, .. } => {
                tokio::time::sleep(Duration::from_millis(reply.delay_ms.unwrap_or(0))).await;
                fixture(reply)
            }
        },
    }
}

/// An answer of the operation.
fn own(status: StatusCode, request_id: &str, body: Vec<u8>) -> Response {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(names::CONTENT_TYPE));
    if let Ok(request_id) = HeaderValue::from_str(request_id) {
        answer.headers_mut().insert(HeaderName::from_static("x-amzn-requestid"), request_id);
    }
    answer
}

/// A fixture's reply. The connection frames the body by itself.
fn fixture(reply: &HttpReply) -> Response {
    let body = reply.body.as_ref().map(FixtureBody::to_bytes).unwrap_or_default();
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status(reply.status);
    for (name, value) in &reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
            && name != CONTENT_LENGTH
            && name != TRANSFER_ENCODING
        {
            answer.headers_mut().append(name, value);
        }
    }
    answer
}

fn status(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn call(reply: &Reply, status: u16, request_id: &str, took: Duration) -> Call {
    match reply {
        Reply::Output(output) => Call {
            attachment_set_id: output.attachment_set_id.clone(),
            ..Call::new(request_id, status, "ok".into(), took)
        },
        Reply::Error(error) => Call {
            message: error.message.clone(),
            ..Call::new(request_id, status, error.code.clone().unwrap_or_default(), took)
        },
        Reply::Planned(answer) => Call::new(request_id, status, answer.name(), took),
    }
}
