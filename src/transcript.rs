//! What was seen while a fixture ran: the requests that came or were sent, the replies
//! they got, and what each call came to.

use std::time::Duration;

use crate::wire::outcome::Outcome;
use crate::wire::sender::Breach;
use crate::wire::{Request, Response};

/// Everything that was seen while a fixture ran.
#[derive(Debug, Clone, Default)]
pub struct Transcript {
    /// The HTTP exchanges, in the order in which the requests came.
    pub exchanges: Vec<Exchange>,
    /// What each call came to, step by step; shorter than the steps if the
    /// client was interrupted.
    pub ends: Vec<End>,
    /// What else arrived, which is reported and not judged: requests that are not the
    /// client's, and those beyond what is kept.
    pub remarks: Vec<String>,
}

impl Transcript {
    /// Whether every call that was made sent a request that can be read.
    #[cfg(all(feature = "draw", feature = "harness"))]
    pub(crate) fn reached_all(&self) -> bool {
        let is_read = |exchange: &&Exchange| !matches!(exchange.body, Received::Unreadable(_));
        let reached = |step| self.exchanges.iter().filter(is_read).any(|exchange| exchange.step == step);
        (0..self.ends.len()).all(reached)
    }

    /// What was seen of one step, as the only one.
    #[cfg(all(feature = "draw", feature = "harness"))]
    pub(crate) fn of_step(&self, step: usize) -> Self {
        let exchanges = self.exchanges.iter().filter(|exchange| exchange.step == step);
        Self {
            exchanges: exchanges.map(|exchange| Exchange { step: 0, ..exchange.clone() }).collect(),
            ends: self.ends.get(step).cloned().into_iter().collect(),
            remarks: Vec::new(),
        }
    }
}

/// One request and which reply it got.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The step during which the request came, from 0.
    pub step: usize,
    /// Which of the step's replies was given, from 0.
    pub reply: usize,
    /// The request.
    pub request: Request,
    /// How much of the request's body was read.
    pub body: Received,
    /// The rules on senders that the request's bytes break.
    pub breaches: Vec<Breach>,
    /// Whether the signature is valid; if not, why.
    pub signature: Result<(), String>,
    /// When the request came, from the start of the fixture.
    pub at: Duration,
}

/// How much of a request's body was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// All of it.
    Whole,
    /// Not all: the reply was to be given first, or the client was interrupted.
    Part,
    /// The framing is broken; in words.
    Broken(String),
    /// More bytes came than this, which is more than the call can need: the rest
    /// was not read.
    TooLong(u64),
    /// Not even the head can be read: what came is no request; in words.
    Unreadable(String),
}

/// How a call ended.
pub type End = Result<Outcome, Fault>;

/// How a client failed to say what a call came to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It gave no response by the deadline.
    #[error("no response after {} ms", .0.as_millis())]
    NoAnswer(Duration),
    /// It ended without answering.
    #[error("the process ended without a response ({status}){}", stderr_note(stderr))]
    Ended {
        /// How it ended, such as `exit status: 1`.
        status: String,
        /// The end of what it wrote to standard error.
        stderr: String,
    },
    /// It panicked: a client that runs in this process.
    #[error("it panicked: {0}")]
    Panicked(String),
    /// It broke the adapter protocol.
    #[error("the adapter broke its protocol: {problem}{}", stderr_note(stderr))]
    Protocol {
        /// What it did.
        problem: String,
        /// The end of what it wrote to standard error.
        stderr: String,
    },
}

fn stderr_note(stderr: &str) -> String {
    match stderr.trim() {
        "" => String::new(),
        text => format!("; it wrote: {text}"),
    }
}

/// Everything that was seen while a service-role fixture ran.
#[derive(Debug, Clone, Default)]
pub struct ServiceTranscript {
    /// What was seen of each step; shorter than the steps if one could not be
    /// taken.
    pub steps: Vec<Seen>,
}

/// What was seen of one step of a service-role fixture.
#[derive(Debug, Clone)]
pub enum Seen {
    /// Time passed on the server's clock.
    Advanced,
    /// Something was sent.
    Exchange(Box<Answered>),
    /// The same was sent several times at once.
    AtOnce(Vec<Answered>),
    /// The step could not be taken: the server lacks something. In words.
    Unsupported(String),
    /// The step could not be taken: something else is broken. In words.
    Broken(String),
    /// The step could not be taken: the clock of the server gave no response by
    /// the deadline. In words.
    Silent(String),
    /// The step could not be taken: it sends what no earlier response gave. In
    /// words.
    Skipped(String),
}

impl Seen {
    /// What was sent and came back, in the order in which it came back.
    #[must_use]
    pub fn answered(&self) -> &[Answered] {
        match self {
            Self::Exchange(answered) => std::slice::from_ref(answered),
            Self::AtOnce(answered) => answered,
            Self::Advanced | Self::Unsupported(_) | Self::Broken(_) | Self::Silent(_) | Self::Skipped(_) => {
                &[]
            }
        }
    }
}

/// What was sent, and what came back.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The bytes or the request that were sent.
    pub sent: Sent,
    /// The response, or why there is none.
    pub answer: Result<Response, Outcome>,
    /// The rules on senders that the response's bytes break.
    pub breaches: Vec<Breach>,
    /// What the response comes to for a client that reads it as the reference
    /// does.
    pub outcome: Outcome,
    /// What the server's clock said then, where it was asked.
    pub now: Option<String>,
    /// When it was sent, from the start of the fixture.
    pub at: Duration,
}

/// What was sent to a server.
#[derive(Debug, Clone)]
pub enum Sent {
    /// An HTTP request.
    Request(Request),
    /// Bytes as they are, on a connection of their own.
    Raw(Vec<u8>, Pace),
}

/// In which pieces bytes are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pace {
    /// All at once.
    #[default]
    AtOnce,
    /// The head first, and the body once a response has come.
    HeadFirst,
    /// In many small pieces.
    Pieces,
}

#[cfg(all(test, feature = "draw", feature = "harness"))]
mod tests {
    use super::*;

    /// A client may go on as no server understands it.
    #[test]
    fn a_request_that_cannot_be_read_has_reached_nobody() {
        let exchange = |body: &Received| Exchange {
            step: 0,
            reply: 0,
            request: Request::default(),
            body: body.clone(),
            breaches: Vec::new(),
            signature: Ok(()),
            at: Duration::ZERO,
        };
        let reached = |bodies: &[Received]| {
            let exchanges = bodies.iter().map(exchange).collect();
            let ends = vec![Err(Fault::NoAnswer(Duration::ZERO))];
            Transcript { exchanges, ends, remarks: Vec::new() }.reached_all()
        };
        let unreadable = || Received::Unreadable("no such version".into());
        assert!(!reached(&[]) && !reached(&[unreadable()]));
        assert!(reached(&[Received::Part]) && reached(&[unreadable(), Received::Whole]));
    }
}
