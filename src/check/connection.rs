//! Connections to a server that give the very bytes of its responses.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};

use super::Endpoint;
use crate::client::Http;
use crate::transcript::{Pace, Sent};
use crate::wire::http1::{self, Chunks, Framing};
use crate::wire::outcome::{ErrorKind, Outcome};
use crate::wire::sender::{self, Breach};
use crate::wire::{Request, Response};

/// The most that is read of a response; what the service sends is far smaller.
const MOST: usize = 16 << 20;
/// The shortest piece of a request that is sent in pieces, and the most pieces.
const PIECE: usize = 24;
const MOST_PIECES: usize = 64;

/// The most interim responses that are read before a final one.
const MOST_INTERIMS: usize = 1_000;

/// What came back: the response, or why there is none, and the rules on senders
/// that its bytes break.
pub(super) type Came = (Result<Response, Outcome>, Vec<Breach>);

/// Connections to one server: one is kept from one request to the next.
pub(crate) struct Connections {
    endpoint: Endpoint,
    kept: Option<TcpStream>,
    /// What speaks TLS gives no bytes.
    tls: Http,
}

impl Connections {
    pub(super) fn new(endpoint: Endpoint) -> Self {
        let tls = if endpoint.is_secure() { Http::over_tls() } else { Http::default() };
        Self { endpoint, kept: None, tls }
    }

    /// Makes one exchange.
    pub(super) async fn send(&mut self, sent: &mut Sent, timeout: Duration) -> Came {
        if let Sent::Request(request) = sent {
            if self.endpoint.is_secure() {
                return (self.tls.lend(request, timeout).await, Vec::new());
            }
            let bytes = written(request);
            return self.over_kept(&bytes, Pace::AtOnce, timeout).await;
        }
        let Sent::Raw(bytes, pace) = sent else { unreachable!("there is nothing else to send") };
        // What is no request leaves a connection in no known state.
        self.kept = None;
        let came = self.over_kept(bytes, *pace, timeout).await;
        self.kept = None;
        came
    }

    async fn over_kept(&mut self, bytes: &[u8], pace: Pace, timeout: Duration) -> Came {
        let mut reader = Reader::default();
        let exchange = async {
            if let Some(mut kept) = self.kept.take() {
                match unsolicited(&kept) {
                    // It was closed in the meantime.
                    Err(_) => {}
                    Ok(0) => {
                        let is_kept = exchange(&mut kept, bytes, pace, &mut reader).await;
                        match is_kept {
                            // It was closed while the request was on its way.
                            Err(_) if reader.came.is_empty() => {}
                            is_kept => return is_kept.map(|is_kept| is_kept.then_some(kept)),
                        }
                    }
                    Ok(more) => reader.breaches.push(Breach::After(more)),
                }
            }
            let mut new = self.endpoint.connect().await?;
            new.set_nodelay(true)?;
            let is_kept = exchange(&mut new, bytes, pace, &mut reader).await?;
            Ok(is_kept.then_some(new))
        };
        let ended = tokio::time::timeout(timeout, exchange).await;
        let failed = match ended {
            Ok(Ok(kept)) => {
                self.kept = kept;
                None
            }
            Ok(Err(error)) => Some(Outcome::error(ErrorKind::Transport, describe(&error))),
            Err(_) => {
                let message = format!("no response after {} ms", timeout.as_millis());
                Some(Outcome::error(ErrorKind::Timeout, message))
            }
        };
        reader.end(failed)
    }
}

fn describe(error: &io::Error) -> String {
    match error.get_ref() {
        Some(own) => own.to_string(),
        None => error.to_string(),
    }
}

/// How many bytes came on a connection on which nothing was asked; an error where
/// it is closed.
fn unsolicited(connection: &TcpStream) -> io::Result<usize> {
    let mut more = [0; 4096];
    match connection.try_read(&mut more) {
        Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
        Ok(more) => Ok(more),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        Err(error) => Err(error),
    }
}

