//! The fixture format, its rules and its loader.
//!
//! A fixture is one JSON file: what to call, the response, what must be
//! seen. Its id is its path below `fixtures/client/` or `fixtures/service/`
//! without `.json`. See `fixtures/README.md` for the format in words.

mod data;
mod defect;
mod fields;
mod load;
mod pattern;
mod reply;
mod requirement;
mod rules;
mod script;
mod service;
mod spelling;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Map;

pub use data::{Blob, GeneratedBlob, Repeat, Text};
pub use defect::Defect;
pub use load::{Entry, LoadError, Set};
pub use pattern::{ErrorPattern, Expected, Given, OutputPattern, Pattern, Rule, Tolerated};
pub use reply::{Action, Body, HttpReply, RawReply, Reply, Start};
pub use requirement::{Basis, Claim, Requirement, Requirements, Source, cited};
pub(crate) use script::DateIs;
pub use script::{SAMPLE_DATE, http_date};
pub use service::{
    Advance, AtOnce, Form, Member, Send, ServiceExchange, ServiceFixture, ServiceNeed, ServiceRequest,
    ServiceStep, Sign,
};
pub use spelling::Spelling;

use crate::model;
use crate::wire::{Request, encode};

/// The version of the fixtures' format, which the JSON Schemas say.
pub const FORMAT: u32 = 1;

/// One file of the client role: what to call, the response, what must be
/// seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("attachsetFormat" = FORMAT)))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fixture {
    /// The path below `fixtures/client/` without `.json`; not in the file.
    #[serde(skip)]
    pub id: String,
    /// What the client should do, in one line.
    pub title: String,
    /// Why the fixture exists.
    pub why: String,
    /// How binding it is.
    pub level: Level,
    /// The ids of the requirements it rests on; at least one.
    pub cites: Vec<String>,
    /// Which of them a defect violates, where the fixture states it. Otherwise it
    /// is the one that the oracle names for the response, if the fixture cites it,
    /// or else the first.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub charges: Charges,
    /// The requirements that a defect violates instead, from the plain to the
    /// special, if the client meets the one in `charges`, and those before, in
    /// other fixtures.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub otherwise: Otherwise,
    /// Why the fixture says more than the oracle does of its response, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond: Option<String>,
    /// What a client must be able to express or be configured for; without it, it is
    /// `unsupported`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// Whether the credentials handed out are temporary (with a session token).
    #[serde(default, skip_serializing_if = "is_default")]
    pub session_token: bool,
    /// A path that is part of the endpoint the client is given, such as
    /// `/custom`; the request goes to that path and a slash.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub endpoint_path: String,
    /// The maximum number of attempts that the client is configured for.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub max_attempts: u32,
    /// The connect and read timeout that the client is given, in milliseconds.
    #[serde(default = "default_timeout", skip_serializing_if = "is_default_timeout")]
    pub timeout_ms: u64,
    /// The calls, in order.
    pub steps: Vec<Step>,
}

/// For a kind of defect, the id of the requirement that it breaks.
pub type Charges = BTreeMap<Defect, String>;

/// For a kind of defect, the ids of requirements that it may break instead.
pub type Otherwise = BTreeMap<Defect, Vec<String>>;

/// How binding a fixture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// The documents require it.
    Must,
    /// The documents advise it, or silence about it would hurt a user.
    Should,
    /// The documents leave it open: recorded, never judged.
    May,
}

impl Level {
    /// The word used in fixtures and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
        }
    }
}

/// Something that not every client can express or be configured for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Need {
    /// The `dryRun` member, which models before 2026 lack.
    DryRun,
    /// A connect and read timeout: the server stays silent for longer.
    Timeout,
}

/// One call, the responses it gets, and what must be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// What to call the operation with.
    pub call: Call,
    /// What the request must be, beyond the rules for every request.
    #[serde(default, skip_serializing_if = "is_default")]
    pub request: RequestRule,
    /// How many HTTP requests may come; by default as many as `replies`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<Count>,
    /// How long after a request the next one may come at the earliest, in
    /// milliseconds.
    #[serde(default, skip_serializing_if = "is_default")]
    pub min_pause_ms: u64,
    /// The responses, in the order of the requests; the last one repeats.
    pub replies: Vec<Reply>,
    /// What the call must come to.
    pub outcome: Expected,
}

