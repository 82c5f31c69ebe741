//! Whether a server is there at all.

use std::time::{Duration, Instant, SystemTime};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::Server;
use crate::model::{Attachment, Input};
use crate::wire::sign::sign;
use crate::wire::{Request, encode, http1};

/// The most that a plain call's response may be long.
const MOST: usize = 256 << 10;

/// What becomes of a plain call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Contact {
    /// It responds, after so long.
    #[error("it responds after {} ms", .0.as_millis())]
    Answered(Duration),
    /// Nobody takes the connection.
    #[error("nobody listens there: {0}")]
    Refused(String),
    /// Nothing comes.
    #[error("it takes a connection, and gives no response within {} ms", .0.as_millis())]
    Silent(Duration),
    /// The connection ends before a response.
    #[error("it closes each connection without a response")]
    Closed,
    /// What comes is no HTTP.
    #[error("its response is not HTTP/1.1, but {0}")]
    Garbage(String),
}

impl Server {
    /// Makes a plain call on a connection of its own. What speaks TLS is only
    /// connected to.
    pub async fn contact(&self, timeout: Duration) -> Contact {
        let began = Instant::now();
        match tokio::time::timeout(timeout, self.ask(began)).await {
            Ok(contact) => contact,
            Err(_) => Contact::Silent(timeout),
        }
    }

    async fn ask(&self, began: Instant) -> Contact {
        let mut connection = match self.endpoint.connect().await {
            Ok(connection) => connection,
            Err(error) => return Contact::Refused(error.to_string()),
        };
        if self.endpoint.is_secure() {
            return Contact::Answered(began.elapsed());
        }
        let mut answer = Vec::new();
        // A server that does not read may respond all the same.
        let _ = connection.write_all(&self.call()).await;
        loop {
            match connection.read_buf(&mut answer).await {
                Ok(0) | Err(_) if answer.is_empty() => return Contact::Closed,
                Ok(read) => match http1::response(&answer) {
                    Ok(_) | Err(http1::Http1Error::Trailing(_)) => return Contact::Answered(began.elapsed()),
                    // What has no end after so much is none: interim responses forever.
                    Err(http1::Http1Error::Incomplete(_)) if read > 0 && answer.len() < MOST => {}
                    // What breaks a rule on senders alone is a response still, and judged.
                    Err(_) if http1::response_head(&answer).is_ok_and(|head| head.framing.is_ok()) => {
                        return Contact::Answered(began.elapsed());
                    }
                    Err(_) => return Contact::Garbage(shown(&answer)),
                },
                Err(_) => return Contact::Garbage(shown(&answer)),
            }
        }
    }

    fn call(&self) -> Vec<u8> {
        let file = Attachment { file_name: Some("a.log".into()), data: Some(b"hello".to_vec()) };
        let input = Input { attachments: Some(vec![file]), ..Input::default() };
        let target = self.endpoint.target("/");
        let mut request = Request { target, ..encode::request(&input, &self.endpoint.host()) };
        // A call can be signed; where not, the server says so.
        let _ = sign(&mut request, &self.credentials, SystemTime::now());
        http1::request_bytes(&request)
    }
}

/// The start of what came.
fn shown(bytes: &[u8]) -> String {
    const MOST: usize = 40;
    let start = bytes.get(..MOST).unwrap_or(bytes);
    format!("{:?}", String::from_utf8_lossy(start))
}
