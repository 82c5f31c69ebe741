//! The encoder of both messages, and the base64 engine they share.
//!
//! Source: the awsJson1_1 protocol (POST to `/`, target and content type,
//! blobs as base64 strings, absent members left out) and RFC 4648 section 4
//! (standard alphabet, padded).

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::{GeneralPurposeConfig, Simd};
use base64_simd::STANDARD;
use serde_json::{Map, Value};

use super::{Headers, Request, Response};
use crate::model::{Input, Operation, OperationShape, Output, ServiceError, names};

/// Decodes padded standard base64, strictly. The encoder is `base64_simd`: it
/// writes into room that was not filled before, and this one is the faster.
static BASE64: LazyLock<Simd> = LazyLock::new(|| Simd::standard(GeneralPurposeConfig::new()));

/// As long as most responses are.
const ANSWER_LEN: usize = 256;

/// The unsigned HTTP request for an input.
#[must_use]
pub fn request(input: &Input, host: &str) -> Request {
    request_of(Operation::AddAttachmentsToSet.shape(), input_body(input), host)
}

/// The unsigned HTTP request for a body of any operation.
#[must_use]
pub fn request_of(operation: &OperationShape, body: Vec<u8>, host: &str) -> Request {
    Request {
        method: "POST".into(),
        target: "/".into(),
        headers: Headers::from_iter([
            ("Host", host),
            ("Content-Type", names::CONTENT_TYPE),
            ("X-Amz-Target", &operation.target()),
            ("Content-Length", &body.len().to_string()),
        ]),
        body,
    }
}

/// The JSON body for the input of any operation.
#[must_use]
pub fn members(members: &Map<String, Value>) -> Vec<u8> {
    Value::from(members.clone()).to_string().into_bytes()
}

/// The JSON body for an input. One allocation; base64 is written straight
/// into it.
#[must_use]
pub fn input_body(input: &Input) -> Vec<u8> {
    let mut out = Vec::with_capacity(input_body_len(input));
    let mut object = Object::open(&mut out);
    if let Some(id) = &input.attachment_set_id {
        object.string("attachmentSetId", id);
    }
    if let Some(attachments) = &input.attachments {
        let out = object.key("attachments");
        out.push(b'[');
        for (index, attachment) in attachments.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            let mut object = Object::open(out);
            if let Some(name) = &attachment.file_name {
                object.string("fileName", name);
            }
            if let Some(data) = &attachment.data {
                object.base64("data", data);
            }
            object.close();
        }
        out.push(b']');
    }
    if let Some(dry_run) = input.dry_run {
        object.key("dryRun").extend_from_slice(if dry_run { b"true" } else { b"false" });
    }
    object.close();
    out
}

/// The HTTP response for an output.
#[must_use]
pub fn output(output: &Output, request_id: &str) -> Response {
    response(200, request_id, output_body(output))
}

/// The JSON body for an output.
#[must_use]
pub fn output_body(output: &Output) -> Vec<u8> {
    let mut body = Vec::with_capacity(ANSWER_LEN);
    let mut object = Object::open(&mut body);
    if let Some(id) = &output.attachment_set_id {
        object.string("attachmentSetId", id);
    }
    if let Some(time) = &output.expiry_time {
        object.string("expiryTime", time);
    }
    object.close();
    body
}

/// The HTTP response for an error: its code as `__type`, the form that the
/// protocol recommends to new services.
#[must_use]
pub fn error(error: &ServiceError) -> Response {
    response(error.status, error.request_id.as_deref().unwrap_or_default(), error_body(error))
}

/// The JSON body for an error.
#[must_use]
pub fn error_body(error: &ServiceError) -> Vec<u8> {
    let mut body = Vec::with_capacity(ANSWER_LEN);
    let mut object = Object::open(&mut body);
    if let Some(code) = &error.code {
        object.string("__type", code);
    }
    if let Some(message) = &error.message {
        object.string("message", message);
    }
    object.close();
    body
}

fn response(status: u16, request_id: &str, body: Vec<u8>) -> Response {
    let mut headers = Headers::default();
    headers.push("Content-Type", names::CONTENT_TYPE);
    if !request_id.is_empty() {
        headers.push("x-amzn-RequestId", request_id);
    }
    headers.push("Content-Length", body.len().to_string());
    Response { status, headers, body }
}

/// Bytes as padded standard base64.
#[must_use]
pub fn base64(data: &[u8]) -> String {
    STANDARD.encode_to_string(data)
}

/// The bytes that a padded standard base64 text stands for.
///
/// # Errors
/// Where the text is not padded standard base64 in its canonical form.
pub fn from_base64(text: impl AsRef<[u8]>) -> Result<Vec<u8>, base64::DecodeError> {
    BASE64.decode(text)
}

/// Writes one JSON object, member by member.
struct Object<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

impl<'a> Object<'a> {
    fn open(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    /// Writes a member's name; what is pushed next is its value.
    fn key(&mut self, name: &str) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    fn string(&mut self, name: &str, value: &str) {
        escape(self.key(name), value);
    }

    fn base64(&mut self, name: &str, data: &[u8]) {
        let out = self.key(name);
        out.push(b'"');
        STANDARD.encode_append(data, out);
        out.push(b'"');
    }

    fn close(self) {
        self.out.push(b'}');
    }
}

/// Writes a JSON string, escaping what RFC 8259 section 7 says must be.
fn escape(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    let mut plain = 0;
    let bytes = text.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        if escaped_len(byte) == 1 {
            continue;
        }
        out.extend_from_slice(bytes.get(plain..at).unwrap_or_default());
        plain = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                out.extend_from_slice(b"\\u00");
                out.extend(
                    [byte >> 4, byte & 15]
                        .map(|nibble| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0')),
                );
            }
        }
    }
    out.extend_from_slice(bytes.get(plain..).unwrap_or_default());
    out.push(b'"');
}

/// How many bytes one byte of a string takes in its JSON form.
fn escaped_len(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
        0..=0x1f => 6,
        _ => 1,
    }
}

/// A bound on the body's length, exact but for separators.
fn input_body_len(input: &Input) -> usize {
    let string = |text: &String| text.bytes().map(escaped_len).sum::<usize>();
    let attachment = |attachment: &crate::model::Attachment| {
        r#"{"fileName":"","data":""},"#.len()
            + attachment.file_name.as_ref().map_or(0, string)
            + attachment.data.as_ref().map_or(0, |data| base64_len(data))
    };
    r#"{"attachmentSetId":"","attachments":[],"dryRun":false}"#.len()
        + input.attachment_set_id.as_ref().map_or(0, string)
        + input.attachments.iter().flatten().map(attachment).sum::<usize>()
}

fn base64_len(data: &[u8]) -> usize {
    data.len().div_ceil(3) * 4
}
