//! What is done to an answer.

pub(super) mod values;

use super::choices::Choices;
use super::shorter;
use super::text::{self, Quoting};
use values::{
    BODIES, CODES, CODINGS, CONTENT_TYPES, EXTENSIONS, FIELDS, INTERIM, KNOWN_FIELDS, LENGTHS, NAMES,
    NAMESPACES, PADDING, PIECES, REASONS, SIZES, SPACED, SPACES, SPELLINGS, STATUSES, SURPLUS, TIMES,
    TRAILERS, URIS, VERSIONS,
};

use crate::law::name::{Place, sanitized};
use crate::model::Exception;

/// One thing that is done to an answer. What would undo itself is one twist.
#[derive(Debug, Clone, PartialEq)]
pub enum Twist {
    /// It has this status.
    Status(u16),
    /// It names an error in these places, and in no other.
    Names(Vec<(Place, String)>),
    /// A name beside the one that is there.
    AlsoNames(Place, String),
    /// A member has this value, as it is written; or is not there.
    Value(Of, Option<String>),
    /// A member is written as `Message` or in another case.
    Spelled(Of, String),
    /// A member is added, at the front or at the end.
    Member {
        /// Its name, and how it is written.
        name: (String, Quoting),
        /// Its value as it is written.
        value: String,
        /// Whether it comes first.
        first: bool,
    },
    /// The strings and names of the body are written like this.
    Quoted(Quoting),
    /// White space stands between the tokens of the body.
    Space(&'static str),
    /// The members are in the opposite order.
    Reversed,
    /// The body is something else.
    Body(Vec<u8>),
    /// Bytes of the body are changed.
    BodyBytes(Edit),
    /// The status line starts with this.
    Version(&'static str),
    /// The reason phrase is this.
    Reason(Vec<u8>),
    /// A header field has this value, whatever it had.
    Field(String, Option<Vec<u8>>),
    /// There are more fields.
    Fields(usize),
    /// The fields' names are in capitals (true) or in small letters.
    Case(bool),
    /// This stands before and behind the fields' values.
    Padded(&'static str, &'static str),
    /// Bytes of the head are changed.
    HeadBytes(Edit),
    /// Interim answers come before it.
    Interim(Vec<u16>),
    /// How the end of the body is told.
    Framed(Framed),
    /// Bytes follow its end.
    Surplus(Vec<u8>),
    /// It comes in pieces: where they start, and the pause before each.
    Pieces(Vec<u16>, u64),
    /// It comes after a pause.
    Delay(u64),
    /// It comes before the request's body is read.
    Early,
    /// It stops: in this part of it, and how far into that.
    Stops(Part, u16, Fault),
    /// It is the last on its connection, and says so.
    Last,
}

/// A member of an answer that the model knows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Of {
    /// The first: the id of a set, or what names an error.
    First,
    /// The second: the expiry time, or the message.
    Second,
}

/// A change of bytes: how many go at a place, and what comes for them.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// Where, of the whole in 65536ths.
    pub at: u16,
    /// How many bytes go.
    pub cut: usize,
    /// What comes for them.
    pub put: Vec<u8>,
}

/// How the end of a body is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Framed {
    /// By the end of the connection.
    Close,
    /// In chunks: how long each is, what follows each size, a trailer.
    Chunked(usize, &'static str, &'static str),
    /// In chunks, beside a length.
    Both,
    /// In chunks, whose sizes have this before them.
    Sized(&'static str),
    /// By a length that is off by this.
    Off(i64),
    /// By two lengths: the second is off by this.
    Lengths(i64),
    /// By a length written like this.
    Length(&'static str),
    /// By a coding that is not `chunked`.
    Coding(&'static str),
}

/// A part of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What follows its first head.
    Body,
    /// All of it.
    Whole,
}

/// How an answer stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The connection is closed.
    Closed,
    /// The connection is reset.
    Reset,
    /// Nothing more comes.
    Silence,
}

/// A sort of twist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kind(std::mem::Discriminant<Twist>, Option<Fault>, Option<std::mem::Discriminant<Framed>>);

impl Twist {
    /// Its sort.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let fault = if let Self::Stops(_, _, fault) = self { Some(*fault) } else { None };
        let framed =
            if let Self::Framed(framed) = self { Some(std::mem::discriminant(framed)) } else { None };
        Kind(std::mem::discriminant(self), fault, framed)
    }
}

