//! `check`: judges a server.

use std::io::{BufRead as _, IsTerminal as _};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar};

use super::interrupt::{self, to_the_end};
use super::known::Lists;
use super::run::{Recorder, part};
use super::{Error, Exit, UsageError, credentials, load, select};
use crate::check::{self, Server, Timer, new_sets, waits};
use crate::cli::{Check, EndpointKind};
use crate::client::ClientInfo;
use crate::fixture::ServiceFixture;
use crate::results::{Expectations, Plan, Record, Role};
use crate::text::one_line;
use crate::wire::sign::test_credentials;

pub(super) fn run(options: &Check) -> Result<Exit, Error> {
    interrupt::watch()?;
    let set = load(&options.selection)?;
    let mut fixtures = select(&set.service, |fixture| &fixture.id, &options.selection)?;
    if options.endpoint_kind == EndpointKind::Aws {
        fixtures.retain(|fixture| fixture.harmless);
        if fixtures.is_empty() {
            return Err(UsageError(
                "no fixture is left to run: none of these is harmless on the real service".into(),
            )
            .into());
        }
    }
    let ids: Vec<_> = fixtures.iter().map(|fixture| fixture.id.clone()).collect();
    let fixtures: Vec<_> = part(fixtures, options.run.shard)?.into_iter().map(Arc::new).collect();
    if options.wait && waits(fixtures.iter().map(|fixture| &**fixture)).is_none() {
        return Err(UsageError("--wait: none of these fixtures lets time pass".into()).into());
    }
    let planned = ids.iter().map(String::as_str);
    let lists = Lists::new(Role::Service, &set, &options.selection, planned, options.run.strict)?;
    let known = options.run.known_failures.as_deref();
    let known = known.map(|path| lists.given(path)).transpose()?.unwrap_or_default();
    let server = server(options, &fixtures)?;
    let recorder = Recorder::open(&options.run, &options.selection, &[], &set.requirements)?;
    let name = options.name.clone().unwrap_or_else(|| options.url.to_string());
    let plan = Plan {
        client: ClientInfo { name, ..ClientInfo::default() },
        fixtures: ids,
        shard: options.run.shard,
        more: 0,
        strict: options.run.strict,
        known,
    };
    let runtime = tokio::runtime::Runtime::new().map_err(UsageError::new)?;
    runtime.block_on(judge(options, fixtures, server, plan, recorder))
}

async fn judge(
    options: &Check,
    fixtures: Vec<Arc<ServiceFixture>>,
    mut server: Server,
    plan: Plan,
    mut recorder: Recorder<'_>,
) -> Result<Exit, Error> {
    let unreachable =
        |error: std::io::Error| UsageError(format!("{}: {error}; is the server up?", options.url));
    options.url.reach().await.map_err(unreachable)?;
    let wait = waits(fixtures.iter().map(|fixture| &**fixture)).filter(|_| options.wait);
    if let Some(wait) = wait {
        server.timer = Some(Timer::default());
        anstream::eprintln!("This takes {}: time really passes.", HumanDuration(wait));
    } else if server.clock.is_none() && options.endpoint_kind == EndpointKind::Emulator {
        server.find_clock(options.timeout).await;
    }
    let (client, known) = (plan.client.clone(), plan.known.clone());
    recorder.begin(plan, fixtures.len());
    let expectations = Expectations { client: &client, known: &known, strict: options.run.strict };
    let mut run_options = check::Options { timeout: options.timeout, ..check::Options::default() };
    if options.endpoint_kind == EndpointKind::Aws {
        run_options.jobs = NonZeroUsize::MIN;
    }
    if let Some(jobs) = options.run.jobs {
        run_options.jobs = jobs;
    }
    let left = count_down(recorder.progress(), one_line(&client.name).into_owned(), wait);
    let work = async {
        let each = |run| recorder.add(Record::of_server(&run, expectations));
        tokio::select! {
            run = check::run(fixtures, server, run_options, each) => run.map_err(UsageError::new),
            () = left => Ok(()),
        }
    };
    match to_the_end(work).await {
        Ok(to_the_end) => recorder.conclude(to_the_end),
        Err(error) => {
            recorder.not_run(&client.name, Some(client.clone()), &error);
            recorder.give_up(error)
        }
    }
}

/// Shows how long it still takes, for ever.
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
            Err(UsageError("--endpoint-kind aws: AWS_ACCESS_KEY_ID is not set; set it to sign with".into()))
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
        return Err(UsageError("nobody is there to ask whether to go on; give --yes".into()));
    }
    anstream::eprint!("Go on? [y/N] ");
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer).map_err(UsageError::new)?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(UsageError("nothing was sent".into())),
    }
}
