//! Draws a second beside a bare loop: the calls that the search made meanwhile,
//! as many at once, through the same adapter, to a server that answers every
//! request alike.
//!
//!     cargo bench --bench fuzz -- [CLIENT]...

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod bare;

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use attachset::adapter::Adapter;
use attachset::campaign::client::{self, Options};
use attachset::campaign::{Event, MINIMIZE};
use attachset::catalog;
use attachset::client::{Call, Client, Reference};
use attachset::draw::Draw;
use attachset::runner;
use attachset::transcript::End;

/// How many draws are measured, after as many that are not.
const DRAWS: u64 = 10_000;
/// What draws a second must reach of the bare loop's.
const LEAST: f64 = 0.7;

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
    let searched = search(start.clone()).await;
    let took = bare::make(searched.calls, start).await;
    let (bare, draws) = (searched.draws / took.as_secs_f64(), searched.draws / searched.took.as_secs_f64());
    let verdict = if draws >= LEAST * bare { "" } else { " (too slow)" };
    println!("| {name} | {bare:.0} | {draws:.0} | {:.2}{verdict} |", draws / bare);
}

/// Some of a search: how many draws, in what time, with which calls.
struct Searched {
    draws: f64,
    took: Duration,
    calls: Vec<Call>,
}

/// Calls that are noted, from when there is a place for them.
type Noted = Arc<Mutex<Option<Vec<Call>>>>;

/// A client whose calls are noted.
struct Noting<C>(C, Noted);

impl<C: Client> Client for Noting<C> {
    async fn call(&mut self, call: &Call) -> End {
        if let Some(calls) = self.1.lock().unwrap().as_mut() {
            calls.push(call.clone());
        }
        self.0.call(call).await
    }
}

/// Searches; what is told is of the second half, when much is found already.
async fn search<C, S, F>(start: S) -> Searched
where
    C: Client + 'static,
    S: Fn() -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<C, String>> + Send + 'static,
{
    let options = Options {
        seed: 1,
        cases: DRAWS * 2,
        time: Duration::MAX,
        guided: true,
        starts: Vec::new(),
        minimize: MINIMIZE,
        run: runner::Options::default(),
    };
    let noted = Noted::default();
    let start = {
        let noted = noted.clone();
        move || {
            let (start, noted) = (start.clone(), noted.clone());
            async move { Ok(Noting(start().await?, noted)) }
        }
    };
    let mut first = None;
    let mut searched = None;
    let each = |event: Event<'_, Draw>| {
        if let Event::Round(summary) = event
            && summary.cases >= DRAWS
        {
            let (drawn, began) = *first.get_or_insert((summary.cases, Instant::now()));
            let mut noted = noted.lock().unwrap();
            let calls = noted.get_or_insert_default();
            if summary.cases == DRAWS * 2 {
                let draws = (summary.cases - drawn) as f64;
                searched = Some(Searched { draws, took: began.elapsed(), calls: std::mem::take(calls) });
            }
        }
    };
    client::run(&options, start, Arc::default(), each).await.unwrap();
    searched.unwrap()
}
