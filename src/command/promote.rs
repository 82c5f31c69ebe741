//! `promote`: from what a fuzzer found to a fixture skeleton.

use std::path::Path;

use super::{Error, Exit, UsageError, print};
use crate::cli::Promote;
use crate::file::{self, MAX_INPUT};
use crate::fixture::{Action, Call, CallAttachment, Fixture, HttpReply, RawReply, Reply, Start, Text};
use crate::oracle;
use crate::wire::{Headers, decode, encode, http1};

/// The timeout of the fixture, in milliseconds.
const TIMEOUT_MS: u64 = 4_000;

/// The fuzz targets, by which the folder of an input is known.
const TARGETS: &[&str] = &[
    "adapter_line",
    "base64",
    "case",
    "decode_error",
    "decode_request",
    "decode_response",
    "error_code",
    "fixture",
    "http1",
    "judge",
    "oracle",
    "meaning",
    "round_trip",
    "sdk_request",
    "sdk_response",
    "sequence",
    "service_sequence",
];

pub(super) fn run(options: &Promote) -> Result<Exit, Error> {
    let path = &options.artifact;
    let bytes =
        file::read(path, MAX_INPUT).map_err(|error| UsageError(format!("{}: {error}", path.display())))?;
    let target = options.target.as_deref().or_else(|| target(path)).unwrap_or("http1");
    let fixture =
        fixture(target, &bytes).map_err(|problem| UsageError(format!("{}: {problem}", path.display())))?;
    let json = serde_json::to_string_pretty(&fixture).map_err(UsageError::new)?;
    print(format!("{json}\n").as_bytes())?;
    anstream::eprintln!(
        "fill in title, why and cites, check the outcome, and save it below fixtures/client/; \
         until then it does not load"
    );
    Ok(Exit::Conforms)
}

/// The target that a fuzzer's folders name: `artifacts/TARGET/crash-...`.
fn target(path: &Path) -> Option<&str> {
    let names = path.parent()?.iter().rev().filter_map(|name| name.to_str());
    names.into_iter().find(|name| TARGETS.contains(name))
}

/// The fixture whose reply, or whose call, is what the target was given. What
/// an author has to say is left empty.
fn fixture(target: &str, bytes: &[u8]) -> Result<Fixture, String> {
    let answer = |status, headers: Headers| (hello(), Reply::Http(HttpReply::of(status, &headers, bytes)));
    let content_type = || Headers::from_iter([("Content-Type", crate::model::names::CONTENT_TYPE)]);
    let (call, reply) = match target {
        "decode_response" => answer(200, content_type()),
        "decode_error" => answer(400, content_type()),
        "error_code" => {
            let code = std::str::from_utf8(bytes).map_err(|_| "not UTF-8: no code in JSON".to_owned())?;
            let error =
                crate::model::ServiceError { code: Some(code.into()), status: 400, ..Default::default() };
            let response = encode::error(&error);
            (hello(), Reply::Http(HttpReply::of(400, &response.headers, &response.body)))
        }
        "http1" | "sdk_response" => {
            let plain = http1::response(bytes).ok().and_then(|response| Reply::well_formed(&response));
            (hello(), plain.unwrap_or_else(|| script(bytes)))
        }
        "decode_request" => {
            let decoded = decode::input(bytes)
                .map_err(|error| format!("no client sends this, so it can only test a server: {error}"))?;
            let response = encode::output(&Default::default(), "");
            (call(decoded.input), Reply::Http(HttpReply::of(200, &response.headers, &response.body)))
        }
        _ => return Err(format!("the input of {target} is not an exchange; write a test for it")),
    };
    Ok(oracle::fixture(call, reply, TIMEOUT_MS))
}

fn hello() -> Call {
    let attachment =
        crate::model::Attachment { file_name: Some("a.log".into()), data: Some(b"hello".into()) };
    call(crate::model::Input { attachments: Some(vec![attachment]), ..Default::default() })
}

fn call(input: crate::model::Input) -> Call {
    let attachment = |attachment: crate::model::Attachment| CallAttachment {
        file_name: attachment.file_name.map(Text::Plain),
        data: attachment.data.map(Into::into),
    };
    Call {
        attachment_set_id: input.attachment_set_id.map(Text::Plain),
        attachments: input.attachments.map(|list| list.into_iter().map(attachment).collect()),
        dry_run: input.dry_run,
        ..Call::default()
    }
}

/// A response as it is on the wire.
fn script(bytes: &[u8]) -> Reply {
    let raw = vec![Action::Send(bytes.into()), Action::Close];
    Reply::Raw(RawReply { start: Start::AfterRequest, raw })
}

#[cfg(all(test, feature = "property"))]
mod tests {
    #[test]
    fn every_target_that_takes_bytes_is_known() {
        for (target, _) in crate::property::TARGETS {
            assert!(super::TARGETS.contains(target), "{target}");
        }
    }
}
