//! What `validate` and `check` share: which fixtures run, and how each client or
//! server is judged by them.

use std::sync::Arc;

use super::interrupt::to_the_end;
use super::known::Lists;
use super::run::Recorder;
use super::{Error, Exit, UsageError};
use crate::cli::{self, Selection};
use crate::client::ClientInfo;
use crate::fixture::Set;
use crate::results::{Expectations, KnownFailures, Plan, Record, Role, Shard};
use crate::run::{self, Options, Subject};

/// The fixtures of a command.
pub(super) struct Suite<'a, F> {
    options: &'a cli::Run,
    /// The ids of all fixtures that are selected, those of other shards too.
    ids: Vec<String>,
    /// The fixtures of this shard.
    pub(super) fixtures: Vec<Arc<F>>,
}

/// Why a client or a server was not judged to the end.
pub(super) struct NotRun {
    /// As the user called it.
    pub(super) name: String,
    /// Who it is, if that is known.
    pub(super) client: Option<ClientInfo>,
    pub(super) error: UsageError,
}

impl<'a, F> Suite<'a, F> {
    /// The part of the selected fixtures that is this shard's.
    pub(super) fn new(
        selected: Vec<F>,
        id: fn(&F) -> &str,
        options: &'a cli::Run,
    ) -> Result<Self, UsageError> {
        let ids = selected.iter().map(|fixture| id(fixture).to_owned()).collect();
        // Every N-th, so that the shards take about as long.
        let Shard { part, of } = options.shard.unwrap_or(Shard::WHOLE);
        let fixtures: Vec<_> = selected.into_iter().skip(part - 1).step_by(of).map(Arc::new).collect();
        match fixtures.is_empty() {
            true => Err(UsageError(format!("--shard {part}/{of}: no fixture is left for this part"))),
            false => Ok(Self { options, ids, fixtures }),
        }
    }

    /// The lists of known failures for these fixtures.
    pub(super) fn lists<'s>(
        &self,
        role: Role,
        set: &'s Set,
        selection: &Selection,
    ) -> Result<Lists<'s>, UsageError> {
        Lists::new(role, set, selection, self.ids.iter().map(String::as_str), self.options.strict)
    }

    /// Begins the run of a client or a server, which `more` others follow.
    pub(super) fn begin(
        &self,
        client: &ClientInfo,
        known: &KnownFailures,
        more: usize,
        recorder: &mut Recorder<'_>,
    ) {
        let plan = Plan {
            client: client.clone(),
            fixtures: self.ids.clone(),
            shard: self.options.shard,
            more,
            strict: self.options.strict,
            search: None,
            known: known.clone(),
        };
        recorder.begin(plan, self.fixtures.len());
    }

    /// Judges a client or a server by the fixtures, and records each run.
    pub(super) async fn judge<S: Subject<Fixture = F> + 'static>(
        &self,
        subject: S,
        options: Options,
        client: &ClientInfo,
        known: &KnownFailures,
        record: fn(&run::Run<F, S::Transcript>, Expectations<'_>) -> Record,
        recorder: &mut Recorder<'_>,
    ) -> Result<(), UsageError> {
        let jobs = self.options.jobs.unwrap_or(options.jobs);
        let expectations = Expectations { client, known, strict: self.options.strict };
        let each = |run| recorder.add(record(&run, expectations));
        run::run(self.fixtures.clone(), subject, Options { jobs, ..options }, each)
            .await
            .map_err(UsageError::new)
    }
}

/// Judges each subject, until a signal comes, and writes the reports. `judge`
/// also gets how many subjects follow.
pub(super) async fn judge_each<S>(
    subjects: &[S],
    mut recorder: Recorder<'_>,
    mut judge: impl AsyncFnMut(&S, usize, &mut Recorder<'_>) -> Result<(), NotRun>,
) -> Result<Exit, Error> {
    let mut failed = None;
    let work = async {
        for (number, subject) in (1..).zip(subjects) {
            let more = subjects.len() - number;
            if let Err(NotRun { name, client, error }) = judge(subject, more, &mut recorder).await {
                recorder.not_run(&name, client, &error);
                failed = Some(error);
            }
        }
    };
    let to_the_end = to_the_end(work).await.is_some();
    match failed {
        // There is no other subject whose verdict stands.
        Some(error) if subjects.len() == 1 => recorder.give_up(error),
        _ => recorder.conclude(to_the_end),
    }
}
