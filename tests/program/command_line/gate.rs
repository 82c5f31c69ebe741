//! What a run comes to in which something is missing, with clients written in
//! shell.

use std::path::Path;
use std::process::{Command, Output};

use attachset::command::Exit;
use attachset::report::ndjson;
use attachset::results::conclude;
use tempfile::TempDir;

use super::LIAR;

/// It can express nothing.
const UNABLE: &str = r#"while read -r line; do case $line in
    *'"protocol"'*) echo '{"protocol":1,"client":{"name":"The Unable"}}';;
    *) id=${line#*'"id":"'}; echo "{\"id\":\"${id%%'"'*}\",\"unsupported\":\"no such call\"}";;
    esac; done"#;

/// It does everything right where the server closes the connection: the codec
/// of this program over a socket of bash.
const RIGHT: &str = r#"while read -r line; do case $line in
    *'"protocol"'*) echo '{"protocol":1,"client":{"name":"boto3","version":"9"}}';;
    *) id=${line#*'"id":"'}; id=${id%%'"'*}
       to=${line#*'"endpoint":"http://'}; to=${to%%'"'*}; to=${to%%/*}
       key=${line#*'"accessKeyId":"'}; secret=${line#*'"secretAccessKey":"'}
       export AWS_ACCESS_KEY_ID=${key%%'"'*} AWS_SECRET_ACCESS_KEY=${secret%%'"'*}
       input=${line#*'"input":'}; input=${input%'}'}
       exec 3<>"/dev/tcp/${to%:*}/${to#*:}"
       printf %s "$input" | "$ATTACHSET" encode --sign --host "$to" >&3
       outcome=$("$ATTACHSET" decode <&3); exec 3<&-
       echo "{\"id\":\"$id\",${outcome#\{}";;
    esac; done"#;

fn attachset(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attachset"));
    command.args(arguments).current_dir(dir).env("ATTACHSET", env!("CARGO_BIN_EXE_attachset"));
    command
}

#[track_caller]
fn exits(dir: &Path, arguments: &[&str], code: i32) -> (String, String) {
    let Output { status, stdout, stderr } = attachset(dir, arguments).output().unwrap();
    let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert_eq!(status.code(), Some(code), "{arguments:?}: {stdout}{stderr}");
    (stdout, stderr)
}

fn read(dir: &TempDir, name: &str) -> String {
    std::fs::read_to_string(dir.path().join(name)).unwrap()
}

#[test]
fn a_run_in_which_nothing_was_judged_has_no_verdict() {
    let dir = tempfile::tempdir().unwrap();
    let arguments =
        ["validate", "--only", "error/attachment-*", "--junit", "r.xml", "--", "sh", "-c", UNABLE];
    let (stdout, stderr) = exits(dir.path(), &arguments, 2);
    assert!(stdout.starts_with("0 passed, 1 failed, "), "{stdout}");
    assert!(stderr.contains("nothing was judged: none of ") && stderr.contains("no such call"), "{stderr}");
    assert!(read(&dir, "r.xml").contains("nothing-judged"));
    let fuzz = ["fuzz", "--seed", "1", "--cases", "5", "--junit", "f.xml", "--", "sh", "-c", UNABLE];
    let (_, stderr) = exits(dir.path(), &fuzz, 2);
    assert!(stderr.contains("error: nothing was judged: no generated case"), "{stderr}");
    assert!(read(&dir, "f.xml").contains("nothing-judged"));
}

/// On Linux: elsewhere there is no disk that is full for certain.
#[cfg(target_os = "linux")]
#[test]
fn an_unwritable_report_loses_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let only = ["validate", "--only", "error/attachment-set-expired-*"];
    let reports = ["--html", "/dev/full", "--junit", "r.xml", "--markdown", "r.md", "--results", "r.ndjson"];
    let (stdout, stderr) = exits(dir.path(), &[&only[..], &reports].concat(), Exit::OUTPUT.into());
    assert!(stdout.contains(" passed, 0 failed, "), "{stdout}");
    assert!(stderr.contains("error: /dev/full: "), "{stderr}");
    assert!(
        read(&dir, "r.xml").contains("<testcase")
            && read(&dir, "r.md").contains("All results are as expected")
    );
    assert!(read(&dir, "r.ndjson").lines().count() > 2);
    // Nor do results on a full disk.
    let reports = ["--results", "/dev/full", "--junit", "s.xml"];
    let (_, stderr) = exits(dir.path(), &[&only[..], &reports].concat(), Exit::OUTPUT.into());
    assert!(stderr.contains("error: --results /dev/full: "), "{stderr}");
    assert!(read(&dir, "s.xml").contains("<testcase"));
}

#[test]
fn results_are_there_while_the_run_goes_and_final_at_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let slow = LIAR.replace(
        "*) id=",
        "*) case $line in *set-expired*) until [ -e go-on ]; do sleep 0.1; done;; esac; id=",
    );
    let arguments = [
        "validate",
        "--jobs",
        "1",
        "--only",
        "error/attachment-*",
        "--results",
        "r.ndjson",
        "--",
        "sh",
        "-c",
        &slow,
    ];
    let mut child = attachset(dir.path(), &arguments).spawn().unwrap();
    let lines = || std::fs::read_to_string(dir.path().join("r.ndjson")).unwrap_or_default().lines().count();
    // A header and the record of a call that does not wait.
    while lines() < 2 && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let (_, stderr) = exits(dir.path(), &["report", "r.ndjson"], 1);
    assert!(stderr.contains(" planned fixtures have no record: "), "{stderr}");

    std::fs::write(dir.path().join("go-on"), "").unwrap();
    exits(dir.path(), &arguments, 1);
    let names: Vec<_> =
        std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "nothing is left beside it: {names:?}");
    let (_, stderr) = exits(dir.path(), &["report", "r.ndjson"], 1);
    assert!(!stderr.contains("have no record"), "{stderr}");
    // They hold what the reports hold: nothing is left to be decided.
    let (results, error) = ndjson::read(read(&dir, "r.ndjson").as_bytes());
    assert!(error.is_none(), "{error:?}");
    let mismatches: Vec<_> = results.records.iter().flat_map(|record| &record.mismatches).collect();
    assert!(mismatches.iter().all(|mismatch| mismatch.is_attributed()), "{mismatches:?}");
    let mut again = results.records.clone();
    assert_eq!(conclude(&mut again, &results.plans), []);
    assert_eq!(again, results.records);
}

/// A failure of which a whole run shows the plain cause, and a shard alone not.
#[test]
fn results_have_what_each_failure_is_attributed_to() {
    let dir = tempfile::tempdir().unwrap();
    let outcome = r#"read -r status <&3; outcome='{"error":{"kind":"service"}}'"#;
    let no_codes = RIGHT.replace(r#"outcome=$("$ATTACHSET" decode <&3)"#, outcome);
    let only = ["validate", "--only", "error/code-*", "--results", "r.ndjson"];
    let arguments = [&only[..], &["--", "bash", "-c", &no_codes]].concat();
    exits(dir.path(), &arguments, 1);
    let (results, _) = ndjson::read(read(&dir, "r.ndjson").as_bytes());
    let mismatches = || results.records.iter().flat_map(|record| &record.mismatches);
    assert!(mismatches().any(|mismatch| mismatch.otherwise.len() > 1), "no fixture leaves a choice");
    assert!(mismatches().all(|mismatch| mismatch.is_attributed()));
}

#[test]
fn a_report_knows_which_shard_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    for (shard, results) in [("1/3", "1.ndjson"), ("2/3", "2.ndjson"), ("3/3", "3.ndjson")] {
        let arguments = ["validate", "--only", "error/attachment-*", "--shard", shard, "--results", results];
        exits(dir.path(), &arguments, 0);
    }
    let (_, stderr) = exits(dir.path(), &["report", "1.ndjson", "3.ndjson"], 1);
    assert!(stderr.contains("results are missing: shard 2/3 ("), "{stderr}");
    exits(dir.path(), &["report", "1.ndjson", "2.ndjson", "3.ndjson"], 0);
    let text = read(&dir, "2.ndjson");
    let cut: Vec<_> = text.lines().take(2).collect();
    std::fs::write(dir.path().join("2.ndjson"), cut.join("\n")).unwrap();
    let (_, stderr) = exits(dir.path(), &["report", "1.ndjson", "2.ndjson", "3.ndjson"], 1);
    assert!(stderr.contains(" planned fixtures have no record: error/"), "{stderr}");
}

/// What stands in the list after each run is what that run could not judge, and
/// what it found.
#[test]
fn a_list_that_a_part_of_a_run_writes_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mine = "# mine\nfinding:hang/user.answers-in-time   issue 7\n\n# theirs\nerror/json-*  issue 8\n";
    std::fs::write(dir.path().join("known"), mine).unwrap();
    let write = ["validate", "--only", "error/attachment-set-expired-*", "--write-known-failures", "known"];
    exits(dir.path(), &[&write[..], &["--", "sh", "-c", LIAR]].concat(), 1);
    let text = read(&dir, "known");
    assert!(text.starts_with(mine), "{text}");
    assert!(text.contains("\nfinding:no-contact/user.contact\n"), "{text}");
    let same = ["--known-failures", "known", "--", "sh", "-c", LIAR];
    exits(dir.path(), &[&write[..3], &same].concat(), 0);
    exits(dir.path(), &[&write[..], &same].concat(), 0);
    assert_eq!(read(&dir, "known"), text, "it is not written twice");
    // A reason that the list in use has is kept in a new file.
    let new = text.replace("user.contact\n", "user.contact issue 9\n");
    std::fs::write(dir.path().join("known"), new).unwrap();
    let write = ["validate", "--only", "error/attachment-set-expired-*", "--write-known-failures", "new"];
    exits(dir.path(), &[&write[..], &same].concat(), 0);
    let text = read(&dir, "new");
    for line in ["user.contact issue 9\n", "user.answers-in-time issue 7\n", "\nerror/json-* issue 8\n"] {
        assert!(text.contains(line), "{text}");
    }
}

