//! An answer while mutations are done to it.

mod bytes;
mod mark;

pub(super) use bytes::edited;
use bytes::{behind_interim, chunked, find, off, place};
pub(super) use mark::Mark;

use super::mutation::{Edit, Fault, Framed, Mutation, Of, Part};
use super::text::{Quoting, quoted};
use super::{Exchange, Start, call};
use crate::fixture::{Action, Body, RawReply, Reply, SAMPLE_DATE, Start as When};
use crate::model::{Exception, names};
use crate::oracle::message::{self, Arrived};
use crate::oracle::name::Place;
use crate::oracle::{Answer, End, Pace};

/// A member of the body: name and value as they are written.
type Member = (String, String);

/// An answer while mutations are done to it.
struct ResponseBuilder {
    version: String,
    status: u16,
    reason: Vec<u8>,
    fields: Vec<(String, Vec<u8>)>,
    padding: (&'static str, &'static str),
    members: Vec<Member>,
    space: &'static str,
    /// What the body is in place of the members.
    body: Option<Vec<u8>>,
    edits: Vec<Edit>,
    head_edits: Vec<Edit>,
    age: Option<u64>,
    interim: Vec<u16>,
    framed: Option<Framed>,
    surplus: Vec<u8>,
    pieces: (Vec<u16>, u64),
    delay: u64,
    early: bool,
    stops: Option<(Part, u16, Fault)>,
    /// Whether the connection is closed behind it, whatever it is.
    is_last: bool,
    /// Whether it says that the connection is closed behind it.
    closes: bool,
}

/// A text in ISO-8859-1, the encoding that HTTP once had, if it can be written
/// so.
fn latin1(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(c).ok()).collect()
}

/// The reply that an exchange comes to. A server that closes the connection
/// behind a whole answer says so in it, and one that does not goes on.
pub(super) fn reply(exchange: &Exchange, mark: &Mark) -> Reply {
    let mut builder = ResponseBuilder::new(&exchange.start, mark);
    for mutation in &exchange.mutations {
        builder.mutation(mutation);
    }
    let (mut bytes, mut end) = builder.sent(&exchange.start);
    match (state(&bytes), &end) {
        (Sent::Cut, Some(_)) => {}
        (Sent::Settled, None | Some(Action::Hang)) if !builder.is_last => end = None,
        (Sent::Cut | Sent::Settled | Sent::Doubtful, _) => {
            builder.closes = true;
            bytes = builder.sent(&exchange.start).0;
            end = Some(Action::Close);
        }
    }
    Reply::Raw(RawReply { start: builder.when(), raw: builder.actions(&bytes, end) })
}

/// The reply of a service that fails for a moment.
pub(super) fn failure(status: u16, mark: &Mark) -> Reply {
    let start = Start::Error(Exception::InternalServerError);
    let mutations = vec![Mutation::Status(status)];
    reply(&Exchange { call: call::plain(), failures: Vec::new(), start, mutations }, mark)
}

/// What was sent, for a client that has to know whether the connection goes on.
enum Sent {
    /// Less than an answer, for everybody.
    Cut,
    /// An answer that leaves no doubt where it ends.
    Settled,
    /// What some take for an answer, and others do not.
    Doubtful,
}

fn state(bytes: &[u8]) -> Sent {
    let answer = Answer { bytes: bytes.to_vec(), end: End::Open, pace: Pace::AtOnce, early: false };
    match message::read(&answer) {
        Arrived::Nothing | Arrived::CutHead => Sent::Cut,
        Arrived::Message(message) => {
            let features = &message.features;
            // Who does not know the coding for a tab beside it waits for the end.
            let hidden = features.chunked && features.tabs;
            let doubtful = hidden
                || features.surplus
                || features.two_lengths
                || features.http10
                || message.status == 204;
            match message.whole {
                true if doubtful || message.has("connection") => Sent::Doubtful,
                true => Sent::Settled,
                false if features.close_delimited => Sent::Doubtful,
                false => Sent::Cut,
            }
        }
        _ => Sent::Doubtful,
    }
}

impl ResponseBuilder {
    fn new(start: &Start, mark: &Mark) -> Self {
        let (status, reason, members) = match start {
            Start::Output | Start::Bytes(_) => {
                let id = ("attachmentSetId", mark.id.as_str());
                (200, "OK", [id, ("expiryTime", mark.time.as_str())])
            }
            Start::Error(exception) => {
                let reason = if exception.status() < 500 { "Bad Request" } else { "Internal Server Error" };
                (
                    exception.status(),
                    reason,
                    [("__type", exception.code()), ("message", mark.message.as_str())],
                )
            }
        };
        let member = |(name, value)| (quoted(name, Quoting::Plain), quoted(value, Quoting::Plain));
        Self {
            version: "HTTP/1.1".into(),
            status,
            reason: reason.into(),
            fields: vec![
                ("Content-Type".into(), names::CONTENT_TYPE.into()),
                ("x-amzn-RequestId".into(), mark.request_id.clone().into()),
            ],
            padding: (" ", ""),
            members: members.map(member).into(),
            space: "",
            body: None,
            edits: Vec::new(),
            head_edits: Vec::new(),
            age: None,
            interim: Vec::new(),
            framed: None,
            surplus: Vec::new(),
            pieces: (Vec::new(), 0),
            delay: 0,
            early: false,
            stops: None,
            is_last: false,
            closes: false,
        }
    }