/// A request as bytes: its fields' names in lower case, as most clients send them,
/// and no length where there can be no body.
fn written(request: &Request) -> Vec<u8> {
    let is_bodiless = request.body.is_empty() && !["POST", "PUT", "PATCH"].contains(&&*request.method);
    let own = |name: &str| is_bodiless && name.eq_ignore_ascii_case("content-length");
    let fields = request.headers.iter().filter(|(name, _)| !own(name));
    let headers = fields.map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    let start = format!("{} {} HTTP/1.1", request.method, request.target);
    http1::message(&start, &headers, &request.body)
}

/// Writes and reads at once, for a server may respond before it has read all;
/// whether the connection can be used again.
async fn exchange(
    connection: &mut TcpStream,
    bytes: &[u8],
    pace: Pace,
    reader: &mut Reader,
) -> io::Result<bool> {
    let (mut from, mut to) = connection.split();
    let bytes = match pace {
        Pace::AtOnce | Pace::Pieces => bytes,
        Pace::HeadFirst => {
            let (head, body) = bytes.split_at(sender::head_len(bytes).unwrap_or(bytes.len()));
            to.write_all(head).await?;
            if reader.head(&mut from).await? == Part::Final {
                // It says all without the body, which it does not want.
                reader.body(&mut from).await?;
                return Ok(false);
            }
            body
        }
    };
    let is_sent = AtomicBool::new(false);
    let write = async {
        let sent = match pace {
            Pace::Pieces => in_pieces(&mut to, bytes).await,
            Pace::AtOnce | Pace::HeadFirst => to.write_all(bytes).await,
        };
        // A server that will not read on says why in its response.
        is_sent.store(sent.is_ok(), Ordering::Relaxed);
        std::future::pending().await
    };
    let read = async {
        while reader.head(&mut from).await? == Part::Interim {
            if reader.interims > MOST_INTERIMS {
                let why = format!("more than {MOST_INTERIMS} interim responses came");
                return Err(io::Error::other(why));
            }
        }
        reader.body(&mut from).await
    };
    let stays = tokio::select! {
        read = read => read,
        never = write => never,
    };
    stays.map(|stays| stays && is_sent.load(Ordering::Relaxed))
}

