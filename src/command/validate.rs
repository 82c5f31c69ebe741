//! `validate`: judges clients.

use std::path::Path;
use std::sync::Arc;

use super::interrupt::{self, to_the_end};
use super::known::Lists;
use super::run::{Recorder, part};
use super::subject::{How, Subject, Subjects, subjects};
use super::{Error, Exit, UsageError, load, select};
use crate::adapter::Adapter;
use crate::cli::Validate;
use crate::client::{ClientInfo, Reference};
use crate::fixture::Fixture;
use crate::results::{Expectations, Plan, Record, Role};
use crate::runner::{self, Run};

pub(super) fn run(options: &Validate, cache: Option<&Path>) -> Result<Exit, Error> {
    interrupt::watch()?;
    let runtime = tokio::runtime::Runtime::new().map_err(UsageError::new)?;
    runtime.block_on(validate(options, cache))
}

async fn validate(options: &Validate, cache: Option<&Path>) -> Result<Exit, Error> {
    let set = load(&options.selection)?;
    let fixtures = select(&set.client, |fixture| &fixture.id, &options.selection)?;
    let ids: Vec<_> = fixtures.iter().map(|fixture| fixture.id.clone()).collect();
    let fixtures: Vec<_> = part(fixtures, options.run.shard)?.into_iter().map(Arc::new).collect();
    let planned = ids.iter().map(String::as_str);
    let lists = Lists::new(Role::Client, &set, &options.selection, planned, options.run.strict)?;
    let known = options.run.known_failures.as_deref();
    let start = options.start_timeout;
    let Subjects { ready, unavailable } =
        subjects(&options.client, &options.program, start, known, &lists, cache)?;
    if ready.len() > 1 && options.run.write_known_failures.is_some() {
        return Err(
            UsageError("--write-known-failures takes the failures of one client: name one".into()).into()
        );
    }
    let mut recorder = Recorder::open(&options.run, &options.selection, &options.program, &set.requirements)?;
    unavailable.iter().for_each(|(name, error)| recorder.not_run(name, None, error));
    let mut failed = None;
    let work = async {
        for (number, subject) in (1..).zip(&ready) {
            let more = ready.len() - number;
            if let Err((client, error)) = judge(options, &ids, &fixtures, subject, more, &mut recorder).await
            {
                recorder.not_run(&subject.name, client, &error);
                failed = Some(error);
            }
        }
        Ok(())
    };
    let to_the_end = to_the_end(work).await?;
    match failed {
        // There is no other client whose verdict stands.
        Some(error) if ready.len() == 1 => recorder.give_up(error),
        _ => recorder.conclude(to_the_end),
    }
}

/// Judges a client; on an error, tells who it is if that is known by then.
async fn judge(
    options: &Validate,
    ids: &[String],
    fixtures: &[Arc<Fixture>],
    subject: &Subject,
    more: usize,
    recorder: &mut Recorder<'_>,
) -> Result<(), (Option<ClientInfo>, UsageError)> {
    let mut run_options = runner::Options {
        grace: options.timeout,
        start: options.start_timeout,
        ..runner::Options::default()
    };
    if let Some(jobs) = options.run.jobs {
        run_options.jobs = jobs;
    }
    let client = subject.info().await.map_err(|error| (None, error))?;
    let plan = Plan {
        client: client.clone(),
        fixtures: ids.to_vec(),
        shard: options.run.shard,
        more,
        strict: options.run.strict,
        known: subject.known.clone(),
    };
    recorder.begin(plan, fixtures.len());
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
    .map_err(|error| (Some(client), UsageError::new(error)))
}