impl Twist {
    /// The same, a little simpler, the simplest first: strings without escapes
    /// that they do not need, names of the model with nothing around them, values
    /// of other members that say nothing, and less of what there is.
    pub(super) fn simpler(&self) -> Vec<Self> {
        let bytes = |bytes: &[u8], with: fn(Vec<u8>) -> Self| shorter(bytes).map(with).collect();
        let mut simpler: Vec<_> = match self {
            Self::Names(names) => {
                let plain = names.iter().map(|(place, of)| (*place, plain_name(of))).collect();
                let fewer = if names.len() > 1 { shorter(names).collect() } else { Vec::new() };
                [plain].into_iter().chain(fewer).map(Self::Names).collect()
            }
            Self::AlsoNames(place, of) => vec![Self::AlsoNames(*place, plain_name(of))],
            Self::Value(of, Some(value)) => {
                let all = [text::plain(value)].into_iter().chain(text::shorter_json(value));
                all.map(|value| Self::Value(*of, Some(value))).collect()
            }
            Self::Member { name: (name, _), value, first } => {
                let with = |value| {
                    let name = (name.clone(), Quoting::Plain);
                    Self::Member { name, value, first: *first }
                };
                vec![with(text::plainer(value))]
            }
            Self::Body(body) => bytes(body, Self::Body),
            Self::BodyBytes(edit) => edit.simpler().map(Self::BodyBytes).collect(),
            Self::HeadBytes(edit) => edit.simpler().map(Self::HeadBytes).collect(),
            Self::Surplus(surplus) => {
                shorter(surplus).filter(|bytes| !bytes.is_empty()).map(Self::Surplus).collect()
            }
            Self::Field(name, Some(value)) => {
                shorter(value).map(|value| Self::Field(name.clone(), Some(value))).collect()
            }
            Self::Fields(count) => [10, 50, 99].into_iter().filter(|n| n < count).map(Self::Fields).collect(),
            Self::Interim(statuses) if statuses.len() > 1 => shorter(statuses).map(Self::Interim).collect(),
            Self::Pieces(at, pause) if at.len() > 1 => {
                shorter(at).map(|at| Self::Pieces(at, *pause)).collect()
            }
            Self::Pieces(at, 1) => vec![Self::Pieces(at.clone(), 0)],
            Self::Framed(Framed::Chunked(size, extension, trailer)) => {
                let all = [(*size, "", *trailer), (*size, *extension, ""), (1_000, *extension, *trailer)];
                all.map(|(size, extension, trailer)| Self::Framed(Framed::Chunked(size, extension, trailer)))
                    .into()
            }
            _ => Vec::new(),
        };
        simpler.retain(|simpler| simpler != self);
        simpler
    }

    /// Whether it bears on where an answer begins or ends.
    pub(super) fn is_of_framing(&self) -> bool {
        matches!(
            self,
            Self::Interim(_)
                | Self::Framed(_)
                | Self::Surplus(_)
                | Self::HeadBytes(_)
                | Self::Version(_)
                | Self::Stops(..)
                | Self::Status(204 | 304)
        )
    }
}

/// A name of the model with nothing around it.
fn plain_name(name: &String) -> String {
    match sanitized(name) {
        Some(cut) if cut != *name => cut,
        _ if Exception::from_code(name).is_none() => Exception::AttachmentSetIdNotFound.code().into(),
        _ => name.clone(),
    }
}

impl Edit {
    fn simpler(&self) -> impl Iterator<Item = Self> {
        let fewer = (self.cut > 2).then_some(Self { cut: 1, ..self.clone() });
        fewer.into_iter().chain(shorter(&self.put).map(|put| Self { put, ..self.clone() }))
    }
}

/// What bears on whether a client tries again.
pub(super) fn of_retries(choices: &mut Choices<'_>) -> Twist {
    choices.one_of(&[
        (2, |choices| Twist::Names(vec![(Place::Type, discriminator(choices))])),
        (1, |choices| {
            let name = choices.pick(&["retry-after", "x-amz-retry-after"]);
            Twist::Field(name.into(), Some(b"1".into()))
        }),
        (1, any),
    ])
}

/// Any twist.
pub(super) fn any(choices: &mut Choices<'_>) -> Twist {
    choices.one_of(&[(8, naming), (7, member), (3, body), (7, head), (5, delivery)])
}

