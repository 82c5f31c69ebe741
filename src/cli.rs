//! The command line.

mod check;
#[cfg(feature = "shell")]
mod complete;
mod fuzz;
mod one;
mod serve;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::command::Exit;
use crate::findings::{FindingId, FindingIdError};
pub use crate::results::Shard;
pub use check::{Check, EndpointKind};
pub use fuzz::Fuzz;
pub use one::{Explain, Replay};
pub use serve::{Lint, Listen, LogFormat, Serve};

/// Tests whether a client or a server implements AWS Support's AddAttachmentsToSet
/// correctly.
#[derive(Debug, Parser)]
#[command(version = env!("ATTACHSET_VERSION"), propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// Folder in which clients are set up [default: attachset in the user's cache folder,
    /// or adapters/ in a checkout].
    #[arg(long, value_name = "DIR", global = true)]
    pub cache: Option<PathBuf>,
    /// When to use colour.
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    pub color: Color,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set; always if FORCE_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Decides for everything that is printed from now on. `NO_COLOR` and
    /// `FORCE_COLOR` count where they are set and not empty, the former first.
    pub(crate) fn apply(self) {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let choice = match self {
            Self::Never => anstream::ColorChoice::Never,
            Self::Always => anstream::ColorChoice::Always,
            Self::Auto if is_set("NO_COLOR") => anstream::ColorChoice::Never,
            Self::Auto if is_set("FORCE_COLOR") => anstream::ColorChoice::Always,
            Self::Auto => anstream::ColorChoice::Auto,
        };
        choice.write_global();
    }
}

