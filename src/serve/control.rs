//! Control of a running server, over HTTP.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::mpsc;

use super::app::App;
use super::pieces::{Coming, Data};
use super::protocol::ProtocolError;
use super::request::{admit, has_content_type};
use super::scope::{self, Scope};
use super::snapshot::Snapshot;
use super::{WorldError, plan};
use crate::wire::shortened;

/// The path that control is under.
pub(super) const PREFIX: &str = "/_attachset";

/// The control paths, for people to read. The fixture that is named exists.
pub const CONTROL: &str = "\
GET    /_attachset/health             whether the server is up, and its version
GET    /_attachset/clock              the time that sets expire by
POST   /_attachset/clock              {\"advanceSeconds\": 3600} or {\"set\": \"2026-11-22T10:00:00Z\"}
GET    /_attachset/next               what is planned for the next calls
POST   /_attachset/next               a plan, or a list of plans:
                                      {\"exception\": \"AttachmentSetExpired\", \"calls\": 2}: that error;
                                      with \"status\", any error code; \"message\" is optional
                                      {\"fixture\": \"transport/closed-in-body\"}: its response, to the byte
                                      {\"cut\": \"before-call\"} or \"after-call\": no response; the
                                      connection is closed before or once the call is performed
                                      {\"delayMs\": 5000}: the response, so much later; also with the others
                                      with \"operation\", such as \"CreateCase\", its calls alone,
                                      else those that the exception is documented for
DELETE /_attachset/next               forget that
GET    /_attachset/state              clock, sets, cases, counts and what is planned
DELETE /_attachset/state              forget every set, case, count and plan; set the clock right
GET    /_attachset/data/SET/INDEX     the data of an attachment in a set, where it is kept
GET    /_attachset/lint               with --lint: every warning, and what is missing if no call follows
GET    /_attachset/worlds             with --worlds: which there are
With --worlds, ?world=ACCESS_KEY_ID takes each of them to that world; DELETE
/_attachset/state?world=ACCESS_KEY_ID forgets the whole of it.
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
        .route("/worlds", get(worlds))
        .route("/lint", get(lint))
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

async fn clock(scope: Scope) -> Response {
    let clock = scope.world.clock();
    reply(&json!({"now": clock.now().to_string(), "aheadSeconds": clock.ahead().as_secs_f64()}))
}

/// One of the two.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SetClock {
    advance_seconds: Option<f64>,
    set: Option<String>,
}

async fn set_clock(scope: Scope, request: Request) -> Result<Response, Problem> {
    let body = posted(&scope.app, request).await?;
    match serde_json::from_slice(&body).map_err(|error| Problem::bad(error.to_string()))? {
        SetClock { advance_seconds: Some(seconds), set: None } => {
            let by = Duration::try_from_secs_f64(seconds)
                .map_err(|error| Problem::bad(format!("advanceSeconds: {error}")))?;
            scope.world.clock().advance(by);
        }
        SetClock { advance_seconds: None, set: Some(time) } => {
            let time: Timestamp = time.parse().map_err(|error| Problem::bad(format!("set: {error}")))?;
            scope.world.clock().set(time);
        }
        _ => return Err(Problem::bad("give one of advanceSeconds and set")),
    }
    Ok(clock(scope).await)
}

async fn planned(scope: Scope) -> Response {
    reply(&scope.world.next.list())
}

async fn plan(scope: Scope, request: Request) -> Result<Response, Problem> {
    let app = scope.app.clone();
    let plans = plan::read(&app, &posted(&app, request).await?)?;
    scope.world.plan(plans).map_err(|full| Problem::bad(full.to_string()))?;
    Ok(planned(scope).await)
}

async fn clear(scope: Scope) -> StatusCode {
    scope.world.next.clear();
    StatusCode::NO_CONTENT
}

/// Nothing more comes: what should have is missing.
async fn lint(scope: Scope) -> Result<Response, Problem> {
    let (Some(lint), Some(options)) = (&scope.world.lint, &scope.app.options.lint) else {
        return Err(Problem::bad("lint is off; start the server with --lint"));
    };
    Ok(reply(&lint.end(scope.world.clock().now(), options)))
}

async fn worlds(State(app): Control) -> Response {
    reply(&app.worlds.list())
}

/// A state of one piece has a length; a longer one comes in chunks.
async fn state(scope: Scope) -> Result<Response, Problem> {
    let gone = || Problem(StatusCode::INTERNAL_SERVER_ERROR, "the state could not be made".into());
    let (first, rest) = Snapshot::new(scope.app, scope.world).next_piece().await.ok_or_else(gone)?;
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

/// No world is made to be forgotten.
async fn reset(State(app): Control, uri: Uri) -> Result<StatusCode, Problem> {
    app.worlds.remove(scope::name(&uri)?)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn data(scope: Scope, Path((set, index)): Path<(String, usize)>) -> Result<Response, Problem> {
    let none =
        || Problem(StatusCode::NOT_FOUND, "there is no such attachment, or its data was not kept".into());
    let world = scope.world;
    let length = world.data(&set, index).ok_or_else(none)?.len();
    let data = Body::new(Data { world, set, index, sent: 0, length });
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], data).into_response())
}

/// Reads a body that says that it is JSON: a web page can send anything else
/// without asking first.
async fn posted(app: &App, request: Request) -> Result<Vec<u8>, Problem> {
    let (parts, body) = request.into_parts();
    if !has_content_type(&parts, "application/json") {
        app.bodies.drain(&parts.headers, body);
        return Err(Problem(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the content type must be application/json, as with `curl --json`".into(),
        ));
    }
    Ok(app.bodies.read_short(&parts.headers, body).await?.bytes)
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
pub(super) struct Problem(pub(super) StatusCode, pub(super) String);

impl Problem {
    pub(super) fn bad(reason: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, shortened(&reason.into()).into_owned())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, reply(&json!({"error": self.1}))).into_response()
    }
}

impl From<WorldError> for Problem {
    fn from(error: WorldError) -> Self {
        match error {
            WorldError::Full(..) => Self(StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
            WorldError::Off | WorldError::Name(_) => Self::bad(error.to_string()),
        }
    }
}

impl From<ProtocolError> for Problem {
    fn from(error: ProtocolError) -> Self {
        Self(StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST), error.message())
    }
}
