//! The command line of attachset.

use std::process::ExitCode;

use attachset::{cli::Cli, command};
use clap::Parser as _;

/// Gives the memory of large uploads back. The system's allocator may keep it,
/// once for each thread, and then `serve` would have no bound to name.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match command::run(Cli::parse()) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::from(error.code())
        }
    }
}
