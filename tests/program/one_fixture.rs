//! `replay` and `explain` of one fixture, as somebody with a debugger and
//! somebody with a bug report use them.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const FIXTURE: &str = "error/attachment-set-expired-header-uri";
/// Two answers, of which the first breaks the connection.
const BROKEN: &str = "transport/recovers-after-lost-answer";

fn attachset(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attachset"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn prints(arguments: &[&str]) -> Vec<u8> {
    let output = attachset(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn interrupt(child: &Child) {
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
}

/// Sends a request and reads the answer for as long as the server sends.
fn post(address: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}").unwrap();
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        answer.extend_from_slice(buffer.get(..read).unwrap());
    }
    answer
}

/// What follows the address of the endpoint in the first line that has it.
fn address(lines: &mut impl Iterator<Item = std::io::Result<String>>) -> String {
    let place =
        |line: &str| line.split_once("AWS_ENDPOINT_URL_SUPPORT=http://").map(|(_, rest)| rest.to_owned());
    lines.find_map(|line| place(&line.unwrap())).unwrap().trim_end_matches('/').to_owned()
}

#[test]
fn replay_answers_again_and_again_and_judges_each_request() {
    let mut child = attachset(&["replay", FIXTURE]).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = address(&mut said);
    for number in 1..=3 {
        let answer = String::from_utf8(post(&address)).unwrap();
        assert!(answer.contains("AttachmentSetExpired:http"), "{answer}");
        let headline = format!("request {number}:");
        said.find(|line| line.as_ref().unwrap().starts_with(&headline)).unwrap().unwrap();
        said.find(|line| line.as_ref().unwrap().contains("sent a wrong X-Amz-Target")).unwrap().unwrap();
    }
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let call: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(call["endpoint"], format!("http://{address}"));
    assert!(call["input"]["attachments"].is_array(), "{call}");
}

#[test]
fn replay_goes_through_the_answers_and_starts_again() {
    let mut child = attachset(&["replay", BROKEN]).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = address(&mut said);
    let answers: Vec<_> = (0..4).map(|_| without_date(&post(&address))).collect();
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_ne!(answers.first(), answers.get(1));
    assert_eq!(answers.first(), answers.get(2), "the script starts again");
    assert_eq!(answers.get(1), answers.get(3));
}

