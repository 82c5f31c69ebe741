//! What is known of a connection, and the stream that tells it.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::instead::{Exact, Resets};

/// What times are counted from.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// What is known of a connection.
pub(super) struct Connection {
    local: IpAddr,
    /// When a byte last came or went, in microseconds.
    moved: AtomicU64,
    /// Whether its client waits for the server.
    is_answering: AtomicBool,
    /// What stands in the place of a response that is under way.
    exact: Mutex<Option<Exact>>,
}

impl Connection {
    pub(super) fn new(stream: &TcpStream) -> Self {
        let local = stream.local_addr().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip());
        let connection = Self {
            local: local.to_canonical(),
            moved: AtomicU64::default(),
            is_answering: AtomicBool::default(),
            exact: Mutex::default(),
        };
        connection.note_movement();
        connection
    }

    /// The address that the connection came in on.
    pub(super) fn local(&self) -> IpAddr {
        self.local
    }

    /// The whole request is there: from now on its client waits for the server.
    pub(super) fn is_answering(&self) {
        self.is_answering.store(true, Ordering::Relaxed);
    }

    /// Has something else done in the place of a response. There is one response
    /// at a time.
    pub(super) fn replace(&self, exact: Exact) {
        *self.exact.lock().unwrap_or_else(PoisonError::into_inner) = Some(exact);
    }

    /// Takes what stands in the place of a response, if that is found.
    pub(super) fn exact_of(
        &self,
        find: impl FnOnce(&Exact) -> Option<(usize, usize)>,
    ) -> Option<(usize, usize, Exact)> {
        let mut exact = self.exact.lock().unwrap_or_else(PoisonError::into_inner);
        let (start, end) = find(exact.as_ref()?)?;
        Some((start, end, exact.take()?))
    }

    /// The lower it is, the rather the connection is closed to make place for
    /// another: one that waits for its client before one that is waited for,
    /// and the longest idle first.
    pub(super) fn rank(&self) -> (bool, u64) {
        (self.is_answering.load(Ordering::Relaxed), self.moved.load(Ordering::Relaxed))
    }

    fn note_movement(&self) {
        let now = START.elapsed().as_micros();
        self.moved.store(u64::try_from(now).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// A connection's stream: it notes when bytes come and go.
pub(super) struct Noting<S> {
    inner: S,
    connection: Arc<Connection>,
}

impl<S> Noting<S> {
    pub(super) fn new(inner: S, connection: Arc<Connection>) -> Self {
        Self { inner, connection }
    }
}

impl<S: Resets> Resets for Noting<S> {
    fn reset_on_drop(&self) -> io::Result<()> {
        self.inner.reset_on_drop()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Noting<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.connection.note_movement();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Noting<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.connection.is_answering.store(false, Ordering::Relaxed);
        if let Poll::Ready(Ok(_)) = written {
            self.connection.note_movement();
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
