//! Clients.

use std::time::Duration;

use attachset::fixture::{Defect, Fixture, Given, Level, Rule};
use attachset::judge::{judge, observation};
use attachset::model::{Attachment, Input};
use attachset::transcript::{End, Exchange, Fault, Received, Transcript};
use attachset::wire::outcome::{ErrorKind, Failure, Members, Outcome};
use attachset::wire::{Headers, Request, encode};
use serde_json::{Value, json};

use crate::judge::list;

const CALL: &str = r#"{"attachmentSetId": "as-1", "dryRun": false,
    "attachments": [{"fileName": "a", "data": {"text": "hello"}}, {}]}"#;

/// A fixture with one step, whose outcome is this.
fn fixture(outcome: &str) -> Fixture {
    let text = format!(
        r#"{{"title": "t", "why": "w", "level": "must", "cites": ["a.rule", "b.rule"],
            "charges": {{"wrong-code": "b.rule", "target": "b.rule"}}, "maxAttempts": 2,
            "steps": [{{"call": {CALL}, "requests": {{"min": 1, "max": 1}}, "minPauseMs": 100,
                "request": {{"headers": [{{"name": "x-a", "value": ["1", null]}}]}},
                "replies": [{{"status": 200}}], "outcome": {outcome}}}]}}"#
    );
    serde_json::from_str(&text).unwrap()
}

