//! What servers say, and what is said to `serve`, reaches a terminal and a CI log
//! as text.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use serde_json::{Value, json};

use super::escapes::{hostile, is_harmless};
use super::{attachset, path, read, said, text};

/// A server that responds to everything with an error that means harm, in its
/// head and its body.
fn hostile_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let body = json!({"__type": hostile(), "message": hostile()}).to_string();
    // A field's value has no line break, NUL or other control character but these.
    let value = "\u{9b}31m\u{202e} ##[error]obeyed ::error::obeyed";
    let response = format!(
        "HTTP/1.1 400 {value}\r\nx-amzn-RequestId: {value}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let (mut connection, response) = (connection.unwrap(), response.clone());
            std::thread::spawn(move || {
                let _ = connection.read(&mut [0; 65_536]);
                let _ = connection.write_all(response.as_bytes());
                let _ = connection.shutdown(std::net::Shutdown::Write);
                let _ = std::io::copy(&mut connection, &mut std::io::sink());
            });
        }
    });
    url
}

#[test]
fn no_word_of_a_server_is_obeyed() {
    let dir = tempfile::tempdir().unwrap();
    let url = hostile_server();
    let file = |name: &str| path(&dir.path().join(name)).to_owned();
    let reports = ["html", "junit", "markdown"];
    let files = reports.map(|kind| [format!("--{kind}"), file(kind)]).concat();
    let name = hostile().replace('\0', "");
    let mut check = vec!["check", &url, "--verbose", "--github", "--only", "create/*", "--name", &name];
    check.extend(files.iter().map(String::as_str));
    let save = file("saved");
    let fuzz = ["fuzz", "--server", &url, "--seed", "1", "--cases", "20", "--save", &save];
    for arguments in [&check[..], &fuzz] {
        let output = said(attachset(arguments).spawn().unwrap());
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("\\u001b") || stderr.contains("\\u{1b}"), "{stderr}");
        is_harmless(&format!("standard error of {}", arguments.first().unwrap()), &stderr, "");
        is_harmless(
            &format!("standard output of {}", arguments.first().unwrap()),
            &text(&output.stdout),
            "::error ",
        );
    }
    for kind in reports {
        let report = std::fs::read_to_string(file(kind)).unwrap();
        assert!(report.contains("u{1b}"), "{kind}");
        let report = if kind == "html" { report.replace("::", "").replace("##[", "") } else { report };
        is_harmless(kind, &report, "");
    }
}

/// Sends a request on a connection of its own, and waits for the response.
fn send(address: &str, target: &str, fields: &str, body: &str) {
    let request = format!(
        "POST {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{fields}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut connection = TcpStream::connect(address).unwrap();
    connection.write_all(request.as_bytes()).unwrap();
    let mut response = Vec::new();
    connection.read_to_end(&mut response).unwrap();
    assert!(response.starts_with(b"HTTP/1.1 "), "{}", text(&response));
}

#[test]
fn no_word_of_a_caller_is_obeyed_in_the_log_of_serve() {
    for format in ["text", "json"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_attachset"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--verbose", "--log", format]);
        command.stdin(std::process::Stdio::null());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut log: Box<dyn std::io::BufRead + Send> = match format {
            "text" => Box::new(BufReader::new(child.stderr.take().unwrap())),
            _ => Box::new(BufReader::new(child.stdout.take().unwrap())),
        };
        let mut first = String::new();
        log.read_line(&mut first).unwrap();
        let address = first.split("http://").nth(1).unwrap();
        let address = address.trim_end_matches(|c: char| !c.is_ascii_digit());
        let rest = read(log);

        let control = "Content-Type: application/json";
        let plan = json!({"exception": hostile(), "status": 400, "message": hostile()}).to_string();
        let operation = |name: &str| {
            format!("Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: AWSSupport_20130415.{name}")
        };
        let add = json!({"attachmentSetId": hostile(), "attachments": [{"fileName": "a", "data": "YQ=="}]});
        let case = json!({"caseId": hostile(), "communicationBody": "b"});
        send(address, "/_attachset/next", control, &plan);
        // What was planned, what sets and cases are asked for, and what is not served.
        send(address, "/", &operation("AddAttachmentsToSet"), &add.to_string());
        send(address, "/", &operation("AddAttachmentsToSet"), &add.to_string());
        send(address, "/", &operation("AddCommunicationToCase"), &case.to_string());
        send(address, "/", &operation("\u{9b}31m##[error]x"), &case.to_string());
        send(address, "/\u{202e}##[error]x", &operation("AddAttachmentsToSet"), "{}");
        send(
            address,
            "/",
            &operation("AddAttachmentsToSet"),
            &json!({hostile(): 1, "dryRun": 7}).to_string(),
        );

        let terminated = Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status().unwrap();
        assert!(terminated.success());
        assert!(child.wait().unwrap().success());
        let log = text(&rest.join().unwrap());
        assert!(log.lines().count() >= 6, "{log}");
        is_harmless(&format!("the log as {format}"), &log, "");
        match format {
            "text" => assert!(log.contains("\\u{1b}"), "{log}"),
            // The values are whole for whoever reads them as JSON.
            _ => {
                let calls: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
                assert!(calls.iter().any(|call| call["answer"] == hostile()), "{log}");
            }
        }
    }
}

#[test]
fn no_word_of_a_fixture_is_obeyed() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("client/a");
    std::fs::create_dir_all(&folder).unwrap();
    let requirements = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/requirements.json");
    std::fs::copy(requirements, dir.path().join("requirements.json")).unwrap();
    let fixture = json!({
        "title": hostile(), "why": hostile(), "level": "must", "cites": ["seed.one-hour"],
        "steps": [{
            "call": {"attachments": [{"fileName": hostile(), "data": "YQ=="}]},
            "replies": [{"status": 400, "body": {"json": {"__type": hostile(), "message": hostile()}}}],
            "outcome": {"accept": [{"error": {"code": hostile()}}]},
        }],
    });
    std::fs::write(folder.join("b.json"), fixture.to_string()).unwrap();
    for command in [&["list"][..], &["explain", "a/b"], &["replay", "a/b", "--client", "attachset"]] {
        let output = said(attachset(&[command, &["--fixtures", path(dir.path())]].concat()).spawn().unwrap());
        is_harmless(&format!("standard error of {command:?}"), &text(&output.stderr), "");
        is_harmless(&format!("standard output of {command:?}"), &text(&output.stdout), "");
    }
}
