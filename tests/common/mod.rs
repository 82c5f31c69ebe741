//! What several tests share.

#![allow(dead_code, reason = "no test uses all of it")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use attachset::fixture::Fixture;

/// The folder of client-role fixtures.
pub(crate) const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/client");
/// The folder of snapshots.
pub(crate) const SNAPSHOTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots");

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
