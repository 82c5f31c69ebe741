//! Where the SDK may differ from this decoder, and why: everything else that
//! differs is a finding.

use attachset::wire::Response;
use attachset::wire::outcome::{ErrorKind, Failure, Members, Outcome};
use serde_json::Value;

use crate::reading::{self, Reading};

/// A difference that is known and accepted.
pub struct Difference {
    /// What differs.
    pub what: Part,
    /// Why it is no defect of this decoder.
    pub reason: &'static str,
    /// A fixture that shows it to every client.
    pub fixture: Option<&'static str>,
    explains: fn(&Case) -> bool,
}

/// What can differ between two outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Output or error, and of which sort.
    Sort,
    /// The error's code.
    Code,
    /// The error's message.
    Message,
    /// The request id.
    RequestId,
}

/// One answer and what both made of it.
struct Case<'a> {
    response: &'a Response,
    body: Reading,
    ours: &'a Outcome,
    theirs: &'a Outcome,
}

/// What is known to differ.
pub const ACCEPTED: &[Difference] = &[
    Difference {
        what: Part::Sort,
        reason: "The SDK has no sort of error for a 2xx answer that cannot be read: it comes as a \
                 service error without code or message.",
        fixture: Some("success/body-array"),
        explains: |case| case.ours(ErrorKind::Decode) && case.nothing_known(),
    },
    Difference {
        what: Part::Sort,
        reason: "A 2xx answer without output that names an error is that error here; the documents \
                 leave it open, and the SDK does not look.",
        fixture: Some("error/type-under-200"),
        explains: |case| case.ours(ErrorKind::Service) && case.their_output_is_empty(),
    },
    Difference {
        what: Part::Sort,
        reason: "The SDK refuses what is nested more than 512 deep even where it ignores it.",
        fixture: Some("success/deep-nesting-without-limit"),
        explains: |case| case.body.depth > 512 && case.nothing_known(),
    },
    Difference {
        what: Part::Sort,
        reason: "The SDK ignores members without checking all of RFC 8259: leading zeros, digits \
                 left out around a point, any byte after \\ and any four after \\u.",
        fixture: Some("success/unknown-escape-in-unknown-member"),
        explains: |case| {
            case.ours(ErrorKind::Decode) && matches!(case.theirs, Outcome::Output(_)) && case.body.is_lax
        },
    },
    Difference {
        what: Part::Sort,
        reason: "Of two members of one name the last counts here; the SDK refuses the first if it has \
                 the wrong type.",
        fixture: None,
        explains: |case| case.nothing_known() && case.has_untyped_output(),
    },
    Difference {
        what: Part::Code,
        reason: "In a 2xx answer the SDK refuses what it cannot read, as above, before anything can \
                 name an error.",
        fixture: None,
        explains: |case| case.response.status < 300 && case.nothing_known(),
    },
    Difference {
        what: Part::Code,
        reason: "The SDK reads the body's code before its __type; the documents give no order.",
        fixture: Some("error/conflict-type-and-code"),
        explains: |case| case.header().is_none() && case.is_their_code(case.body.texts("code").last()),
    },
    Difference {
        what: Part::Code,
        reason: "The SDK keeps white space around a name, and an empty name, as the code.",
        fixture: Some("error/type-white-space"),
        explains: |case| {
            let named = [case.header(), case.body.texts("code").last(), case.body.texts("__type").last()];
            let first = named.into_iter().flatten().next();
            case.is_their_code(first)
                && case.their_code().is_some_and(|code| code.trim() != code || code.is_empty())
        },
    },
    Difference {
        what: Part::Code,
        reason: "A body that the SDK cannot read, a text in it that is not Unicode, or a modelled \
                 error whose message is not a string, takes the code with it.",
        fixture: Some("error/header-with-html-body"),
        explains: |case| case.nothing_known() && case.is_unreadable_to_them(),
    },
    Difference {
        what: Part::Code,
        reason: "Of two members of one name the last counts here; for the SDK, the last that is a string.",
        fixture: None,
        explains: |case| {
            let twins = ["code", "__type"].iter().any(|name| case.body.count(name) > 1);
            twins
                && (case.is_their_code(case.body.texts("code").last())
                    || case.is_their_code(case.body.texts("__type").last()))
        },
    },
    Difference {
        what: Part::Code,
        reason: "The SDK does not recognise an error's member whose name is written with escapes.",
        fixture: Some("error/escaped-type"),
        explains: |case| case.body.has_escaped_name,
    },
    Difference {
        what: Part::Code,
        reason: "The SDK reads a header value as UTF-8 and passes over one that is not; here each byte \
                 is a character.",
        fixture: Some("error/header-not-ascii"),
        explains: |case| case.header().is_some_and(|value| !value.is_ascii()),
    },
    Difference {
        what: Part::Code,
        reason: "The SDK reads laxer JSON than RFC 8259, as above.",
        fixture: None,
        explains: |case| case.body.is_lax,
    },
    Difference {
        what: Part::Message,
        reason: "The SDK takes the last of message, Message and errorMessage in the document.",
        fixture: Some("error/message-both-cases"),
        explains: |case| {
            case.their_message().is_some_and(|message| case.body.messages().last() == Some(message))
        },
    },
    Difference {
        what: Part::Message,
        reason: "The SDK does not recognise an error's member whose name is written with escapes.",
        fixture: Some("error/escaped-type"),
        explains: |case| case.body.has_escaped_name,
    },
    Difference {
        what: Part::Message,
        reason: "The SDK reads laxer JSON than RFC 8259, as above.",
        fixture: None,
        explains: |case| case.body.is_lax,
    },
    Difference {
        what: Part::Message,
        reason: "Of an error in which the SDK finds no code, for whatever reason, its caller cannot \
                 reach the message.",
        fixture: Some("error/no-discriminator-message"),
        explains: |case| case.nothing_known(),
    },
    Difference {
        what: Part::RequestId,
        reason: "The SDK takes x-amz-request-id, which other services send, where x-amzn-requestid is absent.",
        fixture: Some("error/request-id-other-header"),
        explains: |case| {
            let other = case.response.headers.get("x-amz-request-id");
            case.response.headers.get("x-amzn-requestid").is_none() && case.their_request_id() == other
        },
    },
    Difference {
        what: Part::RequestId,
        reason: "The SDK reads a header value as UTF-8 and passes over one that is not; here each byte \
                 is a character.",
        fixture: None,
        explains: |case| {
            let ids = ["x-amzn-requestid", "x-amz-request-id"].map(|name| case.response.headers.get(name));
            ids.into_iter().flatten().any(|value| !value.is_ascii())
        },
    },
];

