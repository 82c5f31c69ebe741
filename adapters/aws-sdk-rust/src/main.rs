//! Drives `aws-sdk-support`, the AWS SDK for Rust.

#[allow(dead_code, reason = "the protocol has more than one client needs")]
#[path = "../../common/rust/adapter.rs"]
mod adapter;
mod operations;

use std::error::Error;
use std::io;
use std::iter::successors;
use std::time::Duration;

use adapter::{Failure, Kind, Members, Outcome, Settings};
use aws_sdk_support::config::{
    BehaviorVersion, Config, Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_sdk_support::error::{ErrorMetadata, ProvideErrorMetadata, SdkError};
use aws_sdk_support::meta;
use aws_sdk_support::operation::RequestId;

fn main() -> io::Result<()> {
    adapter::run::<Sdk>()
}

struct Sdk(aws_sdk_support::Client);

impl adapter::Client for Sdk {
    const NAME: &str = "aws-sdk-rust";
    const VERSION: &str = meta::PKG_VERSION;
    const LOCK: &str = include_str!("../package.lock");
    const OPERATIONS: &[&str] = operations::OPERATIONS;

    fn new(settings: &Settings) -> Self {
        let credentials = &settings.credentials;
        let timeout = Duration::from_millis(settings.timeout_ms);
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(&settings.endpoint)
            .region(Region::new(settings.region.clone()))
            .credentials_provider(Credentials::new(
                &credentials.access_key_id,
                &credentials.secret_access_key,
                credentials.session_token.clone(),
                None,
                "static",
            ))
            .retry_config(RetryConfig::standard().with_max_attempts(settings.max_attempts))
            .timeout_config(TimeoutConfig::builder().connect_timeout(timeout).read_timeout(timeout).build())
            .build();
        Self(aws_sdk_support::Client::from_conf(config))
    }

    async fn call(&self, operation: &str, input: Members) -> Outcome {
        operations::call(&self.0, operation, input).await.map_or_else(|other| other, Outcome::Output)
    }
}

fn failure<E: ProvideErrorMetadata + Error + 'static>(error: &SdkError<E>) -> Failure {
    // An error that nothing names holds what the service said; if it does not, the answer could
    // not be read.
    let unnamed = match error {
        SdkError::ServiceError(answered) if error.code().is_none() => answered.err().source(),
        _ => None,
    };
    let said = unnamed.and_then(|source| source.downcast_ref::<ErrorMetadata>());
    let unread = unnamed.is_some() && said.is_none();
    let kind = match error {
        SdkError::ServiceError(_) if unread => Kind::Decode,
        SdkError::ServiceError(_) => Kind::Service,
        SdkError::ConstructionFailure(_) => Kind::Client,
        SdkError::TimeoutError(_) => Kind::Timeout,
        SdkError::DispatchFailure(failure) if failure.is_timeout() => Kind::Timeout,
        SdkError::DispatchFailure(failure) if failure.is_user() => Kind::Client,
        // A response error is a body that could not be read to its end.
        SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => Kind::Transport,
        _ => Kind::Unexpected,
    };
    let message = match error {
        SdkError::ServiceError(_) if !unread => {
            said.map_or_else(|| message(error), ErrorMetadata::message).map(str::to_owned)
        }
        _ => Some(with_causes(error)),
    };
    Failure {
        kind,
        code: error.code().map(str::to_owned),
        message,
        status: error.raw_response().map(|response| response.status().as_u16()),
        request_id: error.request_id().map(str::to_owned),
    }
}

/// The message of an exception of the model, or what there is to be had of every error.
fn message<E: ProvideErrorMetadata + Error + 'static>(error: &SdkError<E>) -> Option<&str> {
    let exception = error.as_service_error().and_then(Error::source);
    exception.and_then(operations::modelled).unwrap_or_else(|| error.message())
}

fn with_causes(error: &dyn Error) -> String {
    successors(Some(error), |&error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
