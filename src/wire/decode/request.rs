//! Requests: the operation's input, and what is odd about how it was written.

use std::collections::BTreeMap;

use super::{DecodeError, Note, members, plain_input};
use crate::model::{Attachment, Input, Operation, Value};

/// An input and what is odd about its JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The input.
    pub input: Input,
    /// What a strict reader objects to, in document order; of each kind, the
    /// first hundred.
    pub notes: Vec<Note>,
}

/// Decodes a request's body as a service does: null is absent, unknown
/// members are ignored, and both are noted.
///
/// # Errors
/// Where the body is not UTF-8 or JSON, or a member has the wrong type or is
/// not padded standard base64; the error has the JSON path.
pub fn input(body: &[u8]) -> Result<Decoded, DecodeError> {
    match plain_input(body) {
        Some(input) => Ok(Decoded { input, notes: Vec::new() }),
        None => any_input(body),
    }
}

/// Decodes as [`input`] does, the way that is for every body: what
/// [`plain_input`] has refused is not tried once more.
///
/// # Errors
/// As [`input`].
pub fn any_input(body: &[u8]) -> Result<Decoded, DecodeError> {
    let (mut there, notes) = members(&Operation::AddAttachmentsToSet.shape().input, body)?;
    let attachment = |value| {
        let Value::Structure(mut there) = value else { return Attachment::default() };
        let data = match there.remove("data") {
            Some(Value::Blob(data)) => Some(data),
            _ => None,
        };
        Attachment { file_name: text(&mut there, "fileName"), data }
    };
    let attachments = match there.remove("attachments") {
        Some(Value::List(items)) => Some(items.into_iter().map(attachment).collect()),
        _ => None,
    };
    let dry_run = match there.remove("dryRun") {
        Some(Value::Boolean(dry_run)) => Some(dry_run),
        _ => None,
    };
    let input = Input { attachment_set_id: text(&mut there, "attachmentSetId"), attachments, dry_run };
    Ok(Decoded { input, notes })
}

fn text(members: &mut BTreeMap<String, Value>, name: &str) -> Option<String> {
    match members.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}
