//! A call and its response, for a log.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::lint::Warning;
use crate::model::Operation;
use crate::text::one_line;
use crate::wire::hex;

/// A call that had a response.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// When it came, by the system's clock and RFC 3339.
    pub time: String,
    /// The id it was given, which its response carries.
    pub request_id: String,
    /// The operation; none where the request named none that is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// The response's HTTP status.
    pub status: u16,
    /// `ok`, the error's code, or `fixture` and the fixture's id.
    pub answer: String,
    /// The error's message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The world that it was made in; none for the shared one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub world: Option<String>,
    /// The set it was about, cut where it is very long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_set_id: Option<String>,
    /// The case it was about, cut where it is very long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_id: Option<String>,
    /// What lint has seen of it, and of what did not follow the calls before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lint: Vec<Warning>,
    /// Time until the response, in milliseconds.
    pub milliseconds: f64,
}

impl Call {
    pub(super) fn new(request_id: &str, status: u16, answer: String, took: Duration) -> Self {
        Self {
            time: Timestamp::now().to_string(),
            request_id: request_id.into(),
            operation: None,
            status,
            answer,
            message: None,
            world: None,
            attachment_set_id: None,
            case_id: None,
            lint: Vec::new(),
            milliseconds: (took.as_secs_f64() * 1e6).round() / 1e3,
        }
    }
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { time, request_id, status, answer, milliseconds, .. } = self;
        write!(f, "{time} ")?;
        if let Some(world) = &self.world {
            write!(f, "[{world}] ")?;
        }
        if let Some(operation) = self.operation {
            write!(f, "{operation} ")?;
        }
        // What a request says may hold what a terminal or a CI server obeys.
        write!(f, "{status} {}", one_line(answer))?;
        if let Some(id) = &self.case_id {
            write!(f, " {}", one_line(id))?;
        }
        if let Some(id) = &self.attachment_set_id {
            write!(f, " set {}", one_line(id))?;
        }
        write!(f, " in {milliseconds:.1} ms, request {request_id}")?;
        match &self.message {
            // Quoted, for it may have come from the request.
            Some(message) => write!(f, ": \"{}\"", one_line(message)),
            None => Ok(()),
        }
    }
}

/// A random id of the form that AWS services use: a UUID's.
pub(super) fn request_id() -> String {
    let mut id = hex(&fastrand::u128(..).to_be_bytes());
    for dash in [20, 16, 12, 8] {
        id.insert(dash, '-');
    }
    id
}
