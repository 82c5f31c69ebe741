//! When and how long after a failed attempt the reference client tries again.
//!
//! Source: the standard retry mode that the AWS SDKs share since November
//! 2026. `AddAttachmentsToSet` has no idempotency token, so a retry after a
//! lost response may repeat what the first attempt did; the mode accepts that.

use std::time::Duration;

use crate::wire::Headers;
use crate::wire::outcome::{ErrorKind, Outcome};

/// The error codes that mean "slow down". Neither `AttachmentLimitExceeded`
/// nor any other exception of this operation is among them.
const THROTTLING: [&str; 14] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "RequestThrottled",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
];
const TRANSIENT: [&str; 2] = ["RequestTimeout", "RequestTimeoutException"];
const TRANSIENT_STATUSES: [u16; 4] = [500, 502, 503, 504];

const LONGEST: Duration = Duration::from_secs(20);

/// Why an attempt is worth repeating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Transient,
    Throttling,
}

/// How long to wait before the next attempt, where there is a reason to make
/// one: after the attempt with this number came to this outcome, with these
/// headers if there was a response. `random` is from 0 to 1.
#[must_use]
pub fn pause(outcome: &Outcome, headers: &Headers, attempt: u32, random: f64) -> Option<Duration> {
    let base = match cause(outcome)? {
        Cause::Transient => Duration::from_millis(50),
        Cause::Throttling => Duration::from_secs(1),
    };
    let bound = base.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1))).min(LONGEST);
    let own = bound.mul_f64(random.clamp(0.0, 1.0));
    // The server's wish counts within five seconds of what we would wait.
    Some(wish(headers).map_or(own, |wish| wish.clamp(own, own + Duration::from_secs(5))))
}

fn cause(outcome: &Outcome) -> Option<Cause> {
    let Outcome::Error(error) = outcome else { return None };
    let code = error.code.as_ref().and_then(|code| code.as_str()).unwrap_or_default();
    let transient_status = error.status.is_some_and(|status| TRANSIENT_STATUSES.contains(&status));
    match error.kind {
        ErrorKind::Transport | ErrorKind::Timeout => Some(Cause::Transient),
        ErrorKind::Service if THROTTLING.contains(&code) => Some(Cause::Throttling),
        ErrorKind::Service if TRANSIENT.contains(&code) || transient_status => Some(Cause::Transient),
        _ => None,
    }
}

/// The server's wish: `x-amz-retry-after` in whole milliseconds; anything else
/// is no wish.
fn wish(headers: &Headers) -> Option<Duration> {
    headers.get("x-amz-retry-after")?.trim().parse().ok().map(Duration::from_millis)
}
