//! The operations and structures of `aws-sdk-support`, which has no way to reach them by name.

use std::error::Error;

use aws_sdk_support::Client;
use aws_sdk_support::primitives::Blob;
use aws_sdk_support::types::{self, error};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::adapter::{Members, Outcome, lacking};
use crate::failure;

/// Each operation with the client's method, the setters of its input and the members of its output.
macro_rules! operations {
    ($($name:literal $method:ident($($set:ident),*) -> ($($member:ident),*);)*) => {
        pub const OPERATIONS: &[&str] = &[$($name),*];

        pub async fn call(client: &Client, operation: &str, mut input: Members) -> Result<Value, Outcome> {
            match operation {
                $($name => {
                    let call = client.$method()$(.$set(take(&mut input, stringify!($set))?))*;
                    nothing_left(&input)?;
                    let output = call.send().await.map_err(|error| Outcome::Error(failure(&error)))?;
                    Ok(object([$((stringify!($member), output.$member.to_json())),*]))
                })*
                _ => Err(lacking(operation)),
            }
        }
    };
}

operations! {
    "AddAttachmentsToSet" add_attachments_to_set(
        set_attachment_set_id, set_attachments, set_dry_run
    ) -> (attachment_set_id, expiry_time);
    "AddCommunicationToCase" add_communication_to_case(
        set_case_id, set_communication_body, set_cc_email_addresses, set_attachment_set_id, set_upload_ids,
        set_dry_run
    ) -> (result);
    "CompleteAttachmentUpload" complete_attachment_upload(
        set_upload_id, set_completed_uploads, set_dry_run
    ) -> (upload_status);
    "CreateCase" create_case(
        set_subject, set_service_code, set_severity_code, set_category_code, set_communication_body,
        set_cc_email_addresses, set_language, set_issue_type, set_attachment_set_id, set_upload_ids,
        set_dry_run
    ) -> (case_id);
    "DescribeAttachment" describe_attachment(set_attachment_id, set_dry_run) -> (attachment);
    "DescribeAttachmentUploadStatus" describe_attachment_upload_status(
        set_upload_id, set_dry_run
    ) -> (upload_status, file_name, upload_progress);
    "DescribeCases" describe_cases(
        set_case_id_list, set_display_id, set_after_time, set_before_time, set_include_resolved_cases,
        set_next_token, set_max_results, set_language, set_include_communications, set_dry_run
    ) -> (cases, next_token);
    "DescribeCommunications" describe_communications(
        set_case_id, set_before_time, set_after_time, set_next_token, set_max_results, set_dry_run
    ) -> (communications, next_token);
    "DescribeCreateCaseOptions" describe_create_case_options(
        set_issue_type, set_service_code, set_language, set_category_code, set_dry_run
    ) -> (language_availability, communication_types);
    "DescribeServices" describe_services(set_service_code_list, set_language, set_dry_run) -> (services);
    "DescribeSeverityLevels" describe_severity_levels(set_language, set_dry_run) -> (severity_levels);
    "DescribeSupportedLanguages" describe_supported_languages(
        set_issue_type, set_service_code, set_category_code, set_dry_run
    ) -> (supported_languages);
    "DescribeTrustedAdvisorCheckRefreshStatuses" describe_trusted_advisor_check_refresh_statuses(
        set_check_ids
    ) -> (statuses);
    "DescribeTrustedAdvisorCheckResult" describe_trusted_advisor_check_result(
        set_check_id, set_language
    ) -> (result);
    "DescribeTrustedAdvisorCheckSummaries" describe_trusted_advisor_check_summaries(
        set_check_ids
    ) -> (summaries);
    "DescribeTrustedAdvisorChecks" describe_trusted_advisor_checks(set_language) -> (checks);
    "GetAttachmentDownloadLink" get_attachment_download_link(
        set_attachment_id, set_dry_run
    ) -> (file_name, download_url);
    "GetAttachmentUploadLinks" get_attachment_upload_links(
        set_file_name, set_file_size_bytes, set_upload_id, set_upload_range, set_dry_run
    ) -> (upload_id, part_size_bytes, total_parts, next_index, upload_urls);
    "RefreshTrustedAdvisorCheck" refresh_trusted_advisor_check(set_check_id) -> (status);
    "ResolveCase" resolve_case(set_case_id, set_dry_run) -> (initial_case_status, final_case_status);
}

/// A value of an input, made from JSON.
trait FromJson: Sized {
    fn from_json(value: Value) -> Result<Self, Outcome>;
}

macro_rules! scalars {
    ($($type:ty),*) => {$(
        impl FromJson for $type {
            fn from_json(value: Value) -> Result<Self, Outcome> {
                read(value)
            }
        }
    )*};
}

scalars!(String, bool, i32, i64);

/// Structures of inputs, with the setters of their builders and what makes a result of what is built.
macro_rules! inputs {
    ($($type:ident($($set:ident),*) $checked:expr;)*) => {$(
        impl FromJson for types::$type {
            fn from_json(value: Value) -> Result<Self, Outcome> {
                let mut members = read(value)?;
                let built = Self::builder()$(.$set(take(&mut members, stringify!($set))?))*.build();
                nothing_left(&members)?;
                $checked(built)
            }
        }
    )*};
}

inputs! {
    Attachment(set_file_name, set_data) Ok;
    CompletedUpload(set_part_index, set_e_tag) complete;
    UploadRange(set_start_index, set_end_index) complete;
}

