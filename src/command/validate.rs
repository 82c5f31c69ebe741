//! `validate`: judges clients.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::run::{Recorder, is_whole, known, part, to_the_end};
use super::{Exit, UsageError, load, select};
use crate::adapter::{Adapter, Program};
use crate::catalog::{self, Entry, STEP_LIMIT};
use crate::cli::Validate;
use crate::client::Reference;
use crate::fixture::{Fixture, Set};
use crate::results::{Expectations, KnownFailures, Record};
use crate::runner::{self, Run};

pub(super) fn run(options: &Validate, cache: Option<&Path>) -> Result<Exit, UsageError> {
    let runtime = tokio::runtime::Runtime::new().map_err(UsageError::new)?;
    runtime.block_on(validate(options, cache))
}

/// A client to judge, and which of its failures are known.
struct Subject {
    how: How,
    known: KnownFailures,
}

enum How {
    BuiltIn,
    Process(Arc<Program>),
}

async fn validate(options: &Validate, cache: Option<&Path>) -> Result<Exit, UsageError> {
    let set = load(&options.selection)?;
    let fixtures = select(&set.client, |fixture| &fixture.id, &options.selection)?;
    let fixtures: Vec<_> = part(fixtures, options.run.shard)?.into_iter().map(Arc::new).collect();
    let subjects = subjects(options, &set, cache)?;
    if subjects.len() > 1 && options.run.write_known_failures.is_some() {
        return Err(UsageError("--write-known-failures takes the failures of one client: name one".into()));
    }
    let mut recorder = Recorder::open(
        &options.run,
        &options.selection,
        &options.program,
        &set.requirements,
        fixtures.len() * subjects.len(),
    )?;
    let work = async {
        for subject in &subjects {
            judge(options, &fixtures, subject, &mut recorder).await?;
        }
        Ok(())
    };
    let to_the_end = to_the_end(work).await?;
    recorder.conclude(to_the_end)
}

async fn judge(
    options: &Validate,
    fixtures: &[Arc<Fixture>],
    subject: &Subject,
    recorder: &mut Recorder<'_>,
) -> Result<(), UsageError> {
    let mut run_options = runner::Options { grace: options.timeout, ..runner::Options::default() };
    if let Some(jobs) = options.run.jobs {
        run_options.jobs = jobs;
    }
    let client = match &subject.how {
        How::BuiltIn => Reference::info(),
        How::Process(program) => Adapter::start(program.clone())
            .await
            .map_err(|problem| UsageError(with_hint(problem, program)))?
            .info()
            .clone(),
    };
    recorder.begin(&client.name, fixtures.len());
    let expectations = Expectations { client: &client, known: &subject.known, strict: options.run.strict };
    let each = |run: Run| recorder.add(Record::of_client(&run, expectations));
    let fixtures = fixtures.to_vec();
    match &subject.how {
        How::BuiltIn => runner::run(fixtures, run_options, || async { Ok(Reference::new()) }, each).await,
        How::Process(program) => {
            let program = program.clone();
            runner::run(fixtures, run_options, move || Adapter::start(program.clone()), each).await
        }
    }
    .map_err(UsageError::new)?;
    if is_whole(&options.run, &options.selection) {
        recorder.end(&subject.known);
    }
    Ok(())
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

fn subjects(options: &Validate, set: &Set, cache: Option<&Path>) -> Result<Vec<Subject>, UsageError> {
    let given = options
        .run
        .known_failures
        .as_deref()
        .map(|path| known(path, ids(set), &set.requirements))
        .transpose()?;
    if !options.program.is_empty() {
        if !options.client.is_empty() {
            return Err(UsageError("--client and a command exclude each other: give one of them".into()));
        }
        let program = Program { command: options.program.clone(), ..Program::default() };
        return Ok(vec![Subject { how: How::Process(program.into()), known: given.unwrap_or_default() }]);
    }
    if options.client.is_empty() {
        return Ok(vec![Subject { how: How::BuiltIn, known: given.unwrap_or_default() }]);
    }
    let folder = catalog::folder(cache).map_err(UsageError::new)?;
    let entries = catalog::all(&folder).map_err(UsageError::new)?;
    let mut subjects = Vec::new();
    let mut seen = HashSet::new();
    for name in &options.client {
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
