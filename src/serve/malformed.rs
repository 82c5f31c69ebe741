//! Gives the answers to what is not HTTP a body.
//!
//! hyper answers a malformed head by itself, with a status and nothing else,
//! and has no setting for it. A client of this protocol looks for an error's
//! name, so the connection's writer puts a whole error in the place of that
//! answer, which is always a connection's last.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::call::request_id;
use crate::model::ServiceError;
use crate::wire::{encode, http1};

/// The longest answer that hyper gives by itself.
const LONGEST: usize = 256;

/// A connection whose answers all have a body.
pub(super) struct Answering<S> {
    inner: S,
    /// What stands for the answer that had none, as far as it is unwritten.
    pending: Vec<u8>,
}

impl<S: AsyncWrite + Unpin> Answering<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner, pending: Vec::new() }
    }

    fn write_pending(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.pending.is_empty() {
            match ready!(Pin::new(&mut self.inner).poll_write(cx, &self.pending))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => drop(self.pending.drain(..written)),
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Answering<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.write_pending(cx))?;
        let Some((before, answer)) = bare_answer(bytes) else {
            return Pin::new(&mut self.inner).poll_write(cx, bytes);
        };
        self.pending = [before, &answer].concat();
        Poll::Ready(Ok(bytes.len()))
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

impl<S: AsyncRead + Unpin> AsyncRead for Answering<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

/// Splits what is written into what precedes hyper's own answer to a
/// malformed head, and what to write in that answer's place.
fn bare_answer(bytes: &[u8]) -> Option<(&[u8], Vec<u8>)> {
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
