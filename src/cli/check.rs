//! The options of `check`.

use std::time::Duration;

use clap::Args;

use super::{Run, Selection, seconds};
use crate::check::Endpoint;

/// Judge a server.
#[derive(Debug, Args)]
pub struct Check {
    /// Where it listens, such as http://127.0.0.1:4566. Requests are signed
    /// with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN;
    /// where they are not set, with the AWS documents' example key.
    pub url: Endpoint,
    /// What listens there.
    #[arg(long, value_name = "KIND", value_enum, default_value_t)]
    pub endpoint_kind: EndpointKind,
    /// Go on without asking, with `--endpoint-kind aws`.
    #[arg(long)]
    pub yes: bool,
    /// What to call the server in reports [default: its URL].
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Where its clock is advanced, if it has one: {"advanceSeconds": N} is
    /// posted there [default: where `attachset serve` has it, if it is there].
    #[arg(long, value_name = "URL")]
    pub clock: Option<Endpoint>,
    /// Let time really pass, for a server without a clock: sets are made
    /// first, all else runs, and each set is used again when its hour is over.
    /// Takes about 70 minutes.
    #[arg(long, conflicts_with = "clock")]
    pub wait: bool,
    /// Judge whether it verifies signatures, too.
    #[arg(long)]
    pub signatures: bool,
    /// Which fixtures.
    #[command(flatten)]
    pub selection: Selection,
    /// How to run them.
    #[command(flatten)]
    pub run: Run,
    /// How long the server has for an answer.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub timeout: Duration,
}

/// What listens at an endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum EndpointKind {
    /// An emulator or a mock: every fixture runs.
    #[default]
    Emulator,
    /// The real service: only what is harmless there runs, signed with your
    /// own credentials.
    Aws,
}
