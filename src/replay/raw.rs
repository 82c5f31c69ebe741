//! Replies, served byte by byte from a plain TCP listener.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::Script;
use crate::fixture::{Action, Start, http_date};
use crate::transcript::Received;
use crate::wire::Request;
use crate::wire::http1::{self, Chunks, Framing, Http1Error, RequestHead};

/// The longest head that is read.
const MAX_HEAD: usize = 1 << 20;
/// The longest body that is read.
const MAX_BODY: usize = 128 << 20;
/// What there is room for in each read, where nobody has said how much comes.
const READ: usize = 65_536;

pub(super) struct Server {
    address: SocketAddr,
    open: Arc<AtomicUsize>,
    /// Aborts the listener, and with it every connection, when dropped.
    _tasks: JoinSet<()>,
}

impl Server {
    pub(super) fn start(listener: std::net::TcpListener, script: Arc<Script>) -> std::io::Result<Self> {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        let mut tasks = JoinSet::new();
        let open = Arc::new(AtomicUsize::new(0));
        let opened = open.clone();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (script, opened) = (script.clone(), opened.clone());
                opened.fetch_add(1, Ordering::Relaxed);
                connections.spawn(async move {
                    // A connection that the client broke is not our concern:
                    // the transcript says what came.
                    let mut connection = Connection { stream, read: Vec::new() };
                    if connection.serve(&script).await.is_ok() {
                        opened.fetch_sub(1, Ordering::Relaxed);
                    }
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, open, _tasks: tasks })
    }

    pub(super) fn connections(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Whether a connection goes on after a reply.
#[derive(PartialEq)]
enum Then {
    Next,
    End,
}

struct Connection {
    stream: TcpStream,
    /// What has been read and not yet used.
    read: Vec<u8>,
}

impl Connection {
    /// Serves until the client has closed the connection; an error where it is
    /// broken off instead.
    async fn serve(&mut self, script: &Script) -> std::io::Result<()> {
        self.stream.set_nodelay(true)?;
        loop {
            let Some(head) = self.head().await? else { return Ok(()) };
            let (exchange, reply) = script.begin();
            let RequestHead { mut request, framing, .. } = match head {
                Ok(head) => head,
                Err(error) => {
                    script.note(exchange, Request::default(), Received::Unreadable(error.to_string()));
                    return Ok(());
                }
            };
            let reply = reply.script();
            let mut body = Received::Part;
            // What came is noted even if the client breaks off.
            script.note(exchange, request.clone(), body.clone());
            let then = async {
                let first = (reply.start == Start::AfterRequest).then_some(&Action::ReadBody);
                for action in first.into_iter().chain(&reply.raw) {
                    if matches!(action, Action::ReadBody) && body == Received::Part {
                        body = self.body(&mut request, framing).await?;
                        script.note(exchange, std::mem::take(&mut request), body.clone());
                    } else if self.act(action).await? == Then::End {
                        return Ok(Then::End);
                    }
                }
                Ok::<_, std::io::Error>(Then::Next)
            };
            match then.await? {
                Then::End => return Ok(()),
                Then::Next if body == Received::Whole => {}
                Then::Next => return Err(ErrorKind::ConnectionAborted.into()),
            }
        }
    }

    /// Reads a head, if it can be read; none where the client closed the
    /// connection instead.
    async fn head(&mut self) -> std::io::Result<Option<Result<RequestHead, Http1Error>>> {
        loop {
            match http1::request_head(&self.read) {
                Ok(head) => {
                    self.read.drain(..head.len);
                    return Ok(Some(Ok(head)));
                }
                Err(Http1Error::Incomplete(_)) if self.read.len() < MAX_HEAD => {}
                Err(error) => return Ok(Some(Err(error))),
            }
            if self.more().await? == 0 {
                return Ok(None);
            }
        }
    }

    /// Reads a body into the request.
    async fn body(&mut self, request: &mut Request, framing: Framing) -> std::io::Result<Received> {
        if request.headers.get("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let mut chunks = Chunks::default();
        // In one piece where its length is known: a body may be most of what
        // there is in memory.
        let length = match framing {
            Framing::Length(length) => usize::try_from(length).unwrap_or(usize::MAX),
            Framing::Close | Framing::Chunked => 0,
        };
        let missing = length.min(MAX_BODY).saturating_sub(self.read.len());
        self.read.reserve_exact(missing);
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
                return Ok(Received::Whole);
            }
            if self.read.len() > MAX_BODY || self.more().await? == 0 {
                return Ok(Received::Part);
            }
        }
    }

    async fn more(&mut self) -> std::io::Result<usize> {
        if self.read.len() == self.read.capacity() {
            self.read.reserve(READ);
        }
        self.stream.read_buf(&mut self.read).await
    }

    async fn act(&mut self, action: &Action) -> std::io::Result<Then> {
        match action {
            Action::Send(body) => {
                let bytes = body.to_bytes_with(&http_date(SystemTime::now()));
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
                self.stream.shutdown().await?;
                // What the client still sends is read, so that closing does
                // not turn into a reset that destroys what was sent.
                self.drain().await;
                return Ok(Then::End);
            }
            Action::Reset => {
                self.stream.set_zero_linger()?;
                return Err(ErrorKind::ConnectionAborted.into());
            }
            Action::Hang => {
                self.drain().await;
                return Ok(Then::End);
            }
        }
        Ok(Then::Next)
    }

    /// Reads and forgets until the client closes the connection.
    async fn drain(&mut self) {
        let mut buffer = [0; 4096];
        while self.stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
    }
}
