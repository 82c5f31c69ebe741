//! Bodies of responses that are made, or passed on, piece by piece as they are
//! read: a response that nobody reads takes no more than a piece.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::mpsc;

use super::World;
use super::budget::Held;

/// How many bytes a piece has, about.
pub(super) const PIECE: usize = 64 << 10;

/// A response's body, which has its room until it is sent.
pub(super) fn held(held: Held) -> Body {
    Body::new(Whole(Bytes::from_owner(held)))
}

/// Bytes of which no more than a piece at a time is copied for sending.
struct Whole(Bytes);

impl HttpBody for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let length = self.0.len().min(PIECE);
        let piece = self.0.split_to(length);
        Poll::Ready((length > 0).then_some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.len() as u64)
    }
}

/// The data of an attachment in a set. Each piece is looked up when it is sent:
/// where the data is dropped before, the connection ends.
pub(super) struct Data {
    pub(super) world: Arc<World>,
    pub(super) set: String,
    pub(super) index: usize,
    pub(super) sent: usize,
    pub(super) length: usize,
}

/// The data was dropped while it was sent.
#[derive(Debug, thiserror::Error)]
#[error("the data is no longer kept")]
pub(super) struct Dropped;

impl HttpBody for Data {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        if self.is_end_stream() {
            return Poll::Ready(None);
        }
        let data = self.world.data(&self.set, self.index);
        let end = (self.sent + PIECE).min(self.length);
        let Some(piece) = data.as_ref().and_then(|data| data.get(self.sent..end)) else {
            return Poll::Ready(Some(Err(Dropped)));
        };
        let piece = Bytes::copy_from_slice(piece);
        self.sent = end;
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.sent >= self.length
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact((self.length - self.sent) as u64)
    }
}

/// Pieces that come from elsewhere, one at a time.
pub(super) struct Coming(pub(super) mpsc::Receiver<Bytes>);

impl HttpBody for Coming {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}
