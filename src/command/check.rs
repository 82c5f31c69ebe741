//! `check`: judges a server.

use std::io::{BufRead as _, IsTerminal as _};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar};

use super::run::Recorder;
use super::suite::{NotRun, Suite, judge_each};
use super::{Error, Exit, UsageError, credentials, interrupt, load, runtime, select};
use crate::check::{Options, Server, Timer, new_sets, waits};
use crate::cli::{Check, EndpointKind};
use crate::client::ClientInfo;
use crate::fixture::ServiceFixture;
use crate::results::{KnownFailures, Record, Role};
use crate::text::one_line;
use crate::wire::sign::test_credentials;

pub(super) fn run(options: &Check) -> Result<Exit, Error> {
    interrupt::watch()?;
    let set = load(&options.selection)?;
    let mut selected = select(&set.service, "service/", |fixture| &fixture.id, &options.selection)?;
    if options.endpoint_kind == EndpointKind::Aws {
        selected.retain(|fixture| fixture.harmless);
        if selected.is_empty() {
            return Err(UsageError(
                "no fixture is left to run: none of these is harmless on the real service".into(),
            )
            .into());
        }
    }
    let suite = Suite::new(selected, |fixture| &fixture.id, &options.run)?;
    if options.wait && suite.waits().is_none() {
        return Err(UsageError("--wait: none of the selected fixtures waits".into()).into());
    }
    let lists = suite.lists(Role::Service, &set, &options.selection)?;
    let known = options.run.known_failures.as_deref();
    let known = known.map(|path| lists.given(path)).transpose()?.unwrap_or_default();
    let server = server(options, &suite.fixtures)?;
    let recorder = Recorder::open(&options.run, &options.selection, &[], &set.requirements)?;
    let runtime = runtime(options.run.jobs)?;
    let ended = runtime.block_on(check(options, &suite, server, &known, recorder));
    runtime.shutdown_background();
    ended
}

impl Suite<'_, ServiceFixture> {
    /// How long its longest fixture is waited for where time really passes.
    fn waits(&self) -> Option<Duration> {
        waits(self.fixtures.iter().map(|fixture| &**fixture))
    }
}

async fn check(
    options: &Check,
    suite: &Suite<'_, ServiceFixture>,
    mut server: Server,
    known: &KnownFailures,
    recorder: Recorder<'_>,
) -> Result<Exit, Error> {
    let unreachable =
        |error: std::io::Error| UsageError(format!("{}: {error}; is the server running?", options.url));
    options.url.reach().await.map_err(unreachable)?;
    let wait = suite.waits().filter(|_| options.wait);
    if let Some(wait) = wait {
        server.timer = Some(Timer::default());
        anstream::eprintln!("This takes {}.", HumanDuration(wait));
    } else if server.clock.is_none() && options.endpoint_kind == EndpointKind::Emulator {
        server.find_clock(options.timeout).await;
    }
    let name = options.name.clone().unwrap_or_else(|| options.url.to_string());
    let client = ClientInfo { name, ..ClientInfo::default() };
    let mut run = Options { timeout: options.timeout, ..Options::default() };
    if options.endpoint_kind == EndpointKind::Aws {
        run.jobs = NonZeroUsize::MIN;
    }
    judge_each(&[server], recorder, async |server, more, recorder| {
        suite.begin(&client, known, more, recorder);
        let left = count_down(recorder.progress(), one_line(&client.name).into_owned(), wait);
        let judged = suite.judge(server.clone(), run, &client, known, Record::of_server, recorder);
        let judged = tokio::select! {
            judged = judged => judged,
            () = left => Ok(()),
        };
        judged.map_err(|error| NotRun { name: client.name.clone(), client: Some(client.clone()), error })
    })
    .await
}

/// Shows how long it still takes, forever.
async fn count_down(progress: ProgressBar, name: String, wait: Option<Duration>) {
    let began = Instant::now();
    while let Some(left) = wait.and_then(|wait| wait.checked_sub(began.elapsed())) {
        progress.set_message(format!("{name}, {} left", HumanDuration(left)));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    progress.set_message(name);
    std::future::pending().await
}

fn server(options: &Check, fixtures: &[Arc<ServiceFixture>]) -> Result<Server, UsageError> {
    let own = credentials()?;
    let clock = options.clock.clone();
    let server =
        Server { clock, verifies_signatures: options.signatures, ..Server::new(options.url.clone()) };
    match (options.endpoint_kind, own) {
        (EndpointKind::Emulator, own) => {
            Ok(Server { credentials: own.unwrap_or_else(test_credentials), ..server })
        }
        (EndpointKind::Aws, None) => {
            Err(UsageError("--endpoint-kind aws: AWS_ACCESS_KEY_ID is not set".into()))
        }
        (EndpointKind::Aws, Some(_)) if !options.url.is_secure() => {
            Err(UsageError("--endpoint-kind aws: the URL's scheme must be https".into()))
        }
        (EndpointKind::Aws, Some(credentials)) => {
            let server = Server { credentials, verifies_signatures: true, ..server };
            consent(options, fixtures, &server)?;
            Ok(server)
        }
    }
}

/// Says what a run will do on the real service, and asks.
fn consent(options: &Check, fixtures: &[Arc<ServiceFixture>], server: &Server) -> Result<(), UsageError> {
    let calls: usize = fixtures.iter().map(|fixture| fixture.exchanges().count()).sum();
    anstream::eprintln!(
        "This sends {calls} requests to {}, signed with the access key {}.\n\
         They create up to {} attachment sets, which expire by themselves after an hour.\n\
         No support case is created or changed.",
        options.url,
        server.credentials.access_key_id,
        new_sets(fixtures.iter().map(|fixture| &**fixture)),
    );
    if options.yes {
        return Ok(());
    }
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(UsageError("standard input is not a terminal: confirm with --yes".into()));
    }
    anstream::eprint!("Continue? [y/N] ");
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer).map_err(UsageError::new)?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(UsageError("nothing was sent".into())),
    }
}
