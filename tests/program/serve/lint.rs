//! Lint of calls. `.ci/lint` has each rule's wrong and right example, sent by
//! boto3.

use attachset::lint::{self, Options as Lint, RULES};
use attachset::model::{Attachment, Exception, Input};
use attachset::serve::{Options, Server, WorldLimits};
use serde_json::{Value, json};

use super::http::Connection;
use super::{call, cases, code, error, input, outcome, request};

fn server(lint: Lint) -> Server {
    let lint = Lint { off: vec!["signature/missing".into()], ..lint };
    Server::with(Options { lint: Some(lint), ..Options::default() }).unwrap()
}

fn file(name: &str, data: &[u8]) -> Input {
    let attachment = Attachment { file_name: Some(name.into()), data: Some(data.into()) };
    Input { attachments: Some(vec![attachment]), ..Input::default() }
}

fn rules(server: &Server) -> Vec<String> {
    server.state().lint.unwrap().warnings.into_iter().map(|of| of.warning.rule).collect()
}

/// Each rule has its section, in the order of the table, with its source and a
/// wrong and a right example in three languages.
#[test]
fn the_page_has_every_rule() {
    let page = include_str!("../../../docs/lint.md");
    let sections: Vec<_> = page.split("\n## ").skip(1).collect();
    let ids: Vec<_> = sections.iter().map(|section| section.lines().next().unwrap()).collect();
    assert_eq!(ids, RULES.iter().map(|rule| rule.id).collect::<Vec<_>>());
    for (rule, section) in RULES.iter().zip(sections) {
        let title = section.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        assert!(title.contains(&rule.title.to_lowercase()), "{}", rule.id);
        assert!(section.contains(&format!("[Source]({}).", rule.source)), "{}", rule.id);
        assert_eq!(section.contains(" Off by default."), !rule.is_default, "{}", rule.id);
        assert_eq!(section.contains(" Late."), !rule.is_early, "{}", rule.id);
        for (language, mark) in [("python", "#"), ("js", "//"), ("sh", "#")] {
            let block = section.split(&format!("```{language}\n{mark} wrong\n")).nth(1).unwrap_or_default();
            let block = block.split("```").next().unwrap_or_default();
            assert!(block.contains(&format!("\n{mark} right\n")), "{}: {language}", rule.id);
        }
    }
}

#[test]
fn a_mistake_is_in_the_state_and_the_call_is_served() {
    let server = server(Lint::default());
    let mut connection = Connection::new(server.address());
    call(&mut connection, &file("report.log", b"aXQgYnJva2UgYXQgMTI6MDA=")).unwrap();
    let (_, state) = connection.control("GET", "state", "");
    let warning = &state["lint"]["warnings"][0];
    assert_eq!(
        (&warning["rule"], &warning["operation"]),
        (&json!("data/base64"), &json!("AddAttachmentsToSet"))
    );
    assert!(warning["requestId"].is_string() && warning["message"].as_str().unwrap().contains("report.log"));
    assert_eq!(state["sets"].as_array().unwrap().len(), 1);
    connection.control("DELETE", "state", "");
    assert_eq!(connection.control("GET", "lint", "").1, json!({"warnings": [], "dropped": 0}));
}

#[test]
fn a_mistake_is_refused_where_that_is_asked_for() {
    let server = server(Lint { deny: true, ..Lint::default() });
    let mut connection = Connection::new(server.address());
    let refused = call(&mut connection, &file("report.log", b"")).unwrap_err();
    assert_eq!((refused.code.as_deref(), refused.status), (Some("LintException"), 400));
    let message = refused.message.unwrap();
    assert!(
        message.starts_with("data/empty: ") && message.ends_with("(docs/lint.md#dataempty)"),
        "{message}"
    );
    let case = r#"{"subject": "s", "communicationBody": "-----BEGIN PRIVATE KEY-----"}"#;
    assert_eq!(connection.ask(&cases::request("CreateCase", case)).status, 200);
    let state = server.state();
    assert_eq!((state.sets.len(), state.cases.len(), state.refused), (0, 1, 1));
}

#[test]
fn a_rule_can_be_turned_off_and_another_on() {
    let server = Server::with(Options {
        lint: Some(Lint {
            off: vec!["data/empty".into(), "signature/missing".into()],
            also: vec!["name/type".into()],
            ..Lint::default()
        }),
        ..Options::default()
    });
    let server = server.unwrap();
    call(&mut Connection::new(server.address()), &file("report.xyz", b"")).unwrap();
    assert_eq!(rules(&server), ["name/type"]);
}

#[test]
fn without_the_option_there_is_no_lint() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    call(&mut connection, &file("report.log", b"")).unwrap();
    assert_eq!(server.state().lint, None);
    assert_eq!(connection.control("GET", "state", "").1.get("lint"), None);
    let (status, problem) = connection.control("GET", "lint", "");
    assert!(status == 400 && problem["error"].as_str().unwrap().contains("--lint"));
}

