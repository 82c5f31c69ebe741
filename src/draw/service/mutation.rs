//! What is done to a request.

use super::super::choices::Choices;
use super::super::mutation::values::SPACES;
use super::super::mutation::{Edit, edit};
use super::super::text::{self, Quoting};
use crate::fixture::{Sign, Spelling};

/// One thing that is done to a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Mutation {
    /// It has this method.
    Method(&'static str),
    /// It goes to this path.
    Path(&'static str),
    /// A header field has this value, or is not there.
    Field(&'static str, Option<&'static str>),
    /// It is signed like this.
    Sign(Sign),
    /// It is spelled like this.
    Spelled(Spelling),
    /// A member has this value, as it is written.
    Value(Of, String),
    /// A member is not there.
    Without(Of),
    /// A member that the operation has not: its name, its value as it is
    /// written, and whether it comes first.
    Extra(String, String, bool),
    /// The strings and names of the body are written like this.
    Quoted(Quoting),
    /// White space stands between the tokens of the body.
    Space(&'static str),
    /// The members are in the opposite order.
    Reversed,
    /// The first file is there so many times.
    Many(u32),
    /// There is a member that the operation has not, of so many bytes.
    Padding(u32),
    /// There is a member that the operation has not, nested so deep.
    Depth(u32),
    /// The body is something else.
    Body(Vec<u8>),
    /// Bytes of the body are changed.
    BodyBytes(Edit),
}

/// A member of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// `attachmentSetId`.
    SetId,
    /// `attachments`.
    Attachments,
    /// The first of them.
    First,
    /// Its `fileName`.
    FileName,
    /// Its `data`.
    Data,
    /// `dryRun`.
    DryRun,
}

impl Mutation {
    /// Whether the body is of megabytes.
    pub(super) fn is_large(&self) -> bool {
        matches!(self, Self::Many(10_000..) | Self::Padding(1_000_000..))
    }

    /// The same, a little simpler.
    pub(super) fn simpler(&self) -> Vec<Self> {
        match self {
            Self::Many(times) => {
                [4, 12, 1_000].into_iter().filter(|less| less < times).map(Self::Many).collect()
            }
            Self::Extra(name, _, _) if name != "color" || *self != plain_extra() => vec![plain_extra()],
            Self::Value(of, value) if value != "17" && value != "null" => {
                vec![Self::Value(*of, "null".into()), Self::Value(*of, "17".into())]
            }
            Self::Body(bytes) if bytes.len() > 1 => {
                let (one, other) = bytes.split_at(bytes.len() / 2);
                vec![Self::Body(one.into()), Self::Body(other.into())]
            }
            Self::BodyBytes(edit) if !edit.put.is_empty() => {
                vec![Self::BodyBytes(Edit { put: Vec::new(), ..edit.clone() })]
            }
            _ => Vec::new(),
        }
    }
}

fn plain_extra() -> Mutation {
    Mutation::Extra("color".into(), "\"red\"".into(), false)
}

/// Any mutation; of the signature only where it is verified.
pub(super) fn any(signatures: bool, choices: &mut Choices<'_>) -> Mutation {
    if signatures && choices.chance(1, 6) {
        return choices.one_of(&[
            (1, |choices| Mutation::Sign(choices.pick(&[Sign::None, Sign::WrongSecret]))),
            (1, |choices| Mutation::Field("authorization", Some(choices.pick(AUTHORIZATIONS)))),
        ]);
    }
    choices.one_of(&[(5, head), (9, member), (5, form), (4, body), (4, spelling)])
}

/// A mutation that makes a body long.
pub(super) fn long(choices: &mut Choices<'_>) -> Mutation {
    choices.one_of(&[
        (4, |_| Mutation::Many(100_000)),
        (1, |_| Mutation::Padding(40_000_000)),
        (4, |choices| Mutation::Padding(choices.pick(&[1_000_000, 3_000_000]))),
    ])
}

fn head(choices: &mut Choices<'_>) -> Mutation {
    choices.one_of(&[
        (2, |choices| Mutation::Method(choices.pick(&["GET", "PUT", "DELETE", "PATCH"]))),
        (1, |choices| Mutation::Path(choices.pick(PATHS))),
        (2, |choices| Mutation::Field("x-amz-target", choices.pick(TARGETS))),
        (2, |choices| Mutation::Field("content-type", choices.pick(CONTENT_TYPES))),
        (2, |choices| {
            let (name, value) = choices.pick(FIELDS);
            Mutation::Field(name, Some(value))
        }),
    ])
}

fn spelling(choices: &mut Choices<'_>) -> Mutation {
    Mutation::Spelled(choices.pick(&Spelling::ALL))
}

fn member(choices: &mut Choices<'_>) -> Mutation {
    choices.one_of(&[
        (3, |choices| Mutation::Value(of(choices), text::json(choices))),
        (2, |choices| Mutation::Value(of(choices), "null".into())),
        (2, |choices| Mutation::Value(of(choices), choices.pick(TYPES).into())),
        (1, |choices| Mutation::Without(of(choices))),
        (2, |choices| {
            let name = choices.one_of(&[(3, |choices| choices.pick(NAMES).into()), (1, text::any)]);
            Mutation::Extra(name, text::json(choices), choices.chance(1, 2))
        }),
        (2, |choices| Mutation::Value(Of::Data, text::quoted(choices.pick(BASE64), Quoting::Plain))),
        (1, |choices| {
            Mutation::Value(Of::FileName, text::quoted(choices.pick(NAMES_OF_FILES), Quoting::Plain))
        }),
    ])
}

fn of(choices: &mut Choices<'_>) -> Of {
    choices.pick(&[Of::SetId, Of::Attachments, Of::First, Of::FileName, Of::Data, Of::DryRun])
}

fn form(choices: &mut Choices<'_>) -> Mutation {
    choices.one_of(&[
        (3, |choices| Mutation::Quoted(text::quoting(choices))),
        (2, |choices| Mutation::Space(choices.pick(SPACES))),
        (2, |_| Mutation::Reversed),
        (1, |choices| Mutation::Many(choices.pick(&[4, 5, 12, 100, 1_000]))),
        (1, |choices| Mutation::Depth(choices.pick(&[100, 1_000, 50_000]))),
        (1, |choices| Mutation::Padding(choices.pick(&[10_000, 70_000, 200_000]))),
    ])
}

fn body(choices: &mut Choices<'_>) -> Mutation {
    choices.one_of(&[
        (2, |choices| Mutation::Body(choices.pick(BODIES).into())),
        (1, |choices| Mutation::Body(text::json(choices).into_bytes())),
        (3, |choices| Mutation::BodyBytes(edit(choices))),
    ])
}

const PATHS: &[&str] =
    &["/attachset/no/such/path", "/a", "/AddAttachmentsToSet", "/support/", "/index.html", "//a", "/?a=b"];

const TARGETS: &[Option<&str>] = &[
    None,
    Some(""),
    Some("AWSSupport_20130415.AddAttachmentToSet"),
    Some("AWSSupport_20130415.addAttachmentsToSetNow"),
    Some("AWSNoSuchService_20130415.AddAttachmentsToSet"),
    Some("AWSSupport_20130415."),
    Some("AWSSupport_20130415"),
    Some("."),
];

const CONTENT_TYPES: &[Option<&str>] = &[
    None,
    Some(""),
    Some("Application/X-Amz-Json-1.1"),
    Some("APPLICATION/X-AMZ-JSON-1.1"),
    Some("application/x-amz-json-1.1; charset=utf-8"),
    Some("application/x-amz-json-1.1;charset=UTF-8"),
    Some("application/x-amz-json-1.1; a=b"),
    Some("application/json"),
    Some("application/x-amz-json-1.0"),
    Some("text/xml"),
    Some("text/plain"),
    Some("application/x-www-form-urlencoded"),
    Some("application/cbor"),
];

const FIELDS: &[(&str, &str)] = &[
    ("x-a", "b"),
    ("x-a", ""),
    ("cookie", "a=b"),
    ("user-agent", "a/1 (b; c)"),
    ("amz-sdk-invocation-id", "a24a0be5-0457-47bc-ab5a-b7fccd705824"),
    ("amz-sdk-request", "attempt=1; max=1"),
    ("x-amz-user-agent", "aws-sdk-js/3"),
];

const AUTHORIZATIONS: &[&str] = &["AWS4-HMAC-SHA256 nonsense", "Basic YTpi", "Bearer a", ""];

/// Values, at least one of which is wrong for each member.
const TYPES: &[&str] =
    &["17", "true", "\"a\"", "[]", "{}", "[\"a\"]", "{\"a\":1}", "1.5", "[[]]", "\"true\""];

const NAMES: &[&str] =
    &["color", "uploadIds", "caseId", "Attachments", "attachmentsetid", "DryRun", "__type", "__proto__", ""];

const BASE64: &[&str] = &[
    "aGVsbG8",
    "aGVs\r\nbG8=",
    "-_-_",
    "@@@@!!",
    "a",
    "====",
    "aGVsbG8=aGVsbG8=",
    "aGVsbG9=",
    " aGVsbG8=",
    "aGVsbG8==",
    "aGV$bG8=",
    "\u{e9}",
    "+/+/AAECAwT7//8=",
    "Pz8/Pz8/",
    "AA==",
];

const NAMES_OF_FILES: &[&str] = &[
    "report.pdf",
    "photo.jpeg",
    "letter.doc",
    "notes.text",
    "shot.png",
    "\u{436}\u{443}\u{440}\u{43d}\u{430}\u{43b}.log",
    "gr\u{f6}\u{df}e.log",
    "a b.log",
    "a\0.log",
    "../../a.log",
    "a.log\r\nX-A: b",
    "setup.exe",
    "a",
    "",
];

const BODIES: &[&str] = &[
    "",
    " ",
    "null",
    "[]",
    "17",
    "\"attachments\"",
    "{",
    "}",
    "{}",
    "{\"attachments\":",
    "{\"attachments\":null}",
    "{\"attachments\":[]}",
    "{\"attachments\":[{}]}",
    "{\"attachments\":[null]}",
    "{\"attachments\":{}}",
    "{\"attachments\":[{\"fileName\":\"a.log\",\"data\":\"aGVsbG8=\"}]",
    "{\"attachments\":[{\"fileName\":\"a.log\",\"data\":\"aGVsbG8=\"},]}",
    "{\"attachments\":[{\"fileName\":\"a.log\",\"data\":\"aGVsbG8=\"}]}{}",
    "{\"attachments\":[{\"fileName\":\"a.log\",\"data\":\"aGVsbG8=\"}]} x",
    "{attachments:[{fileName:\"a.log\",data:\"aGVsbG8=\"}]}",
    "{'attachments':[]}",
    "{\"attachments\":[],\"attachments\":[{\"fileName\":\"a.log\",\"data\":\"aGVsbG8=\"}]}",
    "attachments=a.log",
    "<AddAttachmentsToSet/>",
    "--a\r\nContent-Disposition: form-data\r\n\r\na\r\n--a--\r\n",
    "\u{feff}{\"attachments\":[{\"fileName\":\"a.log\",\"data\":\"aGVsbG8=\"}]}",
    "{\"attachments\":[{\"fileName\":\"a.log\",\"data\":\"aGVsbG8=\"}]}\0",
    "{\"attachments\":[{\"fileName\":\"\\ud83d.log\",\"data\":\"aGVsbG8=\"}]}",
];
