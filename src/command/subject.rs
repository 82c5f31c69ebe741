//! Whom `validate` and `fuzz` judge.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::UsageError;
use super::run::known;
use crate::adapter::{Adapter, Program};
use crate::catalog::{self, Entry, STEP_LIMIT};
use crate::client::{ClientInfo, Reference};
use crate::fixture::Set;
use crate::results::KnownFailures;

/// A client to judge, and which of its failures are known.
pub(super) struct Subject {
    pub(super) how: How,
    pub(super) known: KnownFailures,
}

pub(super) enum How {
    BuiltIn,
    Process(Arc<Program>),
}

impl Subject {
    /// Who it is, by what it says of itself.
    pub(super) async fn info(&self) -> Result<ClientInfo, UsageError> {
        Ok(match &self.how {
            How::BuiltIn => Reference::info(),
            How::Process(program) => Adapter::start(program.clone())
                .await
                .map_err(|problem| UsageError(with_hint(problem, program)))?
                .info()
                .clone(),
        })
    }
}

/// What to do about an adapter of ours that does not start.
fn with_hint(problem: String, program: &Program) -> String {
    match &program.dir {
        Some(dir) => {
            let installed = dir.join("installed");
            format!("{problem}; if its set-up is broken, delete {} and run again", installed.display())
        }
        None => problem,
    }
}

/// The clients that are named, or the one that a command starts; alone, the
/// reference client.
pub(super) fn subjects(
    clients: &[String],
    program: &[String],
    known_failures: Option<&Path>,
    set: &Set,
    cache: Option<&Path>,
) -> Result<Vec<Subject>, UsageError> {
    let given = known_failures.map(|path| known(path, ids(set), &set.requirements)).transpose()?;
    if !program.is_empty() {
        if !clients.is_empty() {
            return Err(UsageError("--client and a command exclude each other: give one of them".into()));
        }
        let program = Program { command: program.to_vec(), ..Program::default() };
        return Ok(vec![Subject { how: How::Process(program.into()), known: given.unwrap_or_default() }]);
    }
    if clients.is_empty() {
        return Ok(vec![Subject { how: How::BuiltIn, known: given.unwrap_or_default() }]);
    }
    let folder = catalog::folder(cache).map_err(UsageError::new)?;
    let entries = catalog::all(&folder).map_err(UsageError::new)?;
    let mut subjects = Vec::new();
    let mut seen = HashSet::new();
    for name in clients {
        if name == "reference" {
            subjects.push(Subject { how: How::BuiltIn, known: given.clone().unwrap_or_default() });
            continue;
        }
        for entry in chosen(&entries, name)? {
            if !seen.insert(&entry.manifest.name) {
                continue;
            }
            entry.set_up(STEP_LIMIT, |step| anstream::eprintln!("{step}")).map_err(UsageError::new)?;
            let own =
                || entry.known_failures().map(|path| known(&path, ids(set), &set.requirements)).transpose();
            let known = given.clone().map_or_else(own, |given| Ok(Some(given)))?.unwrap_or_default();
            subjects.push(Subject { how: How::Process(entry.program().into()), known });
        }
    }
    Ok(subjects)
}

/// The adapters that `--client` names.
fn chosen<'a>(entries: &'a [Entry], pattern: &str) -> Result<Vec<&'a Entry>, UsageError> {
    let problem = |what: &str| UsageError(format!("--client {pattern}: {what}; see `attachset clients`"));
    if pattern == "all" {
        let ready: Vec<_> = entries.iter().filter(|entry| entry.is_ready()).collect();
        return if ready.is_empty() { Err(problem("none is ready yet")) } else { Ok(ready) };
    }
    let glob = globset::Glob::new(pattern)
        .map_err(|error| UsageError(format!("--client {pattern}: {error}")))?
        .compile_matcher();
    let named: Vec<_> = entries.iter().filter(|entry| glob.is_match(&entry.manifest.name)).collect();
    if named.is_empty() { Err(problem("there is no such client")) } else { Ok(named) }
}

fn ids(set: &Set) -> impl Iterator<Item = &str> + Clone {
    set.client.iter().map(|fixture| fixture.id.as_str())
}
