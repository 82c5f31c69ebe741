//! How long a client has for a call, when it is replaced, and what it is told.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use attachset::client::{Call, Client};
use attachset::deadline::Retried;
use attachset::fixture::{Fixture, Set};
use attachset::judge::{Defect, Verdict};
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

fn options(jobs: usize, timeout: Duration) -> Options {
    let jobs = NonZeroUsize::new(jobs).unwrap();
    Options { jobs, timeout, start: Duration::ZERO, ..Options::default() }
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
fn a_client_has_its_timeout_for_each_attempt_and_that_of_the_run() {
    let patient = Fixture { timeout_ms: 20, max_attempts: 3, ..fixture("success/create") };
    let options = Options { retry_factor: 1, ..options(1, Duration::from_millis(5)) };
    let ran = run(vec![patient], options, |_| None);
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
    assert_eq!((ran.calls.len(), ran.runs.first().unwrap().transcript.ends.len()), (2, 1), "run twice");
}

fn babbles(problem: &str, stderr: &str) -> Option<End> {
    Some(Err(Fault::Protocol { problem: problem.into(), stderr: stderr.into() }))
}

#[test]
fn an_adapter_that_breaks_its_protocol_ten_times_alike_ends_the_run() {
    fn alike(call: &Call) -> Option<End> {
        let port = call.endpoint.rsplit(':').next().unwrap_or_default();
        babbles(&format!("its response is \"\\\"{port}\" at {port}"), "")
    }
    let ran = run(plain(12), options(1, Duration::ZERO), alike);
    let error = ran.end.unwrap_err().to_string();
    assert!(
        error.starts_with(
            "no verdict on the client: the first 10 runs all ended with the same error: the adapter "
        ),
        "{error}"
    );
    assert_eq!(ran.runs.len(), 9, "the tenth is told, not judged");
}

/// However few they are, and however it breaks it.
#[test]
fn an_adapter_that_breaks_its_protocol_in_every_fixture_is_a_mistake_in_the_set_up() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    fn in_two_ways(_: &Call) -> Option<End> {
        babbles(if CALLS.fetch_add(1, Ordering::Relaxed) == 1 { "y" } else { "x" }, "")
    }
    for (fixtures, jobs) in [(1, 1), (3, 1), (3, 4), (30, 1)] {
        CALLS.store(0, Ordering::Relaxed);
        let error = run(plain(fixtures), options(jobs, Duration::ZERO), in_two_ways).end.unwrap_err();
        assert!(matches!(error, RunError::Broken { runs, .. } if runs == fixtures), "{error}");
    }
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
fn an_adapter_that_answers_once_is_judged() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    fn then_answers(call: &Call) -> Option<End> {
        if CALLS.fetch_add(1, Ordering::Relaxed) == 8 { refuses(call) } else { babbles("x", "") }
    }
    assert!(run(plain(30), options(1, Duration::ZERO), then_answers).end.is_ok());
}

#[test]
fn a_client_that_cannot_be_started_ends_the_run() {
    let start = || async { Err::<Told, _>("no such program".to_owned()) };
    let fixtures = plain(2).into_iter().map(Arc::new).collect();
    let run = runner::run(fixtures, Options::default(), start, |_| ());
    let error = tokio::runtime::Runtime::new().unwrap().block_on(run).unwrap_err();
    assert_eq!(error.to_string(), "no such program");
}

#[test]
fn a_client_that_panics_fails_with_its_message() {
    fn panics(call: &Call) -> Option<End> {
        if call.id.ends_with('3') { panic!("index {} is out of range", 7) } else { refuses(call) }
    }
    for jobs in [1, 4] {
        let ran = run(numbered(10), options(jobs, Duration::from_secs(60)), panics);
        ran.end.unwrap();
        assert_eq!(ran.runs.len(), 10);
        let failed = ran.runs.iter().filter(|run| {
            run.judgement.mismatches.iter().any(|mismatch| {
                mismatch.defect == Defect::Crash && mismatch.seen == "it panicked: index 7 is out of range"
            })
        });
        let failed: Vec<_> = failed.map(|run| (run.fixture.id.as_str(), run.judgement.verdict)).collect();
        assert_eq!(failed, [("success/3", Verdict::Fail)], "with {jobs} jobs");
    }
}

