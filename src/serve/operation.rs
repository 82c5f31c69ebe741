//! Everything but control: the operations, over awsJson1_1.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;

use super::app::App;
use super::budget::{Held, SHORT};
use super::call::request_id;
use super::connection::Connection;
use super::linting::Linting;
use super::next::{Answer, Cut, Plan};
use super::protocol::ProtocolError;
use super::request::{Asked, Content, admit, asked, route};
use super::{Call, World, pieces, scripted};
use crate::lint::Outcome;
use crate::model::{Operation, Output, ServiceError, names};
use crate::service::Refusal;
use crate::wire::{cases, encode, shortened};

/// What a call came to.
enum Reply {
    Output(Output),
    Case(CaseReply),
    Error(ServiceError),
    Planned(Arc<Plan>),
}

/// What a call of an operation on cases came to.
struct CaseReply {
    body: Body,
    case_id: Option<String>,
    attachment_set_id: Option<String>,
    next_token: Option<String>,
}

/// Where a call is made, and what lint knows of it.
struct Place {
    world: Arc<World>,
    lint: Option<Linting>,
}

/// Responds to a request that is not for control.
pub(super) async fn answer(State(app): State<Arc<App>>, request: axum::extract::Request) -> Response {
    let start = Instant::now();
    let request_id = request_id();
    let (parts, incoming) = request.into_parts();
    let connection = parts.extensions.get::<Arc<Connection>>().cloned();
    let operation = admit(&app, &parts).and_then(|()| route(&parts));
    let served = operation.as_ref().ok().copied();
    let mut place = Place { world: app.worlds.shared().clone(), lint: None };
    let reply = match operation {
        Ok(operation) => reply(&app, &mut place, operation, parts, incoming, &request_id).await,
        Err(error) => {
            app.bodies.drain(&parts.headers, incoming);
            Err(error)
        }
    };
    let mut reply = reply.unwrap_or_else(|error| Reply::Error(error.error(&request_id)));
    let response = match respond(&app, &mut reply, connection.as_deref(), &request_id) {
        Ok(response) => response,
        Err(error) => {
            let error = error.error(&request_id);
            let response = own(status(error.status), &request_id, encode::error_body(&error));
            reply = Reply::Error(error);
            response
        }
    };
    let Place { world, lint } = place;
    world.count(response.status().is_success());
    let status = response.status().as_u16();
    let lint = lint.map(|lint| {
        let (outcome, set) = outcome(&reply, status);
        lint.finish(&world, outcome, set, &request_id)
    });
    if let Some(observer) = &app.options.observer {
        let call = call(&reply, status, &request_id, start.elapsed());
        let world = world.name().map(Into::into);
        observer(&Call { operation: served, world, lint: lint.unwrap_or_default(), ..call });
    }
    response
}

/// Reads a call, and performs it in its world, which is noted, unless something
/// else is planned.
async fn reply(
    app: &Arc<App>,
    place: &mut Place,
    operation: Operation,
    parts: Parts,
    incoming: Body,
    request_id: &str,
) -> Result<Reply, ProtocolError> {
    let body = app.bodies.read(&parts.headers, incoming).await?;
    if let Some(connection) = parts.extensions.get::<Arc<Connection>>() {
        connection.is_answering();
    }
    let name = app.worlds.name_of(&parts)?;
    let found = app.worlds.find(name.as_deref());
    let mut plan = None;
    if let Some(found) = &found {
        place.world.clone_from(found);
        plan = place.world.next.take(operation);
    }
    if let Some(options) = &app.options.lint {
        place.lint = Some(Linting::new(options, operation, &parts, &body.bytes));
    }
    let Some(plan) = plan else {
        let content = read(app, name.clone(), operation, parts, body).await?;
        if found.is_none() {
            // Not before the signature was verified, where it is.
            place.world = app.worlds.make(name.as_deref())?;
        }
        return perform(app, place, content, request_id).await;
    };
    let mut reply = Ok(Reply::Planned(plan.clone()));
    if plan.answer.is_performed() {
        let performed = match read(app, name, operation, parts, body).await {
            Ok(content) => perform(app, place, content, request_id).await,
            Err(error) => Err(error),
        };
        if plan.answer == Answer::Served {
            reply = performed;
        }
    } else if let (Some(lint), Some(options)) = (&mut place.lint, &app.options.lint) {
        if let Ok(content) = read(app, name, operation, parts, body).await {
            lint.add(&content.asked, content.found);
        }
        lint.judge(&place.world, options);
    }
    tokio::time::sleep(plan.delay).await;
    reply
}

/// Decodes a call, a long one in its turn.
async fn read(
    app: &Arc<App>,
    name: Option<Box<str>>,
    operation: Operation,
    parts: Parts,
    mut body: Held,
) -> Result<Content, ProtocolError> {
    if body.bytes.len() <= SHORT {
        return asked(&app.options, operation, name.as_deref(), &parts, &mut body);
    }
    let turn = app.decoders.turn(body.bytes.len()).await;
    let app = app.clone();
    let decode = move || {
        let asked = asked(&app.options, operation, name.as_deref(), &parts, &mut body);
        drop((body, turn));
        asked
    };
    let decoded = tokio::task::spawn_blocking(decode).await;
    decoded.map_err(|_| ProtocolError::Internal("the decoder was interrupted"))?
}

