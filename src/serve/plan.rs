//! Plans as they are posted.

use std::time::Duration;

use serde::Deserialize;

use super::app::App;
use super::control::Problem;
use super::next::{Answer, Cut, Plan};
use crate::model::{Exception, Operation, ServiceError};

/// The longest delay: a connection may be idle as long by default.
const MAX_DELAY_MS: u64 = 600_000;

/// Errors of the documents' "Common Error Types" that any operation may have, of
/// which all versions of that page give the same status.
const COMMON: [(&str, u16, &str); 3] = [
    ("ThrottlingException", 400, "Rate exceeded"),
    ("ServiceUnavailable", 503, "The request has failed due to a temporary failure of the server."),
    ("InternalFailure", 500, "The request processing has failed because of an unknown error."),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Posted {
    exception: Option<String>,
    status: Option<u16>,
    message: Option<String>,
    fixture: Option<String>,
    cut: Option<Cut>,
    delay_ms: Option<u64>,
    operation: Option<Operation>,
    #[serde(default = "one")]
    calls: u32,
}

fn one() -> u32 {
    1
}

/// Reads a plan, or a list of plans.
pub(super) fn read(app: &App, json: &[u8]) -> Result<Vec<Plan>, Problem> {
    let list = if json.trim_ascii_start().first() == Some(&b'[') {
        serde_json::from_slice::<Vec<Posted>>(json)
    } else {
        serde_json::from_slice(json).map(|one| vec![one])
    };
    let list = list.map_err(|error| Problem::bad(error.to_string()))?;
    list.into_iter().map(|posted| plan(app, posted)).collect()
}

fn plan(app: &App, posted: Posted) -> Result<Plan, Problem> {
    let (operation, calls) = (posted.operation, posted.calls);
    let delay = posted.delay_ms.unwrap_or_default();
    if delay > MAX_DELAY_MS {
        return Err(Problem::bad(format!("delayMs is at most {MAX_DELAY_MS}")));
    }
    let has_delay = posted.delay_ms.is_some();
    let answer = match posted {
        Posted { exception: Some(code), fixture: None, cut: None, status, message, .. } => {
            exception(operation, code, status, message)?
        }
        Posted { fixture: Some(id), exception: None, cut: None, status: None, message: None, .. } => {
            app.fixture(&id).map_err(|error| Problem::bad(error.to_string()))?
        }
        Posted { cut: Some(cut), exception: None, fixture: None, status: None, message: None, .. } => {
            Answer::Cut(cut)
        }
        Posted { exception: None, fixture: None, cut: None, status: None, message: None, .. }
            if has_delay =>
        {
            Answer::Served
        }
        _ => {
            return Err(Problem::bad(
                "give one of exception (with a status and a message), fixture and cut, or delayMs alone",
            ));
        }
    };
    Ok(Plan { operation, calls, delay: Duration::from_millis(delay), answer })
}

/// An exception that is documented for the operation, a common error, or any
/// error that comes with a status.
fn exception(
    operation: Option<Operation>,
    code: String,
    status: Option<u16>,
    message: Option<String>,
) -> Result<Answer, Problem> {
    let documented: Vec<_> =
        operation.map_or_else(|| Exception::ALL.to_vec(), |operation| operation.exceptions().collect());
    let known = documented.iter().find(|exception| exception.code() == code);
    let common = COMMON.iter().find(|(common, ..)| *common == code);
    let mut error = match (known.copied().map(Answer::from), common, status) {
        (Some(Answer::Error(error)), ..) => error,
        (_, Some((_, status, message)), _) => ServiceError {
            code: Some(code),
            message: Some((*message).into()),
            status: *status,
            request_id: None,
        },
        (_, _, Some(_)) => ServiceError { code: Some(code), ..ServiceError::default() },
        (_, _, None) => {
            let codes = documented.iter().map(|exception| exception.code());
            let known = codes.chain(COMMON.iter().map(|(code, ..)| *code)).collect::<Vec<_>>().join(", ");
            return Err(Problem::bad(format!(
                "{code:?} is none of {known}; give a status to send it anyhow"
            )));
        }
    };
    error.status = status.unwrap_or(error.status);
    error.message = message.or(error.message);
    if !(400..600).contains(&error.status) {
        return Err(Problem::bad("an error's status is from 400 to 599"));
    }
    Ok(Answer::Error(error))
}
