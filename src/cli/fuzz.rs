//! Options of `fuzz`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{EndpointKind, Reports, seconds};
use crate::check::Endpoint;

/// Search clients, or a server, for what nobody wrote down.
#[derive(Debug, Args)]
pub struct Fuzz {
    /// A client that the program knows (see `attachset clients`); may be given
    /// several times; `all` is every one that is ready.
    #[arg(long, value_name = "NAME")]
    pub client: Vec<String>,
    /// Search this server in place of clients, such as http://127.0.0.1:4566.
    /// Requests are signed as `check` signs them.
    #[arg(long, value_name = "URL", conflicts_with_all = ["client", "program", "no_fixtures", "no_guidance"])]
    pub server: Option<Endpoint>,
    /// What listens there: the real service is not searched.
    #[arg(long, value_name = "KIND", value_enum, default_value_t, requires = "server")]
    pub endpoint_kind: EndpointKind,
    /// What to call the server in reports [default: its URL].
    #[arg(long, value_name = "NAME", requires = "server")]
    pub name: Option<String>,
    /// Where its clock is advanced, if it has one: {"advanceSeconds": N} is
    /// posted there [default: where `attachset serve` has it, if it is there].
    #[arg(long, value_name = "URL", requires = "server")]
    pub clock: Option<Endpoint>,
    /// The server verifies signatures: judge that, too.
    #[arg(long, requires = "server")]
    pub signatures: bool,
    /// What fixes every draw, with the program's version [default: another
    /// one each time].
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// For how long each client, or the server, is searched, such as 60s or 10m [default: 60s
    /// without --cases].
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub time: Option<Duration>,
    /// How many draws each client, or the server, is given at the most.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub cases: Option<u64>,
    /// How many draws run at once [default: two for each processor]. What is
    /// drawn does not depend on it.
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// Write each finding here as a fixture, for `validate --fixtures`, or
    /// `check --fixtures`.
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
    /// Do not start from the answers of the built-in fixtures.
    #[arg(long)]
    pub no_fixtures: bool,
    /// Also start from answers in this folder: files with their bytes, or with
    /// those of their bodies, such as fuzz/corpus/law; may be given several times.
    #[arg(long, value_name = "DIR")]
    pub corpus: Vec<PathBuf>,
    /// Do not change further what made a client do something new.
    #[arg(long)]
    pub no_guidance: bool,
    /// A list of failures that are known: `finding:` and a finding's id, then
    /// the reason, a line each.
    #[arg(long, value_name = "FILE")]
    pub known_failures: Option<PathBuf>,
    /// Write the results here, a line of JSON each.
    #[arg(long, value_name = "FILE")]
    pub results: Option<PathBuf>,
    /// Which reports to write.
    #[command(flatten)]
    pub reports: Reports,
    /// How long a client has for a call beyond the time-outs it is told, and a
    /// server for an answer.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub timeout: Duration,
    /// How long a client may take to start: to answer the adapter's first line,
    /// and in each call until it connects.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub start_timeout: Duration,
    /// A program that speaks the adapter protocol, and its arguments.
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
