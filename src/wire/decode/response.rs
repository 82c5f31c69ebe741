//! Responses: an output, an error that the service named, or neither.

use std::borrow::Cow;
use std::fmt;

use memchr::memchr;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{DecodeError, DecodeErrorKind, members, utf8};
use crate::model::{Operation, OperationShape, Output, ServiceError};
use crate::wire::Response;
use crate::wire::outcome::{ErrorKind, Failure, Outcome};

/// What a response means to its caller.
///
/// - A 2xx response must be a JSON object whose `attachmentSetId` and
///   `expiryTime` are strings, null or absent; unknown members are ignored;
///   of a repeated member the last counts. An empty body is the protocol's way
///   to write an object without members. Anything else is a `decode` error
///   with the JSON path.
/// - A 2xx response that carries neither member but names an error is that
///   error: to report success for it would lose the caller's files.
/// - Any other status is a `service` error. Its code is the first that is
///   there of the `x-amzn-errortype` header and the body's `__type` and
///   `code` strings; its message is the first of the body's `message` and
///   `Message` strings.
#[must_use]
pub fn response(response: &Response) -> Outcome {
    read(response, |body| {
        let output = body.output()?;
        let is_empty = output == Output::default();
        Ok((output.into(), is_empty))
    })
}

/// What a response to a call of any operation means to its caller: as
/// [`response`] has it, with the members that the service model has for the
/// operation's output.
#[must_use]
pub fn any_response(asked: &OperationShape, response: &Response) -> Outcome {
    if asked.is(Operation::AddAttachmentsToSet) {
        return self::response(response);
    }
    read(response, |_| {
        let body = if response.body.is_empty() { &b"{}"[..] } else { &response.body };
        let (there, _) = members(&asked.output, body)?;
        let is_empty = there.is_empty();
        let there = there.into_iter().map(|(name, value)| (name, value.into()));
        Ok((Outcome::Output(there.collect()), is_empty))
    })
}

/// Reads a response by what gives its output, and whether that has no member.
fn read(
    response: &Response,
    output: impl FnOnce(Body<'_>) -> Result<(Outcome, bool), DecodeError>,
) -> Outcome {
    let body = body(&response.body);
    if !(200..300).contains(&response.status) {
        return service_error(response, body.unwrap_or_default()).into();
    }
    match body.and_then(|body| Ok((output(body)?, body))) {
        Ok(((output, is_empty), body)) => {
            let error = service_error(response, body);
            if is_empty && error.code.is_some() { error.into() } else { output }
        }
        Err(error) => Outcome::Error(Failure {
            kind: ErrorKind::Decode,
            code: None,
            message: Some(error.to_string().into()),
            status: Some(response.status),
            request_id: request_id(response),
        }),
    }
}

/// The shape name in a discriminator: what precedes the first `:`, and of
/// that what follows the first `#`. None if nothing is left.
#[must_use]
pub fn error_code(discriminator: &str) -> Option<&str> {
    let name = discriminator.split_once(':').map_or(discriminator, |(name, _uri)| name);
    let name = name.split_once('#').map_or(name, |(_namespace, name)| name);
    Some(name.trim()).filter(|name| !name.is_empty())
}

fn service_error(response: &Response, body: Body<'_>) -> ServiceError {
    let header = response.headers.get("x-amzn-errortype").and_then(error_code);
    let named = |member: Member<'_>| member.text().and_then(|text| error_code(&text).map(str::to_owned));
    let code = header.map(str::to_owned).or_else(|| named(body.dunder_type)).or_else(|| named(body.code));
    let message = body.message.text().or_else(|| body.capital_message.text()).map(Cow::into_owned);
    ServiceError { code, message, status: response.status, request_id: request_id(response) }
}

fn request_id(response: &Response) -> Option<String> {
    response.headers.get("x-amzn-requestid").map(str::to_owned)
}

/// The members of a response that mean something.
#[derive(Clone, Copy, Default)]
struct Body<'a> {
    attachment_set_id: Member<'a>,
    expiry_time: Member<'a>,
    dunder_type: Member<'a>,
    code: Member<'a>,
    message: Member<'a>,
    capital_message: Member<'a>,
}

impl Body<'_> {
    fn output(self) -> Result<Output, DecodeError> {
        Ok(Output {
            attachment_set_id: self.attachment_set_id.string("attachmentSetId")?,
            expiry_time: self.expiry_time.string("expiryTime")?,
        })
    }
}

fn body(bytes: &[u8]) -> Result<Body<'_>, DecodeError> {
    if bytes.is_empty() {
        return Ok(Body::default());
    }
    let text = utf8(bytes)?;
    let not_json = |error: serde_json::Error| DecodeError::whole(error.to_string());
    let mut json = serde_json::Deserializer::from_str(text);
    let body = (&mut json).deserialize_map(BodyVisitor).map_err(not_json)?;
    json.end().map_err(not_json)?;
    Ok(body)
}

struct BodyVisitor;

impl<'de> Visitor<'de> for BodyVisitor {
    type Value = Body<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Body<'de>, A::Error> {
        let mut body = Body::default();
        while let Some(key) = map.next_key_seed(TextSeed)? {
            let member = match &*key {
                "attachmentSetId" => &mut body.attachment_set_id,
                "expiryTime" => &mut body.expiry_time,
                "__type" => &mut body.dunder_type,
                "code" => &mut body.code,
                "message" => &mut body.message,
                "Message" => &mut body.capital_message,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *member = Member(Some(map.next_value()?));
        }
        Ok(body)
    }
}

/// A member's JSON, not looked into before it is needed: a member that means
/// nothing here may hold what a string cannot, such as half a surrogate pair.
#[derive(Clone, Copy, Default)]
struct Member<'a>(Option<&'a RawValue>);

impl<'a> Member<'a> {
    fn text(self) -> Option<Cow<'a, str>> {
        let json = self.0?.get();
        let text = json.strip_prefix('"')?.strip_suffix('"')?;
        // What is JSON already, and has no escapes, stands for itself.
        if memchr(b'\\', text.as_bytes()).is_none() {
            return Some(Cow::Borrowed(text));
        }
        TextSeed.deserialize(&mut serde_json::Deserializer::from_str(json)).ok()
    }

    /// Absent or null is none: the protocol makes no difference.
    fn string(self, name: &str) -> Result<Option<String>, DecodeError> {
        let found = match self.0.and_then(|json| json.get().bytes().next()) {
            None | Some(b'n') => return Ok(None),
            Some(b'"') => match self.text() {
                Some(text) => return Ok(Some(text.into_owned())),
                None => "one that is not Unicode",
            },
            Some(b'{') => "an object",
            Some(b'[') => "an array",
            Some(b't' | b'f') => "a boolean",
            Some(_) => "a number",
        };
        Err(DecodeError {
            path: format!("$.{name}"),
            kind: DecodeErrorKind::Type,
            reason: format!("expected a string, found {found}"),
        })
    }
}

/// Text that is borrowed where the JSON has no escapes.
pub(super) struct TextSeed;

impl<'de> DeserializeSeed<'de> for TextSeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for TextSeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}
