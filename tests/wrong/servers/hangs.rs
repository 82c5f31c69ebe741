//! Servers that give no answer, always or now and then, and tasks that are lost.

use std::num::NonZeroUsize;
use std::time::Duration;

use attachset::check::{self, Options, Timer};
use attachset::deadline::Retried;
use attachset::fixture::ServiceFixture;
use attachset::judge::{Defect, Verdict};
use attachset::runner::RunError;
use attachset::serve::Server;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use crate::servers::{RUNTIME, equipped, fixtures, options};

/// A response that may be a refusal, and then gives no id for the next step.
#[test]
fn what_sends_a_value_that_nothing_gave_is_not_passed() {
    let fixture: ServiceFixture = serde_json::from_value(serde_json::json!({
        "title": "a set that may be refused is used",
        "why": "no set is made",
        "level": "must",
        "cites": ["seed.output-set-id"],
        "steps": [
            {
                "send": { "call": { "attachments": [] } },
                "outcome": { "accept": [{ "output": {} }, { "error": {} }] },
                "capture": { "attachmentSetId": "set" },
            },
            {
                "send": { "call": { "attachments": [] } },
                "with": { "attachmentSetId": "set" },
                "outcome": { "accept": [{ "output": {} }] },
            },
        ],
    }))
    .unwrap();
    let service = Server::with(options()).unwrap();
    let mut runs = Vec::new();
    let check =
        check::run(vec![fixture.into()], equipped(&service.url()), Options::default(), |run| runs.push(run));
    RUNTIME.block_on(check).unwrap();
    let judgement = &runs.first().unwrap().judgement;
    assert_eq!(judgement.verdict, Verdict::Unsupported);
    let why = "the responses before this step have no value for set, which it sends";
    assert_eq!(judgement.notes, [why]);
}

/// A server that never answers on its first connections, and is the documented
/// service on all others.
fn silent_at_first(silent: usize) -> String {
    let service = Server::with(options()).unwrap();
    let listener = RUNTIME.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    RUNTIME.spawn(async move {
        let mut kept = Vec::new();
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            if kept.len() < silent {
                kept.push(connection);
                continue;
            }
            let address = service.address();
            tokio::spawn(async move {
                let mut service = TcpStream::connect(address).await.unwrap();
                let _ = copy_bidirectional(&mut connection, &mut service).await;
            });
        }
    });
    format!("http://{address}")
}

fn run(only: &[&str], server: check::Server, options: Options) -> Vec<check::Run> {
    let mut fixtures = fixtures();
    fixtures.retain(|fixture| only.is_empty() || only.contains(&&*fixture.id));
    let planned = fixtures.len();
    let mut runs = Vec::new();
    RUNTIME.block_on(check::run(fixtures, server, options, |run| runs.push(run))).unwrap();
    assert_eq!(runs.len(), planned, "each fixture has a record");
    runs
}

fn hasty(jobs: usize, retry_factor: u32) -> Options {
    let jobs = NonZeroUsize::new(jobs).unwrap();
    Options { jobs, timeout: Duration::from_millis(100), retry_factor, ..Options::default() }
}

#[test]
fn a_missed_deadline_that_is_met_alone_is_the_machines() {
    let runs = run(&["create/returns-a-set"], equipped(&silent_at_first(1)), hasty(1, 1_000));
    let run = runs.first().unwrap();
    assert_eq!((run.judgement.verdict, run.retried), (Verdict::Pass, Some(Retried::Met)));
    let note = run.judgement.notes.concat();
    assert!(note.starts_with("the machine was slow: the deadline of 100 ms was missed"), "{note}");
}

#[test]
fn a_hang_is_confirmed_alone() {
    let runs = run(&["create/returns-a-set"], equipped(&silent_at_first(usize::MAX)), hasty(1, 3));
    let run = runs.first().unwrap();
    assert_eq!((run.judgement.verdict, run.retried), (Verdict::Fail, Some(Retried::Confirmed)));
    assert_eq!(run.judgement.mismatches.first().unwrap().defect, Defect::Hang);
    let note = run.judgement.notes.concat();
    assert!(note.ends_with("and so was one of 300 ms when the fixture ran alone"), "{note}");
}

#[test]
fn a_server_that_always_hangs_is_given_up_and_passes_nothing() {
    for jobs in [1, 4] {
        let runs = run(&[], equipped(&silent_at_first(usize::MAX)), hasty(jobs, 2));
        let retried = |of| runs.iter().filter(|run| run.retried == Some(of)).count();
        assert_eq!(retried(Retried::Confirmed), 5);
        assert!(retried(Retried::Left) + 40 > runs.len(), "{} of {}", retried(Retried::Left), runs.len());
        for run in runs.iter().filter(|run| run.retried == Some(Retried::Left)) {
            assert_eq!(run.judgement.verdict, Verdict::Error);
            assert!(run.judgement.notes.concat().starts_with("not judged: 5 fixtures ended without"));
        }
        assert!(runs.iter().all(|run| run.judgement.verdict != Verdict::Pass));
    }
}

/// A few fixtures may have been selected because the server hangs in them.
#[test]
fn each_hang_of_a_check_of_a_few_fixtures_is_confirmed() {
    let mut hanging = fixtures();
    hanging.retain(|fixture| ["answer", "create"].contains(&fixture.group()) && fixture.needs.is_empty());
    hanging.retain(|fixture| fixture.level == attachset::fixture::Level::Must);
    let ids: Vec<_> = hanging.iter().take(10).map(|fixture| &*fixture.id).collect();
    assert_eq!(ids.len(), 10);
    let runs = run(&ids, equipped(&silent_at_first(usize::MAX)), hasty(4, 2));
    let confirmed = runs.iter().filter(|run| run.retried == Some(Retried::Confirmed));
    assert_eq!(confirmed.count(), 10);
}

#[test]
fn a_clock_that_gives_no_answer_is_asked_again_alone() {
    let service = Server::with(options()).unwrap();
    let clock = Some(silent_at_first(usize::MAX).parse().unwrap());
    let server = check::Server { clock, ..equipped(&service.url()) };
    let options = Options { timeout: Duration::from_secs(1), ..hasty(1, 2) };
    let runs = run(&["expiry/expired-after-an-hour"], server, options);
    let run = runs.first().unwrap();
    assert_eq!((run.judgement.verdict, run.retried), (Verdict::Error, Some(Retried::Confirmed)));
    let notes = run.judgement.notes.join("; ");
    assert!(notes.contains("the clock gave no response after 2000 ms; confirmed: "), "{notes}");
}

#[test]
fn a_fixture_whose_task_panics_ends_the_check_with_an_error() {
    let service = Server::with(options()).unwrap();
    let timer = Timer::new(|_| async { std::panic::panic_any("no timer is left") });
    let server = check::Server { timer: Some(timer), ..check::Server::new(service.url().parse().unwrap()) };
    let expires = |id: &str| id == "expiry/expired-after-an-hour" || id == "create/returns-a-set";
    let fixtures = fixtures().into_iter().filter(|fixture| expires(&fixture.id)).collect();
    let mut runs = 0;
    let end = RUNTIME.block_on(check::run(fixtures, server, Options::default(), |_| runs += 1));
    assert!(matches!(end, Err(RunError::Lost(message)) if message == "no timer is left"));
    assert!(runs <= 1);
}
