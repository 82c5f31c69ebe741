//! Which requests are the client's. Whatever else runs on a machine may send
//! to a port: it is not the client that is judged.

use std::net::SocketAddr;

use crate::wire::Request;

/// What was read of a request: as far as it is one, or its bytes.
pub(super) enum Head<'a> {
    Read(&'a Request),
    Unreadable(&'a [u8]),
}

impl Head<'_> {
    /// Whether a request is the client's: it carries the access key that the
    /// client was given, or names the host that it was given.
    pub(super) fn is_own(&self, key: &str, address: SocketAddr) -> bool {
        match self {
            Self::Read(request) => {
                request.headers.all("authorization").any(|value| value.contains(key))
                    || request.headers.all("host").any(|host| is_host(host, address))
                    || absolute(&request.target).is_some_and(|host| is_host(host, address))
            }
            Self::Unreadable(bytes) => [key, &address.to_string()]
                .iter()
                .any(|text| memchr::memmem::find(bytes, text.as_bytes()).is_some()),
        }
    }

    /// The request in a few words, nothing of it that a terminal obeys.
    pub(super) fn described(&self) -> String {
        const MOST: usize = 80;
        let text = match self {
            Self::Read(request) => {
                let host = request.headers.get("host").unwrap_or_default();
                format!("{} {} with the host {host:?}", request.method, request.target)
            }
            Self::Unreadable(bytes) => format!("no HTTP/1.1: {}", bytes.escape_ascii()),
        };
        let mut text = text.replace(|c: char| c.is_control(), "?");
        if let Some((at, _)) = text.char_indices().nth(MOST) {
            text.truncate(at);
            text.push_str("...");
        }
        text
    }
}

/// Whether a host is the server's; a client may leave the port out, by mistake.
fn is_host(host: &str, address: SocketAddr) -> bool {
    host == address.to_string()
        || host == address.ip().to_string()
        || host.rsplit_once(':').is_some_and(|(name, port)| {
            name.eq_ignore_ascii_case("localhost") && port == address.port().to_string()
        })
}

/// The host of a target in absolute form (RFC 9112 section 3.2.2).
fn absolute(target: &str) -> Option<&str> {
    let (_, rest) = target.split_once("://")?;
    rest.split(['/', '?']).next()
}
