//! The service as a state machine: what the documents say, call by call. What
//! holds whatever is called when is a property.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod cases;
mod documented;

use attachset::model::{Attachment, Input, Output};
use attachset::service::{Options, Refusal, Service, Upload};
use jiff::Timestamp;

/// 2020-05-14T16:04:40.790Z: an hour before the documents' sample.
fn start() -> Timestamp {
    "2020-05-14T16:04:40.790Z".parse().unwrap()
}

fn after(seconds: i64) -> Timestamp {
    start() + jiff::SignedDuration::from_secs(seconds)
}

/// A call with files of these sizes.
fn upload(set: Option<&str>, sizes: &[usize]) -> Upload {
    let attachment =
        |bytes: &usize| Attachment { file_name: Some("a.log".into()), data: Some(vec![7; *bytes]) };
    let input = Input {
        attachment_set_id: set.map(Into::into),
        attachments: Some(sizes.iter().map(attachment).collect()),
        dry_run: None,
    };
    Upload::new(input, true)
}

fn dry(upload: Upload) -> Upload {
    Upload { dry_run: true, ..upload }
}

fn service(options: Options) -> Service {
    Service::new(options, 7)
}

fn id(answer: Result<Output, Refusal>) -> String {
    answer.unwrap().attachment_set_id.unwrap()
}

fn code(answer: Result<Output, Refusal>) -> &'static str {
    answer.unwrap_err().code()
}
