//! Writes seed corpora, made from the fixtures and of calls in sequence, to
//! `fuzz/corpus` or to the folder that is named:
//! `cargo run --example seeds -- [DIR]`.

use std::path::{Path, PathBuf};
use std::{fs, io};

use attachset::fixture::{Action, Fixture, HttpReply, Pattern, RawReply, Reply, Set};
use attachset::oracle::Answer;
use attachset::wire::outcome::Outcome;
use attachset::wire::{Headers, Response, answer, decode, encode, http1};

/// Longer seeds slow a fuzzer down more than they teach it.
const MOST: usize = 4096;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let corpus = std::env::args_os().nth(1).unwrap_or(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus").into());
    let corpus = PathBuf::from(corpus);
    let set = Set::embedded()?;
    for fixture in &set.client {
        let mut seeds = Vec::new();
        of(fixture, &mut seeds);
        seeds.dedup();
        for (index, (target, bytes)) in seeds.iter().enumerate().filter(|(_, (_, bytes))| bytes.len() <= MOST)
        {
            write(&corpus.join(target), &format!("{}-{index}", fixture.id.replace('/', "-")), bytes)?;
        }
    }
    for (name, steps) in SEQUENCES {
        write(&corpus.join("service_sequence"), name, &steps.concat())?;
    }
    Ok(())
}

/// Calls and clock steps as `property::service_bytes` reads them. A call's
/// last two bytes are the sizes of its attachments, a digit each; `f` is none.
const SEQUENCES: &[(&str, &[[u8; 4]])] = &[
    ("appends", &[NEW, [2, 0, 0x2f, 0xff], [2, 0, 0x3f, 0xff], [2, 0, 0x4f, 0xff]]),
    ("too-large", &[[0, 0, 0x8f, 0xff], [0, 0, 0x9f, 0xff], [0, 0, 0x11, 0x11], [2, 0, 0x11, 0x1f]]),
    ("unknown", &[[2, 0, 0x1f, 0xff], NEW, [2, 1, 0x1f, 0xff]]),
    ("invalid", &[[0, 0, 0xff, 0xff], [0x80, 0, 0xff, 0xff], [0x40, 0, 0x1f, 0xff]]),
    ("an-hour", &[NEW, HOUR_LESS_1, [2, 0, 0x1f, 0xff], [6, 1, 0, 1], [2, 0, 0x1f, 0xff]]),
    ("a-day", &[NEW, [5, 0, 2, 0xff], [2, 0, 0x1f, 0xff], [6, 1, 0, 1], [2, 0, 0x1f, 0xff]]),
    ("rate", &[NEW, NEW, NEW, NEW, [5, 0, 0, 0xff], NEW, [5, 0, 0, 0], NEW]),
    ("room", &[NEW, [6, 0, 0, 60], NEW, NEW, NEW, [6, 0, 0, 60], NEW, [2, 0, 0x1f, 0xff]]),
    ("kept", &[[0, 0, 0x88, 0xff], [0, 0, 0x5f, 0xff], [2, 0, 0x1f, 0xff]]),
    ("reset", &[NEW, [7, 0, 0, 0], [2, 0, 0x1f, 0xff], NEW]),
];
const NEW: [u8; 4] = [0, 0, 0x1f, 0xff];
const HOUR_LESS_1: [u8; 4] = [5, 0, 1, 0xff];

fn write(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    fs::write(dir.join(name), bytes)
}

type Seeds = Vec<(&'static str, Vec<u8>)>;

fn of(fixture: &Fixture, seeds: &mut Seeds) {
    seeds.push(("fixture", serde_json::to_vec(fixture).unwrap_or_default()));
    for step in &fixture.steps {
        let request = encode::request(&step.call.input(), "localhost");
        seeds.push(("http1", http1::request_bytes(&request)));
        seeds.push(("decode_request", request.body));
        for attachment in step.call.input().attachments.into_iter().flatten() {
            seeds.push(("base64", encode::base64(&attachment.data.unwrap_or_default()).into_bytes()));
        }
        for pattern in &step.outcome.accept {
            let name = if matches!(pattern, Pattern::Output(_)) { "output" } else { "error" };
            seeds.push((
                "adapter_line",
                format!("{{\"id\":\"a\",\"{name}\":{{\"kind\":\"service\"}}}}").into(),
            ));
        }
        for reply in &step.replies {
            seeds.push(("oracle", Answer::of(reply, fixture.timeout_ms).bytes));
            match reply {
                Reply::Http(reply) => well_formed(reply, seeds),
                Reply::Raw(reply) => seeds.push(("http1", sent(reply))),
            }
        }
    }
}

fn well_formed(reply: &HttpReply, seeds: &mut Seeds) {
    let body = reply.body.as_ref().map(|body| body.to_bytes()).unwrap_or_default();
    let mut headers = reply.headers.clone();
    let unframed = http1::message(&format!("HTTP/1.1 {} ", reply.status), &headers, &body);
    headers.push("Content-Length", body.len().to_string());
    seeds.push(("http1", http1::message(&format!("HTTP/1.1 {} ", reply.status), &headers, &body)));
    seeds.push(("http1", unframed));
    seeds.push(("error_code", headers.get("x-amzn-errortype").unwrap_or_default().into()));
    let outcome = decode::response(&Response { status: reply.status, headers, body: body.clone() });
    seeds.push(("adapter_line", answer::write("a", &outcome).into_bytes()));
    if let Outcome::Error(error) = &outcome {
        let code = error.code.as_ref().and_then(|code| code.as_str()).unwrap_or_default();
        seeds.push(("error_code", format!("com.amazonaws.support#{code}:http://localhost/").into_bytes()));
    }
    let target = if (200..300).contains(&reply.status) { "decode_response" } else { "decode_error" };
    seeds.push((target, body));
}

fn sent(reply: &RawReply) -> Vec<u8> {
    let sent = reply.raw.iter().filter_map(|action| match action {
        Action::Send(body) | Action::Drip { body, .. } => Some(body.to_bytes()),
        _ => None,
    });
    sent.collect::<Vec<_>>().concat()
}
