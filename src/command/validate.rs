//! `validate`: judges clients.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};

use super::report::Files;
use super::{Exit, UsageError, load, select};
use crate::adapter::{Adapter, Program};
use crate::catalog;
use crate::cli::{Shard, Validate};
use crate::client::{ClientInfo, Reference};
use crate::fixture::{Fixture, Set};
use crate::report::{Report, ndjson, terminal};
use crate::results::{Expectation, KnownFailures, Record};
use crate::runner::{self, Run};

pub(super) fn run(options: &Validate) -> Result<Exit, UsageError> {
    let runtime = tokio::runtime::Runtime::new().map_err(UsageError::new)?;
    runtime.block_on(validate(options))
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

async fn validate(options: &Validate) -> Result<Exit, UsageError> {
    let set = load(&options.selection)?;
    let fixtures = part(select(&set, &options.selection)?, options.shard)?;
    let subjects = subjects(options, &set)?;
    let files = Files::open(&options.reports, None)?;
    let mut results = match &options.results {
        Some(path) => Some(results_file(path)?),
        None => None,
    };
    let mut records = Vec::new();
    for subject in &subjects {
        judge(options, &set, &fixtures, subject, &mut results, &mut records).await?;
    }
    files.write(&Report::new(&records, &set.requirements, &[]))?;
    super::report::conclude(&records)
}

async fn judge(
    options: &Validate,
    set: &Set,
    fixtures: &[Arc<Fixture>],
    subject: &Subject,
    results: &mut Option<ndjson::Writer<BufWriter<File>>>,
    records: &mut Vec<Record>,
) -> Result<(), UsageError> {
    let mut run_options = runner::Options { grace: options.timeout, ..runner::Options::default() };
    if let Some(jobs) = options.jobs {
        run_options.jobs = jobs;
    }
    let info = match &subject.how {
        How::BuiltIn => Reference::info(),
        How::Process(program) => Adapter::start(program.clone())
            .await
            .map_err(|problem| UsageError(with_hint(problem, program)))?
            .info()
            .clone(),
    };
    let progress = progress(&info, fixtures.len());
    let mut failed = None;
    let each = |run: Run| {
        let record = Record::new(&run, &info, &subject.known, options.strict);
        if record.expectation != Expectation::Expected {
            progress.suspend(|| anstream::eprintln!("{}", terminal::failure(&record, &set.requirements)));
        }
        if let Some(Err(error)) = results.as_mut().map(|results| results.write(&record)) {
            failed = Some(error);
        }
        records.push(record);
        progress.inc(1);
    };
    let fixtures = fixtures.to_vec();
    match &subject.how {
        How::BuiltIn => runner::run(fixtures, run_options, || async { Ok(Reference::new()) }, each).await,
        How::Process(program) => {
            let program = program.clone();
            runner::run(fixtures, run_options, move || Adapter::start(program.clone()), each).await
        }
    }
    .map_err(UsageError::new)?;
    progress.finish_and_clear();
    match failed {
        Some(error) => Err(UsageError(format!("--results: {error}"))),
        None => Ok(()),
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

/// Every K-th fixture of N, so that the parts take about as long.
fn part(fixtures: Vec<Fixture>, shard: Option<Shard>) -> Result<Vec<Arc<Fixture>>, UsageError> {
    let Shard { part, of } = shard.unwrap_or(Shard { part: 1, of: 1 });
    let fixtures: Vec<_> = fixtures.into_iter().skip(part - 1).step_by(of).map(Arc::new).collect();
    match fixtures.is_empty() {
        true => Err(UsageError(format!("--shard {part}/{of}: no fixture is left for this part"))),
        false => Ok(fixtures),
    }
}

fn subjects(options: &Validate, set: &Set) -> Result<Vec<Subject>, UsageError> {
    let given = options.known_failures.as_deref().map(|path| known(path, set)).transpose()?;
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
    let folder = catalog::folder().map_err(UsageError::new)?;
    let entries = catalog::all(&folder).map_err(UsageError::new)?;
    let mut subjects = Vec::new();
    for name in &options.client {
        if name == "reference" {
            subjects.push(Subject { how: How::BuiltIn, known: given.clone().unwrap_or_default() });
            continue;
        }
        let chosen: Vec<_> = match name.as_str() {
            "all" => entries.iter().filter(|entry| entry.is_ready()).collect(),
            name => entries.iter().filter(|entry| entry.manifest.name == name).collect(),
        };
        if chosen.is_empty() {
            let problem = if name == "all" { "none is ready yet" } else { "there is no such client" };
            return Err(UsageError(format!("--client {name}: {problem}; see `attachset clients`")));
        }
        for entry in chosen {
            entry.set_up(|step| anstream::eprintln!("{step}")).map_err(UsageError::new)?;
            let own = || entry.known_failures().map(|path| known(&path, set)).transpose();
            let known = given.clone().map_or_else(own, |given| Ok(Some(given)))?.unwrap_or_default();
            subjects.push(Subject { how: How::Process(entry.program().into()), known });
        }
    }
    Ok(subjects)
}

fn known(path: &Path, set: &Set) -> Result<KnownFailures, UsageError> {
    let problem = |error: &dyn std::fmt::Display| UsageError(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| problem(&error))?;
    KnownFailures::parse(&text, set.client.iter().map(|fixture| fixture.id.as_str()))
        .map_err(|error| problem(&error))
}

fn results_file(path: &Path) -> Result<ndjson::Writer<BufWriter<File>>, UsageError> {
    let file =
        File::create(path).map_err(|error| UsageError(format!("--results {}: {error}", path.display())))?;
    ndjson::Writer::new(BufWriter::new(file)).map_err(|error| UsageError(format!("--results: {error}")))
}

fn progress(info: &ClientInfo, fixtures: usize) -> ProgressBar {
    let bar = ProgressBar::new(fixtures as u64);
    // Hidden by itself where standard error is not a terminal.
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} {elapsed}") {
        bar.set_style(style);
    }
    bar.set_message(info.name.clone());
    bar
}
