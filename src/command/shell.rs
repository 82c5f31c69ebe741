//! `completions` and `man`: what a shell and `man` know of the program.

use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_complete::env::Shells;

use super::{Error, Exit, UsageError, print};
use crate::cli::Cli;

/// A script that asks the program itself, so that a newer one needs no newer
/// script.
pub(super) fn completions(shell: Shell) -> Result<Exit, Error> {
    let (name, mut script) = ("attachset", Vec::new());
    let shell = shell.to_string();
    Shells::builtins()
        .completer(&shell)
        .ok_or_else(|| UsageError(format!("there are no completions for {shell}")))?
        .write_registration("COMPLETE", name, name, name, &mut script)
        .map_err(UsageError::new)?;
    print(&script)?;
    Ok(Exit::Conforms)
}

pub(super) fn man(dir: Option<&Path>) -> Result<Exit, Error> {
    // There is no page of it.
    let program = Cli::command().disable_help_subcommand(true);
    let Some(dir) = dir else {
        let mut page = Vec::new();
        clap_mangen::Man::new(program).render(&mut page).map_err(UsageError::new)?;
        print(&page)?;
        return Ok(Exit::Conforms);
    };
    std::fs::create_dir_all(dir)
        .and_then(|()| clap_mangen::generate_to(program, dir))
        .map_err(|error| UsageError(format!("{}: {error}", dir.display())))?;
    Ok(Exit::Conforms)
}
