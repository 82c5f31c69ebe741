//! Exchanges as text that a person can read.

use serde::{Deserialize, Serialize};

use crate::fixture::{Action, Body, Fixture, HttpReply, Reply, Start};
use crate::judge::describe;
use crate::normalize::without_ports;
use crate::transcript::{Answered, Exchange, Received, Seen, Sent, ServiceTranscript, Transcript};
use crate::wire::{Headers, Request};

/// How much of a body is shown.
const MOST: usize = 1_200;

/// One exchange on the wire, as text; long bodies are cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wire {
    /// The step, from 1.
    pub step: usize,
    /// When the request came, in milliseconds from the start.
    pub at_ms: u64,
    /// The request.
    pub request: String,
    /// Why the signature is invalid, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// The reply, the script of what was done, or the server's response.
    pub reply: String,
}

pub(super) fn of_client(fixture: &Fixture, transcript: &Transcript) -> Vec<Wire> {
    let reply = |exchange: &Exchange| fixture.steps.get(exchange.step)?.replies.get(exchange.reply);
    let wire = |exchange: &Exchange| Wire {
        step: exchange.step + 1,
        at_ms: u64::try_from(exchange.at.as_millis()).unwrap_or(u64::MAX),
        request: without_ports(&request(exchange)),
        signature: exchange.signature.clone().err(),
        reply: reply(exchange).map(self::reply).unwrap_or_default(),
    };
    transcript.exchanges.iter().map(wire).collect()
}

pub(super) fn of_server(transcript: &ServiceTranscript) -> Vec<Wire> {
    let wire = |index: usize, answered: &Answered| Wire {
        step: index + 1,
        at_ms: u64::try_from(answered.at.as_millis()).unwrap_or(u64::MAX),
        request: match &answered.sent {
            Sent::Request(request) => format!("{}{}", head(request), bytes(&request.body)),
            Sent::Raw(raw, _) => bytes(raw),
        },
        signature: None,
        reply: match &answered.answer {
            Ok(answer) => format!("{}\n{}\n{}", answer.status, fields(&answer.headers), bytes(&answer.body)),
            Err(outcome) => format!("({})", describe(outcome)),
        },
    };
    let steps = transcript.steps.iter().enumerate();
    steps
        .flat_map(|(index, seen)| seen.answered().iter().map(move |answered| wire(index, answered)))
        .collect()
}

/// What each step of a server's run came to, in words.
pub(super) fn outcomes(transcript: &ServiceTranscript) -> Vec<String> {
    let outcome = |seen: &Seen| match seen {
        Seen::Exchange(_) | Seen::AtOnce(_) => {
            let each: Vec<_> = seen.answered().iter().map(|answered| describe(&answered.outcome)).collect();
            each.join("; ")
        }
        Seen::Advanced => "time passed".into(),
        Seen::Unsupported(reason) | Seen::Broken(reason) | Seen::Silent(reason) | Seen::Skipped(reason) => {
            reason.clone()
        }
    };
    transcript.steps.iter().map(outcome).collect()
}

fn head(request: &Request) -> String {
    format!("{} {}\n{}\n", request.method, request.target, fields(&request.headers))
}

fn fields(headers: &Headers) -> String {
    headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
}

fn request(exchange: &Exchange) -> String {
    let request = &exchange.request;
    let mut out = head(request);
    match &exchange.body {
        Received::Unreadable(reason) => return format!("({reason})"),
        Received::Whole => out.push_str(&bytes(&request.body)),
        Received::Part => out.push_str("(the body was not read to its end)"),
        Received::TooLong(most) => {
            out.push_str(&format!("(the body has more than {most} bytes: the rest was not read)"));
        }
        Received::Broken(reason) => out.push_str(&format!("({reason})")),
    }
    out
}

/// A reply as text.
#[must_use]
pub fn reply(reply: &Reply) -> String {
    match reply {
        Reply::Http(reply) => http(reply),
        Reply::Raw(raw) => {
            let start = match raw.start {
                Start::AfterRequest => "after the request:",
                Start::AfterHead => "after the request's head:",
            };
            let actions = raw.raw.iter().map(action);
            [start.to_owned()].into_iter().chain(actions).collect::<Vec<_>>().join("\n")
        }
    }
}

/// A well-formed reply: its head, and its body, which is cut where it is long.
fn http(reply: &HttpReply) -> String {
    let sent = reply.script().sent();
    let head = sent.windows(4).position(|end| end == b"\r\n\r\n").map_or(sent.len(), |end| end + 4);
    let (head, body) = sent.split_at(head);
    let delay = reply.delay_ms.map(|delay| format!("(after {delay} ms)\n"));
    let body = if reply.body.is_some() { bytes(body) } else { "(no body)".into() };
    format!("{}{}{body}", delay.unwrap_or_default(), text(head))
}

fn action(action: &Action) -> String {
    let indented = |body: &Body| bytes(&body.to_bytes()).replace('\n', "\n  ");
    match action {
        Action::Send(body) => format!("- send\n  {}", indented(body)),
        Action::Drip { body, every_ms } => {
            format!("- send one byte every {every_ms} ms\n  {}", indented(body))
        }
        Action::PauseMs(time) => format!("- wait {time} ms"),
        Action::ReadBody => "- read the request's body".into(),
        Action::Close => "- close the connection".into(),
        Action::Reset => "- reset the connection".into(),
        Action::Hang => "- send nothing more and keep the connection open".into(),
    }
}

/// Bytes as text: what is not printable is escaped, what is long is cut.
fn bytes(bytes: &[u8]) -> String {
    // A character is not cut: its bytes but the first start with the bits 10.
    let starts = |at: &usize| bytes.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80);
    let end = (MOST - 3..=MOST).rev().find(starts).unwrap_or(MOST);
    let out = text(bytes.get(..end).unwrap_or(bytes));
    match bytes.len() {
        0 => "(empty)".into(),
        len if len > MOST => format!("{out}... ({len} bytes)"),
        _ => out,
    }
}

/// Bytes as text: what is not printable is escaped.
fn text(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' => out.push(c),
                '\r' => {}
                c if c.is_control() => out.extend(c.escape_default()),
                c => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}
