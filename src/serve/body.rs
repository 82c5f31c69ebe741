//! Bodies of requests, within bounds of length, time and memory.

use std::time::Duration;

use axum::body::Body as Incoming;
use axum::http::HeaderMap;
use axum::http::header::EXPECT;
use http_body_util::BodyExt as _;
use hyper::body::Body as _;

use super::Limits;
use super::budget::{Held, SHORT, grow};
use super::protocol::ProtocolError;
use crate::service::room::Part;

/// How many times the longest body is read and dropped of one that is not
/// wanted, so that its sender reads the response and not a reset connection.
const DRAINED: usize = 8;

/// Reads bodies.
pub(super) struct Reader {
    /// The longest body.
    most: usize,
    time: Duration,
    room: Part,
}

impl Reader {
    pub(super) fn new(limits: &Limits, room: Part) -> Self {
        Self { most: limits.body.min(room.most()), time: limits.body_time, room }
    }

    /// Reads a body. What is left of one that is refused is
    /// [drained](Self::drain).
    pub(super) async fn read(&self, headers: &HeaderMap, incoming: Incoming) -> Result<Held, ProtocolError> {
        self.read_most(self.most, headers, incoming).await
    }

    /// As [`Reader::read`], a short body.
    pub(super) async fn read_short(
        &self,
        headers: &HeaderMap,
        incoming: Incoming,
    ) -> Result<Held, ProtocolError> {
        self.read_most(SHORT, headers, incoming).await
    }

    async fn read_most(
        &self,
        most: usize,
        headers: &HeaderMap,
        mut incoming: Incoming,
    ) -> Result<Held, ProtocolError> {
        let whole = self.collect(most, &mut incoming);
        let error = match tokio::time::timeout(self.time, whole).await {
            Ok(Err(error)) => error,
            Ok(whole) => return whole,
            Err(_) => return Err(ProtocolError::Slow(self.time.as_secs())),
        };
        self.drain(headers, incoming);
        Err(error)
    }

    /// Reads what is left of a body and drops it, beside the response, within
    /// bounds of length and time. A sender that waits for permission to send
    /// the body gets none.
    pub(super) fn drain(&self, headers: &HeaderMap, mut incoming: Incoming) {
        if incoming.is_end_stream() || headers.contains_key(EXPECT) {
            return;
        }
        let mut left = self.most.saturating_mul(DRAINED);
        let all = async move {
            while let Some(Ok(frame)) = incoming.frame().await
                && left > 0
            {
                left = left.saturating_sub(frame.data_ref().map_or(0, |data| data.len()));
            }
        };
        // Whoever is too slow meets a closed connection.
        tokio::spawn(tokio::time::timeout(self.time, all));
    }

    async fn collect(&self, most: usize, incoming: &mut Incoming) -> Result<Held, ProtocolError> {
        let framing = |error: axum::Error| ProtocolError::Framing(error.to_string());
        let stated = incoming.size_hint().exact();
        if stated.is_some_and(|length| length > most as u64) {
            return Err(ProtocolError::TooLarge(most));
        }
        // What is stated may never come.
        let stated = stated.and_then(|length| usize::try_from(length).ok());
        let mut body = Held::new(&self.room);
        body.bytes.reserve_exact(stated.unwrap_or_default().min(SHORT));
        while let Some(frame) = incoming.frame().await {
            let Ok(data) = frame.map_err(framing)?.into_data() else { continue };
            let length = body.bytes.len() + data.len();
            if length > most {
                return Err(ProtocolError::TooLarge(most));
            }
            // Where no length is stated, there is room for what comes next.
            let capacity = stated.unwrap_or_else(|| length.next_power_of_two().min(most));
            if !grow(&mut body.room, if stated.is_some() { length } else { capacity }) {
                return Err(ProtocolError::Full);
            }
            if length > body.bytes.capacity() {
                body.bytes.reserve_exact(capacity.max(length) - body.bytes.len());
            }
            body.bytes.extend_from_slice(&data);
        }
        Ok(body)
    }
}
