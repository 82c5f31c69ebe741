//! What failed in company, tried alone beside the search: one after the other.

use std::future::Future;
use std::time::Instant;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::alone::{Alone, Came, Trial};
use crate::client::Client;
use crate::runner::RunError;

/// Tries what is asked, until nobody asks any more; tells what each came to.
/// From `last` on, nothing is tried.
pub(super) async fn serve<C, S, F>(
    mut alone: Alone<C, S>,
    mut asked: UnboundedReceiver<Trial>,
    tell: UnboundedSender<(Trial, Came)>,
    last: Option<Instant>,
) -> Result<(), RunError>
where
    C: Client,
    S: Fn() -> F,
    F: Future<Output = Result<C, String>>,
{
    while let Some(trial) = asked.recv().await {
        let is_late = last.is_some_and(|last| Instant::now() >= last);
        let came = match (alone.is_stopped() || is_late, trial.is_after) {
            (true, _) => Came::Nothing,
            (false, false) => Box::pin(alone.find(&trial)).await?,
            (false, true) => Box::pin(alone.find_pair(&trial)).await?,
        };
        if tell.send((trial, came)).is_err() {
            return Ok(());
        }
    }
    Ok(())
}
