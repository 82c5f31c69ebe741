//! What searching finds of the wrong services, and that it finds nothing else.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::num::NonZeroUsize;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use attachset::campaign::server::{self, Options};
use attachset::campaign::{Event, Gone, Summary};
use attachset::check::{self, Contact};
use attachset::draw::service::{Drawn, Sequence};
use attachset::judge::{Defect, FindingId, Verdict};
use attachset::serve::{self, Server};

use crate::servers::mutants::{CONTROL, MUTANTS, Mutant};
use crate::servers::{RUNTIME, equipped, options, proxy};

/// Wrong services of each sort, found in the draws that `cargo test` has time
/// for.
const SAMPLE: &[&str] = &[
    "an output has no expiryTime",
    "a set takes no additions",
    "an unknown id is a validation error",
    "no limit on count",
    "a dry run ends well",
    "sets never expire",
    "null is a value",
    "what cannot be read is an empty call",
    "the method is not looked at",
    "attachments come back without their name",
];

pub(crate) fn fuzz(cases: u64, jobs: usize) -> Options {
    let jobs = NonZeroUsize::new(jobs).unwrap();
    Options { seed: 1, cases, time: Duration::MAX, jobs, timeout: Duration::from_secs(10) }
}

/// A mutant on a port of its own.
fn start(mutant: &'static Mutant) -> String {
    proxy::start(mutant, Server::with(serve::Options { service: (mutant.service)(), ..options() }).unwrap())
}

/// What a search comes to, and what it finds.
fn search(url: &str, options: &Options) -> (Summary, Vec<(FindingId, Drawn)>) {
    let mut found = Vec::new();
    let each = |event: Event<'_, Sequence>| {
        if let Event::Found(id, _, drawn) = event {
            found.push((id.clone(), drawn));
        }
    };
    let summary = RUNTIME.block_on(server::run(options, equipped(url), Arc::default(), each)).unwrap();
    (summary, found)
}

/// The first finding.
fn first(mutant: &'static Mutant, cases: u64) -> Option<FindingId> {
    let stop = Arc::new(AtomicBool::new(false));
    let mut found = None;
    let set = stop.clone();
    let each = |event: Event<'_, Sequence>| {
        if let Event::Found(id, ..) = event {
            found.get_or_insert(id.clone());
            set.store(true, Ordering::Relaxed);
        }
    };
    RUNTIME.block_on(server::run(&fuzz(cases, 4), equipped(&start(mutant)), stop, each)).unwrap();
    found
}

fn named(mistake: &str) -> &'static Mutant {
    MUTANTS
        .iter()
        .find(|mutant| mutant.mistake == mistake)
        .unwrap_or_else(|| panic!("there is no mutant {mistake:?}"))
}

#[test]
fn searching_finds_nothing_wrong_with_the_documented_service() {
    let documented = Server::with(options()).unwrap();
    for url in [documented.url(), start(&CONTROL)] {
        let (summary, found) = search(&url, &fuzz(200, 4));
        assert!(found.is_empty() && summary.unconfirmed.is_empty(), "{summary:?}, {found:#?}");
        assert_eq!(summary.cases, 200);
    }
}

/// What the documents leave open fails nothing.
#[test]
fn no_choice_of_a_service_is_a_finding() {
    use attachset::service::{Options, RateLimit, UsedSet};
    let limit = |most| Some(RateLimit { most, per: Duration::from_secs(1) });
    for service in [
        Options { rate_limit: limit(3), describe_limit: limit(1), ..Options::default() },
        Options { max_open_cases: Some(1), used_set: UsedSet::Ends, ..Options::default() },
        Options { max_attachment_bytes: 5_000_000, ..Options::default() },
    ] {
        let server = Server::with(serve::Options { service: service.clone(), ..options() }).unwrap();
        let (summary, found) = search(&server.url(), &fuzz(150, 4));
        // A hang that another try does not show is the machine's.
        let is_hang = |id: &FindingId| id.defect == Defect::Hang;
        assert!(
            found.is_empty() && summary.unconfirmed.keys().all(is_hang),
            "{service:?}: {summary:?}, {found:#?}"
        );
    }
}