#[test]
fn a_worker_that_panics_ends_the_run_with_an_error() {
    for jobs in [1, 4] {
        static STARTS: AtomicUsize = AtomicUsize::new(0);
        STARTS.store(0, Ordering::Relaxed);
        let start = || async {
            assert!(STARTS.fetch_add(1, Ordering::Relaxed) < 3, "no file is left to open");
            let ends: fn(&Call) -> Option<End> =
                |_| Some(Err(Fault::Ended { status: "1".into(), stderr: String::new() }));
            Ok(Told { calls: Arc::default(), does: ends })
        };
        let run = runner::run(
            numbered(9).into_iter().map(Arc::new).collect(),
            options(jobs, Duration::from_secs(60)),
            start,
            |_| (),
        );
        let error = tokio::runtime::Runtime::new().unwrap().block_on(run).unwrap_err();
        assert!(matches!(&error, RunError::Lost(message) if message == "no file is left to open"), "{error}");
    }
}

#[test]
fn a_panic_of_whoever_takes_the_runs_is_theirs() {
    let taken = std::panic::catch_unwind(|| {
        let start = || async { Ok(Told { calls: Arc::default(), does: refuses }) };
        let fixtures = numbered(3).into_iter().map(Arc::new).collect();
        let run = runner::run(fixtures, Options::default(), start, |_| panic!("the disk is full"));
        tokio::runtime::Runtime::new().unwrap().block_on(run)
    });
    assert_eq!(*taken.unwrap_err().downcast::<&str>().unwrap(), "the disk is full");
}

/// Fixtures with names of their own.
fn numbered(count: usize) -> Vec<Fixture> {
    let plain = Fixture { timeout_ms: 1, ..fixture("success/create") };
    (0..count).map(|number| Fixture { id: format!("success/{number}"), ..plain.clone() }).collect()
}

fn number(call: &Call) -> usize {
    call.id.rsplit('/').next().unwrap().parse().unwrap()
}

fn retried(ran: &Ran, retried: Retried) -> Vec<&Run> {
    ran.runs.iter().filter(|run| run.retried == Some(retried)).collect()
}

fn notes(run: &Run) -> String {
    run.judgement.notes.join("; ")
}

/// No second run ends by its deadline.
#[test]
fn a_missed_deadline_that_is_met_alone_is_the_machines() {
    static SLOW: AtomicUsize = AtomicUsize::new(0);
    fn slow_at_first(call: &Call) -> Option<End> {
        let is_slow = number(call) == 3 && SLOW.fetch_add(1, Ordering::Relaxed) == 0;
        if is_slow { None } else { refuses(call) }
    }
    let options = Options { retry_factor: 100_000, ..options(1, Duration::ZERO) };
    let ran = run(numbered(6), options, slow_at_first);
    ran.end.as_ref().unwrap();
    assert_eq!(ran.runs.len(), 6);
    for run in retried(&ran, Retried::Met) {
        assert!(run.judgement.mismatches.iter().all(|mismatch| mismatch.defect != Defect::Hang));
        assert!(run.transcript.ends.first().unwrap().is_ok(), "the second run counts");
        assert!(
            notes(run).starts_with("the machine was slow: the deadline of 1 ms was missed"),
            "{}",
            notes(run)
        );
    }
    assert_eq!(retried(&ran, Retried::Met).first().map(|run| &*run.fixture.id), Some("success/3"));
    assert_eq!(ran.calls.last().unwrap().id, "success/3", "tried again when the others were over");
}

/// A timeout of the client's own is no proof either, unless it comes again.
#[test]
fn a_timeout_that_does_not_come_again_is_the_machines() {
    static SLOW: AtomicUsize = AtomicUsize::new(0);
    fn slow_at_first(call: &Call) -> Option<End> {
        let is_slow = number(call) == 3 && SLOW.fetch_add(1, Ordering::Relaxed) == 0;
        if is_slow { Some(Ok(Outcome::error(ErrorKind::Timeout, "read timeout"))) } else { refuses(call) }
    }
    let ran = run(numbered(6), options(1, Duration::from_secs(60)), slow_at_first);
    ran.end.as_ref().unwrap();
    assert_eq!((ran.runs.len(), ran.calls.len()), (6, 7));
    let met = retried(&ran, Retried::Met);
    assert_eq!(met.iter().map(|run| &*run.fixture.id).collect::<Vec<_>>(), ["success/3"]);
    let note = met.first().map(|run| notes(run)).unwrap();
    assert!(note.starts_with("the machine was slow: the client reported a timeout"), "{note}");
}

/// A client that always reports one fails, and is not tried again for ever.
#[test]
fn a_timeout_that_comes_again_is_a_failure() {
    let times_out: fn(&Call) -> Option<End> =
        |_| Some(Ok(Outcome::error(ErrorKind::Timeout, "read timeout")));
    let ran = run(numbered(30), options(1, Duration::from_secs(60)), times_out);
    ran.end.as_ref().unwrap();
    assert_eq!((ran.runs.len(), ran.calls.len()), (30, 35));
    assert!(ran.runs.iter().all(|run| run.judgement.verdict == Verdict::Fail && run.retried.is_none()));
}

