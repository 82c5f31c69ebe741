//! Answers: an output, an error that the service named, or neither.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{DecodeError, DecodeErrorKind};
use crate::model::{Output, ServiceError};
use crate::wire::Response;
use crate::wire::outcome::{ErrorKind, Failure, Outcome};

/// What an answer means to its caller.
///
/// - A 2xx answer must be a JSON object whose `attachmentSetId` and
///   `expiryTime` are strings, null or absent; unknown members are ignored;
///   of a repeated member the last counts. Anything else is a `decode` error
///   with the JSON path.
/// - A 2xx answer that carries neither member but names an error is that
///   error: to report success for it would lose the caller's files.
/// - Any other status is a `service` error. Its code is the first that is
///   there of the `x-amzn-errortype` header and the body's `__type` and
///   `code` strings; its message is the first of the body's `message` and
///   `Message` strings.
#[must_use]
pub fn response(response: &Response) -> Outcome {
    let body = body(&response.body);
    if !(200..300).contains(&response.status) {
        return service_error(response, body.unwrap_or_default()).into();
    }
    match body.and_then(|body| Ok((body.output()?, body))) {
        Ok((output, body)) => {
            let error = service_error(response, body);
            if output == Output::default() && error.code.is_some() { error.into() } else { output.into() }
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
    let code = header
        .or_else(|| body.dunder_type.text().and_then(error_code))
        .or_else(|| body.code.text().and_then(error_code))
        .map(str::to_owned);
    let message = body.message.into_text().or(body.capital_message.into_text());
    ServiceError { code, message, status: response.status, request_id: request_id(response) }
}

fn request_id(response: &Response) -> Option<String> {
    response.headers.get("x-amzn-requestid").map(str::to_owned)
}

/// The members of an answer that mean something.
#[derive(Default)]
struct Body<'a> {
    attachment_set_id: Member<'a>,
    expiry_time: Member<'a>,
    dunder_type: Member<'a>,
    code: Member<'a>,
    message: Member<'a>,
    capital_message: Member<'a>,
}

impl Body<'_> {
    fn output(&self) -> Result<Output, DecodeError> {
        Ok(Output {
            attachment_set_id: self.attachment_set_id.string("attachmentSetId")?,
            expiry_time: self.expiry_time.string("expiryTime")?,
        })
    }
}

fn body(bytes: &[u8]) -> Result<Body<'_>, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::whole("the body is empty"));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| DecodeError::whole(format!("not UTF-8 after byte {}", error.valid_up_to())))?;
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
            *member = map.next_value_seed(MemberSeed)?;
        }
        Ok(body)
    }
}

/// A member's value, as far as it matters.
#[derive(Default)]
enum Member<'a> {
    /// Absent or null: the protocol makes no difference.
    #[default]
    Absent,
    Text(Cow<'a, str>),
    Other(&'static str),
}

impl Member<'_> {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.into_owned()),
            _ => None,
        }
    }

    fn string(&self, name: &str) -> Result<Option<String>, DecodeError> {
        match self {
            Self::Absent => Ok(None),
            Self::Text(text) => Ok(Some(text.clone().into_owned())),
            Self::Other(kind) => Err(DecodeError {
                path: format!("$.{name}"),
                kind: DecodeErrorKind::Type,
                reason: format!("expected a string, found {kind}"),
            }),
        }
    }
}

struct MemberSeed;

impl<'de> DeserializeSeed<'de> for MemberSeed {
    type Value = Member<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Member<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for MemberSeed {
    type Value = Member<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Member::Absent)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Member::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Member::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Member::Other("a boolean"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Member::Other("a number"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Member::Other("a number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Member::Other("a number"))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Member::Other("an array"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Member::Other("an object"))
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
