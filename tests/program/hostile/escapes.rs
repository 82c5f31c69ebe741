//! What others say reaches a terminal and a CI log as text: nothing in it is
//! obeyed.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::{attachset, path, piped, python, said, text};

/// All control characters, marks of direction and of no width, line breaks, and
/// what CI servers take for commands.
const HOSTILE: &str = r#"
hostile = "h" + "".join(map(chr, [*range(0, 9), *range(11, 32), *range(127, 160)]))
hostile += "\u202e\u2066\u200b\u2028\ufeff\n::error::obeyed\n ##[error]obeyed\n\t::stop-commands::x"
"#;

pub(super) fn hostile() -> String {
    let controls = ('\0'..='\u{9f}').filter(|c| c.is_control() && !matches!(c, '\n' | '\t'));
    let mut text = String::from("h");
    text.extend(controls);
    text + "\u{202e}\u{2066}\u{200b}\u{2028}\u{feff}\n::error::obeyed\n ##[error]obeyed\n\t::stop-commands::x"
}

/// A client whose name and version, messages and standard error mean harm.
const CLIENT: &str = r#"
hello["client"] = {"name": hostile[:100], "version": hostile[:100], "language": hostile[:100]}
def answer(call):
    sys.stderr.write(hostile + "\n")
    sys.stderr.flush()
    number = sum(map(ord, call["id"]))
    if number % 5 == 0:
        sys.exit(3)
    if number % 5 == 1:
        return hostile.replace("\n", " ")
    if number % 5 == 2:
        return {"id": call["id"], "unsupported": hostile}
    if number % 5 == 3:
        return {"id": call["id"], "output": {"attachmentSetId": hostile, "other": [hostile]}}
    return {"id": call["id"], "error": {"kind": "service", "code": hostile, "message": hostile, "requestId": hostile}}
"#;

/// The same client, which fails in the same way whatever it is asked.
const LIAR: &str = r#"
hello["client"] = {"name": hostile[:100], "version": hostile[:100], "language": hostile[:100]}
def answer(call):
    sys.stderr.write(hostile + "\n")
    sys.stderr.flush()
    return {"id": call["id"], "error": {"kind": "service", "code": hostile, "message": hostile}}
"#;

/// Nothing in a text is obeyed by a terminal or a CI server. `own` is how
/// commands begin that the program itself gives.
#[track_caller]
pub(super) fn is_harmless(what: &str, text: &str, own: &str) {
    for c in text.chars() {
        let is_plain = matches!(c, '\n' | '\t') || !c.is_control();
        let is_mark = matches!(c, '\u{200b}' | '\u{2028}' | '\u{202e}' | '\u{2066}' | '\u{feff}');
        assert!(is_plain && !is_mark, "{what} has {c:?}:\n{}", text.escape_debug());
    }
    for line in text.lines() {
        let is_own = !own.is_empty() && line.starts_with(own);
        assert!(is_own || !line.trim_start().starts_with("::"), "{what}: {line}");
        assert!(!line.contains("##["), "{what}: {line}");
    }
}

/// Our own annotations.
const ANNOTATION: &str = "::error ";

#[test]
fn no_report_of_a_run_is_obeyed() {
    let dir = tempfile::tempdir().unwrap();
    let [program, adapter] = python(dir.path(), &format!("{HOSTILE}{CLIENT}"));
    let file = |name: &str| path(&dir.path().join(name)).to_owned();
    let reports = ["html", "junit", "markdown", "write-known-failures"];
    let files = reports.map(|kind| [format!("--{kind}"), file(kind)]).concat();
    let results = file("results");
    let mut arguments =
        vec!["validate", "--verbose", "--github", "--only", "error/a*", "--results", &results];
    arguments.extend(files.iter().map(String::as_str));
    arguments.extend(["--", &program, &adapter]);
    let output = said(attachset(&arguments).env("GITHUB_STEP_SUMMARY", file("summary")).spawn().unwrap());
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("\\u{1b}"), "{stderr}");
    is_harmless("standard error", &stderr, "");
    is_harmless("standard output", &text(&output.stdout), ANNOTATION);
    for kind in reports.into_iter().chain(["summary"]) {
        let report = std::fs::read_to_string(file(kind)).unwrap();
        assert!(kind == "write-known-failures" || report.contains("u{1b}"), "{kind}");
        // It is not printed, and has a style sheet.
        let report = if kind == "html" { report.replace("::", "").replace("##[", "") } else { report };
        is_harmless(kind, &report, "");
    }
    from_results(dir.path(), &results);
}

