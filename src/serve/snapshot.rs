//! The state as JSON, made piece by piece as it is read.
//!
//! A state of many sets and cases is not there as a whole: each piece is made
//! of what the service has by then. A state of one piece is that of one moment.

use std::io::Write as _;
use std::sync::Arc;

use axum::body::Bytes;
use serde::Serialize;
use tokio::sync::mpsc;

use super::World;
use super::app::App;
use super::linting::Lint;
use super::pieces::PIECE;
use super::state::{CaseState, CommunicationState, Counts, SetState, Undigested, communication_of, set_of};
use crate::service::Service;

/// The most sets or communications that are taken at once, while calls wait.
const BATCH: usize = 16;

/// What comes next.
enum Next {
    Sets { from: usize },
    Cases { from: usize },
    Communications { case: usize, from: usize },
    End,
}

/// Some of what comes next.
enum Batch {
    Sets(Vec<Undigested<SetState>>),
    Case(Option<CaseState>),
    Communications(Vec<Undigested<CommunicationState>>),
}

/// The pieces of the state.
pub(super) struct Snapshot {
    app: Arc<App>,
    world: Arc<World>,
    next: Next,
    /// What was made and not yet given.
    json: Vec<u8>,
    /// Whether the list that is being written is empty so far.
    is_first: bool,
}

impl Snapshot {
    pub(super) fn new(app: Arc<App>, world: Arc<World>) -> Self {
        let mut json = Vec::new();
        let _ = write!(json, "{{\"now\":\"{}\",\"sets\":[", world.service(|_, now| now));
        Self { app, world, next: Next::Sets { from: 0 }, json, is_first: true }
    }

    /// Makes the next piece; none after the last. It may compute digests, which
    /// takes long.
    fn piece(&mut self) -> Option<Bytes> {
        while self.json.len() < PIECE && !matches!(self.next, Next::End) {
            self.step();
        }
        let piece = std::mem::take(&mut self.json);
        (!piece.is_empty()).then(|| piece.into())
    }

    /// Whether there is no more.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.next, Next::End) && self.json.is_empty()
    }

    /// As [`Snapshot::piece`], where it holds up nothing else; none where that
    /// is not possible any more.
    pub(super) async fn next_piece(mut self) -> Option<(Bytes, Self)> {
        let app = self.app.clone();
        // Each thread that works at the same time takes memory of its own.
        let _turn = app.states.acquire().await.ok()?;
        let piece = tokio::task::spawn_blocking(move || (self.piece(), self)).await.ok()?;
        Some((piece.0?, piece.1))
    }

    /// Sends what is left to whoever takes it.
    pub(super) async fn send(mut self, to: mpsc::Sender<Bytes>) {
        while let Some((piece, rest)) = self.next_piece().await {
            if to.send(piece).await.is_err() {
                return;
            }
            self = rest;
        }
    }

    fn step(&mut self) {
        let world = self.world.clone();
        let (batch, next) = world.service(|service, now| match self.next {
            Next::Sets { from } => {
                let sets: Vec<_> = service.sets_from(from, now).take(BATCH).collect();
                let next = match sets.last() {
                    Some((last, _)) => Next::Sets { from: last + 1 },
                    None => Next::Cases { from: 0 },
                };
                (Batch::Sets(sets.into_iter().map(|(_, set)| set_of(set)).collect()), next)
            }
            Next::Cases { from } => match service.cases_from(from).next() {
                Some(case) => {
                    let next = Next::Communications { case: case.number(), from: 0 };
                    (Batch::Case(Some(CaseState::from(case))), next)
                }
                None => (Batch::Case(None), Next::End),
            },
            Next::Communications { case, from } => communications(service, case, from),
            Next::End => (Batch::Case(None), Next::End),
        });
        self.next = next;
        match batch {
            Batch::Sets(sets) if sets.is_empty() => self.open("],\"cases\":["),
            Batch::Sets(sets) => {
                for set in sets {
                    self.item(&set.finish(world.digests()));
                }
            }
            Batch::Case(Some(case)) => {
                self.item(&case);
                // Its communications are written into the empty list at its end.
                self.json.truncate(self.json.len() - "]}".len());
                self.is_first = true;
            }
            Batch::Case(None) => self.end(),
            Batch::Communications(communications) if communications.is_empty() => {
                self.json.extend_from_slice(b"]}");
                self.is_first = false;
            }
            Batch::Communications(communications) => {
                for communication in communications {
                    self.item(&communication.finish(world.digests()));
                }
            }
        }
    }

    fn open(&mut self, list: &str) {
        self.json.extend_from_slice(list.as_bytes());
        self.is_first = true;
    }

    fn item(&mut self, item: &impl Serialize) {
        if !std::mem::take(&mut self.is_first) {
            self.json.push(b',');
        }
        // Neither can a key fail to be JSON nor a vector to take it.
        let _ = serde_json::to_writer(&mut self.json, item);
    }

    /// The members after the lists.
    fn end(&mut self) {
        let (succeeded, refused) = self.world.counts();
        let lint = self.world.lint.as_ref().map(Lint::report);
        let counts = Counts { succeeded, refused, next: self.world.next.list(), lint };
        let counts = serde_json::to_vec(&counts).unwrap_or_default();
        self.json.extend_from_slice(b"],");
        self.json.extend_from_slice(counts.strip_prefix(b"{").unwrap_or_default());
    }
}

/// The communications of a case from one on; none after the last.
fn communications(service: &Service, case: usize, from: usize) -> (Batch, Next) {
    let of = service.cases_from(case).next().filter(|found| found.number() == case);
    let some = of.map(|of| of.communications.range(from.min(of.communications.len())..));
    let some: Vec<_> = some.into_iter().flatten().take(BATCH).collect();
    let next = match some.len() {
        0 => Next::Cases { from: case + 1 },
        more => Next::Communications { case, from: from + more },
    };
    (Batch::Communications(some.into_iter().map(|one| communication_of(service, one)).collect()), next)
}
