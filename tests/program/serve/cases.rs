//! What sets are for: cases.

use std::time::Duration;

use attachset::model::{Exception, Operation};
use attachset::serve::{Options, Server, State, test_credentials};
use attachset::service;
use attachset::wire::sign::sign;
use attachset::wire::{Headers, Request, encode, sha256_hex};
use serde_json::{Value, json};

use super::http::Connection;
use super::{call, error, input};

/// The operations whose input has no required member.
pub(super) const REQUIRE_NOTHING: [Operation; 2] = [Operation::DescribeCases, Operation::ResolveCase];

/// A call of an operation by its name.
pub(super) fn request(operation: &str, body: &str) -> Request {
    Request {
        method: "POST".into(),
        target: "/".into(),
        headers: Headers::from_iter([
            ("Host", "localhost"),
            ("Content-Type", "application/x-amz-json-1.1"),
            ("X-Amz-Target", &format!("AWSSupport_20130415.{operation}")),
            ("Content-Length", &body.len().to_string()),
        ]),
        body: body.into(),
    }
}

/// What a call comes to; of an error, the code and the status.
fn ask(connection: &mut Connection, operation: &str, input: &Value) -> Result<Value, (String, u16)> {
    answer(connection, &request(operation, &input.to_string()))
}

fn answer(connection: &mut Connection, request: &Request) -> Result<Value, (String, u16)> {
    let response = connection.ask(request);
    assert_eq!(response.headers.get("content-type"), Some("application/x-amz-json-1.1"));
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    match response.status {
        200 => Ok(body),
        status => Err((body["__type"].as_str().unwrap().into(), status)),
    }
}

fn case(set: &str) -> Value {
    json!({"subject": "s", "communicationBody": "b", "attachmentSetId": set})
}

#[test]
fn what_is_in_a_set_comes_back_from_a_case() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let set = call(&mut connection, &input(None, &[5, 5 << 20])).unwrap().attachment_set_id.unwrap();
    let id = ask(&mut connection, "CreateCase", &case(&set)).unwrap()["caseId"].clone();
    let other = call(&mut connection, &input(None, &[3])).unwrap().attachment_set_id.unwrap();
    let added = json!({"caseId": id, "communicationBody": "more", "attachmentSetId": other});
    assert_eq!(ask(&mut connection, "AddCommunicationToCase", &added), Ok(json!({"result": true})));

    let all = ask(&mut connection, "DescribeCommunications", &json!({"caseId": id})).unwrap();
    let files = |index: usize| all["communications"][index]["attachmentSet"].as_array().unwrap().clone();
    for (file, bytes) in files(1).iter().chain(&files(0)).zip([5, 5 << 20, 3]) {
        assert_eq!(file["fileName"], "a.log");
        let file = json!({"attachmentId": file["attachmentId"]});
        let attachment = ask(&mut connection, "DescribeAttachment", &file).unwrap()["attachment"].clone();
        assert_eq!(attachment, json!({"fileName": "a.log", "data": encode::base64(&vec![7; bytes])}));
    }

    let (_, state) = connection.control("GET", "state", "");
    let state: State = serde_json::from_value(state).unwrap();
    assert_eq!(state.cases, server.state().cases);
    let case = state.cases.first().unwrap();
    assert_eq!((Some(&*case.case_id), &*case.subject, &*case.status), (id.as_str(), "s", "unassigned"));
    let sizes = case.communications.iter().map(|one| (one.bytes, one.attachments.len()));
    assert!(sizes.eq([(1, 2), (4, 1)]), "{case:?}");
    let file = &case.communications[1].attachments[0].file;
    assert_eq!(file.sha256, Some(sha256_hex(&[7; 3])));

    let both = json!({"initialCaseStatus": "unassigned", "finalCaseStatus": "resolved"});
    assert_eq!(ask(&mut connection, "ResolveCase", &json!({"caseId": id})), Ok(both));
    assert_eq!(ask(&mut connection, "DescribeCases", &json!({})), Ok(json!({"cases": []})));
    server.reset();
    assert_eq!(server.state().cases, []);
    let unknown = ask(&mut connection, "DescribeCommunications", &json!({"caseId": id}));
    assert_eq!(unknown, Err(error("CaseIdNotFound", 400)));
}

