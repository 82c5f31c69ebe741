//! Ports for servers that come and go by the thousand.
//!
//! A connection that its server closed keeps the port for a minute. Left to
//! choose, a system ignores such ports: ever slower, and after some thirty
//! thousand fixtures in a minute there is none left.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

// Below those that systems choose from for clients.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_768;

/// Processes that run side by side do not start at the same place.
static NEXT: LazyLock<AtomicUsize> = LazyLock::new(|| usize::from(fastrand::u16(..COUNT)).into());

/// Listens on a port of the loopback address. The same port comes again only
/// after all others, so that nothing that a client still sends to one server
/// reaches another.
///
/// # Errors
/// Where none can be bound.
pub(super) fn listen() -> std::io::Result<TcpListener> {
    let mut refused = ErrorKind::AddrInUse.into();
    for _ in 0..COUNT {
        let next = NEXT.fetch_add(1, Ordering::Relaxed) % usize::from(COUNT);
        match TcpListener::bind(("127.0.0.1", FIRST + next as u16)) {
            Ok(listener) => return Ok(listener),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}
