//! What the next calls are answered with.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::NextState;
use super::budget::{Part, Room};
use crate::fixture::{HttpReply, Reply, Set};
use crate::model::{Exception, Operation, ServiceError};
use crate::service::Refusal;

/// The most entries in the plan; an entry may be for any number of calls.
const MAX_ENTRIES: usize = 1_000;

/// About how many bytes an entry takes beside its texts.
const ENTRY_BYTES: usize = 512;

/// What to answer a call with, whatever it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// An error; without a request id of its own, it gets the call's.
    Error(ServiceError),
    /// The reply of a fixture.
    Fixture {
        /// The fixture's id.
        id: String,
        /// The reply.
        reply: HttpReply,
    },
}

/// Why a fixture cannot be answered with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FixtureError {
    /// There is none with this id.
    #[error("there is no fixture {0:?}; see `attachset list`")]
    Unknown(String),
    /// Its reply is a script of what to do on the connection.
    #[error(
        "the first reply of {0} is not a well-formed HTTP response, which is all that can be served here"
    )]
    Broken(String),
    /// The embedded fixtures do not load.
    #[error("the embedded fixtures do not load: {0}")]
    Load(String),
}

impl Answer {
    /// The first reply of a fixture's first step.
    ///
    /// # Errors
    /// Where there is no such fixture, or its reply is not a well-formed HTTP
    /// response.
    pub fn fixture(set: &Set, id: &str) -> Result<Self, FixtureError> {
        let fixture = set.find(id).ok_or_else(|| FixtureError::Unknown(id.into()))?;
        match fixture.steps.first().and_then(|step| step.replies.first()) {
            Some(Reply::Http(reply)) => Ok(Self::Fixture { id: id.into(), reply: reply.clone() }),
            _ => Err(FixtureError::Broken(id.into())),
        }
    }

    /// The error code, or `fixture` and the fixture's id.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Error(error) => error.code.clone().unwrap_or_default(),
            Self::Fixture { id, .. } => format!("fixture {id}"),
        }
    }
}

impl Answer {
    /// Whether it answers a call of an operation, where none was named: an
    /// exception answers those that it is documented for; a fixture's reply,
    /// the one that fixtures are about; another error, whichever is called.
    fn suits(&self, operation: Operation) -> bool {
        match self {
            Self::Error(error) => match error.code.as_deref().and_then(Exception::from_code) {
                Some(exception) => operation.exceptions().contains(&exception),
                None => true,
            },
            Self::Fixture { .. } => operation == Operation::AddAttachmentsToSet,
        }
    }
}

impl Answer {
    /// About how many bytes it takes.
    fn bytes(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        ENTRY_BYTES
            + match self {
                Self::Error(error) => text(&error.code) + text(&error.message) + text(&error.request_id),
                // A body that repeats is not there as a whole.
                Self::Fixture { id, reply } => {
                    id.len() + serde_json::to_vec(reply).map_or(0, |json| json.len())
                }
            }
    }
}

impl From<Exception> for Answer {
    fn from(exception: Exception) -> Self {
        Self::Error(ServiceError { request_id: None, ..Refusal::from(exception).error("") })
    }
}

/// The plan: what the next calls are answered with, in order.
pub(super) struct Next {
    entries: Mutex<VecDeque<Entry>>,
    room: Part,
}

struct Entry {
    /// The operation that it is for; without it, each that the answer suits.
    operation: Option<Operation>,
    answer: Arc<Answer>,
    calls: u32,
    _room: Room,
}

impl Entry {
    fn is_for(&self, operation: Operation) -> bool {
        self.operation.map_or_else(|| self.answer.suits(operation), |only| only == operation)
    }
}

impl Next {
    pub(super) fn new(room: Part) -> Self {
        Self { entries: Mutex::default(), room }
    }

    /// Plans a response for some calls; false where the plan is full.
    pub(super) fn push(&self, operation: Option<Operation>, calls: u32, answer: Answer) -> bool {
        let mut entries = self.entries();
        let mut room = self.room.room();
        if entries.len() >= MAX_ENTRIES || !room.take(answer.bytes()) {
            return false;
        }
        if calls > 0 {
            entries.push_back(Entry { operation, answer: Arc::new(answer), calls, _room: room });
        }
        true
    }

    /// What to answer a call of an operation with, if that was planned.
    pub(super) fn take(&self, operation: Operation) -> Option<Arc<Answer>> {
        let mut entries = self.entries();
        let index = entries.iter().position(|entry| entry.is_for(operation))?;
        let entry = entries.get_mut(index)?;
        entry.calls = entry.calls.saturating_sub(1);
        let answer = entry.answer.clone();
        if entry.calls == 0 {
            entries.remove(index);
        }
        Some(answer)
    }

    pub(super) fn clear(&self) {
        self.entries().clear();
    }

    pub(super) fn list(&self) -> Vec<NextState> {
        let state = |entry: &Entry| NextState {
            operation: entry.operation,
            answer: entry.answer.name(),
            calls: entry.calls,
        };
        self.entries().iter().map(state).collect()
    }

    fn entries(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
