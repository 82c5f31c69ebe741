//! `validate`: judges clients.

use std::sync::Arc;

use super::run::{Recorder, part};
use super::subject::{How, Subject, subjects};
use super::{Exit, UsageError, load, select};
use crate::adapter::Adapter;
use crate::cli::Validate;
use crate::client::Reference;
use crate::fixture::Fixture;
use crate::results::{Expectations, Record};
use crate::runner::{self, Run};

pub(super) fn run(options: &Validate) -> Result<Exit, UsageError> {
    let runtime = tokio::runtime::Runtime::new().map_err(UsageError::new)?;
    runtime.block_on(validate(options))
}

async fn validate(options: &Validate) -> Result<Exit, UsageError> {
    let set = load(&options.selection)?;
    let fixtures = select(&set.client, |fixture| &fixture.id, &options.selection)?;
    let fixtures: Vec<_> = part(fixtures, options.run.shard)?.into_iter().map(Arc::new).collect();
    let subjects = subjects(&options.client, &options.program, options.run.known_failures.as_deref(), &set)?;
    let mut recorder = Recorder::open(&options.run, &set.requirements)?;
    for subject in &subjects {
        judge(options, &fixtures, subject, &mut recorder).await?;
    }
    recorder.conclude()
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
    .map_err(UsageError::new)
}
