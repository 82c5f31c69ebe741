//! Well-formed replies, served by wiremock.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

use super::Script;
use crate::fixture::{Body, Reply};
use crate::transcript::Received;
use crate::wire::{Request, latin1};

pub(super) struct Server(MockServer);

impl Server {
    pub(super) async fn start(listener: TcpListener, script: Arc<Script>) -> Self {
        let server = MockServer::builder().listener(listener).disable_request_recording().start().await;
        Mock::given(any()).respond_with(Scripted(script)).mount(&server).await;
        Self(server)
    }

    pub(super) fn address(&self) -> SocketAddr {
        *self.0.address()
    }
}

struct Scripted(Arc<Script>);

impl Respond for Scripted {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let (exchange, reply) = self.0.begin();
        self.0.note(exchange, plain(request), Received::Whole);
        match reply {
            Reply::Http(reply) => {
                let mut response = ResponseTemplate::new(reply.status)
                    .set_body_bytes(reply.body.as_ref().map(Body::to_bytes).unwrap_or_default());
                // A delay of nothing would still wait for the timer's next tick.
                if let Some(delay) = reply.delay_ms {
                    response = response.set_delay(Duration::from_millis(delay));
                }
                for (name, value) in &reply.headers {
                    response = response.append_header(name.as_str(), value.as_str());
                }
                response
            }
            // A fixture with a script is not served here.
            Reply::Raw(_) => ResponseTemplate::new(500),
        }
    }
}

fn plain(request: &wiremock::Request) -> Request {
    let path = request.url.path();
    let target = request.url.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    Request {
        method: request.method.to_string(),
        target,
        headers: request
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), latin1(value.as_bytes())))
            .collect(),
        body: request.body.clone(),
    }
}
