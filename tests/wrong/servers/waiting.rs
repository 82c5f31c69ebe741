//! The hour that is waited for: it passes on the service's clock, which another
//! hand than the check's moves.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use attachset::check::{self, Options, Timer};
use attachset::fixture::{Level, ServiceFixture};
use attachset::judge::Verdict;
use attachset::serve::Server;
use tokio::sync::oneshot;

use crate::servers::{RUNTIME, fixtures};

/// The hand on the service's clock.
struct Hand {
    server: Server,
    /// How many times too slow the service's clock is.
    slow: u32,
    /// How much time it let pass.
    passed: Duration,
    /// Who waits, and until when.
    waiting: Vec<(Duration, oneshot::Sender<()>)>,
    /// When the last one began to wait, or was told that its time is over.
    touched: Instant,
}

impl Hand {
    /// Lets time pass up to where the first of those that wait is to go on,
    /// once all others have come to wait.
    fn turn(&mut self) {
        let Some(next) = self.waiting.iter().map(|(until, _)| *until).min() else { return };
        if self.touched.elapsed() < Duration::from_secs(1) {
            return;
        }
        self.server.clock().advance((next - self.passed) / self.slow);
        (self.passed, self.touched) = (next, Instant::now());
        for (_, over) in self.waiting.extract_if(.., |(until, _)| *until == next) {
            let _ = over.send(());
        }
    }
}

/// Runs fixtures one at a time, while time passes once `others` have run.
fn run(fixtures: Vec<Arc<ServiceFixture>>, others: usize, slow: u32) -> Vec<check::Run> {
    let server = Server::start().unwrap();
    let url = server.url();
    let hand = Hand { server, slow, passed: Duration::ZERO, waiting: Vec::new(), touched: Instant::now() };
    let (hand, ended) = (Arc::new(Mutex::new(hand)), AtomicUsize::new(0));
    let timer = Timer::new({
        let hand = hand.clone();
        move |time| {
            let (over, told) = oneshot::channel();
            let mut hand = hand.lock().unwrap();
            let until = hand.passed + time;
            hand.waiting.push((until, over));
            hand.touched = Instant::now();
            async move { told.await.unwrap() }
        }
    });
    let server = check::Server { timer: Some(timer), ..check::Server::new(url.parse().unwrap()) };
    let options = Options { jobs: NonZeroUsize::MIN, ..Options::default() };
    let mut runs = Vec::new();
    RUNTIME.block_on(async {
        let run = check::run(fixtures, server, options, |run| {
            ended.fetch_add(1, Ordering::Relaxed);
            runs.push(run);
        });
        let turn = async {
            loop {
                tokio::time::sleep(Duration::from_millis(100)).await;
                if ended.load(Ordering::Relaxed) >= others {
                    hand.lock().unwrap().turn();
                }
            }
        };
        tokio::select! {
            ended = run => ended.unwrap(),
            () = turn => {}
        }
    });
    runs
}

#[test]
fn sets_are_made_first_all_else_runs_and_then_their_hour_is_over() {
    let expiry = |fixture: &Arc<ServiceFixture>| fixture.advances();
    let other = |fixture: &Arc<ServiceFixture>| fixture.group() == "append" && fixture.needs.is_empty();
    let mut all = fixtures();
    all.retain(|fixture| expiry(fixture) || other(fixture));
    let too_long = all.iter().filter(|fixture| fixture.passes() > Duration::from_secs(7_200)).count();
    let others = all.iter().filter(|fixture| other(fixture)).count() + too_long;
    let runs = run(all.clone(), others, 1);
    assert_eq!(runs.len(), all.len());
    assert!(
        runs.iter()
            .take(others)
            .all(|run| !expiry(&run.fixture) || run.judgement.verdict == Verdict::Unsupported)
    );
    for check::Run { fixture, judgement, .. } in runs {
        let expected = match fixture.level {
            _ if fixture.passes() > Duration::from_secs(7_200) => Verdict::Unsupported,
            Level::May => Verdict::Observed,
            _ => Verdict::Pass,
        };
        assert_eq!(judgement.verdict, expected, "{}: {judgement:#?}", fixture.id);
    }
}

/// A service on whose clock the hour takes two fails where time really passes,
/// too.
#[test]
fn a_set_that_outlives_its_hour_is_found() {
    let expires = |fixture: &Arc<ServiceFixture>| fixture.id == "expiry/expired-after-an-hour";
    let runs = run(fixtures().into_iter().filter(expires).collect(), 0, 2);
    assert!(matches!(&*runs, [run] if run.judgement.verdict == Verdict::Fail), "{runs:#?}");
}

/// What is interrupted sums up what it has judged, and names what it has not.
#[cfg(unix)]
#[test]
fn an_interrupted_wait_says_what_was_not_judged() {
    use std::process::{Command, Stdio};

    let server = Server::start().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let results = dir.path().join("results");
    let child = Command::new(env!("CARGO_BIN_EXE_attachset"))
        .args(["check", &server.url(), "--wait"])
        .args(["--only", "create/returns-a-set", "--only", "expiry/expired-after-an-hour"])
        .args(["--results".as_ref(), results.as_os_str()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The one set is waited with, and the record of the other fixture is there.
    let is_recorded = || {
        let text = std::fs::read_to_string(&results).unwrap_or_default();
        text.contains("\"fixture\":\"create/returns-a-set\"")
    };
    while server.state().sets.len() < 2 || !is_recorded() {
        std::thread::sleep(Duration::from_millis(20));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.starts_with("This takes 61 minutes.\n"), "{stderr}");
    assert!(stderr.contains("1 planned fixture has no record: "), "{stderr}");
    assert!(stderr.contains("interrupted: "), "{stderr}");
    assert!(stderr.contains("expiry/expired-after-an-hour"), "{stderr}");
    assert!(stdout.ends_with(" passed, 1 failed, 0 skipped\n"), "{stdout}");
}
