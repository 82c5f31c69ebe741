//! Puts other bytes in the place of two kinds of responses, on their way out.
//!
//! hyper responds to a malformed head by itself, with a status and nothing else,
//! and has no setting for it. A client of this protocol looks for an error's
//! name, so a whole error stands in the place of that response, which is always
//! a connection's last.
//!
//! And hyper writes the names of fields in lower case, fields in an order of its
//! own, and adds some. A planned fixture is served byte for byte: hyper is given
//! a response without a body, in whose place the fixture's bytes are written.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::Bytes;
use memchr::memmem;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::call::request_id;
use super::connection::Connection;
use crate::model::ServiceError;
use crate::wire::{encode, http1};

/// The longest response that hyper gives by itself.
const LONGEST: usize = 256;

/// The bytes that stand in the place of a response.
pub(super) struct Exact {
    /// Text of the head of the response that hyper writes, and of no other.
    pub(super) marker: String,
    pub(super) bytes: Bytes,
}

/// A connection's stream, which replaces responses.
pub(super) struct Replacing<S> {
    inner: S,
    connection: Arc<Connection>,
    /// What was put in the place of a response, as far as it is unwritten.
    pending: VecDeque<Bytes>,
}

impl<S: AsyncWrite + Unpin> Replacing<S> {
    pub(super) fn new(inner: S, connection: Arc<Connection>) -> Self {
        Self { inner, connection, pending: VecDeque::new() }
    }

    fn write_pending(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(bytes) = self.pending.front_mut() {
            if bytes.is_empty() {
                self.pending.pop_front();
                continue;
            }
            match ready!(Pin::new(&mut self.inner).poll_write(cx, bytes))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => drop(bytes.split_to(written)),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// What to write in the place of bytes, and how many of them it stands for.
    fn instead(&self, bytes: &[u8]) -> Option<(usize, [Bytes; 2])> {
        if let Some((start, end, exact)) = self.connection.exact_of(|exact| head(bytes, exact)) {
            return Some((end, [Bytes::copy_from_slice(bytes.get(..start)?), exact.bytes]));
        }
        let (before, response) = bare_response(bytes)?;
        Some((bytes.len(), [Bytes::copy_from_slice(before), response.into()]))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Replacing<S> {
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
