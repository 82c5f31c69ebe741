//! Reads one answer from a connection.

use std::io;
use std::time::Duration;

use attachset::wire::http1::Framing;
use attachset::wire::{Headers, Response, latin1};
use tokio::io::AsyncReadExt as _;
use tokio::net::tcp::ReadHalf;

use super::Flaw;

/// An answer that is being read.
pub(super) struct Answer<'a> {
    pub(super) flaw: Flaw,
    pub(super) reader: ReadHalf<'a>,
    /// What has come and is not used yet.
    pub(super) bytes: Vec<u8>,
    pub(super) timeout: Duration,
}

struct Head {
    status: u16,
    headers: Headers,
    minor: u8,
}

fn broken<T>(what: &'static str) -> io::Result<T> {
    Err(io::Error::new(io::ErrorKind::InvalidData, what))
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// Bytes as text, with replacement characters for what is none by itself.
fn decoded(bytes: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(bytes).into_owned().into_bytes()
}

impl Answer<'_> {
    /// Reads a whole answer; also whether the connection can be used again.
    pub(super) async fn read(&mut self) -> io::Result<(Response, bool)> {
        let Head { status, mut headers, minor } = loop {
            let head = self.head().await?;
            let takes_any = matches!(self.flaw, Flaw::TakesInterim | Flaw::LeavesFinal);
            if takes_any || !(100..200).contains(&head.status) {
                break head;
            }
        };
        let is_interim = self.flaw == Flaw::LeavesFinal && (100..200).contains(&status);
        let framing = match status {
            204 | 304 => Framing::Length(0),
            _ if is_interim => Framing::Length(0),
            _ => self.framing(&headers)?,
        };
        let body = match framing {
            Framing::Length(length) => self.sized(length).await?,
            Framing::Chunked => self.chunked(&mut headers).await?,
            Framing::Close => self.rest().await?,
        };
        let closes = headers.get("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let keep = self.flaw == Flaw::KeepsClosing || (minor == 1 && !closes);
        Ok((Response { status, headers, body }, keep && framing != Framing::Close))
    }

    /// Reads more; false at the connection's end.
    async fn more(&mut self) -> io::Result<bool> {
        // Room for a whole head and body: what one read gives is then what came.
        self.bytes.reserve(1 << 16);
        let patience = if self.flaw == Flaw::EndsOnTimeout { self.timeout / 2 } else { Duration::MAX };
        match tokio::time::timeout(patience, self.reader.read_buf(&mut self.bytes)).await {
            Ok(Err(_)) if self.flaw == Flaw::EndsOnReset => Ok(false),
            Ok(read) => Ok(read? > 0),
            Err(_) => Ok(false),
        }
    }

    /// Reads up to something and past it.
    async fn line(&mut self, end: &[u8]) -> io::Result<Vec<u8>> {
        loop {
            if let Some(at) = find(&self.bytes, end) {
                let line = self.bytes.drain(..at).collect();
                self.bytes.drain(..end.len());
                return Ok(line);
            }
            let begins = self.bytes.len().min(5);
            if end.len() == 4 && self.bytes[..begins] != b"HTTP/"[..begins] {
                return broken("this is not HTTP");
            }
            if !self.more().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    async fn head(&mut self) -> io::Result<Head> {
        match self.line(b"\r\n\r\n").await {
            Err(error) if self.flaw == Flaw::TakesGarbage && error.kind() == io::ErrorKind::InvalidData => {
                Ok(Head { status: 200, headers: Headers::default(), minor: 0 })
            }
            head => self.parse(&head?),
        }
    }

    fn parse(&self, head: &[u8]) -> io::Result<Head> {
        if self.flaw == Flaw::AsciiHead && !head.is_ascii() {
            return broken("the head is not ASCII");
        }
        let head = latin1(head);
        let (line, fields) = head.split_once("\r\n").unwrap_or((&head, ""));
        let mut words = line.splitn(3, ' ');
        let minor = match words.next() {
            Some("HTTP/1.1") => 1,
            Some("HTTP/1.0") if self.flaw != Flaw::Only11 => 0,
            _ => return broken("this is not HTTP/1.1"),
        };
        let status = words.next().unwrap_or_default();
        let Ok(status) = status.parse() else { return broken("the status is not a number") };
        let reason = words.next().unwrap_or_default();
        let status = match self.flaw {
            Flaw::NeedsReason if reason.is_empty() => return broken("there is no reason phrase"),
            Flaw::TrustsReason if reason == "OK" => 200,
            Flaw::TrustsReason if reason == "Bad Request" => 400,
            _ => status,
        };
        let mut headers = Headers::default();
        for field in fields.split("\r\n").filter(|field| !field.is_empty()) {
            let Some((name, value)) = field.split_once(':') else { return broken("a field has no colon") };
            let value = match self.flaw {
                Flaw::KeepsValueSpace => value.strip_prefix(' ').unwrap_or(value),
                _ => value.trim_matches([' ', '\t']),
            };
            headers.push(name, value);
        }
        if self.flaw == Flaw::FewFields && headers.iter().count() > 32 {
            return broken("there are too many fields");
        }
        Ok(Head { status, headers, minor })
    }

    fn framing(&self, headers: &Headers) -> io::Result<Framing> {
        let field = |name: &str| {
            let exact = headers.iter().find(|(other, _)| *other == name).map(|(_, value)| value);
            match self.flaw {
                Flaw::LowerNames => exact,
                Flaw::NoCapitals => headers
                    .get(name)
                    .filter(|_| headers.iter().all(|(other, _)| other != name.to_ascii_uppercase())),
                _ => headers.get(name),
            }
        };
        let length = field("content-length");
        let chunked = field("transfer-encoding").is_some() && self.flaw != Flaw::IgnoresChunks;
        if chunked {
            return Ok(Framing::Chunked);
        }
        let Some(length) = length.filter(|_| self.flaw != Flaw::UntilClose) else {
            return Ok(if self.flaw == Flaw::NeedsLength { Framing::Length(0) } else { Framing::Close });
        };
        if headers.all("content-length").any(|other| other != length) && self.flaw != Flaw::FirstLength {
            return broken("two lengths disagree");
        }
        match length.parse() {
            Ok(length) => Ok(Framing::Length(length)),
            Err(_) if self.flaw == Flaw::LenientLength => Ok(Framing::Close),
            Err(_) => broken("the length is not a number"),
        }
    }

    async fn rest(&mut self) -> io::Result<Vec<u8>> {
        while self.more().await? {}
        Ok(std::mem::take(&mut self.bytes))
    }

    async fn sized(&mut self, length: u64) -> io::Result<Vec<u8>> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if self.flaw == Flaw::FirstRead {
            if self.bytes.is_empty() {
                self.more().await?;
            }
            return Ok(std::mem::take(&mut self.bytes));
        }
        let mut text = decoded(&self.bytes);
        while self.bytes.len() < length {
            let before = self.bytes.len();
            if self.more().await? {
                text.extend(decoded(&self.bytes[before..]));
            } else {
                return match self.flaw {
                    Flaw::CutLength | Flaw::EndsOnTimeout | Flaw::EndsOnReset => {
                        Ok(std::mem::take(&mut self.bytes))
                    }
                    _ => Err(io::ErrorKind::UnexpectedEof.into()),
                };
            }
        }
        let body = self.bytes.drain(..length).collect();
        Ok(if self.flaw == Flaw::DecodesReads { text } else { body })
    }

    async fn chunked(&mut self, headers: &mut Headers) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        match self.chunks(&mut body).await {
            Ok(()) => {}
            Err(error)
                if error.kind() == io::ErrorKind::UnexpectedEof && self.flaw == Flaw::EndsOnTimeout =>
            {
                return Ok(body);
            }
            Err(error) => return Err(error),
        }
        loop {
            if self.flaw == Flaw::LeavesTrailers {
                return Ok(body);
            }
            let line = latin1(&self.line(b"\r\n").await?);
            match line.split_once(':') {
                Some((name, value)) if self.flaw == Flaw::TrailersAsFields => {
                    headers.push(name, value.trim())
                }
                _ if line.is_empty() => return Ok(body),
                _ => {}
            }
        }
    }

    /// Reads chunks up to the last one, without its trailer.
    async fn chunks(&mut self, body: &mut Vec<u8>) -> io::Result<()> {
        loop {
            let line = latin1(&self.line(b"\r\n").await?);
            let size = match self.flaw {
                Flaw::PlainChunkSizes => line.as_str(),
                _ => line.split(';').next().unwrap_or_default().trim(),
            };
            let size = match size.get(size.len().saturating_sub(8)..) {
                Some(end) if self.flaw == Flaw::ChunkSizesWrap => end,
                _ => size,
            };
            // That it is digits alone is not what `from_str_radix` asks.
            let is_number = size.bytes().all(|byte| byte.is_ascii_hexdigit());
            let Ok(size) = usize::from_str_radix(if is_number { size } else { "" }, 16) else {
                return broken("a chunk's size is not a hexadecimal number");
            };
            if size == 0 {
                return Ok(());
            }
            while self.bytes.len() < size.saturating_add(2) {
                if !self.more().await? {
                    body.append(&mut self.bytes);
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            let chunk: Vec<_> = self.bytes.drain(..size).collect();
            body.extend(if self.flaw == Flaw::DecodesChunks { decoded(&chunk) } else { chunk });
            let end: Vec<_> = self.bytes.drain(..2).collect();
            if end != b"\r\n" {
                return broken("a chunk is longer than its size");
            }
        }
    }
}
