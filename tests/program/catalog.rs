//! Adapters in a folder: what they need, how they are set up, how they are named.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use attachset::catalog::{Entry, STEP_LIMIT};
use serde_json::{Value, json};
use tempfile::TempDir;

/// An adapter that needs `requires` and is set up by a shell script.
fn entry(requires: &Value, script: &str) -> (TempDir, Entry) {
    let dir = tempfile::tempdir().unwrap();
    let manifest = serde_json::from_value(json!({
        "name": "double", "title": "Double", "language": "Shell", "version": "1", "about": "a double",
        "requires": requires, "setup": [["sh", "-c", script]], "run": ["sh", "adapter.sh"],
    }));
    let entry = Entry { manifest: manifest.unwrap(), dir: dir.path().into() };
    (dir, entry)
}

#[track_caller]
fn fails(entry: &Entry, limit: Duration, says: &str) {
    let error = entry.set_up(limit, |_| {}).unwrap_err().to_string();
    assert!(error.contains(says), "{error:?} does not say {says:?}");
    assert!(!entry.dir.join("installed").exists(), "something is left behind");
    assert!(!entry.is_ready());
}

#[test]
fn what_is_not_installed_is_named_with_the_command_that_installs_it() {
    let (_dir, it) = entry(&json!([{ "program": "no-such", "install": "get no-such" }]), "exit 1");
    fails(&it, STEP_LIMIT, "double needs no-such, which is not installed: run `get no-such`");
    let (_dir, it) = entry(&json!([{ "path": "/no/such", "install": "get it" }]), "exit 1");
    fails(&it, STEP_LIMIT, "double needs /no/such, which is not installed: run `get it`");
}

#[test]
fn a_program_that_is_too_old_is_told_from_one_that_is_absent() {
    let cargo = |least: &str| json!([{ "program": "cargo", "atLeast": least, "install": "get cargo" }]);
    let (_dir, it) = entry(&cargo("99"), "exit 1");
    fails(&it, STEP_LIMIT, "double needs cargo 99 or newer, but finds 1.");
    let (_dir, it) = entry(&cargo("1.2"), "true");
    it.set_up(STEP_LIMIT, |_| {}).unwrap();
    let mute = json!([{ "program": "true", "atLeast": "2", "ask": "-v", "install": "get true" }]);
    let (_dir, it) = entry(&mute, "exit 1");
    fails(&it, STEP_LIMIT, "double needs true 2 or newer, but `true -v` prints no version");
}

#[test]
fn a_step_that_fails_leaves_nothing_half_made() {
    let (_dir, it) = entry(&json!([]), "echo half > installed/half; echo alas >&2; exit 3");
    fails(&it, STEP_LIMIT, "(exit status: 3); run again to repair it\nalas");
}

#[test]
fn a_network_that_fails_is_called_so() {
    let script = "echo 'dial tcp: lookup modules.test: no such host'; exit 1";
    fails(
        &entry(&json!([]), script).1,
        STEP_LIMIT,
        "the network failed or a package registry did not respond",
    );
}

#[test]
fn a_step_that_does_not_end_is_stopped() {
    let start = Instant::now();
    fails(&entry(&json!([]), "exec sleep 60").1, Duration::from_millis(200), "stopped after 200ms");
    assert!(start.elapsed() < Duration::from_secs(30));
}

#[test]
fn what_the_set_up_rests_on_sets_it_up_again() {
    let (dir, it) = entry(&json!([]), "echo made >> made; echo built > installed/built");
    let made = || std::fs::read_to_string(dir.path().join("made")).unwrap().lines().count();
    std::fs::create_dir(dir.path().join("src")).unwrap();
    std::fs::write(dir.path().join("src/main"), "1").unwrap();
    std::fs::write(dir.path().join("made"), "").unwrap();
    it.set_up(STEP_LIMIT, |_| {}).unwrap();
    assert_eq!(made(), 1);
    std::fs::write(dir.path().join("src/main"), "2").unwrap();
    assert!(!it.is_ready());
    it.set_up(STEP_LIMIT, |_| {}).unwrap();
    assert_eq!(made(), 2);
}

/// A folder with two adapters that can do nothing, beside the one by which a
/// checkout is known.
fn checkout() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in ["boto3", "twin-one", "twin-two"] {
        let adapter = dir.path().join("adapters").join(name);
        std::fs::create_dir_all(&adapter).unwrap();
        let manifest = json!({
            "name": name, "title": name, "language": "Shell", "version": "1", "about": "a double",
            "requires": [{ "program": "sh", "install": "get sh" }], "run": ["sh", "adapter.sh"],
        });
        std::fs::write(adapter.join("adapter.json"), manifest.to_string()).unwrap();
        let script = format!(
            r#"while read -r line; do
                 id=$(printf '%s' "$line" | sed 's/^{{"id":"\([^"]*\)".*/\1/')
                 case "$line" in
                   *protocol*) echo '{{"protocol":1,"client":{{"name":"{name}"}}}}';;
                   *) echo "{{\"id\":\"$id\",\"unsupported\":\"nothing\"}}";;
                 esac
               done"#
        );
        std::fs::write(adapter.join("adapter.sh"), script).unwrap();
    }
    dir
}

fn attachset(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_attachset")).args(arguments).current_dir(dir).output().unwrap()
}

#[test]
fn clients_are_named_with_wildcards() {
    let dir = checkout();
    let judged = |client: &[&str]| {
        let mut arguments = vec!["validate", "--only", "success/append-echoes-id", "--results", "results"];
        client.iter().for_each(|client| arguments.extend(["--client", client]));
        let output = attachset(dir.path(), &arguments);
        // They can express nothing, so nothing is judged.
        assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
        let results = std::fs::read_to_string(dir.path().join("results")).unwrap();
        let name = |line: &str| serde_json::from_str::<Value>(line).unwrap()["client"]["name"].clone();
        results.lines().skip(1).map(name).collect::<Vec<_>>()
    };
    assert_eq!(judged(&["twin-*"]), ["twin-one", "twin-two"]);
    assert_eq!(judged(&["twin-two", "*-t?o", "boto3"]), ["twin-two", "boto3"], "each is judged once");
    for (pattern, says) in [("triplet-*", "there is no such client"), ("[", "error")] {
        let output = attachset(dir.path(), &["validate", "--client", pattern]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(&format!("--client {pattern}: ")) && stderr.contains(says), "{stderr}");
    }
}

#[test]
fn clients_are_listed_as_json() {
    let dir = checkout();
    let output = attachset(dir.path(), &["clients", "--json"]);
    let clients: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<_> = clients.as_array().unwrap().iter().map(|client| &client["name"]).collect();
    assert_eq!(names, ["reference", "boto3", "twin-one", "twin-two"]);
    assert_eq!(clients[0]["ready"], true);
    assert_eq!(
        clients[2],
        json!({
            "name": "twin-one", "title": "twin-one", "language": "Shell", "version": "1",
            "about": "a double", "ready": false,
        })
    );
    let manifest = dir.path().join("adapters/twin-one/adapter.json");
    let text =
        std::fs::read_to_string(&manifest).unwrap().replace(r#""program":"sh""#, r#""program":"no-sh""#);
    std::fs::write(&manifest, text).unwrap();
    let output = attachset(dir.path(), &["clients", "--json"]);
    let clients: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(clients[2]["needs"], "no-sh, which is not installed");
    assert_eq!(clients[2]["install"], "get sh");
    let output = attachset(dir.path(), &["validate", "--client", "twin-*"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("twin-one needs no-sh, which is not installed: run `get sh`"), "{stderr}");
}