#[test]
fn a_secret_is_never_said() {
    let server = server(Lint::default());
    let mut connection = Connection::new(server.address());
    let secrets = ["AKIAQWERTYUIOPASDFGH", "hunter2hunter2", "MIIEpAIBAAKCAQEA"];
    let text = format!(
        "{}\npostgres://app:{}@db/app\n-----BEGIN RSA PRIVATE KEY-----\n{}\n",
        secrets[0],
        secrets[1],
        secrets[2].repeat(5)
    );
    call(&mut connection, &file("env.log", text.as_bytes())).unwrap();
    let case = json!({"subject": "s", "communicationBody": text}).to_string();
    connection.ask(&cases::request("CreateCase", &case));
    assert_eq!(rules(&server).len(), 6);
    let (_, report) = connection.control("GET", "lint", "");
    assert!(!secrets.iter().any(|secret| report.to_string().contains(secret)), "{report}");
}

#[test]
fn each_world_has_a_list_of_its_own() {
    let options =
        Options { lint: Some(Lint::default()), worlds: Some(WorldLimits::default()), ..Options::default() };
    let server = Server::with(options).unwrap();
    let mut connection = Connection::new(server.address());
    let mut empty = request(&file("report.log", b""));
    empty.headers.push(
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=test-1/20260101/us-east-1/support/aws4_request, SignedHeaders=host, Signature=0",
    );
    outcome(&connection.ask(&empty)).unwrap();
    let warnings = |connection: &mut Connection, world: &str| {
        let (_, report) = connection.control("GET", &format!("lint?world={world}"), "");
        report["warnings"].as_array().unwrap().len()
    };
    assert_eq!((warnings(&mut connection, "test-1"), warnings(&mut connection, "test-2")), (1, 0));
}

#[test]
fn the_list_is_bounded_and_says_what_it_lacks() {
    let server = server(Lint::default());
    let mut connection = Connection::new(server.address());
    for number in 0..203 {
        let set = call(&mut connection, &file(&format!("{number}.log"), b"")).unwrap().attachment_set_id;
        let case = json!({"subject": number.to_string(), "communicationBody": "b", "attachmentSetId": set});
        connection.ask(&cases::request("CreateCase", &case.to_string()));
    }
    let report = server.state().lint.unwrap();
    assert_eq!((report.warnings.len(), report.dropped), (200, 3));
}

/// What is planned counts, too: whoever does not repeat a call that failed for a
/// moment, and repeats one that cannot succeed.
#[test]
fn planned_errors_are_retried_well_or_not() {
    let server = server(Lint::default());
    let mut connection = Connection::new(server.address());
    server.answer_next(1, Exception::InternalServerError.into());
    assert_eq!(code(call(&mut connection, &input(None, &[1]))), error("InternalServerError", 500));
    assert_eq!(rules(&server), [""; 0]);
    let (_, report) = connection.control("GET", "lint", "");
    assert_eq!(report["warnings"][0]["rule"], "retry/missing");
    server.reset();

    server.answer_next(1, Exception::InternalServerError.into());
    server.answer_next(2, Exception::AttachmentLimitExceeded.into());
    for _ in 0..3 {
        call(&mut connection, &input(None, &[1])).unwrap_err();
    }
    assert_eq!(rules(&server), ["retry/unchanged"]);
}

/// A call that is answered by plan has mistakes as any other.
#[test]
fn a_planned_call_is_looked_at() {
    let server = server(Lint { deny: true, ..Lint::default() });
    server.answer_next(1, Exception::AttachmentLimitExceeded.into());
    let mut connection = Connection::new(server.address());
    let refused = call(&mut connection, &file("report.log", b""));
    assert_eq!(code(refused), error("AttachmentLimitExceeded", 400));
    assert_eq!(rules(&server), ["data/empty"]);
}

