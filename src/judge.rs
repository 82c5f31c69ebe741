//! From a fixture and what was seen to a verdict with every mismatch.
//!
//! Nothing here knows where the fixture came from or which client ran.

mod outcome;
mod request;

use serde::{Deserialize, Serialize};

use crate::fixture::{Fixture, Level};
use crate::transcript::{End, Fault, Transcript};
use crate::wire::outcome::{ErrorKind, Outcome};

/// What a client's run of one fixture came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// Everything is as the documents require.
    Pass,
    /// Not right, and not the client's fault: the fixture gives the reason.
    Tolerated,
    /// Something is not as the documents require.
    Fail,
    /// The client has no way to express the call.
    Unsupported,
    /// The adapter broke the adapter protocol: nothing is known of the client.
    Error,
    /// The documents leave it open: nothing is judged.
    Observed,
}

impl Verdict {
    /// The word used in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Tolerated => "tolerated",
            Self::Fail => "fail",
            Self::Unsupported => "unsupported",
            Self::Error => "error",
            Self::Observed => "observed",
        }
    }
}

/// A verdict and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Everything that is not as required.
    pub mismatches: Vec<Mismatch>,
    /// Remarks: why something is tolerated, what was observed.
    pub notes: Vec<String>,
}

/// One thing that is not as required.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mismatch {
    /// The step, from 1.
    pub step: usize,
    /// What sort of defect shows here.
    pub defect: Defect,
    /// What was expected.
    pub expected: String,
    /// What was seen.
    pub seen: String,
    /// The ids of the requirements that are not met.
    pub requirements: Vec<String>,
}

/// The sorts of defect that users fix in different ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Defect {
    /// A success reported for an answer that carries no valid output.
    FalseSuccess,
    /// No answer by the deadline.
    Hang,
    /// The client's process ended without answering.
    Crash,
    /// An exception from outside the client's own error types.
    ForeignException,
    /// The error's code did not reach the caller.
    LostCode,
    /// The caller got another error code.
    WrongCode,
    /// The error's message did not reach the caller as it was sent.
    WrongMessage,
    /// The status or request id did not reach the caller as it was sent.
    WrongMetadata,
    /// The caller got another sort of error.
    WrongKind,
    /// An error reported for a valid output.
    FalseError,
    /// The caller got another output.
    WrongOutput,
    /// An outcome reported without any request.
    NoContact,
    /// Fewer requests than required.
    TooFewRequests,
    /// More requests than allowed.
    TooManyRequests,
    /// The request line is wrong.
    RequestLine,
    /// The target header is wrong.
    Target,
    /// The content type is wrong.
    ContentType,
    /// The body's framing is wrong.
    Framing,
    /// A header is not as the fixture requires.
    Header,
    /// The body is not valid JSON in UTF-8.
    Json,
    /// A member is unknown, null or stands twice.
    Member,
    /// A member has the wrong type.
    MemberType,
    /// Attachment data is not padded standard base64.
    Base64,
    /// The input that arrived is not the one that was given.
    Input,
    /// A retried request has another body than the first.
    RetryBody,
    /// A retry came sooner than the server asked.
    EarlyRetry,
    /// The signature is not valid.
    Signature,
}

impl Defect {
    /// The word used in results.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FalseSuccess => "false-success",
            Self::Hang => "hang",
            Self::Crash => "crash",
            Self::ForeignException => "foreign-exception",
            Self::LostCode => "lost-code",
            Self::WrongCode => "wrong-code",
            Self::WrongMessage => "wrong-message",
            Self::WrongMetadata => "wrong-metadata",
            Self::WrongKind => "wrong-kind",
            Self::FalseError => "false-error",
            Self::WrongOutput => "wrong-output",
            Self::NoContact => "no-contact",
            Self::TooFewRequests => "too-few-requests",
            Self::TooManyRequests => "too-many-requests",
            Self::RequestLine => "request-line",
            Self::Target => "target",
            Self::ContentType => "content-type",
            Self::Framing => "framing",
            Self::Header => "header",
            Self::Json => "json",
            Self::Member => "member",
            Self::MemberType => "member-type",
            Self::Base64 => "base64",
            Self::Input => "input",
            Self::RetryBody => "retry-body",
            Self::EarlyRetry => "early-retry",
            Self::Signature => "signature",
        }
    }

    /// What the defect means, in a few words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::FalseSuccess => "reported success for an answer that carries no valid output",
            Self::Hang => "gave no answer by the deadline",
            Self::Crash => "ended without answering",
            Self::ForeignException => "raised an exception from outside its own error types",
            Self::LostCode => "lost the error code",
            Self::WrongCode => "reported another error code",
            Self::WrongMessage => "did not report the error's message",
            Self::WrongMetadata => "reported another status or request id",
            Self::WrongKind => "reported another sort of error",
            Self::FalseError => "reported an error for a valid output",
            Self::WrongOutput => "reported another output",
            Self::NoContact => "reported an outcome without sending a request",
            Self::TooFewRequests => "sent fewer requests than required",
            Self::TooManyRequests => "sent more requests than allowed",
            Self::RequestLine => "sent a wrong request line",
            Self::Target => "sent a wrong X-Amz-Target",
            Self::ContentType => "sent a wrong Content-Type",
            Self::Framing => "framed the request's body wrongly",
            Self::Header => "sent a wrong header",
            Self::Json => "sent a body that is not JSON in UTF-8",
            Self::Member => "sent a member that does not belong there",
            Self::MemberType => "sent a member of the wrong type",
            Self::Base64 => "sent data that is not padded standard base64",
            Self::Input => "sent another input than it was given",
            Self::RetryBody => "changed the body when it retried",
            Self::EarlyRetry => "retried sooner than the server asked",
            Self::Signature => "sent an invalid signature",
        }
    }
}

