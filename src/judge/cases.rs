//! When a server is not judged by what it does with cases.

use serde_json::Value;

use crate::fixture::{Send, ServiceFixture, ServiceNeed};
use crate::model::Exception;
use crate::wire::outcome::{ErrorKind, Outcome};

/// Why a fixture that needs cases cannot be judged on a server, by its response to a
/// request of another operation than the one that is judged.
pub(super) fn unsupported(fixture: &ServiceFixture, send: &Send, outcome: &Outcome) -> Option<&'static str> {
    let (Send::Request(_), Outcome::Error(error)) = (send, outcome) else { return None };
    if !fixture.needs.contains(&ServiceNeed::Cases) || error.kind != ErrorKind::Service {
        return None;
    }
    let code = error.code.as_ref().and_then(Value::as_str).unwrap_or_default();
    let is_limit = [Exception::CaseCreationLimitExceeded, Exception::DescribeAttachmentLimitExceeded]
        .iter()
        .any(|limit| limit.code() == code);
    match code {
        "UnknownOperationException" => Some("the server has no cases"),
        _ if error.status == Some(501) => Some("the server has no cases"),
        _ if is_limit => Some("a limit of the server was reached, and the documents leave open where it is"),
        _ => None,
    }
}
