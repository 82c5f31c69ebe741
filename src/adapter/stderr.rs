//! What an adapter writes to standard error.

use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::text::visible;

/// How many bytes of standard error are kept.
const MAX_STDERR: usize = 4 << 10;

/// Reads to the end of a stream and keeps the last of it.
pub(super) async fn keep_end(mut stream: impl AsyncRead + Unpin, kept: Arc<Mutex<Vec<u8>>>, live: bool) {
    let mut buffer = [0; 1024];
    let mut shown = live.then(Shown::default);
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        let read = buffer.get(..read).unwrap_or_default();
        if let Some(shown) = &mut shown {
            shown.push(read);
        }
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(read);
        let surplus = kept.len().saturating_sub(MAX_STDERR);
        kept.drain(..surplus);
    }
}

/// Passes on to standard error what is written to it line by line, so that a
/// terminal obeys nothing in it. What is left is passed on when this is dropped.
#[derive(Default)]
struct Shown(Vec<u8>);

impl Shown {
    fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
        let last = self.0.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
        let whole = last.or((self.0.len() > MAX_STDERR).then_some(self.0.len()));
        let rest = self.0.split_off(whole.unwrap_or(0));
        show(&std::mem::replace(&mut self.0, rest));
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        show(&self.0);
    }
}

fn show(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    // Nobody may be there to read it.
    let _ = std::io::stderr().write_all(visible(&text).as_bytes());
}
