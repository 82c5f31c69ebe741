//! What a server holds and has answered, as its users read it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::Operation;
use crate::service::{Attached, Case, Communication, Service, Set, Stored, expiry_text};
use crate::wire::sha256_hex;

/// What a server holds and has answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// What its clock shows, by RFC 3339.
    pub now: String,
    /// The live sets, the oldest first.
    pub sets: Vec<SetState>,
    /// The cases, the oldest first.
    #[serde(default)]
    pub cases: Vec<CaseState>,
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

/// A support case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseState {
    /// Its id.
    pub case_id: String,
    /// The id that people read.
    pub display_id: String,
    /// What it is about, cut where it is very long.
    pub subject: String,
    /// Its status.
    pub status: String,
    /// When it was opened, by RFC 3339.
    pub created: String,
    /// The communications on it, the oldest first.
    pub communications: Vec<CommunicationState>,
}

/// A communication on a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommunicationState {
    /// When it was made, by RFC 3339.
    pub created: String,
    /// How many bytes its text has.
    pub bytes: usize,
    /// What is attached to it.
    pub attachments: Vec<FileState>,
}

/// An attachment to a communication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileState {
    /// Its id.
    pub attachment_id: String,
    /// The file.
    #[serde(flatten)]
    pub file: AttachmentState,
}

/// What some of the next calls are answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NextState {
    /// The operation whose calls these are, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
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

/// What a service held at a time. Digests take long: this is made while calls
/// wait, and the state of it when they go on.
pub(super) struct Held {
    sets: Vec<Set>,
    cases: Vec<(CaseState, Vec<Vec<Attached>>)>,
}

impl Held {
    pub(super) fn new(service: &mut Service, now: Timestamp) -> Self {
        let sets = service.sets(now).cloned().collect();
        let files = |communication: &Communication| service.attached(communication).cloned().collect();
        let files = |case: &Case| case.communications.iter().map(&files).collect();
        Self { sets, cases: service.cases().map(|case| (CaseState::from(case), files(case))).collect() }
    }

    pub(super) fn sets(&self) -> Vec<SetState> {
        self.sets.iter().map(SetState::from).collect()
    }

    pub(super) fn cases(self) -> Vec<CaseState> {
        let with_files = |(mut case, files): (CaseState, Vec<Vec<Attached>>)| {
            for (communication, files) in case.communications.iter_mut().zip(files) {
                communication.attachments = files.iter().map(FileState::from).collect();
            }
            case
        };
        self.cases.into_iter().map(with_files).collect()
    }
}

impl From<&Case> for CaseState {
    fn from(case: &Case) -> Self {
        Self {
            case_id: case.id.to_string(),
            display_id: case.display_id.clone(),
            subject: case.subject.clone(),
            status: case.status.into(),
            created: case.created.to_string(),
            communications: case.communications.iter().map(CommunicationState::from).collect(),
        }
    }
}

/// Without its attachments, which the service holds apart.
impl From<&Communication> for CommunicationState {
    fn from(communication: &Communication) -> Self {
        Self {
            created: communication.created.to_string(),
            bytes: communication.body.len(),
            attachments: Vec::new(),
        }
    }
}

impl From<&Attached> for FileState {
    fn from(attached: &Attached) -> Self {
        Self { attachment_id: attached.id.to_string(), file: AttachmentState::from(&attached.stored) }
    }
}
