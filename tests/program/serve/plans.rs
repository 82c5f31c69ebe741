//! What is planned for the next calls.

use std::time::{Duration, Instant};

use attachset::fixture::{Action, Set};
use attachset::model::Operation;
use attachset::serve::Server;
use attachset::wire::http1;
use serde_json::json;

use super::http::Connection;
use super::{call, code, error, input};

fn send(connection: &mut Connection) {
    connection.send(&http1::request_bytes(&super::request(&input(None, &[1])))).unwrap();
}

#[test]
fn a_list_is_planned_in_order_and_as_a_whole() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let plans = json!([
        {"exception": "ThrottlingException", "calls": 2},
        {"delayMs": 300, "operation": "AddAttachmentsToSet"},
        {"exception": "AttachmentLimitExceeded", "delayMs": 1},
        {"cut": "before-call"},
    ]);
    let (status, planned) = connection.control("POST", "next", &plans.to_string());
    assert_eq!(status, 200, "{planned}");
    assert_eq!(
        planned,
        json!([
            {"answer": "ThrottlingException", "calls": 2},
            {"operation": "AddAttachmentsToSet", "answer": "served", "delayMs": 300, "calls": 1},
            {"answer": "AttachmentLimitExceeded", "delayMs": 1, "calls": 1},
            {"answer": "cut before-call", "calls": 1},
        ])
    );
    for _ in 0..2 {
        assert_eq!(code(call(&mut connection, &input(None, &[1]))), error("ThrottlingException", 400));
    }
    let start = Instant::now();
    call(&mut connection, &input(None, &[1])).unwrap();
    assert!(start.elapsed() >= Duration::from_millis(300));
    assert_eq!(code(call(&mut connection, &input(None, &[1]))), error("AttachmentLimitExceeded", 400));
    send(&mut connection);
    assert_eq!(connection.answer(), None);
    let state = server.state();
    assert_eq!((state.sets.len(), state.next), (1, vec![]));

    let mut connection = Connection::new(server.address());
    let wrong = r#"[{"exception": "InternalServerError"}, {"fixture": "no/such"}]"#;
    assert_eq!(connection.control("POST", "next", wrong).0, 400);
    assert_eq!(server.state().next, []);
}

/// The caller does not learn that the call was performed, as where a response is
/// lost: whoever sends it again does it twice.
#[test]
fn a_cut_after_the_call_leaves_what_it_did() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    connection.control("POST", "next", r#"{"cut": "after-call"}"#);
    send(&mut connection);
    assert_eq!(connection.answer(), None);
    assert_eq!(server.state().sets.len(), 1);
    call(&mut Connection::new(server.address()), &input(None, &[1])).unwrap();
}

/// A call is performed before its response is held back: its caller may have
/// given up by then.
#[test]
fn a_delayed_call_is_performed_at_once() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    connection.control("POST", "next", r#"{"delayMs": 60000}"#);
    send(&mut connection);
    let start = Instant::now();
    while server.state().sets.is_empty() {
        assert!(start.elapsed() < Duration::from_secs(20));
    }
    assert!(connection.is_silent());
}

#[test]
fn a_mistake_in_a_plan_is_said() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    for (plan, says) in [
        ("{}", "give one of"),
        (r#"{"cut": "before-call", "fixture": "error/teapot"}"#, "give one of"),
        (r#"{"cut": "after-call", "status": 500}"#, "give one of"),
        (r#"{"cut": "in-between"}"#, "before-call"),
        (r#"{"delayMs": 600001}"#, "600000"),
        (r#"{"exception": "Throttling"}"#, "ThrottlingException"),
        ("[{}, 7]", "invalid type"),
    ] {
        let (status, answer) = connection.control("POST", "next", plan);
        let problem = answer["error"].as_str().unwrap_or_default();
        assert!(status == 400 && problem.contains(says), "{plan}: {status} {problem}");
    }
}

/// Every built-in fixture that neither waits long nor hangs goes out byte for
/// byte, and its connection ends as its script says.
#[test]
fn the_first_response_of_every_fixture_is_played() {
    let server = Server::start().unwrap();
    let (mut played, mut closed) = (0, 0);
    for fixture in &Set::embedded().unwrap().client {
        let Some(reply) = fixture.steps.first().and_then(|step| step.replies.first()) else { continue };
        let call = &fixture.steps[0].call;
        let is_served = Operation::ALL.iter().any(|of| call.operation().is(*of));
        let script = reply.script();
        let waits = |action: &Action| match action {
            Action::PauseMs(time) => *time > 200,
            Action::Hang => true,
            Action::Drip { body, every_ms } => every_ms * body.to_bytes().len() as u64 > 1_000,
            _ => false,
        };
        let expected = script.sent();
        if !is_served || script.raw.iter().any(waits) || expected.len() > 200_000 {
            continue;
        }
        server.answer_next(1, server.fixture(&fixture.id).unwrap());
        let mut connection = Connection::new(server.address());
        match call.operation {
            None => send(&mut connection),
            Some(_) => connection.send(&http1::request_bytes(&call.request("localhost"))).unwrap(),
        }
        let is_reset = script.raw.contains(&Action::Reset);
        if is_reset || script.raw.contains(&Action::Close) {
            let (bytes, was_reset) = connection.into_end();
            assert_eq!(was_reset, is_reset, "{}", fixture.id);
            // What was sent before a reset may be lost.
            assert!(is_reset || dateless(&bytes) == dateless(&expected), "{}", fixture.id);
            closed += 1;
        } else {
            let bytes = connection.bytes(expected.len());
            assert_eq!(dateless(&bytes), dateless(&expected), "{}", fixture.id);
            assert!(connection.is_silent(), "{}", fixture.id);
        }
        played += 1;
    }
    assert!(played > 400 && closed > 10, "{played}, {closed}");
    assert_eq!(server.state().next, []);
}

/// The line of the moment may differ.
fn dateless(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    text.split("\r\n").filter(|line| !line.starts_with("Date: ")).collect::<Vec<_>>().join("\r\n")
}
