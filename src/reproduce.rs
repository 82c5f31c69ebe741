//! A fixture's responses as something that stands alone: bytes, a Python file, a
//! shell script, to be attached to a report.

use std::fmt::Write as _;

use crate::client::Call;
use crate::fixture::{Action, Body, Fixture, RawReply, Reply, Requirements, Start};
use crate::oracle::is_whole;
use crate::runner;

const PYTHON: &str = include_str!("../templates/reproduce.py");
/// A longer response is no text to put into a shell script.
const MOST: usize = 16_384;

/// The bytes of every response, one after the other.
#[must_use]
pub fn wire(fixture: &Fixture) -> Vec<u8> {
    answers(fixture).iter().flat_map(RawReply::sent).collect()
}

/// The variables that a client takes a call's endpoint and credentials from.
#[must_use]
pub fn environment(call: &Call) -> Vec<(&'static str, String)> {
    let credentials = &call.credentials;
    let mut all = vec![
        ("AWS_ENDPOINT_URL_SUPPORT", call.endpoint.clone()),
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id.clone()),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key.clone()),
    ];
    all.extend(credentials.session_token.clone().map(|token| ("AWS_SESSION_TOKEN", token)));
    all.push(("AWS_REGION", call.region.clone()));
    all.push(("AWS_DEFAULT_REGION", call.region.clone()));
    all.push(("AWS_MAX_ATTEMPTS", call.max_attempts.to_string()));
    all
}

/// A Python file that serves the responses, byte by byte, and needs nothing but
/// Python 3.8.
#[must_use]
pub fn python(fixture: &Fixture, requirements: &Requirements) -> String {
    let mut answers = String::from("ANSWERS = [\n");
    for answer in self::answers(fixture) {
        let start = if answer.start == Start::AfterHead { "head" } else { "request" };
        // Writing to a String cannot fail.
        let _ = writeln!(answers, "    (\"{start}\", [");
        for action in &answer.raw {
            let action = match action {
                // To who asks that the connection ends, a whole response is the last.
                Action::Hang if is_whole(&answer) => "(\"idle\",)".into(),
                action => python_action(action),
            };
            let _ = writeln!(answers, "        {action},");
        }
        answers.push_str("    ]),\n");
    }
    answers.push(']');
    let variables = environment(&call(fixture, 0))
        .into_iter()
        .filter(|(name, _)| *name != "AWS_ENDPOINT_URL_SUPPORT")
        .map(|(name, value)| format!("    {name:?}: {value:?},"));
    let program = PYTHON
        .replace("@ENVIRONMENT@", &variables.collect::<Vec<_>>().join("\n"))
        .replace("@PATH@", &format!("{:?}", fixture.endpoint_path))
        // Last, for it holds text of the fixture's.
        .replace("@ANSWERS@", &answers);
    let usage = "It needs nothing but Python 3.8:\n\n    \
                 python3 FILE                    prints what to set, and waits for the client\n    \
                 python3 FILE COMMAND [ARG...]   runs a command with that set";
    let about = format!("{}\n\nServes the responses, byte by byte. {usage}", about(fixture, requirements));
    format!("#!/usr/bin/env python3\nr\"\"\"{}\n\"\"\"\n\n{program}", about.replace("\"\"\"", "'''"))
}

/// A shell script that serves the response with `nc`; none where a shell cannot:
/// several responses, pauses, and ends that nc does not make.
#[must_use]
pub fn sh(fixture: &Fixture, requirements: &Requirements) -> Option<String> {
    let answers = answers(fixture);
    let [RawReply { start: Start::AfterRequest, raw }] = answers.as_slice() else { return None };
    if !raw.iter().all(|action| matches!(action, Action::Send(_))) || wire(fixture).len() > MOST {
        return None;
    }
    let mut out = String::from("#!/bin/sh\n");
    for line in about(fixture, requirements).lines() {
        let _ = writeln!(out, "{}", format!("# {line}").trim_end());
    }
    out.push_str("#\n# Serves the response with nc, again and again, until Ctrl-C.\n\n");
    for (name, value) in environment(&call(fixture, 0)) {
        let value = if name == "AWS_ENDPOINT_URL_SUPPORT" {
            format!("http://127.0.0.1:${{PORT:-8013}}{}", fixture.endpoint_path)
        } else {
            value
        };
        let _ = writeln!(out, "echo \"export {name}={value}\"");
    }
    out.push_str(
        "# Each nc ends the connection after the response.\ncase $(nc -h 2>&1) in\n  \
         *v1.10*) listen='-q 1 -l -s 127.0.0.1 -p' ;;\n  *Shutdown*) listen='-N -l 127.0.0.1' ;;\n  \
         *) listen='-l 127.0.0.1' ;;\nesac\n\
         while :; do\n  printf '",
    );
    for action in raw {
        if let Action::Send(body) = action {
            printed(body, &mut out);
        }
    }
    out.push_str("' |\n    nc $listen \"${PORT:-8013}\"\ndone\n");
    Some(out)
}

