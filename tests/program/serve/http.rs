//! A connection that sends any bytes and reads whole answers.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use attachset::wire::http1::{self, Http1Error};
use attachset::wire::{Headers, Request, Response};

pub(crate) struct Connection {
    stream: TcpStream,
    /// What has been read and not yet used.
    read: Vec<u8>,
}

impl Connection {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Self { stream, read: Vec::new() }
    }

    /// Sends a request; the answer must be a whole one.
    pub(crate) fn ask(&mut self, request: &Request) -> Response {
        self.send(&http1::request_bytes(request)).unwrap();
        self.answer().unwrap()
    }

    /// A request to control, and the status and JSON of its answer.
    pub(crate) fn control(&mut self, method: &str, path: &str, body: &str) -> (u16, serde_json::Value) {
        let request = Request {
            method: method.into(),
            target: format!("/_attachset/{path}"),
            headers: Headers::from_iter([
                ("Host", "localhost"),
                ("Content-Type", "application/json"),
                ("Content-Length", &body.len().to_string()),
            ]),
            body: body.into(),
        };
        let response = self.ask(&request);
        (response.status, serde_json::from_slice(&response.body).unwrap_or_default())
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// The next answer; none where the server closed the connection instead.
    pub(crate) fn answer(&mut self) -> Option<Response> {
        loop {
            if let Some(end) = self.end() {
                let bytes: Vec<_> = self.read.drain(..end).collect();
                match http1::response(&bytes) {
                    Ok(response) => return Some(response),
                    Err(Http1Error::Incomplete(_)) => continue,
                    Err(error) => panic!("{error}: {}", String::from_utf8_lossy(&bytes)),
                }
            }
            let mut buffer = [0; 4_096];
            match self.stream.read(&mut buffer) {
                Ok(0) => {
                    assert!(self.read.is_empty(), "half an answer: {}", String::from_utf8_lossy(&self.read));
                    return None;
                }
                Ok(read) => self.read.extend_from_slice(buffer.get(..read).unwrap()),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// The next bytes, so many.
    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        while self.read.len() < count {
            let mut buffer = [0; 4_096];
            let read = self.stream.read(&mut buffer).unwrap();
            assert_ne!(read, 0, "only {}", String::from_utf8_lossy(&self.read));
            self.read.extend_from_slice(buffer.get(..read).unwrap());
        }
        self.read.drain(..count).collect()
    }

    /// Everything until the connection ends, and whether it ends with a reset.
    pub(crate) fn into_end(mut self) -> (Vec<u8>, bool) {
        let end = self.stream.read_to_end(&mut self.read);
        let is_reset = end.is_err_and(|error| {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
            true
        });
        (self.read, is_reset)
    }

    /// Whether nothing has come, and the connection is open.
    pub(crate) fn is_silent(&mut self) -> bool {
        self.stream.set_nonblocking(true).unwrap();
        let read = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false).unwrap();
        read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    /// Says that nothing more will be sent, and gives every answer to come.
    pub(crate) fn rest(mut self) -> Vec<Response> {
        // It fails where the server has closed the connection already.
        let _ = self.stream.shutdown(Shutdown::Write);
        std::iter::from_fn(|| self.answer()).collect()
    }

    /// Where the first answer in what was read ends. Each answer of this
    /// server has a length, but for interim ones and long states.
    fn end(&self) -> Option<usize> {
        let head = self.read.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        let text = String::from_utf8_lossy(self.read.get(..head)?).to_ascii_lowercase();
        if text.contains("\r\ntransfer-encoding: chunked\r\n") {
            // Nothing is asked for before it has come.
            return self.read.ends_with(b"\r\n0\r\n\r\n").then_some(self.read.len());
        }
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
        let end = head + length.map_or(0, |length| length.trim().parse().unwrap());
        (end <= self.read.len()).then_some(end)
    }
}
