//! Reads a request's body within bounds of length, time and memory.

use std::sync::Arc;

use axum::body::Body as Incoming;
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::protocol::ProtocolError;
use super::{Limits, app::App};

/// Bodies up to this length are short: they are taken in at once, and
/// decoded where they arrive.
pub(super) const SHORT: usize = 64 << 10;

/// Bytes for each permit of the room for long bodies.
pub(super) const UNIT: usize = 1 << 10;

/// How many times the longest body is read and dropped of one that is too
/// long, so that its sender reads the answer and not a reset connection.
const DISCARDED: usize = 8;

/// A whole body, and the room that it takes.
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    room: Option<OwnedSemaphorePermit>,
}

/// How many permits so many bytes take.
pub(super) fn units(bytes: usize) -> usize {
    bytes.div_ceil(UNIT).clamp(1, Semaphore::MAX_PERMITS)
}

/// Reads a body.
pub(super) async fn read(app: &App, mut incoming: Incoming) -> Result<Body, ProtocolError> {
    let limits = &app.options.limits;
    let whole = collect(limits, &app.room, &mut incoming);
    let error = match tokio::time::timeout(limits.body_time, whole).await {
        Ok(Err(error)) => error,
        Ok(whole) => return whole,
        Err(_) => return Err(ProtocolError::Slow(limits.body_time.as_secs())),
    };
    if matches!(error, ProtocolError::TooLarge(_)) {
        discard(limits, incoming).await;
    }
    Err(error)
}

/// Reads a body and drops it, within the same bounds.
pub(super) async fn discard(limits: &Limits, mut incoming: Incoming) {
    let all = async {
        let mut left = limits.body.saturating_mul(DISCARDED);
        while let Some(Ok(frame)) = incoming.frame().await
            && left > 0
        {
            left = left.saturating_sub(frame.data_ref().map_or(0, |data| data.len()));
        }
    };
    // Whoever is too slow meets a closed connection.
    let _ = tokio::time::timeout(limits.body_time, all).await;
}

async fn collect(
    limits: &Limits,
    room: &Arc<Semaphore>,
    incoming: &mut Incoming,
) -> Result<Body, ProtocolError> {
    let too_large = || ProtocolError::TooLarge(limits.body);
    let framing = |error: axum::Error| ProtocolError::Framing(error.to_string());
    let stated = incoming.size_hint().exact().map(usize::try_from).transpose().map_err(|_| too_large())?;
    if stated.is_some_and(|length| length > limits.body) {
        return Err(too_large());
    }
    let mut body = Body { bytes: Vec::new(), room: None };
    if let Some(length) = stated {
        if length > SHORT {
            body.take_room(limits, room, length).await?;
        }
        body.bytes.reserve_exact(length);
    }
    while let Some(frame) = incoming.frame().await {
        let Ok(data) = frame.map_err(framing)?.into_data() else { continue };
        let length = body.bytes.len() + data.len();
        if length > limits.body {
            return Err(too_large());
        }
        if length > SHORT && body.room.is_none() {
            body.take_room(limits, room, limits.body).await?;
        }
        body.bytes.extend_from_slice(&data);
    }
    Ok(body)
}

impl Body {
    /// Waits until there is room for so many bytes.
    async fn take_room(
        &mut self,
        limits: &Limits,
        room: &Arc<Semaphore>,
        bytes: usize,
    ) -> Result<(), ProtocolError> {
        let permits = units(bytes).min(units(limits.bodies));
        let permits = u32::try_from(permits).unwrap_or(u32::MAX);
        let closed = |_| ProtocolError::Internal("the room for bodies is gone");
        self.room = Some(room.clone().acquire_many_owned(permits).await.map_err(closed)?);
        Ok(())
    }
}
