//! Puts other bytes in the place of two kinds of responses, on their way out.
//!
//! hyper responds to a malformed head by itself, with a status and nothing else,
//! and has no setting for it. A client of this protocol looks for an error's
//! name, so a whole error stands in the place of that response, which is always
//! a connection's last.
//!
//! And hyper writes the names of fields in lower case, fields in an order of its
//! own, and adds some. A planned fixture is served byte for byte: hyper is given
//! a response without a body, in whose place the fixture's script is played.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use memchr::memmem;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::call::request_id;
use super::connection::Connection;
use crate::model::ServiceError;
use crate::wire::{encode, http1};

/// The longest response that hyper gives by itself.
const LONGEST: usize = 256;

/// What stands in the place of a response.
pub(super) struct Exact {
    /// Text of the head of the response that hyper writes, and of no other.
    pub(super) marker: String,
    pub(super) steps: Vec<Step>,
}

/// One thing to do in the place of a response.
pub(super) enum Step {
    Send(Bytes),
    /// Sends a byte, waits, and so on.
    Drip(Bytes, Duration),
    Pause(Duration),
    Close,
    Reset,
}

/// A stream that can be ended so that its peer meets a reset.
pub(super) trait Resets {
    /// Has the connection reset when the stream is dropped.
    fn reset_on_drop(&self) -> io::Result<()>;
}

/// A connection's stream, which replaces responses.
pub(super) struct Replacing<S> {
    inner: S,
    connection: Arc<Connection>,
    /// What stands in the place of a response, as far as it is not done.
    pending: VecDeque<Step>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl<S: AsyncWrite + Resets + Unpin> Replacing<S> {
    pub(super) fn new(inner: S, connection: Arc<Connection>) -> Self {
        Self { inner, connection, pending: VecDeque::new(), pause: None }
    }

    fn write_pending(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            let is_done = match self.pending.front_mut() {
                None => return Poll::Ready(Ok(())),
                Some(Step::Send(bytes) | Step::Drip(bytes, _)) if bytes.is_empty() => true,
                Some(Step::Send(bytes)) => {
                    ready!(send(&mut self.inner, cx, bytes, usize::MAX))?;
                    false
                }
                Some(Step::Drip(bytes, every)) => {
                    ready!(send(&mut self.inner, cx, bytes, 1))?;
                    self.pause = Some(Box::pin(sleep(*every)));
                    false
                }
                Some(Step::Pause(time)) => {
                    self.pause = Some(Box::pin(sleep(*time)));
                    true
                }
                Some(Step::Close) => {
                    ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
                    true
                }
                Some(Step::Reset) => {
                    self.inner.reset_on_drop()?;
                    return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
                }
            };
            if is_done {
                self.pending.pop_front();
            }
        }
    }

    /// What to write in the place of bytes, and how many of them it stands for.
    fn instead(&self, bytes: &[u8]) -> Option<(usize, Vec<Step>)> {
        let before = |bytes| Step::Send(Bytes::copy_from_slice(bytes));
        if let Some((start, end, exact)) = self.connection.exact_of(|exact| head(bytes, exact)) {
            let mut steps = exact.steps;
            steps.insert(0, before(bytes.get(..start)?));
            return Some((end, steps));
        }
        let (preceding, response) = bare_response(bytes)?;
        Some((bytes.len(), vec![before(preceding), Step::Send(response.into())]))
    }
}

/// Sends some of the bytes, so many at most.
fn send(
    stream: &mut (impl AsyncWrite + Unpin),
    cx: &mut Context<'_>,
    bytes: &mut Bytes,
    most: usize,
) -> Poll<io::Result<()>> {
    let some = bytes.split_at(bytes.len().min(most)).0;
    match ready!(Pin::new(stream).poll_write(cx, some))? {
        0 => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
        written => {
            drop(bytes.split_to(written));
            Poll::Ready(Ok(()))
        }
    }
}

impl<S: AsyncWrite + Resets + Unpin> AsyncWrite for Replacing<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.write_pending(cx))?;
        let Some((length, instead)) = self.instead(bytes) else {
            return Pin::new(&mut self.inner).poll_write(cx, bytes);
        };
        self.pending.extend(instead);
        Poll::Ready(Ok(length))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.write_pending(cx))?;
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.write_pending(cx))?;
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Replacing<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

/// Where the head of the response that is replaced begins and ends.
fn head(bytes: &[u8], exact: &Exact) -> Option<(usize, usize)> {
    let marker = memmem::find(bytes, exact.marker.as_bytes())?;
    let (before, rest) = bytes.split_at(marker);
    let end = marker + memmem::find(rest, b"\r\n\r\n")? + 4;
    Some((memmem::rfind(before, b"HTTP/1.")?, end))
}

/// Splits what is written into what precedes hyper's own response to a
/// malformed head, and what to write in that response's place.
fn bare_response(bytes: &[u8]) -> Option<(&[u8], Vec<u8>)> {
    if !bytes.ends_with(b"\r\n\r\n") {
        return None;
    }
    let tail = bytes.len().saturating_sub(LONGEST);
    let at = tail + bytes.get(tail..)?.windows(7).rposition(|window| window == b"HTTP/1.")?;
    let (before, answer) = bytes.split_at(at);
    let answer = http1::response(answer).ok()?;
    let own = |name: &str| ["connection", "content-length", "date"].contains(&name);
    let is_bare = matches!(answer.status, 400 | 414 | 431)
        && answer.headers.get("connection") == Some("close")
        && answer.headers.iter().all(|(name, _)| own(name));
    is_bare.then(|| (before, whole(answer.status)))
}

fn whole(status: u16) -> Vec<u8> {
    let mut answer = encode::error(&ServiceError {
        code: Some("MalformedHttpRequestException".into()),
        message: Some("the request's head is not HTTP/1.1, or is too long".into()),
        status,
        request_id: Some(request_id()),
    });
    answer.headers.push("Connection", "close");
    http1::message(&format!("HTTP/1.1 {status} Malformed"), &answer.headers, &answer.body)
}
