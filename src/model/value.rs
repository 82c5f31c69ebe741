//! A value of a type of the service model.

use std::collections::BTreeMap;

/// A value of a [`Shape`](super::Shape).
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Bytes.
    Blob(Vec<u8>),
    /// `true` or `false`.
    Boolean(bool),
    /// A number of double precision.
    Double(f64),
    /// A whole number.
    Whole(i64),
    /// Characters.
    String(String),
    /// Values of one type.
    List(Vec<Value>),
    /// Members that are there, by name.
    Structure(BTreeMap<String, Value>),
}