#[test]
fn replay_makes_the_call_once_and_passes_on_what_the_adapter_writes() {
    let script = r#"read -r line; echo '{"protocol":1,"client":{"name":"double"}}'; read -r line
        echo 'words of the adapter' >&2; echo '{"id":"ID","error":{"kind":"service"}}'"#;
    let output =
        attachset(&["replay", FIXTURE, "--", "sh", "-c", &script.replace("ID", FIXTURE)]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("words of the adapter"), "{stderr}");
    assert!(stderr.contains("FAIL error/") && stderr.contains("no request for it was read"), "{stderr}");

    let output = attachset(&["replay", FIXTURE, "--client", "reference"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(stderr.starts_with("PASS error/"), "{stderr}");
}

/// A client that cannot express the call, and a fixture that is only observed.
#[test]
fn replay_that_judged_nothing_is_no_success() {
    let unsupported = r#"read -r line; echo '{"protocol":1,"client":{"name":"double"}}'; read -r line
        echo '{"id":"ID","unsupported":"it has no such member"}'"#;
    let unsupported = unsupported.replace("ID", FIXTURE);
    let observed = "error/code-with-null-type";
    for (arguments, says) in [
        (&["replay", FIXTURE, "--", "sh", "-c", &unsupported][..], "it has no such member"),
        (&["replay", observed, "--client", "reference"], ""),
    ] {
        let output = attachset(arguments).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(!stderr.contains("PASS") && stderr.contains(says), "{stderr}");
    }
}

/// Sends a request that asks for the end of the connection, and reads up to it.
fn post_and_close(address: &str, version: &str, fields: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = format!("POST / HTTP/{version}\r\nHost: localhost\r\n{fields}Content-Length: 2\r\n\r\n{{}}");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

/// Runs a file with an interpreter and posts to what it serves.
fn served(interpreter: &str, file: &[u8]) -> Option<Vec<u8>> {
    served_to(interpreter, file, &[], post)
}

fn served_to(
    interpreter: &str,
    file: &[u8],
    environment: &[(&str, &str)],
    post: impl Fn(&str) -> Vec<u8>,
) -> Option<Vec<u8>> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("answer");
    std::fs::write(&path, file).unwrap();
    let started = Command::new(interpreter)
        .arg(&path)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = started else {
        assert!(std::env::var_os("ATTACHSET_MUST_RUN").is_none(), "there is no {interpreter}: install it");
        eprintln!("not run: there is no {interpreter}");
        return None;
    };
    let answer = post(&address(&mut BufReader::new(child.stdout.take().unwrap()).lines()));
    child.kill().unwrap();
    child.wait().unwrap();
    Some(answer)
}

/// An answer as text whose `Date` is the same at every moment.
fn without_date(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let date =
        |line: &str| if line.starts_with("Date: ") { "Date: DATE\r\n".into() } else { line.to_owned() };
    text.split_inclusive('\n').map(date).collect()
}

#[test]
fn the_python_file_serves_the_very_bytes() {
    for fixture in [FIXTURE, "transport/closed-in-body", "success/html-page", "error/json-null"] {
        let wire = prints(&["explain", fixture, "--wire"]);
        if let Some(answer) = served("python3", &prints(&["explain", fixture, "--python"])) {
            let [answer, wire] = [answer, wire].map(|bytes| without_date(&bytes));
            assert_eq!(answer, wire, "{fixture}");
        }
    }
}

/// A client may ask for the end of the connection, and read up to it.
#[test]
fn the_python_file_closes_where_the_client_asks_for_it() {
    for fixture in [FIXTURE, "success/html-page", "transport/connection-close-not-reused"] {
        let file = prints(&["explain", fixture, "--python"]);
        for (version, fields) in [("1.1", "Connection: close\r\n"), ("1.0", "")] {
            let closing = |address: &str| post_and_close(address, version, fields);
            if let Some(answer) = served_to("python3", &file, &[], closing) {
                let wire = without_date(&prints(&["explain", fixture, "--wire"]));
                let answer = without_date(&answer);
                assert!(!answer.is_empty() && wire.starts_with(&answer), "{fixture}: {answer}");
            }
        }
    }
}

/// With HTTP/1.0 a connection goes on where both sides say `keep-alive`, in what
/// Python serves as in what `replay` does.
#[test]
fn the_python_file_keeps_a_connection_where_that_is_agreed() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("client/a");
    std::fs::create_dir_all(&folder).unwrap();
    let requirements = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/requirements.json");
    std::fs::copy(requirements, dir.path().join("requirements.json")).unwrap();
    for (option, agrees) in [("keep-alive", true), ("close", false), ("x-other", false)] {
        let head = ["HTTP/1.1 200 OK", &format!("Connection: {option}"), "Content-Length: 5", ""];
        let fixture = serde_json::json!({
            "title": "a test", "why": "a test", "level": "may", "cites": ["seed.one-hour"],
            "steps": [{
                "call": {"attachments": []},
                "replies": [{"raw": [{"send": {"parts": [{"lines": head}, {"text": "whole"}]}}]}],
                "outcome": {"accept": [{"output": {}}]},
            }],
        });
        std::fs::write(folder.join("b.json"), fixture.to_string()).unwrap();
        let fixtures = dir.path().to_str().unwrap();
        let file = prints(&["explain", "a/b", "--python", "--fixtures", fixtures]);
        let twice = |address: &str| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            let start = "POST / HTTP/1.0\r\nHost: localhost\r\nContent-Length: 0\r\n";
            let keeps = format!("{start}Connection: te, Keep-Alive\r\n\r\n");
            stream.write_all(format!("{keeps}{start}\r\n").as_bytes()).unwrap();
            let mut answers = Vec::new();
            let _ = stream.read_to_end(&mut answers);
            answers
        };
        if let Some(answers) = served_to("python3", &file, &[], twice) {
            let answers = String::from_utf8(answers).unwrap();
            assert_eq!(answers.matches("whole").count(), if agrees { 2 } else { 1 }, "{option}: {answers}");
        }
    }
}

#[test]
fn the_shell_script_serves_the_very_bytes_and_closes() {
    // A port that nobody listens on by the time that nc does.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    if Command::new("nc").arg("-h").output().is_err() {
        eprintln!("NOT RUN: there is no nc");
        return;
    }
    let file = prints(&["explain", FIXTURE, "--sh"]);
    let post = |address: &str| {
        let address = address.trim_end_matches('/');
        let began = std::time::Instant::now();
        while TcpStream::connect(address).is_err() && began.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(20));
        }
        // The connection that found the port open took the first answer.
        while began.elapsed() < Duration::from_secs(40) {
            let Ok(mut stream) = TcpStream::connect(address) else {
                std::thread::sleep(Duration::from_millis(20));
                continue;
            };
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            let _ = stream.write_all(b"POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            let mut answer = Vec::new();
            if stream.read_to_end(&mut answer).is_ok() && !answer.is_empty() {
                return answer;
            }
        }
        Vec::new()
    };
    let answer = served_to("sh", &file, &[("PORT", &port)], post).unwrap();
    let wire = prints(&["explain", FIXTURE, "--wire"]);
    assert_eq!(without_date(&answer), without_date(&wire));
}

