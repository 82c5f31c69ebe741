//! The fixture that the law makes of a call and its answer.

use super::{Answer, Seen, rule};
use crate::fixture::{Call, Fixture, Need, Reply, Step};

/// A fixture of one exchange, ruled on by the law. What an author has to say
/// of it, title and why, is left empty; it cites what the ruling charges.
#[must_use]
pub fn fixture(call: Call, reply: Reply, timeout_ms: u64) -> Fixture {
    let answer = Answer::of(&reply, timeout_ms);
    let ruling = rule(&answer);
    let seen = Seen::new(&answer);
    let mut cites: Vec<_> =
        ruling.charges.values().chain(ruling.otherwise.values().flatten()).cloned().collect();
    cites.sort_unstable();
    cites.dedup();
    let step = Step {
        call,
        request: Default::default(),
        requests: None,
        min_pause_ms: 0,
        replies: vec![reply],
        outcome: ruling.expected,
    };
    Fixture {
        id: String::new(),
        title: String::new(),
        why: String::new(),
        level: ruling.level,
        cites,
        charges: ruling.charges,
        otherwise: ruling.otherwise,
        beyond: None,
        // Only a client that can be told a time-out can end such a call.
        needs: if seen.is_silent() { vec![Need::Timeout] } else { Vec::new() },
        session_token: false,
        endpoint_path: String::new(),
        max_attempts: 1,
        timeout_ms,
        steps: vec![step],
    }
}