async fn in_pieces(to: &mut WriteHalf<'_>, bytes: &[u8]) -> io::Result<()> {
    for piece in bytes.chunks(PIECE.max(bytes.len() / MOST_PIECES)) {
        to.write_all(piece).await?;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

/// What a head belongs to.
#[derive(PartialEq)]
enum Part {
    Interim,
    Final,
}

/// A response in the making.
#[derive(Default)]
struct Reader {
    came: Vec<u8>,
    /// Where what is not read yet begins.
    at: usize,
    head: Option<http1::ResponseHead>,
    /// How many interim responses came, and how many of them with status 100.
    interims: usize,
    continues: usize,
    body: Option<Vec<u8>>,
    broken: Option<String>,
    breaches: Vec<Breach>,
}

impl Reader {
    async fn more(&mut self, from: &mut ReadHalf<'_>) -> io::Result<bool> {
        if self.came.len() > MOST {
            return Err(io::Error::other(format!("the response is longer than {MOST} bytes")));
        }
        match from.read_buf(&mut self.came).await {
            Ok(read) => Ok(read > 0),
            // What came before a reset may be a whole response.
            Err(_) if !self.came.is_empty() => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn rest(&self) -> &[u8] {
        self.came.get(self.at..).unwrap_or_default()
    }

    /// Reads one head.
    async fn head(&mut self, from: &mut ReadHalf<'_>) -> io::Result<Part> {
        // Where no end of a head can be any more.
        let mut seen = 0_usize;
        let len = loop {
            let from_there = seen.saturating_sub(3);
            let new = self.rest().get(from_there..).unwrap_or_default();
            if let Some(len) = sender::head_len(new) {
                break from_there + len;
            }
            seen = self.rest().len();
            if !self.more(from).await? {
                let why = match self.came.len() {
                    0 => "the connection was closed before the message was complete".into(),
                    _ => http1::Http1Error::Incomplete("the head has no end").to_string(),
                };
                return Err(io::Error::other(why));
            }
        };
        let bytes = self.rest().get(..len).unwrap_or_default();
        let head = http1::response_head(bytes).map_err(io::Error::other)?;
        let status = head.response.status;
        for breach in sender::of_head(bytes, Some(status)) {
            if !self.breaches.contains(&breach) {
                self.breaches.push(breach);
            }
        }
        self.at += len;
        if (100..200).contains(&status) && status != 101 {
            self.interims += 1;
            self.continues += usize::from(status == 100);
            return Ok(Part::Interim);
        }
        self.head = Some(head);
        Ok(Part::Final)
    }

    /// Reads the body; whether the connection can be used again.
    async fn body(&mut self, from: &mut ReadHalf<'_>) -> io::Result<bool> {
        let Some(head) = &self.head else { return Ok(false) };
        let framing = match &head.framing {
            Ok(framing) => *framing,
            Err(error) => {
                self.broken = Some(error.to_string());
                return Ok(false);
            }
        };
        let says_close = head.response.headers.all("connection").flat_map(|value| value.split(','));
        let says_close = says_close.into_iter().any(|option| option.trim().eq_ignore_ascii_case("close"));
        let stays = head.minor == 1 && !says_close;
        let mut chunks = Chunks::default();
        let used = loop {
            let used = match framing {
                Framing::Length(length) => usize::try_from(length).ok().filter(|of| *of <= self.rest().len()),
                Framing::Chunked => match chunks.read(self.came.get(self.at..).unwrap_or_default()) {
                    Ok(used) => used,
                    Err(error) => {
                        self.broken = Some(error.to_string());
                        return Ok(false);
                    }
                },
                Framing::Close => None,
            };
            if let Some(used) = used {
                break used;
            }
            if !self.more(from).await? {
                match framing {
                    Framing::Close => break self.rest().len(),
                    Framing::Length(_) | Framing::Chunked => {
                        let why = match framing {
                            Framing::Length(_) => "the body is shorter than its Content-Length",
                            _ => "the last chunk is missing",
                        };
                        self.broken = Some(http1::Http1Error::Incomplete(why).to_string());
                        return Ok(false);
                    }
                }
            }
        };
        let (framed, more) = self.rest().split_at(used);
        let body = if framing == Framing::Chunked { chunks.body } else { framed.to_vec() };
        if !more.is_empty() {
            let stated = if let Framing::Length(length) = framing { Some(length) } else { None };
            let breach = sender::of_more(stated, &body, more);
            self.breaches.push(breach);
            self.body = Some(body);
            return Ok(false);
        }
        self.body = Some(body);
        Ok(stays && framing != Framing::Close)
    }

    /// What came in all, where the exchange ended like this.
    fn end(mut self, failed: Option<Outcome>) -> Came {
        if self.continues > 1 {
            self.breaches.push(Breach::Continues(self.continues));
        }
        let broken = self.broken.take().map(|why| Outcome::error(ErrorKind::Transport, why));
        let result = match (self.head.take(), self.body.take(), failed.or(broken)) {
            (Some(head), Some(body), _) => Ok(Response { body, ..head.response }),
            (head, _, failed) => {
                if let Some(Ok(Framing::Length(stated))) = head.map(|head| head.framing)
                    && stated > self.rest().len() as u64
                    && serde_json::from_slice::<serde::de::IgnoredAny>(self.rest()).is_ok()
                {
                    self.breaches.push(Breach::Length(stated, self.rest().len() as u64));
                }
                Err(failed.unwrap_or_else(|| Outcome::error(ErrorKind::Transport, "no response")))
            }
        };
        (result, self.breaches)
    }
}
