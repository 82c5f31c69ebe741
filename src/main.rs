//! The command line of attachset.

use std::process::ExitCode;

use attachset::{cli::Cli, command};
use clap::Parser as _;

/// Gives the memory of large uploads back. The system's allocator may keep it,
/// once for each thread, and then `serve` would have no bound to name.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Where a shell asks for completions, it ends here.
    #[cfg(feature = "shell")]
    clap_complete::CompleteEnv::with_factory(<Cli as clap::CommandFactory>::command).complete();
    match command::run(Cli::parse()) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::from(error.code())
        }
    }
}
