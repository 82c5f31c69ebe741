//! Bytes on a connection, as they are.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Endpoint;
use crate::wire::outcome::{ErrorKind, Outcome};
use crate::wire::{Response, http1};

/// The most that is read of a response; what a server has to say is far
/// shorter.
const MAX_ANSWER: usize = 16 << 20;

/// Sends bytes on a connection of their own, and reads one response.
///
/// # Errors
/// A `transport` or `timeout` error where there is no whole response.
pub(super) async fn send(endpoint: &Endpoint, bytes: &[u8], timeout: Duration) -> Result<Response, Outcome> {
    let exchange = async {
        let connection = endpoint.connect().await?;
        exchange(connection, bytes).await
    };
    match tokio::time::timeout(timeout, exchange).await {
        Ok(Ok(answer)) => http1::response(&answer).map_err(|error| transport(&error)),
        Ok(Err(error)) => Err(transport(&error)),
        Err(_) => {
            Err(Outcome::error(ErrorKind::Timeout, format!("no response after {} ms", timeout.as_millis())))
        }
    }
}

/// Writes and reads at once: a server may respond before it has read all.
async fn exchange(mut connection: TcpStream, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let (mut reader, mut writer) = connection.split();
    let write = async {
        // A server that will not read on says why in its response.
        let _ = writer.write_all(bytes).await;
        std::future::pending().await
    };
    let read = async {
        let mut answer = Vec::new();
        let mut interim = 0;
        loop {
            match reader.read_buf(&mut answer).await {
                Ok(0) => return Ok(answer),
                Ok(_) if is_whole(&answer, &mut interim) || answer.len() > MAX_ANSWER => return Ok(answer),
                Ok(_) => {}
                // What came before a reset may be a whole response.
                Err(_) if !answer.is_empty() => return Ok(answer),
                Err(error) => return Err(error),
            }
        }
    };
    tokio::select! {
        answer = read => answer,
        never = write => never,
    }
}

/// Whether a response says where it ends, and is there up to its end. `interim` is
/// where the interim responses end that were read before: a server that sends
/// them forever would otherwise be read again and again.
fn is_whole(answer: &[u8], interim: &mut usize) -> bool {
    let mut rest = answer.get(*interim..).unwrap_or_default();
    while rest.starts_with(b"HTTP/1.1 1")
        && let Some(end) = memchr::memmem::find(rest, b"\r\n\r\n")
    {
        *interim += end + 4;
        rest = answer.get(*interim..).unwrap_or_default();
    }
    http1::response(rest).is_ok_and(|answer| {
        answer.headers.get("content-length").is_some() || answer.headers.get("transfer-encoding").is_some()
    })
}

fn transport(error: &dyn std::error::Error) -> Outcome {
    Outcome::error(ErrorKind::Transport, error.to_string())
}
