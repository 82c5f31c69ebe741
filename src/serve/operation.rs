//! Everything but control: the operations, over awsJson1_1.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;

use super::app::App;
use super::budget::{Held, SHORT};
use super::call::request_id;
use super::connection::Connection;
use super::instead::Exact;
use super::pieces;
use super::protocol::ProtocolError;
use super::request::{Asked, admit, asked, route};
use super::{Answer, Call};
use crate::fixture::{Body as FixtureBody, HttpReply, http_date};
use crate::model::{Operation, Output, ServiceError, names};
use crate::service::Refusal;
use crate::wire::{cases, encode, shortened};

/// What a call came to.
enum Reply {
    Output(Output),
    Case(CaseReply),
    Error(ServiceError),
    Planned(Arc<Answer>),
}

/// What a call of an operation on cases came to.
struct CaseReply {
    body: Body,
    case_id: Option<String>,
    attachment_set_id: Option<String>,
}

/// Answers a request that is not for control.
pub(super) async fn answer(State(app): State<Arc<App>>, request: axum::extract::Request) -> Response {
    let start = Instant::now();
    let request_id = request_id();
    let (parts, incoming) = request.into_parts();
    let connection = parts.extensions.get::<Arc<Connection>>().cloned();
    let operation = admit(&app, &parts).and_then(|()| route(&parts));
    let served = operation.as_ref().ok().copied();
    let reply = match operation {
        Ok(operation) => reply(&app, operation, parts, incoming, &request_id).await,
        Err(error) => {
            app.bodies.drain(&parts.headers, incoming);
            Err(error)
        }
    };
    let mut reply = reply.unwrap_or_else(|error| Reply::Error(error.error(&request_id)));
    let response = match respond(&app, &mut reply, connection.as_deref(), &request_id).await {
        Ok(response) => response,
        Err(error) => {
            let error = error.error(&request_id);
            let response = own(status(error.status), &request_id, encode::error_body(&error));
            reply = Reply::Error(error);
            response
        }
    };
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
    incoming: Body,
    request_id: &str,
) -> Result<Reply, ProtocolError> {
    let mut body = app.bodies.read(&parts.headers, incoming).await?;
    if let Some(connection) = parts.extensions.get::<Arc<Connection>>() {
        connection.is_answering();
    }
    if let Some(answer) = app.next.take(operation) {
        return Ok(Reply::Planned(answer));
    }
    let asked = if body.bytes.len() <= SHORT {
        asked(&app.options, operation, &parts, &mut body)?
    } else {
        let turn = app.decoders.turn(body.bytes.len()).await;
        let app = app.clone();
        let decode = move || {
            let asked = asked(&app.options, operation, &parts, &mut body);
            drop((body, turn));
            asked
        };
        tokio::task::spawn_blocking(decode)
            .await
            .map_err(|_| ProtocolError::Internal("the decoder broke off"))??
    };
    let answer = match asked {
        Asked::Set(upload) => app.service(|service, now| service.call(upload, now)).map(Reply::Output),
        Asked::Case(input) => case(app, input).await?.map(Reply::Case),
    };
    Ok(answer.unwrap_or_else(|refusal| Reply::Error(refusal.error(request_id))))
}

/// Performs a call of an operation on cases. Its response may be as long as a
/// file: it needs room until it is sent.
async fn case(app: &Arc<App>, input: cases::Input) -> Result<Result<CaseReply, Refusal>, ProtocolError> {
    let gone = |_| ProtocolError::Internal("the encoder is gone");
    let _permit = app.encoders.acquire().await.map_err(gone)?;
    let (case_id, attachment_set_id) = about(&input);
    let encode = {
        let app = app.clone();
        move || {
            let output = match app.service(|service, now| service.call_case(input, now)) {
                Ok(output) => output,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let created = match &output {
                cases::Output::CreateCase { case_id } => Some(case_id.clone()),
                _ => None,
            };
            // Before the work is done, where the length is known.
            let mut body = Held::new(&app.responses);
            let encoded = body.reserve(cases::least_len(&output) + SHORT);
            match encoded.and_then(|()| cases::encode_to(&mut body, &output)) {
                Ok(()) => Ok(Ok((pieces::held(body), created))),
                Err(_) => Err(ProtocolError::Full),
            }
        }
    };
    let encoded = tokio::task::spawn_blocking(encode).await;
    let (body, created) = match encoded.map_err(|_| ProtocolError::Internal("the encoder broke off"))?? {
        Ok(encoded) => encoded,
        Err(refusal) => return Ok(Err(refusal)),
    };
    Ok(Ok(CaseReply { body, case_id: created.or(case_id), attachment_set_id }))
}

/// The case and the set that a call is about.
fn about(input: &cases::Input) -> (Option<String>, Option<String>) {
    use cases::Input as I;
    let short = |id: &Option<String>| id.as_deref().map(|id| shortened(id).into_owned());
    match input {
        I::CreateCase(input) => (None, short(&input.attachment_set_id)),
        I::AddCommunicationToCase(input) => (short(&input.case_id), short(&input.attachment_set_id)),
        I::DescribeCommunications(input) => (short(&input.case_id), None),
        I::ResolveCase(input) => (short(&input.case_id), None),
        I::DescribeCases(_) | I::DescribeAttachment(_) => (None, None),
    }
}

async fn respond(
    app: &App,
    reply: &mut Reply,
    connection: Option<&Connection>,
    request_id: &str,
) -> Result<Response, ProtocolError> {
    Ok(match reply {
        Reply::Output(output) => own(StatusCode::OK, request_id, encode::output_body(output)),
        Reply::Case(case) => own(StatusCode::OK, request_id, std::mem::take(&mut case.body)),
        Reply::Error(error) => own(status(error.status), request_id, encode::error_body(error)),
        Reply::Planned(answer) => match &**answer {
            Answer::Error(error) => {
                let request_id = error.request_id.as_deref().unwrap_or(request_id);
                own(status(error.status), request_id, encode::error_body(error))
            }
            Answer::Fixture { reply, .. } => {
                tokio::time::sleep(Duration::from_millis(reply.delay_ms.unwrap_or(0))).await;
                fixture(app, reply, connection, request_id)?
            }
        },
    })
}

/// An answer of an operation.
fn own(status: StatusCode, request_id: &str, body: impl Into<Body>) -> Response {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(names::CONTENT_TYPE));
    if let Ok(request_id) = HeaderValue::from_str(request_id) {
        answer.headers_mut().insert(HeaderName::from_static("x-amzn-requestid"), request_id);
    }
    answer
}

/// A response of a fixture's status, in the place of which the connection writes
/// the fixture's bytes.
fn fixture(
    app: &App,
    reply: &HttpReply,
    connection: Option<&Connection>,
    request_id: &str,
) -> Result<Response, ProtocolError> {
    let connection = connection.ok_or(ProtocolError::Internal("the connection is not known"))?;
    let mut held = Held::new(&app.responses);
    let length = reply.body.as_ref().map_or(0, FixtureBody::len);
    if !held.room.grow_to(usize::try_from(length).unwrap_or(usize::MAX)) {
        return Err(ProtocolError::Full);
    }
    held.bytes = reply.script().sent_with(&http_date(SystemTime::now()));
    connection.replace(Exact { marker: request_id.into(), bytes: Bytes::from_owner(held) });
    Ok(own(status(reply.status), request_id, Body::empty()))
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
