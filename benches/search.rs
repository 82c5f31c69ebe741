//! How fast `fuzz --server` gives sequences to `attachset serve`, against a
//! bare reqwest loop that sends the same requests.
//!
//! `cargo bench --bench search` fails where the limit is broken.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use attachset::campaign::server::{self, Options};
use attachset::check;
use attachset::draw::service::{Able, Asks, drawn};
use attachset::serve::Server;
use attachset::transcript::{Seen, Sent};
use attachset::wire::http1;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::Runtime;

/// The one that `attachset` has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SEED: u64 = 1;
const SEQUENCES: u64 = 1_000;
const ROUNDS: usize = 9;
/// How many sequences are under way at once.
const JOBS: NonZeroUsize = NonZeroUsize::new(4).unwrap();
/// The least rate of sequences, as a part of the bare loop's.
const LIMIT: f64 = 0.5;

fn main() {
    // `cargo test --all-targets` runs benchmarks, too: it must be quick.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let runtime = Runtime::new().unwrap();
    let server = Server::start().unwrap();
    let subject = check::Server::new(server.url().parse().unwrap());
    let requests = runtime.block_on(recorded(&subject));
    let sent: usize = requests.iter().map(Vec::len).sum();
    let mut rounds: Vec<(f64, f64)> = (0..ROUNDS)
        .map(|_| {
            let searched = timed(|| runtime.block_on(search(&subject)));
            let bare = timed(|| runtime.block_on(bare(&server.url(), requests.clone())));
            (searched, bare)
        })
        .collect();
    rounds.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    let (searched, bare) = rounds.get(ROUNDS / 2).copied().unwrap();
    println!("search: {SEQUENCES} sequences of {sent} requests");
    println!("search: {searched:.0} sequences a second; a bare reqwest loop: {bare:.0}");
    println!("rate: search: {:.2} of the bare loop (limit {LIMIT})", searched / bare);
    assert!(searched / bare >= LIMIT, "a limit is broken");
}

/// Sequences a second.
fn timed(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    SEQUENCES as f64 / start.elapsed().as_secs_f64()
}

async fn search(subject: &check::Server) {
    let options = Options {
        seed: SEED,
        cases: SEQUENCES,
        time: Duration::MAX,
        jobs: JOBS,
        timeout: Duration::from_secs(10),
    };
    let summary = server::run(&options, subject.clone(), Arc::default(), |_| {}).await.unwrap();
    assert_eq!((summary.cases, summary.failed), (SEQUENCES, 0));
}

/// What the search sends, sequence by sequence. Cases are found to be there.
async fn recorded(subject: &check::Server) -> VecDeque<Vec<Sent>> {
    let asks = Asks::new(SEED, Able { cases: true, ..Able::default() });
    let fixture = |number| {
        let mut fixture = drawn(&asks.draw(number)).fixture;
        fixture.id = format!("{number:06}");
        Arc::new(fixture)
    };
    let mut all = Vec::new();
    let options = check::Options::default();
    check::run((0..SEQUENCES).map(fixture).collect(), subject.clone(), options, |run| {
        let sent = run.transcript.steps.iter().flat_map(Seen::answered).map(|answered| answered.sent.clone());
        all.push((run.fixture.id.clone(), sent.collect()));
    })
    .await
    .unwrap();
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    all.into_iter().map(|(_, sent)| sent).collect()
}

/// Sends the same, as many at once.
async fn bare(url: &str, requests: VecDeque<Vec<Sent>>) {
    let queue = Arc::new(Mutex::new(requests));
    let jobs = (0..JOBS.get()).map(|_| {
        let (queue, url) = (queue.clone(), url.to_owned());
        tokio::spawn(async move {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            loop {
                let Some(sequence) = queue.lock().unwrap().pop_front() else { return };
                for sent in sequence {
                    match sent {
                        Sent::Request(request) => send(&client, &url, request).await,
                        Sent::Raw(bytes, _) => write(&url, &bytes).await,
                    }
                }
            }
        })
    });
    for job in jobs.collect::<Vec<_>>() {
        job.await.unwrap();
    }
}

async fn send(client: &reqwest::Client, url: &str, request: attachset::wire::Request) {
    let method = reqwest::Method::from_bytes(request.method.as_bytes()).unwrap();
    let mut builder = client.request(method, format!("{url}{}", request.target)).body(request.body);
    for (name, value) in request.headers.iter().filter(|(name, _)| *name != "Content-Length") {
        builder = builder.header(name, value);
    }
    builder.send().await.unwrap().bytes().await.unwrap();
}

async fn write(url: &str, bytes: &[u8]) {
    let mut connection = tokio::net::TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
    let _ = connection.write_all(bytes).await;
    let mut answer = Vec::new();
    while connection.read_buf(&mut answer).await.is_ok_and(|read| read > 0)
        && http1::response(&answer).is_err()
    {}
}
