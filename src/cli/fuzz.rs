//! Options of `fuzz`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{EndpointKind, Reports, seconds};
use crate::check::Endpoint;

/// Fuzz clients or a server with generated cases.
#[derive(Debug, Args)]
pub struct Fuzz {
    /// A built-in client (see `attachset clients`), or `all` that are set up; repeatable.
    #[arg(long, value_name = "NAME")]
    pub client: Vec<String>,
    /// Fuzz this server instead of a client, such as http://127.0.0.1:4566. Requests are
    /// signed as for `check`.
    #[arg(long, value_name = "URL", conflicts_with_all = ["client", "program", "no_fixtures", "no_guidance"])]
    pub server: Option<Endpoint>,
    /// Kind of server; the real service is never fuzzed.
    #[arg(long, value_name = "KIND", value_enum, default_value_t, requires = "server")]
    pub endpoint_kind: EndpointKind,
    /// Name of the server in reports [default: its URL].
    #[arg(long, value_name = "NAME", requires = "server")]
    pub name: Option<String>,
    /// URL to which {"advanceSeconds": N} is posted to advance the server's clock
    /// [default: the control path of `attachset serve`, if the server has it].
    #[arg(long, value_name = "URL", requires = "server")]
    pub clock: Option<Endpoint>,
    /// Also test that the server verifies signatures.
    #[arg(long, requires = "server")]
    pub signatures: bool,
    /// Seed that determines all cases, together with the program's version [default:
    /// random].
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Time limit for each client or the server, such as 60s or 10m [default: 60s, unless
    /// --cases is given].
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub time: Option<Duration>,
    /// Maximum number of cases for each client or the server.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub cases: Option<u64>,
    /// Number of cases to run concurrently [default: two per processor]. The cases do not
    /// depend on it.
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// Write each finding to this folder as a fixture, for `validate --fixtures` or
    /// `check --fixtures`.
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
    /// Do not use the responses of built-in fixtures as starting points.
    #[arg(long)]
    pub no_fixtures: bool,
    /// Also use the responses in this folder as starting points: files with the bytes of
    /// a response or of its body, such as fuzz/corpus/oracle; repeatable.
    #[arg(long, value_name = "DIR")]
    pub corpus: Vec<PathBuf>,
    /// Do not mutate cases that showed new behaviour any further.
    #[arg(long)]
    pub no_guidance: bool,
    /// List of known failures: one per line, `finding:` and a finding's id, then the
    /// reason.
    #[arg(long, value_name = "FILE")]
    pub known_failures: Option<PathBuf>,
    /// Write results as lines of JSON.
    #[arg(long, value_name = "FILE")]
    pub results: Option<PathBuf>,
    /// Which reports to write.
    #[command(flatten)]
    pub reports: Reports,
    /// Time limit for a call, in addition to the timeouts that the client is given; for a
    /// server, the time limit for a response.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub timeout: Duration,
    /// Time limit for a client to start: until the adapter identifies itself, and in each
    /// call until it connects.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub start_timeout: Duration,
    /// A program that speaks the adapter protocol, with its arguments.
    #[arg(last = true, value_name = "COMMAND")]
    pub program: Vec<String>,
}

fn time(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let each = match unit {
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return Err("expected a time such as 60s, 10m or 2h".into()),
    };
    seconds(number).and_then(|time| {
        Duration::try_from_secs_f64(time.as_secs_f64() * each).map_err(|error| error.to_string())
    })
}