/// A server for one request at a time does not end when there are too many.
#[test]
fn replay_survives_that_it_can_open_no_more_files() {
    let program = env!("CARGO_BIN_EXE_attachset");
    let mut child = Command::new("sh")
        .args(["-c", &format!("ulimit -n 24; exec '{program}' replay {FIXTURE}")])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let address = address(&mut BufReader::new(child.stderr.take().unwrap()).lines());
    let many: Vec<_> = (0..40).map(|_| TcpStream::connect(&address).unwrap()).collect();
    // The last of them is accepted only after others are closed.
    std::thread::sleep(Duration::from_millis(200));
    drop(many);
    let answer = String::from_utf8(post_and_close(&address, "1.1", "Connection: close\r\n")).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(answer.contains("AttachmentSetExpired:http"), "{answer}");
}

#[test]
fn a_shell_script_is_refused_where_a_shell_cannot() {
    let script = String::from_utf8(prints(&["explain", FIXTURE, "--sh"])).unwrap();
    assert!(script.starts_with("#!/bin/sh\n") && script.contains("AttachmentSetExpired:http"), "{script}");
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("answer.sh"), script).unwrap();
    let check = Command::new("sh").arg("-n").arg(dir.path().join("answer.sh")).status().unwrap();
    assert!(check.success());
    let output = attachset(&["explain", "transport/closed-in-body", "--sh"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("give --python"));
}

/// A program that says who it is and does this for each call.
fn adapter(each_call: &str) -> Vec<String> {
    let script = format!(
        r#"while read -r line; do case "$line" in *protocol*) echo '{{"protocol":1,"client":{{"name":"double"}}}}';;
           *) {each_call};; esac; done"#
    );
    ["sh", "-c", &script].map(str::to_owned).to_vec()
}

fn validate(options: &[&str], each_call: &str) -> Command {
    let mut command = attachset(&["validate"]);
    command.args(options).arg("--").args(adapter(each_call));
    command
}

fn said(output: &Output) -> (String, String) {
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn a_broken_adapter_is_told_of_once() {
    let broken = r#"echo 'it is I' >&2; printf 'debug: %s\n' "$line""#;
    let output = validate(&["--only", "error/*"], broken).output().unwrap();
    let (stdout, stderr) = said(&output);
    assert_eq!((output.status.code(), stdout.as_str()), (Some(2), ""), "{stderr}");
    assert_eq!(stderr.matches("broke its protocol").count(), 1, "{stderr}");
    assert!(stderr.contains("the first 10 runs") && stderr.contains("it is I"), "{stderr}");

    // A fault here and there is one fixture's.
    let once = r#"case "$line" in *code-bare*) echo rubbish;;
        *) id=$(printf '%s' "$line" | sed 's/^{"id":"\([^"]*\)".*/\1/'); echo "{\"id\":\"$id\",\"unsupported\":\"x\"}";; esac"#;
    let output = validate(&["--only", "error/attachment-*"], once).output().unwrap();
    let (stdout, stderr) = said(&output);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stdout.contains(" failed, "), "{stdout}");
}

