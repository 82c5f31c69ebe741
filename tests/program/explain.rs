//! `explain` for findings, requirements and rules, what a mistyped name is
//! answered with, and the adapter in docs/sdk.md.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use attachset::fixture::Defect;

fn attachset(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_attachset")).args(arguments).output().unwrap()
}

fn explained(id: &str) -> String {
    let output = attachset(&["explain", id]);
    assert!(output.status.success(), "{id}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
}

#[test]
fn a_finding_is_explained_with_its_requirement_its_sources_and_its_fixtures() {
    let text = explained("lost-code/protocol.error-type-header");
    has(
        &text,
        &[
            "The client lost the error code.",
            "protocol.error-type-header: ",
            "decided by: a document\n",
            "https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization",
            "error/attachment-set-expired-header-uri",
        ],
    );
    has(&explained("unnamed-error/protocol.error-body"), &["The server did not name the error."]);
}

#[test]
fn a_requirement_is_explained_with_its_level_and_what_it_rests_on() {
    let text = explained("protocol.error-type-header");
    has(&text, &["decided by: a document\n", "level: that of the fixture\n", "error/", "https://"]);
    let text = explained("user.contact");
    has(
        &text,
        &["a rule of this project", "should, at most", "docs/rulings.md#user-contact", "every fixture"],
    );
    has(&explained("open.rate-threshold"), &["none: needs the real service"]);
    has(&explained("http.status-out-of-range"), &["decided by: advice of a document"]);
}

#[test]
fn a_rule_of_the_project_is_printed() {
    for id in ["R14", "r14"] {
        let text = explained(id);
        assert!(text.starts_with("R14. Which failures are retried"), "{text}");
        assert!(text.contains("Reason: ") && !text.contains("R15.") && !text.contains("<a id"), "{text}");
    }
}

#[test]
fn a_mistyped_name_is_answered_with_the_nearest() {
    let no_such_list = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(no_such_list.path(), "eror/attachment-set-expired-type-bare because\n").unwrap();
    let list = no_such_list.path().to_str().unwrap();
    for (arguments, meant) in [
        (&["explain", "error/atachment-set-expired-type-bare"][..], "error/attachment-set-expired-type-bare"),
        (&["explain", "attachment-set-expired-type-bare"], "error/attachment-set-expired-type-bare"),
        (&["explain", "lost-code/protocol.eror-type-header"], "lost-code/protocol.error-type-header"),
        (&["explain", "lostcode/protocol.error-type-header"], "lost-code/protocol.error-type-header"),
        (&["explain", "protocol.eror-type-header"], "protocol.error-type-header"),
        (&["explain", "succes/create", "--wire"], "success/create"),
        (&["replay", "succes/create"], "success/create"),
        (&["validate", "--client", "botto3"], "boto3"),
        (&["replay", "success/create", "--client", "botto3"], "boto3"),
        (&["validate", "--only", "succes/create"], "success/create"),
        (&["validate", "--known-failures", list], "error/attachment-set-expired-type-bare"),
    ] {
        let output = attachset(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(&format!(" (did you mean {meant}?)")), "{arguments:?}: {said}");
    }
    let output = attachset(&["explain", "x"]);
    assert!(!String::from_utf8(output.stderr).unwrap().contains("did you mean"), "nothing is near");
}

/// The three lists of one table: ids and labels are unique, and read as plain
/// English.
#[test]
fn defects_have_ids_and_labels_of_their_own() {
    let mut seen = std::collections::HashSet::new();
    for defect in Defect::ALL {
        assert_eq!(serde_json::to_string(defect).unwrap(), format!("{:?}", defect.as_str()));
        assert!(seen.insert(defect.as_str()) && seen.insert(defect.words()), "{defect:?}");
        for word in ["another", "answer"] {
            assert!(!defect.words().contains(word), "{}", defect.words());
        }
    }
}

/// That it comes to the verdicts of `adapters/boto3`, `.ci/sdk-adapter`
/// checks, where boto3 is.
#[cfg(unix)]
#[test]
fn the_adapter_in_the_documentation_is_python() {
    let page = include_str!("../../docs/sdk.md");
    let mut blocks = page.split("```python\n").skip(1);
    let adapter = blocks.next().unwrap().split("\n```\n").next().unwrap();
    assert!(blocks.next().is_none(), "which block is the adapter?");
    let mut python = Command::new("python3")
        .args(["-c", "import ast, sys; ast.parse(sys.stdin.read())"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(adapter.as_bytes()).unwrap();
    assert!(python.wait().unwrap().success());
}
