//! Embeds `fixtures/` and `adapters/` in the program, and tells it which
//! commit it is built from.

use std::error::Error;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() -> Result<(), Box<dyn Error>> {
    // A new fixture changes its folder's time. `adapters` is not watched as a
    // whole: adapters are set up inside it.
    println!("cargo:rerun-if-changed=fixtures");
    let is_fixture = |name: &str| name.ends_with(".json") || name == "README.md";
    let fixtures = embedded("FIXTURES", "fixtures", is_fixture)?;
    let adapters = match std::env::var_os("CARGO_FEATURE_CLI") {
        Some(_) => embedded("ADAPTERS", "adapters", |_| true)?,
        None => String::new(),
    };
    let out = std::env::var_os("OUT_DIR").ok_or("cargo did not set OUT_DIR")?;
    std::fs::write(Path::new(&out).join("embedded.rs"), fixtures + &adapters)?;

    let version = env!("CARGO_PKG_VERSION");
    let version = match commit() {
        Some(commit) => format!("{version} ({commit})"),
        None => version.to_owned(),
    };
    println!("cargo:rustc-env=ATTACHSET_VERSION={version}");
    Ok(())
}

/// A table of the files below a folder: each file's path there, and its bytes.
fn embedded(table: &str, folder: &str, keep: fn(&str) -> bool) -> Result<String, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths = Vec::new();
    collect(&root, &mut paths)?;
    paths.sort();
    let mut entries = String::new();
    for path in paths {
        let name = path.strip_prefix(&root)?.to_str().ok_or("a file name is not UTF-8")?.replace('\\', "/");
        if keep(&name) {
            println!("cargo:rerun-if-changed={}", path.display());
            entries.push_str(&format!("    ({name:?}, include_bytes!({path:?})),\n"));
        }
    }
    Ok(format!("pub(crate) static {table}: &[(&str, &[u8])] = &[\n{entries}];\n"))
}

/// The files below a folder, without what setting up and running adapters
/// leaves there.
fn collect(dir: &Path, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let is_left_out = |name: &OsStr| name == "installed" || name == "__pycache__";
        if path.file_name().is_some_and(is_left_out) {
            continue;
        }
        if path.is_dir() {
            collect(&path, paths)?;
        } else {
            paths.push(path);
        }
    }
    Ok(())
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
