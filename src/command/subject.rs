//! Whom `validate` and `fuzz` judge.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::known::Lists;
use super::{SHOWN, UsageError, glob};
use crate::adapter::{Adapter, Program};
use crate::catalog::{self, Entry, STEP_LIMIT};
use crate::client::{ClientInfo, Reference};
use crate::nearest::hint;
use crate::results::KnownFailures;
use crate::text::cut;

/// A client to judge, and which of its failures are known.
pub(super) struct Subject {
    /// What the user called it.
    pub(super) name: String,
    pub(super) how: How,
    pub(super) known: KnownFailures,
}

pub(super) enum How {
    BuiltIn,
    Process(Arc<Program>),
}

/// The clients to judge.
#[derive(Default)]
pub(super) struct Subjects {
    pub(super) ready: Vec<Subject>,
    /// Those of `--client all` that cannot be had here, and why.
    pub(super) unavailable: Vec<(String, UsageError)>,
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
    start: Duration,
    known_failures: Option<&Path>,
    lists: &Lists<'_>,
    cache: Option<&Path>,
) -> Result<Subjects, UsageError> {
    let mut subjects = Subjects::default();
    let given = known_failures.map(|path| lists.given(path)).transpose()?;
    if !program.is_empty() {
        if !clients.is_empty() {
            return Err(UsageError("--client and a command exclude each other: give one of them".into()));
        }
        let name = program.first().cloned().unwrap_or_default();
        let program = Program { command: program.to_vec(), start, ..Program::default() };
        let how = How::Process(program.into());
        subjects.ready.push(Subject { name, how, known: given.unwrap_or_default() });
        return Ok(subjects);
    }
    let reference =
        || Subject { name: REFERENCE.into(), how: How::BuiltIn, known: given.clone().unwrap_or_default() };
    if clients.is_empty() {
        subjects.ready.push(reference());
        return Ok(subjects);
    }
    let folder = catalog::folder(cache).map_err(UsageError::new)?;
    let entries = catalog::all(&folder).map_err(UsageError::new)?;
    let mut seen = HashSet::new();
    for pattern in clients {
        if pattern == REFERENCE {
            subjects.ready.push(reference());
            continue;
        }
        let chosen: Vec<_> = chosen(&entries, pattern)?
            .into_iter()
            .filter(|entry| seen.insert(&entry.manifest.name))
            .collect();
        if pattern == ALL {
            announce(&chosen);
        }
        for entry in chosen {
            let name = entry.manifest.name.clone();
            match entry.set_up(STEP_LIMIT, |step| anstream::eprintln!("{step}")).map_err(UsageError::new) {
                Ok(()) => {}
                // Of all there are, some are not for every machine.
                Err(error) if pattern == ALL => {
                    anstream::eprintln!("note: {name}: {error}");
                    subjects.unavailable.push((name, error));
                    continue;
                }
                Err(error) => return Err(error),
            }
            let own = || entry.known_failures().map(|path| lists.own(&path)).transpose();
            let known = given.clone().map_or_else(own, |given| Ok(Some(given)))?.unwrap_or_default();
            let how = How::Process(Program { start, ..entry.program() }.into());
            subjects.ready.push(Subject { name, how, known });
        }
    }
    match (subjects.ready.as_slice(), subjects.unavailable.as_slice()) {
        ([], [(name, error), ..]) => {
            Err(UsageError(format!("no client can be set up here; {name}: {error}")))
        }
        _ => Ok(subjects),
    }
}

/// The built-in client.
const REFERENCE: &str = "reference";
/// Every client of the catalog.
const ALL: &str = "all";

/// Says what a run of all clients will take.
fn announce(entries: &[&Entry]) {
    let new: Vec<_> =
        entries.iter().filter(|entry| !entry.is_ready()).map(|entry| entry.manifest.name.as_str()).collect();
    if !new.is_empty() {
        anstream::eprintln!(
            "{} of {} clients are to be set up first, which takes minutes: {}",
            new.len(),
            entries.len(),
            new.join(", ")
        );
    }
}

/// The adapters that `--client` names.
fn chosen<'a>(entries: &'a [Entry], pattern: &str) -> Result<Vec<&'a Entry>, UsageError> {
    if pattern == ALL {
        return Ok(entries.iter().collect());
    }
    let glob = glob("client", pattern)?;
    let named: Vec<_> = entries.iter().filter(|entry| glob.matches(&entry.manifest.name)).collect();
    if named.is_empty() { Err(no_client(entries, pattern)) } else { Ok(named) }
}

/// The mistake of naming a client that there is not.
pub(super) fn no_client(entries: &[Entry], name: &str) -> UsageError {
    let names = entries.iter().map(|entry| entry.manifest.name.as_str());
    let hint = hint(name, names.chain(["all", "reference"]));
    let name = cut(name, SHOWN);
    UsageError(format!("--client {name}: there is no such client{hint}; see `attachset clients`"))
}
