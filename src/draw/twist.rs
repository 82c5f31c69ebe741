//! What is done to an answer.

pub(super) mod values;

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;

use super::text::{self, Quoting};
use values::{
    BODIES, CODES, CONTENT_TYPES, FIELDS, KNOWN_FIELDS, LENGTHS, NAMES, PIECES, REASONS, SIZES, SPACED,
    SPELLINGS, STATUSES, TIMES, URI,
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
    /// The same in plain words, if it is not: texts without escapes that they do
    /// not need, names of the model with nothing around them, and values of other
    /// members that say nothing.
    pub(super) fn plainer(&self) -> Option<Self> {
        let name = |name: &String| match sanitized(name) {
            Some(cut) if cut != *name => cut,
            _ if Exception::from_code(name).is_none() => Exception::AttachmentSetIdNotFound.code().into(),
            _ => name.clone(),
        };
        let plain = match self {
            Self::Names(names) => Self::Names(names.iter().map(|(place, of)| (*place, name(of))).collect()),
            Self::AlsoNames(place, of) => Self::AlsoNames(*place, name(of)),
            Self::Value(of, Some(value)) => Self::Value(*of, Some(text::plain(value))),
            Self::Member { name: (name, _), value, first } => Self::Member {
                name: (name.clone(), Quoting::Plain),
                value: text::plainer(value),
                first: *first,
            },
            _ => return None,
        };
        (plain != *self).then_some(plain)
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

/// What bears on whether a client tries again.
pub(super) fn of_retries() -> impl Strategy<Value = Twist> {
    let after = select(&["retry-after", "x-amz-retry-after"][..]);
    prop_oneof![
        2 => (Just(Place::Type), discriminator()).prop_map(|name| Twist::Names(vec![name])),
        1 => after.prop_map(|name| Twist::Field(name.into(), Some(b"1".into()))),
        1 => any(),
    ]
}

/// Any twist.
pub(super) fn any() -> impl Strategy<Value = Twist> {
    prop_oneof![
        8 => naming(),
        7 => members(),
        3 => body(),
        7 => head(),
        5 => delivery(),
    ]
}

fn naming() -> impl Strategy<Value = Twist> {
    prop_oneof![
        2 => select(STATUSES).prop_map(Twist::Status),
        1 => (200_u16..600).prop_map(Twist::Status),
        5 => (place(), discriminator()).prop_map(|name| Twist::Names(vec![name])),
        1 => vec((place(), discriminator()), 2).prop_map(Twist::Names),
        1 => Just(Twist::Names(Vec::new())),
        1 => (place(), discriminator()).prop_map(|(place, name)| Twist::AlsoNames(place, name)),
        1 => text::json().prop_map(|value| {
            Twist::Member { name: ("code".into(), Quoting::Plain), value, first: false }
        }),
    ]
}

fn members() -> impl Strategy<Value = Twist> {
    let of = || select(&[Of::First, Of::Second][..]);
    let name = || prop_oneof![1 => select(NAMES).prop_map(str::to_owned), 1 => text::any()];
    prop_oneof![
        4 => (of(), weighted(0.9, text::json())).prop_map(|(of, value)| Twist::Value(of, value)),
        2 => (of(), text::any(), text::quoting())
            .prop_map(|(of, text, form)| Twist::Value(of, Some(text::quoted(&text, form)))),
        1 => of().prop_map(|of| Twist::Value(of, Some("null".into()))),
        1 => (of(), text::odd())
            .prop_map(|(of, text)| Twist::Value(of, Some(text::quoted(text, Quoting::Plain)))),
        1 => (of(), select(SPACED))
            .prop_map(|(of, text)| Twist::Value(of, Some(text::quoted(text, Quoting::Plain)))),
        1 => select(TIMES)
            .prop_map(|time| Twist::Value(Of::Second, Some(text::quoted(time, Quoting::Plain)))),
        1 => (of(), select(SPELLINGS)).prop_map(|(of, name)| Twist::Spelled(of, name.into())),
        4 => (name(), text::quoting(), text::json(), proptest::bool::ANY)
            .prop_map(|(name, form, value, first)| Twist::Member { name: (name, form), value, first }),
        1 => text::quoting().prop_map(Twist::Quoted),
        1 => Just(Twist::Reversed),
    ]
}

fn body() -> impl Strategy<Value = Twist> {
    prop_oneof![
        1 => select(&[" ", "\n", "\t", "\r\n", "  \n"][..]).prop_map(Twist::Space),
        2 => select(BODIES).prop_map(|body| Twist::Body(body.into())),
        1 => text::json().prop_map(|json| Twist::Body(json.into_bytes())),
        3 => edit().prop_map(Twist::BodyBytes),
    ]
}

fn head() -> impl Strategy<Value = Twist> {
    let value = || vec(prop_oneof![8 => b' '..=b'~', 1 => 0x80..=u8::MAX, 1 => Just(b'\t')], 0..12);
    let field = (select(FIELDS), weighted(0.9, value()));
    prop_oneof![
        1 => select(&["HTTP/1.0", "HTTP/1.0", "HTTP/2", "HTTP/1.2", "http/1.1", "ICY"][..]).prop_map(Twist::Version),
        1 => select(REASONS).prop_map(|reason| Twist::Reason(reason.into())),
        2 => select(CONTENT_TYPES)
            .prop_map(|value| Twist::Field("Content-Type".into(), value.map(|value| value.into()))),
        2 => select(KNOWN_FIELDS)
            .prop_map(|(name, value)| Twist::Field(name.into(), Some(value.into()))),
        2 => field.prop_map(|(name, value)| Twist::Field(name.into(), value)),
        1 => select(&[10_usize, 50, 99, 110, 300][..]).prop_map(Twist::Fields),
        1 => proptest::bool::ANY.prop_map(Twist::Case),
        1 => select(&[("", ""), ("  ", " "), ("\t", ""), (" ", "\t"), (" ", "   ")][..])
            .prop_map(|(before, behind)| Twist::Padded(before, behind)),
        1 => edit().prop_map(Twist::HeadBytes),
        1 => vec(select(&[100_u16, 102, 103, 110, 199][..]), 1..4).prop_map(Twist::Interim),
    ]
}

fn delivery() -> impl Strategy<Value = Twist> {
    let part = select(&[Part::Body, Part::Whole][..]);
    let end = prop_oneof![1 => Just(0_u16), 4 => 0..=u16::MAX, 1 => Just(u16::MAX)];
    let fault = prop_oneof![40 => Just(Fault::Closed), 16 => Just(Fault::Reset), 1 => Just(Fault::Silence)];
    prop_oneof![
        6 => framed().prop_map(Twist::Framed),
        1 => vec(0..=u8::MAX, 1..4).prop_map(Twist::Surplus),
        1 => select(&["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "\r\n", "0\r\n\r\n"][..])
            .prop_map(|bytes| Twist::Surplus(bytes.into())),
        2 => (vec(0..=u16::MAX, 1..4), 0_u64..2).prop_map(|(at, pause)| Twist::Pieces(at, pause)),
        1 => (1_u64..5).prop_map(Twist::Delay),
        1 => Just(Twist::Early),
        4 => (part, end, fault).prop_map(|(part, at, fault)| Twist::Stops(part, at, fault)),
    ]
}

fn framed() -> impl Strategy<Value = Framed> {
    let extension = select(&["", "", "", ";a", ";a=b", ";a=\"b\"", " ", ";"][..]);
    let trailer =
        select(&["", "", "", "x-amzn-errortype: AttachmentSetExpired\r\n", "X-A: b\r\n", "a\r\n"][..]);
    prop_oneof![
        2 => Just(Framed::Close),
        5 => (select(&[1_usize, 2, 7, 16, 1_000][..]), extension, trailer)
            .prop_map(|(size, extension, trailer)| Framed::Chunked(size, extension, trailer)),
        1 => Just(Framed::Both),
        1 => select(SIZES).prop_map(Framed::Sized),
        1 => select(&[0_i64, -1, 5, -100][..]).prop_map(Framed::Lengths),
        2 => select(&[-1_i64, 1, -10, 1_000, 1 << 40][..]).prop_map(Framed::Off),
        2 => select(LENGTHS).prop_map(Framed::Length),
        1 => select(&["gzip", "chunked, chunked", "identity", "xchunked", "gzip, chunked", "CHUNKED"][..])
            .prop_map(Framed::Coding),
    ]
}

pub(super) fn edit() -> impl Strategy<Value = Edit> {
    let put = prop_oneof![
        3 => select(PIECES).prop_map(Vec::from),
        2 => vec(0..=u8::MAX, 0..3),
    ];
    let cut = prop_oneof![4 => 0_usize..3, 1 => Just(usize::MAX)];
    let at = prop_oneof![1 => Just(0), 15 => 0..=u16::MAX];
    (at, cut, put).prop_map(|(at, cut, put)| Edit { at, cut, put })
}

fn place() -> impl Strategy<Value = Place> {
    select(&[Place::Type, Place::Header, Place::Code][..])
}

/// What names an error, in the forms that the protocol speaks of, and others.
fn discriminator() -> impl Strategy<Value = String> {
    let documented = select(&Exception::ALL[..]).prop_map(|exception| exception.code().to_owned());
    let name = prop_oneof![
        4 => documented,
        3 => select(CODES).prop_map(str::to_owned),
        1 => "[A-Z][A-Za-z0-9_]{0,20}",
        1 => text::any(),
    ];
    let around = (
        select(&["", "com.amazonaws.support#", "aws.protocoltests.json10#", "a#", "#", "a.b#c#"][..]),
        select(&["", URI, ":", ":a", ":a#b", ":http://caf\u{e9}/"][..]),
    );
    let around = prop_oneof![1 => Just(("", "")), 1 => around];
    (name, around).prop_map(|(name, (namespace, uri))| format!("{namespace}{name}{uri}"))
}
