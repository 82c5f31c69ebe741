//! The options of `explain` and `replay`, which are about one thing.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

/// Explain a fixture, a finding, a requirement or a project rule.
#[derive(Debug, Args)]
pub struct Explain {
    /// The id of a fixture, a finding (`lost-code/protocol.error-type-header`),
    /// a requirement (`protocol.error-type-header`) or a project rule (`R14`).
    #[cfg_attr(feature = "shell", arg(add = super::complete::subjects()))]
    pub id: String,
    /// Print only the bytes of a fixture's responses.
    #[arg(long, group = "form")]
    pub wire: bool,
    /// Print a Python program that serves a fixture's responses without attachset.
    #[arg(long, group = "form")]
    pub python: bool,
    /// Print a shell script that serves a fixture's response with nc, if nc can.
    #[arg(long, group = "form")]
    pub sh: bool,
    /// Use the fixtures in this folder, laid out as `attachset copy` writes them, instead
    /// of the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub fixtures: Option<PathBuf>,
}

/// Serve one fixture.
///
/// The calls to make are printed on standard output as lines of JSON, in the form that an
/// adapter reads. There is no deadline.
#[derive(Debug, Args)]
pub struct Replay {
    /// The fixture's id.
    #[cfg_attr(feature = "shell", arg(add = super::complete::fixtures()))]
    pub id: String,
    /// Address to listen on [default: a free port of the loopback address].
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Make the calls once with this client, and judge what it reports.
    #[arg(long, value_name = "NAME", conflicts_with = "program")]
    #[cfg_attr(feature = "shell", arg(add = super::complete::clients()))]
    pub client: Option<String>,
    /// Use the fixtures in this folder, laid out as `attachset copy` writes them, instead
    /// of the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub fixtures: Option<PathBuf>,
    /// A program that speaks the adapter protocol, to make the calls once.
    #[arg(last = true, value_name = "COMMAND")]
    pub program: Vec<String>,
}
