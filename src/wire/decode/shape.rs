//! Messages of any operation, by the table of the service model.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use serde::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor,
};

use super::response::TextSeed;
use super::{DecodeError, DecodeErrorKind, utf8};
use crate::model::{Shape, Structure, Value};
use crate::wire::encode::from_base64;
use crate::wire::shortened;

/// The most notes of one kind.
const MAX_NOTES: usize = 100;

/// Something in a request that a lenient server ignores.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {kind}")]
pub struct Note {
    /// The member's JSON path.
    pub path: String,
    /// What is odd about it.
    pub kind: NoteKind,
}

/// The oddities of a request's JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteKind {
    /// The same name stands twice in one object; the last counts.
    #[error("the member stands twice")]
    Duplicate,
    /// The operation has no such member; it is ignored.
    #[error("the operation has no such member")]
    Unknown,
    /// Null was written where the member should have been left out.
    #[error("null, where the member should be left out")]
    Null,
}

/// Decodes a body as members of a structure: null is absent, unknown members are
/// skipped, whatever they hold, and both are noted; of a member that stands twice
/// the last counts.
///
/// # Errors
/// Where the body is no JSON object in UTF-8, or a member has another type than
/// the structure's or is not padded standard base64; the error has the JSON path.
pub fn members(
    structure: &Structure,
    body: &[u8],
) -> Result<(BTreeMap<String, Value>, Vec<Note>), DecodeError> {
    let text = utf8(body)?;
    let mut json = serde_json::Deserializer::from_str(text);
    let mut cx = Context::default();
    let members = (&mut json).deserialize_map(Members { structure, cx: &mut cx });
    let members = members.map_err(|error| DecodeError {
        path: cx.path(),
        kind: cx.kind(&error),
        // serde_json quotes the string that stands where another type should.
        reason: shortened(&error.to_string()).into_owned(),
    })?;
    json.end().map_err(|error| DecodeError::whole(error.to_string()))?;
    Ok((members, cx.notes))
}

/// Where the decoder stands, and what it has noted. After an error the path
/// is where the error happened.
#[derive(Default)]
struct Context<'a> {
    path: Vec<Segment<'a>>,
    notes: Vec<Note>,
    /// How many there were of each kind.
    counts: [usize; 3],
    base64_failed: bool,
}

enum Segment<'a> {
    Member(Cow<'a, str>),
    Index(usize),
}

impl<'de> Context<'de> {
    fn path(&self) -> String {
        let mut out = String::from("$");
        for segment in &self.path {
            // Writing to a String cannot fail.
            let _ = match segment {
                Segment::Member(name) => write!(out, ".{}", shortened(name)),
                Segment::Index(index) => write!(out, "[{index}]"),
            };
        }
        out
    }

    fn kind(&self, error: &serde_json::Error) -> DecodeErrorKind {
        match error.classify() {
            _ if self.base64_failed => DecodeErrorKind::Base64,
            serde_json::error::Category::Data => DecodeErrorKind::Type,
            _ => DecodeErrorKind::Syntax,
        }
    }

    fn note(&mut self, kind: NoteKind) {
        let count = self.counts.get_mut(kind as usize);
        if count.is_some_and(|count| std::mem::replace(count, count.saturating_add(1)) < MAX_NOTES) {
            self.notes.push(Note { path: self.path(), kind });
        }
    }
}

struct Members<'c, 's, 'de> {
    structure: &'s Structure,
    cx: &'c mut Context<'de>,
}

