//! Mutations of a response, generated from choices.

use super::values::{
    BODIES, CODES, CODINGS, CONTENT_TYPES, EXTENSIONS, FIELDS, INTERIM, KNOWN_FIELDS, LENGTHS, NAMES,
    NAMESPACES, PADDING, PIECES, REASONS, SIZES, SPACED, SPACES, SPELLINGS, STATUSES, SURPLUS, TIMES,
    TRAILERS, URIS, VERSIONS,
};
use super::{Edit, Fault, Framed, Mutation, Of, Part};
use crate::draw::choices::Choices;
use crate::draw::text::{self, Quoting};
use crate::model::Exception;
use crate::oracle::name::Place;

/// What bears on whether a client tries again.
pub(in crate::draw) fn of_retries(choices: &mut Choices<'_>) -> Mutation {
    choices.one_of(&[
        (2, |choices| Mutation::Names(vec![(Place::Type, discriminator(choices))])),
        (1, |choices| {
            let name = choices.pick(&["retry-after", "x-amz-retry-after"]);
            Mutation::Field(name.into(), Some(b"1".into()))
        }),
        (1, any),
    ])
}

/// Any mutation.
pub(in crate::draw) fn any(choices: &mut Choices<'_>) -> Mutation {
    choices.one_of(&[(8, naming), (7, member), (3, body), (7, head), (5, delivery)])
}

fn naming(choices: &mut Choices<'_>) -> Mutation {
    choices.one_of(&[
        (2, |choices| Mutation::Status(choices.pick(STATUSES))),
        (1, |choices| Mutation::Status(choices.range(200..=599))),
        (5, |choices| Mutation::Names(vec![name(choices)])),
        (1, |choices| Mutation::Names(choices.list(2..=2, name))),
        (1, |_| Mutation::Names(Vec::new())),
        (1, |choices| {
            let (place, name) = name(choices);
            Mutation::AlsoNames(place, name)
        }),
        (1, |choices| {
            let name = ("code".into(), Quoting::Plain);
            Mutation::Member { name, value: text::json(choices), first: false }
        }),
    ])
}

fn member(choices: &mut Choices<'_>) -> Mutation {
    choices.one_of(&[
        (9, |choices| Mutation::Value(of(choices), value(choices))),
        (1, |choices| Mutation::Value(Of::Second, Some(text::quoted(choices.pick(TIMES), Quoting::Plain)))),
        (1, |choices| Mutation::Spelled(of(choices), choices.pick(SPELLINGS).into())),
        (4, |choices| {
            let name = choices.one_of(&[(1, |choices| choices.pick(NAMES).into()), (1, text::any)]);
            let name = (name, text::quoting(choices));
            Mutation::Member { name, value: text::json(choices), first: choices.chance(1, 2) }
        }),
        (1, |choices| Mutation::Quoted(text::quoting(choices))),
        (1, |_| Mutation::Reversed),
    ])
}

fn of(choices: &mut Choices<'_>) -> Of {
    choices.pick(&[Of::First, Of::Second])
}

/// A member's value as it is written; none where the member is absent.
fn value(choices: &mut Choices<'_>) -> Option<String> {
    choices.one_of(&[
        (4, |choices| choices.chance(9, 10).then(|| text::json(choices))),
        (2, |choices| Some(text::quoted(&text::any(choices), text::quoting(choices)))),
        (1, |_| Some("null".into())),
        (1, |choices| Some(text::quoted(choices.pick(text::ODD), Quoting::Plain))),
        (1, |choices| Some(text::quoted(choices.pick(SPACED), Quoting::Plain))),
    ])
}

fn body(choices: &mut Choices<'_>) -> Mutation {
    choices.one_of(&[
        (1, |choices| Mutation::Space(choices.pick(SPACES))),
        (2, |choices| Mutation::Body(choices.pick(BODIES).into())),
        (1, |choices| Mutation::Body(text::json(choices).into_bytes())),
        (3, |choices| Mutation::BodyBytes(edit(choices))),
    ])
}