#[test]
fn ctrl_c_tells_what_was_judged_and_leaves_no_child() {
    let dir = tempfile::tempdir().unwrap();
    let pids = dir.path().join("pids");
    let slow = format!("echo $$ >> {}; exec sleep 60", pids.display());
    let (list, junit) = (dir.path().join("known"), dir.path().join("r.xml"));
    let known = "# mine\nfinding:hang/user.answers-in-time issue 7\nerror/json-* issue 8\n";
    std::fs::write(&list, known).unwrap();
    let written = ["--write-known-failures", list.to_str().unwrap(), "--junit", junit.to_str().unwrap()];
    let options = [&["--only", "error/attachment-*", "--jobs", "2"], &written[..]].concat();
    let mut child = validate(&options, &slow).spawn().unwrap();
    while std::fs::read_to_string(&pids).unwrap_or_default().lines().count() < 2 {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(20));
    }
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    let (stdout, stderr) = said(&output);
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("interrupted: 0 fixtures were run\n"), "{stderr}");
    assert!(stderr.contains(" planned fixtures have no record: "), "{stderr}");
    assert!(stdout.starts_with("0 passed, ") && stdout.ends_with(" failed, 0 skipped\n"), "{stdout}");
    // What was not run loses no line of a list, and is no green report.
    assert_eq!(std::fs::read_to_string(list).unwrap(), known);
    assert!(std::fs::read_to_string(junit).unwrap().contains("missing-record"));
    for pid in std::fs::read_to_string(&pids).unwrap().lines() {
        let mut tries = 0..100;
        while is_running(pid) {
            assert!(tries.next().is_some(), "{pid} goes on");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Whether a process runs; one that nobody has waited for yet does not.
fn is_running(pid: &str) -> bool {
    let found = Command::new("kill").args(["-0", pid]).stderr(Stdio::null()).status().unwrap().success();
    let ended = std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z "));
    found && !ended
}

#[test]
fn a_cache_that_cannot_be_written_is_named_with_what_to_set() {
    let dir = tempfile::tempdir().unwrap();
    let clients = |cache: &[&str]| {
        let mut command = attachset(&["clients"]);
        command.args(cache).current_dir(dir.path()).env("HOME", "/dev/null").env_remove("XDG_CACHE_HOME");
        command.output().unwrap()
    };
    let output = clients(&[]);
    let (_, stderr) = said(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr.contains("/dev/null/.cache/attachset") && stderr.contains("--cache DIR"), "{stderr}");
    assert_eq!(clients(&["--cache", "here"]).status.code(), Some(0));
    assert!(dir.path().join("here").is_dir());
}

#[test]
fn a_list_by_finding_is_written_from_a_run_and_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let list = dir.path().join("known");
    let list = list.to_str().unwrap();
    let silent = r#"id=$(printf '%s' "$line" | sed 's/^{"id":"\([^"]*\)".*/\1/'); echo "{\"id\":\"$id\",\"error\":{\"kind\":\"service\"}}""#;
    let only = ["--only", "error/attachment-set-expired-*"];
    let run = |more: &[&str]| validate(&[&only, more].concat(), silent).output().unwrap();

    assert_eq!(run(&["--write-known-failures", list]).status.code(), Some(1));
    let text = std::fs::read_to_string(list).unwrap();
    assert!(text.contains("\nfinding:no-contact/user.contact\n"), "{text}");
    // It can be used at once, and --strict asks for the reason.
    let output = run(&["--known-failures", list]);
    let (stdout, stderr) = said(&output);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(stdout.starts_with("0 passed, 0 failed, "), "{stdout}");
    assert!(stderr.contains(": no reason is given for finding:"), "{stderr}");
    let output = run(&["--known-failures", list, "--strict"]);
    let (_, stderr) = said(&output);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("no reason is given for finding:no-contact/user.contact"), "{stderr}");

    let complete: String =
        text.lines()
            .map(|line| {
                if line.starts_with("finding:") {
                    format!("{line} upstream 7\n")
                } else {
                    format!("{line}\n")
                }
            })
            .collect();
    std::fs::write(list, &complete).unwrap();
    let output = run(&["--known-failures", list]);
    let (stdout, stderr) = said(&output);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(stdout.starts_with("0 passed, 0 failed, ") && stderr.contains("known failures"), "{stderr}");

    // In a whole run, what is on the list and no longer shows is unexpected.
    let results = ["validate", "--known-failures", list, "--timeout", "30"];
    let output = attachset(&results).output().unwrap();
    let (stdout, stderr) = said(&output);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("no longer shown; remove from the list of known failures: finding:"), "{stderr}");
    assert!(stderr.contains("finding:no-contact/user.contact (upstream 7)"), "{stderr}");
    let listed = complete.matches("\nfinding:").count();
    assert!(stdout.contains(&format!(" passed, {listed} failed, ")), "{stdout}");
}

/// A file that never ends, here a pipe that nobody writes to, holds a report up.
#[test]
fn ctrl_c_ends_a_report_with_the_files_that_were_read() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    Command::new("mkfifo").arg(&pipe).status().unwrap();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/results-sample.ndjson");
    let html = dir.path().join("page.html");
    let mut child = attachset(&["report", sample, pipe.to_str().unwrap(), "--html", html.to_str().unwrap()])
        .spawn()
        .unwrap();
    // Opening the pipe waits for its reader, which has read the sample by then.
    let writer = std::fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    drop(writer);
    let (stdout, stderr) = said(&output);
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("interrupted: 1 of 2 files was read"), "{stderr}");
    assert!(stdout.contains(" failed, ") && !stdout.starts_with("0 passed, 0 failed"), "{stdout}");
    assert!(!html.exists(), "half a report");
}
