//! The adapters that come with the program: which there are, whether they are
//! ready, and how they are set up.

mod requirement;
mod setup;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::adapter::Program;
use crate::embedded;
use crate::file::{self, MAX_FIXTURE};
use crate::fixture::Claim;

pub use requirement::Requirement;
pub use setup::{STEP_LIMIT, SetupError};

/// An adapter's `adapter.json`; see `adapters/README.md`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// The folder's name.
    pub name: String,
    /// The client's name for people.
    pub title: String,
    /// The language it is written in or for.
    pub language: String,
    /// The pinned version of the client.
    pub version: String,
    /// What it is, in a line.
    pub about: String,
    /// What the fixtures rest on and the client does not claim to have.
    #[serde(default)]
    pub lacks: Vec<Claim>,
    /// What only the user can install.
    #[serde(default)]
    pub requires: Vec<Requirement>,
    /// The commands that install the rest, run in the adapter's folder.
    #[serde(default)]
    pub setup: Vec<Vec<String>>,
    /// The folder below `common/` that is built into the adapter, if any.
    #[serde(default)]
    pub common: Option<String>,
    /// Variables for set-up and run.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// How to start the adapter in its folder.
    pub run: Vec<String>,
}

/// An adapter in its folder.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its manifest.
    pub manifest: Manifest,
    /// Its folder.
    pub dir: PathBuf,
}

/// The folder that adapters are set up in: below `cache` where that is given;
/// else `adapters/` below the current folder in a checkout; else the user's
/// cache folder. The program unpacks into a cache the adapters that it carries.
///
/// # Errors
/// Where the cache folder cannot be written.
pub fn folder(cache: Option<&Path>) -> Result<PathBuf, SetupError> {
    let checkout = PathBuf::from("adapters");
    if cache.is_none() && checkout.join("boto3/adapter.json").exists() {
        return Ok(checkout);
    }
    let users = || {
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
        cache.filter(|path| path.is_absolute()).or_else(home).map(|cache| cache.join("attachset"))
    };
    let cache = cache.map(Path::to_owned).or_else(users).ok_or(SetupError::NoHome)?;
    let folder = std::path::absolute(&cache)
        .map_err(|error| SetupError::Cache(cache.clone(), error))?
        .join(env!("CARGO_PKG_VERSION"))
        .join("adapters");
    unpack(&folder).map_err(|error| SetupError::Cache(cache, error))?;
    Ok(folder)
}

/// Writes the embedded adapters where they are not there yet.
fn unpack(folder: &Path) -> std::io::Result<()> {
    for (name, bytes) in embedded::ADAPTERS {
        let path = folder.join(name);
        if std::fs::read(&path).is_ok_and(|there| there == *bytes) {
            continue;
        }
        std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
        std::fs::write(&path, bytes)?;
    }
    Ok(())
}

/// All adapters in a folder, by name.
///
/// # Errors
/// Where the folder cannot be read or a manifest does not parse.
pub fn all(folder: &Path) -> Result<Vec<Entry>, SetupError> {
    let problem = |error| SetupError::Io(folder.into(), error);
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(problem)? {
        let dir = entry.map_err(problem)?.path();
        let path = dir.join("adapter.json");
        let Ok(text) = file::read(&path, MAX_FIXTURE) else { continue };
        let manifest =
            serde_json::from_slice(&text).map_err(|error| SetupError::Manifest(path, error.to_string()))?;
        entries.push(Entry { manifest, dir });
    }
    entries.sort_by(|a, b| a.manifest.name.cmp(&b.manifest.name));
    Ok(entries)
}

impl Entry {
    /// What is missing that only the user can install, in words, and the
    /// command that installs it.
    #[must_use]
    pub fn missing(&self) -> Option<(String, &str)> {
        let requires = self.manifest.requires.iter();
        requires.map(|it| (it.lack(), it.install.as_str())).find_map(|(lack, install)| Some((lack?, install)))
    }

    /// The list of known failures, if there is one.
    #[must_use]
    pub fn known_failures(&self) -> Option<PathBuf> {
        Some(self.dir.join("known-failures")).filter(|path| path.exists())
    }

    /// How to start the adapter.
    #[must_use]
    pub fn program(&self) -> Program {
        Program {
            name: Some(self.manifest.name.clone()),
            command: self.manifest.run.clone(),
            dir: Some(self.dir.clone()),
            env: self.manifest.env.clone(),
            title: self.manifest.title.clone(),
            lacks: self.manifest.lacks.clone(),
            ..Program::default()
        }
    }
}