fn head(choices: &mut Choices<'_>) -> Mutation {
    choices.one_of(&[
        (1, |choices| Mutation::Version(choices.pick(VERSIONS))),
        (1, |choices| Mutation::Reason(choices.pick(REASONS).into())),
        (2, |choices| Mutation::Field("Content-Type".into(), choices.pick(CONTENT_TYPES).map(Into::into))),
        (2, |choices| {
            let (name, value) = choices.pick(KNOWN_FIELDS);
            Mutation::Field(name.into(), Some(value.into()))
        }),
        (2, |choices| {
            let name = choices.pick(FIELDS).into();
            Mutation::Field(name, choices.chance(9, 10).then(|| choices.list(0..=11, field_byte)))
        }),
        (1, |choices| Mutation::Fields(choices.pick(&[10, 50, 99, 110, 300]))),
        (1, |choices| Mutation::Case(choices.chance(1, 2))),
        (1, |choices| {
            let (before, behind) = choices.pick(PADDING);
            Mutation::Padded(before, behind)
        }),
        (1, |choices| Mutation::HeadBytes(edit(choices))),
        (1, |choices| Mutation::Interim(choices.list(1..=3, |choices| choices.pick(INTERIM)))),
    ])
}

/// A byte of a field's value.
fn field_byte(choices: &mut Choices<'_>) -> u8 {
    choices.one_of(&[
        (8, |choices| choices.range(b' '..=b'~')),
        (1, |choices| choices.range(0x80..=u8::MAX)),
        (1, |_| b'\t'),
    ])
}

fn delivery(choices: &mut Choices<'_>) -> Mutation {
    choices.one_of(&[
        (6, |choices| Mutation::Framed(framed(choices))),
        (1, |choices| Mutation::Surplus(choices.list(1..=3, Choices::byte))),
        (1, |choices| Mutation::Surplus(choices.pick(SURPLUS).into())),
        (2, |choices| {
            Mutation::Pieces(choices.list(1..=3, |choices| choices.range(0..=u16::MAX)), choices.range(0..=1))
        }),
        (1, |choices| Mutation::Delay(choices.range(1..=4))),
        (1, |_| Mutation::Early),
        (4, |choices| {
            let part = choices.pick(&[Part::Body, Part::Whole]);
            let at =
                choices.one_of(&[(1, |_| 0), (4, |choices| choices.range(0..=u16::MAX)), (1, |_| u16::MAX)]);
            let fault =
                choices.one_of(&[(40, |_| Fault::Closed), (16, |_| Fault::Reset), (1, |_| Fault::Silence)]);
            Mutation::Stops(part, at, fault)
        }),
    ])
}

fn framed(choices: &mut Choices<'_>) -> Framed {
    choices.one_of(&[
        (2, |_| Framed::Close),
        (5, |choices| {
            let size = choices.pick(&[1, 2, 7, 16, 1_000]);
            Framed::Chunked(size, choices.pick(EXTENSIONS), choices.pick(TRAILERS))
        }),
        (1, |_| Framed::Both),
        (1, |choices| Framed::Sized(choices.pick(SIZES))),
        (1, |choices| Framed::Lengths(choices.pick(&[0, -1, 5, -100]))),
        (2, |choices| Framed::Off(choices.pick(&[-1, 1, -10, 1_000, 1 << 40]))),
        (2, |choices| Framed::Length(choices.pick(LENGTHS))),
        (1, |choices| Framed::Coding(choices.pick(CODINGS))),
    ])
}

pub(in crate::draw) fn edit(choices: &mut Choices<'_>) -> Edit {
    Edit {
        at: if choices.chance(1, 16) { 0 } else { choices.range(0..=u16::MAX) },
        cut: if choices.chance(1, 5) { usize::MAX } else { choices.below(3) },
        put: choices.one_of(&[
            (3, |choices| choices.pick(PIECES).into()),
            (2, |choices| choices.list(0..=2, Choices::byte)),
        ]),
    }
}

/// What names an error, and where.
fn name(choices: &mut Choices<'_>) -> (Place, String) {
    (choices.pick(&[Place::Type, Place::Header, Place::Code]), discriminator(choices))
}

/// What names an error, in the forms that the protocol speaks of, and others.
fn discriminator(choices: &mut Choices<'_>) -> String {
    let name = choices.one_of(&[
        (4, |choices| choices.pick(&Exception::ALL).code().to_owned()),
        (3, |choices| choices.pick(CODES).into()),
        (1, |choices| {
            let first = choices.range(b'A'..=b'Z');
            let rest = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
            format!("{}{}", char::from(first), choices.word(rest, 0..=20))
        }),
        (1, text::any),
    ]);
    match choices.chance(1, 2) {
        true => name,
        false => format!("{}{name}{}", choices.pick(NAMESPACES), choices.pick(URIS)),
    }
}