async fn perform(
    app: &Arc<App>,
    place: &mut Place,
    content: Content,
    request_id: &str,
) -> Result<Reply, ProtocolError> {
    let world = &place.world;
    if let (Some(lint), Some(options)) = (&mut place.lint, &app.options.lint) {
        lint.add(&content.asked, content.found);
        if lint.judge(world, options)
            && let Some(warning) = lint.first()
        {
            return Err(ProtocolError::Lint(warning.clone()));
        }
    }
    let answer = match content.asked {
        Asked::Set(upload) => world.service(|service, now| service.call(upload, now)).map(Reply::Output),
        Asked::Case(input) => case(app, world, input).await?.map(Reply::Case),
    };
    Ok(answer.unwrap_or_else(|refusal| Reply::Error(refusal.error(request_id))))
}

/// Performs a call of an operation on cases. Its response may be as long as a
/// file: it needs room until it is sent.
async fn case(
    app: &Arc<App>,
    world: &Arc<World>,
    input: cases::Input,
) -> Result<Result<CaseReply, Refusal>, ProtocolError> {
    let gone = |_| ProtocolError::Internal("the encoder is gone");
    let _permit = app.encoders.acquire().await.map_err(gone)?;
    let (case_id, attachment_set_id) = about(&input);
    let encode = {
        let (app, world) = (app.clone(), world.clone());
        move || {
            let output = match world.service(|service, now| service.call_case(input, now)) {
                Ok(output) => output,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let (created, next_token) = match &output {
                cases::Output::CreateCase { case_id } => (Some(case_id.clone()), None),
                cases::Output::DescribeCases { next_token, .. } => (None, next_token.clone()),
                cases::Output::DescribeCommunications(page) => (None, page.next_token.clone()),
                _ => (None, None),
            };
            // Before the work is done, where the length is known.
            let mut body = Held::new(&app.responses);
            let encoded = body.reserve(cases::least_len(&output) + SHORT);
            match encoded.and_then(|()| cases::encode_to(&mut body, &output)) {
                Ok(()) => Ok(Ok((pieces::held(body), created, next_token))),
                Err(_) => Err(ProtocolError::Full),
            }
        }
    };
    let encoded = tokio::task::spawn_blocking(encode).await;
    let (body, created, next_token) =
        match encoded.map_err(|_| ProtocolError::Internal("the encoder was interrupted"))?? {
            Ok(encoded) => encoded,
            Err(refusal) => return Ok(Err(refusal)),
        };
    Ok(Ok(CaseReply { body, case_id: created.or(case_id), attachment_set_id, next_token }))
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

fn respond(
    app: &App,
    reply: &mut Reply,
    connection: Option<&Connection>,
    request_id: &str,
) -> Result<Response, ProtocolError> {
    Ok(match reply {
        Reply::Output(output) => own(StatusCode::OK, request_id, encode::output_body(output)),
        Reply::Case(case) => own(StatusCode::OK, request_id, std::mem::take(&mut case.body)),
        Reply::Error(error) => own(status(error.status), request_id, encode::error_body(error)),
        Reply::Planned(plan) => match &plan.answer {
            Answer::Error(error) => {
                let request_id = error.request_id.as_deref().unwrap_or(request_id);
                own(status(error.status), request_id, encode::error_body(error))
            }
            Answer::Fixture { reply, .. } => scripted::fixture(app, reply, connection, request_id)?,
            Answer::Served | Answer::Cut(Cut::BeforeCall | Cut::AfterCall) => {
                scripted::cut(connection, request_id)?
            }
        },
    })
}

/// A response of an operation.
pub(super) fn own(status: StatusCode, request_id: &str, body: impl Into<Body>) -> Response {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(names::CONTENT_TYPE));
    if let Ok(request_id) = HeaderValue::from_str(request_id) {
        answer.headers_mut().insert(HeaderName::from_static("x-amzn-requestid"), request_id);
    }
    answer
}

/// What a call came to, for lint, and the set that it made or added to.
fn outcome(reply: &Reply, status: u16) -> (Outcome, Option<&str>) {
    let code = |error: &ServiceError| error.code.clone();
    let (code, token, set) = match reply {
        Reply::Output(output) => (None, None, output.attachment_set_id.as_deref()),
        Reply::Case(case) => (None, case.next_token.clone(), None),
        Reply::Error(error) => (code(error), None, None),
        Reply::Planned(plan) => match &plan.answer {
            Answer::Error(error) => (code(error), None, None),
            _ => (None, None, None),
        },
    };
    (Outcome { status, code, token, set: None }, set)
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
        Reply::Planned(plan) => Call::new(request_id, status, plan.answer.name(), took),
    }
}
