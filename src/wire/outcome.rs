//! What a call came to, as its caller sees it, in the words that adapters use.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::encode::base64;
use super::loose;
use crate::model::{self, Output, ServiceError};

/// What a call came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// The call succeeded.
    Output(Members),
    /// The call failed.
    Error(Failure),
    /// The client has no way to express this call.
    Unsupported(String),
}

/// The name of a member.
pub type Name = Cow<'static, str>;

/// The output as a client reported it. A client that hands its user something
/// else than the model has is taken at its word, 100 levels deep.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[serde(rename_all = "camelCase")]
pub struct Members {
    /// The members that the client returned, by their names in the service model;
    /// bytes are in base64.
    #[serde(flatten)]
    #[cfg_attr(feature = "arbitrary", arbitrary(with = any_members))]
    pub members: BTreeMap<Name, Value>,
    /// The names of the members beyond the model's that the client handed to
    /// its caller. No document forbids them: they are never judged.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other: Vec<String>,
    /// What the client returned in place of an output, where that is no
    /// object: an array, a number, a string or a boolean.
    #[serde(skip)]
    #[cfg_attr(feature = "arbitrary", arbitrary(default))]
    pub value: Option<Value>,
}

impl Members {
    /// Whether the client returned nothing that it can have taken from the
    /// response.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.value.is_none()
    }

    /// A member, if the client returned one of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// Sets a member, or removes it.
    pub fn set(&mut self, name: impl Into<Name>, value: Option<Value>) {
        match value {
            Some(value) => drop(self.members.insert(name.into(), value)),
            None => drop(self.members.remove(&name.into())),
        }
    }
}

impl<N: Into<Name>> FromIterator<(N, Value)> for Members {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(members: I) -> Self {
        let members = members.into_iter().map(|(name, value)| (name.into(), value));
        Self { members: members.collect(), ..Self::default() }
    }
}

/// An error as a client reported it. A code or message is normally a string;
/// a client that hands its user something else is taken at its word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// What kind of error the client says it is.
    pub kind: ErrorKind,
    /// The error code.
    #[serde(default, deserialize_with = "loose::value", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "arbitrary", arbitrary(with = any_value))]
    pub code: Option<Value>,
    /// The error's message.
    #[serde(default, deserialize_with = "loose::value", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "arbitrary", arbitrary(with = any_value))]
    pub message: Option<Value>,
    /// The HTTP status, where the client's API gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The request id, where the client's API gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// The kinds of error that a caller can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ErrorKind {
    /// The service responded with an error.
    Service,
    /// The client refused the call before it sent anything.
    Client,
    /// The response could not be read.
    Decode,
    /// The connection or the HTTP exchange failed.
    Transport,
    /// The client's own timeout ended the call.
    Timeout,
    /// An exception that shows a mistake of the client's own.
    Unexpected,
}

impl ErrorKind {
    /// Every sort.
    pub const ALL: [Self; 6] =
        [Self::Service, Self::Client, Self::Decode, Self::Transport, Self::Timeout, Self::Unexpected];

    /// The word used on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Client => "client",
            Self::Decode => "decode",
            Self::Transport => "transport",
            Self::Timeout => "timeout",
            Self::Unexpected => "unexpected",
        }
    }
}

impl Outcome {
    /// An error of a kind with a message and nothing else.
    #[must_use]
    pub fn error(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::Error(Failure {
            kind,
            code: None,
            message: Some(Value::String(message.into())),
            status: None,
            request_id: None,
        })
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        let mut members = Members::default();
        members.set("attachmentSetId", output.attachment_set_id.map(Into::into));
        members.set("expiryTime", output.expiry_time.map(Into::into));
        Self::Output(members)
    }
}

impl From<ServiceError> for Outcome {
    fn from(error: ServiceError) -> Self {
        Self::Error(Failure {
            kind: ErrorKind::Service,
            code: error.code.map(Value::String),
            message: error.message.map(Value::String),
            status: Some(error.status),
            request_id: error.request_id,
        })
    }
}

/// A value as adapters report it: bytes in base64, and what JSON has no number
/// for as the string that Smithy writes it with.
impl From<model::Value> for Value {
    fn from(value: model::Value) -> Self {
        match value {
            model::Value::Blob(bytes) => base64(&bytes).into(),
            model::Value::Boolean(value) => value.into(),
            model::Value::Double(number) if number.is_nan() => "NaN".into(),
            model::Value::Double(number) if number == f64::INFINITY => "Infinity".into(),
            model::Value::Double(number) if number == f64::NEG_INFINITY => "-Infinity".into(),
            model::Value::Double(number) => number.into(),
            model::Value::Whole(number) => number.into(),
            model::Value::String(text) => text.into(),
            model::Value::List(items) => items.into_iter().map(Self::from).collect(),
            model::Value::Structure(members) => {
                members.into_iter().map(|(name, value)| (name, Self::from(value))).collect()
            }
        }
    }
}

/// What a client could report for the members of an output.
#[cfg(feature = "arbitrary")]
fn any_members(bytes: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<BTreeMap<Name, Value>> {
    let members = ["attachmentSetId", "expiryTime"].map(|name| Ok((name.into(), any_value(bytes)?)));
    let members: Vec<_> = members.into_iter().collect::<arbitrary::Result<_>>()?;
    Ok(members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
}

/// What a client could report for a string: mostly a string.
#[cfg(feature = "arbitrary")]
pub(crate) fn any_value(bytes: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<Option<Value>> {
    Ok(match bytes.int_in_range(0..=9)? {
        0 | 1 => None,
        2 => Some(bytes.arbitrary::<bool>()?.into()),
        3 => Some(bytes.arbitrary::<i64>()?.into()),
        4 => Some(bytes.arbitrary::<f64>()?.into()).filter(|number: &Value| !number.is_null()),
        5 => Some(vec![bytes.arbitrary::<String>()?].into()),
        _ => Some(bytes.arbitrary::<String>()?.into()),
    })
}
