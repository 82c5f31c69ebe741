//! Waiting for time to pass.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// Waits for time to pass, in place of a clock that is advanced.
#[derive(Clone)]
pub struct Timer(Arc<dyn Fn(Duration) -> Wait + Send + Sync>);

type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Default for Timer {
    /// Waits for the system's own time.
    fn default() -> Self {
        Self::new(tokio::time::sleep)
    }
}

impl Timer {
    /// Waits in another way, such as for a clock in somebody else's hand.
    pub fn new<F: Future<Output = ()> + Send + 'static>(
        wait: impl Fn(Duration) -> F + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(move |time| Box::pin(wait(time))))
    }

    pub(super) async fn wait(&self, time: Duration) {
        (self.0)(time).await;
    }
}

impl std::fmt::Debug for Timer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Timer")
    }
}
