//! Clients, files and results that mean harm: what they leave running, how much
//! memory they take, and what they say to a terminal and a CI log.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it measured"
)]

mod bounds;
mod escapes;
mod files;
mod processes;
mod servers;

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up.
const LIMIT: Duration = Duration::from_secs(900);

/// A variable that this program's processes have, to find them by.
const MARK: &str = "ATTACHSET_TEST_MARK";

fn attachset(arguments: &[&str]) -> Command {
    piped(Command::new(env!("CARGO_BIN_EXE_attachset")), arguments)
}

fn piped(mut command: Command, arguments: &[&str]) -> Command {
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"] {
        command.env_remove(name);
    }
    command
}

/// What a program says in the end; one that does not end is ended, and fails
/// the test.
#[track_caller]
fn said(mut child: Child) -> Output {
    let id = child.id().to_string();
    let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (stdout, stderr) = (read(stdout), read(stderr));
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if began.elapsed() > LIMIT {
            child.kill().unwrap();
            child.wait().unwrap();
            unreachable!("{id} does not end");
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    Output { status, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
}

/// Reads a stream to its end, on a thread of its own.
fn read(mut stream: impl std::io::Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        all
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// An adapter in Python: `answer(call)` gives what is written for a call, and
/// `hello` is what it says first.
fn python(dir: &Path, script: &str) -> [String; 2] {
    let file = dir.join("adapter.py");
    let main = r#"
import json, sys
hello = {"protocol": 1, "client": {"name": "double"}}
def say(line):
    sys.stdout.write(line if isinstance(line, str) else json.dumps(line))
    sys.stdout.write("\n")
    sys.stdout.flush()
"#;
    let run = r#"
for line in sys.stdin:
    call = json.loads(line)
    say(hello if "protocol" in call else answer(call))
"#;
    std::fs::write(&file, format!("{main}{script}{run}")).unwrap();
    ["python3".into(), path(&file).into()]
}