impl<'de> Visitor<'de> for Members<'_, '_, 'de> {
    type Value = BTreeMap<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Self { structure, cx } = self;
        let mut members = BTreeMap::new();
        let mut seen = BTreeSet::new();
        while let Some(name) = map.next_key_seed(TextSeed)? {
            cx.path.push(Segment::Member(name.clone()));
            if seen.contains(&name) {
                cx.note(NoteKind::Duplicate);
            }
            match structure.shape(&name) {
                None => {
                    cx.note(NoteKind::Unknown);
                    map.next_value::<IgnoredAny>()?;
                }
                Some(shape) => match map.next_value_seed(Nullable(Typed { shape, cx: &mut *cx }))? {
                    Some(value) => drop(members.insert(name.clone().into_owned(), value)),
                    None => {
                        members.remove(&*name);
                        cx.note(NoteKind::Null);
                    }
                },
            }
            cx.path.pop();
            seen.insert(name);
        }
        Ok(members)
    }
}

/// A value of a type.
struct Typed<'c, 's, 'de> {
    shape: &'s Shape,
    cx: &'c mut Context<'de>,
}

impl Typed<'_, '_, '_> {
    fn whole<E: Error>(&self, number: i64) -> Result<Value, E> {
        match self.shape {
            Shape::Integer if i32::try_from(number).is_ok() => Ok(Value::Whole(number)),
            Shape::Long => Ok(Value::Whole(number)),
            #[expect(clippy::cast_precision_loss, reason = "it is what a double makes of the number")]
            Shape::Double => Ok(Value::Double(number as f64)),
            _ => Err(E::invalid_type(Unexpected::Signed(number), self)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Typed<'_, '_, 'de> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Typed<'_, '_, 'de> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.shape {
            Shape::Blob | Shape::String => "a string",
            Shape::Boolean => "true or false",
            Shape::Double => "a number",
            Shape::Integer => "a whole number of 32 bits",
            Shape::Long => "a whole number of 64 bits",
            Shape::List(_) => "an array",
            Shape::Structure(_) => "a JSON object",
        })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        match self.shape {
            Shape::String => Ok(Value::String(text.into())),
            Shape::Blob => from_base64(text).map(Value::Blob).map_err(|error| {
                self.cx.base64_failed = true;
                E::custom(format_args!("not padded standard base64: {error}"))
            }),
            // The strings that Smithy writes what is no number with.
            Shape::Double if text == "NaN" => Ok(Value::Double(f64::NAN)),
            Shape::Double if text == "Infinity" => Ok(Value::Double(f64::INFINITY)),
            Shape::Double if text == "-Infinity" => Ok(Value::Double(f64::NEG_INFINITY)),
            _ => Err(E::invalid_type(Unexpected::Str(text), &self)),
        }
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        match self.shape {
            Shape::Boolean => Ok(Value::Boolean(value)),
            _ => Err(E::invalid_type(Unexpected::Bool(value), &self)),
        }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        self.whole(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        match i64::try_from(number) {
            Ok(number) => self.whole(number),
            #[expect(clippy::cast_precision_loss, reason = "it is what a double makes of the number")]
            Err(_) if *self.shape == Shape::Double => Ok(Value::Double(number as f64)),
            Err(_) => Err(E::invalid_type(Unexpected::Unsigned(number), &self)),
        }
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        match self.shape {
            Shape::Double => Ok(Value::Double(number)),
            _ => Err(E::invalid_type(Unexpected::Float(number), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let Self { shape, cx } = self;
        let Shape::List(of) = shape else {
            return Err(A::Error::invalid_type(Unexpected::Seq, &Self { shape, cx }));
        };
        let mut items = Vec::new();
        loop {
            cx.path.push(Segment::Index(items.len()));
            let Some(item) = seq.next_element_seed(Typed { shape: of, cx: &mut *cx })? else {
                cx.path.pop();
                return Ok(Value::List(items));
            };
            items.push(item);
            cx.path.pop();
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        let Self { shape, cx } = self;
        match shape {
            Shape::Structure(structure) => Members { structure, cx }.visit_map(map).map(Value::Structure),
            _ => Err(A::Error::invalid_type(Unexpected::Map, &Self { shape, cx })),
        }
    }
}

/// A value or null.
struct Nullable<V>(V);

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Nullable<V> {
    type Value = Option<V::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Nullable<V> {
    type Value = Option<V::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self.0).map(Some)
    }
}
