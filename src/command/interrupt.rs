//! What Ctrl-C does, and SIGTERM and SIGHUP, which CI servers send.
//!
//! Adapters have process groups of their own, so that a terminal's Ctrl-C does
//! not reach them: they are ended here.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, mpsc};

use tokio::sync::Notify;

use super::{Exit, UsageError};
use crate::process;

/// Whether a signal has come, for those who look at times.
static STOP: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);
/// The same for those who wait for it.
static NOTIFY: Notify = Notify::const_new();
/// Whether there is a run to conclude by now.
static HAS_BEGUN: AtomicBool = AtomicBool::new(false);

/// Has signals end the program, and what it has started. Where a run has begun,
/// the first one ends the run, and what it has come to is still written.
///
/// # Errors
/// Where signals cannot be received.
pub(super) fn watch() -> Result<(), UsageError> {
    let (ready, is_ready) = mpsc::channel();
    // A thread of its own: a program that is busy is ended, too.
    std::thread::spawn(move || {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_io().build() {
            Ok(runtime) => runtime,
            Err(error) => return drop(ready.send(Err(error))),
        };
        runtime.block_on(async {
            let mut signals = match Signals::new() {
                Ok(signals) => signals,
                Err(error) => return drop(ready.send(Err(error))),
            };
            let _ = ready.send(Ok(()));
            loop {
                signals.next().await;
                if STOP.swap(true, Ordering::SeqCst) || !HAS_BEGUN.load(Ordering::SeqCst) {
                    process::exit(Exit::INTERRUPTED);
                }
                NOTIFY.notify_waiters();
            }
        });
    });
    is_ready.recv().map_err(UsageError::new)?.map_err(UsageError::new)
}

/// Works to the end, or until a signal: none then.
pub(super) async fn to_the_end<T>(work: impl Future<Output = T>) -> Option<T> {
    HAS_BEGUN.store(true, Ordering::SeqCst);
    tokio::select! {
        // First: what ends because of it is not judged.
        biased;
        () = caught() => None,
        done = work => Some(done),
    }
}

/// Set by a signal, for a run that looks at it and ends by itself.
pub(super) fn stop() -> Arc<AtomicBool> {
    HAS_BEGUN.store(true, Ordering::SeqCst);
    STOP.clone()
}

/// Waits for a signal.
pub(super) async fn caught() {
    let mut notified = std::pin::pin!(NOTIFY.notified());
    notified.as_mut().enable();
    if !STOP.load(Ordering::SeqCst) {
        notified.await;
    }
}

#[cfg(unix)]
use unix::Signals;

#[cfg(unix)]
mod unix {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    const SIGHUP: u8 = 1;

    pub(super) struct Signals {
        interrupt: Signal,
        terminate: Signal,
        /// Not where it is ignored, as below `nohup`.
        hangup: Option<Signal>,
    }

    impl Signals {
        pub(super) fn new() -> std::io::Result<Self> {
            let hangup = || signal(SignalKind::hangup());
            Ok(Self {
                hangup: if ignores_hangup() { None } else { Some(hangup()?) },
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
            })
        }

        /// Waits for the next signal.
        pub(super) async fn next(&mut self) {
            let hangup = async {
                match &mut self.hangup {
                    Some(hangup) => hangup.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
                _ = hangup => {}
            }
        }
    }

    /// Whether the program was started to ignore SIGHUP, where the system tells.
    fn ignores_hangup() -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
        mask & (1 << (SIGHUP - 1)) != 0
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            // There is no console to press it in.
            std::future::pending::<()>().await;
        }
    }
}
