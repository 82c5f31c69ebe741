//! Where `fuzz` keeps what it finds.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::UsageError;
use crate::file;
use crate::fixture::Requirements;

/// A folder of fixtures, laid out as `copy` writes one.
pub(super) struct FindingStore {
    dir: PathBuf,
    /// `client` or `service`.
    role: &'static str,
}

impl FindingStore {
    /// Makes the folder, so that a search is not in vain.
    pub(super) fn open(
        dir: &Path,
        role: &'static str,
        requirements: &Requirements,
    ) -> Result<Self, UsageError> {
        let store = Self { dir: dir.to_owned(), role };
        let json = serde_json::to_string_pretty(requirements).map_err(UsageError::new)?;
        store.write("requirements.json", &json)?;
        // A folder that takes one file takes another.
        std::fs::create_dir_all(dir.join(role).join("found")).map_err(|error| store.problem(&error))?;
        Ok(store)
    }

    /// Writes the fixture of an id.
    pub(super) fn put(&self, id: &str, fixture: &impl Serialize) -> Result<(), UsageError> {
        let json = serde_json::to_string_pretty(fixture).map_err(UsageError::new)?;
        self.write(&format!("{}/{id}.json", self.role), &json)
    }

    fn write(&self, name: &str, json: &str) -> Result<(), UsageError> {
        let write = || {
            std::fs::create_dir_all(&self.dir)?;
            std::fs::write(file::inside(&self.dir, name)?, format!("{json}\n"))
        };
        write().map_err(|error: std::io::Error| self.problem(&error))
    }

    fn problem(&self, error: &dyn std::fmt::Display) -> UsageError {
        UsageError(format!("--save {}: {error}", self.dir.display()))
    }
}
