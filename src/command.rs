//! What each command does.

mod check;
mod clients;
mod codec;
mod exit;
mod explain;
mod fuzz;
mod interrupt;
mod known;
mod promote;
mod replay;
mod report;
mod results_file;
mod run;
mod serve;
#[cfg(feature = "shell")]
mod shell;
mod show;
mod subject;
mod suite;
mod validate;

pub use exit::{Error, Exit, UsageError};

use std::num::NonZeroUsize;

use crate::cli::{Cli, Command, Selection};
use crate::fixture::Set;
use crate::glob::Glob;
use crate::run::default_jobs;
use crate::select::SelectError;
use crate::text::cut;
use crate::wire::sign::Credentials;

/// How many characters of an option's value are shown where something is wrong
/// with it.
const SHOWN: usize = 200;

/// Runs a command.
///
/// # Errors
/// A [`UsageError`] that says what to do, or what could not be written.
pub fn run(cli: Cli) -> Result<Exit, Error> {
    cli.color.apply();
    let cache = cli.cache.as_deref();
    Ok(match cli.command {
        Command::Validate(options) => validate::run(&options, cache)?,
        Command::Fuzz(options) => fuzz::run(&options, cache)?,
        Command::Check(options) => check::run(&options)?,
        Command::Report(options) => report::run(&options)?,
        Command::List(selection) => show::list(&selection)?,
        Command::Explain(options) => show::explain(&options)?,
        Command::Replay(options) => replay::run(&options, cache)?,
        Command::Requirements => show::requirements()?,
        Command::Schema { name } => show::schema(name)?,
        Command::Copy { dir } => show::copy(&dir)?,
        Command::Clients { json } => clients::list(json, cache)?,
        Command::Encode(options) => codec::encode(&options)?,
        Command::Decode => codec::decode()?,
        Command::Serve(options) => serve::run(&options)?,
        Command::Promote(options) => promote::run(&options)?,
        #[cfg(feature = "shell")]
        Command::Completions { shell } => shell::completions(shell)?,
        #[cfg(feature = "shell")]
        Command::Man { out } => shell::man(out.as_deref())?,
    })
}

/// Threads for a run of so many jobs. What a server sends without end can keep a
/// thread for each connection busy, and time and Ctrl-C are still to be seen.
/// Such threads are not to be waited for: see
/// [`shutdown_background`](tokio::runtime::Runtime::shutdown_background).
fn runtime(jobs: Option<NonZeroUsize>) -> Result<tokio::runtime::Runtime, UsageError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(jobs.unwrap_or_else(default_jobs).get().saturating_add(2))
        .enable_all()
        .build()
        .map_err(UsageError::new)
}

/// Writes to standard output; a reader that went away is not an error.
fn print(text: &[u8]) -> Result<(), Error> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::Output(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

fn load(selection: &Selection) -> Result<Set, UsageError> {
    match &selection.fixtures {
        Some(dir) => Set::from_dir(dir),
        None => Set::embedded(),
    }
    .map_err(UsageError::new)
}

/// The glob that an option gives.
fn glob(option: &str, pattern: &str) -> Result<Glob, UsageError> {
    Glob::new(pattern).map_err(|error| UsageError(format!("--{option} {}: {error}", cut(pattern, SHOWN))))
}

/// The fixtures that a selection names.
fn select<T: Clone>(
    all: &[T],
    folder: &'static str,
    id: fn(&T) -> &str,
    selection: &Selection,
) -> Result<Vec<T>, UsageError> {
    crate::select::select(all, folder, id, &selection.only, &selection.skip).map_err(|error| {
        match (&error, &selection.fixtures) {
            (SelectError::NoFixtures(_), Some(of)) => {
                UsageError(format!("--fixtures {}: {error}", of.display()))
            }
            _ => UsageError::new(error),
        }
    })
}

/// The environment's credentials, if it has any.
fn credentials() -> Result<Option<Credentials>, UsageError> {
    let variable = |name: &str| std::env::var(name).ok();
    match (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
        (Some(access_key_id), Some(secret_access_key)) => {
            let session_token = variable("AWS_SESSION_TOKEN");
            Ok(Some(Credentials { access_key_id, secret_access_key, session_token }))
        }
        (None, None) => Ok(None),
        _ => Err(UsageError("set both of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither".into())),
    }
}
