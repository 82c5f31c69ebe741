//! An answer, read as far as it can be.

use super::json::{self, Features, Json, NotJson};
use super::message::{self, Arrived, Message};
use super::name::{self, Named};
use super::{Answer, End, Pace};
use crate::model::{Exception, names};

/// An answer, read as far as it can be.
pub struct Seen<'a> {
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
    /// A string.
    Text(&'a str),
    /// A string that no reader can give its caller as it was sent.
    Spoiled,
    /// A value of another type.
    Other(&'a Json),
}

impl<'a> Seen<'a> {
    /// Reads an answer.
    #[must_use]
    pub fn new(answer: &'a Answer) -> Self {
        let arrived = message::read(answer);
        let message = match &arrived {
            Arrived::Message(message) => message.clone(),
            _ => Message::default(),
        };
        let after_mark = message.body.strip_prefix(b"\xef\xbb\xbf");
        let bom = after_mark.is_some();
        let body = json::read(after_mark.unwrap_or(&message.body));
        let named = name::named(&message, body.as_ref().ok().map(|(body, _)| body));
        Self { end: answer.end, pace: answer.pace, early: answer.early, arrived, message, body, bom, named }
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
        name.modelled() == Some(exception)
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

    /// A member of the body as a text.
    #[must_use]
    pub fn member(&self, name: &str) -> Member<'_> {
        match self.json(name) {
            None | Some(Json::Null) => Member::Absent,
            Some(Json::String(text)) => text.sound().map_or(Member::Spoiled, Member::Text),
            Some(other) => Member::Other(other),
        }
    }

    /// Both members of an output.
    #[must_use]
    pub fn output(&self) -> [Member<'_>; 2] {
        [self.member("attachmentSetId"), self.member("expiryTime")]
    }

    /// Whether it has a member of an output, whatever it holds.
    #[must_use]
    pub fn has_output(&self) -> bool {
        self.output().iter().any(|member| *member != Member::Absent)
    }

    /// The names of the members that a client looks at.
    #[must_use]
    pub fn known(&self) -> &'static [&'static str] {
        if self.is_success() { &["attachmentSetId", "expiryTime"] } else { &["__type", "code", "message"] }
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
            let mut known = self.known().iter().chain(&["__type", "code"]);
            (self.is_success() || name.text != "Message")
                && known.any(|of| name.text.eq_ignore_ascii_case(of) && name.text != *of)
        };
        matches!(self.body, Err(NotJson::Deep))
            || self.features().is_some_and(is_open)
            || self.object().is_some_and(|members| members.iter().any(is_other_case))
    }
}
