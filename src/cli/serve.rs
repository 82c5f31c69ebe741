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
    /// Where to listen: an address or a name with a port, or a port of this
    /// machine's loopback address, such as 8013, :8013 and localhost:8013; IPv6
    /// addresses are written in brackets. Beyond loopback, whoever reaches the port can call.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8013", value_parser = listen)]
    pub listen: Listen,
    /// Respond to requests for this host, too; may be given several times. A
    /// request must name this machine's loopback interface, the address that is
    /// listened on or such a host; anything else may come from a web page.
    #[arg(long, value_name = "NAME", value_parser = host)]
    pub allow_host: Vec<String>,
    /// Refuse a call whose signature is not valid for AWS_ACCESS_KEY_ID and
    /// AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN, if it is set); where they
    /// are not set, for the AWS documents' AKIDEXAMPLE and
    /// wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY. The scope is that of the real
    /// endpoint, us-east-1/support: configure the client for us-east-1.
    #[arg(long)]
    pub verify_signatures: bool,
    /// Allow so many new sets in so many seconds, such as 10/60 [default: any
    /// number].
    #[arg(long, value_name = "SETS/SECONDS", value_parser = rate)]
    pub rate_limit: Option<RateLimit>,
    /// The most bytes of one attachment [default: 5242880, the larger meaning
    /// of 5 MB].
    #[arg(long, value_name = "BYTES")]
    pub max_attachment: Option<usize>,
    /// Keep so many bytes of attachments' data in sets, and as many in cases, to
    /// be read back and compared; of what is older, only the length is kept
    /// [default: 16777216].
    #[arg(long, value_name = "BYTES")]
    pub keep_data: Option<usize>,
    /// How many sets live at once; beyond that, a new one gets
    /// AttachmentLimitExceeded until one expires [default: 100000].
    #[arg(long, value_name = "NUMBER")]
    pub max_sets: Option<NonZeroUsize>,
    /// How many cases there are; one more and the oldest resolved one is
    /// forgotten, and without one the new case gets CaseCreationLimitExceeded
    /// [default: 10000].
    #[arg(long, value_name = "NUMBER")]
    pub max_cases: Option<NonZeroUsize>,
    /// The budget for all that is held, received and under way: what finds no
    /// room in its part is refused at once [default: 536870912].
    #[arg(long, value_name = "BYTES")]
    pub max_memory: Option<usize>,
    /// How many cases may be open at once [default: any number].
    #[arg(long, value_name = "NUMBER")]
    pub max_open_cases: Option<usize>,
    /// Give back so many attachments in so many seconds, such as 10/60
    /// [default: any number].
    #[arg(long, value_name = "CALLS/SECONDS", value_parser = rate)]
    pub describe_limit: Option<RateLimit>,
    /// What becomes of a set that a case took: it stays until its hour is over,
    /// or ends at once [default: stays].
    #[arg(long, value_name = "stays|ends", value_parser = used_set)]
    pub used_set: Option<UsedSet>,
    /// Give each access key id that calls are signed with a world of its own: sets,
    /// cases, a clock, a plan. So tests in parallel see nothing of each other; see
    /// docs/worlds.md. So many at most beside the one for calls that are not
    /// signed [default without the option: one world for all calls; with it: 256].
    #[arg(long, value_name = "NUMBER", num_args = 0..=1, require_equals = true, default_missing_value = "256")]
    pub worlds: Option<NonZeroUsize>,
    /// Forget a world that was not used for so many seconds [default: 900].
    #[arg(long, value_name = "SECONDS", requires = "worlds")]
    pub world_idle: Option<NonZeroU64>,
    /// Warn of mistakes that every SDK passes on and the service accepts, such as
    /// base64 in the place of a file's bytes, on standard error and in the state;
    /// docs/lint.md has each rule. With `deny`, refuse the call: 400 LintException.
    #[arg(long, value_name = "deny", num_args = 0..=1, require_equals = true, default_missing_value = "warn", value_enum)]
    pub lint: Option<Lint>,
    /// Turn rules of lint off, such as name/extension,set/near-end.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule, requires = "lint")]
    pub lint_off: Vec<String>,
    /// Turn rules of lint on that are off by default: name/type and size/base64.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule, requires = "lint")]
    pub lint_also: Vec<String>,
    /// How short before its end a set should no longer be used [default: 60].
    #[arg(long, value_name = "SECONDS", requires = "lint")]
    pub lint_margin: Option<u32>,
    /// How often the same list of cases should be asked for: not sooner than so
    /// many seconds after the last time [default: 1].
    #[arg(long, value_name = "SECONDS", value_parser = seconds, requires = "lint")]
    pub lint_poll: Option<Duration>,
    /// Make the ids from this number, the same at each start.
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// Answer on demand with fixtures from a folder laid out as `fixtures/`,
    /// not with the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub fixtures: Option<PathBuf>,
    /// Write a line for each call. Lines that nobody reads are dropped.
    #[arg(short, long)]
    pub verbose: bool,
    /// How to log: text goes to standard error, JSON to standard output.
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
