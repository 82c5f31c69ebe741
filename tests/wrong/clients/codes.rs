//! Error names that are found or cut wrongly.

use attachset::model::{Exception, Operation};
use attachset::wire::decode::error_code;
use serde_json::{Value, json};

use crate::clients::edit;
use crate::clients::mutant::Defect::{self, Answer, Name};
use crate::clients::mutant::{Mutant, mutant};

pub(crate) static CODES: &[Mutant] = &[
    mutant(
        "header-ignored",
        "does not read X-Amzn-Errortype",
        Answer(|answer| {
            edit::header(&mut answer.headers, "x-amzn-errortype", None);
        }),
    ),
    mutant(
        "header-only",
        "reads X-Amzn-Errortype and nothing else",
        Answer(|answer| {
            edit::members(&mut answer.body, |body| body.retain(|name, _| name != "__type" && name != "code"));
        }),
    ),
    mutant(
        "code-ignored",
        "does not read the body's code",
        Answer(|answer| {
            edit::members(&mut answer.body, |body| body.retain(|name, _| name != "code"));
        }),
    ),
    mutant(
        "type-ignored",
        "does not read the body's __type",
        Answer(|answer| {
            edit::members(&mut answer.body, |body| body.retain(|name, _| name != "__type"));
        }),
    ),
    mutant(
        "type-only",
        "reads __type and nothing else",
        Answer(|answer| {
            edit::header(&mut answer.headers, "x-amzn-errortype", None);
            edit::members(&mut answer.body, |body| body.retain(|name, _| name != "code"));
        }),
    ),
    mutant(
        "no-uri-cut",
        "keeps the URI after the colon",
        Name(|name| name.split_once('#').map_or(name, |(_, name)| name).trim().into()),
    ),
    mutant(
        "no-namespace-cut",
        "keeps the namespace before the #",
        Name(|name| name.split_once(':').map_or(name, |(name, _)| name).trim().into()),
    ),
    mutant(
        "last-hash",
        "keeps what follows the last # of the whole",
        Name(|name| {
            let name = name.rsplit_once('#').map_or(name, |(_, name)| name);
            name.split_once(':').map_or(name, |(name, _)| name).trim().into()
        }),
    ),
    mutant(
        "last-colon",
        "cuts at the last colon",
        Name(|name| {
            let name = name.rsplit_once(':').map_or(name, |(name, _)| name);
            name.split_once('#').map_or(name, |(_, name)| name).trim().into()
        }),
    ),
    mutant(
        "own-namespace-only",
        "cuts the service's own namespace and no other",
        Name(|name| {
            let name = name.split_once(':').map_or(name, |(name, _)| name);
            name.strip_prefix("com.amazonaws.support#").unwrap_or(name).trim().into()
        }),
    ),
    mutant(
        "cut-at-dot",
        "keeps what follows the last dot, for a class with its package",
        Name(|name| {
            let name = name.split_once(':').map_or(name, |(name, _)| name);
            name.rsplit('.').next().unwrap_or_default().trim().into()
        }),
    ),
    mutant(
        "found-inside",
        "takes a name for an exception that it contains",
        Name(|name| {
            let known = Operation::AddAttachmentsToSet
                .exceptions()
                .map(|of| of.code())
                .find(|code| name.contains(code));
            known.map_or_else(|| cut(name), str::to_owned)
        }),
    ),
    mutant(
        "suffix-added",
        "names classes with Exception at the end, and reports those",
        Name(|name| {
            let name = cut(name);
            if name.ends_with("Exception") { name } else { format!("{name}Exception") }
        }),
    ),
    mutant(
        "suffix-dropped",
        "drops Exception from the end of names",
        Name(|name| {
            let name = cut(name);
            name.strip_suffix("Exception").unwrap_or(&name).into()
        }),
    ),
    mutant("codes-lower-case", "lower-cases error names", Name(|name| cut(name).to_lowercase())),
    mutant(
        "codes-snake-case",
        "writes error names in the case of its own language",
        Name(|name| {
            let mut out = String::new();
            for c in cut(name).chars() {
                if c.is_uppercase() && !out.is_empty() {
                    out.push('_');
                }
                out.extend(c.to_lowercase());
            }
            out
        }),
    ),
    mutant(
        "unmodelled-generic",
        "reports one general error for names that the operation does not list",
        Name(|name| {
            let known = Exception::from_code(&cut(name))
                .filter(|known| *known != Exception::SubscriptionRequiredException);
            known.map_or("UnknownError", Exception::code).into()
        }),
    ),
    mutant(
        "model-of-2025",
        "has no DryRunOperationException, and reports a general error",
        Name(|name| {
            let name = cut(name);
            if name == "DryRunOperationException" { "ServiceException".into() } else { name }
        }),
    ),
    mutant(
        "nested-type",
        "takes a __type from inside another member",
        Answer(|answer| {
            edit::members(&mut answer.body, |body| {
                let inner = body
                    .values()
                    .flat_map(|value| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice));
                if let Some(name) = inner.filter_map(|value| value.get("__type")).next().cloned() {
                    body.insert("__type".into(), name);
                }
            });
            if serde_json::from_slice::<Value>(&answer.body).is_ok_and(|body| body.get("__type").is_some()) {
                edit::header(&mut answer.headers, "x-amzn-errortype", None);
            }
        }),
    ),
    mutant(
        "numeric-code-first",
        "takes a code that is a number for the name",
        Defect::Outcome(|outcome, answer| {
            let code =
                serde_json::from_slice::<Value>(&answer.body).ok().and_then(|body| body.get("code").cloned());
            if let (Some(error), Some(Value::Number(code))) = (edit::error(outcome), code) {
                error.code = Some(Value::Number(code));
            }
        }),
    ),
    mutant(
        "status-as-code",
        "reports the status in place of the name",
        Defect::Outcome(|outcome, answer| {
            if let Some(error) = edit::error(outcome) {
                error.code = Some(answer.status.to_string().into());
            }
        }),
    ),
    mutant(
        "name-by-status",
        "names every error of status 500 InternalServerError and every other ValidationException",
        Defect::Outcome(|outcome, answer| {
            if let Some(error) = edit::error(outcome) {
                let name = if answer.status >= 500 { "InternalServerError" } else { "ValidationException" };
                error.code = Some(name.into());
            }
        }),
    ),
    mutant(
        "xml-name",
        "takes the name from an element Code of the body, as for XML services",
        Defect::Outcome(|outcome, answer| {
            let body = String::from_utf8_lossy(&answer.body);
            if let (Some(error), Some((_, name))) = (edit::error(outcome), body.split_once("<Code>")) {
                error.code = Some(json!(name.split('<').next()));
            }
        }),
    ),
];

/// The name in a discriminator, rightly cut.
fn cut(discriminator: &str) -> String {
    error_code(discriminator).unwrap_or_default().into()
}
