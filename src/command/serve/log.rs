//! The log, which holds up nobody: a thread of its own writes it, and what it
//! cannot write is dropped.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::cli::LogFormat;
use crate::text::json;

/// The most lines that wait to be written.
const WAITING: usize = 1_000;

/// How long the end waits for the last lines to be written.
const LAST: Duration = Duration::from_secs(1);

/// The log.
pub(super) struct Log {
    format: LogFormat,
    /// Lines to write; none once the log has ended.
    lines: Mutex<Option<SyncSender<String>>>,
    dropped: Arc<AtomicU64>,
    /// Closed when everything is written.
    written: Mutex<Receiver<()>>,
}

impl Log {
    /// Starts the thread that writes.
    pub(super) fn start(format: LogFormat) -> io::Result<Self> {
        let (lines, to_write) = sync_channel::<String>(WAITING);
        let (writing, written) = sync_channel::<()>(0);
        let dropped = Arc::new(AtomicU64::new(0));
        std::thread::Builder::new().name("attachset-log".into()).spawn({
            let dropped = dropped.clone();
            move || {
                for line in to_write {
                    write(format, &line);
                    match dropped.swap(0, Ordering::Relaxed) {
                        0 => {}
                        number => write(format, &Dropped { event: "dropped", lines: number }.line(format)),
                    }
                }
                drop(writing);
            }
        })?;
        Ok(Self { format, lines: Mutex::new(Some(lines)), dropped, written: Mutex::new(written) })
    }

    /// Writes a line, unless too many wait already.
    pub(super) fn write(&self, line: &(impl Serialize + std::fmt::Display)) {
        let line = line.line(self.format);
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.as_ref().is_some_and(|lines| lines.try_send(line).is_err()) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Ends it when everything is written, or after a second.
    pub(super) fn end(&self) {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).take();
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let (Ok(()) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected)) =
            written.recv_timeout(LAST);
    }
}

/// What can be a line of the log.
trait Line {
    fn line(&self, format: LogFormat) -> String;
}

impl<T: Serialize + std::fmt::Display> Line for T {
    fn line(&self, format: LogFormat) -> String {
        match format {
            LogFormat::Text => self.to_string(),
            LogFormat::Json => json(&serde_json::to_string(self).unwrap_or_default()),
        }
    }
}

#[derive(Serialize)]
struct Dropped {
    event: &'static str,
    lines: u64,
}

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} lines were dropped, for they were not read", self.lines)
    }
}

/// Nobody reading the log is no reason to stop serving.
fn write(format: LogFormat, line: &str) {
    let _ = match format {
        LogFormat::Text => writeln!(anstream::stderr().lock(), "{line}"),
        LogFormat::Json => writeln!(io::stdout().lock(), "{line}"),
    };
}
