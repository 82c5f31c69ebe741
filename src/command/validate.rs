//! `validate`: judges clients.

use std::path::Path;

use super::run::Recorder;
use super::subject::{How, Subject, Subjects, subjects};
use super::suite::{NotRun, Suite, judge_each};
use super::{Error, Exit, UsageError, interrupt, load, select};
use crate::adapter::Adapter;
use crate::cli::Validate;
use crate::client::Reference;
use crate::fixture::Fixture;
use crate::results::{Record, Role};
use crate::runner::{Clients, Options};

pub(super) fn run(options: &Validate, cache: Option<&Path>) -> Result<Exit, Error> {
    interrupt::watch()?;
    let runtime = tokio::runtime::Runtime::new().map_err(UsageError::new)?;
    runtime.block_on(validate(options, cache))
}

async fn validate(options: &Validate, cache: Option<&Path>) -> Result<Exit, Error> {
    let set = load(&options.selection)?;
    let selected = select(&set.client, "client/", |fixture| &fixture.id, &options.selection)?;
    let suite = Suite::new(selected, |fixture| &fixture.id, &options.run)?;
    let lists = suite.lists(Role::Client, &set, &options.selection)?;
    let known = options.run.known_failures.as_deref();
    let start = options.start_timeout;
    let Subjects { ready, unavailable } =
        subjects(&options.client, &options.program, start, known, &lists, cache)?;
    if ready.len() > 1 && options.run.write_known_failures.is_some() {
        return Err(UsageError("--write-known-failures needs exactly one client".into()).into());
    }
    let mut recorder = Recorder::open(&options.run, &options.selection, &options.program, &set.requirements)?;
    unavailable.iter().for_each(|(name, error)| recorder.not_run(name, None, error));
    let run = Options { timeout: options.timeout, start, ..Options::default() };
    judge_each(&ready, recorder, async |subject, more, recorder| {
        judge(&suite, subject, run, more, recorder).await
    })
    .await
}

async fn judge(
    suite: &Suite<'_, Fixture>,
    subject: &Subject,
    options: Options,
    more: usize,
    recorder: &mut Recorder<'_>,
) -> Result<(), NotRun> {
    let not_run = |client, error| NotRun { name: subject.name.clone(), client, error };
    let client = subject.info().await.map_err(|error| not_run(None, error))?;
    let known = &subject.known;
    suite.begin(&client, known, more, recorder);
    match &subject.how {
        How::BuiltIn => {
            let clients = Clients::new(|| async { Ok(Reference::new()) });
            suite.judge(clients, options, &client, known, Record::of_client, recorder).await
        }
        How::Process(program) => {
            let program = program.clone();
            let clients = Clients::new(move || Adapter::start(program.clone()));
            suite.judge(clients, options, &client, known, Record::of_client, recorder).await
        }
    }
    .map_err(|error| not_run(Some(client), error))
}