/// The exit codes, for `--help`.
fn exit_codes() -> String {
    let line = |(code, meaning): &(u8, &str)| format!("\n  {code:>3}  {meaning}");
    format!("Exit codes:{}", Exit::TABLE.iter().map(line).collect::<String>())
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Test clients; without arguments, the built-in reference client.
    #[command(after_help = exit_codes())]
    Validate(Validate),
    /// Fuzz clients or a server with generated cases; without arguments, the reference
    /// client.
    #[command(after_help = exit_codes())]
    Fuzz(Fuzz),
    /// Test a server: an emulator, a mock or the real service.
    #[command(after_help = exit_codes())]
    Check(Check),
    /// Merge results files and write reports.
    #[command(after_help = exit_codes())]
    Report(Report),
    /// List the fixtures, one per line, starting with the id.
    List(Selection),
    /// Explain a fixture, a finding, a requirement or a project rule.
    Explain(Explain),
    /// Serve one fixture, and judge each request when it arrives, until Ctrl-C.
    Replay(Replay),
    /// List every requirement with its fixtures; exit with 1 if one has neither a fixture
    /// nor a reason for having none.
    Requirements,
    /// Print the JSON Schema of a format.
    Schema {
        /// Which format.
        name: SchemaName,
    },
    /// Write the fixtures, their JSON Schemas and the requirements to a folder.
    Copy {
        /// Folder to create; if it exists, it must be empty.
        dir: PathBuf,
    },
    /// List the clients that `--client` accepts.
    Clients {
        /// Print an array of JSON objects.
        #[arg(long)]
        json: bool,
    },
    /// Read an operation's input as JSON and print the raw HTTP/1.1 request.
    Encode(Encode),
    /// Read a raw HTTP/1.1 response and print its outcome as JSON.
    Decode,
    /// Serve the documented service, for testing an application.
    ///
    /// It implements AddAttachmentsToSet and the operations that use a set: CreateCase,
    /// AddCommunicationToCase, DescribeCases, DescribeCommunications, DescribeAttachment
    /// and ResolveCase.
    #[command(after_help = format!("Control:\n{}", crate::serve::CONTROL))]
    Serve(Serve),
    /// Turn the input of a failed fuzz target into a fixture.
    Promote(Promote),
    /// Print completions for a shell.
    #[cfg(feature = "shell")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the program's manual page.
    #[cfg(feature = "shell")]
    Man {
        /// Write one page for each command to this folder instead.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

/// Which fixtures.
#[derive(Debug, Clone, Default, Args)]
pub struct Selection {
    /// Run only fixtures whose id matches; repeatable.
    #[arg(long, value_name = "GLOB")]
    #[cfg_attr(feature = "shell", arg(add = complete::fixtures()))]
    pub only: Vec<String>,
    /// Skip fixtures whose id matches; repeatable.
    #[arg(long, value_name = "GLOB")]
    #[cfg_attr(feature = "shell", arg(add = complete::fixtures()))]
    pub skip: Vec<String>,
    /// Use the fixtures in this folder, laid out as `attachset copy` writes them, instead
    /// of the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub fixtures: Option<PathBuf>,
}

/// Judge clients.
#[derive(Debug, Args)]
pub struct Validate {
    /// Built-in clients by name or glob, such as `aws-sdk-*` (see `attachset clients`),
    /// or `all`; repeatable.
    #[arg(long, value_name = "GLOB")]
    #[cfg_attr(feature = "shell", arg(add = complete::clients()))]
    pub client: Vec<String>,
    /// Which fixtures.
    #[command(flatten)]
    pub selection: Selection,
    /// How to run them.
    #[command(flatten)]
    pub run: Run,
    /// Time limit for a call, in addition to the timeouts that the client is given.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub timeout: std::time::Duration,
    /// Time limit for a client to start: until the adapter identifies itself, and in each
    /// call until it connects.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub start_timeout: std::time::Duration,
    /// A program that speaks the adapter protocol, with its arguments.
    #[arg(last = true, value_name = "COMMAND")]
    pub program: Vec<String>,
}

/// How to run fixtures, and what to write of it.
#[derive(Debug, Args)]
pub struct Run {
    /// Number of fixtures to run concurrently [default: two per processor].
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// List of known failures: one per line, a glob of fixture ids or `finding:` and a
    /// finding's id, then the reason.
    #[arg(long, value_name = "FILE")]
    pub known_failures: Option<PathBuf>,
    /// Write the current failures as a list of known failures. Existing lines are kept,
    /// except those that this run proves out of date.
    #[arg(long, value_name = "FILE")]
    pub write_known_failures: Option<PathBuf>,
    /// Print each unexpected result in full when its fixture ends.
    #[arg(long, short)]
    pub verbose: bool,
    /// Count tolerated outcomes as failures, and refuse known failures without a reason.
    #[arg(long)]
    pub strict: bool,
    /// Run only part K of N equal parts of the fixtures.
    #[arg(long, value_name = "K/N", value_parser = shard)]
    pub shard: Option<Shard>,
    /// Write results as lines of JSON: as they arrive, and again at the end of the run,
    /// with each failure attributed to a requirement.
    #[arg(long, value_name = "FILE")]
    pub results: Option<PathBuf>,
    /// Which reports to write.
    #[command(flatten)]
    pub reports: Reports,
}

/// Make reports of results files.
#[derive(Debug, Args)]
pub struct Report {
    /// Results files written with `--results`. If two contain the same fixture of the
    /// same client, the later file counts. The report fails if a shard or a record is
    /// missing.
    #[arg(required = true)]
    pub results: Vec<PathBuf>,
    /// Which reports to write.
    #[command(flatten)]
    pub reports: Reports,
    /// Write the findings of all clients as Markdown.
    #[arg(long, value_name = "FILE")]
    pub findings: Option<PathBuf>,
    /// Print only a bug report for one finding of a client, as Markdown.
    #[arg(long, value_name = "CLIENT/FINDING", value_parser = issue)]
    pub issue: Option<(String, FindingId)>,
    /// Use the requirements in this folder instead of the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub fixtures: Option<PathBuf>,
}

/// Which reports to write.
#[derive(Debug, Clone, Default, Args)]
pub struct Reports {
    /// Write an HTML page with findings, results and exchanges.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write JUnit XML.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write Markdown, for a pull request.
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Print unexpected results as GitHub annotations, and add the Markdown report to the
    /// job summary (GITHUB_STEP_SUMMARY).
    #[arg(long)]
    pub github: bool,
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
    /// Sign with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN (if set).
    #[arg(long)]
    pub sign: bool,
}

/// Make a fixture skeleton.
#[derive(Debug, Args)]
pub struct Promote {
    /// File written by the fuzzer.
    pub artifact: PathBuf,
    /// Fuzz target, if the file's folder does not name it [default: http1].
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

fn issue(text: &str) -> Result<(String, FindingId), String> {
    let (client, finding) = text
        .rmatch_indices('/')
        .nth(1)
        .and_then(|(at, _)| Some((text.get(..at)?, text.get(at + 1..)?)))
        .ok_or("expected CLIENT/DEFECT/REQUIREMENT, such as boto3/lost-code/protocol.error-type-header")?;
    Ok((client.into(), finding.parse().map_err(|error: FindingIdError| error.to_string())?))
}

fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
    match parts {
        Some((part, of)) if (1..=of).contains(&part) => Ok(Shard { part, of }),
        _ => Err("expected K/N with K from 1 to N, such as 2/5".into()),
    }
}