/// Adapters in a checkout of their own: one that is right and has a list of
/// known failures, and one that cannot be set up.
fn checkout(right: &str, known: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let adapter = |name: &str, requires: &str| {
        let folder = dir.path().join("adapters").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let manifest = format!(
            r#"{{"name":"{name}","title":"t","language":"Shell","version":"9","about":"a double",
                "requires":[{requires}],"setup":[["true"]],"run":["bash","adapter.sh"]}}"#
        );
        std::fs::write(folder.join("adapter.json"), manifest).unwrap();
        std::fs::write(folder.join("adapter.sh"), right).unwrap();
        std::fs::write(folder.join("known-failures"), known).unwrap();
    };
    adapter("boto3", "");
    adapter("never", r#"{"program":"no-such-program","install":"get it"}"#);
    adapter("babbles", "");
    std::fs::write(dir.path().join("adapters/babbles/adapter.sh"), "read -r line; echo babble; cat").unwrap();
    dir
}

#[test]
fn a_list_of_the_built_in_fixtures_is_not_stale_by_others() {
    let dir =
        checkout(RIGHT, "finding:lost-code/protocol.error-type-code issue 7\ntransport/silent-* issue 8\n");
    exits(dir.path(), &["copy", "all"], 0);
    let own = dir.path().join("own/client/transport");
    std::fs::create_dir_all(&own).unwrap();
    let all = dir.path().join("all");
    std::fs::copy(all.join("requirements.json"), dir.path().join("own/requirements.json")).unwrap();
    std::fs::copy(all.join("client/transport/close-delimited.json"), own.join("own.json")).unwrap();
    let (stdout, stderr) = exits(dir.path(), &["validate", "--fixtures", "own", "--client", "boto3"], 0);
    assert_eq!(stdout, "1 passed, 0 failed, 0 skipped\n", "{stderr}");
    // A list that is given is of these fixtures, and one that cites what is on
    // it has passed.
    std::fs::write(dir.path().join("known"), "finding:lost-code/http.close-delimited issue 9\n").unwrap();
    let given = ["validate", "--fixtures", "own", "--client", "boto3", "--known-failures", "known"];
    let (stdout, stderr) = exits(dir.path(), &given, 1);
    assert_eq!(stdout, "1 passed, 1 failed, 0 skipped\n", "{stderr}");
    assert!(stderr.contains("finding:lost-code/http.close-delimited (issue 9)"), "{stderr}");
}

