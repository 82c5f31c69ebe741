//! The command line of attachset.

use std::process::ExitCode;

use attachset::{cli::Cli, command};
use clap::Parser as _;

fn main() -> ExitCode {
    match command::run(Cli::parse()) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::from(command::Exit::USAGE)
        }
    }
}
