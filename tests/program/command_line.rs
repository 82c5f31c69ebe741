//! The program as its users run it: what it prints, and its exit codes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(unix)]
mod gate;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn attachset(arguments: &[&str], stdin: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_attachset"))
        .args(arguments)
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env_remove("AWS_SESSION_TOKEN")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments does not read its input.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap()
}

#[track_caller]
fn succeeds(arguments: &[&str], stdin: &[u8]) -> String {
    let output = attachset(arguments, stdin);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    String::from_utf8(output.stdout).unwrap()
}

/// A usage error: exit code 2, nothing on stdout, one line that says what.
#[track_caller]
fn refuses(arguments: &[&str], stdin: &[u8], says: &str) {
    let output = attachset(arguments, stdin);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert_eq!(output.stdout, b"", "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains(says), "{stderr:?} does not say {says:?}");
}

#[test]
fn encode_prints_a_raw_request() {
    let input = r#"{ "attachments": [ { "data": "aGVsbG8=", "fileName": "a.log" } ] }"#;
    let request = succeeds(&["encode", "--host", "localhost"], input.as_bytes());
    assert_eq!(
        request,
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n\
         X-Amz-Target: AWSSupport_20130415.AddAttachmentsToSet\r\nContent-Length: 56\r\n\r\n\
         {\"attachments\":[{\"fileName\":\"a.log\",\"data\":\"aGVsbG8=\"}]}"
    );
    let signed = succeeds(&["encode", "--sign"], input.as_bytes());
    assert!(signed.contains("authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{signed}");
    assert!(signed.contains("/us-east-1/support/aws4_request"), "{signed}");
}

#[test]
fn encode_refuses_what_is_not_an_input() {
    refuses(&["encode"], b"{", "standard input: $: EOF while parsing");
    refuses(&["encode"], b"[]", "standard input: $: invalid type");
    refuses(
        &["encode"],
        br#"{"attachments":[{"data":"a"}]}"#,
        "$.attachments[0].data: not padded standard base64",
    );
    refuses(&["encode"], br#"{"attachments":[{"fileName":7}]}"#, "$.attachments[0].fileName: invalid type");
    refuses(&["encode"], br#"{"attachment":[]}"#, "$.attachment: the operation has no such member");
    refuses(&["encode"], br#"{"attachments":null}"#, "$.attachments: null");
    refuses(&["encode", "--host", "a b"], b"{}", "--host");
}

#[test]
fn decode_prints_the_outcome() {
    let outcome = |response: &str| succeeds(&["decode"], response.as_bytes());
    assert_eq!(
        outcome("HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\n{\"attachmentSetId\":\"as-1\"}"),
        "{\"output\":{\"attachmentSetId\":\"as-1\"}}\n"
    );
    assert_eq!(
        outcome(
            "HTTP/1.1 400 \r\nx-amzn-RequestId: r\r\n\r\n{\"__type\":\"a.b#AttachmentSetExpired:http://x/\",\"message\":\"m\"}"
        ),
        "{\"error\":{\"kind\":\"service\",\"code\":\"AttachmentSetExpired\",\"message\":\"m\",\"status\":400,\"requestId\":\"r\"}}\n"
    );
    assert_eq!(
        outcome("HTTP/1.1 200 OK\r\n\r\n{\"expiryTime\":[]}"),
        "{\"error\":{\"kind\":\"decode\",\"message\":\"$.expiryTime: expected a string, found an array\",\"status\":200}}\n"
    );
}

#[test]
fn decode_refuses_what_is_not_one_whole_response() {
    refuses(&["decode"], b"", "the message is incomplete");
    refuses(&["decode"], b"hello\r\n\r\n", "malformed message head");
    refuses(
        &["decode"],
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}",
        "shorter than its Content-Length",
    );
    refuses(&["decode"], b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{}", "1 bytes follow the message");
    refuses(&["decode"], b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n", "hexadecimal");
    refuses(&["decode"], b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n\r\n", "hexadecimal");
}

#[test]
fn promote_makes_a_skeleton_that_loads_once_its_author_has_spoken() {
    let dir = tempfile::tempdir().unwrap();
    let file = |target: &str, bytes: &[u8]| {
        let path = dir.path().join("artifacts").join(target);
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("crash-1"), bytes).unwrap();
        path.join("crash-1").to_str().unwrap().to_owned()
    };
    let fixtures = dir.path().join("fixtures");
    succeeds(&["copy", fixtures.to_str().unwrap()], b"");
    // The digests of what the others generate take seconds to check.
    std::fs::remove_dir_all(fixtures.join("client")).unwrap();
    std::fs::remove_dir_all(fixtures.join("service")).unwrap();
    std::fs::create_dir_all(fixtures.join("client/found")).unwrap();
    let found: [(&str, &[u8], &str); 9] = [
        ("decode_response", br#"{"attachmentSetId":"\u0061"}"#, r#""attachmentSetId": "a""#),
        ("decode_error", b"\xff", r#""base64": "/w==""#),
        ("decode_request", br#"{"attachments":[{"data":"/w=="}]}"#, r#""base64": "/w==""#),
        ("error_code", b"a#B", r#""code": "B""#),
        ("http1", b"HTTP/1.1 400 \r\nContent-Length: 1\r\n\r\nx", r#""text": "x""#),
        ("http1", b"HTTP/1.1 400 \r\nContent-Length: 9\r\n\r\nx", r#""raw""#),
        ("http1", b"HTTP/1.1 020 \r\nContent-Length: 2\r\n\r\n{}", r#""raw""#),
        ("http1", b"HTTP/1.1 400 \r\nX-Amzn-ErrorType: A:\xff\r\n\r\n", r#""raw""#),
        ("http1", b"HTTP/1.1 400 \r\nX-Amzn-ErrorType: A\r\nx-amzn-errortype: B\r\n\r\n", r#""raw""#),
    ];
    for (target, bytes, holds) in found {
        let skeleton = succeeds(&["promote", &file(target, bytes)], b"");
        assert!(skeleton.contains(holds), "{skeleton}");
        let path = fixtures.join("client/found/one.json");
        let list = ["list", "--only", "found/one", "--fixtures", fixtures.to_str().unwrap()];
        std::fs::write(&path, &skeleton).unwrap();
        assert_eq!(attachset(&list, b"").status.code(), Some(2));
        let said =
            skeleton.replace(r#""title": """#, r#""title": "t""#).replace(r#""why": """#, r#""why": "w""#);
        std::fs::write(&path, said.replace(r#""cites": []"#, r#""cites": ["protocol.target"]"#)).unwrap();
        succeeds(&list, b"");
    }
    refuses(&["promote", &file("decode_request", b"{")], b"", "no client sends this");
    refuses(&["promote", &file("fixture", b"{}")], b"", "write a test for it");
    refuses(&["promote", "no-such-file"], b"", "no-such-file");
}

#[test]
fn usage_errors_say_what_to_do() {
    refuses(&["list", "--only", "no-such/*"], b"", "matches no fixture");
    refuses(
        &["check", "http://127.0.0.1:1", "--wait", "--only", "create/*"],
        b"",
        "none of the selected fixtures waits",
    );
    refuses(&["list", "--only", "[", "--skip", "*"], b"", "--only [");
    refuses(&["list", "--skip", "*"], b"", "no fixture is left");
    refuses(&["list", "--fixtures", "no-such-folder"], b"", "no-such-folder");
    let servers = tempfile::tempdir().unwrap();
    let folder = servers.path().join("service/create");
    std::fs::create_dir_all(&folder).unwrap();
    let fixtures = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"));
    std::fs::copy(fixtures.join("service/create/returns-a-set.json"), folder.join("one.json")).unwrap();
    std::fs::copy(fixtures.join("requirements.json"), servers.path().join("requirements.json")).unwrap();
    let servers = servers.path().to_str().unwrap();
    let none = format!("--fixtures {servers}: there are no fixtures in client/");
    refuses(&["validate", "--fixtures", servers, "--only", "create/one"], b"", &none);
    refuses(&["explain", "no-such/fixture"], b"", "see `attachset list`");
    refuses(&["validate", "--client", "no-such-client"], b"", "see `attachset clients`");
    refuses(&["validate", "--", "./no-such-program"], b"", "cannot run ./no-such-program");
    refuses(&["validate", "--known-failures", "no-such-file"], b"", "no-such-file");
    refuses(&["validate", "--results", "no-such-folder/r.ndjson"], b"", "no-such-folder");
}

#[test]
fn list_prints_one_fixture_a_line_and_explain_shows_it() {
    let list = succeeds(&["list"], b"");
    let id = list.lines().next().unwrap().split_whitespace().next().unwrap().to_owned();
    assert!(id.contains('/'));
    let explained = succeeds(&["explain", &id], b"");
    assert!(explained.starts_with(&id), "{explained}");
    assert!(explained.contains("cites "), "{explained}");
}

#[test]
fn copy_writes_what_loads_again() {
    let dir = tempfile::tempdir().unwrap();
    let copied = dir.path().join("fixtures");
    let copied = copied.to_str().unwrap();
    assert_eq!(succeeds(&["copy", copied], b""), "");
    assert_eq!(succeeds(&["list", "--fixtures", copied], b""), succeeds(&["list"], b""));
    refuses(&["copy", copied], b"", "the folder is not empty");
}

#[test]
fn schemas_are_json() {
    for name in ["fixture", "requirements"] {
        let schema = succeeds(&["schema", name], b"");
        assert!(serde_json::from_str::<serde_json::Value>(&schema).unwrap().is_object());
    }
}

#[test]
fn validate_writes_results_and_ends_with_the_counts() {
    let dir = tempfile::tempdir().unwrap();
    let results = dir.path().join("r.ndjson");
    let out = succeeds(
        &["validate", "--only", "error/attachment-set-expired-*", "--results", results.to_str().unwrap()],
        b"",
    );
    let text = std::fs::read_to_string(results).unwrap();
    let records = text.lines().count() - 1;
    assert!(records > 0);
    assert_eq!(out, format!("{records} passed, 0 failed, 0 skipped\n"));
}

#[test]
fn a_known_failure_that_passes_is_an_unexpected_pass() {
    let dir = tempfile::tempdir().unwrap();
    let list = dir.path().join("known");
    std::fs::write(&list, "# a comment\n\nerror/attachment-set-expired-* said to fail\n").unwrap();
    let output = attachset(
        &["validate", "--only", "error/attachment-set-expired-*", "--known-failures", list.to_str().unwrap()],
        b"",
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("UNEXPECTED PASS"));

    std::fs::write(&list, "error/*\n").unwrap();
    refuses(
        &["validate", "--strict", "--known-failures", list.to_str().unwrap()],
        b"",
        "no reason is given for error/*; --strict asks for one",
    );
    std::fs::write(&list, "nothing/* because\n").unwrap();
    refuses(
        &["validate", "--known-failures", list.to_str().unwrap()],
        b"",
        "line 1: nothing/* matches no fixture",
    );
}

#[test]
fn a_workflow_on_github_gets_annotations_and_a_summary() {
    let dir = tempfile::tempdir().unwrap();
    let (program, summary) = (dir.path().join("adapter.sh"), dir.path().join("summary.md"));
    let lies = r#"while read -r line; do
        case $line in *protocol*) echo '{"protocol":1,"client":{"name":"liar"}}';;
        *) id=${line#*:\"}; echo "{\"id\":\"${id%%\"*}\",\"output\":{}}";; esac; done"#;
    std::fs::write(&program, lies).unwrap();
    std::fs::write(&summary, "before\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_attachset"))
        .args(["validate", "--github", "--only", "error/attachment-set-expired-*", "--", "sh"])
        .arg(&program)
        .env("GITHUB_WORKSPACE", dir.path())
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.starts_with("::error file=adapter.sh,title=liar%3A "), "{stdout}");
    assert!(stdout.lines().last().unwrap().starts_with("0 passed, "), "{stdout}");
    let summary = std::fs::read_to_string(summary).unwrap();
    assert!(summary.starts_with("before\n### attachset: 0 of "), "{summary}");
}

#[cfg(feature = "shell")]
#[test]
fn a_shell_and_man_learn_of_every_command() {
    let dir = tempfile::tempdir().unwrap();
    let help = succeeds(&["--help"], b"");
    let commands: Vec<_> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            line.strip_prefix("  ")?.split(' ').next().filter(|name| !matches!(*name, "" | "help"))
        })
        .collect();
    assert!(commands.contains(&"validate") && commands.len() > 10, "{commands:?}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = succeeds(&["completions", shell], b"");
        assert!(script.contains("COMPLETE") && script.contains("attachset"), "{shell}");
    }
    for (typed, offered) in [
        (&["val"][..], "validate"),
        (&["validate", "--client", "bot"], "boto3"),
        (&["validate", "--only", "error/xml"], "error/xml-403"),
        (&["explain", "lost-code/"], "lost-code/protocol.error-type-header"),
        (&["explain", "protocol.error-type"], "protocol.error-type-header"),
    ] {
        let words = ["--", "attachset"].iter().chain(typed);
        let output = Command::new(env!("CARGO_BIN_EXE_attachset"))
            .args(words)
            .envs([("COMPLETE", "fish")])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        let offers = String::from_utf8(output.stdout).unwrap();
        assert!(offers.lines().any(|line| line.split('\t').next() == Some(offered)), "{typed:?}: {offers}");
    }
    let page = succeeds(&["man"], b"");
    assert!(page.contains(".TH attachset 1"), "{page}");
    assert_eq!(succeeds(&["man", "--out", dir.path().to_str().unwrap()], b""), "");
    for command in commands {
        assert!(dir.path().join(format!("attachset-{command}.1")).exists(), "{command}");
    }
    assert_eq!(std::fs::read_to_string(dir.path().join("attachset.1")).unwrap(), page);
    refuses(&["man", "--out", "/dev/null/x"], b"", "/dev/null/x: ");
}

#[test]
fn colour_is_as_the_option_or_else_the_environment_has_it() {
    let is_coloured = |option: &[&str], environment: &[(&str, &str)]| {
        let output = Command::new(env!("CARGO_BIN_EXE_attachset"))
            .args(["validate", "--only", "error/xml-403", "--strict"])
            .args(option)
            .env_remove("NO_COLOR")
            .env_remove("FORCE_COLOR")
            .envs(environment.iter().copied())
            .output()
            .unwrap();
        output.stderr.contains(&b'\x1b')
    };
    let (no, force) = (("NO_COLOR", "1"), ("FORCE_COLOR", "1"));
    assert!(!is_coloured(&[], &[]), "not a terminal");
    assert!(is_coloured(&["--color", "always"], &[no]));
    assert!(is_coloured(&[], &[force]));
    assert!(!is_coloured(&[], &[no, force]));
    assert!(!is_coloured(&["--color", "never"], &[force]));
    assert!(!is_coloured(&[], &[("NO_COLOR", ""), ("FORCE_COLOR", "")]));
}

#[test]
fn the_version_is_the_crates() {
    let version = succeeds(&["--version"], b"");
    assert!(version.starts_with(concat!("attachset ", env!("CARGO_PKG_VERSION"))), "{version}");
}

#[test]
fn fuzz_says_its_seed_and_finds_nothing_wrong_with_the_reference() {
    let output = attachset(&["fuzz", "--seed", "7", "--cases", "200"], b"");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(
        stderr.starts_with(concat!("attachset ", env!("CARGO_PKG_VERSION"), " fuzz --seed 7\n")),
        "{stderr}"
    );
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains(" passed, 0 failed, "), "{stdout}");
}

/// The same seed gives the same draws, and others with a corpus to start from.
#[test]
fn fuzz_starts_from_a_corpus() {
    let dir = tempfile::tempdir().unwrap();
    let answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 24\r\n\r\n{\"__type\":\"AccessDenied\"}";
    std::fs::write(dir.path().join("answer"), answer).unwrap();
    let corpus = ["--corpus", dir.path().to_str().unwrap()];
    let [with, without, again] = [&corpus[..], &[], &corpus].map(|corpus| {
        let fuzz = ["fuzz", "--seed", "7", "--cases", "100", "--no-fixtures", "--no-guidance"];
        succeeds(&[&fuzz, corpus].concat(), b"")
    });
    assert_ne!(with, without);
    assert_eq!(with, again);
}

/// Whatever it is asked, it says that it sent nothing and all went well.
const LIAR: &str = r#"while read -r line; do case $line in
    *'"protocol"'*) echo '{"protocol":1,"client":{"name":"The Liar"}}';;
    *) id=${line#*'"id":"'}; echo "{\"id\":\"${id%%'"'*}\",\"output\":{}}";;
    esac; done"#;

#[test]
fn what_fuzz_saves_fails_again() {
    let dir = tempfile::tempdir().unwrap();
    let saved = dir.path().to_str().unwrap();
    let fuzz = ["fuzz", "--seed", "1", "--cases", "20", "--save", saved, "--", "sh", "-c", LIAR];
    let output = attachset(&fuzz, b"");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("reproduce: attachset validate --fixtures"), "{stderr}");
    let found = std::fs::read_dir(dir.path().join("client/found")).unwrap().count();
    let output = attachset(&["validate", "--fixtures", saved, "--", "sh", "-c", LIAR], b"");
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(stdout, format!("0 passed, {found} failed, 0 skipped\n"));
}

#[test]
fn fuzz_fails_on_findings_that_are_not_known() {
    let dir = tempfile::tempdir().unwrap();
    let (results, known) = (dir.path().join("results"), dir.path().join("known"));
    let fuzz = |known: &[&str]| {
        let first = ["fuzz", "--seed", "1", "--cases", "20", "--results", results.to_str().unwrap()];
        let output = attachset(&[&first, known, &["--", "sh", "-c", LIAR]].concat(), b"");
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, stderr) = fuzz(&[]);
    assert_eq!(code, Some(1), "{stderr}");
    let lines = std::fs::read_to_string(&results).unwrap();
    let mismatch = |line: &str| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| record.pointer(&format!("/mismatches/0/{name}"))?.as_str().map(str::to_owned);
        Some(format!("finding:{}/{} it lies\n", text("defect")?, text("requirement")?))
    };
    let list: Vec<_> = lines.lines().filter_map(mismatch).collect();
    let known_option = ["--known-failures", known.to_str().unwrap()];
    std::fs::write(&known, list.concat()).unwrap();
    let (code, stderr) = fuzz(&known_option);
    assert_eq!(code, Some(0), "{list:?} {stderr}");
    std::fs::write(&known, list.into_iter().skip(1).collect::<String>()).unwrap();
    let (code, stderr) = fuzz(&known_option);
    assert_eq!(code, Some(1), "{stderr}");
}

#[test]
fn fuzz_refuses_what_it_cannot_do_before_it_starts() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let file = file.to_str().unwrap();
    refuses(&["fuzz", "--save", file], b"", "--save");
    refuses(&["fuzz", "--corpus", file], b"", "--corpus");
    let empty = tempfile::tempdir().unwrap();
    refuses(&["fuzz", "--corpus", empty.path().to_str().unwrap()], b"", "there is no file in it");
    let output = attachset(&["fuzz", "--seed", "x"], b"");
    assert_eq!(output.status.code(), Some(2));
    let server = ["fuzz", "--server", "http://127.0.0.1:1"];
    refuses(&[&server[..], &["--endpoint-kind", "aws"]].concat(), b"", "the real service is not searched");
    refuses(&server, b"", "is the server running?");
    let output = attachset(&["fuzz", "--server", "https://127.0.0.1:1"], b"");
    let over_tls = if cfg!(feature = "tls") { "is the server running?" } else { "does not speak TLS" };
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains(over_tls), "{output:?}");
    for other in [["--client", "boto3"], ["--no-guidance", "--no-fixtures"]] {
        let output = attachset(&[&server[..], &other].concat(), b"");
        assert_eq!(output.status.code(), Some(2));
    }
}

/// What `--help` gives as an example works.
#[test]
fn the_fixtures_that_help_names_exist() {
    let ids: Vec<String> =
        succeeds(&["list"], b"").lines().filter_map(|line| Some(line.split_once(' ')?.0.into())).collect();
    let groups: Vec<&str> = ids.iter().filter_map(|id| Some(id.split_once('/')?.0)).collect();
    let general = succeeds(&["--help"], b"");
    let commands = general.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands: Vec<&str> = commands
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|command| !command.is_empty() && *command != "help")
        .collect();
    let mut named = Vec::new();
    for command in &commands {
        let help = succeeds(&[command, "--help"], b"");
        let is_of_id = |c: char| c.is_ascii_alphanumeric() || "/-*".contains(c);
        for word in help.split(|c| !is_of_id(c)).map(|word| word.trim_matches('/')) {
            let Some((group, name)) = word.split_once('/').filter(|(group, _)| groups.contains(group)) else {
                continue;
            };
            let start = name.split('*').next().unwrap_or_default();
            let is_meant = |id: &&String| match name.contains('*') {
                true => id.starts_with(&format!("{group}/{start}")),
                false => *id == word,
            };
            assert!(
                ids.iter().any(|id| is_meant(&id)),
                "{command} --help names {word}, which does not exist"
            );
            named.push(word.to_owned());
        }
    }
    assert!(commands.contains(&"serve"), "{commands:?}");
    assert!(named.iter().any(|word| word == "transport/closed-in-body"), "{named:?}");
}