/// The ids of all requirements that the judge itself may cite.
#[must_use]
pub fn requirements() -> Vec<&'static str> {
    [request::REQUIREMENTS, outcome::REQUIREMENTS].concat()
}

/// Judges what was seen of a fixture.
#[must_use]
pub fn judge(fixture: &Fixture, transcript: &Transcript) -> Judgement {
    let mut mismatches = Vec::new();
    let mut notes = Vec::new();
    if let Some(verdict) = unjudgeable(transcript, &mut notes) {
        return Judgement { verdict, mismatches, notes };
    }
    for (index, step) in fixture.steps.iter().enumerate() {
        let exchanges: Vec<_> =
            transcript.exchanges.iter().filter(|exchange| exchange.step == index).collect();
        let mut judged = Judged { step: index + 1, cites: &fixture.cites, mismatches: &mut mismatches };
        // After a step without an outcome there is nothing more to judge.
        let Some(end) = transcript.ends.get(index) else { break };
        outcome::step(step, &exchanges, end, &mut judged, &mut notes);
        request::step(step, &fixture.endpoint_path, &exchanges, &mut judged);
    }
    let verdict = match (fixture.level, mismatches.is_empty(), notes.is_empty()) {
        (Level::May, ..) => Verdict::Observed,
        (_, false, _) => Verdict::Fail,
        (_, true, false) => Verdict::Tolerated,
        (_, true, true) => Verdict::Pass,
    };
    if verdict == Verdict::Observed {
        notes = transcript.ends.iter().map(observation).collect();
        mismatches.clear();
    }
    Judgement { verdict, mismatches, notes }
}

/// The verdict on a client that could not be tried.
fn unjudgeable(transcript: &Transcript, notes: &mut Vec<String>) -> Option<Verdict> {
    transcript.ends.iter().find_map(|end| match end {
        Ok(Outcome::Unsupported(reason)) => {
            notes.push(reason.clone());
            Some(Verdict::Unsupported)
        }
        Err(fault @ Fault::Protocol { .. }) => {
            notes.push(fault.to_string());
            Some(Verdict::Error)
        }
        _ => None,
    })
}

/// What a call came to, in a line.
#[must_use]
pub fn observation(end: &End) -> String {
    match end {
        Ok(outcome) => describe(outcome),
        Err(fault) => fault.to_string(),
    }
}

/// An outcome in a line.
#[must_use]
pub fn describe(outcome: &Outcome) -> String {
    let member = |name: &str, value: Option<String>| value.map(|value| format!("{name} {}", cut(&value)));
    let json = |value: &serde_json::Value| value.to_string();
    let quoted = |value: &String| format!("{value:?}");
    let (what, members) = match outcome {
        Outcome::Output(output) => (
            "success".to_owned(),
            vec![
                member("attachmentSetId", output.attachment_set_id.as_ref().map(json)),
                member("expiryTime", output.expiry_time.as_ref().map(json)),
            ],
        ),
        Outcome::Error(error) => (
            format!("{} error", error.kind.as_str()),
            vec![
                member("code", error.code.as_ref().map(json)),
                member("message", error.message.as_ref().map(json)),
                member("status", error.status.map(|status| status.to_string())),
                member("requestId", error.request_id.as_ref().map(quoted)),
            ],
        ),
        Outcome::Unsupported(reason) => (format!("unsupported: {reason}"), Vec::new()),
    };
    let members: Vec<_> = members.into_iter().flatten().collect();
    match (members.is_empty(), outcome) {
        (false, _) => format!("{what} with {}", members.join(", ")),
        (true, Outcome::Output(_)) => format!("{what} with no members"),
        (true, _) => what,
    }
}

/// A text cut to a length that a line can hold.
fn cut(text: &str) -> String {
    const MOST: usize = 160;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}... ({} bytes)", text.get(..at).unwrap_or_default(), text.len()),
        None => text.into(),
    }
}

/// Collects the mismatches of one step.
struct Judged<'a> {
    step: usize,
    cites: &'a [String],
    mismatches: &'a mut Vec<Mismatch>,
}

impl Judged<'_> {
    /// A mismatch with what the fixture cites.
    fn fixture(&mut self, defect: Defect, expected: impl Into<String>, seen: impl Into<String>) {
        let requirements = self.cites.to_vec();
        self.push(defect, expected, seen, requirements);
    }

    /// A mismatch with a requirement on every request or outcome.
    fn rule(
        &mut self,
        defect: Defect,
        requirement: &str,
        expected: impl Into<String>,
        seen: impl Into<String>,
    ) {
        self.push(defect, expected, seen, vec![requirement.into()]);
    }

    fn push(
        &mut self,
        defect: Defect,
        expected: impl Into<String>,
        seen: impl Into<String>,
        by: Vec<String>,
    ) {
        let mismatch = Mismatch {
            step: self.step,
            defect,
            expected: expected.into(),
            seen: seen.into(),
            requirements: by,
        };
        // A retry repeats what was wrong with the first request.
        if !self.mismatches.contains(&mismatch) {
            self.mismatches.push(mismatch);
        }
    }
}

/// Whether a client says that it refused a call before sending anything.
fn refused(end: &End) -> bool {
    matches!(end, Ok(Outcome::Error(error)) if error.kind == ErrorKind::Client)
}
