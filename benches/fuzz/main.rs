//! Draws a second beside a bare loop: the same number of calls, at once, through
//! the same adapter, to a server that answers every request alike.
//!
//!     cargo bench --bench fuzz -- [CLIENT]...

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark fails by panicking")]
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use attachset::adapter::Adapter;
use attachset::catalog;
use attachset::client::{Call, Client, Reference};
use attachset::fuzz::{self, Event, Options};
use attachset::model::{Attachment, Input};
use attachset::runner;
use attachset::wire::sign::test_credentials;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// How many calls are measured, after as many that are not.
const CALLS: u64 = 10_000;
/// What draws a second must reach of the bare loop's calls.
const LEAST: f64 = 0.7;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: 98\r\n\r\n\
    {\"attachmentSetId\":\"as-fa8847b0c33183273-mu-EXAMPLE3\",\"expiryTime\":\"2030-10-09T07:19:31.345+0000\"}";

#[tokio::main]
async fn main() {
    // `cargo test --all-targets` runs benchmarks, too: it must be quick.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let clients: Vec<_> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    println!("| client | bare loop | draws | ratio |\n|---|---:|---:|---:|");
    if clients.is_empty() {
        row("reference", || async { Ok(Reference::new()) }).await;
    }
    let entries = catalog::all(&catalog::folder(None).unwrap()).unwrap();
    for entry in clients.iter().map(|name| entries.iter().find(|entry| entry.manifest.name == *name).unwrap())
    {
        let program = Arc::new(entry.program());
        row(&entry.manifest.name, move || Adapter::start(program.clone())).await;
    }
}

async fn row<C, S, F>(name: &str, start: S)
where
    C: Client + 'static,
    S: Fn() -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<C, String>> + Send + 'static,
{
    let bare = bare(start.clone()).await;
    let draws = draws(start).await;
    let verdict = if draws >= LEAST * bare { "" } else { " (too slow)" };
    println!("| {name} | {bare:.0} | {draws:.0} | {:.2}{verdict} |", draws / bare);
}

/// Calls a second of a loop that only makes them.
async fn bare<C, S, F>(start: S) -> f64
where
    C: Client + 'static,
    S: Fn() -> F,
    F: Future<Output = Result<C, String>> + Send + 'static,
{
    let jobs = runner::Options::default().jobs.get();
    let mut clients = Vec::new();
    for _ in 0..jobs {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let call = call(&listener.local_addr().unwrap().to_string());
        tokio::spawn(answer(listener));
        clients.push((start().await.unwrap(), call));
    }
    let each = CALLS / jobs as u64;
    let mut rate = 0.0;
    // The first time warms up.
    for _ in 0..2 {
        let began = Instant::now();
        let working: Vec<_> = clients
            .drain(..)
            .map(|(mut client, call)| {
                tokio::spawn(async move {
                    for _ in 0..each {
                        client.call(&call).await.unwrap();
                    }
                    (client, call)
                })
            })
            .collect();
        for work in working {
            clients.push(work.await.unwrap());
        }
        rate = (each * jobs as u64) as f64 / began.elapsed().as_secs_f64();
    }
    rate
}

fn call(address: &str) -> Call {
    let file = Attachment { file_name: Some("a.log".into()), data: Some(b"hello".to_vec()) };
    Call {
        id: "found/draw".into(),
        endpoint: format!("http://{address}"),
        region: "us-east-1".into(),
        credentials: test_credentials(),
        max_attempts: 1,
        timeout: Duration::from_secs(2),
        needs: Vec::new(),
        input: Input { attachments: Some(vec![file]), ..Input::default() },
    }
}

/// Answers every request alike: none has a head and a body longer than a read.
async fn answer(listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let (mut buffer, mut read) = (vec![0; 64 << 10], 0);
            while let Ok(more @ 1..) = stream.read(&mut buffer[read..]).await {
                read += more;
                if buffer[..read].ends_with(b"}") {
                    read = 0;
                    if stream.write_all(ANSWER).await.is_err() {
                        return;
                    }
                }
            }
        });
    }
}

/// Draws a second, once most of what there is to find is found.
async fn draws<C, S, F>(start: S) -> f64
where
    C: Client + 'static,
    S: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<C, String>> + Send + 'static,
{
    let options = Options {
        seed: 1,
        cases: CALLS * 2,
        time: Duration::MAX,
        guided: true,
        starts: Vec::new(),
        patience: fuzz::PATIENCE,
        run: runner::Options::default(),
    };
    let mut first = None;
    let mut rate = 0.0;
    let each = |event: Event<'_>| {
        if let Event::Round(summary) = event
            && summary.drawn >= CALLS
        {
            let (drawn, began) = *first.get_or_insert((summary.drawn, Instant::now()));
            if summary.drawn > drawn {
                rate = (summary.drawn - drawn) as f64 / began.elapsed().as_secs_f64();
            }
        }
    };
    fuzz::run(&options, start, Arc::default(), each).await.unwrap();
    rate
}
