//! The options of `serve`.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs as _};
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::lint;
use crate::service::{RateLimit, UsedSet};

/// Serve the documented service.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address to listen on: an address or name with a port, or only a port of the
    /// loopback address, such as 8013, :8013 or localhost:8013. Write IPv6 addresses in
    /// brackets. On any other address, everyone who can reach the port can call.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8013", value_parser = listen)]
    pub listen: Listen,
    /// Also accept requests for this host; repeatable. The `Host` of a request must be a
    /// loopback name or address, the address listened on, or such a host: anything else
    /// may come from a web page.
    #[arg(long, value_name = "NAME", value_parser = host)]
    pub allow_host: Vec<String>,
    /// Refuse calls whose signature is not valid for AWS_ACCESS_KEY_ID,
    /// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN (if set); if these are not set, for
    /// the example key of the AWS documentation: AKIDEXAMPLE and
    /// wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY. Configure the client for us-east-1: the
    /// scope is us-east-1/support, as for the real endpoint.
    #[arg(long)]
    pub verify_signatures: bool,
    /// Maximum number of new sets in a number of seconds, such as 10/60 [default:
    /// unlimited].
    #[arg(long, value_name = "SETS/SECONDS", value_parser = rate)]
    pub rate_limit: Option<RateLimit>,
    /// Maximum size of an attachment [default: 5242880, the larger meaning of 5 MB].
    #[arg(long, value_name = "BYTES")]
    pub max_attachment: Option<usize>,
    /// Size of the attachment data that can be read back, for sets and again for cases;
    /// of older data only the length is kept [default: 16777216].
    #[arg(long, value_name = "BYTES")]
    pub keep_data: Option<usize>,
    /// Maximum number of sets; beyond it a new set gets AttachmentLimitExceeded until one
    /// expires [default: 100000].
    #[arg(long, value_name = "NUMBER")]
    pub max_sets: Option<NonZeroUsize>,
    /// Maximum number of cases; beyond it the oldest resolved case is dropped or, if
    /// there is none, a new case gets CaseCreationLimitExceeded [default: 10000].
    #[arg(long, value_name = "NUMBER")]
    pub max_cases: Option<NonZeroUsize>,
    /// Memory budget for everything that is held, received and in progress; a request
    /// that exceeds its part is refused at once [default: 536870912].
    #[arg(long, value_name = "BYTES")]
    pub max_memory: Option<usize>,
    /// Maximum number of open cases [default: unlimited].
    #[arg(long, value_name = "NUMBER")]
    pub max_open_cases: Option<usize>,
    /// Maximum number of DescribeAttachment calls in a number of seconds, such as 10/60
    /// [default: unlimited].
    #[arg(long, value_name = "CALLS/SECONDS", value_parser = rate)]
    pub describe_limit: Option<RateLimit>,
    /// Whether a set that a case has used stays until it expires, or ends at once
    /// [default: stays].
    #[arg(long, value_name = "stays|ends", value_parser = used_set)]
    pub used_set: Option<UsedSet>,
    /// Give each access key id its own world: sets, cases, clock and plan, so that
    /// parallel tests do not affect each other (docs/worlds.md). The value is the maximum
    /// number of worlds, besides the one for unsigned calls [default without the option:
    /// one world for all calls; with it: 256].
    #[arg(long, value_name = "NUMBER", num_args = 0..=1, require_equals = true, default_missing_value = "256")]
    pub worlds: Option<NonZeroUsize>,
    /// Drop a world that was not used for this number of seconds [default: 900].
    #[arg(long, value_name = "SECONDS", requires = "worlds")]
    pub world_idle: Option<NonZeroU64>,
    /// Report mistakes that SDKs do not detect and the service accepts, such as base64
    /// instead of a file's bytes, on standard error and in the state (docs/lint.md lists
    /// the rules). `deny` refuses the call with 400 LintException.
    #[arg(long, value_name = "deny", num_args = 0..=1, require_equals = true, default_missing_value = "warn", value_enum)]
    pub lint: Option<Lint>,
    /// Disable lint rules, such as name/extension,set/near-end.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule, requires = "lint")]
    pub lint_off: Vec<String>,
    /// Enable lint rules that are off by default: name/type and size/base64.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule, requires = "lint")]
    pub lint_also: Vec<String>,
    /// Number of seconds before its expiry from which a set should not be used any more
    /// [default: 60].
    #[arg(long, value_name = "SECONDS", requires = "lint")]
    pub lint_margin: Option<u32>,
    /// Minimum number of seconds between two requests for the same list of cases
    /// [default: 1].
    #[arg(long, value_name = "SECONDS", value_parser = seconds, requires = "lint")]
    pub lint_poll: Option<Duration>,
    /// Seed for ids, to get the same ids at each start [default: random].
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// For planned responses, use the fixtures in this folder, laid out as `attachset
    /// copy` writes them, instead of the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub fixtures: Option<PathBuf>,
    /// Log each call. Lines are dropped if the log is not read.
    #[arg(short, long)]
    pub verbose: bool,
    /// Log format: text goes to standard error, JSON to standard output.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub log: LogFormat,
}

