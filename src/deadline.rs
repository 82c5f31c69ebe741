//! What a missed deadline is worth.
//!
//! A deadline is this program's own, and a machine can be slow. One that was
//! missed counts only if a longer one is missed, too, with nothing else running
//! (R29). A subject that never responds is not waited for in every fixture.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What became of a fixture in which a deadline was missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Retried {
    /// The longer deadline was missed, too: the subject hangs.
    Confirmed,
    /// The longer deadline was met: the machine was slow. The verdict is that of
    /// the second run.
    Met,
    /// The fixture did not run again, or not at all, because the subject hangs
    /// in too many others.
    Left,
}

/// How many fixtures in a row without a response stop a run for a moment, to see
/// whether the subject still responds at all.
pub(crate) const SILENT: usize = 8;
/// How many confirmed hangs in a row show that it does not.
const DEAD: usize = 5;
/// How many hangs are confirmed in one run at most: each takes the longer deadline. A run
/// of at most this many fixtures is never given up: its fixtures may have been selected
/// because they hang.
const MOST: usize = 16;

/// How many timeouts that a client reports, where its server does not wait, are tried
/// again in one run: a client that times out in most fixtures is not slow.
pub(crate) const MOST_TIMEOUTS: usize = 5;
/// The remark on a timeout that a client did not report again.
pub(crate) const TIMED_OUT_ONCE: &str = "the machine was slow: the client reported a timeout while other \
     fixtures ran, and none when this one ran alone; the verdict is that of the second run";

/// The hangs of one run.
#[derive(Debug)]
pub(crate) struct Hangs {
    /// Whether the run can be given up.
    can_be_dead: bool,
    /// How many fixtures ended without a response since the last response.
    silent: usize,
    answered: bool,
    confirmed: usize,
    in_a_row: usize,
    dead: bool,
}

impl Hangs {
    /// None yet, in a run of so many fixtures.
    pub(crate) fn new(planned: usize) -> Self {
        Self {
            can_be_dead: planned > MOST,
            silent: 0,
            answered: false,
            confirmed: 0,
            in_a_row: 0,
            dead: false,
        }
    }

    /// Notes a fixture of the run itself.
    pub(crate) fn see(&mut self, missed: bool) {
        self.silent = if missed { self.silent + 1 } else { 0 };
        self.answered |= !missed;
    }

    /// Whether nothing is to be begun until the missed deadlines were tried
    /// again.
    pub(crate) fn is_silent(&self) -> bool {
        self.silent >= SILENT
    }

    /// Begins to try again what missed its deadline.
    pub(crate) fn retry(&mut self) {
        self.in_a_row = 0;
    }

    /// Whether one more is tried again.
    pub(crate) fn goes_on(&self) -> bool {
        !self.dead && self.confirmed < MOST
    }

    /// Whether the subject does not respond at all any more.
    pub(crate) fn is_dead(&self) -> bool {
        self.dead
    }

    /// Notes what a second run came to.
    pub(crate) fn retried(&mut self, missed: bool) -> Retried {
        if !missed {
            *self = Self { silent: 0, in_a_row: 0, answered: true, ..*self };
            return Retried::Met;
        }
        self.confirmed += 1;
        self.in_a_row += 1;
        let is_dead = self.in_a_row >= DEAD && (self.is_silent() || !self.answered);
        self.dead |= self.can_be_dead && is_dead;
        Retried::Confirmed
    }

    /// Why a fixture is not judged.
    pub(crate) fn left(&self) -> String {
        format!(
            "not judged: {} fixtures ended without a response, and again when each of them ran alone with a \
             longer deadline; the rest was left out",
            self.confirmed
        )
    }
}

/// The remark on a second run.
pub(crate) fn note(retried: Retried, first: Duration, longer: Duration) -> Option<String> {
    let (first, longer) = (first.as_millis(), longer.as_millis());
    match retried {
        Retried::Confirmed => Some(format!(
            "confirmed: the deadline of {first} ms was missed, and so was one of {longer} ms when the fixture \
             ran alone"
        )),
        Retried::Met => Some(format!(
            "the machine was slow: the deadline of {first} ms was missed while other fixtures ran, and one of \
             {longer} ms was met when this one ran alone; the verdict is that of the second run"
        )),
        Retried::Left => None,
    }
}
