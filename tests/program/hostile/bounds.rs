//! What a run takes of memory, whatever a client or a file has in it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use super::{path, piped, python, said, text};

/// The most memory of a run, in MB: what docs/limits.md promises.
const MOST: f64 = 150.0;

/// Runs the program; gives the most memory that it, or a process of it, had at
/// once, in MB.
#[track_caller]
fn measured(what: &str, dir: &Path, arguments: &[&str]) -> (f64, Output) {
    let peak = dir.join("peak");
    // Waits for the program and asks the system, so that no moment is missed.
    let script = "import resource, subprocess, sys\n\
        code = subprocess.run(sys.argv[2:]).returncode\n\
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss\n\
        open(sys.argv[1], 'w').write(str(most))\n\
        sys.exit(code)";
    let mut command = Command::new("python3");
    command.args(["-c", script, path(&peak), env!("CARGO_BIN_EXE_attachset")]);
    let output = said(piped(command, arguments).spawn().unwrap());
    // Linux tells in KiB.
    let peak = std::fs::read_to_string(&peak).unwrap().parse::<f64>().unwrap() * 1_024.0 / 1e6;
    eprintln!("{what}: {peak:.0} MB at the peak");
    (peak, output)
}

/// Judges an adapter with every report there is.
#[track_caller]
fn judged(what: &str, script: &str, only: &str) -> (f64, Output, u64) {
    let dir = tempfile::tempdir().unwrap();
    let [program, adapter] = python(dir.path(), script);
    let file = |name: &str| path(&dir.path().join(name)).to_owned();
    let files =
        ["results", "html", "junit", "markdown"].map(|kind| [format!("--{kind}"), file(kind)]).concat();
    let mut arguments = vec!["validate", "--verbose", "--github", "--jobs", "4", "--only", only];
    arguments.extend(files.iter().map(String::as_str));
    arguments.extend(["--", &program, &adapter]);
    let (peak, output) = measured(what, dir.path(), &arguments);
    let written = ["results", "html", "junit", "markdown"]
        .map(|kind| std::fs::metadata(file(kind)).map_or(0, |file| file.len()))
        .iter()
        .sum();
    (peak, output, written)
}

/// What the other figures are to be compared with.
#[test]
fn a_client_that_says_nothing_remarkable() {
    let script = "def answer(call):\n    return {'id': call['id'], 'unsupported': 'x'}\n";
    let (peak, _, _) = judged("nothing remarkable", script, "error/a*");
    assert!(peak < MOST, "{peak:.0} MB");
}

#[test]
fn a_line_of_an_adapter_has_a_bound() {
    let script = r#"
def answer(call):
    for _ in range(64):
        sys.stdout.write("x" * (1 << 20))
    return ""
"#;
    let (peak, output, _) = judged("a line of an adapter", script, "error/attachment-set-expired-*");
    let stderr = text(&output.stderr);
    assert!(stderr.contains("its response is longer than 2 MiB"), "{stderr}");
    assert!(peak < MOST, "{peak:.0} MB");
}

/// Each of these stays just within what a line may have.
#[test]
fn what_a_client_says_has_a_bound_in_every_report() {
    for (what, answer) in [
        ("a reason", r#"{"id": call["id"], "unsupported": "x" * 2_000_000}"#),
        ("a message", r#"{"id": call["id"], "error": {"kind": "service", "message": "x" * 2_000_000}}"#),
        ("a code", r#"{"id": call["id"], "error": {"kind": "service", "code": "\x01" * 340_000}}"#),
        ("a request id", r#"{"id": call["id"], "error": {"kind": "service", "requestId": "x" * 2_000_000}}"#),
        ("an id", r#"{"id": "x" * 2_000_000, "output": {}}"#),
        ("a member", r#"{"id": call["id"], "x" * 2_000_000: 1}"#),
        ("names", r#"{"id": call["id"], "output": {"other": [""] * 500_000}}"#),
        ("values", r#"{"id": call["id"], "output": {"attachmentSetId": [[]] * 500_000}}"#),
        ("members", r#"{"id": call["id"], "output": {"expiryTime": {str(n): {} for n in range(150_000)}}}"#),
    ] {
        let script = format!("def answer(call):\n    return {answer}\n");
        let (peak, output, written) = judged(what, &script, "error/a*");
        assert!(matches!(output.status.code(), Some(0..=2)), "{what}: {}", text(&output.stderr));
        assert!(peak < MOST, "{what}: {peak:.0} MB");
        let said = output.stdout.len() + output.stderr.len();
        assert!(said < 2_000_000, "{what}: {said} bytes are printed");
        assert!(written < 4_000_000, "{what}: {written} bytes are written");
    }
}

#[test]
fn a_name_has_a_bound() {
    let script = "hello['client']['version'] = 'x' * 1_000_000\n";
    let (peak, output, _) = judged("a name", script, "error/a*");
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("its version is longer than 100 characters"), "{stderr}");
    assert!(stderr.len() < 1_000 && peak < MOST, "{} bytes, {peak:.0} MB", stderr.len());
}

#[test]
fn what_is_written_to_standard_error_has_a_bound() {
    let script = "
def answer(call):
    for _ in range(64):
        sys.stderr.write('x' * (1 << 20))
    sys.exit(3)
";
    let (peak, output, written) = judged("standard error", script, "error/attachment-set-expired-*");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(peak < MOST && written < 4_000_000, "{peak:.0} MB, {written} bytes");
}

#[test]
fn a_line_of_results_has_a_bound() {
    let dir = tempfile::tempdir().unwrap();
    let results = dir.path().join("results");
    let header = br#"{"attachsetResults":1,"version":"0"}"#;
    // As a header, as a record, and within one that is short enough to be read.
    for (start, length, says) in [
        (&b"\""[..], 200_000_000, "line 1: not a results file"),
        (&[header, &b"\n\""[..]].concat(), 200_000_000, "line 2: not a record"),
        (&[header, &b"\n{\"role\":\""[..]].concat(), 10_000_000, "line 2: not a record"),
        (&[header, &b"\n{\""[..]].concat(), 10_000_000, "line 2: not a record"),
    ] {
        let mut file = std::io::BufWriter::new(std::fs::File::create(&results).unwrap());
        file.write_all(start).unwrap();
        std::io::copy(&mut std::io::Read::take(std::io::repeat(b'x'), length), &mut file).unwrap();
        file.write_all(b"\"}\n").unwrap();
        drop(file);
        let (peak, output) = measured(says, dir.path(), &["report", path(&results)]);
        let stderr = text(&output.stderr);
        assert!(matches!(output.status.code(), Some(1 | 2)), "{stderr}");
        assert!(
            stderr.contains(says) && stderr.len() < 2_000,
            "{} bytes: {}",
            stderr.len(),
            stderr.get(..500).unwrap_or(&stderr)
        );
        assert!(peak < MOST, "{peak:.0} MB");
    }
}
