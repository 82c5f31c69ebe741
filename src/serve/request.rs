//! What a request asks of the service.

use std::time::SystemTime;

use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Version};

use super::Options;
use super::body::{Body, SHORT};
use super::protocol::ProtocolError;
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

/// The operation that a request is for. A query and parameters of the content
/// type are passed over.
pub(super) fn route(parts: &Parts) -> Result<Operation, ProtocolError> {
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
    header("x-amz-target").and_then(Operation::from_target).ok_or(ProtocolError::Target)
}

/// The slow part of a call: what needs the whole body and no service.
pub(super) fn asked(
    options: &Options,
    operation: Operation,
    parts: &Parts,
    body: &mut Body,
) -> Result<Asked, ProtocolError> {
    if let Some(credentials) = &options.verify {
        verify_signature(parts, body, credentials)?;
    }
    if operation == Operation::AddAttachmentsToSet
        && let Some(input) = wire::decode::plain_input(&body.bytes)
    {
        return Ok(Asked::Set(upload(options, input)));
    }
    let body = &body.bytes;
    let commas = || memchr::memchr_iter(b',', body).count();
    if body.len() > SHORT && commas() > MAX_COMMAS {
        return Err(ProtocolError::Crowded(MAX_COMMAS));
    }
    Ok(Asked::Case(match operation {
        Operation::AddAttachmentsToSet => {
            return Ok(Asked::Set(upload(options, wire::decode::any_input(body)?.input)));
        }
        Operation::CreateCase => cases::Input::CreateCase(decode(body)?),
        Operation::AddCommunicationToCase => cases::Input::AddCommunicationToCase(decode(body)?),
        Operation::DescribeCases => cases::Input::DescribeCases(decode(body)?),
        Operation::DescribeCommunications => cases::Input::DescribeCommunications(decode(body)?),
        Operation::DescribeAttachment => cases::Input::DescribeAttachment(decode(body)?),
        Operation::ResolveCase => cases::Input::ResolveCase(decode(body)?),
    }))
}

fn upload(options: &Options, input: Input) -> Upload {
    Upload::new(input, options.service.kept_bytes > 0)
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
