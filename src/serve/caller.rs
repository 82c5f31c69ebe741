//! Who may call.
//!
//! A web page can send requests to any address that the browser reaches, and
//! where the page's own name is made to stand for that address ("DNS
//! rebinding") it can read the responses, too. Its requests carry the page's
//! origin, or the page's name as their `Host`; no other client's do. So both
//! must be this server's own, whatever is asked.

use std::net::IpAddr;

use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Version};

use super::connection::Connection;

/// Why a request is not this server's to respond to.
#[derive(Debug, thiserror::Error)]
pub(super) enum Foreign {
    /// HTTP/1.1 without exactly one `Host`, for which RFC 9112 section 3.2
    /// requires status 400.
    #[error("the request has {0} Host headers, where it must have one")]
    Hosts(usize),
    /// The `Host` is none of this server's names.
    #[error(
        "Host: expected localhost, the address that is listened on or an allowed name, got {0:?}; \
             `attachset serve --allow-host NAME` allows another name"
    )]
    Host(String),
    /// The request was sent by a page of another origin.
    #[error("the request was sent by a web page of another origin, {0:?}: no page may call this server")]
    Origin(String),
}

/// The hosts that requests may be for, beside loopback and the address that
/// their connection came in on.
#[derive(Debug, Clone, Default)]
pub(super) struct Callers(Vec<String>);

impl Callers {
    pub(super) fn new(hosts: &[String]) -> Self {
        Self(hosts.iter().map(|host| normal(host_of(host).unwrap_or(host))).collect())
    }

    /// Whether a request may be responded to.
    pub(super) fn admit(&self, parts: &Parts) -> Result<(), Foreign> {
        let hosts = parts.headers.get_all(HOST).iter().count();
        if hosts > 1 || (hosts == 0 && parts.version == Version::HTTP_11) {
            return Err(Foreign::Hosts(hosts));
        }
        let stated = parts.headers.get(HOST).map(text);
        // The authority of an absolute target counts (RFC 9112 section 3.2.2),
        // but a browser sends none: both must be known.
        let target = parts.uri.authority().map(ToString::to_string);
        for host in [&stated, &target].into_iter().flatten() {
            if !self.knows(host, parts) {
                return Err(Foreign::Host(host.clone()));
            }
        }
        let own = stated.or(target).unwrap_or_default();
        for origin in parts.headers.get_all(ORIGIN).iter().map(text) {
            let authority = origin.split_once("://").map_or("", |(_, authority)| authority);
            if !authority.eq_ignore_ascii_case(&own) {
                return Err(Foreign::Origin(origin));
            }
        }
        // Where a page's request has no origin, such as one for an image, the
        // browser still says whether the page is this server's.
        match parts.headers.get("sec-fetch-site").map(text).as_deref() {
            None | Some("same-origin" | "none") => Ok(()),
            Some(site) => Err(Foreign::Origin(site.into())),
        }
    }

    fn knows(&self, host: &str, parts: &Parts) -> bool {
        let Some(host) = host_of(host).map(normal) else { return false };
        if let Ok(address) = host.parse::<IpAddr>() {
            let local = parts.extensions.get::<std::sync::Arc<Connection>>().map(|of| of.local());
            let address = address.to_canonical();
            return address.is_loopback() || Some(address) == local || self.0.contains(&host);
        }
        host == "localhost" || host.ends_with(".localhost") || self.0.contains(&host)
    }
}

/// The host of what may have a port, without the brackets of an IPv6 address.
fn host_of(authority: &str) -> Option<&str> {
    // What precedes an `@` is no part of a host, and has no place here.
    if authority.contains('@') {
        return None;
    }
    authority.parse::<Authority>().ok()?;
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => authority.split(':').next()?,
    };
    Some(host).filter(|host| !host.is_empty())
}

/// Names have no case, and may end in a dot.
fn normal(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}
