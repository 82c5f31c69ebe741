//! What a request asks of the service.

use std::time::SystemTime;

use axum::http::header::{CONTENT_TYPE, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};

use super::Options;
use super::app::App;
use super::budget::{Held, SHORT};
use super::protocol::ProtocolError;
use crate::lint::{self, Warning};
use crate::model::{Input, Operation, names};
use crate::service::Upload;
use crate::wire::cases::{self, decode};
use crate::wire::sign::{Credentials, verify};
use crate::wire::{self, latin1};

/// The most commas in a long body, so that what is decoded of it is not much
/// larger than the body itself. No input has use for more than a few, and
/// base64 has none.
const MAX_COMMAS: usize = 100_000;

/// What a request asks of the service.
pub(super) enum Asked {
    Set(Upload),
    Case(cases::Input),
}

/// What a request asks for, and what lint found in its content.
pub(super) struct Content {
    pub(super) asked: Asked,
    pub(super) found: Vec<Warning>,
}

/// Whether a request is one that this server may respond to, whatever it asks,
/// and can be read.
pub(super) fn admit(app: &App, parts: &Parts) -> Result<(), ProtocolError> {
    app.callers.admit(parts)?;
    let mut codings = parts.headers.get_all(TRANSFER_ENCODING).iter().map(|coding| latin1(coding.as_bytes()));
    match (codings.next(), codings.next()) {
        (None, _) => Ok(()),
        (Some(only), None) if only.trim().eq_ignore_ascii_case("chunked") => Ok(()),
        (Some(first), _) => Err(ProtocolError::Coding(first)),
    }
}

/// The operation that a request is for. A query and parameters of the content
/// type are passed over.
pub(super) fn route(parts: &Parts) -> Result<Operation, ProtocolError> {
    if parts.method != Method::POST || parts.uri.path() != "/" {
        return Err(ProtocolError::Route(format!("{} {}", parts.method, parts.uri.path())));
    }
    if !has_content_type(parts, names::CONTENT_TYPE) {
        return Err(ProtocolError::ContentType);
    }
    let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    target.and_then(Operation::from_target).ok_or(ProtocolError::Target)
}

/// Whether a request's body is of this media type, whatever its parameters.
pub(super) fn has_content_type(parts: &Parts, media_type: &str) -> bool {
    let value = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let stated = value.and_then(|value| value.split(';').next());
    stated.is_some_and(|stated| stated.trim().eq_ignore_ascii_case(media_type))
}

/// The slow part of a call: what needs the whole body and no service. Whoever
/// has a world of that name signs with the access key id that is its name, and
/// with the secret of all.
pub(super) fn asked(
    options: &Options,
    operation: Operation,
    world: Option<&str>,
    parts: &Parts,
    body: &mut Held,
) -> Result<Content, ProtocolError> {
    if let Some(credentials) = &options.verify {
        let access_key_id = world.unwrap_or(&credentials.access_key_id).into();
        verify_signature(parts, body, &Credentials { access_key_id, ..credentials.clone() })?;
    }
    let set = |input: Input| {
        let found = options.lint.as_ref().map(|lint| lint::files(&input, lint)).unwrap_or_default();
        Content { asked: Asked::Set(upload(options, input)), found }
    };
    if operation == Operation::AddAttachmentsToSet
        && let Some(input) = wire::decode::plain_input(&body.bytes)
    {
        return Ok(set(input));
    }
    let body = match (body.bytes.as_slice(), operation) {
        // A server must take an empty body for an input without members
        // (awsJson1_1, "empty body serialization"), where one can be without.
        ([], operation) if !operation.shape().input.requires() => b"{}".as_slice(),
        (body, _) => body,
    };
    let commas = || memchr::memchr_iter(b',', body).count();
    if body.len() > SHORT && commas() > MAX_COMMAS {
        return Err(ProtocolError::Crowded(MAX_COMMAS));
    }
    let input = match operation {
        Operation::AddAttachmentsToSet => return Ok(set(wire::decode::any_input(body)?.input)),
        Operation::CreateCase => cases::Input::CreateCase(decode(operation, body)?),
        Operation::AddCommunicationToCase => cases::Input::AddCommunicationToCase(decode(operation, body)?),
        Operation::DescribeCases => cases::Input::DescribeCases(decode(operation, body)?),
        Operation::DescribeCommunications => cases::Input::DescribeCommunications(decode(operation, body)?),
        Operation::DescribeAttachment => cases::Input::DescribeAttachment(decode(operation, body)?),
        Operation::ResolveCase => cases::Input::ResolveCase(decode(operation, body)?),
    };
    let found = options.lint.as_ref().map(|lint| lint::texts(&input, lint)).unwrap_or_default();
    Ok(Content { asked: Asked::Case(input), found })
}

fn upload(options: &Options, input: Input) -> Upload {
    Upload::new(input, options.service.kept_bytes > 0)
}

fn verify_signature(parts: &Parts, body: &mut Held, credentials: &Credentials) -> Result<(), ProtocolError> {
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