/// Expects the error A with all that it has.
fn error() -> Fixture {
    let error = r#"{"kind": "service", "code": "A", "message": "m", "status": 400, "requestId": "r"}"#;
    let around = error.replace("message", "messageHolds");
    let tolerated = format!(r#"{{"pattern": {{"error": {around}}}, "reason": "own words"}}"#);
    fixture(&format!(r#"{{"accept": [{{"error": {error}}}], "tolerate": [{tolerated}]}}"#))
}

fn failure() -> Failure {
    Failure {
        kind: ErrorKind::Service,
        code: Some("A".into()),
        message: Some("m".into()),
        status: Some(400),
        request_id: Some("r".into()),
    }
}

fn input() -> Input {
    let file = Attachment { file_name: Some("a".into()), data: Some(b"hello".to_vec()) };
    Input {
        attachment_set_id: Some("as-1".into()),
        attachments: Some(vec![file, Attachment::default()]),
        dry_run: Some(false),
    }
}

fn exchange(request: Request) -> Exchange {
    Exchange {
        step: 0,
        reply: 0,
        request,
        body: Received::Whole,
        breaches: Vec::new(),
        signature: Ok(()),
        at: Duration::ZERO,
    }
}

fn sent() -> Exchange {
    exchange(encode::request(&input(), "localhost"))
}

fn judged(fixture: &Fixture, exchanges: Vec<Exchange>, end: End) -> String {
    crate::judge::words(&judge(fixture, &Transcript { exchanges, ends: vec![end], ..Transcript::default() }))
}

fn output(id: Option<Value>, time: Option<Value>) -> Outcome {
    let mut members = Members::default();
    members.set("attachmentSetId", id);
    members.set("expiryTime", time);
    Outcome::Output(members)
}

#[test]
fn outcomes_of_an_error() {
    let with = |change: &dyn Fn(&mut Failure)| {
        let mut failure = failure();
        change(&mut failure);
        Outcome::Error(failure)
    };
    let code = |code: Option<Value>| with(&|of| of.code = code.clone());
    let outcomes = [
        ("right", with(&|_| ())),
        (
            "no status and no request id in the client's API",
            with(&|of| (of.status, of.request_id) = (None, None)),
        ),
        ("words around the message", with(&|of| of.message = Some("Error: m!".into()))),
        ("another kind", with(&|of| of.kind = ErrorKind::Transport)),
        ("another kind and code", with(&|of| (of.kind, of.code) = (ErrorKind::Decode, None))),
        ("no code", code(None)),
        ("an empty code", code(Some("".into()))),
        ("a status for a code", code(Some("400".into()))),
        ("unknown", code(Some("Unknown".into()))),
        ("an unknown error", code(Some("UnknownError".into()))),
        ("an error", code(Some("Error".into()))),
        ("a number", code(Some(400.into()))),
        ("another code", code(Some("B".into()))),
        ("another code with a digit", code(Some("4B".into()))),
        ("another code and message", with(&|of| (of.code, of.message) = (Some("B".into()), None))),
        ("no message", with(&|of| of.message = None)),
        ("another message and status", with(&|of| (of.message, of.status) = (Some("x".into()), Some(1)))),
        ("another status", with(&|of| of.status = Some(500))),
        ("another request id", with(&|of| of.request_id = Some("x".into()))),
        ("an exception", with(&|of| of.kind = ErrorKind::Unexpected)),
        ("success", output(Some("as-1".into()), None)),
        ("success without members", output(None, None)),
        ("what the client cannot say", Outcome::Unsupported("no dryRun".into())),
    ];
    let listed =
        outcomes.iter().map(|(what, outcome)| (*what, judged(&error(), vec![sent()], Ok(outcome.clone()))));
    list("judge-errors", listed);
}

/// What is long is shown where it differs, and not from its start.
#[test]
fn a_difference_far_into_a_text_is_shown() {
    let text = |at: &str| format!("{}{at}{}", "é".repeat(1_000), "z".repeat(1_000));
    let expected = format!(r#"{{"accept": [{{"error": {{"message": "{}"}}}}]}}"#, text("A"));
    let error = Failure { message: Some(text("B").into()), ..failure() };
    let (error, fixture) = (Outcome::Error(error), fixture(&expected));
    let transcript = Transcript { exchanges: vec![sent()], ends: vec![Ok(error)], ..Transcript::default() };
    let judgement = judge(&fixture, &transcript);
    let mismatch = judgement.mismatches.first().unwrap();
    assert_eq!(mismatch.defect, Defect::WrongMessage);
    let before = "é".repeat(20);
    assert!(mismatch.expected.starts_with(&format!("message: ...\"{before}Azz")), "{}", mismatch.expected);
    assert!(mismatch.seen.starts_with(&format!("message: ...\"{before}Bzz")), "{}", mismatch.seen);
    assert!(mismatch.seen.ends_with("zz\"... (3001 bytes)"), "{}", mismatch.seen);
}

#[test]
fn outcomes_of_an_output() {
    let exact = r#"{"output": {"attachmentSetId": "as-1", "expiryTime": {"json": 7}}}"#;
    let only = fixture(&format!(r#"{{"accept": [{exact}]}}"#));
    let or_error = fixture(&format!(r#"{{"accept": [{exact}, {{"error": {{}}}}]}}"#));
    let any = fixture(r#"{"accept": [{"output": {}}, {"error": {"kind": ["decode", "transport"]}}]}"#);
    let outcomes = [
        ("right", output(Some("as-1".into()), Some(7.into()))),
        ("another id", output(Some("as-2".into()), Some(7.into()))),
        ("a time of another type", output(Some("as-1".into()), Some("7".into()))),
        ("no time", output(Some("as-1".into()), None)),
        ("no members", output(None, None)),
        ("an error", Outcome::error(ErrorKind::Decode, "x")),
        ("a refusal", Outcome::error(ErrorKind::Client, "x")),
        (
            "members beyond the model's",
            Outcome::Output(Members { other: vec!["x".into()], ..Members::default() }),
        ),
    ];
    let listed = outcomes.iter().flat_map(|(what, outcome)| {
        let judged = |fixture| judged(fixture, vec![sent()], Ok(outcome.clone()));
        [(*what, judged(&only)), ("- where an error will do", judged(&or_error)), ("- any", judged(&any))]
    });
    list("judge-outputs", listed);
}

/// A value that is handed on has to be the one that was sent; how a number is
/// written is no part of it.
#[test]
fn a_value_is_compared_by_what_it_is() {
    for (one, other, is_same) in [
        (json!(1), json!(1.0), true),
        (json!(1), json!(2), false),
        (json!(u64::MAX), json!(u64::MAX), true),
        (json!([1, 2]), json!([1.0, 2]), true),
        (json!([1, 2]), json!([2, 1]), false),
        (json!([1, 2]), json!([1]), false),
        (json!({"a": 1, "b": [2]}), json!({"b": [2.0], "a": 1}), true),
        (json!({"a": 1}), json!({"a": 2}), false),
        (json!({"a": 1}), json!({"b": 1}), false),
        (json!({"a": 1}), json!({"a": 1, "b": 1}), false),
        (json!("a"), json!("b"), false),
        (json!(true), json!(1), false),
    ] {
        let rule: Rule<Given> = serde_json::from_value(json!({"json": one})).unwrap();
        assert_eq!(rule.allows_value(Some(&other)), is_same, "{one} and {other}");
        let rule: Rule<Given> = serde_json::from_value(json!({"json": other})).unwrap();
        assert_eq!(rule.allows_value(Some(&one)), is_same, "{other} and {one}");
        assert!(!rule.allows_value(None));
    }
    let absent: Rule<Given> = serde_json::from_value(json!(null)).unwrap();
    assert!(absent.allows_value(None) && absent.allows_value(Some(&Value::Null)));
    assert!(!absent.allows_value(Some(&json!(""))));
}

#[test]
fn ends_and_numbers_of_requests() {
    let right = || Ok(Outcome::Error(failure()));
    let refused = || Ok(Outcome::error(ErrorKind::Client, "x"));
    let at = |ms: u64| Exchange { at: Duration::from_millis(ms), ..sent() };
    let two = |mut fixture: Fixture| {
        let count = fixture.steps.first_mut().unwrap();
        count.requests = serde_json::from_str(r#"{"min": 2, "max": 2}"#).unwrap();
        fixture
    };
    let off = Fixture { max_attempts: 1, ..error() };
    let maybe = |mut fixture: Fixture| {
        let count = r#"{"min": 0, "max": 1}"#;
        fixture.steps.first_mut().unwrap().requests = serde_json::from_str(count).unwrap();
        fixture
    };
    let none = fixture(r#"{"accept": [{"error": {"kind": "client"}}]}"#);
    let fault = |fault| Err(fault);
    let (status, stderr) = ("exit status: 1".to_owned(), "oh".to_owned());
    let listed = [
        ("no answer", judged(&error(), vec![sent()], fault(Fault::NoAnswer(Duration::from_millis(1_500))))),
        ("a death", judged(&error(), vec![sent()], fault(Fault::Ended { status, stderr: stderr.clone() }))),
        ("babble", judged(&error(), vec![sent()], fault(Fault::Protocol { problem: "p".into(), stderr }))),
        ("no request", judged(&error(), vec![], right())),
        ("no request, where none need come", judged(&maybe(error()), vec![], right())),
        ("no request, and it says so", judged(&error(), vec![], refused())),
        ("no request, rightly", judged(&none, vec![], refused())),
        ("a request, and it denies it", judged(&error(), vec![sent()], refused())),
        ("one for two", judged(&two(error()), vec![sent()], right())),
        ("one for two and a wrong outcome", judged(&two(error()), vec![sent()], Ok(output(None, None)))),
        ("two for two", judged(&two(error()), vec![at(0), at(100)], right())),
        ("two for two, too soon", judged(&two(error()), vec![at(1), at(100)], right())),
        ("two for one", judged(&error(), vec![at(0), at(100)], right())),
        ("three for one", judged(&error(), vec![at(0), at(100), at(200)], right())),
        ("two for one without retries", judged(&off, vec![at(0), at(100)], right())),
    ];
    list("judge-ends", listed.into_iter());
}

#[test]
fn requests() {
    let with = |change: &dyn Fn(&mut Exchange)| {
        let mut exchange = sent();
        change(&mut exchange);
        judged(&error(), vec![exchange], Ok(Outcome::Error(failure())))
    };
    let header = |name: &str, value: Option<&str>| {
        with(&|of| {
            let others = of.request.headers.iter().filter(|(of, _)| !of.eq_ignore_ascii_case(name));
            let mut headers: Headers = others.collect();
            value.into_iter().for_each(|value| headers.push(name, value));
            of.request.headers = headers;
        })
    };
    let body = |body: &str| with(&|of| of.request.body = body.into());
    let input = |change: &dyn Fn(&mut Input)| {
        let mut input = input();
        change(&mut input);
        with(&|of| of.request.body = encode::input_body(&input))
    };
    let files = |change: &dyn Fn(&mut Vec<Attachment>)| input(&|of| change(of.attachments.as_mut().unwrap()));
    let listed = [
        ("right", with(&|_| ())),
        ("another method", with(&|of| of.request.method = "PUT".into())),
        ("another path", with(&|of| of.request.target = "/x".into())),
        ("no target", header("x-amz-target", None)),
        ("another target", header("x-amz-target", Some("A.B"))),
        ("no content type", header("content-type", None)),
        ("another content type", header("content-type", Some("application/json"))),
        ("a parameter", header("Content-Type", Some("Application/x-amz-json-1.1 ; charset=utf-8"))),
        ("neither length nor chunks", header("content-length", None)),
        (
            "chunks",
            with(&|of| {
                of.request.headers = [
                    ("x-amz-target", "AWSSupport_20130415.AddAttachmentsToSet"),
                    ("content-type", "application/x-amz-json-1.1"),
                    ("Transfer-Encoding", "chunked"),
                ]
                .into_iter()
                .collect()
            }),
        ),
        ("a header as the fixture has it", header("x-a", Some("1"))),
        ("a header that is not", header("x-a", Some("2"))),
        ("broken chunks", with(&|of| of.body = Received::Broken("no size".into()))),
        (
            "what is no request",
            with(&|of| {
                of.body = Received::Unreadable("no such version".into());
                of.request = Request::default();
            }),
        ),
        (
            "a part of a bad request",
            with(&|of| {
                of.body = Received::Part;
                of.request.body.clear();
                of.signature = Err("none".into());
            }),
        ),
        ("a bad signature", with(&|of| of.signature = Err("it is too old".into()))),
        ("no JSON", body("x")),
        ("another type", body(r#"{"attachments": 7}"#)),
        ("no base64", body(r#"{"attachments": [{"data": "!"}]}"#)),
        ("a null", body(r#"{"attachmentSetId": null}"#)),
        ("an unknown member", body(r#"{"x": 1}"#)),
        ("a member twice", body(r#"{"dryRun": true, "dryRun": false, "attachmentSetId": "as-1"}"#)),
        ("another id", input(&|of| of.attachment_set_id = Some("x".into()))),
        ("no id", input(&|of| of.attachment_set_id = None)),
        ("another dryRun", input(&|of| of.dry_run = Some(true))),
        ("no attachments", input(&|of| of.attachments = None)),
        ("one file fewer", files(&|of| _ = of.pop())),
        ("another name", files(&|of| of.first_mut().unwrap().file_name = Some("b".into()))),
        ("other data", files(&|of| of.first_mut().unwrap().data = Some(b"h\x00".into()))),
        ("no data", files(&|of| of.first_mut().unwrap().data = None)),
        ("data in the second", files(&|of| of.last_mut().unwrap().data = Some(vec![7; 200]))),
    ];
    list("judge-requests", listed.into_iter());
}

#[test]
fn retries_have_the_same_body() {
    let judged = |exchanges| {
        let mut fixture = error();
        fixture.steps.first_mut().unwrap().requests =
            serde_json::from_str(r#"{"min": 0, "max": 3}"#).unwrap();
        fixture.steps.first_mut().unwrap().min_pause_ms = 0;
        judged(&fixture, exchanges, Ok(Outcome::Error(failure())))
    };
    let with = |body: Received, text: &str| Exchange {
        body,
        request: Request { body: text.into(), ..sent().request },
        ..sent()
    };
    let part = || with(Received::Part, "{");
    let spaced = format!(" {}", String::from_utf8(encode::input_body(&input())).unwrap());
    let listed = [
        ("the same", judged(vec![sent(), sent()])),
        ("a part of one", judged(vec![part(), sent(), sent()])),
        ("another, of the same meaning", judged(vec![sent(), with(Received::Whole, &spaced)])),
        ("the third", judged(vec![sent(), sent(), with(Received::Whole, &spaced)])),
        ("wrong twice in the same way", judged(vec![with(Received::Whole, "x"), with(Received::Whole, "x")])),
    ];
    list("judge-retries", listed.into_iter());
}

/// Each step is judged by its own requests; what is not reached, not at all.
#[test]
fn steps() {
    let mut fixture = error();
    let step = fixture.steps.first().unwrap().clone();
    fixture.steps = vec![step.clone(), step.clone(), step];
    let second = Exchange { step: 1, ..sent() };
    let wrong = Exchange { request: Request { method: "PUT".into(), ..sent().request }, ..second.clone() };
    let transcript = |exchanges, ends| Transcript { exchanges, ends, ..Transcript::default() };
    let right = || Ok(Outcome::Error(failure()));
    let listed = [
        ("the second request is wrong", transcript(vec![sent(), wrong], vec![right(), right()])),
        ("the second has none", transcript(vec![sent(), sent()], vec![right(), right()])),
        (
            "the client breaks off",
            transcript(vec![sent(), second], vec![right(), Err(Fault::NoAnswer(Duration::ZERO))]),
        ),
    ];
    list(
        "judge-steps",
        listed.into_iter().map(|(what, seen)| (what, crate::judge::words(&judge(&fixture, &seen)))),
    );
}

#[test]
fn advice_is_not_charged_as_what_is_forbidden() {
    let mut fixture = error();
    fixture.cites.first_mut().unwrap().replace_range(.., "retry.off");
    let end = || Ok(Outcome::error(ErrorKind::Timeout, "x"));
    let levels = [Level::Must, Level::Should, Level::May].map(|level| Fixture { level, ..fixture.clone() });
    let listed = levels.iter().map(|fixture| (fixture.level.as_str(), judged(fixture, vec![sent()], end())));
    list("judge-levels", listed);
}

#[test]
fn an_observation_is_a_line_that_two_runs_have_in_common() {
    let long = "é".repeat(201);
    let failure = Failure { message: Some("to 127.0.0.1:23456 x".into()), ..failure() };
    for (end, says) in [
        (
            Ok(Outcome::Error(failure)),
            r#"service error with code "A", message "to 127.0.0.1:PORT x", status 400, requestId "r""#,
        ),
        (Ok(output(Some(json!(7)), None)), "success with attachmentSetId 7"),
        (Ok(output(None, None)), "success with no members"),
        (Ok(Outcome::Unsupported("x".into())), "unsupported: x"),
        (Err(Fault::NoAnswer(Duration::from_millis(7))), "no response after 7 ms"),
        (
            Ok(Outcome::error(ErrorKind::Decode, long)),
            &format!("decode error with message \"{}\"... (402 bytes)", "é".repeat(200)),
        ),
    ] {
        assert_eq!(observation(&end), says);
    }
}