#[test]
fn all_clients_are_judged_and_those_named_that_cannot_be_had() {
    let dir = checkout(RIGHT, "");
    let arguments =
        ["validate", "--only", "transport/close-delimited", "--client", "all", "--junit", "r.xml"];
    let (stdout, stderr) = exits(dir.path(), &arguments, 2);
    assert_eq!(stdout, "1 passed, 2 failed, 0 skipped\n", "{stderr}");
    assert!(stderr.starts_with("setting up 3 of 3 clients first"), "{stderr}");
    assert!(stderr.contains("not judged: never (") && stderr.contains("get it"), "{stderr}");
    assert!(stderr.contains("babbles (") && stderr.contains("got \"babble\""), "{stderr}");
    assert_eq!(read(&dir, "r.xml").matches("not-run").count(), 2);
    // Alone, a client that cannot be run is an error, and no report is green.
    let alone = ["validate", "--client", "babbles", "--junit", "s.xml"];
    let (stdout, stderr) = exits(dir.path(), &alone, 2);
    assert_eq!((&*stdout, stderr.lines().count()), ("", 1), "{stderr}");
    assert!(read(&dir, "s.xml").contains("not-run"));
    #[cfg(target_os = "linux")]
    {
        let full = [&alone[..], &["--html", "/dev/full"]].concat();
        let (_, stderr) = exits(dir.path(), &full, Exit::OUTPUT.into());
        assert!(stderr.contains("got \"babble\"") && stderr.contains("error: /dev/full: "), "{stderr}");
    }
    // A client that is named must be had.
    exits(dir.path(), &["validate", "--client", "never"], 2);
}

#[test]
fn the_exit_codes_are_those_of_the_documents() {
    let rows: String =
        Exit::TABLE.iter().map(|(code, meaning)| format!("| {code} | {meaning} |\n")).collect();
    for name in ["docs/ci.md", "docs/semver.md"] {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
        assert!(text.contains(&rows), "{name} does not have this table:\n{rows}");
    }
}
