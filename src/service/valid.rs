//! The constraints of the service model on the members of calls. What breaks one is refused before anything else is looked at.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::refusal::constraint;
use super::{Refusal, Stored, choices};
use crate::model::limits;

const NOT_NULL: &str = "Member must not be null";

/// A required member.
pub(super) fn required<T>(member: &str, value: Option<T>) -> Result<T, Refusal> {
    value.ok_or_else(|| constraint(member, NOT_NULL))
}

/// What goes into a set.
pub(super) fn attachments(value: Option<&[Stored]>) -> Result<(), Refusal> {
    let attachments = required("attachments", value)?;
    length("attachments", attachments.len(), choices::MIN_ATTACHMENTS, usize::MAX)
}

/// The text of a communication.
pub(super) fn communication_body(value: Option<String>) -> Result<String, Refusal> {
    let text = required("communicationBody", value)?;
    // No text of so many bytes has fewer characters.
    let chars = if text.len() > 4 * limits::COMMUNICATION_CHARS { text.len() } else { text.chars().count() };
    length("communicationBody", chars, 1, limits::COMMUNICATION_CHARS)?;
    Ok(text)
}

pub(super) fn cc_email_addresses(value: Option<Vec<String>>) -> Result<Vec<String>, Refusal> {
    let addresses = value.unwrap_or_default();
    length("ccEmailAddresses", addresses.len(), 0, limits::CC_ADDRESSES)?;
    Ok(addresses)
}

/// Uploads are made by operations that this service has not, so that no id of
/// one can be right; to pass them over would lose the caller's files.
pub(super) fn upload_ids(value: Option<Vec<String>>) -> Result<(), Refusal> {
    match value.is_none_or(|ids| ids.is_empty()) {
        true => Ok(()),
        false => Err(constraint("uploadIds", "Uploads are not served here, so that there is none")),
    }
}

pub(super) fn case_id_list(value: Option<Vec<String>>) -> Result<Vec<String>, Refusal> {
    let ids = value.unwrap_or_default();
    length("caseIdList", ids.len(), 0, limits::CASE_IDS)?;
    Ok(ids)
}

/// How many results a page has.
pub(super) fn max_results(value: Option<i32>) -> Result<usize, Refusal> {
    let most = value.unwrap_or(*limits::PAGE.end());
    match limits::PAGE.contains(&most) {
        true => Ok(usize::try_from(most).unwrap_or_default()),
        false => Err(constraint("maxResults", "Member must have value between 10 and 100")),
    }
}

/// A time, or a day, by ISO 8601; without an offset it is UTC's.
pub(super) fn time(member: &str, value: Option<String>) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = value else { return Ok(None) };
    let with_offset = || text.parse().or_else(|_| Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", &text));
    let without = || text.parse::<DateTime>()?.to_zoned(TimeZone::UTC).map(|time| time.timestamp());
    let time = with_offset().or_else(|_: jiff::Error| without());
    time.map(Some).map_err(|_| constraint(member, "Member must be a time by ISO 8601"))
}

/// No token of this list: the documents name no error for it.
pub(super) fn unknown_token() -> Refusal {
    constraint("nextToken", "Member must be a token from a response for this list")
}

fn length(member: &str, length: usize, least: usize, most: usize) -> Result<(), Refusal> {
    let bound = match () {
        () if length < least => format!("Member must have length greater than or equal to {least}"),
        () if length > most => format!("Member must have length less than or equal to {most}"),
        () => return Ok(()),
    };
    Err(constraint(member, &bound))
}
