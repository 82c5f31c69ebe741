//! Errors whose kind or particulars are reported wrongly.

use attachset::wire::decode::error_code;
use attachset::wire::outcome::{ErrorKind, Outcome};
use serde_json::Value;

use crate::clients::edit;
use crate::clients::mutant::Defect::{self, Answer, Failure};
use crate::clients::mutant::{Mutant, mutant};

pub(crate) static ERRORS: &[Mutant] = &[
    mutant(
        "constructor-lookup",
        "looks names up in an object that inherits some",
        Defect::Outcome(|outcome, _| {
            if ["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf", "prototype"]
                .contains(&edit::code(outcome))
            {
                *outcome = Outcome::error(ErrorKind::Unexpected, "TypeError: not a constructor");
            }
        }),
    ),
    mutant(
        "server-errors-unread",
        "does not read the body of an error of status 500 and above",
        Answer(|answer| {
            if answer.status >= 500 {
                answer.body.clear();
                edit::header(&mut answer.headers, "x-amzn-errortype", None);
            }
        }),
    ),
    mutant(
        "server-errors-as-transport",
        "reports status 500 and above as a failed connection",
        Defect::Outcome(|outcome, answer| {
            if answer.status >= 500 {
                *outcome = Outcome::error(ErrorKind::Transport, "bad gateway");
            }
        }),
    ),
    mutant(
        "name-needs-400",
        "reads names only where the status is 400 or 500",
        Answer(|answer| {
            if ![200, 400, 500].contains(&answer.status) {
                answer.body.clear();
            }
        }),
    ),
    mutant(
        "names-must-be-text",
        "calls a string's method on a discriminator that is none",
        Defect::Outcome(|outcome, answer| {
            let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            if ["__type", "code"].into_iter().filter_map(|name| body.get(name)).any(|name| !name.is_string())
            {
                *outcome = Outcome::error(ErrorKind::Unexpected, "TypeError: split is not a function");
            }
        }),
    ),
    mutant(
        "names-never-empty",
        "fails by an index where a discriminator is empty",
        Defect::Outcome(|outcome, answer| {
            let names =
                [answer.headers.get("x-amzn-errortype").map(str::to_owned), edit::discriminator(answer)];
            if names.iter().flatten().any(|name| error_code(name).is_none()) {
                *outcome = Outcome::error(ErrorKind::Unexpected, "index out of range");
            }
        }),
    ),
    mutant(
        "errors-must-be-json",
        "lets its JSON library's exception out where an error's body is not JSON",
        Defect::Outcome(|outcome, answer| {
            if !matches!(outcome, Outcome::Output(_))
                && serde_json::from_slice::<Value>(&answer.body).is_err()
            {
                *outcome = Outcome::error(ErrorKind::Unexpected, "JSONDecodeError: Expecting value");
            }
        }),
    ),
    mutant(
        "errors-must-be-objects",
        "looks for members in an error's body that is not an object",
        Defect::Outcome(|outcome, answer| {
            let body = serde_json::from_slice::<Value>(&answer.body);
            if matches!(outcome, Outcome::Error(_)) && body.is_ok_and(|body| !body.is_object()) {
                *outcome = Outcome::error(ErrorKind::Unexpected, "TypeError: cannot read properties of null");
            }
        }),
    ),
    mutant(
        "errors-must-have-names",
        "fails where nothing names the error",
        Defect::Outcome(|outcome, _| {
            if let Outcome::Error(error) = outcome
                && error.code.is_none()
            {
                *outcome = Outcome::error(ErrorKind::Unexpected, "KeyError: '__type'");
            }
        }),
    ),
    mutant(
        "nameless-is-success",
        "takes an answer that names no error for a success",
        Defect::Outcome(|outcome, _| {
            if matches!(outcome, Outcome::Error(error) if error.code.is_none()) {
                *outcome = edit::output(None);
            }
        }),
    ),
    mutant(
        "broken-outputs-as-exceptions",
        "lets its JSON library's exception out where an output's body is not JSON",
        Defect::Outcome(|outcome, _| {
            if let Some(error) = edit::error(outcome)
                && error.kind == ErrorKind::Decode
            {
                error.kind = ErrorKind::Unexpected;
            }
        }),
    ),
    mutant(
        "connection-errors-as-exceptions",
        "lets the socket's exceptions out",
        Failure(|outcome| {
            if let Some(error) = edit::error(outcome) {
                error.kind = ErrorKind::Unexpected;
            }
        }),
    ),
    mutant(
        "no-answer-is-success",
        "takes a lost connection for an answer without a body",
        Failure(|outcome| {
            *outcome = edit::output(None);
        }),
    ),
    mutant(
        "error-body-under-200",
        "takes an output without members for a success, whatever else is there",
        Defect::Outcome(|outcome, answer| {
            if answer.status == 200 && edit::discriminator(answer).is_some() {
                *outcome = edit::output(None);
            }
        }),
    ),
    mutant(
        "dry-run-is-success",
        "takes DryRunOperationException for the success of a dry run",
        Defect::Outcome(|outcome, _| {
            if edit::code(outcome) == "DryRunOperationException" {
                *outcome = edit::output(None);
            }
        }),
    ),
    mutant(
        "wrong-status",
        "reports status 400 for every error",
        Defect::Outcome(|outcome, _| {
            if let Some(error) = edit::error(outcome) {
                error.status = Some(400);
            }
        }),
    ),
    mutant(
        "own-request-id",
        "reports a request id of its own making",
        Defect::Outcome(|outcome, _| {
            if let Some(error) = edit::error(outcome) {
                error.request_id = Some("00000000-0000-0000-0000-000000000000".into());
            }
        }),
    ),
    mutant(
        "refused-as-client-error",
        "reports a status of 4xx as an error of its own, from before sending",
        Defect::Outcome(|outcome, answer| {
            if let Some(error) = edit::error(outcome)
                && (400..500).contains(&answer.status)
            {
                error.kind = ErrorKind::Client;
            }
        }),
    ),
];
