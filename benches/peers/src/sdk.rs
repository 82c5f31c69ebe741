//! The official SDK for Rust, with an HTTP client that answers at once.

use attachset::model::Input;
use attachset::wire::sign::Credentials as OwnCredentials;
use aws_sdk_support::Client;
use aws_sdk_support::config::retry::RetryConfig;
use aws_sdk_support::config::{BehaviorVersion, Config, Credentials, Region, StalledStreamProtectionConfig};
use aws_sdk_support::operation::add_attachments_to_set::builders::AddAttachmentsToSetFluentBuilder;
use aws_sdk_support::primitives::Blob;
use aws_sdk_support::types::Attachment;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use tokio::runtime::Runtime;

const ANSWER: &str = r#"{"attachmentSetId":"as-00000000000000000000000000000000","expiryTime":"2020-05-14T17:04:40.790+0000"}"#;

/// The SDK's client and what it runs on.
pub struct Sdk {
    client: Client,
    runtime: Runtime,
}

impl Sdk {
    /// A client that neither retries nor watches for stalled streams.
    ///
    /// # Panics
    /// Where there is no runtime to be had.
    #[must_use]
    pub fn new(credentials: &OwnCredentials) -> Self {
        let (id, secret) = (&credentials.access_key_id, &credentials.secret_access_key);
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(Stub)
            .endpoint_url("http://localhost")
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new(id, secret, None, None, "static"))
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        Self { client: Client::from_conf(config), runtime: runtime.expect("a runtime") }
    }

    /// A call that is ready to be sent. It owns its files, so that a copy of
    /// them is made here, before the clock starts.
    #[must_use]
    pub fn call(&self, input: &Input) -> AddAttachmentsToSetFluentBuilder {
        let attachments = input.attachments.clone().unwrap_or_default().into_iter().map(|attachment| {
            Attachment::builder()
                .set_file_name(attachment.file_name)
                .set_data(attachment.data.map(Blob::new))
                .build()
        });
        self.client.add_attachments_to_set().set_attachments(Some(attachments.collect()))
    }

    /// Sends a call and reads the answer.
    ///
    /// # Panics
    /// Where the answer is not the one that was given.
    pub fn send(&self, call: AddAttachmentsToSetFluentBuilder) {
        let output = self.runtime.block_on(call.send()).expect("an output");
        assert!(output.attachment_set_id.is_some());
    }
}

/// Takes a request and gives the answer.
#[derive(Debug, Clone)]
struct Stub;

impl HttpConnector for Stub {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        assert!(request.headers().get("authorization").is_some());
        std::hint::black_box(request.body().bytes());
        let answer = http::Response::builder().status(200).body(SdkBody::from(ANSWER));
        HttpConnectorFuture::ready(Ok(
            HttpResponse::try_from(answer.expect("a response")).expect("a response")
        ))
    }
}

impl HttpClient for Stub {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
