//! Mistakes of applications that every SDK passes on and the service accepts
//! without a word. `docs/lint.md` has a page on each rule.
//!
//! A pure state machine: time comes in with each call. What is remembered of
//! past calls is bounded.

mod content;
mod history;
mod rules;
mod secrets;
mod signature;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use content::{files, texts};
pub use history::{History, Outcome, Seen};
pub use rules::{RULES, Rule, rule};
pub use signature::signature;

use crate::wire::shortened;

/// How to lint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Whether a call with a warning is refused.
    pub deny: bool,
    /// The ids of rules that are off, though they are on by default.
    pub off: Vec<String>,
    /// The ids of rules that are on, though they are off by default.
    pub also: Vec<String>,
    /// How short before its end a set should no longer be used. By default a
    /// minute.
    pub margin: Duration,
    /// How often the same list of cases should be asked for at most. By default
    /// once a second.
    pub poll: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            deny: false,
            off: Vec::new(),
            also: Vec::new(),
            margin: Duration::from_secs(60),
            poll: Duration::from_secs(1),
        }
    }
}

impl Options {
    /// Whether a rule is on.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        let is_in = |list: &[String]| list.iter().any(|of| of == id);
        !is_in(&self.off) && (rule(id).is_some_and(|rule| rule.is_default) || is_in(&self.also))
    }
}

/// A mistake that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The rule's id.
    pub rule: String,
    /// What was seen. It never has a secret in it.
    pub message: String,
}

impl Warning {
    pub(crate) fn new(rule: &str, message: impl Into<String>) -> Self {
        Self { rule: rule.into(), message: shortened(&message.into()).into_owned() }
    }
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} (docs/lint.md#{})", self.rule, self.message, self.rule.replace('/', ""))
    }
}
