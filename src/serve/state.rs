//! What a server holds, and how it responded, as its users read it.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::digests::Digests;
use crate::lint::Warning;
use crate::model::Operation;
use crate::service::{Attached, Case, Communication, Service, Set, Stored, expiry_text};

/// What a server holds, and how it responded.
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
    /// How many calls had a response with a 2xx status.
    pub succeeded: u64,
    /// How many calls had a response with any other status.
    pub refused: u64,
    /// The responses planned for the next calls, in order.
    pub next: Vec<NextState>,
    /// What lint has seen so far; none where it is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lint: Option<LintState>,
}

/// What lint has seen of the calls in a world.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LintState {
    /// The warnings, the first first; 200 at most.
    pub warnings: Vec<WarningState>,
    /// How many there was no room for.
    pub dropped: u64,
}

/// A warning, and the call that it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WarningState {
    /// The rule and what was seen.
    #[serde(flatten)]
    pub warning: Warning,
    /// The operation; none where it is about what was not called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// The id of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// A live attachment set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetState {
    /// Its id.
    pub attachment_set_id: String,
    /// When it was created, by RFC 3339.
    pub created: String,
    /// When it expires, as the response stated it.
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

/// The response planned for some of the next calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NextState {
    /// The operation whose calls these are, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// The error code, `fixture` and the fixture's id, `cut` and when, or
    /// `served`.
    pub answer: String,
    /// How long it is held back, in milliseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub delay_ms: u64,
    /// How many calls.
    pub calls: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A world that has a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorldState {
    /// Its name, which is an access key id.
    pub world: String,
    /// How many whole seconds ago it was last used.
    pub idle_seconds: u64,
}

/// What is in the state beside its sets and cases, which precede the counts.
#[derive(Serialize)]
pub(super) struct Counts {
    pub(super) succeeded: u64,
    pub(super) refused: u64,
    pub(super) next: Vec<NextState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lint: Option<LintState>,
}

/// A part of the state as it was at a time, and the files in it in order, of
/// which the digests are missing. Digests take long: they are computed while
/// calls go on.
pub(super) struct Undigested<T> {
    state: T,
    data: Vec<Option<Arc<Vec<u8>>>>,
}

/// A part of the state that has files.
pub(super) trait Files {
    /// The files, in order.
    fn files(&mut self) -> impl Iterator<Item = &mut AttachmentState>;
}

impl Files for SetState {
    fn files(&mut self) -> impl Iterator<Item = &mut AttachmentState> {
        self.attachments.iter_mut()
    }
}

impl Files for CommunicationState {
    fn files(&mut self) -> impl Iterator<Item = &mut AttachmentState> {
        self.attachments.iter_mut().map(|attached| &mut attached.file)
    }
}

impl Files for CaseState {
    fn files(&mut self) -> impl Iterator<Item = &mut AttachmentState> {
        self.communications.iter_mut().flat_map(Files::files)
    }
}

impl<T: Files> Undigested<T> {
    fn new<'a>(state: T, files: impl Iterator<Item = &'a Stored>) -> Self {
        Self { state, data: files.map(|stored| stored.data.clone()).collect() }
    }

    /// Computes the digests.
    pub(super) fn finish(mut self, digests: &Digests) -> T {
        for (file, data) in self.state.files().zip(self.data) {
            file.sha256 = data.map(|data| digests.of(&data).to_string());
        }
        self.state
    }
}

/// The live sets at a time.
pub(super) fn sets_of(service: &mut Service, now: Timestamp) -> Vec<Undigested<SetState>> {
    service.sets(now).map(set_of).collect()
}

pub(super) fn set_of(set: &Set) -> Undigested<SetState> {
    let state = SetState {
        attachment_set_id: set.id.to_string(),
        created: set.created.to_string(),
        expiry_time: expiry_text(set.expires),
        attachments: set.attachments.iter().map(AttachmentState::from).collect(),
    };
    Undigested::new(state, set.attachments.iter())
}

/// The cases.
pub(super) fn cases_of(service: &Service) -> Vec<Undigested<CaseState>> {
    let with_communications = |case: &Case| {
        let communications = case.communications.iter().map(|one| communication_state(service, one));
        let state = CaseState { communications: communications.collect(), ..CaseState::from(case) };
        let files = case.communications.iter().flat_map(|one| service.attached(one));
        Undigested::new(state, files.map(|file| &file.stored))
    };
    service.cases().map(with_communications).collect()
}

pub(super) fn communication_of(service: &Service, one: &Communication) -> Undigested<CommunicationState> {
    let files = service.attached(one).map(|file| &file.stored);
    Undigested::new(communication_state(service, one), files)
}

/// Without digests.
fn communication_state(service: &Service, one: &Communication) -> CommunicationState {
    CommunicationState {
        created: one.created.to_string(),
        bytes: one.body.len(),
        attachments: service.attached(one).map(FileState::from).collect(),
    }
}

/// Without a digest.
impl From<&Stored> for AttachmentState {
    fn from(stored: &Stored) -> Self {
        Self { file_name: stored.file_name.clone(), bytes: stored.bytes, sha256: None }
    }
}

/// Without communications.
impl From<&Case> for CaseState {
    fn from(case: &Case) -> Self {
        Self {
            case_id: case.id.to_string(),
            display_id: case.display_id.clone(),
            subject: case.subject.clone(),
            status: case.status.into(),
            created: case.created.to_string(),
            communications: Vec::new(),
        }
    }
}

/// Without a digest.
impl From<&Attached> for FileState {
    fn from(attached: &Attached) -> Self {
        Self { attachment_id: attached.id.to_string(), file: AttachmentState::from(&attached.stored) }
    }
}
