//! A fixture's replies in a [`MockServer`] of your own, beside your other mocks.
//!
//! wiremock frames a response by itself: names of fields in lower case, no
//! reason phrase of the fixture's. The exact bytes of a fixture come from
//! [`Replay`](crate::replay::Replay), which also serves scripts.
//!
//! ```
//! use attachset::fixture::Set;
//! use attachset::wiremock::Replies;
//! use wiremock::matchers::{header, method};
//! use wiremock::{Mock, MockServer};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let fixtures = Set::embedded()?;
//! let fixture = fixtures.find("error/attachment-set-expired-header-uri").ok_or("no such fixture")?;
//! let server = MockServer::start().await;
//! Mock::given(method("POST"))
//!     .and(header("X-Amz-Target", "AWSSupport_20130415.AddAttachmentsToSet"))
//!     .respond_with(Replies::of(fixture, 0).ok_or("a script of bytes")?)
//!     .mount(&server)
//!     .await;
//! // Now make the call that `fixture.steps[0].call` describes to `server.uri()`.
//! # Ok(())
//! # }
//! ```
//!
//! [`MockServer`]: ::wiremock::MockServer

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ::wiremock::{Request, Respond, ResponseTemplate};

use crate::fixture::{Body, Fixture, HttpReply, Reply};

/// The well-formed replies of a fixture's step, one for each request in order;
/// the last one repeats.
#[derive(Debug)]
pub struct Replies {
    replies: Vec<HttpReply>,
    given: AtomicUsize,
}

impl Replies {
    /// The replies of a step, from 0. None if there is no such step, or if one
    /// of its replies is a script of bytes, which wiremock cannot send.
    #[must_use]
    pub fn of(fixture: &Fixture, step: usize) -> Option<Self> {
        let well_formed = |reply: &Reply| match reply {
            Reply::Http(reply) => Some(reply.clone()),
            Reply::Raw(_) => None,
        };
        let replies: Vec<_> =
            fixture.steps.get(step)?.replies.iter().map(well_formed).collect::<Option<_>>()?;
        (!replies.is_empty()).then(|| Self { replies, given: AtomicUsize::new(0) })
    }
}

impl Respond for Replies {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let number = self.given.fetch_add(1, Ordering::Relaxed).min(self.replies.len() - 1);
        // There is at least one.
        let Some(reply) = self.replies.get(number) else { return ResponseTemplate::new(500) };
        let body = reply.body.as_ref().map(Body::to_bytes).unwrap_or_default();
        let mut response = ResponseTemplate::new(reply.status).set_body_bytes(body);
        // Without a delay it would still wait for the next tick of the timer.
        if let Some(delay) = reply.delay_ms {
            response = response.set_delay(Duration::from_millis(delay));
        }
        for (name, value) in reply.headers.iter() {
            response = response.append_header(name, value);
        }
        response
    }
}
