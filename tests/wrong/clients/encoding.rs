//! Wrong requests.

use serde_json::{Value, json};

use crate::clients::edit;
use crate::clients::mutant::Defect::{self, Input, Request};
use crate::clients::mutant::{Mutant, mutant};
use crate::clients::socket::Flaw;

pub(crate) static REQUESTS: &[Mutant] = &[
    mutant(
        "unversioned-target",
        "leaves the API version out of the target",
        Request(|request| {
            edit::header(&mut request.headers, "X-Amz-Target", Some("AWSSupport.AddAttachmentsToSet"));
        }),
    ),
    mutant(
        "plain-json-type",
        "sends the content type of plain JSON",
        Request(|request| edit::header(&mut request.headers, "Content-Type", Some("application/json"))),
    ),
    mutant(
        "json-1-0-type",
        "sends the content type of awsJson1_0",
        Request(|request| {
            edit::header(&mut request.headers, "Content-Type", Some("application/x-amz-json-1.0"));
        }),
    ),
    mutant(
        "content-encoding",
        "sends Content-Encoding: amz-1.0, as clients of older JSON services do",
        Request(|request| request.headers.push("Content-Encoding", "amz-1.0")),
    ),
    mutant("put", "sends a PUT, since it adds something", Request(|request| request.method = "PUT".into())),
    mutant(
        "operation-in-path",
        "puts the operation's name into the path",
        Request(|request| request.target.push_str("AddAttachmentsToSet")),
    ),
    mutant(
        "operation-in-query",
        "names the operation in the query, as awsQuery does",
        Request(|request| request.target.push_str("?Action=AddAttachmentsToSet&Version=2013-04-15")),
    ),
    mutant("no-such-version", "sends requests of HTTP/1.2", Defect::Send(Flaw::NoSuchVersion)),
    mutant("no-length", "sends a body without saying how long it is", Defect::Send(Flaw::NoLength)),
    mutant(
        "byte-order-mark",
        "writes the JSON with a byte order mark",
        Request(|request| edit::body(&mut request.body, |body| format!("\u{feff}{body}"))),
    ),
    mutant(
        "latin-1-body",
        "encodes the JSON as ISO 8859-1",
        Request(|request| {
            let text = String::from_utf8_lossy(&request.body).into_owned();
            request.body = text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
        }),
    ),
    mutant(
        "cesu-8-body",
        "encodes characters beyond U+FFFF as two surrogates of three bytes, as Java's modified UTF-8 does",
        Request(|request| {
            let text = String::from_utf8_lossy(&request.body).into_owned();
            let unit = |unit: u16| {
                [0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)]
                    .map(|byte| byte as u8)
            };
            request.body = Vec::new();
            for c in text.chars() {
                match c.len_utf16() {
                    1 => request.body.extend_from_slice(c.to_string().as_bytes()),
                    _ => request.body.extend(c.encode_utf16(&mut [0; 2]).iter().copied().flat_map(unit)),
                }
            }
        }),
    ),
    mutant(
        "unescaped-quotes",
        "builds the JSON with string formatting and escapes nothing",
        Request(|request| {
            edit::body(&mut request.body, |body| body.replace("\\\"", "\"").replace("\\\\", "\\"))
        }),
    ),
    mutant(
        "unescaped-controls",
        "escapes quotes but no control characters",
        Request(|request| {
            edit::body(&mut request.body, |body| {
                let body = body.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t");
                (0_u8..0x20).fold(body, |body, byte| {
                    body.replace(&format!("\\u{byte:04x}"), &char::from(byte).to_string())
                })
            });
        }),
    ),
    mutant(
        "null-members",
        "sends null for what the caller left out",
        Request(|request| {
            edit::members(&mut request.body, |body| {
                for name in ["attachmentSetId", "dryRun"] {
                    body.entry(name).or_insert(Value::Null);
                }
            });
        }),
    ),
    mutant(
        "null-attachment-members",
        "sends null for what an attachment lacks",
        Request(|request| {
            edit::attachments(&mut request.body, |attachment| {
                for name in ["fileName", "data"] {
                    attachment.entry(name).or_insert(Value::Null);
                }
            });
        }),
    ),
    mutant(
        "client-token",
        "adds an idempotency token that the operation does not have",
        Request(|request| {
            edit::members(&mut request.body, |body| {
                body.insert("clientToken".into(), json!("4b1e0d0e"));
            });
        }),
    ),
    mutant(
        "content-type-member",
        "adds each attachment's media type",
        Request(|request| {
            edit::attachments(&mut request.body, |attachment| {
                attachment.insert("contentType".into(), json!("text/plain"));
            });
        }),
    ),
    mutant(
        "capital-members",
        "writes member names with a capital, as its own structure has them",
        Request(|request| {
            edit::members(&mut request.body, |body| {
                if let Some(id) = body.remove("attachmentSetId") {
                    body.insert("AttachmentSetId".into(), id);
                }
                if let Some(dry_run) = body.remove("dryRun") {
                    body.insert("DryRun".into(), dry_run);
                }
            });
        }),
    ),
    mutant(
        "snake-case-members",
        "writes member names in the case of its own language",
        Request(|request| {
            edit::body(&mut request.body, |body| {
                body.replace("\"attachmentSetId\":", "\"attachment_set_id\":")
                    .replace("\"fileName\":", "\"file_name\":")
                    .replace("\"dryRun\":", "\"dry_run\":")
            });
        }),
    ),
    mutant(
        "wrapped-body",
        "wraps the body in the name of the input's shape",
        Request(|request| {
            edit::json(&mut request.body, |body| {
                *body = json!({ "AddAttachmentsToSetRequest": body.take() })
            });
        }),
    ),
    mutant(
        "repeated-member",
        "writes the set's id a second time when it appends",
        Request(|request| {
            edit::body(&mut request.body, |body| match body.find(",\"attachments\"") {
                Some(end) => format!("{},{}", &body[..end], &body[1..]),
                None => body.into(),
            });
        }),
    ),
    mutant(
        "bare-structure",
        "sends a list of one as the one",
        Request(|request| {
            edit::members(&mut request.body, |body| {
                if let Some(Value::Array(list)) = body.get_mut("attachments")
                    && list.len() == 1
                {
                    body["attachments"] = list.remove(0);
                }
            });
        }),
    ),
    mutant(
        "indexed-list",
        "sends a list as an object with the indices for names",
        Request(|request| {
            edit::members(&mut request.body, |body| {
                if let Some(Value::Array(list)) = body.get_mut("attachments") {
                    let items = list.drain(..).enumerate().map(|(index, item)| (index.to_string(), item));
                    body["attachments"] = Value::Object(items.collect());
                }
            });
        }),
    ),
    mutant(
        "boolean-as-text",
        "sends a boolean as a string",
        Request(|request| {
            edit::members(&mut request.body, |body| {
                if let Some(Value::Bool(dry_run)) = body.get("dryRun") {
                    body["dryRun"] = dry_run.to_string().into();
                }
            });
        }),
    ),
    mutant(
        "number-for-digits",
        "sends an id of digits as a number",
        Request(|request| {
            edit::members(&mut request.body, |body| {
                if let Some(number) =
                    body.get("attachmentSetId").and_then(|id| id.as_str()?.parse::<f64>().ok())
                {
                    body["attachmentSetId"] = number.into();
                }
            });
        }),
    ),
    mutant(
        "dry-run-false-dropped",
        "leaves out what is false",
        Input(|input| {
            input.dry_run = input.dry_run.filter(|dry_run| *dry_run);
        }),
    ),
    mutant("dry-run-dropped", "does not know dryRun and drops it", Input(|input| input.dry_run = None)),
    mutant(
        "dry-run-always",
        "sends dryRun although the caller did not set it",
        Input(|input| {
            input.dry_run.get_or_insert(false);
        }),
    ),
    mutant(
        "dry-run-inverted",
        "takes dryRun for its opposite, perform",
        Input(|input| {
            input.dry_run = input.dry_run.map(|dry_run| !dry_run);
        }),
    ),
];
