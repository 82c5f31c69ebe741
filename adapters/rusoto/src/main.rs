//! Drives `rusoto_support`, the AWS SDK for Rust before Amazon's own.

#[allow(dead_code, reason = "the protocol has more than one client needs")]
#[path = "../../common/rust/adapter.rs"]
mod adapter;

use std::error::Error;
use std::io;

use adapter::{Failure, Kind, Members, Outcome, Settings, lacking};
use hyper::client::HttpConnector;
use rusoto_core::credential::StaticProvider;
use rusoto_core::{HttpClient, Region, RusotoError};
use rusoto_support::{AWSSupport, AWSSupportClient};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

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
    const OPERATIONS: &[&str] = OPERATIONS;

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

    async fn call(&self, operation: &str, input: Members) -> Outcome {
        match self.lacks {
            Some(lacks) => Outcome::Unsupported(lacks.to_owned()),
            None => call(&self.client, operation, input).await.map_or_else(|other| other, Outcome::Output),
        }
    }
}

macro_rules! operations {
    ($($name:literal $method:ident,)*) => {
        const OPERATIONS: &[&str] = &[$($name),*];

        async fn call(client: &AWSSupportClient, operation: &str, input: Members) -> Result<Value, Outcome> {
            match operation {
                $($name => {
                    let output = client.$method(request(input)?).await;
                    let output = output.map_err(|error| Outcome::Error(failure(&error)))?;
                    Ok(serde_json::to_value(output).expect("an output is JSON"))
                })*
                _ => Err(lacking(operation)),
            }
        }
    };
}

operations! {
    "AddAttachmentsToSet" add_attachments_to_set,
    "AddCommunicationToCase" add_communication_to_case,
    "CreateCase" create_case,
    "DescribeAttachment" describe_attachment,
    "DescribeCases" describe_cases,
    "DescribeCommunications" describe_communications,
    "DescribeServices" describe_services,
    "DescribeSeverityLevels" describe_severity_levels,
    "DescribeTrustedAdvisorCheckRefreshStatuses" describe_trusted_advisor_check_refresh_statuses,
    "DescribeTrustedAdvisorCheckResult" describe_trusted_advisor_check_result,
    "DescribeTrustedAdvisorCheckSummaries" describe_trusted_advisor_check_summaries,
    "DescribeTrustedAdvisorChecks" describe_trusted_advisor_checks,
    "RefreshTrustedAdvisorCheck" refresh_trusted_advisor_check,
    "ResolveCase" resolve_case,
}

/// The client's own form of an input. A member that the client does not have is an error, because serde
/// drops it silently.
fn request<T: DeserializeOwned + Serialize>(input: Members) -> Result<T, Outcome> {
    let names: Vec<String> = input.keys().cloned().collect();
    let refuse = |error| Outcome::Unsupported(format!("this client cannot take the input: {error}"));
    let request = serde_json::from_value(Value::Object(input)).map_err(refuse)?;
    let taken = serde_json::to_value(&request).map_err(refuse)?;
    match names.iter().find(|name| taken.get(name).is_none()) {
        Some(name) => Err(lacking(name)),
        None => Ok(request),
    }
}

fn failure<E: Error + 'static>(error: &RusotoError<E>) -> Failure {
    let kind = match error {
        RusotoError::Service(_) | RusotoError::Validation(_) | RusotoError::Unknown(_) => Kind::Service,
        RusotoError::Credentials(_) | RusotoError::Blocking => Kind::Client,
        RusotoError::ParseError(_) => Kind::Decode,
        RusotoError::HttpDispatch(_) => Kind::Transport,
    };
    let code = match error {
        // Each operation has its own type of errors, whose variants have the names of the codes.
        RusotoError::Service(error) => {
            let variant = format!("{error:?}");
            variant.split_once('(').map(|(code, _)| code.to_owned())
        }
        // It is made for this code and no other.
        RusotoError::Validation(_) => Some("ValidationException".to_owned()),
        _ => None,
    };
    // An unknown error is the bare HTTP response, the only one that shows its status.
    let status = match error {
        RusotoError::Unknown(response) => Some(response.status.as_u16()),
        _ => None,
    };
    let message = Some(error.to_string());
    Failure { kind, code, message, status, request_id: None }
}
