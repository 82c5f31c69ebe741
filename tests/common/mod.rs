//! What several tests share.

#![allow(dead_code, reason = "no test uses all of it")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use attachset::fixture::Fixture;

/// The folder of client-role fixtures.
pub(crate) const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/client");
/// The folder of snapshots.
pub(crate) const SNAPSHOTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots");

/// Whether the slow tests run whole, as in CI, and not on a sample.
pub(crate) fn is_whole() -> bool {
    std::env::var_os("ATTACHSET_WHOLE").is_some()
}

/// All of them where tests run whole; else one in four, spread over the list.
pub(crate) fn sample<T>(all: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
    all.into_iter().step_by(if is_whole() { 1 } else { 4 })
}

/// How many generated inputs a property is tried with: an eighth where tests do
/// not run whole.
pub(crate) fn inputs(whole: u32) -> u32 {
    if is_whole() { whole } else { whole / 8 }
}

/// Compares a part of a committed snapshot.
pub(crate) fn is_in_snapshot(name: &str, part: &str) -> bool {
    std::fs::read_to_string(format!("{SNAPSHOTS}/{name}.snap")).unwrap().contains(part)
}

/// The fixture in a file. That the whole set loads is a test of its own.
pub(crate) fn fixture(path: &Path) -> Fixture {
    let id = path.strip_prefix(FIXTURES).unwrap().with_extension("");
    let fixture: Fixture = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    Fixture { id: id.to_str().unwrap().replace('\\', "/"), ..fixture }
}

/// Compares a text with `snapshots/NAME.snap`, where NAME may have folders.
pub(crate) fn snapshot(name: &str, text: &str) {
    let path = PathBuf::from(SNAPSHOTS).join(name);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(path.parent().unwrap());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(path.file_name().unwrap().to_str().unwrap(), text));
}
