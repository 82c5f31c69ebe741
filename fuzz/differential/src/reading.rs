//! What must be known of a body to say why two readers differ over it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// A body's members, and how it is written.
#[derive(Debug, Default)]
pub struct Reading {
    /// Every member of the object, in order, twins included.
    pub members: Vec<(String, Value)>,
    /// Whether the body is one JSON object by RFC 8259.
    pub is_object: bool,
    /// How deep brackets are nested in it.
    pub depth: usize,
    /// Whether it has a number or an escape that RFC 8259 forbids.
    pub is_lax: bool,
    /// Whether a string among the members is half a surrogate pair.
    pub is_not_unicode: bool,
    /// Whether a name is written with an escape.
    pub has_escaped_name: bool,
}

impl Reading {
    /// The strings among a member's values.
    pub fn texts<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.members.iter().filter(move |(n, _)| n == name).filter_map(|(_, value)| value.as_str())
    }

    /// The strings that the SDK takes for a message.
    pub fn messages(&self) -> impl Iterator<Item = &str> {
        let is_message = |name: &str| ["message", "Message", "errorMessage"].contains(&name);
        self.members.iter().filter(move |(name, _)| is_message(name)).filter_map(|(_, value)| value.as_str())
    }

    /// How many members have this name.
    pub fn count(&self, name: &str) -> usize {
        self.members.iter().filter(|(n, _)| n == name).count()
    }
}

/// Reads a body as far as it goes.
pub fn read(body: &[u8]) -> Reading {
    let mut reading = Reading::default();
    let mut json = serde_json::Deserializer::from_slice(body);
    reading.is_object =
        (&mut json).deserialize_map(Members(&mut reading.members)).is_ok() && json.end().is_ok();
    reading.is_not_unicode = reading.members.iter().any(|(_, value)| *value == NOT_UNICODE);
    scan(body, &mut reading);
    reading
}

/// Walks over the bytes: what stands in strings, and how deep brackets nest.
fn scan(body: &[u8], reading: &mut Reading) {
    let (mut depth, mut in_string, mut escaped_string) = (0usize, false, false);
    let mut bytes = body.iter().copied().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' if in_string => {
                escaped_string = true;
                let digits = body.get(at + 2..at + 6).unwrap_or_default();
                reading.is_lax |= match bytes.next() {
                    Some((_, b'u')) => digits.len() < 4 || !digits.iter().all(u8::is_ascii_hexdigit),
                    Some((_, escaped)) => !b"\"\\/bfnrt".contains(&escaped),
                    None => false,
                };
            }
            b'"' if in_string => {
                in_string = false;
                let next = body.get(at + 1..).unwrap_or_default().trim_ascii_start().first();
                reading.has_escaped_name |= escaped_string && next == Some(&b':');
            }
            b'"' => (in_string, escaped_string) = (true, false),
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                reading.depth = reading.depth.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'0'..=b'9' | b'.' | b'-' => reading.is_lax |= is_lax_number(body, at),
            _ => {}
        }
    }
}

/// Whether a number that starts here is none by RFC 8259.
fn is_lax_number(body: &[u8], at: usize) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    let before = at.checked_sub(1).and_then(|before| body.get(before));
    let number: Vec<u8> = body.get(at..).unwrap_or_default().iter().copied().take_while(is_part).collect();
    !before.is_some_and(is_part) && serde_json::from_slice::<serde::de::IgnoredAny>(&number).is_err()
}

struct Members<'a>(&'a mut Vec<(String, Value)>);

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value_seed(Shallow)?;
            self.0.push((name, value));
        }
        Ok(())
    }
}

/// Stands for a string that is none in Rust.
const NOT_UNICODE: Value = Value::Bool(true);

/// A value of which only strings and null are kept: others are all `false`.
struct Shallow;

impl<'de> DeserializeSeed<'de> for Shallow {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let raw: &RawValue = serde::Deserialize::deserialize(deserializer)?;
        let other = if raw.get().starts_with('"') { NOT_UNICODE } else { Value::Bool(false) };
        Ok(serde_json::from_str::<Option<String>>(raw.get()).map_or(other, Value::from))
    }
}
