//! How an answer names an error.

use super::json::Json;
use super::message::Message;
use crate::model::{Exception, OperationShape};

/// Where an error's name can stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The header `X-Amzn-Errortype`.
    Header,
    /// The body's member `__type`.
    Type,
    /// The body's member `code`.
    Code,
}

/// What stands around a name, to be cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Nothing.
    Bare,
    /// A namespace before it.
    Namespace,
    /// A URI behind it.
    Uri,
    /// Both.
    Both,
}

/// Who names an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// Nothing does.
    Nowhere,
    /// One place does, and nothing else looks like it.
    Once(Name),
    /// `__type` does, beside a number in `code`.
    BesideNumber(Name),
    /// What the answer holds leaves open how the error is named.
    Open,
}

/// A name and how it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The error's shape name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// What stands around it.
    pub form: Form,
    /// The status of the error of that name, if the operation's model lists one.
    pub modelled: Option<u16>,
}

impl Name {
    /// Whether an official protocol test has a name in this place and form.
    #[must_use]
    pub fn is_tested(&self) -> bool {
        match self.place {
            Place::Header => self.form != Form::Namespace,
            Place::Type | Place::Code => self.form != Form::Uri,
        }
    }
}

/// The shape name in a discriminator: what precedes the first `:`, and of
/// that what follows the first `#`. White space around a name is none of it,
/// and no name is no code.
#[must_use]
pub fn sanitized(discriminator: &str) -> Option<String> {
    let mut name = String::new();
    let mut in_namespace = true;
    for c in discriminator.chars().take_while(|c| *c != ':') {
        if c == '#' && in_namespace {
            in_namespace = false;
            name.clear();
        } else {
            name.push(c);
        }
    }
    let name = name.trim();
    (!name.is_empty()).then(|| name.into())
}

/// Who names the error of an answer to a call of an operation.
#[must_use]
pub fn named(asked: &OperationShape, message: &Message<'_>, body: Option<&Json>) -> Named {
    let headers: Vec<_> = message.all("x-amzn-errortype").map(crate::wire::latin1).collect();
    let member = |name: &str| body.and_then(|body| body.member(name));
    let text = |json: Option<&Json>| match json {
        Some(Json::String(text)) => text.sound().map(str::to_owned),
        _ => None,
    };
    let (dunder, code) = (member("__type"), member("code"));
    let mut texts = Vec::new();
    texts.extend(headers.iter().cloned().map(|text| (Place::Header, text)));
    texts.extend(text(dunder).map(|text| (Place::Type, text)));
    texts.extend(text(code).map(|text| (Place::Code, text)));
    let all = headers.len() + [dunder, code].iter().flatten().count();
    let mut names = texts.iter().filter(|(_, text)| sanitized(text).is_some());
    match (names.next(), names.next()) {
        (None, _) => Named::Nowhere,
        (Some((place, text)), None) => match (name(asked, *place, text), all, code) {
            (Some(name), 1, _) => Named::Once(name),
            (Some(name), 2, Some(Json::Number(_))) if *place == Place::Type => Named::BesideNumber(name),
            _ => Named::Open,
        },
        _ => Named::Open,
    }
}

/// A discriminator in the forms that the protocol speaks of; None for others,
/// in which readers find different names.
fn name(asked: &OperationShape, place: Place, text: &str) -> Option<Name> {
    let (shape, uri) = text.split_once(':').map_or((text, None), |(shape, uri)| (shape, Some(uri)));
    let (namespace, name) = shape.split_once('#').map_or((None, shape), |(space, name)| (Some(space), name));
    let is_identifier = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    // Lists are split at commas by some; what is beyond ASCII is opaque.
    let is_uri =
        |text: &str| !text.is_empty() && !text.contains([',', ' ']) && !text.contains(char::is_control);
    let of_prose = Exception::SubscriptionRequiredException.code();
    let mut documented = asked.errors.keys().map(String::as_str).chain([of_prose]);
    let is_other_case = |code: &str| code != name && code.eq_ignore_ascii_case(name);
    let is_plain = is_identifier(name)
        && namespace.is_none_or(|space| space.split('.').all(is_identifier))
        && uri.is_none_or(is_uri)
        && !documented.any(is_other_case);
    let form = match (namespace, uri) {
        (None, None) => Form::Bare,
        (Some(_), None) => Form::Namespace,
        (None, Some(_)) => Form::Uri,
        (Some(_), Some(_)) => Form::Both,
    };
    let modelled = asked.errors.get(name).copied();
    is_plain.then(|| Name { name: name.into(), place, form, modelled })
}
