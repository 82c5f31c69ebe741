//! Control of a running server, over HTTP.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::mpsc;

use super::Answer;
use super::app::App;
use super::pieces::{Coming, Data};
use super::protocol::ProtocolError;
use super::request::{admit, has_content_type};
use super::snapshot::Snapshot;
use crate::model::{Exception, Operation, ServiceError};
use crate::wire::shortened;

/// The path that control is under.
pub(super) const PREFIX: &str = "/_attachset";

/// What control there is, for people to read. The fixture that it names exists.
pub const CONTROL: &str = "\
GET    /_attachset/health             whether the server is up, and its version
GET    /_attachset/clock              the time that sets expire by
POST   /_attachset/clock              {\"advanceSeconds\": 3600} or {\"set\": \"2026-11-22T10:00:00Z\"}
GET    /_attachset/next               what the next calls are answered with
POST   /_attachset/next               {\"exception\": \"AttachmentSetExpired\", \"calls\": 2}
                                      or {\"fixture\": \"error/attachment-set-expired-type-bare\"};
                                      with \"status\", any error code; \"message\" is optional;
                                      with \"operation\", such as \"CreateCase\", its calls alone,
                                      else those that the exception is documented for
DELETE /_attachset/next               forget that
GET    /_attachset/state              clock, sets, cases, counts and what is planned
DELETE /_attachset/state              forget every set, case, count and plan; set the clock right
GET    /_attachset/data/SET/INDEX     the data of an attachment in a set, where it is kept
What is posted is JSON and says so: Content-Type: application/json.
";

type Control = State<Arc<App>>;

pub(super) fn router(app: Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/health", get(health))
        .route("/clock", get(clock).post(set_clock))
        .route("/next", get(planned).post(plan).delete(clear))
        .route("/state", get(state).delete(reset))
        .route("/data/{set}/{index}", get(data))
        .fallback(|| async { Problem(StatusCode::NOT_FOUND, CONTROL.into()) })
        .method_not_allowed_fallback(|| async { Problem(StatusCode::METHOD_NOT_ALLOWED, CONTROL.into()) })
        .layer(from_fn_with_state(app, admitted))
}

/// Passes on what this server may respond to.
async fn admitted(State(app): Control, request: Request, next: Next) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    match admit(&app, &parts) {
        Ok(()) => Ok(next.run(Request::from_parts(parts, body)).await),
        Err(error) => {
            app.bodies.drain(&parts.headers, body);
            Err(error.into())
        }
    }
}

async fn health() -> Response {
    reply(&json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}))
}

async fn clock(State(app): Control) -> Response {
    reply(&json!({"now": app.clock.now().to_string(), "aheadSeconds": app.clock.ahead().as_secs_f64()}))
}

/// One of the two.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SetClock {
    advance_seconds: Option<f64>,
    set: Option<String>,
}

async fn set_clock(app: Control, request: Request) -> Result<Response, Problem> {
    match read(&app, request).await? {
        SetClock { advance_seconds: Some(seconds), set: None } => {
            let by = Duration::try_from_secs_f64(seconds)
                .map_err(|error| Problem::bad(format!("advanceSeconds: {error}")))?;
            app.clock.advance(by);
        }
        SetClock { advance_seconds: None, set: Some(time) } => {
            let time: Timestamp = time.parse().map_err(|error| Problem::bad(format!("set: {error}")))?;
            app.clock.set(time);
        }
        _ => return Err(Problem::bad("give one of advanceSeconds and set")),
    }
    Ok(clock(app).await)
}

async fn planned(State(app): Control) -> Response {
    reply(&app.next.list())
}

/// An exception or a fixture.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Plan {
    exception: Option<String>,
    status: Option<u16>,
    message: Option<String>,
    fixture: Option<String>,
    operation: Option<Operation>,
    #[serde(default = "one")]
    calls: u32,
}

fn one() -> u32 {
    1
}