/// What differs and is not on the list.
pub fn unexplained(response: &Response, ours: &Outcome, theirs: &Outcome) -> Option<String> {
    let case = Case { response, body: reading::read(&response.body), ours, theirs };
    let differs = |part: Part| match (ours, theirs) {
        (Outcome::Output(ours), Outcome::Output(theirs)) => part == Part::Sort && ours != theirs,
        (Outcome::Error(ours), Outcome::Error(theirs)) => match part {
            Part::Sort => (ours.kind, ours.status) != (theirs.kind, theirs.status),
            // Below here both are service errors.
            _ if ours.kind != theirs.kind => false,
            Part::Code => ours.code != theirs.code,
            Part::Message => ours.message != theirs.message,
            Part::RequestId => ours.request_id != theirs.request_id,
        },
        _ => part == Part::Sort,
    };
    [Part::Sort, Part::Code, Part::Message, Part::RequestId].into_iter().find_map(|part| {
        let mut on_list = ACCEPTED.iter().filter(|difference| difference.what == part);
        (differs(part) && !on_list.any(|difference| (difference.explains)(&case)))
            .then(|| format!("{part:?} differs, and no accepted difference explains it"))
    })
}

impl Case<'_> {
    fn their_error(&self) -> Option<&Failure> {
        if let Outcome::Error(error) = self.theirs { Some(error) } else { None }
    }

    fn ours(&self, kind: ErrorKind) -> bool {
        matches!(self.ours, Outcome::Error(error) if error.kind == kind)
    }

    fn their_output_is_empty(&self) -> bool {
        *self.theirs == Outcome::Output(Members::default())
    }

    /// Whether the SDK has a service error about which it knows nothing.
    fn nothing_known(&self) -> bool {
        self.their_error().is_some_and(|error| {
            error.kind == ErrorKind::Service && error.code.is_none() && error.message.is_none()
        })
    }

    fn their_code(&self) -> Option<&str> {
        self.their_error()?.code.as_ref()?.as_str()
    }

    fn their_message(&self) -> Option<&str> {
        self.their_error()?.message.as_ref()?.as_str()
    }

    fn their_request_id(&self) -> Option<&str> {
        self.their_error()?.request_id.as_deref()
    }

    fn header(&self) -> Option<&str> {
        self.response.headers.get("x-amzn-errortype")
    }

    /// Whether the SDK's code is what its rule cuts from this name.
    fn is_their_code(&self, name: Option<&str>) -> bool {
        let cut = name.map(|name| name.split(':').next().unwrap_or_default());
        let cut = cut.map(|name| name.split_once('#').map_or(name, |(_, name)| name));
        cut.is_some() && self.their_code() == cut
    }

    /// Whether a member of the output is neither a string nor null.
    fn has_untyped_output(&self) -> bool {
        self.body.members.iter().any(|(name, value)| {
            ["attachmentSetId", "expiryTime"].contains(&name.as_str()) && value.is_boolean()
        })
    }

    fn is_unreadable_to_them(&self) -> bool {
        let typed = self
            .body
            .members
            .iter()
            .any(|(name, value)| name == "message" && !matches!(value, Value::Null | Value::String(_)));
        let odd = !self.body.is_object || typed || self.body.is_not_unicode || self.body.depth > 512;
        !self.response.body.is_empty() && odd
    }
}
