//! The options of `serve`.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::service::{RateLimit, UsedSet};

/// Serve the documented service.
#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8013")]
    pub listen: SocketAddr,
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
    /// How many sets live at once; one more ends the oldest [default: 1000].
    #[arg(long, value_name = "NUMBER")]
    pub max_sets: Option<NonZeroUsize>,
    /// How many cases there are; one more and the oldest is forgotten
    /// [default: 1000].
    #[arg(long, value_name = "NUMBER")]
    pub max_cases: Option<NonZeroUsize>,
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
    /// Make the ids from this number, the same at each start.
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// Answer on demand with fixtures from a folder laid out as `fixtures/`,
    /// not with the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub fixtures: Option<PathBuf>,
    /// Write a line for each call.
    #[arg(short, long)]
    pub verbose: bool,
    /// How to log: text goes to standard error, JSON to standard output.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub log: LogFormat,
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

fn rate(text: &str) -> Result<RateLimit, String> {
    let parts = text.split_once('/').and_then(|(most, per)| Some((most.parse().ok()?, per.parse().ok()?)));
    match parts.map(|(most, per)| (most, Duration::try_from_secs_f64(per))) {
        Some((most, Ok(per))) if most > 0 && !per.is_zero() => Ok(RateLimit { most, per }),
        _ => Err("expected NUMBER/SECONDS, both above 0, such as 10/60".into()),
    }
}

fn used_set(text: &str) -> Result<UsedSet, String> {
    match text {
        "stays" => Ok(UsedSet::Stays),
        "ends" => Ok(UsedSet::Ends),
        _ => Err("expected stays (it can be taken again until its hour is over) or ends".into()),
    }
}
