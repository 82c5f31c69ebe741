//! What is done to an answer.

mod generate;
pub(super) mod values;

pub(super) use generate::{any, edit, of_retries};

use super::shorter;
use super::text::{self, Quoting};

use crate::model::Exception;
use crate::oracle::name::{Place, sanitized};

/// One thing that is done to an answer. What would undo itself is one mutation.
#[derive(Debug, Clone, PartialEq)]
pub enum Mutation {
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
    /// It was made so many seconds ago, as `Age` and `Date` say.
    Aged(u64),
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

/// A sort of mutation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kind(std::mem::Discriminant<Mutation>, Option<Fault>, Option<std::mem::Discriminant<Framed>>);

impl Mutation {
    /// Its sort.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let fault = if let Self::Stops(_, _, fault) = self { Some(*fault) } else { None };
        let framed =
            if let Self::Framed(framed) = self { Some(std::mem::discriminant(framed)) } else { None };
        Kind(std::mem::discriminant(self), fault, framed)
    }
}

impl Mutation {
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
