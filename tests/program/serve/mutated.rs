//! Ten thousand requests with bytes changed.

use attachset::model::Input;
use attachset::serve::Server;
use attachset::wire::{Response, http1, sender};
use fastrand::Rng;

use super::http::Connection;
use super::{call, input, outcome, request};

const REQUESTS: usize = 10_000;
const SEED: u64 = 20_130_415;

/// What a mutation puts in, beyond random bytes.
const WORDS: [&str; 22] = [
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "{\"attachments\":[{\"data\":\"aGk=\"}]}",
    "\"attachmentSetId\":\"as-1\",",
    "\"attachments\":[],",
    "\"dryRun\":true,",
    "\\u0000",
    "\\ud800",
    "1e999",
    "[[[[[[[[",
    "\r\n",
    "\r\n\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Content-Length: 7\r\n",
    "Expect: 100-continue\r\n",
    "Connection: close\r\n",
    "X-Amz-Target: x\r\n",
    "HTTP/1.0",
    "\u{feff}",
];

/// One to four changes, in the head or the body.
fn mutate(bytes: &mut Vec<u8>, rng: &mut Rng) {
    for _ in 0..rng.usize(1..=4) {
        let head = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(0);
        // Most of the changes go to the body, which has more ways to be wrong.
        let from = if rng.u8(0..4) > 0 { head } else { 0 };
        let at = rng.usize(from..=bytes.len());
        let end = (at + rng.usize(1..=12)).min(bytes.len());
        match rng.u8(0..5) {
            0 => drop(bytes.splice(at..(at + 1).min(bytes.len()), [rng.u8(..)])),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let copy: Vec<u8> = bytes.drain(at..end).collect();
                drop(bytes.splice(at..at, copy.repeat(2)));
            }
            3 => drop(bytes.splice(at..at, rng.choice(WORDS).unwrap_or_default().bytes())),
            _ => drop(bytes.splice(at..end, rng.choice(WORDS).unwrap_or_default().bytes())),
        }
    }
}

/// Makes the stated length right again, so that the change is what is judged.
fn repair(bytes: &mut Vec<u8>) {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return };
    let length = (bytes.len() - end - 4).to_string();
    let name = b"Content-Length: ";
    let Some(at) = bytes.windows(name.len()).position(|window| window == name) else { return };
    let at = at + name.len();
    let digits = bytes.iter().skip(at).take_while(|byte| byte.is_ascii_digit()).count();
    drop(bytes.splice(at..at + digits, length.bytes()));
}

/// Whether a message is whole and alone, so that one answer is due.
fn is_whole(bytes: &[u8]) -> bool {
    let Ok(head) = http1::request_head(bytes) else { return false };
    let rest = bytes.get(head.len..).unwrap_or_default();
    let is_careful = sender::of_head(bytes.get(..head.len).unwrap_or_default(), None).is_empty();
    is_careful
        && head
            .framing
            .and_then(|framing| http1::body(rest, framing))
            .is_ok_and(|(_, used)| used == rest.len())
}

/// A success with an output, or an error with a name.
fn is_well_formed(response: &Response) -> bool {
    response.headers.get("content-type") == Some("application/x-amz-json-1.1")
        && response.headers.get("x-amzn-requestid").is_some()
        && match outcome(response) {
            Ok(output) => output.attachment_set_id.is_some() && output.expiry_time.is_some(),
            Err(error) => {
                (400..600).contains(&response.status) && error.code.is_some() && error.message.is_some()
            }
        }
}

#[test]
fn mutated_requests_are_answered_well_and_leave_it_serving() {
    let server = Server::start().unwrap();
    let mut rng = Rng::with_seed(SEED);
    let originals: Vec<_> = [
        input(None, &[1, 20, 300]),
        input(Some("as-00000000000000000000000000000000"), &[3]),
        Input { dry_run: Some(false), ..input(None, &[9]) },
    ]
    .iter()
    .map(|input| http1::request_bytes(&request(input)))
    .collect();
    let (mut answered, mut succeeded) = (0, 0);
    let mut connections: Vec<Option<Connection>> = (0..4).map(|_| None).collect();
    for number in 0..REQUESTS {
        let mut bytes = rng.choice(&originals).unwrap().clone();
        mutate(&mut bytes, &mut rng);
        if rng.u8(0..4) > 0 {
            repair(&mut bytes);
        }
        let slot = rng.choice(connections.iter_mut()).unwrap();
        let mut connection = slot.take().unwrap_or_else(|| Connection::new(server.address()));
        // The server may close the connection before it has read all.
        let sent = connection.send(&bytes);
        let answers = if sent.is_ok() && is_whole(&bytes) {
            let answer = connection.answer();
            let stays = |answer: &Response| answer.headers.get("connection").is_none();
            *slot = answer.as_ref().is_some_and(stays).then_some(connection);
            Vec::from_iter(answer)
        } else {
            connection.rest()
        };
        for answer in &answers {
            let text = String::from_utf8_lossy(&bytes);
            assert!(is_well_formed(answer), "request {number}: {text}\n{answer:?}");
        }
        answered += answers.len();
        succeeded += answers.iter().filter(|answer| answer.status == 200).count();
    }
    assert!(answered > REQUESTS * 9 / 10, "{answered} answers");
    assert!((REQUESTS / 50..answered).contains(&succeeded), "{succeeded} successes of {answered}");
    call(&mut Connection::new(server.address()), &input(None, &[1])).unwrap();
}
