//! What a client handed its user in a string's place: any JSON, however deep.

use std::cell::Cell;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de::DeserializeSeed};
use serde_json::{Map, Value};

use super::outcome::Members;

/// How deep it is read; lists and objects further in are read as empty. A
/// client may pass on what is deeper than a reader of JSON goes; of responses that
/// are, the oracle decides nothing.
const MAX_DEPTH: usize = 100;
/// How many values are read in one; those that come later are left out. No
/// response of a fixture has as many, so that nothing that is cut equals one.
const MAX_VALUES: usize = 10_000;
/// How many names of other members are read.
const MAX_NAMES: usize = 1_000;

/// Names; of very many, the first.
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Sequence;

        impl<'de> Visitor<'de> for Sequence {
            type Value = Names;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a sequence")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while names.len() < MAX_NAMES
                    && let Some(name) = from.next_element()?
                {
                    names.push(name);
                }
                while from.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Names(names))
            }
        }

        from.deserialize_seq(Sequence)
    }
}

/// The most members that are read.
const MAX_MEMBERS: usize = 100;

/// Reads what a client says of an output; members that are null are left out.
impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Output;

        impl<'de> Visitor<'de> for Output {
            type Value = Members;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Members, A::Error> {
                let mut read = Members::default();
                while let Some(name) = from.next_key::<String>()? {
                    if name == "other" {
                        read.other = from.next_value::<Names>()?.0;
                        continue;
                    }
                    let value = from.next_value::<Option<Loose>>()?;
                    if read.members.len() < MAX_MEMBERS {
                        read.set(name, value.map(|Loose(value)| value));
                    }
                }
                Ok(read)
            }
        }

        from.deserialize_map(Output)
    }
}

/// Reads a value, unless it is null.
pub(super) fn value<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Ok(Option::<Loose>::deserialize(from)?.map(|Loose(value)| value))
}

struct Loose(Value);

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let values = Cell::new(MAX_VALUES);
        Levels { left: MAX_DEPTH, values: &values }.deserialize(from).map(Self)
    }
}

/// How many levels and values are still read.
#[derive(Clone, Copy)]
struct Levels<'a> {
    left: usize,
    values: &'a Cell<usize>,
}

impl Levels<'_> {
    /// One level further in, if that is still read.
    fn inner(self) -> Option<Self> {
        self.left.checked_sub(1).map(|left| Self { left, ..self })
    }

    /// Takes room for a value, if there is any.
    fn has_room(self) -> bool {
        let left = self.values.get().checked_sub(1);
        self.values.set(left.unwrap_or(0));
        left.is_some()
    }
}

impl<'de> DeserializeSeed<'de> for Levels<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Levels<'_> {
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
        if let Some(inner) = self.inner() {
            while self.has_room()
                && let Some(item) = from.next_element_seed(inner)?
            {
                items.push(item);
            }
        }
        while from.next_element::<IgnoredAny>()?.is_some() {}
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        if let Some(inner) = self.inner() {
            while self.has_room()
                && let Some(name) = from.next_key()?
            {
                members.insert(name, from.next_value_seed(inner)?);
            }
        }
        while from.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(members.into())
    }
}
