//! Lint of calls: what was seen in each world, and what is reported of it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;
use axum::http::request::Parts;
use jiff::Timestamp;

use super::World;
use super::request::Asked;
use super::state::{LintState, WarningState};
use crate::lint::{self, History, Options, Outcome, Seen, Warning, rule};
use crate::model::Operation;
use crate::service::room::{Part, Room};
use crate::wire::cases::Input;

/// How many warnings of a world are kept.
const MAX_WARNINGS: usize = 200;

/// The longest id, token or error code that is remembered.
const MAX_ID: usize = 200;

/// About how many bytes a warning takes beside its message.
const WARNING_BYTES: usize = 256;

/// What lint knows of a world.
pub(super) struct Lint(Mutex<Inner>);

struct Inner {
    history: History,
    report: LintState,
    room: Room,
}

impl Lint {
    pub(super) fn new(room: &Part) -> Self {
        Self(Mutex::new(Inner {
            history: History::default(),
            report: LintState::default(),
            room: room.room(),
        }))
    }

    pub(super) fn reset(&self) {
        let mut inner = self.inner();
        inner.history = History::default();
        inner.report = LintState::default();
        inner.room.shrink_to(0);
    }

    /// What was seen so far.
    pub(super) fn report(&self) -> LintState {
        self.inner().report.clone()
    }

    /// What was seen, and what is missing if nothing more comes.
    pub(super) fn end(&self, now: Timestamp, options: &Options) -> LintState {
        let mut inner = self.inner();
        let late = inner.history.end(Timestamp::now(), now, options);
        for warning in late {
            inner.note(&warning, None, None);
        }
        inner.report.clone()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn note(&mut self, warning: &Warning, operation: Option<Operation>, request_id: Option<&str>) {
        let bytes =
            self.report.warnings.iter().map(|of| WARNING_BYTES + of.warning.message.len()).sum::<usize>();
        let is_full = self.report.warnings.len() >= MAX_WARNINGS;
        if is_full || !self.room.take(bytes + WARNING_BYTES + warning.message.len()) {
            self.report.dropped += 1;
            return;
        }
        let request_id = request_id.map(Into::into);
        self.report.warnings.push(WarningState { warning: warning.clone(), operation, request_id });
    }
}

/// Lint of one call.
pub(super) struct Linting {
    seen: Seen,
    /// What was seen so far.
    pub(super) warnings: Vec<Warning>,
}

impl Linting {
    /// Begins with what every request shows.
    pub(super) fn new(options: &Options, operation: Operation, parts: &Parts, body: &[u8]) -> Self {
        let at = Timestamp::now();
        let text = |name| text(&parts.headers, name);
        let warnings = lint::signature(text("authorization"), text("x-amz-date"), at, options);
        let digest = digest(body);
        let seen = Seen { operation, digest, set: None, token: None, names: Vec::new(), at };
        Self { seen, warnings }
    }

    /// Adds what the call asks for, and what was found in its content.
    pub(super) fn add(&mut self, asked: &Asked, found: Vec<Warning>) {
        self.warnings.extend(found);
        match asked {
            Asked::Set(upload) => {
                self.seen.set = short(upload.attachment_set_id.as_ref());
                let names = upload.attachments.iter().flatten().map(|file| file.file_name.as_deref());
                self.seen.names = names.map(|name| digest(name.unwrap_or_default().as_bytes())).collect();
            }
            Asked::Case(input) => match input {
                Input::CreateCase(input) => self.seen.set = short(input.attachment_set_id.as_ref()),
                Input::AddCommunicationToCase(input) => {
                    self.seen.set = short(input.attachment_set_id.as_ref())
                }
                Input::DescribeCases(input) => self.seen.token = short(input.next_token.as_ref()),
                Input::DescribeCommunications(input) => self.seen.token = short(input.next_token.as_ref()),
                Input::DescribeAttachment(_) | Input::ResolveCase(_) => {}
            },
        }
    }

    /// Adds what follows from the calls before; whether the call is to be
    /// refused.
    pub(super) fn judge(&mut self, world: &World, options: &Options) -> bool {
        let Some(lint) = &world.lint else { return false };
        let now = world.clock().now();
        self.warnings.extend(lint.inner().history.before(&self.seen, now, options));
        options.deny && self.first().is_some()
    }

    /// The first warning for which a call is refused.
    pub(super) fn first(&self) -> Option<&Warning> {
        self.warnings.iter().find(|warning| rule(&warning.rule).is_some_and(|rule| rule.is_early))
    }

    /// Notes what the call came to; gives what was seen.
    pub(super) fn finish(
        self,
        world: &World,
        mut outcome: Outcome,
        set: Option<&str>,
        request_id: &str,
    ) -> Vec<Warning> {
        let Some(lint) = &world.lint else { return self.warnings };
        outcome.code = short(outcome.code.as_ref());
        let made = set.filter(|_| self.seen.operation == Operation::AddAttachmentsToSet);
        outcome.set = made.and_then(|id| {
            world.service(|service, now| Some((id.to_owned(), service.set(id, now)?.expires)))
        });
        let mut inner = lint.inner();
        for warning in &self.warnings {
            inner.note(warning, Some(self.seen.operation), Some(request_id));
        }
        inner.history.after(self.seen, outcome, world.clock().now());
        self.warnings
    }
}

/// An id or a code that is remembered; none that this server gives is longer.
fn short(text: Option<&String>) -> Option<String> {
    text.filter(|text| text.len() <= MAX_ID).cloned()
}

fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