fn naming(choices: &mut Choices<'_>) -> Twist {
    choices.one_of(&[
        (2, |choices| Twist::Status(choices.pick(STATUSES))),
        (1, |choices| Twist::Status(choices.range(200..=599))),
        (5, |choices| Twist::Names(vec![name(choices)])),
        (1, |choices| Twist::Names(choices.list(2..=2, name))),
        (1, |_| Twist::Names(Vec::new())),
        (1, |choices| {
            let (place, name) = name(choices);
            Twist::AlsoNames(place, name)
        }),
        (1, |choices| {
            let name = ("code".into(), Quoting::Plain);
            Twist::Member { name, value: text::json(choices), first: false }
        }),
    ])
}

fn member(choices: &mut Choices<'_>) -> Twist {
    choices.one_of(&[
        (9, |choices| Twist::Value(of(choices), value(choices))),
        (1, |choices| Twist::Value(Of::Second, Some(text::quoted(choices.pick(TIMES), Quoting::Plain)))),
        (1, |choices| Twist::Spelled(of(choices), choices.pick(SPELLINGS).into())),
        (4, |choices| {
            let name = choices.one_of(&[(1, |choices| choices.pick(NAMES).into()), (1, text::any)]);
            let name = (name, text::quoting(choices));
            Twist::Member { name, value: text::json(choices), first: choices.chance(1, 2) }
        }),
        (1, |choices| Twist::Quoted(text::quoting(choices))),
        (1, |_| Twist::Reversed),
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

fn body(choices: &mut Choices<'_>) -> Twist {
    choices.one_of(&[
        (1, |choices| Twist::Space(choices.pick(SPACES))),
        (2, |choices| Twist::Body(choices.pick(BODIES).into())),
        (1, |choices| Twist::Body(text::json(choices).into_bytes())),
        (3, |choices| Twist::BodyBytes(edit(choices))),
    ])
}

fn head(choices: &mut Choices<'_>) -> Twist {
    choices.one_of(&[
        (1, |choices| Twist::Version(choices.pick(VERSIONS))),
        (1, |choices| Twist::Reason(choices.pick(REASONS).into())),
        (2, |choices| Twist::Field("Content-Type".into(), choices.pick(CONTENT_TYPES).map(Into::into))),
        (2, |choices| {
            let (name, value) = choices.pick(KNOWN_FIELDS);
            Twist::Field(name.into(), Some(value.into()))
        }),
        (2, |choices| {
            let name = choices.pick(FIELDS).into();
            Twist::Field(name, choices.chance(9, 10).then(|| choices.list(0..=11, field_byte)))
        }),
        (1, |choices| Twist::Fields(choices.pick(&[10, 50, 99, 110, 300]))),
        (1, |choices| Twist::Case(choices.chance(1, 2))),
        (1, |choices| {
            let (before, behind) = choices.pick(PADDING);
            Twist::Padded(before, behind)
        }),
        (1, |choices| Twist::HeadBytes(edit(choices))),
        (1, |choices| Twist::Interim(choices.list(1..=3, |choices| choices.pick(INTERIM)))),
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

fn delivery(choices: &mut Choices<'_>) -> Twist {
    choices.one_of(&[
        (6, |choices| Twist::Framed(framed(choices))),
        (1, |choices| Twist::Surplus(choices.list(1..=3, Choices::byte))),
        (1, |choices| Twist::Surplus(choices.pick(SURPLUS).into())),
        (2, |choices| {
            Twist::Pieces(choices.list(1..=3, |choices| choices.range(0..=u16::MAX)), choices.range(0..=1))
        }),
        (1, |choices| Twist::Delay(choices.range(1..=4))),
        (1, |_| Twist::Early),
        (4, |choices| {
            let part = choices.pick(&[Part::Body, Part::Whole]);
            let at =
                choices.one_of(&[(1, |_| 0), (4, |choices| choices.range(0..=u16::MAX)), (1, |_| u16::MAX)]);
            let fault =
                choices.one_of(&[(40, |_| Fault::Closed), (16, |_| Fault::Reset), (1, |_| Fault::Silence)]);
            Twist::Stops(part, at, fault)
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

pub(super) fn edit(choices: &mut Choices<'_>) -> Edit {
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
