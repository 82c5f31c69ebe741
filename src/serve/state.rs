//! What a server holds and has answered, as its users read it.

use serde::{Deserialize, Serialize};

use crate::service::{Set, Stored, expiry_text};
use crate::wire::sha256_hex;

/// What a server holds and has answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// What its clock shows, by RFC 3339.
    pub now: String,
    /// The live sets, the oldest first.
    pub sets: Vec<SetState>,
    /// How many calls were answered with a 2xx status.
    pub succeeded: u64,
    /// How many calls were answered with another status.
    pub refused: u64,
    /// What the next calls are answered with, in order.
    pub next: Vec<NextState>,
}

/// A live attachment set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetState {
    /// Its id.
    pub attachment_set_id: String,
    /// When it was created, by RFC 3339.
    pub created: String,
    /// When it expires, as it was answered.
    pub expiry_time: String,
    /// What is in it, in the order in which it came.
    pub attachments: Vec<AttachmentState>,
}

/// An attachment in a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttachmentState {
    /// The file's name, cut where it is very long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// How many bytes the file has.
    pub bytes: usize,
    /// The file's SHA-256, in hexadecimal; none once its data is dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// What some of the next calls are answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NextState {
    /// The error code, or `fixture` and the fixture's id.
    pub answer: String,
    /// How many calls.
    pub calls: u32,
}

impl From<&Set> for SetState {
    fn from(set: &Set) -> Self {
        Self {
            attachment_set_id: set.id.to_string(),
            created: set.created.to_string(),
            expiry_time: expiry_text(set.expires),
            attachments: set.attachments.iter().map(AttachmentState::from).collect(),
        }
    }
}

impl From<&Stored> for AttachmentState {
    fn from(stored: &Stored) -> Self {
        Self {
            file_name: stored.file_name.clone(),
            bytes: stored.bytes,
            sha256: stored.data.as_deref().map(|data| sha256_hex(data)),
        }
    }
}