#[test]
fn a_hang_is_confirmed_alone() {
    let hangs: fn(&Call) -> Option<End> = |call| if number(call) % 10 == 7 { None } else { refuses(call) };
    let ran = run(numbered(30), options(1, Duration::from_millis(20)), hangs);
    ran.end.as_ref().unwrap();
    assert_eq!((ran.runs.len(), ran.calls.len()), (30, 33));
    let confirmed = retried(&ran, Retried::Confirmed);
    assert_eq!(confirmed.len(), 3);
    for run in confirmed {
        assert_eq!(run.judgement.verdict, Verdict::Fail);
        assert!(notes(run).ends_with("and so was one of 63 ms when the fixture ran alone"), "{}", notes(run));
        assert_eq!(run.judgement.mismatches.first().unwrap().defect, Defect::Hang);
    }
}

#[test]
fn a_client_that_always_hangs_is_given_up_and_passes_nothing() {
    for jobs in [1, 4] {
        let ran = run(numbered(200), options(jobs, Duration::ZERO), |_| None);
        ran.end.as_ref().unwrap();
        assert_eq!(ran.runs.len(), 200, "each fixture has a record");
        // Each worker may have begun another by the time that its last is counted,
        // and one more while that waits to be counted.
        assert!(ran.calls.len() <= 8 + 2 * jobs + 5, "{} calls", ran.calls.len());
        assert_eq!(retried(&ran, Retried::Confirmed).len(), 5);
        let left = retried(&ran, Retried::Left);
        assert_eq!(left.len(), 195);
        for run in left {
            assert_eq!(run.judgement.verdict, Verdict::Error);
            assert!(
                notes(run).starts_with("not judged: 5 fixtures ended without a response, "),
                "{}",
                notes(run)
            );
        }
    }
}

/// A few fixtures may have been selected because the client hangs in them.
#[test]
fn each_hang_of_a_run_of_a_few_fixtures_is_confirmed() {
    for jobs in [1, 4] {
        let ran = run(numbered(16), options(jobs, Duration::ZERO), |_| None);
        ran.end.as_ref().unwrap();
        assert_eq!(retried(&ran, Retried::Confirmed).len(), 16);
        assert!(ran.runs.iter().all(|run| run.judgement.verdict == Verdict::Fail));
    }
}

/// What a client hangs in now and then is tried again, but not without end.
#[test]
fn not_every_hang_is_tried_again() {
    let hangs: fn(&Call) -> Option<End> =
        |call| if number(call).is_multiple_of(2) { None } else { refuses(call) };
    let ran = run(numbered(60), options(1, Duration::ZERO), hangs);
    assert_eq!(ran.runs.len(), 60);
    assert_eq!((retried(&ran, Retried::Confirmed).len(), retried(&ran, Retried::Left).len()), (16, 14));
    assert!(
        ran.runs
            .iter()
            .all(|run| !number_of(run).is_multiple_of(2) || run.judgement.verdict != Verdict::Pass)
    );
}

fn number_of(run: &Run) -> usize {
    run.fixture.id.rsplit('/').next().unwrap().parse().unwrap()
}

/// A client that takes its time to start, connects, and hangs.
struct Starts(Duration);

impl Client for Starts {
    async fn call(&mut self, call: &Call) -> End {
        tokio::time::sleep(self.0).await;
        let _connection = tokio::net::TcpStream::connect(call.endpoint.trim_start_matches("http://")).await;
        std::future::pending().await
    }
}

#[test]
fn the_deadline_of_a_call_begins_when_the_client_connects() {
    let begins = Duration::from_millis(100);
    let deadline = |start, takes| {
        let options = Options { start, retry_factor: 1, ..options(1, Duration::from_millis(4)) };
        let mut runs = Vec::new();
        let start = move || async move { Ok(Starts(takes)) };
        let run = runner::run(
            vec![Fixture { timeout_ms: 1, max_attempts: 1, ..fixture("transport/closed-in-body") }]
                .into_iter()
                .map(Arc::new)
                .collect(),
            options,
            start,
            |run| runs.push(run),
        );
        tokio::runtime::Runtime::new().unwrap().block_on(run).unwrap();
        let run = runs.pop().unwrap();
        (run.transcript.ends.first().unwrap().clone(), run.took)
    };
    let (end, took) = deadline(Duration::from_secs(20), begins);
    assert_eq!(end, Err(Fault::NoAnswer(Duration::from_millis(5))));
    assert!(took >= begins + Duration::from_millis(5), "{took:?}");
    // It does not wait for ever for a client that does not connect.
    let (end, _) = deadline(begins, Duration::from_secs(600));
    assert_eq!(end, Err(Fault::NoAnswer(Duration::from_millis(105))));
}
