//! Bodies within bounds of length, time and memory.

use std::sync::Arc;

use axum::body::Body as Incoming;
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Limits;
use super::protocol::ProtocolError;

/// Bodies up to this length are short: they are taken in at once, and
/// decoded where they arrive.
pub(super) const SHORT: usize = 64 << 10;

/// Bytes for each permit of the room for long bodies.
const UNIT: usize = 1 << 10;

/// How many times the longest body is read and dropped of one that is too
/// long, so that its sender reads the answer and not a reset connection.
const DISCARDED: usize = 8;

/// A whole body, and the room that it takes.
#[derive(Default)]
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    room: Option<OwnedSemaphorePermit>,
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads bodies.
pub(super) struct Reader {
    limits: Limits,
    /// Room for long bodies, in units of [`UNIT`].
    room: Arc<Semaphore>,
}

impl Reader {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { limits: limits.clone(), room: Arc::new(Semaphore::new(units(limits.bodies))) }
    }

    /// Reads a body.
    pub(super) async fn read(&self, mut incoming: Incoming) -> Result<Body, ProtocolError> {
        let whole = self.collect(&mut incoming);
        let error = match tokio::time::timeout(self.limits.body_time, whole).await {
            Ok(Err(error)) => error,
            Ok(whole) => return whole,
            Err(_) => return Err(ProtocolError::Slow(self.limits.body_time.as_secs())),
        };
        if matches!(error, ProtocolError::TooLarge(_)) {
            self.discard(incoming).await;
        }
        Err(error)
    }

    /// Reads a body and drops it, within the same bounds.
    pub(super) async fn discard(&self, mut incoming: Incoming) {
        let all = async {
            let mut left = self.limits.body.saturating_mul(DISCARDED);
            while let Some(Ok(frame)) = incoming.frame().await
                && left > 0
            {
                left = left.saturating_sub(frame.data_ref().map_or(0, |data| data.len()));
            }
        };
        // Whoever is too slow meets a closed connection.
        let _ = tokio::time::timeout(self.limits.body_time, all).await;
    }

    async fn collect(&self, incoming: &mut Incoming) -> Result<Body, ProtocolError> {
        let most = self.limits.body;
        let too_large = || ProtocolError::TooLarge(most);
        let framing = |error: axum::Error| ProtocolError::Framing(error.to_string());
        let stated =
            incoming.size_hint().exact().map(usize::try_from).transpose().map_err(|_| too_large())?;
        if stated.is_some_and(|length| length > most) {
            return Err(too_large());
        }
        let mut body = Body::default();
        if let Some(length) = stated {
            if length > SHORT {
                body.room = Some(self.take_room(length).await?);
            }
            body.bytes.reserve_exact(length);
        }
        while let Some(frame) = incoming.frame().await {
            let Ok(data) = frame.map_err(framing)?.into_data() else { continue };
            let length = body.bytes.len() + data.len();
            if length > most {
                return Err(too_large());
            }
            if length > SHORT && body.room.is_none() {
                body.room = Some(self.take_room(most).await?);
            }
            body.bytes.extend_from_slice(&data);
        }
        Ok(body)
    }

    /// An answer's body, once there is room for it; it has it until it is sent.
    pub(super) async fn with_room(&self, bytes: Vec<u8>) -> Result<Body, ProtocolError> {
        let room = if bytes.len() > SHORT { Some(self.take_room(bytes.len()).await?) } else { None };
        Ok(Body { bytes, room })
    }

    /// Waits until there is room for so many bytes.
    async fn take_room(&self, bytes: usize) -> Result<OwnedSemaphorePermit, ProtocolError> {
        let permits = units(bytes).min(units(self.limits.bodies));
        let permits = u32::try_from(permits).unwrap_or(u32::MAX);
        let closed = |_| ProtocolError::Internal("the room for bodies is gone");
        self.room.clone().acquire_many_owned(permits).await.map_err(closed)
    }
}

/// How many permits so many bytes take.
fn units(bytes: usize) -> usize {
    bytes.div_ceil(UNIT).clamp(1, Semaphore::MAX_PERMITS)
}
