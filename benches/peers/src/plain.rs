//! What a client without this codec would write: serde_json and base64.

use attachset::model::Input;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    attachments: Vec<Attachment<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attachment<'a> {
    file_name: &'a str,
    data: String,
}

/// The body, each file a `String` before it is a part of it.
#[must_use]
pub fn encode(input: &Input) -> Vec<u8> {
    let attachments = input.attachments.iter().flatten().map(|attachment| Attachment {
        file_name: attachment.file_name.as_deref().unwrap_or_default(),
        data: BASE64_STANDARD.encode(attachment.data.as_deref().unwrap_or_default()),
    });
    serde_json::to_vec(&Body { attachments: attachments.collect() }).expect("a value that is JSON")
}

/// The files in a body, by way of a `Value`.
#[must_use]
pub fn decode(body: &[u8]) -> Vec<Vec<u8>> {
    let body: Value = serde_json::from_slice(body).expect("JSON");
    let attachments = body["attachments"].as_array().expect("an array");
    let data = |attachment: &Value| BASE64_STANDARD.decode(attachment["data"].as_str().expect("a string"));
    attachments.iter().map(|attachment| data(attachment).expect("base64")).collect()
}
