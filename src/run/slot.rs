//! A place among the fixtures that run at once.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One of the places for fixtures that run at once.
pub(crate) struct Slot {
    slots: Arc<Semaphore>,
    /// None while another fixture may have the place. The semaphore is never
    /// closed.
    held: Option<OwnedSemaphorePermit>,
}

impl Slot {
    /// Waits for a free place.
    pub(super) async fn take(slots: &Arc<Semaphore>) -> Self {
        Self { held: slots.clone().acquire_owned().await.ok(), slots: slots.clone() }
    }

    /// The only place.
    pub(crate) async fn only() -> Self {
        Self::take(&Arc::new(Semaphore::new(1))).await
    }

    /// Waits for something, and leaves the place to another fixture meanwhile.
    pub(crate) async fn lend(&mut self, wait: impl Future<Output = ()>) {
        self.held = None;
        wait.await;
        self.held = self.slots.clone().acquire_owned().await.ok();
    }
}
