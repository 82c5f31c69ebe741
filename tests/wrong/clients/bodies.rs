//! Bodies that are read wrongly.

use std::time::Duration;

use attachset::model::Output;
use attachset::transcript::Fault;
use attachset::wire::outcome::{ErrorKind, Outcome};
use serde_json::{Map, Value};

use crate::clients::edit;
use crate::clients::mutant::Defect::{self, Answer, Fatal};
use crate::clients::mutant::{Mutant, mutant};

pub(crate) static BODIES: &[Mutant] = &[
    mutant("status-ignored", "reads every answer as an output", Answer(|answer| answer.status = 200)),
    mutant(
        "only-4xx-and-5xx-fail",
        "takes every status below 400 or above 599 for success",
        Answer(|answer| {
            if !(400..600).contains(&answer.status) {
                answer.status = 200;
            }
        }),
    ),
    mutant(
        "only-5xx-fail",
        "takes every status below 500 for success",
        Answer(|answer| {
            if answer.status < 500 {
                answer.status = 200;
            }
        }),
    ),
    mutant(
        "body-optional",
        "reports success for status 200 although the body cannot be read",
        Defect::Outcome(|outcome, answer| {
            if answer.status == 200 && is_decode(outcome) {
                *outcome = edit::output(None);
            }
        }),
    ),
    mutant(
        "body-ignored",
        "reports success for status 200 and reads nothing",
        Defect::Outcome(|outcome, answer| {
            if answer.status == 200 {
                *outcome = edit::output(None);
            }
        }),
    ),
    mutant(
        "any-json-as-output",
        "takes every JSON value for an output",
        Answer(|answer| {
            if answer.status == 200 {
                edit::json(&mut answer.body, |body| {
                    if !body.is_object() {
                        *body = Value::Object(Map::new());
                    }
                });
            }
        }),
    ),
    mutant(
        "first-of-array",
        "takes the first item of an array for the answer",
        Answer(|answer| {
            edit::json(&mut answer.body, |body| {
                if let Value::Array(items) = body
                    && !items.is_empty()
                {
                    *body = items.remove(0);
                }
            });
        }),
    ),
    mutant(
        "text-search",
        "finds members by searching the text for their names",
        Defect::Outcome(|outcome, answer| {
            if answer.status == 200 {
                let body = String::from_utf8_lossy(&answer.body);
                let find = |name: &str| {
                    let (_, rest) = body.split_once(&format!("\"{name}\":\""))?;
                    Some(rest.split('"').next()?.to_owned())
                };
                let output =
                    Output { attachment_set_id: find("attachmentSetId"), expiry_time: find("expiryTime") };
                *outcome = output.into();
            }
        }),
    ),
    mutant(
        "deep-search",
        "takes members of its names from objects inside the answer, too",
        Answer(|answer| {
            edit::members(&mut answer.body, |body| {
                for inner in body.clone().values().filter_map(Value::as_object) {
                    let known = |name: &str| ["attachmentSetId", "expiryTime"].contains(&name);
                    body.extend(inner.clone().into_iter().filter(|(name, _)| known(name)));
                }
            });
        }),
    ),
    mutant(
        "members-by-place",
        "takes the first member for the id and the second for the time",
        Answer(|answer| {
            if answer.status == 200 {
                edit::members(&mut answer.body, |body| {
                    let names = ["attachmentSetId", "expiryTime"].map(str::to_owned);
                    *body = names.into_iter().zip(body.values().cloned().collect::<Vec<_>>()).collect();
                });
            }
        }),
    ),
    mutant(
        "members-from-headers",
        "reads members from headers of their names first",
        Answer(|answer| {
            let headers = answer.headers.clone();
            edit::members(&mut answer.body, |body| {
                for name in ["attachmentSetId", "expiryTime"] {
                    if let Some(value) = headers.get(name) {
                        body.insert(name.into(), value.into());
                    }
                }
            });
        }),
    ),
    mutant(
        "prototype-pollution",
        "merges the answer into an object, so that __proto__ gives it members",
        Answer(|answer| {
            edit::members(&mut answer.body, |body| {
                for inner in ["__proto__", "constructor", "prototype"] {
                    let inner = body.get(inner).and_then(Value::as_object).cloned().unwrap_or_default();
                    inner.into_iter().for_each(|(name, value)| {
                        body.entry(name).or_insert(value);
                    });
                }
            });
        }),
    ),
    mutant(
        "wrong-bytes-replaced",
        "replaces bytes that are not UTF-8",
        Answer(|answer| {
            edit::body(&mut answer.body, str::to_owned);
        }),
    ),
    mutant(
        "latin-1-answer",
        "reads the answer as ISO 8859-1",
        Answer(|answer| {
            answer.body = attachset::wire::latin1(&answer.body).into_bytes();
        }),
    ),
    mutant(
        "lenient-json",
        "reads JSON as if it were JavaScript: NaN, comments, commas too many",
        Answer(|answer| {
            edit::body(&mut answer.body, |body| {
                let body = body.replace(":NaN", ":\"NaN\"").replace(",}", "}").replace(",]", "]");
                body.replace('\'', "\"")
            });
        }),
    ),
    mutant(
        "streaming-json",
        "hands on what it has read when the JSON ends too early",
        Answer(|answer| {
            if answer.status == 200 && answer.body.starts_with(b"{") {
                let text = String::from_utf8_lossy(&answer.body).into_owned();
                let closed = ["", "\"", "}", "\"}", "\":null}"].map(|end| format!("{text}{end}"));
                if let Some(whole) =
                    closed.into_iter().find(|text| serde_json::from_str::<Value>(text).is_ok())
                {
                    answer.body = whole.into_bytes();
                }
            }
        }),
    ),
    mutant(
        "numbers-as-doubles",
        "fails on a number that does not fit, even in a member that it does not know",
        Defect::Outcome(|outcome, answer| {
            let fits = serde_json::from_slice::<Value>(&answer.body).is_ok();
            if matches!(outcome, Outcome::Output(_)) && !fits {
                *outcome = Outcome::error(ErrorKind::Decode, "a number is out of range");
            }
        }),
    ),
    mutant(
        "stack-overflow",
        "dies of deep nesting",
        Fatal(|answer| {
            let deep = answer.body.iter().filter(|byte| b"[{".contains(byte)).count() > 64;
            deep.then(|| Fault::Ended { status: "signal: 11 (SIGSEGV)".into(), stderr: String::new() })
        }),
    ),
    mutant(
        "waits-for-a-body",
        "waits for a body where there is none",
        Fatal(|answer| answer.body.is_empty().then_some(Fault::NoAnswer(Duration::ZERO))),
    ),
    mutant(
        "escapes-kept",
        "does not resolve escapes in values",
        Answer(|answer| {
            edit::body(&mut answer.body, |body| body.replace('\\', "\\\\").replace("\\\\\"", "\\\""));
        }),
    ),
    mutant(
        "escaped-names-unknown",
        "compares member names before it resolves escapes",
        Answer(|answer| {
            let raw = String::from_utf8_lossy(&answer.body).into_owned();
            edit::members(&mut answer.body, |body| {
                body.retain(|name, _| raw.contains(&format!("\"{name}\"")))
            });
        }),
    ),
    mutant(
        "surrogates-apart",
        "resolves the halves of a surrogate pair one by one",
        Answer(|answer| {
            edit::body(&mut answer.body, |body| {
                let mut pieces = body.split("\\u");
                let first = pieces.next().unwrap_or_default().to_owned();
                pieces.fold(first, |text, piece| match piece.as_bytes() {
                    [b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..] => {
                        format!("{text}\\ufffd{}", &piece[4..])
                    }
                    _ => format!("{text}\\u{piece}"),
                })
            });
        }),
    ),
    mutant(
        "content-type-obeyed",
        "reads a body as JSON only if the content type says so",
        Defect::Outcome(|outcome, answer| {
            let json =
                answer.headers.get("content-type").is_some_and(|value| value == "application/x-amz-json-1.1");
            if matches!(outcome, Outcome::Output(_)) && !json {
                *outcome = Outcome::error(ErrorKind::Decode, "the content type is not JSON");
            }
        }),
    ),
];

fn is_decode(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Error(error) if error.kind == ErrorKind::Decode)
}
