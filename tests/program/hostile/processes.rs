//! No process outlives a run.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{LIMIT, MARK, attachset, path, said, text};

/// The processes that were started with a mark and have not ended.
fn alive(mark: &str) -> Vec<u32> {
    let variable = format!("{MARK}={mark}");
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let id: u32 = entry.unwrap().file_name().to_str()?.parse().ok()?;
        // What has ended and was not waited for has no variables.
        let variables = std::fs::read(format!("/proc/{id}/environ")).ok()?;
        variables.split(|byte| *byte == 0).any(|one| one == variable.as_bytes()).then_some(id)
    });
    processes.collect()
}

/// Waits until so many processes have the mark, besides the program itself.
#[track_caller]
fn wait_for(program: &mut Child, mark: &str, count: usize) {
    let began = Instant::now();
    while alive(mark).len() < count + 1 {
        assert!(program.try_wait().unwrap().is_none(), "it ended by itself");
        assert!(began.elapsed() < LIMIT, "{:?}", alive(mark));
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// That nothing is left of a program that has ended. The system takes a moment
/// to end what was killed.
#[track_caller]
fn nothing_is_left(mark: &str) {
    let began = Instant::now();
    while !alive(mark).is_empty() {
        let left = alive(mark);
        if began.elapsed() > Duration::from_secs(60) {
            for id in &left {
                Command::new("kill").args(["-KILL", &id.to_string()]).status().unwrap();
            }
            unreachable!("{left:?} are left");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn signal(program: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &program.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// An adapter behind a shell, as `go run` is: it says who it is, and hangs in a
/// process of its own when it is called.
const HANGS: &str = r#"exec 3<&0
( while read -r line; do case $line in
    *'"protocol"'*) echo '{"protocol":1,"client":{"name":"double"}}';;
    *) sleep 600;; esac; done ) <&3 &
wait"#;
/// How many processes that is, once it hangs.
const ALIVE: usize = 3;

/// A command that runs an adapter which hangs, in a session without the
/// dispositions of signals that a test may have been started with.
fn hanging(arguments: &[&str], mark: &str) -> Command {
    let mut command = Command::new("env");
    command.args(["--default-signal=INT,TERM,HUP", env!("CARGO_BIN_EXE_attachset")]);
    command.args(arguments).args(["--", "sh", "-c", HANGS]).env(MARK, mark);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

const ONE: &[&str] = &["--only", "error/attachment-set-expired-header-uri"];

#[test]
fn a_client_that_hangs_behind_a_shell_leaves_no_process() {
    let dir = tempfile::tempdir().unwrap();
    let mark = path(dir.path());
    // It makes no request, so that each attempt takes its whole time to start, too.
    let arguments = [&["validate", "--timeout", "0.1", "--start-timeout", "5"], ONE].concat();
    let output = said(hanging(&arguments, mark).spawn().unwrap());
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    nothing_is_left(mark);
}

#[test]
fn what_a_one_shot_has_left_behind_ends_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let mark = path(dir.path());
    let one_shot = r#"read -r line; sleep 600 >/dev/null 2>&1 &
        case $line in *'"protocol"'*) echo '{"protocol":1,"client":{"name":"double"}}';;
        *) id=${line#*:\"}; echo "{\"id\":\"${id%%\"*}\",\"unsupported\":\"x\"}";; esac"#;
    let arguments = ["validate", "--only", "error/attachment-set-expired-*", "--", "sh", "-c", one_shot];
    let output = said(attachset(&arguments).env(MARK, mark).spawn().unwrap());
    let stderr = text(&output.stderr);
    assert!(stderr.contains("nothing was judged"), "{stderr}");
    nothing_is_left(mark);
}

#[test]
fn a_signal_ends_a_run_with_what_it_found_and_no_process() {
    for name in ["INT", "TERM", "HUP"] {
        let dir = tempfile::tempdir().unwrap();
        let mark = path(dir.path());
        let (results, junit) = (dir.path().join("results"), dir.path().join("junit"));
        let files = ["--results", path(&results), "--junit", path(&junit)];
        let arguments = [&["validate", "--jobs", "1"], ONE, &files].concat();
        let mut child = hanging(&arguments, mark).spawn().unwrap();
        wait_for(&mut child, mark, ALIVE);
        signal(&child, name);
        let output = said(child);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(130), "{name}: {stderr}");
        assert!(stderr.contains("interrupted: 0 fixtures were run"), "{name}: {stderr}");
        assert!(text(&output.stdout).ends_with(" skipped\n"), "{name}: {}", text(&output.stdout));
        assert!(std::fs::read_to_string(&results).unwrap().starts_with("{\"attachsetResults\""), "{name}");
        assert!(std::fs::read_to_string(&junit).unwrap().contains("<testsuites"), "{name}");
        nothing_is_left(mark);
    }
}

/// The first one waits for what has begun.
#[test]
fn a_second_signal_ends_a_search_at_once() {
    for second in ["INT", "TERM"] {
        let dir = tempfile::tempdir().unwrap();
        let mark = path(dir.path());
        let arguments = ["fuzz", "--seed", "1", "--cases", "100", "--jobs", "1", "--timeout", "600"];
        let mut child = hanging(&arguments, mark).spawn().unwrap();
        wait_for(&mut child, mark, ALIVE);
        signal(&child, "INT");
        signal(&child, second);
        said(child);
        nothing_is_left(mark);
    }
}

#[test]
fn a_signal_ends_a_replay_and_its_client() {
    let dir = tempfile::tempdir().unwrap();
    let mark = path(dir.path());
    let mut child = hanging(&["replay", "error/attachment-set-expired-header-uri"], mark).spawn().unwrap();
    wait_for(&mut child, mark, ALIVE);
    signal(&child, "TERM");
    assert_eq!(said(child).status.code(), Some(130));
    nothing_is_left(mark);
}

/// A step of a set-up that starts another process and waits for it.
const SETS_UP: &str = r#"{ "name": "slow", "title": "slow", "language": "sh", "version": "1", "about": "slow",
    "setup": [["sh", "-c", "sleep 600 & wait"]], "run": ["true"] }"#;

#[test]
fn a_signal_ends_a_set_up() {
    let dir = tempfile::tempdir().unwrap();
    let mark = path(dir.path());
    let cache = |folder: &Path| folder.join(env!("CARGO_PKG_VERSION")).join("adapters/slow");
    std::fs::create_dir_all(cache(dir.path())).unwrap();
    std::fs::write(cache(dir.path()).join("adapter.json"), SETS_UP).unwrap();
    let arguments = ["validate", "--client", "slow", "--cache", path(dir.path())];
    let mut child = attachset(&arguments).env(MARK, mark).spawn().unwrap();
    wait_for(&mut child, mark, 2);
    signal(&child, "TERM");
    assert_eq!(said(child).status.code(), Some(130));
    nothing_is_left(mark);
}