/// What to call: `AddAttachmentsToSet`, or another operation of the service model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Call {
    /// The name of another operation; left out, it is `AddAttachmentsToSet`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// What the other operation is called with, by the names in the service model.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, serde_json::Value>"))]
    pub input: Map<String, serde_json::Value>,
    /// The set to add to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment_set_id: Option<Text>,
    /// The attachments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Vec<CallAttachment>>,
    /// Whether to validate only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dry_run: Option<bool>,
}

/// One attachment of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallAttachment {
    /// The file's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<Text>,
    /// The file's content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Blob>,
}

impl Call {
    /// The operation; `AddAttachmentsToSet` in place of one that the model does not
    /// have, which the loader refuses.
    #[must_use]
    pub fn operation(&self) -> &'static model::OperationShape {
        let named = self.operation.as_deref().and_then(model::operation_shape);
        named.unwrap_or_else(|| model::Operation::AddAttachmentsToSet.shape())
    }

    /// The body of a request for it.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        match self.operation {
            Some(_) => encode::members(&self.input),
            None => encode::input_body(&self.input()),
        }
    }

    /// The unsigned request for it.
    #[must_use]
    pub fn request(&self, host: &str) -> Request {
        encode::request_of(self.operation(), self.body(), host)
    }

    /// How many bytes it has, without making them.
    pub(crate) fn len(&self) -> u64 {
        let text = |text: &Option<Text>| text.as_ref().map_or(0, Text::len);
        let attachments = self.attachments.iter().flatten();
        let lens = attachments.map(|attachment| {
            text(&attachment.file_name).saturating_add(attachment.data.as_ref().map_or(0, Blob::len))
        });
        let other = if self.input.is_empty() { 0 } else { encode::members(&self.input).len() as u64 };
        lens.fold(text(&self.attachment_set_id).saturating_add(other), u64::saturating_add)
    }

    /// The input of `AddAttachmentsToSet`, with generated data made.
    #[must_use]
    pub fn input(&self) -> model::Input {
        let attachment = |attachment: &CallAttachment| model::Attachment {
            file_name: attachment.file_name.as_ref().map(Text::to_text),
            data: attachment.data.as_ref().map(Blob::to_bytes),
        };
        model::Input {
            attachment_set_id: self.attachment_set_id.as_ref().map(Text::to_text),
            attachments: self.attachments.as_ref().map(|list| list.iter().map(attachment).collect()),
            dry_run: self.dry_run,
        }
    }
}

/// What a request must be, beyond the rules for every request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RequestRule {
    /// The body, as the JSON value that it must equal. Where it is left out,
    /// the body is the call with each attachment's data as base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<serde_json::Value>,
    /// Header fields by lower-case name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<HeaderRule>,
}

/// What one header field of a request must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HeaderRule {
    /// The field's name.
    pub name: String,
    /// What its value must be; null is absent.
    pub value: Rule<Text>,
}

/// How many HTTP requests may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Count {
    /// No fewer than this.
    pub min: usize,
    /// No more than this.
    pub max: usize,
}

impl Step {
    /// How many HTTP requests may come.
    #[must_use]
    pub fn count(&self) -> Count {
        self.requests.unwrap_or(Count { min: self.replies.len(), max: self.replies.len() })
    }
}

impl Fixture {
    /// The first part of the id.
    #[must_use]
    pub fn group(&self) -> &str {
        self.id.split_once('/').map_or(&self.id, |(group, _)| group)
    }

    /// How many bytes of calls a client may send, each attempt counted.
    #[must_use]
    pub fn sent(&self) -> u64 {
        let calls = self.steps.iter().map(|step| step.call.len());
        calls.fold(0, u64::saturating_add).saturating_mul(self.max_attempts.into())
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_one(value: &u32) -> bool {
    *value == 1
}

fn default_timeout() -> u64 {
    4_000
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_default_timeout(value: &u64) -> bool {
    *value == default_timeout()
}