#[test]
fn an_expired_set_is_refused() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let set = call(&mut connection, &input(None, &[1])).unwrap().attachment_set_id.unwrap();
    server.clock().advance(Duration::from_secs(3_600));
    let expired = Err(error("AttachmentSetExpired", 400));
    assert_eq!(ask(&mut connection, "CreateCase", &case(&set)), expired);
    assert_eq!(server.state().cases, []);
}

#[test]
fn each_exception_of_each_operation_is_answered_on_demand() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    for operation in Operation::ALL {
        for exception in operation.exceptions() {
            let plan = json!({"exception": exception.code(), "operation": operation.name()}).to_string();
            assert_eq!(connection.control("POST", "next", &plan).0, 200);
            let expected = Err(error(exception.code(), exception.status()));
            assert_eq!(ask(&mut connection, operation.name(), &json!({})), expected, "{operation}");
        }
    }
    assert_eq!(server.state().next, []);
}

#[test]
fn an_exception_waits_for_an_operation_that_it_is_documented_for() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    server.answer_next(1, Exception::CaseCreationLimitExceeded.into());
    server.answer_next(1, Exception::AttachmentSetExpired.into());
    server.answer_next_of(Operation::ResolveCase, 1, Exception::InternalServerError.into());
    assert_eq!(ask(&mut connection, "DescribeCases", &json!({})), Ok(json!({"cases": []})));
    let expired = super::code(call(&mut connection, &input(None, &[1])));
    assert_eq!(expired, error("AttachmentSetExpired", 400));
    call(&mut connection, &input(None, &[1])).unwrap();
    let refused = ask(&mut connection, "CreateCase", &json!({}));
    assert_eq!(refused, Err(error("CaseCreationLimitExceeded", 400)));
    let refused = ask(&mut connection, "ResolveCase", &json!({"caseId": "x"}));
    assert_eq!(refused, Err(error("InternalServerError", 500)));
}

