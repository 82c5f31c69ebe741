//! `serve`: the documented service on a port.

use std::io::Write as _;
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::sync::Arc;

use serde::Serialize;

use super::{Error, Exit, UsageError, credentials};
use crate::cli::{LogFormat, Serve};
use crate::fixture::Set;
use crate::serve::{self, Observer, Options, test_credentials};
use crate::service;

pub(super) fn run(options: &Serve) -> Result<Exit, Error> {
    let problem = |error: std::io::Error| UsageError(format!("--listen {}: {error}", options.listen));
    let listener = TcpListener::bind(options.listen).map_err(problem)?;
    let address = listener.local_addr().map_err(problem)?;
    let settings = settings(options)?;
    let log = options.log;
    let runtime = tokio::runtime::Runtime::new().map_err(UsageError::new)?;
    runtime.block_on(async {
        // Before the first line, so that whoever waits for it can stop us.
        let stop = stop().map_err(UsageError::new)?;
        write(log, &Listening { event: "listening", endpoint: &format!("http://{address}") });
        let stop = async {
            stop.await;
            write(log, &Stopping { event: "stopping" });
        };
        serve::run(listener, settings, stop).await.map_err(problem)
    })?;
    Ok(Exit::Conforms)
}

fn settings(options: &Serve) -> Result<Options, UsageError> {
    let defaults = service::Options::default();
    let fixtures = options.fixtures.as_deref().map(Set::from_dir).transpose().map_err(UsageError::new)?;
    let log = options.log;
    let observer: Observer = Arc::new(move |call| write(log, call));
    Ok(Options {
        service: service::Options {
            max_attachment_bytes: options.max_attachment.unwrap_or(defaults.max_attachment_bytes),
            rate_limit: options.rate_limit,
            kept_bytes: options.keep_data.unwrap_or(defaults.kept_bytes),
            max_sets: options.max_sets.map_or(defaults.max_sets, NonZeroUsize::get),
            max_cases: options.max_cases.map_or(defaults.max_cases, NonZeroUsize::get),
            max_open_cases: options.max_open_cases,
            describe_limit: options.describe_limit,
            used_set: options.used_set.unwrap_or(defaults.used_set),
        },
        seed: options.seed,
        verify: if options.verify_signatures {
            credentials()?.or_else(|| Some(test_credentials()))
        } else {
            None
        },
        fixtures: fixtures.map(Arc::new),
        observer: options.verbose.then_some(observer),
        ..Options::default()
    })
}

#[derive(Serialize)]
struct Listening<'a> {
    event: &'static str,
    endpoint: &'a str,
}

impl std::fmt::Display for Listening<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "listening: AWS_ENDPOINT_URL_SUPPORT={}", self.endpoint)
    }
}

#[derive(Serialize)]
struct Stopping {
    event: &'static str,
}

impl std::fmt::Display for Stopping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stopping: answering what is under way")
    }
}

/// Writes a line of the log. Nobody reading it is no reason to stop serving.
fn write(log: LogFormat, line: &(impl Serialize + std::fmt::Display)) {
    let _ = match log {
        LogFormat::Text => writeln!(anstream::stderr().lock(), "{line}"),
        LogFormat::Json => {
            let line = serde_json::to_string(line).unwrap_or_default();
            writeln!(std::io::stdout().lock(), "{line}")
        }
    };
}

/// Ready when the system asks the program to stop.
fn stop() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminate = {
        use tokio::signal::unix::{SignalKind, signal};
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
    };
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = terminate.0.recv() => {}
            _ = terminate.1.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    })
}
