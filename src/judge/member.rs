//! Members of a server's response.

use serde_json::Value;

use crate::fixture::Member;
use crate::wire::Response;
use crate::wire::outcome::Members;

/// A member of an output, unless it is empty. What only the operations on cases have is
/// the first of its name in the response, however deep.
pub(crate) fn member_of(answer: &Response, output: &Members, member: Member) -> Option<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let value = match member {
        Member::AttachmentSetId => output.get("attachmentSetId").and_then(text),
        Member::ExpiryTime => output.get("expiryTime").and_then(text),
        Member::CaseId | Member::AttachmentId | Member::FileName | Member::Data | Member::Body => {
            let body: Value = serde_json::from_slice(&answer.body).ok()?;
            find(&body, member.as_str()).and_then(text)
        }
    };
    value.filter(|value| !value.is_empty())
}

/// The first member of a name, in document order.
fn find<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) => members.iter().find_map(|(other, value)| match other == name {
            true => Some(value),
            false => find(value, name),
        }),
        Value::Array(items) => items.iter().find_map(|item| find(item, name)),
        _ => None,
    }
}
