//! A plain HTTP/1.1 client on a socket, with room for one flaw.

mod answer;
mod written;

use std::io;
use std::time::Duration;

use attachset::wire::outcome::{ErrorKind, Outcome};
use attachset::wire::{Request, Response};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::net::tcp::WriteHalf;

use crate::clients::edit;
use answer::Answer;

/// What is wrong with the way HTTP is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Nothing: the control.
    None,
    // Sending.
    NoLength,
    NoSuchVersion,
    LengthAndChunks,
    ChunkedTwice,
    TwoLengths,
    UnlikeLengths,
    CountsCharacters,
    LineEndAfter,
    LineEndBefore,
    LfAlone,
    SpaceBeforeColon,
    Folds,
    EarlyIsError,
    NoTimeout,
    Resends,
    FollowsForEver,
    // Connections.
    KeepsUnread,
    KeepsTimedOut,
    KeepsClosing,
    // Heads.
    TakesInterim,
    LeavesFinal,
    TakesGarbage,
    LowerNames,
    NoCapitals,
    KeepsValueSpace,
    NeedsReason,
    AsciiHead,
    Only11,
    FewFields,
    TrustsReason,
    // Bodies.
    FirstRead,
    UntilClose,
    NeedsLength,
    CutLength,
    EndsOnReset,
    EndsOnTimeout,
    IgnoresChunks,
    PlainChunkSizes,
    ChunkSizesWrap,
    TrailersAsFields,
    LeavesTrailers,
    FirstLength,
    LenientLength,
    DecodesChunks,
    DecodesReads,
}

/// A client that keeps one connection.
pub(crate) struct Socket {
    flaw: Flaw,
    idle: Option<Connection>,
}

struct Connection {
    stream: TcpStream,
    /// What was read and not used.
    rest: Vec<u8>,
}

impl Socket {
    pub(crate) fn new(flaw: Flaw) -> Self {
        Self { flaw, idle: None }
    }

    pub(crate) async fn send(&mut self, request: &Request, timeout: Duration) -> Result<Response, Outcome> {
        let mut exchange = self.exchange(request, timeout).await;
        if self.flaw == Flaw::Resends && exchange.is_err() {
            exchange = self.exchange(request, timeout).await;
        }
        // "For ever" is as long as it is counted.
        let leads_elsewhere = |response: &Response| (300..400).contains(&response.status);
        for _ in 0..40 {
            if self.flaw == Flaw::FollowsForEver && exchange.as_ref().is_ok_and(leads_elsewhere) {
                exchange = self.exchange(request, timeout).await;
            }
        }
        exchange.map_err(|error| {
            let timed_out = error.kind() == io::ErrorKind::TimedOut;
            let kind = if timed_out { ErrorKind::Timeout } else { ErrorKind::Transport };
            Outcome::error(kind, error.to_string())
        })
    }

    async fn exchange(&mut self, request: &Request, timeout: Duration) -> io::Result<Response> {
        let mut connection = match self.idle.take() {
            Some(idle) if self.usable(&idle).await => idle,
            _ => {
                let host = request.headers.get("host").unwrap_or_default();
                Connection { stream: TcpStream::connect(host).await?, rest: Vec::new() }
            }
        };
        let mut request = request.clone();
        if self.flaw == Flaw::NoLength {
            edit::header(&mut request.headers, "Content-Length", None);
        }
        let (reader, mut writer) = connection.stream.split();
        let rest = std::mem::take(&mut connection.rest);
        let mut answer = Answer { flaw: self.flaw, reader, bytes: rest, timeout };
        let (mut sending, mut sent) = (true, false);
        let exchange = async {
            let bytes = written::request(&request, self.flaw);
            let upload = upload(&mut writer, &bytes, self.flaw);
            let read = answer.read();
            tokio::pin!(upload, read);
            loop {
                tokio::select! {
                    // If it failed, the answer may have come all the same.
                    whole = &mut upload, if sending => (sending, sent) = (false, whole),
                    got = &mut read => return got,
                }
            }
        };
        let patience = if self.flaw == Flaw::NoTimeout { Duration::MAX } else { timeout };
        let got = match tokio::time::timeout(patience, exchange).await {
            Ok(got) => got.map(Some)?,
            Err(_) => None,
        };
        connection.rest = answer.bytes;
        let Some((response, keep)) = got else {
            self.idle = (self.flaw == Flaw::KeepsTimedOut).then_some(connection);
            return Err(io::ErrorKind::TimedOut.into());
        };
        if self.flaw == Flaw::EarlyIsError && !sent {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let clean = connection.rest.is_empty() || self.is_careless();
        self.idle = (keep && sent && clean).then_some(connection);
        Ok(response)
    }

    /// Whether an idle connection is still open, and silent.
    async fn usable(&self, idle: &Connection) -> bool {
        let moment = Duration::from_millis(2);
        self.is_careless() || tokio::time::timeout(moment, idle.stream.peek(&mut [0])).await.is_err()
    }

    fn is_careless(&self) -> bool {
        matches!(
            self.flaw,
            Flaw::KeepsUnread | Flaw::KeepsTimedOut | Flaw::LeavesTrailers | Flaw::LeavesFinal
        )
    }
}

/// Sends a request; whether it was sent to its end.
async fn upload(writer: &mut WriteHalf<'_>, bytes: &[u8], flaw: Flaw) -> bool {
    for (at, piece) in bytes.chunks(64 << 10).enumerate() {
        // A line so slow that an answer can come early.
        if at > 0 && flaw == Flaw::EarlyIsError {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        if writer.write_all(piece).await.is_err() {
            return false;
        }
    }
    true
}
