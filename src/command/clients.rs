//! `clients`: the clients that `validate --client` knows.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use super::{Error, Exit, UsageError, print};
use crate::catalog::{self, Entry};
use crate::client::Reference;

/// One client, as `--json` prints it.
#[derive(Serialize)]
struct Row {
    name: String,
    title: String,
    language: String,
    version: String,
    about: String,
    /// Whether it can be judged at once.
    ready: bool,
    /// What is missing that only the user can install.
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<String>,
    /// The command that installs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    install: Option<String>,
}

pub(super) fn list(json: bool, cache: Option<&Path>) -> Result<Exit, Error> {
    let folder = catalog::folder(cache).map_err(UsageError::new)?;
    let entries = catalog::all(&folder).map_err(UsageError::new)?;
    let rows: Vec<_> = std::iter::once(Row::reference()).chain(entries.into_iter().map(Row::of)).collect();
    if json {
        let text = serde_json::to_string_pretty(&rows).map_err(UsageError::new)?;
        print(format!("{text}\n").as_bytes())?;
    } else {
        print(table(&rows).as_bytes())?;
    }
    Ok(Exit::Conforms)
}

impl Row {
    fn reference() -> Self {
        let info = Reference::info();
        Self {
            name: info.name,
            title: "the reference client".into(),
            language: "Rust".into(),
            version: info.version,
            about: "the client that is built in".into(),
            ready: true,
            needs: None,
            install: None,
        }
    }

    fn of(entry: Entry) -> Self {
        let missing = entry.missing().map(|(what, install)| (what, install.to_owned()));
        let ready = entry.is_ready();
        let (needs, install) = missing.unzip();
        let manifest = entry.manifest;
        Self {
            name: manifest.name,
            title: manifest.title,
            language: manifest.language,
            version: manifest.version,
            about: manifest.about,
            ready,
            needs,
            install,
        }
    }

    fn state(&self) -> String {
        match (&self.needs, &self.install) {
            (Some(needs), Some(install)) => format!("needs {needs}: {install}"),
            _ if self.ready => "ready".into(),
            _ => "set up on first use".into(),
        }
    }
}

fn table(rows: &[Row]) -> String {
    let width = |column: fn(&Row) -> &str| rows.iter().map(|row| column(row).len()).max().unwrap_or(0);
    let name = width(|row| &row.name);
    let version = width(|row| &row.version);
    let language = width(|row| &row.language);
    let mut out = String::new();
    for row in rows {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{:<name$}  {:<version$}  {:<language$}  {}",
            row.name,
            row.version,
            row.language,
            row.state()
        );
    }
    out
}