    fn mutation(&mut self, mutation: &Mutation) {
        match mutation.clone() {
            Mutation::Status(status) => self.status = status,
            Mutation::Names(names) => {
                self.fields.retain(|(name, _)| !name.eq_ignore_ascii_case("x-amzn-errortype"));
                self.members.retain(|(name, _)| name != "\"__type\"" && name != "\"code\"");
                names.into_iter().for_each(|(place, name)| self.name(place, &name));
            }
            Mutation::AlsoNames(place, name) => self.name(place, &name),
            Mutation::Value(of, value) => match (value, self.member(of)) {
                (Some(value), Some(member)) => member.1 = value,
                (None, Some(_)) => {
                    self.members.remove(of as usize);
                }
                (_, None) => {}
            },
            Mutation::Spelled(of, name) => {
                if let Some(member) = self.member(of) {
                    member.0 = quoted(&name, Quoting::Plain);
                }
            }
            Mutation::Member { name: (name, form), value, first } => {
                let at = if first { 0 } else { self.members.len() };
                self.members.insert(at, (quoted(&name, form), value));
            }
            Mutation::Quoted(form) => {
                let write = |text: &mut String| {
                    if let Ok(read) = serde_json::from_str::<String>(text) {
                        *text = quoted(&read, form);
                    }
                };
                self.members.iter_mut().for_each(|(name, value)| {
                    write(name);
                    write(value);
                });
            }
            Mutation::Space(space) => self.space = space,
            Mutation::Reversed => self.members.reverse(),
            Mutation::Body(body) => self.body = Some(body),
            Mutation::BodyBytes(edit) => self.edits.push(edit),
            Mutation::Version(version) => self.version = version.into(),
            Mutation::Reason(reason) => self.reason = reason,
            Mutation::Field(name, value) => self.field(&name, value),
            Mutation::Fields(count) => {
                let more = (0..count).map(|number| (format!("X-Field-{number}"), b"a value".to_vec()));
                self.fields.extend(more);
            }
            Mutation::Case(capitals) => {
                let change = if capitals { str::to_ascii_uppercase } else { str::to_ascii_lowercase };
                self.fields.iter_mut().for_each(|(name, _)| *name = change(name));
            }
            Mutation::Padded(before, behind) => self.padding = (before, behind),
            Mutation::HeadBytes(edit) => self.head_edits.push(edit),
            Mutation::Aged(age) => self.age = Some(age),
            Mutation::Interim(statuses) => self.interim = statuses,
            Mutation::Framed(framed) => self.framed = Some(framed),
            Mutation::Surplus(bytes) => self.surplus = bytes,
            Mutation::Pieces(at, pause) => self.pieces = (at, pause),
            Mutation::Delay(time) => self.delay = time,
            Mutation::Early => self.early = true,
            Mutation::Stops(part, at, fault) => self.stops = Some((part, at, fault)),
            Mutation::Last => self.is_last = true,
        }
    }

    fn member(&mut self, of: Of) -> Option<&mut Member> {
        self.members.get_mut(of as usize)
    }

    fn name(&mut self, place: Place, name: &str) {
        let member = |of: &str| (quoted(of, Quoting::Plain), quoted(name, Quoting::Plain));
        match place {
            Place::Type => self.members.insert(0, member("__type")),
            Place::Code => self.members.insert(0, member("code")),
            // A line end would make it another field.
            Place::Header => {
                let mut value = latin1(name).unwrap_or_else(|| name.into());
                value.retain(|byte| !matches!(byte, b'\r' | b'\n' | 0));
                self.fields.push(("X-Amzn-Errortype".into(), value));
            }
        }
    }

    fn field(&mut self, name: &str, value: Option<Vec<u8>>) {
        self.fields.retain(|(of, _)| !of.eq_ignore_ascii_case(name));
        self.fields.extend(value.map(|value| (name.to_owned(), value)));
    }

    fn body(&self) -> Vec<u8> {
        let written = || {
            let space = self.space;
            let each: Vec<_> =
                self.members.iter().map(|(name, value)| format!("{name}{space}:{space}{value}")).collect();
            format!("{space}{{{space}{}{space}}}{space}", each.join(&format!("{space},{space}"))).into_bytes()
        };
        edited(&self.body.clone().unwrap_or_else(written), &self.edits)
    }

