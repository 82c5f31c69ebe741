//! `attachset serve`, the program.

use std::io::{BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use super::http::Connection;
use super::{call, code, error, input};

struct Program {
    child: Child,
    log: BufReader<ChildStdout>,
    address: std::net::SocketAddr,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
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
    program.child.kill().unwrap();
    program.child.wait().unwrap();
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
