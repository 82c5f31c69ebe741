//! The messages of the operations on cases.
//!
//! The members that the documented service works with; the service model has their
//! types. Absent and null are the same; unknown members are skipped.

#![expect(missing_docs, reason = "the members are the model's")]

use std::io;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::decode::{DecodeError, members};
use super::encode::base64;
use crate::model::Operation;

/// What an operation on cases is called with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Opens a case.
    CreateCase(CreateCase),
    /// Adds a communication to a case.
    AddCommunicationToCase(AddCommunicationToCase),
    /// Lists cases.
    DescribeCases(DescribeCases),
    /// Lists a case's communications.
    DescribeCommunications(DescribeCommunications),
    /// Gives an attachment back.
    DescribeAttachment(DescribeAttachment),
    /// Closes a case.
    ResolveCase(ResolveCase),
}

/// The input of `CreateCase`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CreateCase {
    pub subject: Option<String>,
    pub service_code: Option<String>,
    pub severity_code: Option<String>,
    pub category_code: Option<String>,
    pub communication_body: Option<String>,
    pub cc_email_addresses: Option<Vec<String>>,
    pub language: Option<String>,
    pub issue_type: Option<String>,
    pub attachment_set_id: Option<String>,
    pub upload_ids: Option<Vec<String>>,
    pub dry_run: Option<bool>,
}

/// The input of `AddCommunicationToCase`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AddCommunicationToCase {
    pub case_id: Option<String>,
    pub communication_body: Option<String>,
    pub cc_email_addresses: Option<Vec<String>>,
    pub attachment_set_id: Option<String>,
    pub upload_ids: Option<Vec<String>>,
    pub dry_run: Option<bool>,
}

/// The input of `DescribeCases`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DescribeCases {
    pub case_id_list: Option<Vec<String>>,
    pub display_id: Option<String>,
    pub after_time: Option<String>,
    pub before_time: Option<String>,
    pub include_resolved_cases: Option<bool>,
    pub next_token: Option<String>,
    pub max_results: Option<i32>,
    pub language: Option<String>,
    pub include_communications: Option<bool>,
    pub dry_run: Option<bool>,
}

/// The input of `DescribeCommunications`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DescribeCommunications {
    pub case_id: Option<String>,
    pub before_time: Option<String>,
    pub after_time: Option<String>,
    pub next_token: Option<String>,
    pub max_results: Option<i32>,
    pub dry_run: Option<bool>,
}

/// The input of `DescribeAttachment`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DescribeAttachment {
    pub attachment_id: Option<String>,
    pub dry_run: Option<bool>,
}

/// The input of `ResolveCase`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResolveCase {
    pub case_id: Option<String>,
    pub dry_run: Option<bool>,
}

/// What an operation on cases responses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Output {
    CreateCase {
        case_id: String,
    },
    AddCommunicationToCase {
        result: bool,
    },
    DescribeCases {
        cases: Vec<CaseDetails>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_token: Option<String>,
    },
    DescribeCommunications(Communications),
    DescribeAttachment {
        attachment: Attachment,
    },
    ResolveCase {
        initial_case_status: &'static str,
        final_case_status: &'static str,
    },
}

/// A case as `DescribeCases` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseDetails {
    pub case_id: String,
    pub display_id: String,
    pub subject: String,
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity_code: Option<String>,
    pub submitted_by: &'static str,
    pub time_created: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recent_communications: Option<Communications>,
    pub cc_email_addresses: Vec<String>,
    pub language: String,
}

/// Some communications, and where those before them start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Communications {
    pub communications: Vec<Communication>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// A communication on a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Communication {
    pub case_id: String,
    pub body: String,
    pub submitted_by: &'static str,
    pub time_created: String,
    pub attachments: Vec<AttachmentDetails>,
    pub attachment_set: Vec<AttachmentDetails>,
}

/// What a communication says of an attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AttachmentDetails {
    pub attachment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
}

/// An attachment that comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    #[serde(serialize_with = "blob", skip_serializing_if = "Option::is_none")]
    pub data: Option<Arc<Vec<u8>>>,
}

fn blob<S: Serializer>(data: &Option<Arc<Vec<u8>>>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&base64(data.as_deref().map_or(&[], Vec::as_slice)))
}

/// Decodes a request's body by the service model: unknown members are skipped,
/// whatever they hold; of a member that stands twice the last counts.
///
/// # Errors
/// Where the body is no JSON object in UTF-8, or a member has the wrong type;
/// the error has the JSON path.
pub fn decode<T: DeserializeOwned>(operation: Operation, body: &[u8]) -> Result<T, DecodeError> {
    let (there, _) = members(&operation.shape().input, body)?;
    let input: Map<_, _> = there.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
    serde_json::from_value(input.into()).map_err(|error| DecodeError::whole(error.to_string()))
}

/// Encodes a response's body.
#[must_use]
pub fn encode(output: &Output) -> Vec<u8> {
    let mut body = Vec::new();
    // No key and no number in it can fail to be JSON, nor a vector to take it.
    let _ = encode_to(&mut body, output);
    body
}

/// At least how many bytes the body of a response has that gives a file back.
#[must_use]
pub fn least_len(output: &Output) -> usize {
    match output {
        Output::DescribeAttachment { attachment } => {
            let name = attachment.file_name.as_ref().map_or(0, String::len);
            name + attachment.data.as_ref().map_or(0, |data| data.len().div_ceil(3) * 4)
        }
        _ => 0,
    }
}

/// Encodes a response's body, piece by piece.
///
/// # Errors
/// Where the writer fails.
pub fn encode_to(writer: impl io::Write, output: &Output) -> io::Result<()> {
    Ok(serde_json::to_writer(writer, output)?)
}
