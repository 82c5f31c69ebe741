//! Servers.

use std::time::Duration;

use attachset::fixture::{Defect, ServiceFixture};
use attachset::judge::judge_service;
use attachset::transcript::{Answered, Pace, Seen, Sent, ServiceTranscript};
use attachset::wire::outcome::{ErrorKind, Outcome};
use attachset::wire::{Headers, Response, decode};

use crate::judge::list;

const OUTPUT: &str = r#"{"accept": [{"output": {"attachmentSetId": "as-1"}}]}"#;
const ERROR: &str = r#"{"accept": [{"error": {"kind": "service", "code": "A", "status": 400}}],
    "tolerate": [{"pattern": {"error": {"code": "B"}}, "reason": "an older name"}]}"#;

fn fixture(level: &str, steps: &str) -> ServiceFixture {
    let text = format!(
        r#"{{"title": "t", "why": "w", "level": "{level}", "cites": ["a.rule", "b.rule"],
            "charges": {{"refused": "b.rule"}}, "needs": ["cases"], "steps": [{steps}]}}"#
    );
    serde_json::from_str(&text).unwrap()
}

/// A step that sends a call, with these members besides.
fn call(outcome: &str, more: &str) -> String {
    format!(r#"{{"send": {{"call": {{"attachmentSetId": "as-1"}}}}, "outcome": {outcome}{more}}}"#)
}

fn request(outcome: &str) -> String {
    format!(r#"{{"send": {{"request": {{}}}}, "outcome": {outcome}}}"#)
}

fn answer(status: u16, body: &str) -> Answered {
    let headers = [("Content-Type", "application/x-amz-json-1.1; x"), ("x-amzn-RequestId", "r")];
    of(Response { status, headers: headers.into_iter().collect(), body: body.into() })
}

fn of(response: Response) -> Answered {
    let outcome = decode::response(&response);
    Answered {
        sent: Sent::Raw(Vec::new(), Pace::AtOnce),
        answer: Ok(response),
        breaches: Vec::new(),
        outcome,
        now: None,
        at: Duration::ZERO,
    }
}

fn none(kind: ErrorKind) -> Answered {
    let outcome = Outcome::error(kind, "x");
    Answered { answer: Err(outcome.clone()), outcome, ..answer(200, "") }
}

fn exchange(answered: Answered) -> Seen {
    Seen::Exchange(Box::new(answered))
}

fn judged(fixture: &ServiceFixture, steps: Vec<Seen>) -> String {
    crate::judge::words(&judge_service(fixture, &ServiceTranscript { steps }))
}

#[test]
fn answers() {
    let answers = [
        ("an output", answer(200, r#"{"attachmentSetId":"as-1"}"#)),
        ("another output", answer(200, r#"{"attachmentSetId":"as-2"}"#)),
        ("an error", answer(400, r#"{"__type":"A"}"#)),
        ("another error", answer(400, r#"{"__type":"C"}"#)),
        ("a tolerated one", answer(400, r#"{"__type":"B"}"#)),
        ("another status", answer(500, r#"{"__type":"A"}"#)),
        ("no name", answer(400, "{}")),
        ("no JSON", answer(200, "x")),
        ("no answer", none(ErrorKind::Timeout)),
        ("a reset", none(ErrorKind::Transport)),
        ("the rate limit", answer(400, r#"{"__type":"AttachmentLimitExceeded"}"#)),
    ];
    let [output, error] = [OUTPUT, ERROR].map(|outcome| fixture("must", &call(outcome, "")));
    let of_step =
        fixture("must", &call(ERROR, r#", "charges": {"accepted": "b.rule", "unnamed-error": "b.rule"}"#));
    let may = fixture("may", &call(ERROR, ""));
    let listed = answers.into_iter().flat_map(|(what, answer)| {
        let judged = |fixture| judged(fixture, vec![exchange(answer.clone())]);
        [
            (what, judged(&output)),
            ("- for an error", judged(&error)),
            ("- with charges", judged(&of_step)),
            ("- open", judged(&may)),
        ]
    });
    list("judge-answers", listed);
}

/// Where the server lacks what a fixture needs, nothing is judged.
#[test]
fn what_a_server_lacks() {
    let cases = fixture("must", &request(ERROR));
    let new_set = fixture("must", &format!(r#"{{"send": {{"call": {{}}}}, "outcome": {OUTPUT}}}"#));
    let joined =
        format!(r#"{{"send": {{"call": {{}}}}, "with": {{"attachmentSetId": "a"}}, "outcome": {OUTPUT}}}"#);
    let limited = || exchange(answer(400, r#"{"__type":"AttachmentLimitExceeded"}"#));
    let mut without_need = cases.clone();
    without_need.needs.clear();
    let unknown = || exchange(answer(400, r#"{"__type":"UnknownOperationException"}"#));
    let limit = r#"{"accept": [{"error": {"code": "AttachmentLimitExceeded"}}]}"#;
    let expected = fixture("must", &format!(r#"{{"send": {{"call": {{}}}}, "outcome": {limit}}}"#));
    let at_once =
        fixture("must", &format!(r#"{{"send": {{"request": {{}}}}, "atOnce": [{ERROR}, {ERROR}]}}"#));
    let listed = [
        ("no cases", judged(&cases, vec![unknown()])),
        ("no cases, at once", judged(&at_once, vec![Seen::AtOnce(vec![answer(501, ""), answer(400, "")])])),
        ("no cases, and none needed", judged(&without_need, vec![unknown()])),
        ("no such call", judged(&fixture("must", &call(ERROR, "")), vec![unknown()])),
        ("not implemented", judged(&cases, vec![exchange(answer(501, ""))])),
        ("a limit", judged(&cases, vec![exchange(answer(400, r#"{"__type":"CaseCreationLimitExceeded"}"#))])),
        (
            "another limit",
            judged(&cases, vec![exchange(answer(400, r#"{"__type":"DescribeAttachmentLimitExceeded"}"#))]),
        ),
        ("another error", judged(&cases, vec![exchange(answer(400, r#"{"__type":"C"}"#))])),
        ("no answer", judged(&cases, vec![exchange(none(ErrorKind::Transport))])),
        ("the limit of new sets", judged(&new_set, vec![limited()])),
        ("the limit, for a set that is there", judged(&fixture("must", &joined), vec![limited()])),
        ("the limit, as expected", judged(&expected, vec![limited()])),
        ("no clock", judged(&cases, vec![Seen::Unsupported("no clock".into())])),
        ("a broken clock", judged(&cases, vec![Seen::Broken("a broken clock".into())])),
    ];
    list("judge-lacks", listed.into_iter());
}

/// A server that asks for patience, and one that refuses what a fixture only
/// begins with, have shown nothing of what it is about.
#[test]
fn what_a_server_does_not_show() {
    let throttled = |name: &str| exchange(answer(400, &format!(r#"{{"__type":"{name}"}}"#)));
    let one = fixture("must", &call(OUTPUT, ""));
    let expected = r#"{"accept": [{"error": {"code": "ThrottlingException"}}]}"#;
    let expected = fixture("must", &call(expected, ""));
    let two = |requirement: &str| {
        let mut fixture = fixture("must", &format!("{}, {}", call(OUTPUT, ""), call(OUTPUT, "")));
        fixture.charges.insert(Defect::Refused, requirement.into());
        fixture
    };
    let alone = ServiceFixture { steps: two("c.rule").steps.into_iter().take(1).collect(), ..two("c.rule") };
    let right = || exchange(answer(200, r#"{"attachmentSetId":"as-1"}"#));
    let refused = || exchange(answer(400, r#"{"__type":"A"}"#));
    let listed = [
        ("too many requests", judged(&one, vec![throttled("ThrottlingException")])),
        ("too many requests, shorter", judged(&one, vec![throttled("Throttling")])),
        ("too many requests, by status", judged(&one, vec![exchange(answer(429, "{}"))])),
        ("too many requests, as expected", judged(&expected, vec![throttled("ThrottlingException")])),
        ("the first call is refused", judged(&two("c.rule"), vec![refused(), right()])),
        (
            "the first call gives another output",
            judged(&two("c.rule"), vec![exchange(answer(200, "{}")), right()]),
        ),
        ("the second call is refused", judged(&two("c.rule"), vec![right(), refused()])),
        ("the first call is what it is about", judged(&two("b.rule"), vec![refused(), right()])),
        ("the only call is refused", judged(&alone, vec![refused()])),
    ];
    list("judge-not-shown", listed.into_iter());
}

#[test]
fn answers_at_once() {
    let step = format!(
        r#"{{"send": {{"call": {{}}}}, "atOnce": [{OUTPUT}, {ERROR}, {ERROR}], "charges": {{"other-error": "b.rule"}}}}"#
    );
    let fixture = fixture("must", &step);
    let output = || answer(200, r#"{"attachmentSetId":"as-1"}"#);
    let error = |name: &str| answer(400, &format!(r#"{{"__type":"{name}"}}"#));
    let judged = |answers| judged(&fixture, vec![Seen::AtOnce(answers)]);
    let listed = [
        ("right", judged(vec![error("A"), output(), error("A")])),
        ("two tolerated", judged(vec![error("B"), output(), error("B")])),
        ("one success too many", judged(vec![output(), error("A"), output()])),
        ("one success too few", judged(vec![error("A"), error("A"), error("A")])),
        ("another error", judged(vec![error("C"), output(), error("A")])),
        ("one is lost", judged(vec![error("A"), output()])),
    ];
    list("judge-at-once", listed.into_iter());
    // What comes after them is judged, unless they are wrong.
    let then = self::fixture("must", &format!("{step}, {}", call(ERROR, "")));
    let after = |answers| {
        let steps = vec![Seen::AtOnce(answers), exchange(output())];
        let judgement = judge_service(&then, &ServiceTranscript { steps });
        judgement.mismatches.iter().map(|mismatch| mismatch.step).collect::<Vec<_>>()
    };
    assert_eq!(after(vec![error("A"), output(), error("A")]), [2]);
    assert_eq!(after(vec![error("C"), output(), error("A")]), [1]);
}

/// After something wrong nothing more is judged.
#[test]
fn steps() {
    let steps = format!(r#"{}, {{"advanceSeconds": 60}}, {}"#, call(OUTPUT, ""), call(ERROR, ""));
    let fixture = fixture("must", &steps);
    let right = || exchange(answer(200, r#"{"attachmentSetId":"as-1"}"#));
    let listed = [
        ("the third is wrong", judged(&fixture, vec![right(), Seen::Advanced, right()])),
        ("the first is wrong", judged(&fixture, vec![exchange(answer(400, "{}")), Seen::Advanced, right()])),
        ("the last was not taken", judged(&fixture, vec![right(), Seen::Advanced])),
        ("none was taken", judged(&fixture, Vec::new())),
        ("the first is wrong, and the last", judged(&fixture, vec![exchange(answer(400, "{}"))])),
        (
            "nothing was captured for the last",
            judged(&fixture, vec![right(), Seen::Advanced, Seen::Skipped("there is no id".into())]),
        ),
        ("the clock is silent", judged(&fixture, vec![right(), Seen::Silent("no answer".into())])),
        ("the first is not judged", judged(&fixture, vec![Seen::Advanced, Seen::Advanced, right()])),
    ];
    list("judge-service-steps", listed.into_iter());
}

#[test]
fn members() {
    const ANY: &str = r#"{"accept": [{"output": {}}]}"#;
    let first = call(ANY, r#", "capture": {"attachmentSetId": "set", "expiryTime": "time"}"#);
    let case = call(ANY, r#", "capture": {"caseId": "case"}"#);
    let body = |id: &str, time: &str| format!(r#"{{"attachmentSetId":"{id}","expiryTime":"{time}"}}"#);
    let created = || exchange(answer(200, &body("as-1", "2020-05-14T17:04:40Z")));
    let then = |more: &str, answered: &str| {
        let fixture = fixture("must", &format!("{first}, {}", call(ANY, more)));
        judged(&fixture, vec![created(), exchange(answer(200, answered))])
    };
    let same = r#", "same": {"attachmentSetId": "set"}"#;
    let differs = r#", "differs": {"attachmentSetId": "set"}"#;
    let other = r#", "differs": {"expiryTime": "time"}, "charges": {"other-output": "b.rule"}"#;
    let near = r#", "near": {"expiryTime": "time"}"#;
    let equals = r#", "equals": {"data": "aGk="}"#;
    let named = r#", "equals": {"attachmentSetId": "as-1"}, "charges": {"other-output": "b.rule"}"#;
    let late = body("as-1", "2020-05-14T17:04:46Z");
    let odd = body("as-1", "soon");
    let deep = r#"{"x":[{"y":1},{"data":"aGk="}],"data":"b"}"#;
    let listed = [
        ("the same", then(same, &body("as-1", ""))),
        ("not the same", then(same, &body("as-2", ""))),
        ("none", then(same, "{}")),
        ("another", then(differs, &body("as-2", ""))),
        ("no other", then(differs, &body("as-1", ""))),
        ("none for another", then(differs, "{}")),
        ("no other time", then(other, &body("", "2020-05-14T17:04:40Z"))),
        ("near", then(near, &body("", "2020-05-14T17:04:45Z"))),
        ("not near", then(near, &late)),
        ("no time", then(near, "{}")),
        ("a form that is not known", then(near, &odd)),
        ("a member of a member", then(equals, deep)),
        ("another value", then(equals, r#"{"data":"aGk"}"#)),
        ("no such member", then(equals, "{}")),
        ("another id", then(named, &body("as-2", ""))),
        (
            "nothing to capture",
            judged(&fixture("must", &first), vec![exchange(answer(200, &body("as-1", "")))]),
        ),
        (
            "no case to capture",
            judged(&fixture("must", &case), vec![exchange(answer(200, r#"{"caseId":7}"#))]),
        ),
        (
            "nothing in an error",
            judged(&fixture("must", &call(ERROR, same)), vec![exchange(answer(400, r#"{"__type":"A"}"#))]),
        ),
    ];
    list("judge-members", listed.into_iter());
}

#[test]
fn forms() {
    const ANY: &str = r#"{"accept": [{"output": {}}, {"error": {}}]}"#;
    let all = r#", "form": ["ok", "contentType", "requestId", "json", "named", "bareType"]"#;
    let fixture = fixture("must", &call(ANY, all));
    let with = |headers: &[(&str, &str)], body: &str| {
        let headers: Headers = headers.iter().copied().collect();
        judged(&fixture, vec![exchange(of(Response { status: 200, headers, body: body.into() }))])
    };
    let headers = &[("content-type", "Application/X-Amz-Json-1.1"), ("X-Amzn-RequestId", "r")];
    let listed = [
        ("right", with(headers, r#"{"__type":"A"}"#)),
        ("no headers", with(&[], r#"{"__type":"A"}"#)),
        (
            "other headers",
            with(&[("content-type", "text/html"), ("x-amzn-requestid", "")], r#"{"__type":"A"}"#),
        ),
        ("a namespace", with(headers, r#"{"__type":"a#A"}"#)),
        ("a URI", with(headers, r#"{"__type":"A:b"}"#)),
        ("another place", with(headers, r#"{"code":"A"}"#)),
        ("no name", with(headers, r#"{"__type":""}"#)),
        ("a null", with(headers, r#"{"__type":"A","message":null}"#)),
        ("a member twice", with(headers, r#"{"__type":"A","message":"a","message":"b"}"#)),
        ("no object", judged(&fixture, vec![exchange(answer(400, "[]"))])),
        ("bytes behind it", judged(&fixture, vec![exchange(answer(400, r#"{"__type":"A"} x"#))])),
        ("an error", judged(&fixture, vec![exchange(answer(400, r#"{"__type":"A"}"#))])),
        ("another status", judged(&fixture, vec![exchange(answer(201, "{}"))])),
        ("an output without a body", judged(&fixture, vec![exchange(answer(200, ""))])),
    ];
    list("judge-forms", listed.into_iter());
}