async fn plan(app: Control, request: Request) -> Result<Response, Problem> {
    let plan: Plan = read(&app, request).await?;
    let (operation, calls) = (plan.operation, plan.calls);
    let answer = match plan {
        Plan { exception: Some(code), fixture: None, status, message, .. } => {
            exception(operation, code, status, message)?
        }
        Plan { fixture: Some(id), exception: None, status: None, message: None, .. } => {
            app.fixture(&id).map_err(|error| Problem::bad(error.to_string()))?
        }
        _ => return Err(Problem::bad("give an exception (with a status and a message) or a fixture")),
    };
    match app.next.push(operation, calls, answer) {
        true => Ok(planned(app).await),
        false => Err(Problem::bad("too much is planned already")),
    }
}

/// An exception that is documented for the operation, or any error that comes
/// with a status.
fn exception(
    operation: Option<Operation>,
    code: String,
    status: Option<u16>,
    message: Option<String>,
) -> Result<Answer, Problem> {
    let documented = operation.map_or(&Exception::ALL[..], Operation::exceptions);
    let known = documented.iter().find(|exception| exception.code() == code);
    let mut error = match (known.copied().map(Answer::from), status) {
        (Some(Answer::Error(error)), _) => error,
        (_, Some(_)) => ServiceError { code: Some(code), ..ServiceError::default() },
        (_, None) => {
            let known = documented.iter().map(|exception| exception.code()).collect::<Vec<_>>().join(", ");
            return Err(Problem::bad(format!(
                "{code:?} is none of {known}; give a status to answer with it anyhow"
            )));
        }
    };
    error.status = status.unwrap_or(error.status);
    error.message = message.or(error.message);
    if !(400..600).contains(&error.status) {
        return Err(Problem::bad("an error's status is from 400 to 599"));
    }
    Ok(Answer::Error(error))
}

async fn clear(State(app): Control) -> StatusCode {
    app.next.clear();
    StatusCode::NO_CONTENT
}

/// A state of one piece has a length; a longer one comes in chunks.
async fn state(State(app): Control) -> Result<Response, Problem> {
    let gone = || Problem(StatusCode::INTERNAL_SERVER_ERROR, "the state could not be made".into());
    let (first, rest) = Snapshot::new(app).next_piece().await.ok_or_else(gone)?;
    if rest.is_over() {
        return Ok(json_response(first.into()));
    }
    let (sender, pieces) = mpsc::channel(1);
    tokio::spawn(async move {
        if sender.send(first).await.is_ok() {
            rest.send(sender).await;
        }
    });
    Ok(json_response(Body::new(Coming(pieces))))
}

async fn reset(State(app): Control) -> StatusCode {
    app.reset();
    StatusCode::NO_CONTENT
}

async fn data(State(app): Control, Path((set, index)): Path<(String, usize)>) -> Result<Response, Problem> {
    let none =
        || Problem(StatusCode::NOT_FOUND, "there is no such attachment, or its data was not kept".into());
    let length = app.data(&set, index).ok_or_else(none)?.len();
    let data = Body::new(Data { app, set, index, sent: 0, length });
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], data).into_response())
}

/// Reads a body that says that it is JSON: a web page can send anything else
/// without asking first.
async fn read<T: DeserializeOwned>(app: &App, request: Request) -> Result<T, Problem> {
    let (parts, body) = request.into_parts();
    if !has_content_type(&parts, "application/json") {
        app.bodies.drain(&parts.headers, body);
        return Err(Problem(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the content type must be application/json, as with `curl --json`".into(),
        ));
    }
    let body = app.bodies.read_short(&parts.headers, body).await?;
    serde_json::from_slice(&body.bytes).map_err(|error| Problem::bad(error.to_string()))
}

fn reply(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(json) => json_response(json.into()),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn json_response(json: Body) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], json).into_response()
}

/// What is wrong with a control request.
struct Problem(StatusCode, String);

impl Problem {
    fn bad(reason: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, shortened(&reason.into()).into_owned())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, reply(&json!({"error": self.1}))).into_response()
    }
}

impl From<ProtocolError> for Problem {
    fn from(error: ProtocolError) -> Self {
        Self(StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST), error.message())
    }
}