/// The SDK builds no structure without the members that it requires.
fn complete<T, E: Error>(built: Result<T, E>) -> Result<T, Outcome> {
    built.map_err(|error| unwritable(&error))
}

impl FromJson for Blob {
    fn from_json(value: Value) -> Result<Self, Outcome> {
        BASE64_STANDARD.decode(read::<String>(value)?).map(Self::new).map_err(|error| unwritable(&error))
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: Value) -> Result<Self, Outcome> {
        read::<Vec<_>>(value)?.into_iter().map(T::from_json).collect()
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(value: Value) -> Result<Self, Outcome> {
        T::from_json(value).map(Some)
    }
}

/// Takes the member that a setter sets.
fn take<T: FromJson>(input: &mut Members, setter: &str) -> Result<Option<T>, Outcome> {
    input.remove(&camel(setter.trim_start_matches("set_"))).map(T::from_json).transpose()
}

fn nothing_left(input: &Members) -> Result<(), Outcome> {
    input.keys().next().map_or(Ok(()), |name| Err(lacking(name)))
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, Outcome> {
    serde_json::from_value(value).map_err(|error| unwritable(&error))
}

fn unwritable(error: &dyn Error) -> Outcome {
    Outcome::Unsupported(format!("this client cannot take the input: {error}"))
}

/// A value of an output for JSON; none if it is absent.
trait ToJson {
    fn to_json(&self) -> Option<Value>;
}

macro_rules! plain {
    ($($type:ty),*) => {$(
        impl ToJson for $type {
            fn to_json(&self) -> Option<Value> {
                Some(json!(self))
            }
        }
    )*};
}

plain!(String, bool, i32, i64);

impl ToJson for f64 {
    fn to_json(&self) -> Option<Value> {
        Some(match *self {
            f64::INFINITY => json!("Infinity"),
            f64::NEG_INFINITY => json!("-Infinity"),
            number if number.is_nan() => json!("NaN"),
            number => json!(number),
        })
    }
}

impl ToJson for Blob {
    fn to_json(&self) -> Option<Value> {
        Some(Value::String(BASE64_STANDARD.encode(self)))
    }
}

impl ToJson for types::UploadStatus {
    fn to_json(&self) -> Option<Value> {
        Some(json!(self.as_str()))
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn to_json(&self) -> Option<Value> {
        self.as_ref().and_then(T::to_json)
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn to_json(&self) -> Option<Value> {
        Some(self.iter().map(ToJson::to_json).map(Option::unwrap_or_default).collect())
    }
}

macro_rules! outputs {
    ($($type:ident($($member:ident),*);)*) => {$(
        impl ToJson for types::$type {
            fn to_json(&self) -> Option<Value> {
                Some(object([$((stringify!($member), self.$member.to_json())),*]))
            }
        }
    )*};
}

outputs! {
    Attachment(file_name, data);
    AttachmentDetails(attachment_id, file_name);
    CaseDetails(
        case_id, display_id, subject, status, service_code, category_code, severity_code, submitted_by,
        time_created, recent_communications, cc_email_addresses, language
    );
    Category(code, name);
    Communication(case_id, body, submitted_by, time_created, attachments, attachment_set);
    CommunicationTypeOptions(r#type, supported_hours, dates_without_support);
    DateInterval(start_date_time, end_date_time);
    DownloadUrl(url, expiry_date);
    RecentCaseCommunications(communications, next_token);
    Service(code, name, categories);
    SeverityLevel(code, name);
    SupportedHour(start_time, end_time);
    SupportedLanguage(code, language, display);
    TrustedAdvisorCategorySpecificSummary(cost_optimizing);
    TrustedAdvisorCheckDescription(id, name, description, category, metadata);
    TrustedAdvisorCheckRefreshStatus(check_id, status, millis_until_next_refreshable);
    TrustedAdvisorCheckResult(
        check_id, timestamp, status, resources_summary, category_specific_summary, flagged_resources
    );
    TrustedAdvisorCheckSummary(
        check_id, timestamp, status, has_flagged_resources, resources_summary, category_specific_summary
    );
    TrustedAdvisorCostOptimizingSummary(estimated_monthly_savings, estimated_percent_monthly_savings);
    TrustedAdvisorResourceDetail(status, region, resource_id, is_suppressed, metadata);
    TrustedAdvisorResourcesSummary(
        resources_processed, resources_flagged, resources_ignored, resources_suppressed
    );
    UploadProgress(total_parts, completed_parts_count);
    UploadUrl(url, part_index, expiry_date);
}

fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    members.into_iter().filter_map(|(name, value)| Some((camel(name), value?))).collect()
}

/// The name in the service model of what is so called in Rust.
fn camel(name: &str) -> String {
    let mut words = name.trim_start_matches("r#").split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

/// The message of an exception of the model, which has it in a type of its own; none for any other.
pub fn modelled<'a>(exception: &'a (dyn Error + 'static)) -> Option<Option<&'a str>> {
    macro_rules! message {
        ($($type:ident),*) => {
            None$(.or_else(|| exception.downcast_ref::<error::$type>().map(error::$type::message)))*
        };
    }
    message!(
        AttachmentIdNotFound,
        AttachmentLimitExceeded,
        AttachmentSetExpired,
        AttachmentSetIdNotFound,
        AttachmentSetSizeLimitExceeded,
        CaseCreationLimitExceeded,
        CaseIdNotFound,
        DescribeAttachmentLimitExceeded,
        DryRunOperationException,
        InternalServerError,
        ThrottlingException,
        UploadIdNotFound
    )
}
