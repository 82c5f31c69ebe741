//! One run under callgrind, with a count for each piece of work.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Has callgrind count a piece of work and write the count to a file.
pub(crate) fn count_one(work: &dyn Fn()) {
    dumped(work);
}

/// Callgrind writes a file at the end of this function.
#[inline(never)]
fn dumped(work: &dyn Fn()) {
    collected(work);
    returns();
}

/// Callgrind counts from the start of this function to its end. One function
/// cannot have both.
#[inline(never)]
fn collected(work: &dyn Fn()) {
    work();
    returns();
}

/// A function that ends with a call jumps instead, and is never seen to end.
#[inline(always)]
fn returns() {
    std::hint::black_box(());
}

/// Runs this program with an argument; gives what it prints and its counts.
pub(crate) fn count(argument: &str) -> Result<(String, Vec<u64>), String> {
    let problem = |error: std::io::Error| format!("the counts: {error}");
    let program = std::env::current_exe().map_err(problem)?;
    let dir = std::env::temp_dir().join(format!("instructions-{}", std::process::id()));
    fs::create_dir_all(&dir).map_err(problem)?;
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .args(["--toggle-collect=*valgrind::collected*", "--dump-after=*valgrind::dumped*"])
        .arg(format!("--callgrind-out-file={}", dir.join("out").display()))
        .arg(program)
        .arg(argument)
        .output()
        .map_err(|error| format!("valgrind: {error}; Debian has it in the package valgrind"))?;
    let counts = counts(&dir);
    fs::remove_dir_all(&dir).map_err(problem)?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok((String::from_utf8_lossy(&output.stdout).trim().into(), counts.map_err(problem)?))
}

/// The counts in the files `out.1`, `out.2` and so on.
fn counts(dir: &Path) -> std::io::Result<Vec<u64>> {
    let file = |number: usize| dir.join(format!("out.{number}"));
    (1..).map(file).take_while(|file| file.exists()).map(|file| total(&file)).collect()
}

fn total(file: &PathBuf) -> std::io::Result<u64> {
    let text = fs::read_to_string(file)?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok());
    total.ok_or_else(|| std::io::Error::other(format!("{} has no totals", file.display())))
}
