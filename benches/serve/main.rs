//! What `attachset serve` takes of memory and time, against its limits and
//! against a bare axum handler.
//!
//! `cargo bench --bench serve` runs all of it and fails where a limit is
//! broken; `-- uploads`, `-- small` or `-- rate` runs a part.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark fails by panicking")]
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod bare;
mod load;
mod process;

use std::time::Instant;

use load::{Load, forget, small, upload};
use process::Process;

/// The one that `attachset` has, so that handlers are compared and not
/// allocators.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The most memory that the uploads may take, in MB.
const UPLOADS_LIMIT: f64 = 300.0;
/// The most memory that small calls may add after the first thousand, in MB.
const SMALL_LIMIT: f64 = 2.0;
/// The least rate of calls, as a part of a bare handler's.
const RATE_LIMIT: f64 = 0.8;

fn main() {
    let parts: Vec<String> = std::env::args().skip(1).collect();
    if parts.iter().any(|part| part == bare::ARGUMENT) {
        return bare::run();
    }
    // `cargo test --all-targets` runs benchmarks, too: it must be quick.
    if !parts.iter().any(|part| part == "--bench") {
        return;
    }
    let all = !parts.iter().any(|part| ["uploads", "small", "rate"].contains(&part.as_str()));
    let runs = |part: &str| all || parts.iter().any(|given| given == part);
    let mut within = true;
    if runs("uploads") {
        within &= uploads();
    }
    if runs("small") {
        within &= small_calls();
    }
    if runs("rate") {
        within &= rate();
    }
    assert!(within, "a limit is broken");
}

/// 1,000 uploads of 3 x 5 MiB from 8 connections.
fn uploads() -> bool {
    let server = Process::serve();
    let start = Instant::now();
    Load { address: server.address(), connections: 8, calls: 1_000 }.run(&upload());
    let seconds = start.elapsed().as_secs_f64();
    let peak = server.peak();
    println!("uploads: 1,000 of 3 x 5 MiB from 8 connections in {seconds:.1} s");
    println!("uploads: peak memory {peak:.1} MB (limit {UPLOADS_LIMIT})");
    peak < UPLOADS_LIMIT
}

/// 100,000 small calls, each making a set.
fn small_calls() -> bool {
    let server = Process::serve();
    let load = || {
        Load { address: server.address(), connections: 8, calls: 1_000 }.run(&small());
        forget(server.address());
    };
    load();
    let before = server.resident();
    (1..100).for_each(|_| load());
    let (after, peak) = (server.resident(), server.peak());
    println!(
        "small: resident {before:.1} MB after 1,000 calls, {after:.1} MB after 100,000, peak {peak:.1} MB"
    );
    println!("small: growth {:.1} MB (limit {SMALL_LIMIT})", after - before);
    after - before < SMALL_LIMIT
}

/// Calls a second, small ones and uploads, as a part of what a bare axum
/// handler answers.
fn rate() -> bool {
    let (server, bare) = (Process::serve(), Process::bare());
    let calls = |name, request: &[u8], connections, calls| {
        let measure = |process: &Process| {
            forget(process.address());
            let start = Instant::now();
            Load { address: process.address(), connections, calls }.run(request);
            calls as f64 / start.elapsed().as_secs_f64()
        };
        let (serve, bare) = in_turn(|| measure(&server), || measure(&bare));
        println!("rate: {serve:.0} {name} calls a second; a bare axum handler: {bare:.0}");
        println!("rate: {name}: {:.2} of the bare handler (limit {RATE_LIMIT})", serve / bare);
        serve / bare >= RATE_LIMIT
    };
    // Not `&&`: both are to be printed.
    calls("small", &small(), 16, 10_000) & calls("upload", &upload(), 4, 24)
}

/// The median of many short rounds in which two take turns, by their ratio:
/// whatever else the machine does falls on both.
fn in_turn(one: impl Fn() -> f64, other: impl Fn() -> f64) -> (f64, f64) {
    const ROUNDS: usize = 21;
    let mut rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (one(), other())).collect();
    rounds.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    rounds.get(ROUNDS / 2).copied().unwrap()
}