#[test]
fn what_is_found_does_not_depend_on_how_many_run_at_once() {
    for mistake in ["a set takes no additions", "null is a value"] {
        let [one, four] = [1, 4].map(|jobs| {
            let (summary, found) = search(&start(named(mistake)), &fuzz(150, jobs));
            let fixture = |(id, drawn): (FindingId, Drawn)| (id, drawn.fixture);
            (summary, found.into_iter().map(fixture).collect::<Vec<_>>())
        });
        // What another try does not show is the machine's, and may stand in the place
        // of what it hides.
        let is_slow = |(summary, _): &(Summary, _)| !summary.unconfirmed.is_empty();
        let ids = |(_, found): &(_, Vec<(FindingId, _)>)| -> BTreeSet<FindingId> {
            found.iter().map(|(id, _)| id.clone()).collect()
        };
        let is_same = if is_slow(&one) || is_slow(&four) { ids(&one) == ids(&four) } else { one == four };
        assert!(!one.1.is_empty() && is_same, "{mistake}: {one:#?}, {four:#?}");
    }
}

#[test]
fn searching_finds_a_sample_of_the_wrong_services() {
    let missed = crate::common::sample(SAMPLE).filter(|mistake| first(named(mistake), 1_000).is_none());
    let missed: Vec<_> = missed.collect();
    assert!(missed.is_empty(), "not found: {missed:?}");
}

/// `ATTACHSET_DRAWS=5000 cargo test --release --test check -- --ignored --nocapture searching_all`
#[test]
#[expect(clippy::print_stdout, reason = "an experiment says what it came to")]
#[ignore = "takes as long as it is given draws: prints what searching misses"]
fn searching_all_wrong_services() {
    let cases = std::env::var("ATTACHSET_DRAWS").map_or(5_000, |cases| cases.parse().unwrap());
    let mut missed = Vec::new();
    let only = std::env::var("ATTACHSET_MUTANT").unwrap_or_default();
    for mutant in MUTANTS.iter().filter(|mutant| mutant.mistake.contains(&only)) {
        let began = Instant::now();
        let found = first(mutant, cases);
        println!("{:6.1} s {}: {found:?}", began.elapsed().as_secs_f64(), mutant.mistake);
        if found.is_none() {
            missed.push(mutant.mistake);
        }
    }
    println!("{} of {} found within {cases} draws", MUTANTS.len() - missed.len(), MUTANTS.len());
    assert!(missed.len() * 20 <= MUTANTS.len(), "missed: {missed:#?}");
}

/// What a server is found to be that answers no call.
fn gone(url: &str) -> Contact {
    let mut gone = None;
    let each = |event: Event<'_, Sequence>| {
        if let Event::Gone(Gone { contact, run, .. }) = event {
            assert_eq!(run.judgement.verdict, Verdict::Fail);
            gone = Some(contact);
        }
    };
    let options = Options { timeout: Duration::from_millis(500), ..fuzz(5_000, 4) };
    let server = check::Server::new(url.parse().unwrap());
    let began = Instant::now();
    RUNTIME.block_on(server::run(&options, server, Arc::default(), each)).unwrap();
    assert!(began.elapsed() < Duration::from_secs(20));
    gone.unwrap()
}

/// A server that behaves for so many connections, and then does something
/// else with each.
fn start_bad(good: usize, bad: fn(&mut TcpStream)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let documented = Server::start().unwrap();
    std::thread::spawn(move || {
        for (number, connection) in listener.incoming().enumerate() {
            let mut connection = connection.unwrap();
            if number >= good {
                std::thread::spawn(move || bad(&mut connection));
                continue;
            }
            let inner = TcpStream::connect(documented.address()).unwrap();
            for (mut from, mut to) in
                [(connection.try_clone().unwrap(), inner.try_clone().unwrap()), (inner, connection)]
            {
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(std::net::Shutdown::Both);
                });
            }
        }
    });
    url
}

#[test]
fn what_becomes_of_a_server_is_told_apart_and_the_search_ends() {
    let silent: fn(&mut TcpStream) = |_| std::thread::sleep(Duration::from_secs(30));
    let closes: fn(&mut TcpStream) = |_| {};
    let garbage: fn(&mut TcpStream) = |connection| {
        let _ = connection.write_all(b"220 mail.example.com ESMTP\r\n");
        std::thread::sleep(Duration::from_secs(1));
    };
    for good in [0, 8] {
        assert!(matches!(gone(&start_bad(good, silent)), Contact::Silent(_)));
        assert_eq!(gone(&start_bad(good, closes)), Contact::Closed);
        assert!(matches!(gone(&start_bad(good, garbage)), Contact::Garbage(_)));
    }
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(matches!(gone(&format!("http://{nobody}")), Contact::Refused(_)));
}

