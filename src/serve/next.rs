//! What becomes of the next calls.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Deserialize;

use super::NextState;
use crate::fixture::{Reply, Set};
use crate::model::{Exception, Operation, OperationShape, ServiceError};
use crate::service::Refusal;
use crate::service::room::{Part, Room};

/// The most entries in the plan; an entry may be for any number of calls.
const MAX_ENTRIES: usize = 1_000;

/// About how many bytes an entry takes beside its strings.
const ENTRY_BYTES: usize = 512;

/// What becomes of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// An error in its place; without a request id of its own, it gets the
    /// call's.
    Error(ServiceError),
    /// The response of a fixture in its place, byte for byte, as far as one can
    /// be given to a request that was read whole.
    Fixture {
        /// The fixture's id.
        id: String,
        /// The operation that it calls.
        asked: &'static OperationShape,
        /// The response.
        reply: Reply,
    },
    /// It is served as ever.
    Served,
    /// The connection is closed without a response.
    Cut(Cut),
}

/// When a connection is closed without a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cut {
    /// In place of the call, which changes nothing.
    BeforeCall,
    /// Once the call is performed: its caller does not learn that it was.
    AfterCall,
}

/// What becomes of some of the next calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The operation whose calls these are; without it, each that the response
    /// suits: an exception those that it is documented for, a fixture
    /// those of its own operation, anything else all of them.
    pub operation: Option<Operation>,
    /// How many calls.
    pub calls: u32,
    /// How long the response is held back, once the call is performed.
    pub delay: Duration,
    /// What becomes of them.
    pub answer: Answer,
}

impl From<Answer> for Plan {
    /// For one call, without a delay.
    fn from(answer: Answer) -> Self {
        Self { operation: None, calls: 1, delay: Duration::ZERO, answer }
    }
}

/// There is no room for more plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too much is planned already")]
pub struct PlanFull;

/// Why the response of a fixture cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FixtureError {
    /// There is none with this id.
    #[error("there is no fixture {0:?}; see `attachset list`")]
    Unknown(String),
    /// It has no response.
    #[error("the fixture {0} has no response")]
    NoResponse(String),
    /// The embedded fixtures do not load.
    #[error("the embedded fixtures do not load: {0}")]
    Load(String),
}

impl Answer {
    /// The first response of a fixture's first step.
    ///
    /// # Errors
    /// Where there is no such fixture, or it has no response.
    pub fn fixture(set: &Set, id: &str) -> Result<Self, FixtureError> {
        let fixture = set.find(id).ok_or_else(|| FixtureError::Unknown(id.into()))?;
        let first = fixture.steps.first().and_then(|step| Some((step, step.replies.first()?)));
        let (step, reply) = first.ok_or_else(|| FixtureError::NoResponse(id.into()))?;
        Ok(Self::Fixture { id: id.into(), asked: step.call.operation(), reply: reply.clone() })
    }

    /// The error code, `fixture` and the fixture's id, `cut` and when, or
    /// `served`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Error(error) => error.code.clone().unwrap_or_default(),
            Self::Fixture { id, .. } => format!("fixture {id}"),
            Self::Served => "served".into(),
            Self::Cut(Cut::BeforeCall) => "cut before-call".into(),
            Self::Cut(Cut::AfterCall) => "cut after-call".into(),
        }
    }

    /// Whether the call is performed.
    pub(super) fn is_performed(&self) -> bool {
        matches!(self, Self::Served | Self::Cut(Cut::AfterCall))
    }

    /// Whether it is sent to a call of an operation, where none was named.
    fn suits(&self, operation: Operation) -> bool {
        match self {
            Self::Error(error) => match error.code.as_deref().and_then(Exception::from_code) {
                Some(exception) => operation.exceptions().any(|of| of == exception),
                None => true,
            },
            Self::Fixture { asked, .. } => asked.is(operation),
            Self::Served | Self::Cut(_) => true,
        }
    }

    /// About how many bytes it takes.
    fn bytes(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        ENTRY_BYTES
            + match self {
                Self::Error(error) => text(&error.code) + text(&error.message) + text(&error.request_id),
                // A body that repeats is not there as a whole.
                Self::Fixture { id, reply, .. } => {
                    id.len() + serde_json::to_vec(reply).map_or(0, |json| json.len())
                }
                Self::Served | Self::Cut(_) => 0,
            }
    }
}

impl From<Exception> for Answer {
    fn from(exception: Exception) -> Self {
        Self::Error(ServiceError { request_id: None, ..Refusal::from(exception).error("") })
    }
}

/// What becomes of the next calls, in order.
pub(super) struct Next {
    entries: Mutex<VecDeque<Entry>>,
    room: Part,
}

struct Entry {
    plan: Arc<Plan>,
    /// How many calls are left.
    calls: u32,
    _room: Room,
}

impl Plan {
    fn is_for(&self, operation: Operation) -> bool {
        self.operation.map_or_else(|| self.answer.suits(operation), |only| only == operation)
    }
}

impl Next {
    pub(super) fn new(room: Part) -> Self {
        Self { entries: Mutex::default(), room }
    }

    /// Plans what becomes of some calls: all of it, or nothing.
    pub(super) fn push(&self, plans: Vec<Plan>) -> Result<(), PlanFull> {
        let mut entries = self.entries();
        if plans.len() > MAX_ENTRIES.saturating_sub(entries.len()) {
            return Err(PlanFull);
        }
        let entry = |plan: Plan| {
            let mut room = self.room.room();
            let calls = plan.calls;
            match room.take(plan.answer.bytes()) {
                true => Ok(Entry { plan: Arc::new(plan), calls, _room: room }),
                false => Err(PlanFull),
            }
        };
        let planned = plans.into_iter().filter(|plan| plan.calls > 0).map(entry);
        entries.extend(planned.collect::<Result<Vec<_>, _>>()?);
        Ok(())
    }

    /// What becomes of a call of an operation, if that was planned.
    pub(super) fn take(&self, operation: Operation) -> Option<Arc<Plan>> {
        let mut entries = self.entries();
        let index = entries.iter().position(|entry| entry.plan.is_for(operation))?;
        let entry = entries.get_mut(index)?;
        entry.calls = entry.calls.saturating_sub(1);
        let plan = entry.plan.clone();
        if entry.calls == 0 {
            entries.remove(index);
        }
        Some(plan)
    }

    pub(super) fn clear(&self) {
        self.entries().clear();
    }

    pub(super) fn list(&self) -> Vec<NextState> {
        let state = |entry: &Entry| NextState {
            operation: entry.plan.operation,
            answer: entry.plan.answer.name(),
            delay_ms: u64::try_from(entry.plan.delay.as_millis()).unwrap_or(u64::MAX),
            calls: entry.calls,
        };
        self.entries().iter().map(state).collect()
    }

    fn entries(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
