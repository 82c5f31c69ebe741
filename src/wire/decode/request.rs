//! Requests: the operation's input, and what is odd about how it was written.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::response::TextSeed;
use super::{DecodeError, DecodeErrorKind, plain_input, utf8};
use crate::model::{Attachment, Input};
use crate::wire::encode::from_base64;
use crate::wire::shortened;

/// The most notes of one kind.
const MAX_NOTES: usize = 100;

/// An input and what is odd about its JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The input.
    pub input: Input,
    /// What a strict reader objects to, in document order; of each kind, the
    /// first hundred.
    pub notes: Vec<Note>,
}

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
    let text = utf8(body)?;
    let mut json = serde_json::Deserializer::from_str(text);
    let mut cx = Context::default();
    let input = (&mut json).deserialize_map(InputVisitor(&mut cx)).map_err(|error| DecodeError {
        path: cx.path(),
        kind: cx.kind(&error),
        // serde_json quotes the string that stands where another type should.
        reason: shortened(&error.to_string()).into_owned(),
    })?;
    json.end().map_err(|error| DecodeError::whole(error.to_string()))?;
    Ok(Decoded { input, notes: cx.notes })
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

    /// Visits each member of an object; `read` gets the member's name.
    fn members<A: MapAccess<'de>>(
        &mut self,
        mut map: A,
        mut read: impl FnMut(&mut Self, &str, &mut A) -> Result<(), A::Error>,
    ) -> Result<(), A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(name) = map.next_key_seed(TextSeed)? {
            self.path.push(Segment::Member(name.clone()));
            if seen.contains(&name) {
                self.note(NoteKind::Duplicate);
            }
            read(self, &name, &mut map)?;
            self.path.pop();
            seen.insert(name);
        }
        Ok(())
    }

    fn unknown<A: MapAccess<'de>>(&mut self, map: &mut A) -> Result<(), A::Error> {
        self.note(NoteKind::Unknown);
        map.next_value::<IgnoredAny>().map(drop)
    }

    /// Reads a value that may be null; null is noted.
    fn value<A, T>(
        &mut self,
        map: &mut A,
        visitor: impl Visitor<'de, Value = T>,
    ) -> Result<Option<T>, A::Error>
    where
        A: MapAccess<'de>,
    {
        let value = map.next_value_seed(Nullable(visitor))?;
        if value.is_none() {
            self.note(NoteKind::Null);
        }
        Ok(value)
    }
}

struct InputVisitor<'c, 'de>(&'c mut Context<'de>);

impl<'de> Visitor<'de> for InputVisitor<'_, 'de> {
    type Value = Input;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Input, A::Error> {
        let mut input = Input::default();
        self.0.members(map, |cx, name, map| {
            match name {
                "attachmentSetId" => {
                    input.attachment_set_id = cx.value(map, TextSeed)?.map(Cow::into_owned);
                }
                "attachments" => {
                    let attachments = map.next_value_seed(Nullable(AttachmentsVisitor(&mut *cx)))?;
                    if attachments.is_none() {
                        cx.note(NoteKind::Null);
                    }
                    input.attachments = attachments;
                }
                "dryRun" => input.dry_run = cx.value(map, BoolVisitor)?,
                _ => cx.unknown(map)?,
            }
            Ok(())
        })?;
        Ok(input)
    }
}

struct AttachmentsVisitor<'c, 'de>(&'c mut Context<'de>);

impl<'de> Visitor<'de> for AttachmentsVisitor<'_, 'de> {
    type Value = Vec<Attachment>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut attachments = Vec::new();
        loop {
            self.0.path.push(Segment::Index(attachments.len()));
            let Some(attachment) = seq.next_element_seed(AttachmentSeed(&mut *self.0))? else {
                self.0.path.pop();
                return Ok(attachments);
            };
            attachments.push(attachment);
            self.0.path.pop();
        }
    }
}

struct AttachmentSeed<'c, 'de>(&'c mut Context<'de>);

impl<'de> DeserializeSeed<'de> for AttachmentSeed<'_, 'de> {
    type Value = Attachment;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Attachment, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for AttachmentSeed<'_, 'de> {
    type Value = Attachment;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Attachment, A::Error> {
        let mut attachment = Attachment::default();
        self.0.members(map, |cx, name, map| {
            match name {
                "fileName" => attachment.file_name = cx.value(map, TextSeed)?.map(Cow::into_owned),
                "data" => {
                    let text = cx.value(map, TextSeed)?;
                    attachment.data =
                        text.map(|text| from_base64(text.as_bytes())).transpose().map_err(|error| {
                            cx.base64_failed = true;
                            A::Error::custom(format_args!("not padded standard base64: {error}"))
                        })?;
                }
                _ => cx.unknown(map)?,
            }
            Ok(())
        })?;
        Ok(attachment)
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

struct BoolVisitor;

impl Visitor<'_> for BoolVisitor {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true or false")
    }

    fn visit_bool<E>(self, value: bool) -> Result<bool, E> {
        Ok(value)
    }
}