/// Others may be able to read it.
#[test]
fn a_server_whose_responses_cannot_be_read_fails() {
    let url = start_bad(0, |connection| {
        let mut bytes = [0; 65_536];
        let _ = connection.read(&mut bytes);
        let body = r#"{"attachmentSetId":"as-1","expiryTime":"2030-09-20T23:02:27.747+0000"}"#;
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nx-amzn-RequestId: 1\r\n\
                    Transfer-Encoding: identity\r\nConnection: close\r\n\r\n";
        let _ = connection.write_all(format!("{head}{body}").as_bytes());
    });
    let (code, stdout, stderr) = attachset(&["fuzz", "--server", &url, "--seed", "1", "--cases", "9"]);
    assert_eq!((code, &*stdout), (Some(1), "0 passed, 2 failed, 0 skipped\n"), "{stderr}");
    assert!(stderr.contains("its response is not HTTP/1.1"), "{stderr}");
}

/// At once, and after it answered for a while.
#[test]
fn interim_responses_without_end_end_the_search() {
    for good in [0, 8] {
        let url = start_bad(good, |connection| {
            let interim = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(100);
            while connection.write_all(&interim).is_ok() {}
        });
        let (code, _, stderr) = attachset(&["fuzz", "--server", &url, "--seed", "1", "--time", "1s"]);
        // What it answered before may have been right.
        assert!(code.is_some_and(|code| code != 0 || good > 0), "{code:?}: {stderr}");
    }
}

#[test]
fn a_search_ends_with_its_time_although_the_server_takes_its_own() {
    let url = start_bad(9, |connection| {
        let mut bytes = [0; 65_536];
        while connection.read(&mut bytes).is_ok_and(|read| read > 0) {
            std::thread::sleep(Duration::from_secs(60));
        }
    });
    let options =
        Options { time: Duration::from_millis(10), timeout: Duration::from_secs(600), ..fuzz(5_000, 4) };
    let began = Instant::now();
    let server = check::Server::new(url.parse().unwrap());
    RUNTIME.block_on(server::run(&options, server, Arc::default(), |_| ())).unwrap();
    assert!(began.elapsed() < Duration::from_secs(60), "a single answer takes longer");
}

#[test]
fn a_search_in_which_nothing_was_tried_is_no_success() {
    let server = Server::with(options()).unwrap();
    let (code, _, stderr) = attachset(&["fuzz", "--server", &server.url(), "--time", "0.000001s"]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("no generated case came to a verdict"), "{stderr}");
}

#[test]
fn a_slow_server_is_told_of() {
    let url = start_bad(0, |connection| {
        // A search looks at its first calls alone.
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        let mut bytes = [0; 65_536];
        while connection.read(&mut bytes).is_ok_and(|read| read > 0) {
            if CALLS.fetch_add(1, Ordering::Relaxed) < 4 {
                std::thread::sleep(Duration::from_millis(600));
            }
            let _ = connection.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}");
        }
    });
    let (_, _, stderr) = attachset(&["fuzz", "--server", &url, "--seed", "1", "--cases", "1"]);
    assert!(stderr.contains("slow: an ordinary call takes "), "{stderr}");
}

fn attachset(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_attachset")).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn what_searching_saves_fails_again() {
    let dir = tempfile::tempdir().unwrap();
    let saved = dir.path().to_str().unwrap();
    let url = start(named("an addition is answered with an id of its own"));
    let fuzz = ["fuzz", "--server", &url, "--signatures", "--seed", "1", "--cases", "100", "--save", saved];
    let (code, _, stderr) = attachset(&fuzz);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("FAIL found/other-output-seed-output-set-id"), "{stderr}");
    assert!(stderr.contains("reproduce: attachset check --fixtures"), "{stderr}");
    let found = std::fs::read_dir(dir.path().join("service/found")).unwrap().count();
    let (_, stdout, stderr) = attachset(&["check", "--fixtures", saved, "--signatures", &url]);
    assert_eq!(stdout, format!("0 passed, {found} failed, 0 skipped\n"), "{stderr}");
    let documented = Server::with(options()).unwrap();
    let (code, stdout, stderr) =
        attachset(&["check", "--fixtures", saved, "--signatures", &documented.url()]);
    assert_eq!((code, stdout), (Some(0), format!("{found} passed, 0 failed, 0 skipped\n")), "{stderr}");
}

#[test]
fn a_server_that_is_lost_is_told_of_and_ends_the_search_with_1() {
    let url = start_bad(0, |_| {});
    let (code, stdout, stderr) = attachset(&["fuzz", "--server", &url, "--seed", "1", "--cases", "100"]);
    assert_eq!((code, &*stdout), (Some(1), "0 passed, 2 failed, 0 skipped\n"), "{stderr}");
    assert!(stderr.contains(": not judged: ") && stderr.contains(" of 100 generated cases\n"), "{stderr}");
    assert!(
        stderr.contains("the search ends here: it closes each connection without a response"),
        "{stderr}"
    );
    assert!(stderr.contains("user.server-stays-up"), "{stderr}");
}
