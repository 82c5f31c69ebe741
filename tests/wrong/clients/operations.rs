//! Operations beside `AddAttachmentsToSet` whose calls or outputs are not right.

use attachset::model::{Shape, Structure, operation_shape};
use attachset::wire::Response;
use attachset::wire::encode::{base64, from_base64};
use attachset::wire::outcome::{ErrorKind, Members, Outcome};
use serde_json::{Map, Number, Value};

use crate::clients::edit;
use crate::clients::mutant::Defect::{self, AfterOutcome, Answer};
use crate::clients::mutant::{Mutant, mutant};

pub(crate) static OPERATIONS: &[Mutant] = &[
    mutant(
        "one-target",
        "names AddAttachmentsToSet in every request",
        Defect::Request(|request| {
            let target = Some("AWSSupport_20130415.AddAttachmentsToSet");
            edit::header(&mut request.headers, "X-Amz-Target", target);
        }),
    ),
    mutant(
        "empty-input-no-body",
        "sends no body where the caller gives nothing",
        Defect::Request(|request| {
            if request.body == b"{}" {
                request.body.clear();
            }
        }),
    ),
    mutant(
        "numbers-as-text",
        "sends numbers in quotes",
        Defect::Request(|request| {
            edit::members(&mut request.body, |body| {
                body.values_mut()
                    .filter(|value| value.is_number())
                    .for_each(|of| *of = of.to_string().into());
            });
        }),
    ),
    mutant(
        "empty-lists-left-out",
        "leaves lists without items out",
        Defect::Request(|request| {
            edit::members(&mut request.body, |body| {
                body.retain(|_, value| *value != Value::Array(Vec::new()))
            });
        }),
    ),
    mutant(
        "input-as-ascii",
        "sends a question mark for what is beyond ASCII",
        Defect::Request(|request| {
            edit::body(&mut request.body, |text| {
                text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect()
            });
        }),
    ),
    mutant(
        "token-encoded",
        "encodes the token of a page as in a URL",
        Defect::Request(|request| {
            edit::members(&mut request.body, |body| {
                if let Some(Value::String(token)) = body.get_mut("nextToken") {
                    *token = token.replace(' ', "%20").replace('+', "%2B");
                }
            });
        }),
    ),
    mutant("output-kept", "fills what an output lacks from the output before", AfterOutcome(edit::fill)),
    mutant(
        "blob-as-text",
        "gives its caller the base64 in place of the bytes",
        Defect::Outcome(|outcome, answer| blob(outcome, answer, |data| Some(data.as_bytes().to_vec()))),
    ),
    mutant(
        "foreign-characters-skipped",
        "skips what is no character of base64",
        Defect::Outcome(|outcome, answer| {
            blob(outcome, answer, |data| {
                lenient(&data.replace(|c: char| !c.is_ascii_alphanumeric() && c != '+' && c != '/', ""))
            });
        }),
    ),
    mutant(
        "url-alphabet-taken",
        "takes the URL alphabet of base64 for the standard one",
        Defect::Outcome(|outcome, answer| {
            blob(outcome, answer, |data| lenient(&data.replace('-', "+").replace('_', "/")));
        }),
    ),
    mutant(
        "last-group-dropped",
        "drops characters that are no whole group of base64",
        Defect::Outcome(|outcome, answer| {
            blob(outcome, answer, |data| file(data.get(..data.len() / 4 * 4)?))
        }),
    ),
    mutant(
        "file-as-text",
        "takes a file for text in UTF-8",
        Defect::Outcome(|outcome, answer| {
            blob(outcome, answer, |data| {
                Some(String::from_utf8_lossy(&file(data)?).into_owned().into_bytes())
            });
        }),
    ),
    mutant(
        "file-ends-at-nul",
        "ends a file at its first NUL",
        Defect::Outcome(|outcome, answer| {
            blob(outcome, answer, |data| Some(file(data)?.split(|byte| *byte == 0).next()?.to_vec()));
        }),
    ),
    mutant(
        "file-cut-at-64-KiB",
        "gives its caller the first 64 KiB",
        Defect::Outcome(|outcome, answer| {
            blob(outcome, answer, |data| Some(file(data)?.into_iter().take(64 << 10).collect()));
        }),
    ),
    mutant(
        "empty-file-refused",
        "takes a file without bytes for a missing one",
        Defect::Outcome(|outcome, answer| {
            if body_holds(answer, "\"data\":\"\"") {
                refuse(outcome, "no data");
            }
        }),
    ),
    mutant(
        "data-needed",
        "fails where an attachment has no data",
        Defect::Outcome(|outcome, _| {
            let needs =
                |output: &Members| output.get("attachment").is_some_and(|of| of.get("data").is_none());
            if matches!(outcome, Outcome::Output(output) if needs(output)) {
                *outcome = Outcome::error(ErrorKind::Unexpected, "KeyError: 'data'");
            }
        }),
    ),
    mutant(
        "deep-members-refused",
        "refuses members inside of structures that its model does not have",
        Defect::Outcome(|outcome, answer| {
            if ["\"size\"", "\"priority\""].iter().any(|name| body_holds(answer, name)) {
                refuse(outcome, "a member is unknown");
            }
        }),
    ),
    mutant(
        "names-as-ascii",
        "gives its caller a question mark for what is beyond ASCII",
        Defect::Outcome(|outcome, _| {
            changed(outcome, |_, value| {
                if let Value::String(text) = value {
                    *text = text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
                }
            });
        }),
    ),
    mutant(
        "wrong-types-dropped",
        "takes a value of another type for an absent one",
        Answer(|answer| {
            edit::members(&mut answer.body, |body| {
                for operation in
                    ["CreateCase", "AddCommunicationToCase", "DescribeCases", "DescribeAttachment", RESULT]
                {
                    drop_wrong(body, &operation_shape(operation).unwrap().output);
                }
            });
        }),
    ),
    mutant(
        "any-value-is-true",
        "takes every value of a boolean for true",
        Defect::Outcome(|outcome, _| {
            changed(outcome, |name, value| {
                if name == "result" && !value.is_object() {
                    *value = true.into();
                }
            })
        }),
    ),
    mutant(
        "false-left-out",
        "leaves out what is false",
        Defect::Outcome(|outcome, _| {
            if let Outcome::Output(output) = outcome {
                output.members.retain(|_, value| *value != Value::Bool(false));
            }
        }),
    ),
    mutant(
        "null-is-an-error",
        "takes null for a value of another type",
        Defect::Outcome(|outcome, answer| {
            if body_holds(answer, "null") {
                refuse(outcome, "null");
            }
        }),
    ),
    mutant(
        "first-item-only",
        "gives its caller the first item of a list",
        Defect::Outcome(|outcome, _| {
            changed(outcome, |_, value| {
                if let Value::Array(items) = value {
                    items.truncate(1);
                }
            })
        }),
    ),
    mutant(
        "empty-list-is-an-error",
        "takes a list without items for a missing one",
        Defect::Outcome(|outcome, answer| {
            if body_holds(answer, "[]") {
                refuse(outcome, "no items");
            }
        }),
    ),
    mutant(
        "output-needed",
        "takes an output without members for broken",
        Defect::Outcome(|outcome, _| {
            if matches!(outcome, Outcome::Output(output) if output.is_empty()) {
                refuse(outcome, "no members");
            }
        }),
    ),
    mutant(
        "doubles-cut",
        "gives its caller the whole part of a double",
        Defect::Outcome(|outcome, _| {
            numbers(outcome, |number| number.as_f64().map_or(Value::Null, |number| number.trunc().into()));
        }),
    ),
    mutant(
        "floats",
        "holds a double in 32 bits",
        Defect::Outcome(|outcome, _| {
            numbers(outcome, |number| {
                number.as_f64().map_or(Value::Null, |number| f64::from(number as f32).into())
            });
        }),
    ),
    mutant(
        "no-sign",
        "loses the sign of a number",
        Defect::Outcome(|outcome, _| {
            numbers(outcome, |number| number.as_f64().map_or(Value::Null, |number| number.abs().into()));
        }),
    ),
    mutant(
        "longs-wrap",
        "holds a long in 32 bits",
        Defect::Outcome(|outcome, _| {
            numbers(outcome, |number| {
                number.as_i64().map_or(number.clone().into(), |number| (number as i32).into())
            });
        }),
    ),
    mutant(
        "whole-doubles-refused",
        "takes a number without a fraction for no double",
        Defect::Outcome(|outcome, answer| {
            if body_holds(answer, "\"estimatedMonthlySavings\":100,") {
                refuse(outcome, "an integer");
            }
        }),
    ),
    mutant(
        "no-number-refused",
        "takes NaN and Infinity for text",
        Defect::Outcome(|outcome, answer| {
            if body_holds(answer, "\"NaN\"") || body_holds(answer, "\"Infinity\"") {
                refuse(outcome, "a string");
            }
        }),
    ),
    mutant(
        "errors-of-one-operation",
        "knows the errors of AddAttachmentsToSet alone",
        Defect::Outcome(|outcome, _| {
            let known = &operation_shape("AddAttachmentsToSet").unwrap().errors;
            if let Outcome::Error(error) = outcome
                && !error.code.as_ref().and_then(Value::as_str).is_some_and(|code| known.contains_key(code))
            {
                error.code = None;
            }
        }),
    ),
    mutant(
        "failures-are-the-callers",
        "reports status 400 for every error",
        Defect::Outcome(|outcome, _| {
            if let Outcome::Error(error) = outcome {
                error.status = error.status.map(|_| 400);
            }
        }),
    ),
    mutant(
        "codes-of-sets-lost",
        "loses the name of an error that is about a set",
        Defect::Outcome(|outcome, _| {
            if edit::code(outcome).starts_with("AttachmentSet")
                && let Some(error) = edit::error(outcome)
            {
                error.code = None;
            }
        }),
    ),
    mutant(
        "statuses-listed",
        "takes a status that it does not list for an unknown one",
        Defect::Outcome(|outcome, _| {
            changed(outcome, |name, value| {
                let listed = ["opened", "pending-customer-action", "resolved", "unassigned", "warning", "ok"];
                let is_status = name.ends_with("Status") || name == "status";
                if is_status && !value.as_str().is_some_and(|status| listed.contains(&status)) {
                    *value = "unknown".into();
                }
            })
        }),
    ),
    mutant(
        "statuses-by-place",
        "takes the members of an output by their places",
        Defect::Outcome(|outcome, _| {
            if let Outcome::Output(output) = outcome
                && let (Some(one), Some(other)) =
                    (output.get("initialCaseStatus").cloned(), output.get("finalCaseStatus").cloned())
            {
                output.set("initialCaseStatus", Some(other));
                output.set("finalCaseStatus", Some(one));
            }
        }),
    ),
    mutant(
        "ids-upper-case",
        "gives its caller ids and codes in capitals",
        Defect::Outcome(|outcome, _| {
            changed(outcome, |name, value| {
                let is_id = name.ends_with("Id") || name == "code";
                if let (true, Value::String(text)) = (is_id, value) {
                    *text = text.to_uppercase();
                }
            })
        }),
    ),
];

