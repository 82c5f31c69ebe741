//! `attachset serve`, the program.

use std::io::{BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use super::http::Connection;
use super::{call, code, error, input};

pub(super) struct Program {
    child: Child,
    log: BufReader<ChildStdout>,
    pub(super) address: std::net::SocketAddr,
}

impl Program {
    pub(super) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_attachset"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "json"])
            .args(arguments)
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stdout.take().unwrap());
        let listening = line(&mut log);
        let endpoint = listening["endpoint"].as_str().unwrap();
        let address = endpoint.strip_prefix("http://").unwrap().parse().unwrap();
        Self { child, log, address }
    }

    /// The most memory that it had at once, in MB.
    #[cfg(target_os = "linux")]
    pub(super) fn peak(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        // Linux tells in KiB.
        peak.trim().trim_end_matches(" kB").parse::<f64>().unwrap() * 1_024.0 / 1e6
    }

    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

fn line(log: &mut impl std::io::BufRead) -> Value {
    let mut line = String::new();
    log.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

#[test]
fn it_logs_a_line_for_each_call_and_ends_well_when_told_to() {
    for signal in ["TERM", "INT"] {
        let mut program = Program::start(&["-v", "--rate-limit", "1/3600"]);
        let mut connection = Connection::new(program.address);
        let id = call(&mut connection, &input(None, &[1])).unwrap().attachment_set_id.unwrap();
        let refused = call(&mut connection, &input(None, &[1])).unwrap_err();
        let (first, second) = (line(&mut program.log), line(&mut program.log));
        assert_eq!((&first["status"], &first["answer"]), (&200.into(), &"ok".into()));
        assert_eq!(first["attachmentSetId"], id);
        assert_eq!(second["answer"], "AttachmentLimitExceeded");
        assert_eq!(second["requestId"], refused.request_id.unwrap());

        let pid = program.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        assert!(program.child.wait().unwrap().success());
        let mut rest = String::new();
        program.log.read_to_string(&mut rest).unwrap();
        assert_eq!(rest.lines().count(), 1, "{rest}");
    }
}

#[test]
fn it_verifies_signatures_by_the_documents_keys_where_no_others_are_set() {
    let mut program = Program::start(&["--verify-signatures"]);
    let mut connection = Connection::new(program.address);
    let unsigned = call(&mut connection, &input(None, &[1]));
    assert_eq!(code(unsigned), error("MissingAuthenticationTokenException", 400));
    let mut request = super::request(&input(None, &[1]));
    let credentials = attachset::serve::test_credentials();
    attachset::wire::sign::sign(&mut request, &credentials, std::time::SystemTime::now()).unwrap();
    assert_eq!(connection.ask(&request).status, 200);
    program.kill();
}

/// Nobody reads the log: the pipe is full after some hundred lines.
#[cfg(unix)]
#[test]
fn a_log_that_nobody_reads_holds_up_neither_calls_nor_the_end() {
    for log in ["text", "json"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_attachset"))
            .args(["serve", "--listen", "127.0.0.1:0", "-v", "--log", log])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = Vec::new();
        let mut byte = [0];
        while first.last() != Some(&b'\n') {
            // Nothing is read beyond the first line.
            let read = match log {
                "text" => child.stderr.as_mut().unwrap().read(&mut byte),
                _ => child.stdout.as_mut().unwrap().read(&mut byte),
            };
            assert_eq!(read.unwrap(), 1);
            first.push(byte[0]);
        }
        let first = String::from_utf8(first).unwrap();
        let address = first.split("http://").nth(1).unwrap();
        let address: String =
            address.chars().take_while(|c| c.is_ascii_digit() || ".:".contains(*c)).collect();
        let mut connection = Connection::new(address.parse().unwrap());
        // 150 bytes a line; a pipe takes 64 KiB.
        for _ in 0..2_000 {
            call(&mut connection, &input(Some("as-1"), &[1])).unwrap_err();
        }
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &pid]).status().unwrap().success());
        assert!(child.wait().unwrap().success());
    }
}

/// A listener of the program, and what it says of itself.
fn listening(arguments: &[&str]) -> Value {
    let mut child = Command::new(env!("CARGO_BIN_EXE_attachset"))
        .args(["serve", "--log", "json"])
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let first = line(&mut BufReader::new(child.stdout.take().unwrap()));
    child.kill().unwrap();
    child.wait().unwrap();
    first
}

