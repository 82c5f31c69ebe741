//! What a client handed its user in a text's place: any JSON, however deep.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de::DeserializeSeed};
use serde_json::{Map, Value};

/// How deep it is read; lists and objects further in are read as empty. A
/// client may hand on what is deeper than a reader of JSON goes; of answers that
/// are, the law decides nothing.
const MAX_DEPTH: usize = 100;

/// Reads a value, unless it is null.
pub(super) fn value<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Ok(Option::<Handed>::deserialize(from)?.map(|Handed(value)| value))
}

struct Handed(Value);

impl<'de> Deserialize<'de> for Handed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Levels(MAX_DEPTH).deserialize(from).map(Self)
    }
}

/// How many levels are still read.
#[derive(Clone, Copy)]
struct Levels(usize);

impl<'de> DeserializeSeed<'de> for Levels {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Levels {
    type Value = Value;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        match self.0.checked_sub(1).map(Levels) {
            Some(inner) => {
                while let Some(item) = from.next_element_seed(inner)? {
                    items.push(item);
                }
            }
            None => while from.next_element::<IgnoredAny>()?.is_some() {},
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        match self.0.checked_sub(1).map(Levels) {
            Some(inner) => {
                while let Some(name) = from.next_key()? {
                    members.insert(name, from.next_value_seed(inner)?);
                }
            }
            None => while from.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {},
        }
        Ok(members.into())
    }
}
