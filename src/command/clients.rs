//! `clients`: the clients that `validate --client` knows.

use std::fmt::Write as _;
use std::path::Path;

use super::{Exit, UsageError, print};
use crate::catalog;
use crate::client::Reference;

pub(super) fn list(cache: Option<&Path>) -> Result<Exit, UsageError> {
    let folder = catalog::folder(cache).map_err(UsageError::new)?;
    let reference = Reference::info();
    let mut rows = vec![[reference.name, reference.version, "Rust".into(), "ready (built in)".into()]];
    for entry in catalog::all(&folder).map_err(UsageError::new)? {
        let state = match (entry.missing(), entry.is_ready()) {
            (Some(missing), _) => format!("needs {}: {}", missing.what(), missing.install),
            (None, true) => "ready".into(),
            (None, false) => "not set up yet: the first run does it".into(),
        };
        rows.push([entry.manifest.name, entry.manifest.version, entry.manifest.language, state]);
    }
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column).map(String::len)).max().unwrap_or(0);
    let (name, version, language) = (width(0), width(1), width(2));
    let mut out = String::new();
    for [n, v, l, state] in &rows {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{n:<name$}  {v:<version$}  {l:<language$}  {state}");
    }
    print(out.as_bytes())?;
    Ok(Exit::Conforms)
}