#[test]
fn a_port_or_a_name_is_enough_to_listen() {
    for listen in ["0", ":0", "localhost:0", "127.0.0.1:0"] {
        let first = listening(&["--listen", listen]);
        assert!(first["endpoint"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{listen}: {first}");
        assert_eq!(first["warning"], Value::Null);
    }
    for (listen, says) in [
        ("localhost", "8013"),
        ("8013x", "8013"),
        ("70000", "8013"),
        ("::1:8013", "brackets"),
        ("http://127.0.0.1:8013", "address"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_attachset"))
            .args(["serve", "--listen", listen])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{listen}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(says), "{listen}: {stderr}");
    }
}

#[test]
fn listening_beyond_this_machine_is_said() {
    let first = listening(&["--listen", "0.0.0.0:0"]);
    assert!(first["endpoint"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{first}");
    assert!(first["warning"].as_str().unwrap().contains("beyond this machine"), "{first}");
}

#[test]
fn a_host_can_be_allowed() {
    let program = Program::start(&["--allow-host", "attachset.internal"]);
    let mut connection = Connection::new(program.address);
    for (host, status) in [("attachset.internal:8013", 200), ("evil.example", 403)] {
        let request = attachset::wire::encode::request(&input(None, &[1]), host);
        assert_eq!(connection.ask(&request).status, status, "{host}");
    }
}

#[test]
fn a_budget_that_is_too_small_is_a_usage_error() {
    let output = Command::new(env!("CARGO_BIN_EXE_attachset"))
        .args(["serve", "--listen", "0", "--max-memory", "1000"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("budget"));
}

#[test]
fn a_port_in_use_is_a_usage_error() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output =
        Command::new(env!("CARGO_BIN_EXE_attachset")).args(["serve", "--listen", &address]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains(&address));
}

/// What a request says cannot reach a terminal, and a secret reaches nobody.
#[test]
fn lint_is_logged_as_calls_come() {
    let file = attachset::model::Attachment {
        file_name: Some("a\u{1b}[2J\n::error::b/c.log".into()),
        data: Some(b"AKIAQWERTYUIOPASDFGH".to_vec()),
    };
    let input = attachset::model::Input { attachments: Some(vec![file]), ..Default::default() };
    let mut program = Program::start(&["--lint", "--lint-off", "signature/missing"]);
    let output = call(&mut Connection::new(program.address), &input).unwrap();
    assert!(output.attachment_set_id.is_some());
    for rule in ["name/path", "secret/access-key"] {
        let mut text = String::new();
        std::io::BufRead::read_line(&mut program.log, &mut text).unwrap();
        assert!(!text.contains('\u{1b}') && !text.contains("QWERTY"), "{text}");
        let logged: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&logged["event"], &logged["rule"]), (&"lint".into(), &rule.into()));
    }
    program.kill();

    let mut child = Command::new(env!("CARGO_BIN_EXE_attachset"))
        .args(["serve", "--listen", "127.0.0.1:0", "--lint=deny", "--lint-off", "signature/missing"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut read = || {
        let mut text = String::new();
        std::io::BufRead::read_line(&mut log, &mut text).unwrap();
        text
    };
    let address = read().trim().split_once("http://").unwrap().1.parse().unwrap();
    assert_eq!(code(call(&mut Connection::new(address), &input)), error("LintException", 400));
    let text = read();
    assert!(text.starts_with("warning: name/path: ") && text.contains("docs/lint.md#namepath"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn options_that_do_not_fit_are_usage_errors() {
    for (arguments, says) in [
        (&["--lint", "--lint-off", "no/such"][..], "docs/lint.md"),
        (&["--lint-off", "data/path"], "--lint"),
        (&["--lint=loud"], "deny"),
        (&["--worlds=0"], "zero"),
        (&["--world-idle", "9"], "--worlds"),
        (&["--lint", "--lint-poll", "soon"], "0.5"),
    ] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_attachset"));
        let output = program.args(["serve", "--listen", "0"]).args(arguments).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && stderr.contains(says), "{arguments:?}: {stderr}");
    }
}
