//! `--time` and Ctrl-C end a search or a check within seconds, whatever the
//! server does, and what is known to take a deadline is not waited for again and
//! again.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How much longer than it should anything may take on a busy machine.
const SLACK: Duration = Duration::from_secs(60);

/// A server that does something with each connection.
fn server(serve: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let (mut connection, serve) = (connection.unwrap(), serve.clone());
            std::thread::spawn(move || serve(&mut connection));
        }
    });
    url
}

/// Sends `100 Continue` for ever.
fn continues(connection: &mut TcpStream) {
    let _ = connection.read(&mut [0; 65_536]);
    while connection.write_all(&b"HTTP/1.1 100 Continue\r\n\r\n".repeat(100)).is_ok() {}
}

/// Reads a request to the end of what its length says; none where the connection
/// ends, or the length cannot be read.
fn request(connection: &mut TcpStream, read: &mut Vec<u8>) -> Option<String> {
    let mut buffer = [0; 65_536];
    loop {
        let end = read.windows(4).position(|end| end == b"\r\n\r\n").map(|end| end + 4);
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.unwrap_or("0").trim().parse().ok()?;
            let whole = end.checked_add(length)?;
            if read.len() >= whole {
                let rest = read.split_off(whole);
                return Some(String::from_utf8_lossy(&std::mem::replace(read, rest)).into_owned());
            }
        }
        match connection.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(count) => read.extend_from_slice(&buffer[..count]),
        }
    }
}

/// The time that a plain `ThreadingHTTPServer` takes: its client's system
/// acknowledges the head so late.
const DELAYED: Duration = Duration::from_millis(40);

/// Says yes to everything, after a time.
fn says_yes(connection: &mut TcpStream, after: Duration, hangs: impl Fn(&str) -> bool) {
    let body = r#"{"attachmentSetId": "as-1", "expiryTime": "2030-09-20T23:02:27.747+0000"}"#;
    let mut read = Vec::new();
    while let Some(request) = request(connection, &mut read) {
        if hangs(&request) {
            std::thread::sleep(Duration::from_secs(600));
        }
        std::thread::sleep(after);
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        if connection.write_all(format!("{head}{body}").as_bytes()).is_err() {
            return;
        }
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new("env");
    command.args(["--default-signal=INT", env!("CARGO_BIN_EXE_attachset")]).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What a run comes to that has to end within a time, give or take what a busy
/// machine adds.
#[track_caller]
fn ends_within(time: Duration, arguments: &[&str]) -> (Output, String) {
    let began = Instant::now();
    let output = command(arguments).output().unwrap();
    let (took, stderr) = (began.elapsed(), String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(took < time + SLACK, "{took:?}: {stderr}");
    (output, stderr)
}

/// What is under way when time is up has ten seconds more at the most.
const AFTERWARDS: Duration = Duration::from_secs(10);

#[test]
fn a_search_with_3_s_ends_although_interim_responses_never_do() {
    let time = Duration::from_secs(3) + AFTERWARDS;
    let url = server(continues);
    let (output, stderr) = ends_within(time, &["fuzz", "--server", &url, "--seed", "1", "--time", "3s"]);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    // Well behaved at first.
    let connections = AtomicUsize::new(0);
    let url = server(move |connection| match connections.fetch_add(1, Ordering::Relaxed) {
        0..8 => says_yes(connection, DELAYED, |_| false),
        _ => continues(connection),
    });
    ends_within(time, &["fuzz", "--server", &url, "--seed", "1", "--time", "3s"]);
}

#[test]
fn a_search_with_a_second_ends_although_the_server_takes_40_ms_for_each_response() {
    let url = server(|connection| says_yes(connection, DELAYED, |_| false));
    let time = Duration::from_secs(1) + AFTERWARDS;
    let (output, stderr) = ends_within(time, &["fuzz", "--server", &url, "--seed", "1", "--time", "1s"]);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_search_and_a_check_of_a_server_that_never_comes_to_an_end() {
    let silent =
        |connection: &mut TcpStream| std::io::copy(connection, &mut std::io::sink()).map_or((), drop);
    for url in
        [server(continues), server(silent), server(|connection| says_yes(connection, DELAYED, |_| false))]
    {
        for arguments in [
            &["fuzz", "--server", &url, "--seed", "1", "--timeout", "600"][..],
            &["check", &url, "--timeout", "600"],
        ] {
            let mut child = command(arguments).spawn().unwrap();
            std::thread::sleep(Duration::from_secs(1));
            if child.try_wait().unwrap().is_some() {
                // It found out by itself that the server is gone.
                continue;
            }
            let began = Instant::now();
            Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
            let output = child.wait_with_output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(began.elapsed() < SLACK, "{arguments:?}: {stderr}");
            assert_eq!(output.status.code(), Some(130), "{arguments:?}: {stderr}");
        }
    }
}

/// A server that hangs in each dry run, of which a search makes hundreds.
#[test]
fn a_known_hang_is_not_paid_again_and_again_in_a_search() {
    let hung = Arc::new(AtomicUsize::new(0));
    let count = hung.clone();
    let url = server(move |connection| {
        let count = count.clone();
        says_yes(connection, Duration::ZERO, move |request| {
            let hangs = request.contains("\"dryRun\":true");
            count.fetch_add(usize::from(hangs), Ordering::Relaxed);
            hangs
        });
    });
    let arguments =
        ["fuzz", "--server", &url, "--seed", "1", "--cases", "2000", "--timeout", "0.3", "--jobs", "4"];
    let (output, stderr) = ends_within(Duration::from_secs(120), &arguments);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("user.server-stays-up") || stderr.contains("hang"), "{stderr}");
    let hung = hung.load(Ordering::Relaxed);
    assert!(hung < 300, "{hung} requests were left without a response");
}

/// With the default deadlines this takes minutes.
#[test]
fn a_check_of_a_server_that_always_hangs_ends_after_a_few_deadlines() {
    let url = server(|connection| std::io::copy(connection, &mut std::io::sink()).map_or((), drop));
    // Eight fixtures in turn, and five alone with three times the deadline.
    let time = Duration::from_millis(300) * (8 + 5 * 3);
    let (output, stderr) = ends_within(time, &["check", &url, "--timeout", "0.3"]);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("not judged: 5 fixtures ended without a response"), "{stderr}");
}

#[test]
fn a_check_ends_although_interim_responses_never_do() {
    let time = Duration::from_secs(8 + 5 * 3);
    let (output, stderr) = ends_within(time, &["check", &server(continues), "--timeout", "1"]);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
}
