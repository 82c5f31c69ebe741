//! `validate`: judges clients.

use std::path::Path;
use std::sync::Arc;

use super::interrupt::to_the_end;
use super::run::{Recorder, is_whole, part};
use super::subject::{How, Subject, subjects};
use super::{Exit, UsageError, load, select};
use crate::adapter::Adapter;
use crate::cli::Validate;
use crate::client::Reference;
use crate::fixture::Fixture;
use crate::results::{Expectations, Record};
use crate::runner::{self, Run};

pub(super) fn run(options: &Validate, cache: Option<&Path>) -> Result<Exit, UsageError> {
    let runtime = tokio::runtime::Runtime::new().map_err(UsageError::new)?;
    runtime.block_on(validate(options, cache))
}

async fn validate(options: &Validate, cache: Option<&Path>) -> Result<Exit, UsageError> {
    let set = load(&options.selection)?;
    let fixtures = select(&set.client, |fixture| &fixture.id, &options.selection)?;
    let fixtures: Vec<_> = part(fixtures, options.run.shard)?.into_iter().map(Arc::new).collect();
    let known = options.run.known_failures.as_deref();
    let subjects = subjects(&options.client, &options.program, known, &set, cache)?;
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
    let client = subject.info().await?;
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