/// What becomes of a call with a mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Lint {
    /// It is served, with a warning.
    Warn,
    /// It is refused.
    Deny,
}

/// How to log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// Where to listen: a host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// The address or the name.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Listen {
    /// Binds it.
    ///
    /// # Errors
    /// Where the name is unknown or the address cannot be bound.
    pub fn bind(&self) -> io::Result<TcpListener> {
        let mut addresses: Vec<SocketAddr> = (self.host.as_str(), self.port).to_socket_addrs()?.collect();
        // What is given 127.0.0.1 in place of localhost must work as well.
        addresses.sort_by_key(SocketAddr::is_ipv6);
        TcpListener::bind(addresses.as_slice())
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

fn listen(text: &str) -> Result<Listen, String> {
    const LOOPBACK: &str = "127.0.0.1";
    let (host, port) = text.rsplit_once(':').unwrap_or((LOOPBACK, text));
    let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address,
        None if host.is_empty() => LOOPBACK,
        None if host.contains(':') => return Err("an IPv6 address is written in brackets: [::1]:8013".into()),
        None => host,
    };
    match port.parse() {
        Ok(port) => Ok(Listen { host: host.into(), port }),
        Err(_) => Err("expected a port or an address with one, such as 8013 or 127.0.0.1:8013".into()),
    }
}

fn host(text: &str) -> Result<String, String> {
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:[]".contains(&byte);
    match !text.is_empty() && text.bytes().all(is_host) {
        true => Ok(text.into()),
        false => Err("expected a name or an address without a scheme, such as attachset.internal".into()),
    }
}

fn rate(text: &str) -> Result<RateLimit, String> {
    let parts = text.split_once('/').and_then(|(most, per)| Some((most.parse().ok()?, per.parse().ok()?)));
    match parts.map(|(most, per)| (most, Duration::try_from_secs_f64(per))) {
        Some((most, Ok(per))) if most > 0 && !per.is_zero() => Ok(RateLimit { most, per }),
        _ => Err("expected NUMBER/SECONDS, both above 0, such as 10/60".into()),
    }
}

fn rule(id: &str) -> Result<String, String> {
    match lint::rule(id) {
        Some(_) => Ok(id.into()),
        None => Err("there is no such rule; docs/lint.md has all".into()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "expected a number of seconds, such as 0.5".into())
}

fn used_set(text: &str) -> Result<UsedSet, String> {
    match text {
        "stays" => Ok(UsedSet::Stays),
        "ends" => Ok(UsedSet::Ends),
        _ => Err("expected stays (it can be taken again until its hour is over) or ends".into()),
    }
}
