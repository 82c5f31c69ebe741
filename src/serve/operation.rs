//! Everything but control: the operations, over awsJson1_1.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;

use super::app::App;
use super::body::SHORT;
use super::call::request_id;
use super::protocol::ProtocolError;
use super::request::{Asked, asked, route};
use super::{Answer, Call};
use crate::fixture::{Body as FixtureBody, HttpReply};
use crate::model::{Operation, Output, ServiceError, names};
use crate::service::Refusal;
use crate::wire::{cases, encode};

/// What a call came to.
enum Reply {
    Output(Output),
    Case(CaseReply),
    Error(ServiceError),
    Planned(Arc<Answer>),
}

/// What a call of an operation on cases came to.
struct CaseReply {
    body: Bytes,
    case_id: Option<String>,
    attachment_set_id: Option<String>,
}

/// Answers a request that is not for control.
pub(super) async fn answer(State(app): State<Arc<App>>, request: axum::extract::Request) -> Response {
    let start = Instant::now();
    let request_id = request_id();
    let (parts, incoming) = request.into_parts();
    let operation = route(&parts);
    let served = operation.as_ref().ok().copied();
    let reply = match operation {
        Ok(operation) => reply(&app, operation, parts, incoming, &request_id).await,
        Err(error) => {
            app.bodies.discard(incoming).await;
            Err(error)
        }
    };
    let reply = reply.unwrap_or_else(|error| Reply::Error(error.error(&request_id)));
    let response = respond(&reply, &request_id).await;
    app.count(response.status().is_success());
    if let Some(observer) = &app.options.observer {
        let call = call(&reply, response.status().as_u16(), &request_id, start.elapsed());
        observer(&Call { operation: served, ..call });
    }
    response
}

async fn reply(
    app: &Arc<App>,
    operation: Operation,
    parts: Parts,
    incoming: axum::body::Body,
    request_id: &str,
) -> Result<Reply, ProtocolError> {
    let mut body = app.bodies.read(incoming).await?;
    if let Some(answer) = app.next.take(operation) {
        return Ok(Reply::Planned(answer));
    }
    let asked = if body.bytes.len() <= SHORT {
        asked(&app.options, operation, &parts, &mut body)?
    } else {
        let gone = |_| ProtocolError::Internal("the decoder is gone");
        let permit = app.decoders.clone().acquire_owned().await.map_err(gone)?;
        let app = app.clone();
        let decode = move || {
            let asked = asked(&app.options, operation, &parts, &mut body);
            drop((body, permit));
            asked
        };
        tokio::task::spawn_blocking(decode)
            .await
            .map_err(|_| ProtocolError::Internal("the decoder broke off"))??
    };
    let answer = match asked {
        Asked::Set(upload) => app.service().call(upload, app.clock.now()).map(Reply::Output),
        Asked::Case(input) => case(app, input).await?.map(Reply::Case),
    };
    Ok(answer.unwrap_or_else(|refusal| Reply::Error(refusal.error(request_id))))
}

/// Performs a call of an operation on cases. Its answer may be as long as a
/// file: like a long body, it waits for room.
async fn case(app: &Arc<App>, input: cases::Input) -> Result<Result<CaseReply, Refusal>, ProtocolError> {
    let gone = |_| ProtocolError::Internal("the encoder is gone");
    let _permit = app.encoders.acquire().await.map_err(gone)?;
    let (case_id, attachment_set_id) = about(&input);
    let encode = {
        let app = app.clone();
        move || {
            let output = app.service().call_case(input, app.clock.now())?;
            let created = match &output {
                cases::Output::CreateCase { case_id } => Some(case_id.clone()),
                _ => None,
            };
            Ok((cases::encode(&output), created))
        }
    };
    let encoded = tokio::task::spawn_blocking(encode).await;
    let (body, created) = match encoded.map_err(|_| ProtocolError::Internal("the encoder broke off"))? {
        Ok(encoded) => encoded,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let body = Bytes::from_owner(app.bodies.with_room(body).await?);
    Ok(Ok(CaseReply { body, case_id: created.or(case_id), attachment_set_id }))
}

/// The case and the set that a call is about.
fn about(input: &cases::Input) -> (Option<String>, Option<String>) {
    use cases::Input as I;
    match input {
        I::CreateCase(input) => (None, input.attachment_set_id.clone()),
        I::AddCommunicationToCase(input) => (input.case_id.clone(), input.attachment_set_id.clone()),
        I::DescribeCommunications(input) => (input.case_id.clone(), None),
        I::ResolveCase(input) => (input.case_id.clone(), None),
        I::DescribeCases(_) | I::DescribeAttachment(_) => (None, None),
    }
}

async fn respond(reply: &Reply, request_id: &str) -> Response {
    match reply {
        Reply::Output(output) => own(StatusCode::OK, request_id, encode::output_body(output)),
        Reply::Case(case) => own(StatusCode::OK, request_id, case.body.clone()),
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

/// An answer of an operation.
fn own(status: StatusCode, request_id: &str, body: impl Into<axum::body::Body>) -> Response {
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
    for (name, value) in reply.headers.iter() {
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
        Reply::Case(case) => Call {
            case_id: case.case_id.clone(),
            attachment_set_id: case.attachment_set_id.clone(),
            ..Call::new(request_id, status, "ok".into(), took)
        },
        Reply::Error(error) => Call {
            message: error.message.clone(),
            ..Call::new(request_id, status, error.code.clone().unwrap_or_default(), took)
        },
        Reply::Planned(answer) => Call::new(request_id, status, answer.name(), took),
    }
}