/// Files that applications send, none of them a mistake, and what is wrong with
/// their neighbours.
#[test]
fn right_files_are_right() {
    let right: &[(&str, &[u8])] = &[
        ("words.txt", b"password\nelephant\nabcdefgh\nKubernet\n"),
        ("one-word.txt", b"testdatatestdata"),
        ("token.txt", b"deadbeef"),
        ("number.txt", b"20261130024500000000000000000000"),
        ("sum.txt", b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("data.csv", b"a,b\n1,2\n"),
        ("data.json", br#"{"url": "https://example.com/a@b", "data": "aGVsbG8gd29ybGQhIQ=="}"#),
        ("screenshot.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("path.sh", b"#!/bin/sh\n/usr/bin/true\n"),
        ("line.log", b"/healthz 200 OK"),
        ("root.log", b"/"),
        ("comment.js", b"//comment.js"),
        ("cert.pem", b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
        (
            "docs.md",
            b"AKIAIOSFODNN7EXAMPLE and https://user:$PASSWORD@example.com, postgres://app:password@db",
        ),
        ("grep.log", b"-----BEGIN RSA PRIVATE KEY-----"),
        ("mail.log", b"mailto:ann@example.com http://example.com:8080/@ann"),
        ("key.b64", b"aXQgYnJva2UgYXQgMTI6MDA="),
        (".env.log", b"A=1"),
        ("archive.tar.gz", b"\x1f\x8b\x08\0"),
    ];
    for (name, data) in right {
        let found = lint::files(&file(name, data), &Lint::default());
        assert_eq!(found, [], "{name}");
    }
    let wrapped = format!("{}\n{}\n", "aXQgYnJva2Ug".repeat(5) + "aXQgYnJva2UgYXQg", "aXQg".repeat(3));
    let blob: Vec<u8> =
        (0..200_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    let blob = attachset::wire::encode::base64(&blob);
    let wrong: &[(&str, &str, &[u8])] = &[
        ("data/base64", "long.log", blob.as_bytes()),
        ("data/base64", "a.log", b"aGVsbG8="),
        ("data/base64", "wrapped.log", wrapped.as_bytes()),
        ("data/base64", "image.png", b"iVBORw0KGgoAAAANSUhEUgAA"),
        ("data/hex", "a.log", b"68656c6c6f20776f726c640a68656c6c6f"),
        ("data/path", "a.log", b"C:\\logs\\a.log\r\n"),
        ("data/path", "a.log", b"/var/log/a.log\n"),
        ("data/printed-value", "a.log", b"<Buffer 68 65 6c>"),
        ("data/printed-value", "a.log", b"[B@1b2c3d"),
        ("name/path", "C:\\a.log", b"it broke"),
        ("name/extension", ".bashrc", b"it broke"),
        ("name/extension", "a.", b"it broke"),
        ("name/missing", "", b"it broke"),
        (
            "secret/token",
            "a.log",
            b"github_pat_0123456789012345678901234567890123456789012345678901234567890123456789",
        ),
    ];
    for (rule, name, data) in wrong {
        let found = lint::files(&file(name, data), &Lint::default());
        let found: Vec<_> = found.iter().map(|warning| warning.rule.as_str()).collect();
        assert_eq!(found, [*rule], "{name}: {}", String::from_utf8_lossy(data));
    }
}

/// A right application: three files, a case, a communication, every page, and a
/// call that is repeated because it failed for a moment.
#[test]
fn a_right_application_has_no_warning() {
    let server = server(Lint { deny: true, ..Lint::default() });
    let mut connection = Connection::new(server.address());
    let mut ask = |operation: &str, input: &Value| -> Value {
        serde_json::from_slice(&connection.ask(&cases::request(operation, &input.to_string())).body).unwrap()
    };
    let files = |names: &[&str]| -> Vec<_> {
        names.iter().map(|name| json!({"fileName": name, "data": "aXQgYnJva2UgYXQgMTI6MDAK"})).collect()
    };
    server.answer_next(1, Exception::InternalServerError.into());
    let first = json!({"attachments": files(&["a.log", "b.log"])});
    assert_eq!(ask("AddAttachmentsToSet", &first)["__type"], "InternalServerError");
    let set = ask("AddAttachmentsToSet", &first)["attachmentSetId"].clone();
    ask("AddAttachmentsToSet", &json!({"attachmentSetId": set, "attachments": files(&["c.log"])}));
    for number in 0..11 {
        let case = json!({"subject": format!("s{number}"), "communicationBody": "b", "attachmentSetId": set});
        assert!(ask("CreateCase", &case)["caseId"].is_string());
    }
    let page = ask("DescribeCases", &json!({"maxResults": 10}));
    let last = ask("DescribeCases", &json!({"maxResults": 10, "nextToken": page["nextToken"]}));
    let id = last["cases"][0]["caseId"].clone();
    for name in ["d.log", "e.log", "f.log"] {
        let set =
            ask("AddAttachmentsToSet", &json!({"attachments": files(&[name])}))["attachmentSetId"].clone();
        let more = json!({"caseId": id, "communicationBody": name, "attachmentSetId": set});
        assert_eq!(ask("AddCommunicationToCase", &more)["result"], true);
    }
    server.clock().advance(std::time::Duration::from_secs(7_200));
    assert_eq!(ask("ResolveCase", &json!({ "caseId": id }))["finalCaseStatus"], "resolved");
    assert_eq!(connection.control("GET", "lint", "").1, json!({"warnings": [], "dropped": 0}));
}