    /// The whole answer on the wire.
    fn bytes(&self) -> Vec<u8> {
        let body = self.body();
        let mut fields = self.fields.clone();
        if let Some(age) = self.age {
            fields.push(("Age".into(), age.to_string().into()));
            fields.push(("Date".into(), SAMPLE_DATE.into()));
        }
        if self.closes {
            fields.retain(|(name, _)| !name.eq_ignore_ascii_case("connection"));
            fields.push(("Connection".into(), b"close".to_vec()));
        }
        let mut framing = |name: &str, value: String| fields.push((name.into(), value.into_bytes()));
        let sent = match &self.framed {
            None => {
                framing("Content-Length", body.len().to_string());
                body
            }
            Some(Framed::Close) => body,
            Some(Framed::Off(by)) => {
                framing("Content-Length", off(body.len(), *by));
                body
            }
            Some(Framed::Lengths(by)) => {
                framing("Content-Length", body.len().to_string());
                framing("Content-Length", off(body.len(), *by));
                body
            }
            Some(Framed::Length(length)) => {
                framing("Content-Length", (*length).to_owned());
                body
            }
            Some(Framed::Coding(coding)) => {
                framing("Transfer-Encoding", (*coding).to_owned());
                chunked(&body, 16, ["", "", ""])
            }
            Some(Framed::Sized(before)) => {
                framing("Transfer-Encoding", "chunked".into());
                chunked(&body, 16, [before, "", ""])
            }
            Some(Framed::Chunked(size, extension, trailer)) => {
                framing("Transfer-Encoding", "chunked".into());
                chunked(&body, *size, ["", extension, trailer])
            }
            Some(Framed::Both) => {
                framing("Content-Length", body.len().to_string());
                framing("Transfer-Encoding", "chunked".into());
                chunked(&body, 16, ["", "", ""])
            }
        };
        let mut head = format!("{} {:03} ", self.version, self.status).into_bytes();
        head.extend_from_slice(&self.reason);
        head.extend_from_slice(b"\r\n");
        let (before, behind) = self.padding;
        for (name, value) in &fields {
            head.extend(
                [name.as_bytes(), b":", before.as_bytes(), value, behind.as_bytes(), b"\r\n"].concat(),
            );
        }
        head.extend_from_slice(b"\r\n");
        let interim = self.interim.iter().map(|status| format!("HTTP/1.1 {status} Interim\r\n\r\n"));
        [
            interim.collect::<String>().into_bytes(),
            edited(&head, &self.head_edits),
            sent,
            self.surplus.clone(),
        ]
        .concat()
    }

    /// Bytes to send, in which a date is made when they are sent.
    fn dated(&self, bytes: &[u8]) -> Body {
        match (self.age, find(bytes, SAMPLE_DATE.as_bytes())) {
            (Some(age), Some(at)) => {
                let (before, behind) = bytes.split_at(at);
                let behind = behind.get(SAMPLE_DATE.len()..).unwrap_or_default();
                Body::Parts(vec![before.into(), Body::Date(age), behind.into()])
            }
            _ => bytes.into(),
        }
    }

    /// What is sent of an answer, and what the connection does then.
    fn sent(&self, start: &Start) -> (Vec<u8>, Option<Action>) {
        let mut bytes = match start {
            // An answer that is given whole has a head and a body of its own.
            Start::Bytes(whole) => {
                let mut bytes = edited(whole, &self.edits);
                let from = if self.closes { behind_interim(&bytes) } else { bytes.len() };
                if let Some(line) = bytes.get(from..).and_then(|rest| find(rest, b"\r\n")) {
                    let at = from + line;
                    bytes.splice(at..at, *b"\r\nConnection: close");
                }
                bytes
            }
            Start::Output | Start::Error(_) => self.bytes(),
        };
        let Some((part, at, fault)) = self.stops else { return (bytes, None) };
        let head = find(&bytes, b"\r\n\r\n").filter(|_| part == Part::Body);
        let from = head.map_or(0, |end| end + 4);
        bytes.truncate(from + place(at, bytes.len() - from));
        let end = match fault {
            Fault::Closed => Action::Close,
            Fault::Reset => Action::Reset,
            Fault::Silence => Action::Hang,
        };
        (bytes, Some(end))
    }

    fn when(&self) -> When {
        if self.early { When::AfterHead } else { When::AfterRequest }
    }

    fn actions(&self, bytes: &[u8], end: Option<Action>) -> Vec<Action> {
        let (cuts, pause) = &self.pieces;
        // A date is made when it is sent.
        let cuts = if self.age.is_some() { &[] } else { cuts.as_slice() };
        let mut cuts: Vec<_> = cuts.iter().map(|at| place(*at, bytes.len())).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut actions = Vec::new();
        actions.extend((self.delay > 0).then_some(Action::PauseMs(self.delay)));
        let mut from = 0;
        for to in cuts.into_iter().chain([bytes.len()]) {
            let piece = bytes.get(from..to).unwrap_or_default();
            if !piece.is_empty() {
                actions.extend((from > 0).then_some(Action::PauseMs(*pause)));
                actions.push(Action::Send(self.dated(piece)));
            }
            from = to;
        }
        // The rest of the request is read before the next answer.
        actions.extend((self.early && end.is_none()).then_some(Action::ReadBody));
        actions.extend(end);
        actions
    }
}
