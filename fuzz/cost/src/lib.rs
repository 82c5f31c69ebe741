//! Counts what runs: with `fuzz/cost/run` the compiler calls a function on
//! every edge of the control flow, in the codec and in what it is built from.
//! The count is the same on every machine and at every load.

use std::sync::atomic::{AtomicU64, Ordering};

static EDGES: AtomicU64 = AtomicU64::new(0);

/// How many edges of the control flow a piece of work takes.
pub fn edges<T>(work: impl FnOnce() -> T) -> u64 {
    let before = EDGES.load(Ordering::Relaxed);
    std::hint::black_box(work());
    EDGES.load(Ordering::Relaxed) - before
}

/// The compiler does not instrument functions of this name, so that this one
/// does not call itself.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_trace_pc_guard(_: *mut u32) {
    EDGES.fetch_add(1, Ordering::Relaxed);
}

#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_trace_pc_guard_init(_: *mut u32, _: *mut u32) {}