/// The same from a results file, in which texts may be changed that are ours in
/// a run.
fn from_results(dir: &Path, results: &str) {
    let lines: Vec<_> = std::fs::read_to_string(results)
        .unwrap()
        .lines()
        .map(|line| {
            let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
            if let Some(record) = value.as_object_mut().filter(|record| record.contains_key("fixture")) {
                for name in ["fixture", "title", "known"] {
                    let text = format!("{}{}", record.get(name).unwrap_or_default(), hostile());
                    record.insert(name.into(), text.into());
                }
                record.insert("cites".into(), vec![hostile()].into());
                if let Some(mismatch) = record.get_mut("mismatches").and_then(|all| all.get_mut(0)) {
                    mismatch.as_object_mut().unwrap().insert("requirement".into(), hostile().into());
                }
            }
            value.to_string() + "\n"
        })
        .collect();
    let changed = dir.join("changed\u{1b}[31m");
    std::fs::write(&changed, lines.concat()).unwrap();
    let file = |name: &str| path(&dir.join(name)).to_owned();
    let reports = ["html", "junit", "markdown", "findings"];
    let files = reports.map(|kind| [format!("--{kind}"), file(kind)]).concat();
    // Twice, so that there are notes.
    let mut arguments = vec!["report", path(&changed), path(&changed), "--github"];
    arguments.extend(files.iter().map(String::as_str));
    let output = said(attachset(&arguments).env("GITHUB_STEP_SUMMARY", file("summary")).spawn().unwrap());
    let stderr = text(&output.stderr);
    assert!(stderr.contains("note: "), "{stderr}");
    is_harmless("standard error of a report", &stderr, "");
    is_harmless("standard output of a report", &text(&output.stdout), ANNOTATION);
    for kind in reports.into_iter().chain(["summary"]) {
        let report = std::fs::read_to_string(file(kind)).unwrap();
        let report = if kind == "html" { report.replace("::", "").replace("##[", "") } else { report };
        is_harmless(&format!("{kind} of results"), &report, "");
    }
    let page = std::fs::read_to_string(file("html")).unwrap();
    let data = page.split_once(r#"id="data">"#).and_then(|(_, rest)| rest.split_once("</script>")).unwrap().0;
    serde_json::from_str::<serde_json::Value>(data).unwrap();
    // The error names the clients that there are.
    let issue = ["report", path(&changed), "--issue", "x/lost-code/x"];
    let output = said(attachset(&issue).spawn().unwrap());
    let stderr = text(&output.stderr);
    assert!(stderr.contains("the results have no client x"), "{stderr}");
    is_harmless("an issue that is refused", &stderr, "");
}

#[test]
fn no_error_is_obeyed() {
    let dir = tempfile::tempdir().unwrap();
    let hostile = hostile().replace('\0', "");
    let known = dir.path().join("known");
    std::fs::write(&known, format!("{} why", hostile.replace(['\n', '\t'], ""))).unwrap();
    let silent = format!("printf '%s\\n' '{hostile}' >&2; exit 3");
    let speaks = format!("printf '%s\\n' '{hostile}'; cat");
    for arguments in [
        &["list", "--only", &hostile][..],
        &["list", "--only", &format!("[{hostile}")],
        &["explain", &hostile],
        &["replay", &hostile],
        &["promote", &hostile],
        &["validate", "--client", &hostile],
        &["validate", "--known-failures", path(&known)],
        &["validate", "--results", &format!("no-such-folder/{hostile}")],
        &["validate", "--", "sh", "-c", &silent],
        &["validate", "--", "sh", "-c", &speaks],
        &["validate", "--", &hostile],
        &["report", &hostile],
        &["fuzz", "--", "sh", "-c", &silent],
    ] {
        let output = said(attachset(arguments).spawn().unwrap());
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        is_harmless(&format!("{arguments:?}"), &stderr, "");
    }
}

#[test]
fn no_word_of_a_search_or_a_replay_is_obeyed() {
    let dir = tempfile::tempdir().unwrap();
    let [program, adapter] = python(dir.path(), &format!("{HOSTILE}{LIAR}"));
    let save = dir.path().join("saved");
    for arguments in [
        &["fuzz", "--seed", "1", "--cases", "20", "--save", path(&save), "--", &program, &adapter][..],
        &["replay", "error/attachment-set-expired-header-uri", "--", &program, &adapter],
    ] {
        let output = said(attachset(arguments).spawn().unwrap());
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("\\u{1b}"), "{stderr}");
        is_harmless(arguments.first().unwrap(), &stderr, "");
    }
}

/// A progress bar is there on a terminal alone. What the program says itself
/// has escape sequences there, each with a `[` after the first character.
#[test]
fn no_progress_on_a_terminal_is_obeyed() {
    let dir = tempfile::tempdir().unwrap();
    let [program, adapter] = python(dir.path(), &format!("{HOSTILE}{LIAR}"));
    let terminal = "import os, pty, sys\nsys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    let run = |arguments: &[&str]| {
        let mut command = Command::new("python3");
        command.args(["-c", terminal, env!("CARGO_BIN_EXE_attachset")]);
        command.envs(BTreeMap::from([("TERM", "xterm")])).env_remove("NO_COLOR");
        let output =
            said(piped(command, &[arguments, &["--", &program, &adapter]].concat()).spawn().unwrap());
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    for arguments in
        [&["validate", "--verbose", "--only", "error/a*"][..], &["fuzz", "--seed", "1", "--cases", "20"]]
    {
        let shown = run(arguments);
        assert!(shown.contains("\u{1b}[") && shown.contains("\\u{1b}"), "{shown:?}");
        let mut rest = shown.chars().peekable();
        let mut plain = String::new();
        while let Some(c) = rest.next() {
            match c {
                '\u{1b}' => {
                    assert_eq!(rest.next(), Some('['), "{shown:?}");
                    while rest.next_if(|c| !c.is_ascii_alphabetic()).is_some() {}
                    rest.next();
                }
                // The line is drawn anew, or ends.
                '\r' => plain.push('\n'),
                c => plain.push(c),
            }
        }
        is_harmless("a terminal", &plain, "");
    }
}
