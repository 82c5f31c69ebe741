//! Room for large calls, so that what a run takes of memory does not grow with
//! how many fixtures run at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::fixture::Fixture;
use crate::replay::LARGE;

/// Room for so many bytes: for the largest call that the service takes, three
/// attachments of 5 MiB. Each byte is there several times over: with the
/// client, on its way, as it came, and as it is judged.
const ROOM: u32 = 16 << 20;

#[derive(Clone)]
pub(super) struct Room(Arc<Semaphore>);

impl Room {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(ROOM as usize)))
    }

    /// Waits until there is room for what a fixture sends. It takes it until
    /// its run has been seen.
    pub(super) async fn take(&self, fixture: &Fixture) -> Option<OwnedSemaphorePermit> {
        if fixture.sent() <= LARGE {
            return None;
        }
        let bytes = u32::try_from(fixture.sent()).unwrap_or(ROOM).min(ROOM);
        // The semaphore is never closed.
        self.0.clone().acquire_many_owned(bytes).await.ok()
    }
}
