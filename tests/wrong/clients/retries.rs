//! Wrong retries.

use std::time::Duration;

use attachset::client::retry;
use attachset::wire::Headers;
use attachset::wire::outcome::{ErrorKind, Outcome};

use crate::clients::edit;
use crate::clients::mutant::Defect::{Attempt, Attempts, Outcome as Reported, Retry};
use crate::clients::mutant::{Mutant, mutant};

pub(crate) static RETRIES: &[Mutant] = &[
    mutant("never-retries", "makes one attempt, whatever it was told", Attempts(|_| 1)),
    mutant("retries-when-told-not-to", "makes three attempts, whatever it was told", Attempts(|_| 3)),
    mutant("one-attempt-more", "counts retries in place of attempts", Attempts(|attempts| attempts + 1)),
    mutant("retries-without-end", "takes no notice of the number of attempts", Attempts(|_| 10)),
    mutant(
        "retries-every-error",
        "tries again after every error",
        Retry(|outcome, _, _| matches!(outcome, Outcome::Error(_)).then_some(Duration::ZERO)),
    ),
    mutant(
        "retries-client-errors",
        "tries again after status 400",
        Retry(|outcome, headers, attempt| also(!edit::code(outcome).is_empty(), outcome, headers, attempt)),
    ),
    mutant(
        "expired-as-credentials",
        "takes a name with Expired in it for expired credentials",
        Retry(|outcome, headers, attempt| {
            also(edit::code(outcome).contains("Expired"), outcome, headers, attempt)
        }),
    ),
    mutant(
        "limit-as-throttling",
        "takes a name with Limit in it for throttling",
        Retry(|outcome, headers, attempt| {
            also(edit::code(outcome).contains("Limit"), outcome, headers, attempt)
        }),
    ),
    mutant(
        "retries-validation",
        "takes ValidationException for a passing fault",
        Retry(|outcome, headers, attempt| {
            also(edit::code(outcome).contains("Validation"), outcome, headers, attempt)
        }),
    ),
    mutant(
        "retries-forbidden",
        "tries again after status 403, with new credentials",
        Retry(|outcome, headers, attempt| also(status(outcome) == 403, outcome, headers, attempt)),
    ),
    mutant(
        "retries-not-found",
        "waits for a set that is not there yet",
        Retry(|outcome, headers, attempt| {
            also(edit::code(outcome).contains("NotFound"), outcome, headers, attempt)
        }),
    ),
    mutant(
        "retries-dry-run",
        "tries again after DryRunOperationException",
        Retry(|outcome, headers, attempt| {
            also(edit::code(outcome).contains("DryRun"), outcome, headers, attempt)
        }),
    ),
    mutant(
        "retries-subscription",
        "tries again after SubscriptionRequiredException",
        Retry(|outcome, headers, attempt| {
            also(edit::code(outcome).contains("Subscription"), outcome, headers, attempt)
        }),
    ),
    mutant(
        "retries-outputs",
        "sends again after an output, to be sure",
        Retry(|outcome, headers, attempt| {
            also(matches!(outcome, Outcome::Output(_)), outcome, headers, attempt)
        }),
    ),
    mutant(
        "retry-after-as-cause",
        "tries again wherever x-amz-retry-after stands",
        Retry(|outcome, headers, attempt| {
            also(headers.get("x-amz-retry-after").is_some(), outcome, headers, attempt)
        }),
    ),
    mutant(
        "retry-after-needed-whole",
        "fails to try again where x-amz-retry-after is no number",
        Retry(|outcome, headers, attempt| {
            let readable = headers.get("x-amz-retry-after").is_none_or(|value| value.parse::<u64>().is_ok());
            retry::pause(outcome, headers, attempt, 0.0).filter(|_| readable)
        }),
    ),
    mutant(
        "no-retry-by-status",
        "tries again by names alone, and not by status",
        Retry(|outcome, headers, attempt| {
            let named = matches!(
                edit::code(outcome),
                "ThrottlingException" | "TooManyRequestsException" | "RequestTimeoutException"
            );
            retry::pause(outcome, headers, attempt, 0.0).filter(|_| named || status(outcome) == 0)
        }),
    ),
    mutant(
        "no-retry-by-name",
        "tries again by status alone, and not by names",
        Retry(|outcome, headers, attempt| {
            let transient = [0, 500, 502, 503, 504].contains(&status(outcome));
            retry::pause(outcome, headers, attempt, 0.0).filter(|_| transient)
        }),
    ),
    mutant(
        "retries-exhausted",
        "reports that its attempts are used up in place of the last failure",
        Reported(|outcome, answer| {
            if answer.status >= 500 {
                *outcome = Outcome::error(ErrorKind::Transport, "max retries exceeded");
            }
        }),
    ),
    mutant(
        "stream-not-rewound",
        "sends what is left of a stream that the first attempt has read",
        Attempt(|request, attempt| {
            if attempt > 1 {
                request.body = b"{}".to_vec();
            }
        }),
    ),
    mutant(
        "body-rebuilt",
        "builds the body anew for each attempt, with members in another order",
        Attempt(|request, attempt| {
            if attempt > 1 {
                edit::members(&mut request.body, |body| {
                    *body = std::mem::take(body).into_iter().rev().collect()
                });
                request.body.push(b'\n');
            }
        }),
    ),
];

/// What the reference client does, and one reason more to try again.
fn also(reason: bool, outcome: &Outcome, headers: &Headers, attempt: u32) -> Option<Duration> {
    retry::pause(outcome, headers, attempt, 0.0).or(reason.then_some(Duration::ZERO))
}

fn status(outcome: &Outcome) -> u16 {
    match outcome {
        Outcome::Error(error) => error.status.unwrap_or_default(),
        _ => 0,
    }
}
