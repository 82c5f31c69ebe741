//! Panics of code that is not ours.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// Waits for a future; where it panics, gives the panic's message.
///
/// What the future was about to change may be half-changed then: whoever calls
/// this drops it.
pub(crate) async fn caught<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    std::future::poll_fn(move |context| {
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(panic) => Poll::Ready(Err(message(&*panic))),
        }
    })
    .await
}

/// What a panic says.
pub(crate) fn message(panic: &(dyn Any + Send)) -> String {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(message), _) => (*message).to_owned(),
        (None, Some(message)) => message.clone(),
        (None, None) => "a panic without a message".into(),
    }
}

/// Why a task did not come to its end.
pub(crate) fn lost(error: tokio::task::JoinError) -> String {
    match error.try_into_panic() {
        Ok(panic) => message(&*panic),
        Err(error) => error.to_string(),
    }
}
