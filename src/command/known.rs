//! Lists of known failures, read for a run.

use std::collections::HashSet;
use std::path::Path;

use super::UsageError;
use crate::cli::Selection;
use crate::file::{self, MAX_LIST};
use crate::fixture::{Entry, Requirements, Set};
use crate::results::{KnownFailures, Role};
use crate::text::one_line;

/// Reads lists of known failures for a run.
pub(super) struct Lists<'a> {
    role: Role,
    set: &'a Set,
    /// The built-in fixtures, where the run has others.
    built_in: Option<Set>,
    /// The ids of the fixtures that the run is to come to, those of all shards.
    planned: HashSet<String>,
    /// Whether each line has to have a reason.
    strict: bool,
}

impl<'a> Lists<'a> {
    pub(super) fn new<'i>(
        role: Role,
        set: &'a Set,
        selection: &Selection,
        planned: impl Iterator<Item = &'i str>,
        strict: bool,
    ) -> Result<Self, UsageError> {
        let built_in =
            selection.fixtures.is_some().then(Set::embedded).transpose().map_err(UsageError::new)?;
        Ok(Self { role, set, built_in, planned: planned.map(Into::into).collect(), strict })
    }

    /// A list that the user gives: it is of the run's own fixtures.
    pub(super) fn given(&self, path: &Path) -> Result<KnownFailures, UsageError> {
        Ok(self.read(path)?.planned(|id| self.planned.contains(id), self.entries(self.set)))
    }

    /// A client's own list: it is of the built-in fixtures, and other fixtures may not be
    /// able to show what is on it.
    pub(super) fn own(&self, path: &Path) -> Result<KnownFailures, UsageError> {
        Ok(self.read(path)?.planned(|id| self.planned.contains(id), self.all()))
    }

    fn read(&self, path: &Path) -> Result<KnownFailures, UsageError> {
        let problem = |error: &dyn std::fmt::Display| UsageError(format!("{}: {error}", path.display()));
        let text = file::read(path, MAX_LIST).map_err(|error| problem(&error))?;
        let text = String::from_utf8(text).map_err(|error| problem(&error.utf8_error()))?;
        let others = self.built_in.iter().flat_map(|set| &set.requirements.requirements);
        let requirements = self.set.requirements.requirements.iter().chain(others);
        let requirements = Requirements { requirements: requirements.cloned().collect() };
        let list = KnownFailures::parse(&text, self.all().map(|fixture| fixture.id), &requirements)
            .map_err(|error| problem(&error))?;
        let without: Vec<_> = list.without_reason().collect();
        match (without.as_slice(), self.strict) {
            ([], _) => {}
            (names, true) => {
                let names = names.join(", ");
                return Err(problem(&format!("no reason is given for {names}; --strict asks for one")));
            }
            ([name], false) => {
                anstream::eprintln!(
                    "note: {}: no reason is given for {}",
                    one_line(&path.to_string_lossy()),
                    one_line(name)
                );
            }
            ([first, rest @ ..], false) => anstream::eprintln!(
                "note: {}: no reason is given for {} and {} more",
                one_line(&path.to_string_lossy()),
                one_line(first),
                rest.len()
            ),
        }
        Ok(list)
    }

    /// The run's fixtures and the built-in ones.
    fn all(&self) -> impl Iterator<Item = Entry<'_>> + Clone {
        self.entries(self.set).chain(self.built_in.iter().flat_map(|set| self.entries(set)))
    }

    fn entries<'s>(&self, set: &'s Set) -> impl Iterator<Item = Entry<'s>> + Clone + use<'s> {
        let is_client = self.role == Role::Client;
        let client = set.client.iter().filter(move |_| is_client).map(Entry::from);
        client.chain(set.service.iter().filter(move |_| !is_client).map(Entry::from))
    }
}
