//! How long a client has for a call, when it is replaced, and what it is told.

#![cfg(feature = "harness")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use attachset::client::{Call, Client};
use attachset::fixture::{Fixture, Set};
use attachset::runner::{self, Options, Run, RunError};
use attachset::transcript::{End, Fault};
use attachset::wire::outcome::{ErrorKind, Outcome};

/// A client that does with each call what it is told, and says which came.
#[derive(Clone)]
struct Told {
    calls: Arc<Mutex<Vec<Call>>>,
    does: fn(&Call) -> Option<End>,
}

impl Client for Told {
    async fn call(&mut self, call: &Call) -> End {
        self.calls.lock().unwrap().push(call.clone());
        match (self.does)(call) {
            Some(end) => end,
            None => std::future::pending().await,
        }
    }
}

fn refuses(_: &Call) -> Option<End> {
    Some(Ok(Outcome::error(ErrorKind::Client, "no")))
}

fn options(jobs: usize, grace: Duration) -> Options {
    Options { jobs: NonZeroUsize::new(jobs).unwrap(), grace }
}

/// What came of a run: each end, each call, and how many clients were started.
fn run(fixtures: Vec<Fixture>, options: Options, does: fn(&Call) -> Option<End>) -> Ran {
    let client = Told { calls: Arc::default(), does };
    let calls = client.calls.clone();
    let started = Arc::new(AtomicUsize::new(0));
    let count = started.clone();
    let start = move || {
        count.fetch_add(1, Ordering::Relaxed);
        let client = client.clone();
        async move { Ok(client) }
    };
    let mut runs = Vec::new();
    let fixtures = fixtures.into_iter().map(Arc::new).collect();
    let end = runner::run(fixtures, options, start, |run| runs.push(run));
    let end = tokio::runtime::Runtime::new().unwrap().block_on(end);
    let calls = std::mem::take(&mut *calls.lock().unwrap());
    Ran { end, runs, calls, started: started.load(Ordering::Relaxed) }
}

struct Ran {
    end: Result<(), RunError>,
    runs: Vec<Run>,
    calls: Vec<Call>,
    started: usize,
}

fn fixture(id: &str) -> Fixture {
    Set::embedded().unwrap().client.into_iter().find(|fixture| fixture.id == id).unwrap()
}

/// The plainest fixture, a number of times.
fn plain(times: usize) -> Vec<Fixture> {
    vec![fixture("success/create"); times]
}

#[test]
fn a_client_has_its_time_out_for_each_attempt_and_the_grace() {
    let patient = Fixture { timeout_ms: 20, max_attempts: 3, ..fixture("success/create") };
    let ran = run(vec![patient], options(1, Duration::from_millis(5)), |_| None);
    let end = ran.runs.first().unwrap().transcript.ends.first().unwrap();
    assert_eq!(*end, Err(Fault::NoAnswer(Duration::from_millis(65))));
    assert!(ran.runs.first().unwrap().took >= Duration::from_millis(65));
}

#[test]
fn a_client_is_kept_as_long_as_it_answers() {
    assert_eq!(run(plain(5), options(1, Duration::ZERO), refuses).started, 1);
    let dies: fn(&Call) -> Option<End> =
        |_| Some(Err(Fault::Ended { status: "1".into(), stderr: String::new() }));
    assert_eq!(run(plain(5), options(1, Duration::ZERO), dies).started, 5);
}

#[test]
fn each_job_has_a_client_and_no_more_jobs_than_fixtures_start() {
    let ran = run(plain(2), options(8, Duration::ZERO), refuses);
    assert!((1..=2).contains(&ran.started), "{}", ran.started);
    assert_eq!((ran.runs.len(), ran.calls.len()), (2, 2));
    assert!(run(Vec::new(), options(8, Duration::ZERO), refuses).runs.is_empty());
    let processors = std::thread::available_parallelism().unwrap().get();
    assert_eq!(Options::default().jobs.get(), 2 * processors);
}

#[test]
fn short_time_outs_come_first() {
    let with = |timeout_ms| Fixture { timeout_ms, ..fixture("success/create") };
    let ran = run(vec![with(3_000), with(1_000), with(2_000)], options(1, Duration::ZERO), refuses);
    let times: Vec<_> = ran.calls.iter().map(|call| call.timeout.as_secs()).collect();
    assert_eq!(times, [1, 2, 3]);
}

