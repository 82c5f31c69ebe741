//! What a run takes of memory is bounded by what is judged at the time. A
//! program of its own: the peak is that of the whole process.

#![cfg(all(feature = "cli", target_os = "linux"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::num::NonZeroUsize;
use std::sync::Arc;

use attachset::client::Reference;
use attachset::fixture::{Blob, Fixture, Set};
use attachset::runner::{self, Options};

/// The one that `attachset` has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// In MB.
const LIMIT: f64 = 150.0;

#[test]
fn large_calls_at_once_take_no_more_memory_than_the_largest() {
    let large: Vec<_> = Set::embedded().unwrap().client.into_iter().filter(is_large).map(Arc::new).collect();
    let calls = large.len() * 3;
    let options = Options { jobs: NonZeroUsize::new(calls).unwrap(), ..Options::default() };
    let mut runs = 0;
    let start = || async { Ok(Reference::new()) };
    let run = runner::run([&*large, &*large, &*large].concat(), options, start, |_| runs += 1);
    tokio::runtime::Runtime::new().unwrap().block_on(run).unwrap();
    assert_eq!(runs, calls);
    assert!(peak() < LIMIT, "{:.0} MB for {calls} calls", peak());
}

fn is_large(fixture: &Fixture) -> bool {
    let files = fixture.steps.iter().flat_map(|step| step.call.attachments.iter().flatten());
    files.into_iter().any(|file| matches!(&file.data, Some(Blob::Generated(data)) if data.bytes >= 1_000_000))
}

/// The most memory that this process had at once, in MB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    // Linux tells in KiB.
    peak.trim().trim_end_matches(" kB").parse::<f64>().unwrap() * 1_024.0 / 1e6
}
