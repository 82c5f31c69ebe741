//! Whether a JSON value has a type of the service model.

use super::json::Json;
use serde_json::Value;

use crate::model::{Shape, Structure};

/// How a value fits a type. Of what a value contains, the last of these counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It has the type.
    Fits,
    /// It has characters that base64 does not have (RFC 4648 section 3.3).
    Garbled,
    /// It has another type.
    Other,
    /// It has a string that no reader can give its caller as it was sent.
    Spoiled,
    /// The documents do not say what a client makes of it.
    Open,
}

/// How a value fits a type.
pub(super) fn fit(json: &Json, shape: &Shape) -> Fit {
    match (shape, json) {
        (Shape::String, Json::String(text)) if text.sound().is_some() => Fit::Fits,
        (Shape::Blob, Json::String(text)) => text.sound().map_or(Fit::Spoiled, base64),
        (Shape::String, Json::String(_)) => Fit::Spoiled,
        (Shape::Boolean, Json::Boolean(_)) => Fit::Fits,
        (Shape::Double, Json::Number(text)) => number(json, text, |_| true),
        // Smithy writes what is no number so.
        (Shape::Double, Json::String(text)) if ["NaN", "Infinity", "-Infinity"].contains(&&*text.text) => {
            Fit::Fits
        }
        (Shape::Integer, Json::Number(text)) => number(json, text, |text| text.parse::<i32>().is_ok()),
        (Shape::Long, Json::Number(text)) => number(json, text, |text| text.parse::<i64>().is_ok()),
        (Shape::List(of), Json::Array(items)) => {
            // That a list without the trait `sparse` holds null is left open.
            let fits = items.iter().map(|item| if *item == Json::Null { Fit::Open } else { fit(item, of) });
            fits.max().unwrap_or(Fit::Fits)
        }
        (Shape::Structure(of), Json::Object(_)) => members(json, of),
        _ => Fit::Other,
    }
}

/// A number that readers may lose something of, or that has a fraction or an
/// exponent where the model has a whole number, is left open.
fn number(json: &Json, text: &str, is_in_range: fn(&str) -> bool) -> Fit {
    if json.to_value().is_some() && is_in_range(text) { Fit::Fits } else { Fit::Open }
}

/// What is no base64 by its alphabet is to be refused; white space, and padding or
/// bits beside it that are not as an encoder writes them, are left to the decoder
/// (RFC 4648 sections 3.2 and 3.5).
fn base64(text: &str) -> Fit {
    // Who skips white space changes no byte.
    if text.contains(|c: char| c.is_ascii_whitespace()) {
        let rest: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        return if base64(&rest) == Fit::Fits { Fit::Open } else { base64(&rest) };
    }
    let data = text.trim_end_matches('=');
    let in_alphabet = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    if !data.bytes().all(in_alphabet) {
        return Fit::Garbled;
    }
    let padding = text.len() - data.len();
    // How many bits of the last character say nothing.
    let rest = match data.len() % 4 {
        0 => 0,
        2 => 4,
        3 => 2,
        // No bytes have so many characters.
        _ => return Fit::Garbled,
    };
    let is_padded = padding == (4 - data.len() % 4) % 4;
    let last = data.bytes().last().map_or(0, value);
    if is_padded && last.is_multiple_of(1 << rest) { Fit::Fits } else { Fit::Open }
}

/// What a character of the alphabet stands for.
fn value(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    }
}

/// A value without the members that its type does not know; None where
/// `serde_json` cannot hold it unchanged.
pub(super) fn known(json: &Json, shape: &Shape) -> Option<Value> {
    with_leaves(json, shape, |json, _| json.to_value())
}

/// The same with the characters of numbers and booleans in strings, where the
/// model has strings, and with what the characters of strings spell, where it has
/// numbers and booleans.
pub(super) fn respelled(json: &Json, shape: &Shape) -> Option<Value> {
    with_leaves(json, shape, |json, shape| match (shape, json) {
        (Shape::String, Json::Number(text)) => Some(text.as_str().into()),
        (Shape::String, Json::Boolean(value)) => Some(value.to_string().into()),
        (Shape::Boolean, Json::String(text)) if ["true", "false"].contains(&&*text.text) => {
            Some((text.text == "true").into())
        }
        (Shape::Double | Shape::Integer | Shape::Long, Json::String(text)) => {
            let number = text.text.parse::<f64>().ok().filter(|number| number.is_finite());
            number.map_or_else(|| json.to_value(), |number| Some(number.into()))
        }
        (_, json) => json.to_value(),
    })
}

/// A value of known members, with what `leaf` makes of those that contain none.
fn with_leaves(json: &Json, shape: &Shape, leaf: fn(&Json, &Shape) -> Option<Value>) -> Option<Value> {
    match (shape, json) {
        (Shape::List(of), Json::Array(items)) => {
            items.iter().map(|item| with_leaves(item, of, leaf)).collect()
        }
        (Shape::Structure(of), Json::Object(_)) => {
            let there = of.0.iter().filter_map(|(name, of)| Some((name, json.member(name)?, &of.shape)));
            there.map(|(name, json, shape)| Some((name.clone(), with_leaves(json, shape, leaf)?))).collect()
        }
        (shape, json) => leaf(json, shape),
    }
}

/// Whether a value of such a type stands in another, however deep.
pub(super) fn contains(json: &Json, shape: &Shape, is: fn(&Shape) -> bool) -> bool {
    match (shape, json) {
        (_, Json::Null) => false,
        (Shape::List(of), Json::Array(items)) => items.iter().any(|item| contains(item, of, is)),
        (Shape::Structure(of), Json::Object(_)) => {
            let mut members = of.0.iter().filter_map(|(name, of)| Some((json.member(name)?, &of.shape)));
            members.any(|(json, shape)| contains(json, shape, is))
        }
        (shape, _) => is(shape),
    }
}

fn members(json: &Json, of: &Structure) -> Fit {
    let Json::Object(there) = json else { return Fit::Other };
    // Readers differ in whether the letters' case counts.
    let is_other_case =
        |name: &str| of.names().any(|known| known != name && known.eq_ignore_ascii_case(name));
    if there.iter().any(|(name, _)| is_other_case(&name.text)) {
        return Fit::Open;
    }
    let fits = of.0.iter().map(|(name, member)| match json.member(name) {
        // What a client does where a required member is missing is left open.
        None | Some(Json::Null) if member.is_required => Fit::Open,
        None | Some(Json::Null) => Fit::Fits,
        Some(json) => fit(json, &member.shape),
    });
    fits.max().unwrap_or(Fit::Fits)
}
