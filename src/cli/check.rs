//! The options of `check`.

use std::time::Duration;

use clap::Args;

use super::{Run, Selection, seconds};
use crate::check::Endpoint;

/// Test a server.
#[derive(Debug, Args)]
pub struct Check {
    /// URL of the server, such as http://127.0.0.1:4566. Requests are signed with
    /// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN or, if these are
    /// not set, with the example key of the AWS documentation.
    pub url: Endpoint,
    /// Kind of server.
    #[arg(long, value_name = "KIND", value_enum, default_value_t)]
    pub endpoint_kind: EndpointKind,
    /// Do not ask before `--endpoint-kind aws` calls the real service.
    #[arg(long)]
    pub yes: bool,
    /// Name of the server in reports [default: its URL].
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// URL to which {"advanceSeconds": N} is posted to advance the server's clock
    /// [default: the control path of `attachset serve`, if the server has it].
    #[arg(long, value_name = "URL")]
    pub clock: Option<Endpoint>,
    /// Wait until sets expire, for a server without a clock that can be advanced. Takes
    /// about 70 minutes.
    #[arg(long, conflicts_with = "clock")]
    pub wait: bool,
    /// Also test that the server verifies signatures.
    #[arg(long)]
    pub signatures: bool,
    /// Which fixtures.
    #[command(flatten)]
    pub selection: Selection,
    /// How to run them.
    #[command(flatten)]
    pub run: Run,
    /// Time limit for a response.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub timeout: Duration,
}

/// What listens at an endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum EndpointKind {
    /// An emulator or a mock: every fixture runs.
    #[default]
    Emulator,
    /// The real AWS Support: only harmless fixtures run, signed with your own
    /// credentials.
    Aws,
}
