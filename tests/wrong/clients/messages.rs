//! Messages that the caller does not get as they were sent.

use serde_json::Value;

use crate::clients::edit;
use crate::clients::mutant::Defect::{Answer, Message, Outcome};
use crate::clients::mutant::{Mutant, mutant};

pub(crate) static MESSAGES: &[Mutant] = &[
    mutant(
        "message-lost",
        "does not report the message",
        Outcome(|outcome, _| {
            if let Some(error) = edit::error(outcome) {
                error.message = None;
            }
        }),
    ),
    mutant(
        "message-capital-only",
        "reads Message and not message",
        Answer(|answer| {
            edit::members(&mut answer.body, |body| body.retain(|name, _| name != "message"));
        }),
    ),
    mutant(
        "message-of-modelled-errors",
        "reads the message of errors that it knows",
        Outcome(|outcome, _| {
            let known = attachset::model::Exception::from_code(edit::code(outcome));
            if let Some(error) = edit::error(outcome)
                && known
                    .is_none_or(|known| known == attachset::model::Exception::SubscriptionRequiredException)
            {
                error.message = Some("an unknown error occurred".into());
            }
        }),
    ),
    mutant(
        "message-not-with-header",
        "does not read the body where the header names the error",
        Outcome(|outcome, answer| {
            if let Some(error) = edit::error(outcome)
                && answer.headers.get("x-amzn-errortype").is_some()
            {
                error.message = None;
            }
        }),
    ),
    mutant(
        "message-from-inside",
        "takes the message from inside another member",
        Answer(|answer| {
            edit::members(&mut answer.body, |body| {
                if let Some(message) = body.values().find_map(|value| value.get("message")).cloned() {
                    body.insert("message".into(), message);
                }
            });
        }),
    ),
    mutant(
        "message-must-be-text",
        "calls a string's method on a message that is none",
        Outcome(|outcome, answer| {
            let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            if body.get("message").is_some_and(|message| !message.is_string()) {
                *outcome = attachset::wire::outcome::Outcome::error(
                    attachset::wire::outcome::ErrorKind::Unexpected,
                    "TypeError: trim is not a function",
                );
            }
        }),
    ),
    mutant(
        "message-needed",
        "fails where an error has no message",
        Outcome(|outcome, _| {
            if matches!(outcome, attachset::wire::outcome::Outcome::Error(error) if error.message.is_none()) {
                *outcome = attachset::wire::outcome::Outcome::error(
                    attachset::wire::outcome::ErrorKind::Unexpected,
                    "KeyError: 'message'",
                );
            }
        }),
    ),
    mutant(
        "empty-message-is-no-error",
        "knows an error by its message, and takes an empty one for none",
        Outcome(|outcome, _| {
            if let Some(error) = edit::error(outcome)
                && error.message.as_ref().is_none_or(|message| message == "")
            {
                error.code = None;
            }
        }),
    ),
    mutant(
        "message-by-name",
        "reports the documents' words for the message",
        Outcome(|outcome, _| {
            let known = attachset::model::Exception::from_code(edit::code(outcome));
            if let (Some(error), Some(known)) = (edit::error(outcome), known) {
                error.message.iter_mut().for_each(|message| {
                    edit::text(message, |_| format!("The call ended with {}.", known.code()))
                });
            }
        }),
    ),
    mutant(
        "message-of-too-large",
        "replaces the message of RequestEntityTooLargeException by one of another service",
        Outcome(|outcome, _| {
            let too_large = edit::code(outcome).starts_with("RequestEntityTooLarge");
            if let (Some(error), true) = (edit::error(outcome), too_large) {
                error.message.iter_mut().for_each(|message| {
                    edit::text(message, |_| "Request body must be less than 1 MB".into())
                });
            }
        }),
    ),
    mutant(
        "message-cut",
        "cuts messages at 1024 characters",
        Message(|message| message.chars().take(1024).collect()),
    ),
    mutant("message-trimmed", "trims messages", Message(|message| message.trim().into())),
    mutant(
        "message-first-line",
        "reports the first line of a message",
        Message(|message| message.split(['\n', '\r']).next().unwrap_or_default().into()),
    ),
    mutant(
        "message-up-to-nul",
        "takes messages for C strings",
        Message(|message| message.split('\0').next().unwrap_or_default().into()),
    ),
    mutant(
        "message-in-ascii",
        "replaces what is not ASCII in messages",
        Message(|message| message.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect()),
    ),
    mutant(
        "message-without-controls",
        "drops control characters from messages",
        Message(|message| message.chars().filter(|c| !c.is_control()).collect()),
    ),
    mutant(
        "message-as-format",
        "hands messages to a formatting function",
        Message(|message| {
            message
                .replace("%s", "(null)")
                .replace("%d", "0")
                .replace("%n", "")
                .replace("%x", "7ffe")
                .replace("{}", "")
                .replace("{0}", "")
        }),
    ),
    mutant(
        "message-as-template",
        "evaluates placeholders in messages",
        Message(|message| {
            let evaluated = message.replace("${7*7}", "49").replace("{{7*7}}", "49").replace("#{7*7}", "49");
            evaluated.replace("$(", "").replace("${", "").replace("{{", "")
        }),
    ),
    mutant(
        "message-as-html",
        "shows messages as HTML",
        Message(|message| {
            let message = message.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">");
            let mut inside = false;
            message
                .chars()
                .filter(|c| {
                    let keep = !inside && *c != '<';
                    inside = (inside || *c == '<') && *c != '>';
                    keep
                })
                .collect()
        }),
    ),
];
