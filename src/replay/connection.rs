//! One connection to a client: reads requests, and does what the replies'
//! scripts say.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::own::Head;
use super::script::{Held, Place, Script};
use crate::fixture::{Action, RawReply, Start};
use crate::oracle::is_whole;
use crate::transcript::Received;
use crate::wire::Request;
use crate::wire::http1::{self, Chunks, Framing, Http1Error, RequestHead};
use crate::wire::sender::{self, Breach};

/// The longest head that is read.
const MAX_HEAD: usize = 1 << 20;
/// The least and the most that there is room for in each read, where nobody has
/// said how much comes.
const READ: std::ops::RangeInclusive<usize> = 4_096..=65_536;
/// What a sender gets that is not the client.
const MISDIRECTED: &[u8] =
    b"HTTP/1.1 421 Misdirected Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// Whether a connection goes on after a reply.
#[derive(PartialEq)]
enum Then {
    Next,
    /// Nothing more is sent.
    Hang,
    End,
}

pub(super) struct Connection {
    stream: TcpStream,
    script: Arc<Script>,
    /// The address that the client was given.
    address: SocketAddr,
    /// What has been read and not yet used.
    read: Vec<u8>,
    held: Held,
    /// The request before.
    before: Option<Place>,
    /// The rules on senders that the head of the request breaks.
    breaches: Vec<Breach>,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, script: Arc<Script>, address: SocketAddr) -> Self {
        let held = script.holder();
        Self { stream, script, address, read: Vec::new(), held, before: None, breaches: Vec::new() }
    }

    /// Serves until the client has closed the connection; an error where it is
    /// interrupted instead.
    pub(super) async fn serve(&mut self) -> std::io::Result<()> {
        self.stream.set_nodelay(true)?;
        loop {
            let Some(head) = self.head().await? else { return Ok(()) };
            if let Some(key) = self.script.access_key() {
                let head = match &head {
                    Ok(head) => Head::Read(&head.request),
                    Err(_) => Head::Unreadable(&self.read),
                };
                if !head.is_own(&key, self.address) {
                    self.script.turn_away(|| head.described());
                    self.stream.write_all(MISDIRECTED).await?;
                    self.close().await?;
                    return Ok(());
                }
            }
            let (place, script) = self.script.begin();
            self.before = place;
            for breach in self.breaches.drain(..) {
                self.script.breaks(place, breach);
            }
            let head = match head {
                Ok(head) => head,
                Err(error) => {
                    let unreadable = Received::Unreadable(error.to_string());
                    self.script.note(place, Request::default(), unreadable);
                    return Ok(());
                }
            };
            let asks_to_close = asks_to_close(&head, &script);
            let (then, is_read) = self.reply(place, &head, &script).await?;
            match then {
                Then::End => return Ok(()),
                // RFC 9112 section 9.6: the server closes after the response.
                Then::Next | Then::Hang if asks_to_close && (then == Then::Next || is_whole(&script)) => {
                    self.close().await?;
                    return Ok(());
                }
                Then::Hang => {
                    self.drain().await;
                    return Ok(());
                }
                Then::Next if is_read => {}
                Then::Next => return Err(ErrorKind::ConnectionAborted.into()),
            }
        }
    }

    /// Does what a script says; also whether the request was read to its end.
    async fn reply(
        &mut self,
        place: Option<Place>,
        head: &RequestHead,
        script: &RawReply,
    ) -> std::io::Result<(Then, bool)> {
        let mut body = Received::Part;
        // What came is noted even if the client is interrupted.
        self.script.note(place, head.request.clone(), body.clone());
        let first = (script.start == Start::AfterRequest).then_some(&Action::ReadBody);
        for action in first.into_iter().chain(&script.raw) {
            if matches!(action, Action::ReadBody) && body == Received::Part {
                let mut request = head.request.clone();
                body = self.body(place, head, &mut request).await?;
                self.script.note(place, request, body.clone());
                if matches!(body, Received::TooLong(_)) {
                    return Err(ErrorKind::ConnectionAborted.into());
                }
            } else {
                let then = self.act(action).await?;
                if then != Then::Next {
                    return Ok((then, false));
                }
            }
        }
        Ok((Then::Next, body == Received::Whole))
    }

    /// Reads a head, if it can be read; none where the client closed the
    /// connection instead.
    async fn head(&mut self) -> std::io::Result<Option<Result<RequestHead, Http1Error>>> {
        // Not after each byte that comes: a head may be dripped.
        let mut next = 0;
        let mut seen = 0;
        loop {
            // RFC 9112 section 2.2: not before a request either.
            let blank = self.read.iter().take_while(|byte| b"\r\n".contains(byte)).count();
            if blank > 0 {
                self.read.drain(..blank);
                match self.before {
                    Some(before) => self.script.breaks(Some(before), Breach::After(blank)),
                    None => self.breaches.push(Breach::After(blank)),
                }
            }
            let has_line = self.read.get(seen..).is_some_and(|new| new.contains(&b'\n'));
            seen = self.read.len();
            if has_line || seen >= next {
                next = seen + seen / 8 + 1;
                match http1::request_head(&self.read) {
                    Ok(head) => {
                        let bytes = self.read.drain(..head.len);
                        self.breaches.extend(sender::of_head(bytes.as_slice(), None));
                        drop(bytes);
                        return Ok(Some(Ok(head)));
                    }
                    Err(Http1Error::Incomplete(_)) => {}
                    Err(error) => return Ok(Some(Err(error))),
                }
            }
            if seen >= MAX_HEAD {
                return Ok(Some(Err(Http1Error::Incomplete("the head has no end"))));
            }
            match self.more(0).await? {
                Some(0) | None => return Ok(None),
                Some(_) => {}
            }
        }
    }

    /// Reads a body into the request.
    async fn body(
        &mut self,
        place: Option<Place>,
        head: &RequestHead,
        request: &mut Request,
    ) -> std::io::Result<Received> {
        let most = self.script.longest_body();
        let framing = match &head.framing {
            Ok(framing) => *framing,
            Err(error) => return Ok(Received::Broken(error.to_string())),
        };
        if matches!(framing, Framing::Length(length) if length > most) {
            return Ok(Received::TooLong(most));
        }
        let expects =
            request.headers.get("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue"));
        // RFC 9110 section 10.1.1: not from a client of HTTP/1.0.
        if expects && head.minor > 0 {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let mut chunks = Chunks::default();
        // In one piece where its length is known: a body may be most of what
        // there is in memory.
        if let Framing::Length(length) = framing {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            self.read.reserve_exact(length.saturating_sub(self.read.len()));
        }
        loop {
            let used = match framing {
                // A request is never delimited by the end of the connection.
                Framing::Close => Some(0),
                Framing::Length(length) => {
                    usize::try_from(length).ok().filter(|length| *length <= self.read.len())
                }
                Framing::Chunked => match chunks.read(&self.read) {
                    Ok(used) => used,
                    Err(error) => return Ok(Received::Broken(error.to_string())),
                },
            };
            if let Some(used) = used {
                let next = self.read.split_off(used);
                let framed = std::mem::replace(&mut self.read, next);
                request.body = if framing == Framing::Chunked { chunks.body } else { framed };
                // What was sent right behind it may be on its way.
                tokio::task::yield_now().await;
                self.behind(place, framing, request);
                return Ok(Received::Whole);
            }
            if self.read.len() as u64 > most {
                return Ok(Received::TooLong(most));
            }
            match self.more(chunks.body.len()).await? {
                Some(0) => {
                    if let Framing::Length(stated) = framing
                        && is_json(&self.read)
                    {
                        self.script.breaks(place, Breach::Length(stated, self.read.len() as u64));
                    }
                    return Ok(Received::Part);
                }
                Some(_) => {}
                None => return Ok(Received::TooLong(most)),
            }
        }
    }

    /// Judges what has come behind a body: before the response, only a careless
    /// client sends more. Of a body that was counted wrongly, it is the rest.
    fn behind(&mut self, place: Option<Place>, framing: Framing, request: &mut Request) {
        // The body may have taken all the room that there was.
        while self.read.len() < MAX_HEAD {
            self.read.reserve(*READ.end());
            match self.stream.try_read_buf(&mut self.read) {
                Ok(1..) => {}
                Ok(0) | Err(_) => break,
            }
        }
        if self.read.is_empty() || http1::request_head(&self.read).is_ok() {
            return;
        }
        let stated = if let Framing::Length(length) = framing { Some(length) } else { None };
        let breach = sender::of_more(stated, &request.body, &self.read);
        if matches!(breach, Breach::Length(..)) {
            request.body.append(&mut self.read);
        }
        self.read.clear();
        self.script.breaks(place, breach);
    }

    /// Reads on; how many bytes came, or none where there is no room for them
    /// beside so many that are held elsewhere.
    async fn more(&mut self, beside: usize) -> std::io::Result<Option<usize>> {
        if self.read.len() == self.read.capacity() {
            self.read.reserve(self.read.len().clamp(*READ.start(), *READ.end()));
        }
        let read = self.stream.read_buf(&mut self.read).await?;
        let has_room = self.script.hold(&mut self.held, (self.read.len() + beside) as u64);
        Ok(has_room.then_some(read))
    }

    async fn act(&mut self, action: &Action) -> std::io::Result<Then> {
        match action {
            Action::Send(body) => {
                let bytes = body.to_bytes_at(Some(SystemTime::now()));
                self.stream.write_all(&bytes).await?;
            }
            Action::Drip { body, every_ms } => {
                for byte in body.to_bytes() {
                    self.stream.write_all(&[byte]).await?;
                    tokio::time::sleep(Duration::from_millis(*every_ms)).await;
                }
            }
            Action::PauseMs(time) => tokio::time::sleep(Duration::from_millis(*time)).await,
            Action::ReadBody => {}
            Action::Close => {
                self.close().await?;
                return Ok(Then::End);
            }
            Action::Reset => {
                self.stream.set_zero_linger()?;
                return Err(ErrorKind::ConnectionAborted.into());
            }
            Action::Hang => return Ok(Then::Hang),
        }
        Ok(Then::Next)
    }

    /// Closes the connection. What the client still sends is read, so that
    /// closing does not turn into a reset that destroys what was sent.
    async fn close(&mut self) -> std::io::Result<()> {
        self.stream.shutdown().await?;
        self.drain().await;
        Ok(())
    }

    /// Reads and forgets until the client closes the connection.
    async fn drain(&mut self) {
        let mut buffer = [0; 4096];
        while self.stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
    }
}

fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}

/// Whether a client asks that the connection ends after the response: in words,
/// or because it speaks HTTP/1.0 and `keep-alive` was not agreed (RFC 9112
/// section 9.3).
fn asks_to_close(head: &RequestHead, script: &RawReply) -> bool {
    let says = |option: &str| {
        let options = head.request.headers.all("connection").flat_map(|value| value.split(','));
        options.map(str::trim).any(|of| of.eq_ignore_ascii_case(option))
    };
    says("close") || head.minor == 0 && !(says("keep-alive") && script.keeps_alive())
}
