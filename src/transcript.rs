//! What was seen while a fixture ran: the requests that came, the replies
//! they got, and what each call came to.

use std::time::Duration;

use crate::wire::Request;
use crate::wire::outcome::Outcome;

/// Everything that was seen while a fixture ran.
#[derive(Debug, Clone, Default)]
pub struct Transcript {
    /// The HTTP exchanges, in the order in which the requests came.
    pub exchanges: Vec<Exchange>,
    /// What each call came to, step by step; shorter than the steps if the
    /// client broke off.
    pub ends: Vec<End>,
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
    /// Not all: the reply was to be given first, or the client broke off.
    Part,
    /// The framing is broken; in words.
    Broken(String),
}

/// How a call ended.
pub type End = Result<Outcome, Fault>;

/// How a client failed to say what a call came to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It gave no answer by the deadline.
    #[error("no answer after {} ms", .0.as_millis())]
    NoAnswer(Duration),
    /// It ended without answering.
    #[error("the process ended without an answer ({status}){}", stderr_note(stderr))]
    Ended {
        /// How it ended, such as `exit status: 1`.
        status: String,
        /// The end of what it wrote to standard error.
        stderr: String,
    },
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
