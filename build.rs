//! Rebuilds the program when a file that it carries is added or changed, and
//! tells it which commit it is built from.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=fixtures");
    watch(Path::new("adapters"));
    let version = env!("CARGO_PKG_VERSION");
    let version = match commit() {
        Some(commit) => format!("{version} ({commit})"),
        None => version.to_owned(),
    };
    println!("cargo:rustc-env=ATTACHSET_VERSION={version}");
}

/// Watches each file; to watch a folder would be to watch what a set-up
/// installs in it, too.
fn watch(dir: &Path) {
    for path in std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() && path.file_name().is_some_and(|name| name != "installed") {
            watch(&path);
        } else if path.is_file() {
            println!("cargo:rerun-if-changed={}", path.display());
        }
    }
}

/// The commit, of a release alone: a debug build would be built anew at each.
fn commit() -> Option<String> {
    std::env::var("PROFILE").ok().filter(|profile| profile == "release")?;
    // `cargo package` writes it down.
    let packaged = std::fs::read_to_string(".cargo_vcs_info.json").ok().and_then(|text| {
        let (_, rest) = text.split_once("\"sha1\": \"")?;
        Some(rest.get(..40)?.to_owned())
    });
    let hash = packaged.or_else(|| {
        // The folder may stand inside another project's repository.
        Path::new(".git").exists().then_some(())?;
        for path in ["HEAD", "logs/HEAD"] {
            println!("cargo:rerun-if-changed={}", git(&["rev-parse", "--git-path", path])?);
        }
        git(&["rev-parse", "HEAD"])
    })?;
    hash.get(..9).map(str::to_owned)
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
