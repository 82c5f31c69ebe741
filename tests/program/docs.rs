//! The documentation's examples, run as a reader would run them, and the finding on
//! README's first screen.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

/// Stands before each shell example that is run here.
const RUN: &str = "<!-- run by tests/program/docs.rs -->\n\n```sh\n";
const BLESS: &str = "ATTACHSET_BLESS";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The examples of a page that are marked to be run.
fn examples(page: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(page)).unwrap();
    text.split(RUN).skip(1).map(|part| part.split("```\n").next().unwrap().to_owned()).collect()
}

/// Runs a page's examples, each in an empty folder, with this program on the path.
#[cfg(unix)]
#[track_caller]
fn run(page: &str) {
    let examples = examples(page);
    assert!(!examples.is_empty(), "{page} has no example that is run");
    let program = Path::new(env!("CARGO_BIN_EXE_attachset")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([program.to_owned()].into_iter().chain(std::env::split_paths(&path)));
    let path = path.unwrap();
    for example in examples {
        let folder = tempfile::tempdir().unwrap();
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-c", &example]).env("PATH", &path).current_dir(&folder);
        let output = bash.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{page}:\n{example}\n{stderr}");
    }
}

#[cfg(unix)]
#[test]
fn the_example_for_emulators_runs() {
    run("docs/emulator.md");
}

/// The fixture in docs/operations.md, against the reference client.
#[test]
fn the_example_of_another_operation_passes() {
    let page = std::fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let fixture = page.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let attachset = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_attachset")).args(arguments).current_dir(&folder).output().unwrap()
    };
    assert!(attachset(&["copy", "mine"]).status.success());
    let id = "operations/describe-supported-languages";
    std::fs::write(folder.path().join(format!("mine/client/{id}.json")), fixture).unwrap();
    let output = attachset(&["validate", "--fixtures", "mine", "--only", id]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
}

#[cfg(unix)]
#[test]
fn the_example_for_ci_runs() {
    run("docs/ci.md");
}

#[cfg(unix)]
#[test]
fn the_example_of_a_new_fixture_runs() {
    run("CONTRIBUTING.md");
}

#[cfg(unix)]
#[test]
fn the_example_of_a_search_runs() {
    run("docs/fuzzing.md");
}

/// `tests/data/readme.ndjson` is what a run of boto3 wrote.
#[test]
fn the_finding_in_the_readme_is_what_the_program_prints() {
    let results = root().join("tests/data/readme.ndjson");
    let report = Command::new(env!("CARGO_BIN_EXE_attachset")).arg("report").arg(results).output().unwrap();
    let stderr = String::from_utf8(report.stderr).unwrap();
    let finding = stderr.split("\n\n").next().unwrap();
    let path = root().join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once("```text\n").unwrap();
    let (shown, after) = rest.split_once("```\n").unwrap();
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(&path, format!("{before}```text\n{finding}\n```\n{after}")).unwrap();
    } else {
        assert_eq!(shown, format!("{finding}\n"), "set {BLESS}=1 to rewrite README.md");
    }
}

/// Needs git and the whole checkout, which a packed crate is not.
#[cfg(unix)]
#[test]
fn no_text_uses_a_word_of_the_list() {
    let (words, git) = (root().join(".ci/words"), root().join(".git"));
    if words.exists() && git.exists() {
        let output = Command::new("python3").arg(words).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

/// The list refuses what it is there to refuse.
#[cfg(unix)]
#[test]
fn the_list_of_words_refuses_an_old_word() {
    let words = root().join(".ci/words");
    if !words.exists() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("page.md", "It gives up after its time-out.\n"),
        ("code.rs", "/// What the answer is.\nconst WORD: &str = \"fine\";\n"),
        ("text.rs", "const WORD: &str = \"no answer came\";\n"),
        ("fixture.json", r#"{"title": "reads an answer"}"#),
    ] {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        let output = Command::new("python3").arg(&words).arg(file).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}: {text}");
    }
    let file = folder.path().join("fine.rs");
    std::fs::write(&file, "fn answer() {} // `answer` is a name\n").unwrap();
    assert!(Command::new("python3").arg(&words).arg(file).output().unwrap().status.success());
}

/// A link to a file that is gone, or to a heading that was reworded, helps nobody.
#[test]
fn links_between_pages_lead_somewhere() {
    let pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "adapters/README.md", "fixtures/README.md"];
    let docs = std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = pages.into_iter().map(|page| root().join(page)).chain(docs);
    let mut broken = Vec::new();
    for page in pages.filter(|page| page.extension().is_some_and(|of| of == "md")) {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|part| part.split(')').next()) {
            if link.contains("://") || link.starts_with('<') {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            let there = std::fs::read_to_string(&target).unwrap_or_default();
            let is_there = target.exists() && (anchor.is_empty() || has_anchor(&there, anchor));
            if !is_there {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Whether a page has a heading that GitHub gives this anchor, or the anchor itself.
fn has_anchor(page: &str, anchor: &str) -> bool {
    let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    let slug = |line: &str| -> String {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        title.chars().filter(is_kept).collect::<String>().replace(' ', "-")
    };
    page.contains(&format!("<a id=\"{anchor}\"></a>"))
        || page.lines().any(|line| line.starts_with('#') && slug(line) == anchor)
}
