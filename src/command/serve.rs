//! `serve`: the documented service on a port.

mod log;

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use self::log::Log;
use super::{Error, Exit, UsageError, credentials};
use crate::cli::{self, Serve};
use crate::fixture::Set;
use crate::lint::{self, Warning};
use crate::serve::{self, Call, Limits, Observer, Options, WorldLimits, test_credentials};
use crate::service;
use crate::text::one_line;

pub(super) fn run(options: &Serve) -> Result<Exit, Error> {
    let problem = |error: std::io::Error| UsageError(format!("--listen {}: {error}", options.listen));
    let listener = options.listen.bind().map_err(problem)?;
    let address = listener.local_addr().map_err(problem)?;
    let log = Arc::new(Log::start(options.log).map_err(UsageError::new)?);
    let settings = settings(options, log.clone())?;
    let runtime = tokio::runtime::Runtime::new().map_err(UsageError::new)?;
    runtime.block_on(async {
        // Before the first line, so that whoever waits for it can stop us.
        let stop = stop().map_err(UsageError::new)?;
        log.write(&Listening::new(address));
        let stop = async {
            stop.await;
            log.write(&Stopping { event: "stopping" });
        };
        serve::run(listener, settings, stop).await.map_err(UsageError::new)
    })?;
    log.end();
    Ok(Exit::Conforms)
}

fn settings(options: &Serve, log: Arc<Log>) -> Result<Options, UsageError> {
    let defaults = service::Options::default();
    let limits = Limits::default();
    let fixtures = options.fixtures.as_deref().map(Set::from_dir).transpose().map_err(UsageError::new)?;
    let is_verbose = options.verbose;
    let observer: Observer = Arc::new(move |call| {
        if is_verbose {
            log.write(call);
        }
        for warning in &call.lint {
            log.write(&Linted { event: "lint", warning, call });
        }
    });
    let hosts = options.allow_host.iter().chain([&options.listen.host]).cloned();
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
            // A part of --max-memory.
            held_bytes: usize::MAX,
        },
        seed: options.seed,
        verify: if options.verify_signatures {
            credentials()?.or_else(|| Some(test_credentials()))
        } else {
            None
        },
        fixtures: fixtures.map(Arc::new),
        hosts: hosts.collect(),
        limits: Limits { memory: options.max_memory.unwrap_or(limits.memory), ..limits },
        worlds: options.worlds.map(|most| WorldLimits {
            most: most.get(),
            idle: options
                .world_idle
                .map_or(WorldLimits::default().idle, |idle| Duration::from_secs(idle.get())),
        }),
        lint: options.lint.map(|lint| lint_options(options, lint)),
        observer: (options.verbose || options.lint.is_some()).then_some(observer),
    })
}

fn lint_options(options: &Serve, lint: cli::Lint) -> lint::Options {
    let defaults = lint::Options::default();
    lint::Options {
        deny: lint == cli::Lint::Deny,
        off: options.lint_off.clone(),
        also: options.lint_also.clone(),
        margin: options.lint_margin.map_or(defaults.margin, |margin| Duration::from_secs(margin.into())),
        poll: options.lint_poll.unwrap_or(defaults.poll),
    }
}

/// A warning of lint.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Linted<'a> {
    event: &'static str,
    #[serde(flatten)]
    warning: &'a Warning,
    #[serde(skip)]
    call: &'a Call,
}

impl std::fmt::Display for Linted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "warning: {}", one_line(&self.warning.to_string()))?;
        if let Some(world) = &self.call.world {
            write!(f, ", world {world}")?;
        }
        write!(f, ", request {}", self.call.request_id)
    }
}

#[derive(Serialize)]
struct Listening {
    event: &'static str,
    endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<&'static str>,
}

impl Listening {
    fn new(address: SocketAddr) -> Self {
        const WARNING: &str = "beyond this machine, too: whoever reaches the port can call, move the clock \
                               and read what was sent";
        let warning = (!address.ip().to_canonical().is_loopback()).then_some(WARNING);
        Self { event: "listening", endpoint: format!("http://{}", reachable(address)), warning }
    }
}

/// An address to connect to: one that stands for every address of the machine
/// is none.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => std::net::Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

impl std::fmt::Display for Listening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "listening: AWS_ENDPOINT_URL_SUPPORT={}", self.endpoint)?;
        self.warning.map_or(Ok(()), |warning| write!(f, "\nwarning: listening {warning}"))
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
