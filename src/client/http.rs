//! HTTP exchanges over reqwest.

use std::time::Duration;

use bytes::Bytes;

use crate::wire::outcome::{ErrorKind, Outcome};
use crate::wire::{Headers, Request, Response, latin1};

/// The most that is read of a response; what the service sends is far smaller.
const MAX_ANSWER: usize = 16 << 20;

/// Connections to a server.
#[derive(Debug, Clone, Default)]
pub struct Http {
    /// Whether over TLS.
    secure: bool,
    /// A client and the timeout that it was made with.
    client: Option<(Duration, reqwest::Client)>,
}

impl Http {
    /// Connections over TLS.
    #[must_use]
    pub fn over_tls() -> Self {
        Self { secure: true, ..Self::default() }
    }

    /// Makes one exchange: sends a request as it is and reads the whole
    /// response. Redirects are not followed, nothing is tried again.
    ///
    /// # Errors
    /// A `transport` or `timeout` error where there is no whole response, a
    /// `client` error where the request cannot be sent.
    pub async fn send(&mut self, mut request: Request, timeout: Duration) -> Result<Response, Outcome> {
        let body = Bytes::from(std::mem::take(&mut request.body));
        self.exchange(&request, body, timeout).await
    }

    /// The same, of a request that is kept: what is of megabytes is not copied.
    pub(crate) async fn lend(
        &mut self,
        request: &mut Request,
        timeout: Duration,
    ) -> Result<Response, Outcome> {
        let body = Bytes::from(std::mem::take(&mut request.body));
        let answer = self.exchange(request, body.clone(), timeout).await;
        request.body = body.into();
        answer
    }

    async fn exchange(
        &mut self,
        request: &Request,
        body: Bytes,
        timeout: Duration,
    ) -> Result<Response, Outcome> {
        let host = request.headers.get("host").unwrap_or_default();
        let scheme = if self.secure { "https" } else { "http" };
        let url = format!("{scheme}://{host}{}", request.target);
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|error| Outcome::error(ErrorKind::Client, error.to_string()))?;
        let client = self.client(timeout).map_err(|error| failure(&error))?;
        let mut builder = client.request(method, url).body(body);
        for (name, value) in request.headers.iter() {
            // The connection adds the length by itself.
            if !name.eq_ignore_ascii_case("content-length") {
                builder = builder.header(name, value);
            }
        }
        let mut answer = builder.send().await.map_err(|error| failure(&error))?;
        let status = answer.status().as_u16();
        let headers: Headers =
            answer.headers().iter().map(|(name, value)| (name.as_str(), latin1(value.as_bytes()))).collect();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| failure(&error))? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER {
                let message = format!("the response is longer than {MAX_ANSWER} bytes");
                return Err(Outcome::error(ErrorKind::Transport, message));
            }
        }
        Ok(Response { status, headers, body })
    }

    fn client(&mut self, timeout: Duration) -> reqwest::Result<reqwest::Client> {
        match &self.client {
            Some((time, client)) if *time == timeout => Ok(client.clone()),
            _ => {
                let builder = reqwest::Client::builder()
                    .connect_timeout(timeout)
                    .timeout(timeout)
                    .redirect(reqwest::redirect::Policy::none())
                    .no_proxy();
                let client = tls(builder, self.secure).build()?;
                self.client = Some((timeout, client.clone()));
                Ok(client)
            }
        }
    }
}

/// With TLS built in, reqwest wants a provider of cryptography for every
/// client, and reads the system's certificates for each that is not told of
/// others.
#[cfg(feature = "tls")]
fn tls(builder: reqwest::ClientBuilder, secure: bool) -> reqwest::ClientBuilder {
    // It fails only where it was done before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    if secure { builder } else { builder.tls_certs_only([]) }
}

#[cfg(not(feature = "tls"))]
fn tls(builder: reqwest::ClientBuilder, _secure: bool) -> reqwest::ClientBuilder {
    builder
}

fn failure(error: &reqwest::Error) -> Outcome {
    let kind = match error {
        error if error.is_timeout() => ErrorKind::Timeout,
        // Nothing was sent.
        error if error.is_builder() => ErrorKind::Client,
        _ => ErrorKind::Transport,
    };
    Outcome::error(kind, describe(error))
}

/// An error with its causes.
fn describe(error: &dyn std::error::Error) -> String {
    let mut out = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        out = format!("{out}: {cause}");
        source = cause.source();
    }
    out
}
