//! Rebuilds the program when a file that it carries is added or changed.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=fixtures");
    watch(Path::new("adapters"));
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