#[test]
fn a_call_says_what_the_fixture_says() {
    let with_token = Fixture {
        session_token: true,
        endpoint_path: "/custom".into(),
        max_attempts: 7,
        ..fixture("success/create")
    };
    let mut two = fixture("success/create");
    two.steps = vec![two.steps.first().unwrap().clone(); 2];
    let ran = run(vec![with_token.clone(), two], options(1, Duration::ZERO), refuses);
    let [first, second, third] = ran.calls.as_slice() else { unreachable!() };
    assert!(first.endpoint.starts_with("http://127.0.0.1:") && first.endpoint.ends_with("/custom"));
    assert_eq!((first.id.as_str(), first.region.as_str()), ("success/create", "us-east-1"));
    assert_eq!((first.max_attempts, &first.needs), (7, &with_token.needs));
    assert_eq!(first.input, with_token.steps.first().unwrap().call.input());
    assert!(first.credentials.session_token.is_some() && second.credentials.session_token.is_none());
    assert_eq!((second.id.as_str(), third.id.as_str()), ("success/create", "success/create#2"));
}

/// After a call without an answer no more are made of that fixture.
#[test]
fn a_fixture_ends_with_a_client_that_does_not_answer() {
    let mut two = fixture("success/create");
    two.timeout_ms = 1;
    two.steps = vec![two.steps.first().unwrap().clone(); 2];
    let ran = run(vec![two], options(1, Duration::ZERO), |_| None);
    assert_eq!((ran.calls.len(), ran.runs.first().unwrap().transcript.ends.len()), (1, 1));
}

fn babbles(problem: &str, stderr: &str) -> Option<End> {
    Some(Err(Fault::Protocol { problem: problem.into(), stderr: stderr.into() }))
}

#[test]
fn an_adapter_that_breaks_its_protocol_ten_times_alike_ends_the_run() {
    fn alike(call: &Call) -> Option<End> {
        let port = call.endpoint.rsplit(':').next().unwrap_or_default();
        babbles(&format!("its answer is \"\\\"{port}\" at {port}"), "")
    }
    assert!(run(plain(9), options(1, Duration::ZERO), alike).end.is_ok());
    let ran = run(plain(12), options(1, Duration::ZERO), alike);
    let error = ran.end.unwrap_err().to_string();
    assert!(error.starts_with("the first 10 runs ended alike, and say nothing of the client: "), "{error}");
    assert_eq!(ran.runs.len(), 9, "the tenth is told, not judged");
}

/// Of ten alike the one is told that says most.
#[test]
fn what_a_broken_adapter_writes_is_told() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    fn once(_: &Call) -> Option<End> {
        babbles("x", if CALLS.fetch_add(1, Ordering::Relaxed) == 4 { "no such module" } else { " \n" })
    }
    let error = run(plain(10), options(1, Duration::ZERO), once).end.unwrap_err().to_string();
    assert!(error.ends_with("x; it wrote: no such module"), "{error}");
}

#[test]
fn an_adapter_that_answers_once_or_breaks_in_two_ways_is_judged() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    fn then_answers(call: &Call) -> Option<End> {
        if CALLS.fetch_add(1, Ordering::Relaxed) == 8 { refuses(call) } else { babbles("x", "") }
    }
    assert!(run(plain(30), options(1, Duration::ZERO), then_answers).end.is_ok());
    static OTHERS: AtomicUsize = AtomicUsize::new(0);
    fn in_two_ways(_: &Call) -> Option<End> {
        babbles(if OTHERS.fetch_add(1, Ordering::Relaxed) == 8 { "y" } else { "x" }, "")
    }
    assert!(run(plain(30), options(1, Duration::ZERO), in_two_ways).end.is_ok());
}

#[test]
fn a_client_that_cannot_be_started_ends_the_run() {
    let start = || async { Err::<Told, _>("no such program".to_owned()) };
    let fixtures = plain(2).into_iter().map(Arc::new).collect();
    let run = runner::run(fixtures, Options::default(), start, |_| ());
    let error = tokio::runtime::Runtime::new().unwrap().block_on(run).unwrap_err();
    assert_eq!(error.to_string(), "no such program");
}
