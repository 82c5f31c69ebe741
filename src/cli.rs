//! The command line.

mod check;
mod fuzz;
mod serve;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use check::{Check, EndpointKind};
pub use fuzz::Fuzz;
pub use serve::{LogFormat, Serve};

/// Proves whether a client or a server speaks AWS Support's AddAttachmentsToSet.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge clients; alone, the built-in reference client.
    Validate(Validate),
    /// Search clients for what nobody wrote down; alone, the reference client.
    Fuzz(Fuzz),
    /// Judge a server: an emulator, a mock, or the real service.
    Check(Check),
    /// Merge results files and make reports of them.
    Report(Report),
    /// List the fixtures, one a line, the id first.
    List(Selection),
    /// Show one fixture: what is called, what is answered, what must be seen.
    Explain {
        /// The fixture's id.
        id: String,
    },
    /// Show every requirement and the fixtures that rest on it; exit with 1
    /// while one has neither a fixture nor an excuse.
    Requirements,
    /// Print the JSON Schema of a format.
    Schema {
        /// Which format.
        name: SchemaName,
    },
    /// Write the fixtures, their schemas and the requirements to a folder.
    Copy {
        /// The folder; it is made, and must be empty if it is there.
        dir: PathBuf,
    },
    /// List the clients that `validate --client` knows.
    Clients,
    /// Read an operation input as JSON, print the raw HTTP/1.1 request.
    Encode(Encode),
    /// Read a raw HTTP/1.1 response, print what it means to a caller.
    Decode,
    /// Serve the documented service, for an application to talk to.
    #[command(after_help = format!("Control:\n{}", crate::serve::CONTROL))]
    Serve(Serve),
    /// Make a fixture skeleton from an input that a fuzz target failed on.
    Promote(Promote),
}

/// Which fixtures.
#[derive(Debug, Clone, Default, Args)]
pub struct Selection {
    /// Only the fixtures whose id matches; may be given several times.
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,
    /// Not the fixtures whose id matches; may be given several times.
    #[arg(long, value_name = "GLOB")]
    pub skip: Vec<String>,
    /// Fixtures from a folder laid out as `fixtures/`, not the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub fixtures: Option<PathBuf>,
}

/// Judge clients.
#[derive(Debug, Args)]
pub struct Validate {
    /// A client that the program knows (see `attachset clients`); may be given
    /// several times; `all` is every one that is ready.
    #[arg(long, value_name = "NAME")]
    pub client: Vec<String>,
    /// Which fixtures.
    #[command(flatten)]
    pub selection: Selection,
    /// How to run them.
    #[command(flatten)]
    pub run: Run,
    /// How long a client has for a call beyond the time-outs it is told.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub timeout: std::time::Duration,
    /// A program that speaks the adapter protocol, and its arguments.
    #[arg(last = true, value_name = "COMMAND")]
    pub program: Vec<String>,
}

/// How to run fixtures, and what to write of it.
#[derive(Debug, Args)]
pub struct Run {
    /// How many fixtures run at once [default: two for each processor].
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// A list of fixtures that are known to fail: a glob and a reason a line.
    #[arg(long, value_name = "FILE")]
    pub known_failures: Option<PathBuf>,
    /// Count what is tolerated as failed.
    #[arg(long)]
    pub strict: bool,
    /// Run only the K-th of N equal parts of the fixtures.
    #[arg(long, value_name = "K/N", value_parser = shard)]
    pub shard: Option<Shard>,
    /// Write the results here, a line of JSON each.
    #[arg(long, value_name = "FILE")]
    pub results: Option<PathBuf>,
    /// Which reports to write.
    #[command(flatten)]
    pub reports: Reports,
}

/// Make reports of results files.
#[derive(Debug, Args)]
pub struct Report {
    /// Results files, as `--results` writes them. Where two have the same
    /// fixture of the same client, the one given later counts.
    #[arg(required = true)]
    pub results: Vec<PathBuf>,
    /// Which reports to write.
    #[command(flatten)]
    pub reports: Reports,
    /// Write what is wrong with each client here, as Markdown.
    #[arg(long, value_name = "FILE")]
    pub findings: Option<PathBuf>,
    /// Requirements from a folder laid out as `fixtures/`, not the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub fixtures: Option<PathBuf>,
}

/// Which reports to write.
#[derive(Debug, Clone, Default, Args)]
pub struct Reports {
    /// Write a page with the matrix, the reasons and the transcripts here.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write JUnit XML here, for a continuous-integration server.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write Markdown here, for a pull request.
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
}

/// One of several equal parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 1.
    pub part: usize,
    /// Of how many.
    pub of: usize,
}

/// The formats that have a JSON Schema.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum SchemaName {
    /// A client-role fixture.
    Fixture,
    /// A service-role fixture.
    ServiceFixture,
    /// `requirements.json`.
    Requirements,
}

/// Encode a request.
#[derive(Debug, Args)]
pub struct Encode {
    /// The Host header.
    #[arg(long, default_value = "support.us-east-1.amazonaws.com")]
    pub host: String,
    /// Sign with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if it is set,
    /// AWS_SESSION_TOKEN.
    #[arg(long)]
    pub sign: bool,
}

/// Make a fixture skeleton.
#[derive(Debug, Args)]
pub struct Promote {
    /// The file that the fuzzer wrote.
    pub artifact: PathBuf,
    /// The fuzz target, where the file's folder does not name it [default:
    /// http1].
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
}

fn seconds(text: &str) -> Result<std::time::Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    match std::time::Duration::try_from_secs_f64(seconds) {
        Ok(time) if !time.is_zero() => Ok(time),
        _ => Err("must be above 0".into()),
    }
}

fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
    match parts {
        Some((part, of)) if (1..=of).contains(&part) => Ok(Shard { part, of }),
        _ => Err("expected K/N with K from 1 to N, such as 2/5".into()),
    }
}
