//! What a shell offers for the values of arguments: the program is asked as the
//! user types, so that it is what this version knows.

use clap::builder::StyledStr;
use clap_complete::{ArgValueCandidates, CompletionCandidate};

use crate::catalog::{self, Entry};
use crate::fixture::Set;

/// Ids of fixtures of both roles.
pub(super) fn fixtures() -> ArgValueCandidates {
    ArgValueCandidates::new(|| set().map(|set| all_fixtures(&set)).unwrap_or_default())
}

/// What `explain` explains: fixtures, requirements, and the findings that are
/// known of some client.
pub(super) fn subjects() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let Some(set) = set() else { return Vec::new() };
        let mut all = all_fixtures(&set);
        all.extend(set.requirements.requirements.iter().map(|it| candidate(&it.id, &it.says)));
        all.extend(findings().map(CompletionCandidate::new));
        all
    })
}

/// Names of clients.
pub(super) fn clients() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let known = entries().into_iter().map(|entry| candidate(&entry.manifest.name, &entry.manifest.title));
        let built_in = candidate("reference", "the client that is built in");
        [candidate("all", "every client that can be set up here"), built_in]
            .into_iter()
            .chain(known)
            .collect()
    })
}

fn all_fixtures(set: &Set) -> Vec<CompletionCandidate> {
    let client = set.client.iter().map(|fixture| candidate(&fixture.id, &fixture.title));
    client.chain(set.service.iter().map(|fixture| candidate(&fixture.id, &fixture.title))).collect()
}

fn candidate(value: &str, help: &str) -> CompletionCandidate {
    CompletionCandidate::new(value).help(Some(StyledStr::from(help.to_owned())))
}

/// A set or a folder that does not load offers nothing: a shell shows no error.
fn set() -> Option<Set> {
    Set::embedded().ok()
}

fn entries() -> Vec<Entry> {
    catalog::folder(None).and_then(|folder| catalog::all(&folder)).unwrap_or_default()
}

/// The findings in the lists of known failures.
fn findings() -> impl Iterator<Item = String> {
    let lists =
        entries().into_iter().filter_map(|entry| std::fs::read_to_string(entry.known_failures()?).ok());
    let of = |list: String| {
        let words = list.lines().filter_map(|line| line.strip_prefix("finding:")?.split_whitespace().next());
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    lists.flat_map(of).collect::<std::collections::BTreeSet<_>>().into_iter()
}
