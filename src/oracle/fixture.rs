//! The fixture that the oracle makes of a call and its answer.

use super::{Answer, Seen, rule};
use crate::fixture::{Call, Count, Fixture, Need, Reply, Step};
use crate::model::Exception;

/// How many requests a client may make that follows redirects: some follow
/// twenty.
const REDIRECTS: usize = 30;

/// A fixture of one exchange, ruled on by the oracle. What an author has to say
/// of it, title and why, is left empty; it cites what the ruling charges.
#[must_use]
pub fn fixture(call: Call, reply: Reply, timeout_ms: u64) -> Fixture {
    let answer = Answer::of(&reply, timeout_ms);
    let asked = call.operation();
    let ruling = rule(asked, &answer);
    let seen = Seen::new(asked, &answer);
    let mut cites: Vec<_> =
        ruling.charges.values().chain(ruling.otherwise.values().flatten()).cloned().collect();
    cites.sort_unstable();
    cites.dedup();
    // Only a client that can be told a time-out can end such a call, and only one
    // that knows dry runs knows what they end in.
    let is_dry = call.dry_run.is_some() || seen.names(Exception::DryRunOperationException);
    let needs = [(is_dry, Need::DryRun), (seen.is_silent(), Need::Timeout)];
    // HTTP allows another attempt whatever the client is told (RFC 9110 sections
    // 15.5.9 and 15.5.20).
    let is_repeated = [408, 421].contains(&seen.message.status);
    // So does a redirect, which is followed a number of times.
    let most = if reply.leads_elsewhere() { Some(REDIRECTS) } else { is_repeated.then_some(2) };
    let step = Step {
        call,
        request: Default::default(),
        requests: most.map(|max| Count { min: 1, max }),
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
        needs: needs.into_iter().filter_map(|(holds, need)| holds.then_some(need)).collect(),
        session_token: false,
        endpoint_path: String::new(),
        max_attempts: 1,
        timeout_ms,
        steps: vec![step],
    }
}
