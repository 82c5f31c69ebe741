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

/// Proves whether a client or a server speaks AWS Support's AddAttachmentsToSet.
#[derive(Debug, Parser)]
#[command(version = env!("ATTACHSET_VERSION"), propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// Where clients are set up [default: attachset in the user's cache folder,
    /// or adapters/ in a checkout].
    #[arg(long, value_name = "DIR", global = true)]
    pub cache: Option<PathBuf>,
    /// When to colour what people read; auto: on a terminal, unless NO_COLOR is
    /// set, and everywhere if FORCE_COLOR is.
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    pub color: Color,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// As the terminal and the environment have it.
    Auto,
    /// Wherever it goes.
    Always,
    /// Nowhere.
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
    /// Judge clients; alone, the built-in reference client.
    #[command(after_help = exit_codes())]
    Validate(Validate),
    /// Search clients for what nobody wrote down; alone, the reference client.
    #[command(after_help = exit_codes())]
    Fuzz(Fuzz),
    /// Judge a server: an emulator, a mock, or the real service.
    #[command(after_help = exit_codes())]
    Check(Check),
    /// Merge results files and make reports of them.
    #[command(after_help = exit_codes())]
    Report(Report),
    /// List the fixtures, one a line, the id first.
    List(Selection),
    /// Explain a fixture, a finding, a requirement or a project rule.
    Explain(Explain),
    /// Serve one fixture and judge each request as it comes, until Ctrl-C.
    Replay(Replay),
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
    Clients {
        /// Print an array of JSON objects.
        #[arg(long)]
        json: bool,
    },
    /// Read an operation input as JSON, print the raw HTTP/1.1 request.
    Encode(Encode),
    /// Read a raw HTTP/1.1 response, print what it means to a caller.
    Decode,
    /// Serve the documented service, for an application to talk to.
    ///
    /// It answers AddAttachmentsToSet, and what a set is for: CreateCase and
    /// AddCommunicationToCase, which take one, DescribeCases,
    /// DescribeCommunications, DescribeAttachment and ResolveCase.
    #[command(after_help = format!("Control:\n{}", crate::serve::CONTROL))]
    Serve(Serve),
    /// Make a fixture skeleton from an input that a fuzz target failed on.
    Promote(Promote),
    /// Print the completions of a shell.
    #[cfg(feature = "shell")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the program's manual page.
    #[cfg(feature = "shell")]
    Man {
        /// Write it to a folder instead, with a page for each command.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

/// Which fixtures.
#[derive(Debug, Clone, Default, Args)]
pub struct Selection {
    /// Only the fixtures whose id matches; may be given several times.
    #[arg(long, value_name = "GLOB")]
    #[cfg_attr(feature = "shell", arg(add = complete::fixtures()))]
    pub only: Vec<String>,
    /// Not the fixtures whose id matches; may be given several times.
    #[arg(long, value_name = "GLOB")]
    #[cfg_attr(feature = "shell", arg(add = complete::fixtures()))]
    pub skip: Vec<String>,
    /// Fixtures from a folder laid out as `fixtures/`, not the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub fixtures: Option<PathBuf>,
}

/// Judge clients.
#[derive(Debug, Args)]
pub struct Validate {
    /// Clients that the program knows (see `attachset clients`), by name or
    /// with wildcards, such as `aws-sdk-*`; may be given several times; `all`
    /// is every one that can be set up here.
    #[arg(long, value_name = "GLOB")]
    #[cfg_attr(feature = "shell", arg(add = complete::clients()))]
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
    /// How long a client may take to start: to answer the adapter's first line,
    /// and in each call until it connects.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub start_timeout: std::time::Duration,
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
    /// A list of failures that are known: a glob of fixture ids, or `finding:`
    /// and a finding's id, then the reason, a line each.
    #[arg(long, value_name = "FILE")]
    pub known_failures: Option<PathBuf>,
    /// Write such a list of what fails now, ready for use; each line has room
    /// for its reason. What the file has is kept, but for lines that this run
    /// shows to be out of date.
    #[arg(long, value_name = "FILE")]
    pub write_known_failures: Option<PathBuf>,
    /// Print each fixture that is against expectation as it ends.
    #[arg(long, short)]
    pub verbose: bool,
    /// Count what is tolerated as failed, and refuse a list of known failures
    /// that lacks a reason.
    #[arg(long)]
    pub strict: bool,
    /// Run only the K-th of N equal parts of the fixtures.
    #[arg(long, value_name = "K/N", value_parser = shard)]
    pub shard: Option<Shard>,
    /// Write the results here, a line of JSON each: as they come, and once more
    /// at the end, when it is known what each failure rests on.
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
    /// fixture of the same client, the one given later counts. A shard or a
    /// record that is missing makes the report fail.
    #[arg(required = true)]
    pub results: Vec<PathBuf>,
    /// Which reports to write.
    #[command(flatten)]
    pub reports: Reports,
    /// Write what is wrong with each client here, as Markdown.
    #[arg(long, value_name = "FILE")]
    pub findings: Option<PathBuf>,
    /// Print a bug report for one finding of a client, as Markdown, and nothing
    /// else.
    #[arg(long, value_name = "CLIENT/FINDING", value_parser = issue)]
    pub issue: Option<(String, FindingId)>,
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
    /// Print what is against expectation as annotations of a workflow on
    /// GitHub, and add the Markdown to the job's summary, which
    /// GITHUB_STEP_SUMMARY names.
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