const RESULT: &str = "DescribeTrustedAdvisorCheckResult";

/// Gives the caller the bytes that another reader makes of a file's base64.
fn blob(outcome: &mut Outcome, answer: &Response, read: fn(&str) -> Option<Vec<u8>>) {
    let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else { return };
    let Some(data) = body.pointer("/attachment/data").and_then(Value::as_str) else { return };
    let Some(bytes) = read(data) else { return };
    let mut attachment = Map::new();
    if let Some(name) = body.pointer("/attachment/fileName") {
        attachment.insert("fileName".into(), name.clone());
    }
    attachment.insert("data".into(), base64(&bytes).into());
    *outcome = Outcome::Output(Members::from_iter([("attachment", attachment.into())]));
}

/// The bytes of a file, where its base64 is right.
fn file(data: &str) -> Option<Vec<u8>> {
    from_base64(data).ok()
}

/// The bytes of what whole groups there are.
fn lenient(data: &str) -> Option<Vec<u8>> {
    let data = data.trim_end_matches('=');
    let data = if data.len() % 4 == 1 { data.get(..data.len() - 1)? } else { data };
    from_base64(format!("{data}{}", "=".repeat((4 - data.len() % 4) % 4))).ok()
}

/// Changes every value of an output, with the name of the member that it is in.
fn changed(outcome: &mut Outcome, change: fn(&str, &mut Value)) {
    fn within(name: &str, value: &mut Value, change: fn(&str, &mut Value)) {
        match value {
            Value::Object(members) => {
                members.iter_mut().for_each(|(name, value)| within(name, value, change))
            }
            Value::Array(items) => items.iter_mut().for_each(|item| within(name, item, change)),
            _ => {}
        }
        change(name, value);
    }
    if let Outcome::Output(output) = outcome {
        output.members.iter_mut().for_each(|(name, value)| within(name, value, change));
    }
}

