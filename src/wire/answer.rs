//! An adapter's response to one call, a line of JSON: see `adapters/README.md`.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::loose;
use super::outcome::{Failure, Members, Outcome};

/// Reads an adapter's response to the call with this id.
///
/// # Errors
/// In words, where the line is not a response to that call.
pub fn parse(line: &str, id: &str) -> Result<Outcome, String> {
    let answer: Answer = serde_json::from_str(&without_lone_surrogates(line))
        .map_err(|error| format!("its response is {}: {}", cut(line), within(&error.to_string())))?;
    if answer.id != id {
        return Err(format!("it responded to {} instead of {id:?}", cut(&answer.id)));
    }
    match (answer.output, answer.error, answer.unsupported) {
        (Some(output), None, None) => Ok(Outcome::Output(output)),
        (None, Some(error), None) => Ok(Outcome::Error(error)),
        (None, None, Some(reason)) => Ok(Outcome::Unsupported(reason)),
        _ => Err(format!("its response has not exactly one of output, error and unsupported: {}", cut(line))),
    }
}

/// Writes a response, without a line break.
#[must_use]
pub fn write(id: &str, outcome: &Outcome) -> String {
    let line = match outcome {
        Outcome::Output(Members { value: Some(value), .. }) => {
            serde_json::to_string(&serde_json::json!({ "id": id, "output": value }))
        }
        outcome => serde_json::to_string(&Written { id, outcome }),
    };
    // Neither a map key nor a number in it can fail to be JSON.
    line.unwrap_or_default()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    id: String,
    #[serde(default, deserialize_with = "output")]
    output: Option<Members>,
    error: Option<Failure>,
    unsupported: Option<String>,
}

/// An object has the members of an output; any other value but null stands in
/// place of one.
fn output<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Members>, D::Error> {
    let raw = Option::<&RawValue>::deserialize(deserializer)?;
    let problem = serde::de::Error::custom;
    raw.map(|raw| match raw.get().as_bytes().first() {
        Some(b'{') => serde_json::from_str(raw.get()).map_err(problem),
        _ => {
            let mut reader = serde_json::Deserializer::from_str(raw.get());
            let value = loose::value(&mut reader).map_err(problem)?;
            Ok(Members { value, ..Members::default() })
        }
    })
    .transpose()
}

#[derive(Serialize)]
struct Written<'a> {
    id: &'a str,
    #[serde(flatten)]
    outcome: &'a Outcome,
}

/// How many characters a message has of a line.
const MOST: usize = 200;

/// Why a line is refused; may quote it.
fn within(error: &str) -> String {
    match error.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}...", error.get(..at).unwrap_or_default()),
        None => error.into(),
    }
}

/// A line cut to a length that a message can hold.
#[must_use]
pub fn cut(line: &str) -> String {
    let line = line.trim_end();
    match line.char_indices().nth(MOST) {
        Some((at, _)) => format!("{:?}... ({} bytes)", line.get(..at).unwrap_or_default(), line.len()),
        None => format!("{line:?}"),
    }
}

/// A line with U+FFFD for each escape of half a surrogate pair. Languages whose
/// strings are UTF-16 write such escapes when a client hands them one.
fn without_lone_surrogates(line: &str) -> Cow<'_, str> {
    let unit = |at: usize| {
        let digits = line.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut out = Cow::Borrowed(line);
    let mut at = 0;
    while let Some(escape) = line.get(at..).and_then(|rest| rest.find('\\')).map(|found| at + found) {
        at = match (unit(escape), unit(escape + 6)) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => escape + 12,
            (Some(0xd800..0xe000), _) => {
                // The replacement is as long as what it replaces.
                out.to_mut().replace_range(escape..escape + 6, "\\ufffd");
                escape + 6
            }
            // Past the backslash and what it escapes: in JSON, one byte.
            _ => escape + 2,
        };
    }
    out
}