#[test]
fn what_is_not_the_input_is_a_serialization_error() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let crowded = format!(r#"{{"x":[{}0]}}"#, "0,".repeat(200_000));
    for operation in Operation::ALL {
        for body in ["null", "[]", "{", r#"{"dryRun":"yes"}"#, r#"{"dryRun":[]}"#, "{} {}", &crowded] {
            let refused = answer(&mut connection, &request(operation.name(), body));
            assert_eq!(refused, Err(error("SerializationException", 400)), "{operation}");
        }
    }
    for (operation, body) in [
        ("CreateCase", r#"{"subject":1}"#),
        ("CreateCase", r#"{"ccEmailAddresses":[null]}"#),
        ("AddCommunicationToCase", r#"{"caseId":{}}"#),
        ("DescribeCases", r#"{"caseIdList":"case-1"}"#),
        ("DescribeCases", r#"{"maxResults":10.5}"#),
        ("DescribeCommunications", r#"{"maxResults":99999999999}"#),
        ("DescribeAttachment", r#"{"attachmentId":true}"#),
    ] {
        let response = connection.ask(&request(operation, body));
        let body: Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!((response.status, &body["__type"]), (400, &"SerializationException".into()), "{body}");
        assert!(body["message"].as_str().unwrap().starts_with("$."), "{body}");
    }
    let nulls = r#"{"caseIdList":null,"x":[1],"maxResults":10,"maxResults":null}"#;
    assert_eq!(answer(&mut connection, &request("DescribeCases", nulls)), Ok(json!({"cases": []})));
}

#[test]
fn a_call_about_a_case_is_signed_like_any_other() {
    let server = Server::with(Options { verify: Some(test_credentials()), ..Options::default() }).unwrap();
    let mut connection = Connection::new(server.address());
    let mut request = request("DescribeCases", "{}");
    let unsigned = Err(error("MissingAuthenticationTokenException", 400));
    assert_eq!(answer(&mut connection, &request), unsigned);
    sign(&mut request, &test_credentials(), std::time::SystemTime::now()).unwrap();
    assert_eq!(answer(&mut connection, &request), Ok(json!({"cases": []})));
}

/// An input without members may be written as nothing at all, where it can be
/// without members.
#[test]
fn an_empty_body_is_an_input_without_members() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    for operation in Operation::ALL {
        let (empty, braces) = (request(operation.name(), ""), request(operation.name(), "{}"));
        let seen = answer(&mut connection, &empty);
        if REQUIRE_NOTHING.contains(&operation) {
            assert_eq!(seen, answer(&mut connection, &braces), "{operation}");
        } else {
            assert_eq!(seen, Err(error("SerializationException", 400)), "{operation}");
        }
    }
}

/// What no member is for is skipped, whatever it is; what a member is for has to
/// be sound: in every operation alike.
#[test]
fn operations_agree_on_odd_json() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let unsound = Err(error("SerializationException", 400));
    for operation in Operation::ALL {
        let mut ask = |body: String| answer(&mut connection, &request(operation.name(), &body));
        let plain = ask(r#"{"dryRun":true}"#.into());
        assert_ne!(plain, unsound);
        for value in
            ["1e999", "-1E-999", r#""\ud800""#, r#"{"\ud800":1}"#, &deep, "[{\"a\":1,\"a\":2}]", "null"]
        {
            let start = value.get(..20).unwrap_or(value);
            assert_eq!(ask(format!(r#"{{"x":{value},"dryRun":true}}"#)), plain, "{operation} {start}");
            if value != "null" {
                assert_eq!(ask(format!(r#"{{"dryRun":{value}}}"#)), unsound, "{operation} {start}");
            }
        }
        for body in [
            r#"{"x":1e,"dryRun":true}"#,
            r#"{"x":[,"dryRun":true}"#,
            r#"{"x":"\q","dryRun":true}"#,
            r#"{"\ud800":1,"dryRun":true}"#,
            r#"{"dryRun":true} 1"#,
            r#"[null]"#,
        ] {
            assert_eq!(ask(body.into()), unsound, "{operation} {body}");
        }
        let twice = r#"{"dryRun":"no","dryRun":true}"#;
        assert_eq!(ask(twice.into()), unsound, "{operation}");
    }
}

/// Long answers at once all come, where there is room for them.
#[test]
fn many_long_answers_at_once_all_come() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let set = call(&mut connection, &input(None, &[1_000_000])).unwrap().attachment_set_id.unwrap();
    ask(&mut connection, "CreateCase", &case(&set)).unwrap();
    let id = server.state().cases[0].communications[0].attachments[0].attachment_id.clone();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut connection = Connection::new(server.address());
                for _ in 0..3 {
                    let answer = ask(&mut connection, "DescribeAttachment", &json!({"attachmentId": id}));
                    assert_eq!(answer.unwrap()["attachment"]["data"].as_str().unwrap().len(), 1_333_336);
                    call(&mut connection, &input(None, &[100_000])).unwrap();
                }
            });
        }
    });
}

/// An output without its data would be another file.
#[test]
fn an_attachment_whose_data_is_not_kept_is_refused() {
    let service = service::Options { kept_bytes: 0, ..service::Options::default() };
    let server = Server::with(Options { service, ..Options::default() }).unwrap();
    let mut connection = Connection::new(server.address());
    let set = call(&mut connection, &input(None, &[5])).unwrap().attachment_set_id.unwrap();
    ask(&mut connection, "CreateCase", &case(&set)).unwrap();
    let file = server.state().cases[0].communications[0].attachments[0].clone();
    assert_eq!((file.file.bytes, file.file.sha256), (5, None));
    let answer = ask(&mut connection, "DescribeAttachment", &json!({"attachmentId": file.attachment_id}));
    assert_eq!(answer, Err(error("AttachmentIdNotFound", 400)));
}