/// A body in a quoted format of `printf`.
fn printed(body: &Body, out: &mut String) {
    match body {
        Body::Parts(parts) => parts.iter().for_each(|part| printed(part, out)),
        Body::Date(ago) => {
            let ago = if *ago > 0 { format!("-d '{ago} seconds ago' ") } else { String::new() };
            out.push_str(&format!("'\"$(LC_ALL=C date -u {ago}'+%a, %d %b %Y %H:%M:%S GMT')\"'"));
        }
        body => {
            for byte in body.to_bytes() {
                match byte {
                    b'\n' => out.push_str("\\n'\\\n'"),
                    b'\r' => out.push_str("\\r"),
                    b'%' => out.push_str("%%"),
                    b' '..=b'~' if !matches!(byte, b'\'' | b'\\') => out.push(char::from(byte)),
                    byte => out.push_str(&format!("\\{byte:03o}")),
                }
            }
        }
    }
}

/// What a reader has to know of a fixture who knows nothing of this project.
fn about(fixture: &Fixture, requirements: &Requirements) -> String {
    let mut out = format!(
        "{} (attachset {}): a correct client {}.\n",
        fixture.id,
        env!("CARGO_PKG_VERSION"),
        fixture.title
    );
    for (index, step) in fixture.steps.iter().enumerate() {
        let call = call(fixture, index);
        let body = call.body();
        let mut input = String::from_utf8_lossy(&body).into_owned();
        if let Some((at, _)) = input.char_indices().nth(1_000) {
            input.truncate(at);
            input.push_str("...");
        }
        let _ = writeln!(
            out,
            "\nCall {}: AWS Support's {} with\n\n    {input}\n",
            index + 1,
            call.operation.name
        );
        let accepted =
            step.outcome.accept.iter().map(|of| serde_json::to_string(of).expect("all keys are strings"));
        let _ = writeln!(out, "It has to come to {}.", accepted.collect::<Vec<_>>().join(" or "));
    }
    out.push('\n');
    for requirement in fixture.cites.iter().filter_map(|id| requirements.get(id)) {
        let _ = writeln!(out, "- {} [{}]", requirement.says, requirement.cited());
    }
    out.trim_end().to_owned()
}

fn call(fixture: &Fixture, step: usize) -> Call {
    runner::call(fixture, step, ([127, 0, 0, 1], 0).into(), &runner::credentials(fixture))
}

fn answers(fixture: &Fixture) -> Vec<RawReply> {
    fixture.steps.iter().flat_map(|step| &step.replies).map(Reply::script).collect()
}

fn python_action(action: &Action) -> String {
    let seconds = |ms: u64| ms as f64 / 1000.0;
    match action {
        Action::Send(body) => format!("(\"send\", lambda: {})", python_bytes(body)),
        Action::Drip { body, every_ms } => {
            format!("(\"drip\", lambda: {}, {})", python_bytes(body), seconds(*every_ms))
        }
        Action::PauseMs(ms) => format!("(\"pause\", {})", seconds(*ms)),
        Action::ReadBody => "(\"read\",)".into(),
        Action::Close => "(\"close\",)".into(),
        Action::Reset => "(\"reset\",)".into(),
        Action::Hang => "(\"hang\",)".into(),
    }
}

/// A body as a Python expression: what repeats is written once.
fn python_bytes(body: &Body) -> String {
    match body {
        Body::Repeat(of) => format!("{} * {}", literal(of.repeat.as_bytes()), of.times),
        Body::Parts(parts) if parts.is_empty() => "b\"\"".into(),
        Body::Parts(parts) => {
            let parts: Vec<_> = parts.iter().map(python_bytes).collect();
            format!("({})", parts.join("\n            + "))
        }
        Body::Date(0) => "date()".into(),
        Body::Date(ago) => format!("date({ago})"),
        body => literal(&body.to_bytes()),
    }
}

fn literal(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'"') && !bytes.contains(&b'\'') { '\'' } else { '"' };
    let mut out = format!("b{quote}");
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            b'\n' if index + 1 < bytes.len() => out.push_str(&format!("\\n{quote}\n            b{quote}")),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\\' => out.push_str("\\\\"),
            byte if char::from(*byte) == quote => out.extend(['\\', quote]),
            b' '..=b'~' => out.push(char::from(*byte)),
            byte => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    format!("({out}{quote})")
}
