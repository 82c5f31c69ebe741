//! Drives `rusoto_support`, the AWS SDK for Rust before Amazon's own.

#[allow(dead_code, reason = "the protocol has more than one client needs")]
#[path = "../../common/rust/adapter.rs"]
mod adapter;

use std::io;

use adapter::{Failure, Input, Kind, Outcome, Output, Settings};
use hyper::client::HttpConnector;
use rusoto_core::credential::StaticProvider;
use rusoto_core::{HttpClient, Region, RusotoError};
use rusoto_support::{
    AWSSupport, AWSSupportClient, AddAttachmentsToSetError, AddAttachmentsToSetRequest, Attachment,
};

fn main() -> io::Result<()> {
    adapter::run::<Rusoto>()
}

struct Rusoto {
    client: AWSSupportClient,
    /// What the caller wants and this client cannot be told. It sends every request without a
    /// time-out: `rusoto_core::Client::sign_and_dispatch`, and rusoto/rusoto#1795.
    lacks: Option<&'static str>,
}

impl adapter::Client for Rusoto {
    const NAME: &str = "rusoto";
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    const LOCK: &str = include_str!("../package.lock");

    fn new(settings: &Settings) -> Self {
        let credentials = &settings.credentials;
        let region = Region::Custom { name: settings.region.clone(), endpoint: settings.endpoint.clone() };
        let credentials = StaticProvider::new(
            credentials.access_key_id.clone(),
            credentials.secret_access_key.clone(),
            credentials.session_token.clone(),
            None,
        );
        let http = HttpClient::from_connector(HttpConnector::new());
        let lacks = if settings.max_attempts > 1 {
            Some("this client has no retries")
        } else if settings.needs.iter().any(|need| need == "timeout") {
            Some("this client has no time-outs")
        } else if settings.needs.iter().any(|need| need == "dryRun") {
            Some("this client has no dryRun")
        } else {
            None
        };
        Self { client: AWSSupportClient::new_with(http, credentials, region), lacks }
    }

    async fn add_attachments_to_set(&self, input: Input) -> Outcome {
        if let Some(lacks) = self.lacks {
            return Outcome::Unsupported(lacks);
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

fn failure(error: &RusotoError<AddAttachmentsToSetError>) -> Failure {
    use AddAttachmentsToSetError::*;

    let kind = match error {
        RusotoError::Service(_) | RusotoError::Validation(_) | RusotoError::Unknown(_) => Kind::Service,
        RusotoError::Credentials(_) | RusotoError::Blocking => Kind::Client,
        RusotoError::ParseError(_) => Kind::Decode,
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
        // It is made for this code and no other.
        RusotoError::Validation(_) => Some("ValidationException"),
        _ => None,
    };
    // An unknown error is the bare HTTP response, the only one that shows its status.
    let status = match error {
        RusotoError::Unknown(response) => Some(response.status.as_u16()),
        _ => None,
    };
    let message = Some(error.to_string());
    Failure { kind, code: code.map(str::to_owned), message, status, request_id: None }
}
