//! An answer, read as far as it can be.

use super::json::{self, Features, Json, NotJson};
use super::message::{self, Arrived, Message};
use super::name::{self, Named};
use super::shape::{self, Fit};
use super::{Answer, End, Pace};
use crate::model::{Exception, OperationShape, Shape, names};

/// An answer, read as far as it can be.
pub struct Seen<'a> {
    /// What was called.
    pub asked: &'static OperationShape,
    /// What became of its connection.
    pub end: End,
    /// How it was spread over time.
    pub pace: Pace,
    /// Whether it came before the request had been read.
    pub early: bool,
    /// What it is as HTTP.
    pub arrived: Arrived<'a>,
    /// The message, if it is one.
    pub message: Message<'a>,
    /// The body as JSON, a byte order mark left out.
    pub body: Result<(Json, Features), NotJson>,
    /// Whether the body starts with a byte order mark.
    pub bom: bool,
    /// Who names an error in it.
    pub named: Named,
}

/// What an output's member is in an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Member<'a> {
    /// Not there, or null.
    Absent,
    /// A string, where the model has one.
    Text(&'a str),
    /// A value of the member's type, which is no string.
    Fits(&'a Json),
    /// A value of which the documents do not say what a client makes.
    Open,
    /// A string that no reader can give its caller as it was sent.
    Spoiled,
    /// A string with characters that base64 does not have, in place of bytes.
    Garbled(&'a Json),
    /// A value of another type.
    Other(&'a Json),
}

impl<'a> Seen<'a> {
    /// Reads an answer to a call of an operation.
    #[must_use]
    pub fn new(asked: &'static OperationShape, answer: &'a Answer) -> Self {
        let arrived = message::read(answer);
        let message = match &arrived {
            Arrived::Message(message) => message.clone(),
            _ => Message::default(),
        };
        let after_mark = message.body.strip_prefix(b"\xef\xbb\xbf");
        let bom = after_mark.is_some();
        let body = json::read(after_mark.unwrap_or(&message.body));
        let named = name::named(asked, &message, body.as_ref().ok().map(|(body, _)| body));
        Self {
            asked,
            end: answer.end,
            pace: answer.pace,
            early: answer.early,
            arrived,
            message,
            body,
            bom,
            named,
        }
    }

    /// Whether it is a message that has come whole.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        matches!(self.arrived, Arrived::Message(_)) && self.message.whole
    }

    /// Whether a client would wait for more that does not come.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        let waits = matches!(
            self.arrived,
            Arrived::Nothing | Arrived::CutHead | Arrived::Message(Message { whole: false, .. })
        );
        waits && self.end == End::Open
    }

    /// Whether it names an exception of the model's.
    #[must_use]
    pub fn names(&self, exception: Exception) -> bool {
        let (Named::Once(name) | Named::BesideNumber(name)) = &self.named else { return false };
        name.modelled.is_some() && name.name == exception.code()
    }

    /// Whether its status is that of an output.
    #[must_use]
    pub fn is_success(&self) -> bool {
        matches!(self.arrived, Arrived::Message(_)) && (200..300).contains(&self.message.status)
    }

    /// The body, if it is a JSON object.
    #[must_use]
    pub fn object(&self) -> Option<&[(json::Text, Json)]> {
        match &self.body {
            Ok((Json::Object(members), _)) => Some(members),
            _ => None,
        }
    }

    /// What is unusual in the body's JSON.
    #[must_use]
    pub fn features(&self) -> Option<&Features> {
        self.body.as_ref().ok().map(|(_, features)| features)
    }

    /// A member of the body.
    #[must_use]
    pub fn json(&self, name: &str) -> Option<&Json> {
        self.body.as_ref().ok().and_then(|(body, _)| body.member(name))
    }

    /// A member of the body, where the model has a type.
    #[must_use]
    pub fn member(&self, name: &str, shape: &Shape) -> Member<'_> {
        match self.json(name) {
            None | Some(Json::Null) => Member::Absent,
            Some(json) => match (shape::fit(json, shape), json) {
                (Fit::Fits, Json::String(text)) if *shape == Shape::String => Member::Text(&text.text),
                (Fit::Fits, json) => Member::Fits(json),
                (Fit::Open, _) => Member::Open,
                (Fit::Spoiled, _) => Member::Spoiled,
                (Fit::Garbled, json) => Member::Garbled(json),
                (Fit::Other, json) => Member::Other(json),
            },
        }
    }

    /// A member of the body as a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Member<'_> {
        self.member(name, &Shape::String)
    }

    /// The members of an output, in the order of their names.
    pub fn output(&self) -> impl Iterator<Item = Member<'_>> {
        self.members().map(|(_, _, member)| member)
    }

    /// The members of an output with their names and types.
    pub fn members(&self) -> impl Iterator<Item = (&'static str, &'static Shape, Member<'_>)> {
        let members = self.asked.output.0.iter();
        members.map(|(name, of)| (name.as_str(), &of.shape, self.member(name, &of.shape)))
    }

    /// Whether a value of a type stands in the output, however deep.
    #[must_use]
    pub fn contains(&self, is: fn(&Shape) -> bool) -> bool {
        let members = self.members().map(|(name, shape, _)| (self.json(name), shape));
        members.into_iter().any(|(json, shape)| json.is_some_and(|json| shape::contains(json, shape, is)))
    }

    /// Whether it has a member of an output, whatever it holds.
    #[must_use]
    pub fn has_output(&self) -> bool {
        self.output().any(|member| member != Member::Absent)
    }

    /// Whether a client looks at a member of this name.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.known().any(|known| known == name)
    }

    /// The names of the members that a client looks at.
    pub fn known(&self) -> impl Iterator<Item = &'static str> {
        const OF_ERRORS: [&str; 3] = ["__type", "code", "message"];
        let is_success = self.is_success();
        let of_output = self.asked.output.names().filter(move |_| is_success);
        of_output.chain(OF_ERRORS.into_iter().filter(move |_| !is_success))
    }

    /// Whether the content type is the protocol's, without parameters.
    #[must_use]
    pub fn has_content_type(&self) -> bool {
        self.message.only("content-type").is_some_and(|of| of.eq_ignore_ascii_case(names::CONTENT_TYPE))
    }

    /// Whether the body's JSON leaves open what a reader makes of it.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        let is_open =
            |features: &Features| features.duplicate_keys || features.lone_surrogates || features.depth > 100;
        // Readers differ in whether the letters' case counts. `Message` is known.
        let is_other_case = |(name, _): &(json::Text, Json)| {
            let mut known = self.known().chain(["__type", "code"]);
            (self.is_success() || name.text != "Message")
                && known.any(|of| name.text.eq_ignore_ascii_case(of) && name.text != of)
        };
        matches!(self.body, Err(NotJson::Deep))
            || self.features().is_some_and(is_open)
            || self.object().is_some_and(|members| members.iter().any(is_other_case))
    }
}
