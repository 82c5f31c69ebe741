//! Where a server listens.

use std::str::FromStr;

use crate::client::Http;

/// Where a server listens: scheme, host, port, and a path that every request
/// goes below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub(super) url: reqwest::Url,
}

/// Why a string is not an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It is not a URL.
    #[error("not a URL: {0}; expected one such as http://127.0.0.1:4566")]
    Url(String),
    /// Its scheme is another one.
    #[error("the scheme is {0}; expected http or https")]
    Scheme(String),
    /// It is reached over TLS, which this build does not have.
    #[error("this build does not speak TLS; build it with the feature tls, as releases are")]
    Tls,
    /// It has a part that no endpoint has.
    #[error("an endpoint has no {0}")]
    Part(&'static str),
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let url = reqwest::Url::parse(text).map_err(|error| EndpointError::Url(error.to_string()))?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(EndpointError::Scheme(url.scheme().into()));
        }
        match () {
            () if url.scheme() == "https" && cfg!(not(feature = "tls")) => Err(EndpointError::Tls),
            () if !url.username().is_empty() || url.password().is_some() => {
                Err(EndpointError::Part("user name"))
            }
            () if url.query().is_some() => Err(EndpointError::Part("query")),
            () if url.fragment().is_some() => Err(EndpointError::Part("fragment")),
            () => Ok(Self { url }),
        }
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.url.as_str().trim_end_matches('/'))
    }
}

impl Endpoint {
    /// Whether it is reached over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.url.scheme() == "https"
    }

    fn hostname(&self) -> &str {
        self.url.host_str().expect("a URL of http or https has a host")
    }

    /// The `Host` header: host, and the port if it is not the scheme's own.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.hostname();
        self.url.port().map_or_else(|| host.into(), |port| format!("{host}:{port}"))
    }

    /// A path and query below the endpoint's own.
    pub(super) fn target(&self, target: &str) -> String {
        format!("{}{target}", self.url.path().trim_end_matches('/'))
    }

    pub(super) fn join(&self, path: &str) -> Self {
        let mut url = self.url.clone();
        url.set_path(&self.target(path));
        Self { url }
    }

    pub(crate) fn http(&self) -> Http {
        if self.is_secure() { Http::over_tls() } else { Http::default() }
    }

    /// Opens a connection and closes it.
    ///
    /// # Errors
    /// Where nobody listens there.
    pub async fn reach(&self) -> std::io::Result<()> {
        self.connect().await.map(drop)
    }

    pub(super) async fn connect(&self) -> std::io::Result<tokio::net::TcpStream> {
        let host = self.hostname().trim_start_matches('[').trim_end_matches(']');
        tokio::net::TcpStream::connect((
            host,
            self.url.port_or_known_default().expect("http and https have a port"),
        ))
        .await
    }
}
