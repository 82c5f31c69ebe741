//! Who a client is, and what is known of it besides.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::fixture::Claim;

/// Who a client is.
///
/// Two are the same client where name, version and language are. What else is
/// known of it is only shown: the shards of one run may differ in the patch
/// release of the runtime.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientInfo {
    /// Its name, such as `boto3`.
    pub name: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
    /// The language it is written in or for.
    #[serde(default)]
    pub language: String,
    /// What it ran on, such as `CPython 3.11.7, urllib3 2.7.0`; empty where
    /// its adapter does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub runtime: String,
    /// Its name for people, with what a reader has to know of it; empty where
    /// no manifest gives one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// What its manifest says that it does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<Claim>,
}

impl ClientInfo {
    /// What its failures stand under: name and version, with the title where
    /// that says more.
    #[must_use]
    pub fn heading(&self) -> String {
        match self.title.as_str() {
            title if title.is_empty() || *title == self.name || *title == self.to_string() => {
                self.to_string()
            }
            title => format!("{self}: {title}"),
        }
    }

    fn key(&self) -> (&str, &str, &str) {
        (&self.name, &self.version, &self.language)
    }
}

impl PartialEq for ClientInfo {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for ClientInfo {}

impl PartialOrd for ClientInfo {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ClientInfo {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl Hash for ClientInfo {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl std::fmt::Display for ClientInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.version.as_str() {
            "" => f.write_str(&self.name),
            version => write!(f, "{} {version}", self.name),
        }
    }
}
