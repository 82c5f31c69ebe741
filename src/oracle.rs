//! The oracle: what the documents decide of an answer, stated once.
//!
//! [`rule`] reads the bytes that a client was sent and gives a [`Ruling`]: how
//! binding it is, which outcomes are right, which are tolerated and why, and
//! which requirement each way to be wrong breaks. It rules on any answer,
//! written by hand or drawn, and takes time linear in it.
//!
//! It is three tables, each of which reads from the top. A [`Row`] says what
//! an answer comes to; the first that holds decides. A [`Variation`] is
//! something unusual that the documents allow a sender: it takes nothing away
//! from the row, but a client that stumbles over it breaks the requirement
//! behind it. What no document decides is a row of level `may`.

#![warn(clippy::expect_used)]

mod attribution;
mod error;
mod fixture;
mod http;
pub mod json;
pub mod message;
pub mod name;
mod outcome;
mod seen;
mod shape;
mod source;
mod success;
mod variation;

use std::sync::LazyLock;

use crate::fixture::{Action, Charges, Expected, Level, Otherwise, RawReply, Reply, Source, Start};
use crate::model::OperationShape;

pub use attribution::{Attribution, attribution, attributions};
pub use fixture::fixture;
pub use outcome::Right;
pub use seen::Seen;
pub use variation::Variation;

/// What a client was sent in answer to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Every byte, from the status line on.
    pub bytes: Vec<u8>,
    /// What became of the connection after them.
    pub end: End,
    /// How the bytes were spread over time.
    pub pace: Pace,
    /// Whether it came before the request had been read.
    pub early: bool,
}

/// What became of a connection after an answer's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It stays open, and nothing more comes.
    Open,
    /// It was closed in good order.
    Closed,
    /// It was reset.
    Reset,
}

/// How an answer's bytes were spread over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// In one piece.
    AtOnce,
    /// In pieces, with pauses well within the time-out.
    InPieces,
    /// With pauses so long that a time-out may end the call, or not.
    Unclear,
}

/// Whether a script sends a whole response, of which a client sees the end on a
/// connection that stays open.
#[must_use]
pub fn is_whole(script: &RawReply) -> bool {
    let answer = Answer { bytes: script.sent(), end: End::Open, pace: Pace::AtOnce, early: false };
    matches!(message::read(&answer), message::Arrived::Message(message) if message.whole)
}

impl Answer {
    /// What a client that is told a time-out, in milliseconds, is sent by a reply.
    #[must_use]
    pub fn of(reply: &Reply, timeout_ms: u64) -> Self {
        let mut answer = Self { bytes: Vec::new(), end: End::Open, pace: Pace::AtOnce, early: false };
        let mut waited = 0;
        let script = reply.script();
        answer.early = script.start == Start::AfterHead;
        for action in &script.raw {
            match action {
                Action::Send(body) => answer.send(&body.to_bytes()),
                Action::Drip { body, every_ms } => {
                    for byte in body.to_bytes() {
                        answer.send(&[byte]);
                        if !answer.waits(*every_ms, &mut waited, timeout_ms) {
                            return answer;
                        }
                    }
                }
                Action::PauseMs(time) => {
                    if !answer.waits(*time, &mut waited, timeout_ms) {
                        return answer;
                    }
                }
                Action::ReadBody => answer.early &= !answer.bytes.is_empty(),
                Action::Close => answer.end = End::Closed,
                Action::Reset => answer.end = End::Reset,
                Action::Hang => {}
            }
        }
        answer
    }

    fn send(&mut self, bytes: &[u8]) {
        if !self.bytes.is_empty() && self.pace == Pace::AtOnce {
            self.pace = Pace::InPieces;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether a client still listens after a pause.
    fn waits(&mut self, pause: u64, waited: &mut u64, timeout_ms: u64) -> bool {
        *waited = waited.saturating_add(pause);
        if pause >= timeout_ms.saturating_mul(2) {
            return false;
        }
        if *waited > timeout_ms / 2 {
            self.pace = Pace::Unclear;
        }
        true
    }
}

/// What the documents decide of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruling {
    /// How binding it is.
    pub level: Level,
    /// What the answer comes to, in a sentence.
    pub says: &'static str,
    /// The documents and project rules that say so.
    pub sources: &'static [Source],
    /// What is unusual in the answer, and allowed: ids of requirements.
    pub variations: Vec<&'static str>,
    /// The outcomes that are right, and those that are tolerated.
    pub expected: Expected,
    /// For each way to be wrong the requirement that it breaks.
    pub charges: Charges,
    /// What it breaks where the client keeps that one elsewhere.
    pub otherwise: Otherwise,
}

/// One rule: what an answer comes to.
#[derive(Clone, Copy)]
pub struct Row {
    /// The rule, in a sentence.
    pub says: &'static str,
    /// The documents and project rules that it comes from.
    pub sources: &'static [Source],
    /// How binding it is.
    pub level: Level,
    /// When it holds.
    pub when: fn(&Seen<'_>) -> bool,
    /// What is right then.
    pub right: Right,
    /// What is broken by an outcome that is not right, success first of all.
    pub breaks: &'static str,
}

/// The tables.
#[derive(Clone)]
pub struct Oracle {
    /// What an answer comes to: the first that holds decides.
    pub rows: Vec<Row>,
    /// What may be unusual about it: all that hold count.
    pub variations: Vec<Variation>,
}

impl Default for Oracle {
    fn default() -> Self {
        Self {
            rows: [http::ROWS, success::ROWS, error::ROWS].concat(),
            variations: variation::VARIATIONS.to_vec(),
        }
    }
}

impl Oracle {
    /// Rules on an answer to a call of an operation.
    #[must_use]
    pub fn rule(&self, asked: &'static OperationShape, answer: &Answer) -> Ruling {
        let seen = Seen::new(asked, answer);
        let row = self.rows.iter().find(|row| (row.when)(&seen)).copied().unwrap_or(UNDECIDED);
        let is_read = row.right.reads() && row.level != Level::May;
        let variations: Vec<_> =
            self.variations.iter().filter(|variation| is_read && (variation.when)(&seen)).collect();
        let level = variations.iter().map(|variation| variation.level).fold(row.level, Level::max);
        let (charges, otherwise) = match level {
            Level::May => Default::default(),
            Level::Must | Level::Should => attribution::charges(&row, variations.first().copied(), &seen),
        };
        Ruling {
            level,
            says: row.says,
            sources: row.sources,
            variations: variations.iter().map(|variation| variation.requirement).collect(),
            expected: outcome::expected(row.right, &seen),
            charges,
            otherwise,
        }
    }
}

/// Rules on an answer to a call of an operation by the documents.
#[must_use]
pub fn rule(asked: &'static OperationShape, answer: &Answer) -> Ruling {
    static ORACLE: LazyLock<Oracle> = LazyLock::new(Oracle::default);
    ORACLE.rule(asked, answer)
}

const UNDECIDED: Row = Row {
    says: "no rule speaks of such a response",
    sources: &[],
    level: Level::May,
    when: |_| true,
    right: Right::Anything,
    breaks: "",
};
