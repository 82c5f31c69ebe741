//! What Ctrl-C does to a command that has something to tell by then.

use std::future::Future;

use super::UsageError;

/// Works to the end, or until Ctrl-C; tells whether it came to the end.
pub(super) async fn to_the_end(
    work: impl Future<Output = Result<(), UsageError>>,
) -> Result<bool, UsageError> {
    tokio::select! {
        // First: a terminal sends it to the adapters, too, and that they end is
        // no failure of theirs.
        biased;
        Ok(()) = tokio::signal::ctrl_c() => Ok(false),
        done = work => done.map(|()| true),
    }
}
