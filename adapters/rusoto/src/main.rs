//! Drives `rusoto_support`, the AWS SDK for Rust before Amazon's own.

#[allow(dead_code, reason = "the protocol has more than one client needs")]
#[path = "../../common/rust/adapter.rs"]
mod adapter;

use std::io;
use std::time::Duration;

use adapter::{Failure, Input, Kind, Outcome, Output, Settings};
use hyper::client::HttpConnector;
use rusoto_core::credential::StaticProvider;
use rusoto_core::request::DispatchSignedRequestFuture;
use rusoto_core::signature::SignedRequest;
use rusoto_core::{DispatchSignedRequest, HttpClient, Region, RusotoError};
use rusoto_support::{
    AWSSupport, AWSSupportClient, AddAttachmentsToSetError, AddAttachmentsToSetRequest, Attachment,
};

/// A dispatch error is known by its text only.
const TIMED_OUT: &str = "Timeout while dispatching request";

fn main() -> io::Result<()> {
    adapter::run::<Rusoto>()
}

struct Rusoto {
    client: AWSSupportClient,
    /// Whether the caller wants retries.
    retries: bool,
}

impl adapter::Client for Rusoto {
    const NAME: &str = "rusoto";
    const VERSION: &str = env!("CARGO_PKG_VERSION");

    fn new(settings: &Settings) -> Self {
        let credentials = &settings.credentials;
        let region = Region::Custom { name: settings.region.clone(), endpoint: settings.endpoint.clone() };
        let credentials = StaticProvider::new(
            credentials.access_key_id.clone(),
            credentials.secret_access_key.clone(),
            credentials.session_token.clone(),
            None,
        );
        let http = Http {
            client: HttpClient::from_connector(HttpConnector::new()),
            timeout: Duration::from_millis(settings.timeout_ms),
        };
        Self {
            client: AWSSupportClient::new_with(http, credentials, region),
            retries: settings.max_attempts > 1,
        }
    }

    async fn add_attachments_to_set(&self, input: Input) -> Outcome {
        if self.retries {
            return Outcome::Unsupported("this client has no retries");
        }
        if input.dry_run.is_some() {
            return Outcome::Unsupported("this client has no dryRun");
        }
        let Some(attachments) = input.attachments else {
            return Outcome::Unsupported("this client cannot leave attachments out");
        };
        let request = AddAttachmentsToSetRequest {
            attachment_set_id: input.attachment_set_id,
            attachments: attachments
                .into_iter()
                .map(|attachment| Attachment {
                    file_name: attachment.file_name,
                    data: attachment.data.map(Into::into),
                })
                .collect(),
        };
        match self.client.add_attachments_to_set(request).await {
            Ok(output) => Outcome::Output(Output {
                attachment_set_id: output.attachment_set_id,
                expiry_time: output.expiry_time,
            }),
            Err(error) => Outcome::Error(failure(&error)),
        }
    }
}

/// The client's HTTP client with a time-out for the response's head: rusoto passes none on
/// (rusoto/rusoto#1795). For the body it knows none, and the adapter adds none.
struct Http {
    client: HttpClient<HttpConnector>,
    timeout: Duration,
}

impl DispatchSignedRequest for Http {
    fn dispatch(&self, request: SignedRequest, _: Option<Duration>) -> DispatchSignedRequestFuture {
        self.client.dispatch(request, Some(self.timeout))
    }
}

fn failure(error: &RusotoError<AddAttachmentsToSetError>) -> Failure {
    use AddAttachmentsToSetError::*;

    let kind = match error {
        // A validation error is a ValidationException that the service answered.
        RusotoError::Service(_) | RusotoError::Validation(_) | RusotoError::Unknown(_) => Kind::Service,
        RusotoError::Credentials(_) | RusotoError::Blocking => Kind::Client,
        RusotoError::ParseError(_) => Kind::Decode,
        RusotoError::HttpDispatch(error) if error.to_string() == TIMED_OUT => Kind::Timeout,
        RusotoError::HttpDispatch(_) => Kind::Transport,
    };
    let code = match error {
        RusotoError::Service(error) => Some(match error {
            AttachmentLimitExceeded(_) => "AttachmentLimitExceeded",
            AttachmentSetExpired(_) => "AttachmentSetExpired",
            AttachmentSetIdNotFound(_) => "AttachmentSetIdNotFound",
            AttachmentSetSizeLimitExceeded(_) => "AttachmentSetSizeLimitExceeded",
            InternalServerError(_) => "InternalServerError",
        }),
        _ => None,
    };
    // An unknown error is the bare HTTP response, the only one that shows its status.
    let (message, status) = match error {
        RusotoError::Unknown(response) => (None, Some(response.status.as_u16())),
        _ => (Some(error.to_string()), None),
    };
    Failure { kind, code: code.map(str::to_owned), message, status, request_id: None }
}
