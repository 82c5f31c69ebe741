//! Whom `validate` and `fuzz` judge.

use std::collections::{BTreeMap, HashSet};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
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
            return Err(UsageError("--client and a command cannot be combined".into()));
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
    let mut named = Vec::new();
    for pattern in clients {
        if pattern == REFERENCE {
            subjects.ready.push(reference());
            continue;
        }
        let new = chosen(&entries, pattern)?.into_iter().filter(|entry| seen.insert(&entry.manifest.name));
        named.extend(new.map(|entry| (entry, pattern == ALL)));
    }
    announce(&named);
    for ((entry, _), unavailable) in named.iter().zip(set_up(&named)?) {
        let name = entry.manifest.name.clone();
        if let Some(error) = unavailable {
            anstream::eprintln!("note: {name}: {error}");
            subjects.unavailable.push((name, error));
            continue;
        }
        let own = || entry.known_failures().map(|path| lists.own(&path)).transpose();
        let known = given.clone().map_or_else(own, |given| Ok(Some(given)))?.unwrap_or_default();
        let how = How::Process(Program { start, ..entry.program() }.into());
        subjects.ready.push(Subject { name, how, known });
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

/// An entry, and whether it was named by `all` alone.
type Named<'a> = (&'a Entry, bool);

/// Says what the set-up will take, where there is more than one to set up.
fn announce(named: &[Named<'_>]) {
    let new: Vec<_> = named
        .iter()
        .filter(|(entry, _)| !entry.is_ready())
        .map(|(entry, _)| entry.manifest.name.as_str())
        .collect();
    if new.len() > 1 {
        anstream::eprintln!(
            "setting up {} of {} clients first, which takes minutes: {}",
            new.len(),
            named.len(),
            new.join(", ")
        );
    }
}

/// Sets the clients up, as many at a time as there are processors: most of a
/// set-up waits for a registry or runs on one processor. Clients of one
/// language take turns, for Maven's repository has no lock. Gives, in the order
/// of the clients, why one cannot be had here: of all there are, some are not
/// for every machine.
///
/// # Errors
/// Why a client that was named cannot be had; no other set-up begins then.
fn set_up(named: &[Named<'_>]) -> Result<Vec<Option<UsageError>>, UsageError> {
    let mut languages: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    let unavailable: Vec<_> = named.iter().map(|_| OnceLock::new()).collect();
    for ((entry, is_one_of_all), slot) in named.iter().zip(&unavailable) {
        languages.entry(&entry.manifest.language).or_default().push((entry, *is_one_of_all, slot));
    }
    let (waiting, fatal) = (Mutex::new(languages.into_values()), OnceLock::new());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        for (entry, is_one_of_all, slot) in std::iter::from_fn(next).flatten() {
            if fatal.get().is_some() {
                return;
            }
            if let Err(error) = entry.set_up(STEP_LIMIT, |step| anstream::eprintln!("{step}")) {
                let slot = if is_one_of_all { slot } else { &fatal };
                let _ = slot.set(UsageError::new(error));
            }
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, NonZeroUsize::get).min(named.len());
    std::thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));
    drop(waiting);
    match fatal.into_inner() {
        Some(error) => Err(error),
        None => Ok(unavailable.into_iter().map(OnceLock::into_inner).collect()),
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
