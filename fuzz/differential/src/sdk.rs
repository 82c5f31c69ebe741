//! The SDK without a network.

use std::sync::{Arc, Mutex, PoisonError};

use attachset::model::Input;
use attachset::wire::outcome::{ErrorKind, Failure, Members, Outcome};
use attachset::wire::{Request, Response, latin1};
use aws_sdk_support::config::retry::RetryConfig;
use aws_sdk_support::config::{BehaviorVersion, Config, Credentials, Region, StalledStreamProtectionConfig};
use aws_sdk_support::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_support::operation::RequestId as _;
use aws_sdk_support::operation::add_attachments_to_set::{
    AddAttachmentsToSetError, AddAttachmentsToSetOutput,
};
use aws_sdk_support::primitives::Blob;
use aws_sdk_support::types::Attachment;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use tokio::runtime::Runtime;

/// The SDK's client and the connection it believes in.
pub struct Sdk {
    client: aws_sdk_support::Client,
    connection: Connection,
    runtime: Runtime,
}

/// Gives each request the answer that is set, and keeps the request.
#[derive(Debug, Clone, Default)]
struct Connection(Arc<Mutex<(Response, Request)>>);

impl Sdk {
    /// # Panics
    /// Where there is no runtime to be had.
    #[expect(clippy::new_without_default, reason = "it is costly")]
    pub fn new() -> Self {
        let connection = Connection::default();
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(connection.clone())
            .endpoint_url("http://localhost")
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "static"))
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        Self {
            client: aws_sdk_support::Client::from_conf(config),
            connection,
            runtime: runtime.expect("a runtime"),
        }
    }

    /// What the SDK makes of an answer; None where its HTTP types cannot hold
    /// the answer.
    pub fn outcome(&self, response: &Response) -> Option<Outcome> {
        answer(response)?;
        self.connection.lock(|(answer, _)| answer.clone_from(response));
        let input = Input { attachments: Some(Vec::new()), ..Input::default() };
        Some(match self.send(&input) {
            Ok(output) => {
                let mut members = Members::default();
                members.set("attachmentSetId", output.attachment_set_id.map(Into::into));
                members.set("expiryTime", output.expiry_time.map(Into::into));
                Outcome::Output(members)
            }
            Err(error) => Outcome::Error(failure(&error)),
        })
    }

    /// The request that the SDK sends for an input.
    pub fn request(&self, input: &Input) -> Request {
        self.connection.lock(|(answer, _)| *answer = Response { status: 200, ..Response::default() });
        let _ = self.send(input);
        self.connection.lock(|(_, request)| std::mem::take(request))
    }

    fn send(&self, input: &Input) -> Result<AddAttachmentsToSetOutput, SdkError<AddAttachmentsToSetError>> {
        let attachments = input.attachments.as_ref().map(|attachments| {
            let attachment = |attachment: &attachset::model::Attachment| {
                Attachment::builder()
                    .set_file_name(attachment.file_name.clone())
                    .set_data(attachment.data.clone().map(Blob::new))
                    .build()
            };
            attachments.iter().map(attachment).collect()
        });
        let call = self
            .client
            .add_attachments_to_set()
            .set_attachment_set_id(input.attachment_set_id.clone())
            .set_attachments(attachments)
            .set_dry_run(input.dry_run);
        self.runtime.block_on(call.send())
    }
}

/// As the adapter `aws-sdk-rust` reports it.
fn failure(error: &SdkError<AddAttachmentsToSetError>) -> Failure {
    Failure {
        kind: match error {
            SdkError::ServiceError(_) => ErrorKind::Service,
            SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => ErrorKind::Transport,
            _ => ErrorKind::Unexpected,
        },
        code: error.code().map(Into::into),
        message: error.message().map(Into::into),
        status: error.raw_response().map(|response| response.status().as_u16()),
        request_id: error.request_id().map(str::to_owned),
    }
}

/// The answer in the SDK's types.
fn answer(response: &Response) -> Option<HttpResponse> {
    let mut answer = http::Response::builder().status(response.status);
    for (name, value) in response.headers.iter() {
        let bytes = value.chars().map(u8::try_from).collect::<Result<Vec<_>, _>>().ok()?;
        answer = answer.header(name, bytes);
    }
    HttpResponse::try_from(answer.body(SdkBody::from(response.body.clone())).ok()?).ok()
}

impl Connection {
    fn lock<T>(&self, with: impl FnOnce(&mut (Response, Request)) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl HttpConnector for Connection {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sent = Request {
            method: request.method().into(),
            target: request.uri().trim_start_matches("http://localhost").into(),
            headers: request.headers().iter_bytes().map(|(name, value)| (name, latin1(value))).collect(),
            body: request.body().bytes().unwrap_or_default().into(),
        };
        HttpConnectorFuture::ready(self.lock(|(response, request)| {
            *request = sent;
            Ok(answer(response).expect("an answer that the SDK's types hold"))
        }))
    }
}

impl HttpClient for Connection {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
