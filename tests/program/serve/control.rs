use std::sync::Arc;

use attachset::fixture::Set;
use attachset::model::Operation;
use attachset::serve::{FixtureError, Options, Server, State};
use serde_json::json;

use super::http::Connection;
use super::{call, code, error, input};

#[test]
fn the_clock_is_advanced_and_set() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let id = call(&mut connection, &input(None, &[1])).unwrap().attachment_set_id;
    let (status, clock) = connection.control("POST", "clock", r#"{"advanceSeconds": 3599.5}"#);
    assert_eq!((status, clock["aheadSeconds"].as_f64()), (200, Some(3_599.5)));
    connection.control("POST", "clock", r#"{"advanceSeconds": 1}"#);
    assert_eq!(code(call(&mut connection, &input(id.as_deref(), &[1]))), error("AttachmentSetExpired", 400));

    connection.control("POST", "clock", r#"{"set": "2020-05-14T16:04:40.790Z"}"#);
    let expiry = call(&mut connection, &input(None, &[1])).unwrap().expiry_time.unwrap();
    assert!(expiry.starts_with("2020-05-14T17:04:4") && expiry.ends_with("+0000"), "{expiry}");
}

#[test]
fn each_exception_is_answered_on_demand() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    for exception in Operation::AddAttachmentsToSet.exceptions() {
        let plan = json!({"exception": exception.code(), "calls": 2}).to_string();
        assert_eq!(connection.control("POST", "next", &plan).0, 200);
        for _ in 0..2 {
            let answer = call(&mut connection, &input(None, &[1]));
            assert_eq!(code(answer), error(exception.code(), exception.status()));
        }
        call(&mut connection, &input(None, &[1])).unwrap();
    }
    let plan = r#"{"exception": "ThrottlingException", "status": 400, "message": "Rate exceeded"}"#;
    connection.control("POST", "next", plan);
    let refused = call(&mut connection, &input(None, &[1])).unwrap_err();
    assert_eq!(refused.code.as_deref(), Some("ThrottlingException"));
    assert_eq!(refused.message.as_deref(), Some("Rate exceeded"));
    assert!(refused.request_id.is_some());
}

/// Two fixtures: one with a well-formed reply, one with a script.
fn fixtures() -> Arc<Set> {
    let fixture = |reply: serde_json::Value| {
        let fixture = json!({
            "title": "a test", "why": "a test", "level": "may", "cites": ["seed.one-hour"],
            "steps": [{
                "call": {"attachments": []}, "replies": [reply], "outcome": {"accept": [{"output": {}}]},
            }],
        });
        fixture.to_string().into_bytes()
    };
    let reply = json!({
        "status": 418, "reason": "I'm a Teapot", "headers": {"x-amzn-ErrorType": "Teapot"},
        "body": {"text": "short"},
    });
    let files = [
        ("requirements.json".into(), Set::files().remove("requirements.json").unwrap()),
        ("client/error/teapot.json".into(), fixture(reply)),
        ("client/error/hang.json".into(), fixture(json!({"raw": ["hang"]}))),
    ];
    Arc::new(Set::read(files.into(), false).unwrap())
}

#[test]
fn a_fixture_is_answered_on_demand() {
    let server = Server::with(Options { fixtures: Some(fixtures()), ..Options::default() }).unwrap();
    let mut connection = Connection::new(server.address());
    let (status, next) = connection.control("POST", "next", r#"{"fixture": "error/teapot"}"#);
    assert_eq!((status, next), (200, json!([{"answer": "fixture error/teapot", "calls": 1}])));
    let response = connection.ask(&super::request(&input(None, &[1])));
    assert_eq!((response.status, response.body.as_slice()), (418, b"short".as_slice()));
    assert_eq!(response.headers.get("x-amzn-errortype"), Some("Teapot"));
    assert_eq!(response.headers.get("content-type"), None);
    call(&mut connection, &input(None, &[1])).unwrap();

    assert!(server.fixture("error/hang").is_ok());
    assert_eq!(server.fixture("error/none"), Err(FixtureError::Unknown("error/none".into())));
}

/// A planned fixture goes out byte for byte: names as they are written, the
/// order, the reason phrase, and nothing added but what a script adds.
#[test]
fn a_planned_fixture_is_served_byte_for_byte() {
    let server = Server::start().unwrap();
    let set = Set::embedded().unwrap();
    let well_formed = set.client.iter().filter_map(|fixture| {
        let reply = fixture.steps.first()?.replies.first()?;
        let attachset::fixture::Reply::Http(http) = reply else { return None };
        let is_short = reply.script().sent().len() < 100_000 && http.delay_ms.is_none();
        let is_served = Operation::ALL.iter().any(|of| fixture.steps[0].call.operation().is(*of));
        (is_short && is_served).then(|| (fixture, reply.script().sent()))
    });
    let mut connection = Connection::new(server.address());
    let mut served = 0;
    for (fixture, expected) in well_formed {
        server.answer_next(1, server.fixture(&fixture.id).unwrap());
        let request = match fixture.steps[0].call.operation {
            None => super::request(&input(None, &[1])),
            Some(_) => fixture.steps[0].call.request("localhost"),
        };
        connection.send(&attachset::wire::http1::request_bytes(&request)).unwrap();
        let response = connection.bytes(expected.len());
        assert_eq!(without_date(&response), without_date(&expected), "{}", fixture.id);
        served += 1;
    }
    assert!(served > 200, "{served}");
    call(&mut connection, &input(None, &[1])).unwrap();
}

/// Several requests at once, whose responses may leave in one piece.
#[test]
fn what_is_served_byte_for_byte_stays_in_its_place() {
    let server = Server::with(Options { fixtures: Some(fixtures()), ..Options::default() }).unwrap();
    server.answer_next(1, attachset::model::Exception::InternalServerError.into());
    server.answer_next(2, server.fixture("error/teapot").unwrap());
    server.answer_next(1, attachset::model::Exception::AttachmentSetExpired.into());
    let mut connection = Connection::new(server.address());
    let request = attachset::wire::http1::request_bytes(&super::request(&input(None, &[1])));
    connection.send(&request.repeat(5)).unwrap();
    let statuses: Vec<_> = (0..5).map(|_| connection.answer().unwrap().status).collect();
    assert_eq!(statuses, [500, 418, 418, 400, 200]);
}

/// The value of the one field that differs.
fn without_date(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    match text.split_once("\r\nDate: ") {
        Some((before, rest)) => {
            format!("{before}\r\nDate: {}", rest.split_once("\r\n").map_or("", |(_, after)| after))
        }
        None => text.into_owned(),
    }
}

#[test]
fn the_state_is_read_and_reset() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let id = call(&mut connection, &input(None, &[5])).unwrap().attachment_set_id;
    connection.control("POST", "next", r#"{"exception": "InternalServerError"}"#);
    connection.control("POST", "clock", r#"{"advanceSeconds": 60}"#);
    let (_, state) = connection.control("GET", "state", "");
    let state: State = serde_json::from_value(state).unwrap();
    assert_eq!(state.sets, server.state().sets);
    let file = state.sets.first().unwrap().attachments.first().unwrap();
    assert_eq!((file.bytes, file.sha256.clone()), (5, Some(attachset::wire::sha256_hex(&[7; 5]))));
    assert_eq!(state.next.len(), 1);

    assert_eq!(connection.control("DELETE", "state", "").0, 204);
    let state = server.state();
    assert_eq!((state.sets, state.next, state.succeeded), (vec![], vec![], 0));
    assert_eq!(server.clock().ahead(), jiff::SignedDuration::ZERO);
    assert_eq!(
        code(call(&mut connection, &input(id.as_deref(), &[1]))),
        error("AttachmentSetIdNotFound", 400)
    );
}

/// A state of more than one piece is the same as a whole one.
#[test]
fn a_long_state_is_read_as_a_short_one() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    for size in 1..300 {
        let id = call(&mut connection, &input(None, &[size, 5_000])).unwrap().attachment_set_id;
        let case = json!({"subject": "s", "communicationBody": "b", "attachmentSetId": id});
        let request = super::cases::request("CreateCase", &case.to_string());
        let response = connection.ask(&request);
        if size % 100 == 0 {
            let created: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
            let more = json!({"caseId": created["caseId"], "communicationBody": "b", "attachmentSetId": id});
            for _ in 0..size {
                let request = super::cases::request("AddCommunicationToCase", &more.to_string());
                assert_eq!(connection.ask(&request).status, 200);
            }
        }
    }
    server.answer_next(3, attachset::model::Exception::InternalServerError.into());
    let (_, state) = connection.control("GET", "state", "");
    assert!(state.to_string().len() > 300_000);
    let mut state: State = serde_json::from_value(state).unwrap();
    let whole = server.state();
    state.now.clone_from(&whole.now);
    assert_eq!(state, whole);
}

#[test]
fn sets_that_have_expired_stay_so_when_the_clock_is_set_back() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let id = call(&mut connection, &input(None, &[1])).unwrap().attachment_set_id;
    // Nobody asks for the set while the clock is ahead.
    connection.control("POST", "clock", r#"{"advanceSeconds": 3600}"#);
    connection.control("POST", "clock", r#"{"set": "2020-05-14T16:04:40Z"}"#);
    assert_eq!(code(call(&mut connection, &input(id.as_deref(), &[1]))), error("AttachmentSetExpired", 400));
    let later = call(&mut connection, &input(None, &[1])).unwrap().attachment_set_id;
    call(&mut connection, &input(later.as_deref(), &[1])).unwrap();
    server.clock().reset();
    assert_eq!(
        code(call(&mut connection, &input(later.as_deref(), &[1]))),
        error("AttachmentSetExpired", 400)
    );
    server.clock().advance(std::time::Duration::from_secs(7_200));
    let latest = call(&mut connection, &input(None, &[1])).unwrap().attachment_set_id;
    server.clock().reset();
    call(&mut connection, &input(latest.as_deref(), &[1])).unwrap();
}

#[test]
fn a_mistake_in_control_is_said_and_changes_nothing() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    assert_eq!(connection.control("GET", "health", "").1["status"], "ok");
    for (method, path, body, status, says) in [
        ("POST", "clock", "{}", 400, "advanceSeconds"),
        ("POST", "clock", r#"{"advanceSeconds": -1}"#, 400, "negative"),
        ("POST", "clock", r#"{"set": "noon"}"#, 400, "set: "),
        ("POST", "next", r#"{"exception": "AttachmentSetExpird"}"#, 400, "AttachmentSetExpired"),
        ("POST", "next", r#"{"exception": "X", "status": 200}"#, 400, "400 to 599"),
        (
            "POST",
            "next",
            r#"{"exception": "CaseIdNotFound", "operation": "CreateCase"}"#,
            400,
            "CaseCreationLimitExceeded",
        ),
        (
            "POST",
            "next",
            r#"{"exception": "CaseIdNotFound", "operation": "MakeCase"}"#,
            400,
            "AddCommunicationToCase",
        ),
        ("POST", "next", r#"{"fixture": "no/such"}"#, 400, "no/such"),
        ("POST", "next", r#"{"excepton": "X"}"#, 400, "excepton"),
        ("POST", "next", "{", 400, "EOF"),
        ("PUT", "next", "", 405, "/_attachset/next"),
        ("GET", "nothing", "", 404, "/_attachset/next"),
        ("GET", "data/as-1/0", "", 404, "attachment"),
    ] {
        let (seen, answer) = connection.control(method, path, body);
        let problem = answer["error"].as_str().unwrap_or_default();
        assert!(seen == status && problem.contains(says), "{method} {path} {body}: {seen} {problem}");
    }
    assert_eq!(server.state().next, []);
    assert_eq!(server.clock().ahead(), jiff::SignedDuration::ZERO);
}