/// Changes every number of an output.
fn numbers(outcome: &mut Outcome, change: fn(&Number) -> Value) {
    if let Outcome::Output(output) = outcome {
        output.members.values_mut().for_each(|value| each_number(value, change));
    }
}

fn each_number(value: &mut Value, change: fn(&Number) -> Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|value| each_number(value, change)),
        Value::Array(items) => items.iter_mut().for_each(|value| each_number(value, change)),
        Value::Number(number) => *value = change(number),
        _ => {}
    }
}

/// Removes what does not have its type, however deep.
fn drop_wrong(members: &mut Map<String, Value>, of: &Structure) {
    members.retain(|name, value| of.shape(name).is_none_or(|shape| is_kept(value, shape)));
}

fn is_kept(value: &mut Value, shape: &Shape) -> bool {
    match (value, shape) {
        (Value::Object(members), Shape::Structure(of)) => {
            drop_wrong(members, of);
            true
        }
        (Value::Array(items), Shape::List(of)) => {
            items.retain_mut(|item| is_kept(item, of));
            true
        }
        (Value::Null | Value::String(_), Shape::String | Shape::Blob)
        | (Value::Bool(_), Shape::Boolean)
        | (Value::Number(_), Shape::Double | Shape::Integer | Shape::Long) => true,
        (Value::String(text), Shape::Double) => ["NaN", "Infinity", "-Infinity"].contains(&text.as_str()),
        (Value::Null, _) => true,
        _ => false,
    }
}

fn body_holds(answer: &Response, text: &str) -> bool {
    String::from_utf8_lossy(&answer.body).contains(text)
}

fn refuse(outcome: &mut Outcome, reason: &str) {
    *outcome = Outcome::error(ErrorKind::Decode, reason);
}
