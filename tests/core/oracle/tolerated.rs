//! What is tolerated, and that what is close to it is not.

use attachset::fixture::{Expected, Pattern};
use attachset::model::Operation;
use attachset::oracle::{Answer, End, Pace, rule};
use attachset::wire::outcome::{ErrorKind, Failure, Members, Outcome};
use serde_json::{Value, json};

fn expected(status: &str, body: &str) -> Expected {
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/x-amz-json-1.1\r\n");
    let bytes = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes();
    let answer = Answer { bytes, end: End::Open, pace: Pace::AtOnce, early: false };
    rule(Operation::AddAttachmentsToSet.shape(), &answer).expected
}

/// Whether an outcome is right, tolerated, or neither.
fn fate(expected: &Expected, outcome: &Outcome) -> &'static str {
    let matches = |pattern: &Pattern| pattern.matches(outcome);
    if expected.accept.iter().any(matches) {
        "right"
    } else if expected.tolerate.iter().any(|of| matches(&of.pattern)) {
        "tolerated"
    } else {
        "wrong"
    }
}

fn value(value: Value) -> Outcome {
    Outcome::Output(Members { value: Some(value), ..Members::default() })
}

fn id(id: Value) -> Outcome {
    Outcome::Output(Members::from_iter([("attachmentSetId", id)]))
}

fn service(code: Option<&str>, message: &str) -> Outcome {
    Outcome::Error(Failure {
        kind: ErrorKind::Service,
        code: code.map(Into::into),
        message: Some(message.into()),
        status: Some(400),
        request_id: None,
    })
}

#[test]
fn a_body_that_is_no_object_may_be_handed_on_as_it_is() {
    let array = expected("200 OK", r#"["as-1",7]"#);
    assert_eq!(fate(&array, &value(json!(["as-1", 7]))), "tolerated");
    assert_eq!(fate(&array, &value(json!(["as-1"]))), "wrong");
    assert_eq!(fate(&array, &value(json!("as-1,7"))), "wrong");
    assert_eq!(fate(&array, &Outcome::Output(Members::default())), "wrong");
    assert_eq!(fate(&array, &id(json!("as-1"))), "wrong");
    let output = expected("200 OK", r#"{"attachmentSetId":"as-1"}"#);
    assert_eq!(fate(&output, &value(json!("as-1"))), "wrong");
}

#[test]
fn a_number_may_become_a_string_that_keeps_its_every_character() {
    let number = expected("200 OK", r#"{"attachmentSetId":203051417.50}"#);
    assert_eq!(fate(&number, &id(json!(203_051_417.5))), "tolerated");
    assert_eq!(fate(&number, &id(json!("203051417.50"))), "tolerated");
    assert_eq!(fate(&number, &id(json!("203051417.5"))), "wrong");
    assert_eq!(fate(&number, &id(json!("2.030514175E8"))), "wrong");
    let boolean = expected("200 OK", r#"{"attachmentSetId":true}"#);
    assert_eq!(fate(&boolean, &id(json!("true"))), "tolerated");
    assert_eq!(fate(&boolean, &id(json!("True"))), "wrong");
    let object = expected("200 OK", r#"{"attachmentSetId":{"a":1}}"#);
    assert_eq!(fate(&object, &id(json!(r#"{"a":1}"#))), "wrong");
}

#[test]
fn a_name_beyond_the_model_may_reach_the_caller_in_the_whole_response() {
    let body = r#"{"__type":"Slow","message":"m"}"#;
    let unmodelled = expected("400 X", body);
    assert_eq!(fate(&unmodelled, &service(Some("Slow"), "m")), "right");
    assert_eq!(fate(&unmodelled, &service(None, &format!("Request ID: None Body: {body}"))), "tolerated");
    assert_eq!(fate(&unmodelled, &service(None, "m")), "wrong");
    assert_eq!(fate(&unmodelled, &service(Some("Unknown"), body)), "wrong");
    // The model's names and the other places are every client's.
    let modelled = r#"{"__type":"AttachmentSetExpired","message":"m"}"#;
    assert_eq!(fate(&expected("400 X", modelled), &service(None, modelled)), "wrong");
    let in_code = r#"{"code":"Slow","message":"m"}"#;
    assert_eq!(fate(&expected("400 X", in_code), &service(None, in_code)), "wrong");
}

#[test]
fn a_code_of_the_clients_own_is_told_where_nothing_names_the_error() {
    let unnamed = expected("400 X", r#"{"message":"m"}"#);
    assert_eq!(fate(&unnamed, &service(None, "m")), "right");
    for code in ["", "null", "400", "UnknownError"] {
        assert_eq!(fate(&unnamed, &service(Some(code), "m")), "tolerated", "{code:?}");
    }
    assert_eq!(fate(&unnamed, &Outcome::Output(Members::default())), "wrong");
}
