//! Every source that the project cites can be opened: it has a link, and a link
//! into `docs/` has its anchor.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use attachset::fixture::{Basis, Set, Source};
use attachset::oracle::Oracle;

/// A file of the project.
fn file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_default()
}

/// What is wrong with a source, if anything is.
fn problem(source: &Source) -> Option<String> {
    let private = ["seed", "facts", "ruling", "design"];
    let title = source.title.to_lowercase();
    if title.is_empty() || private.iter().any(|word| title.contains(word)) {
        return Some(format!("the title {:?} names what no reader has", source.title));
    }
    if let Some(address) = source.url.strip_prefix("https://") {
        let (host, path) = address.split_once('/').unwrap_or_default();
        return (!host.contains('.') || path.is_empty()).then(|| format!("no web address: {}", source.url));
    }
    let (path, anchor) = source.url.split_once('#').unwrap_or((&source.url, ""));
    let is_there = path.starts_with("docs/") && file(path).contains(&format!("<a id=\"{anchor}\"></a>"));
    (!is_there).then(|| format!("no such place in the project: {}", source.url))
}

#[test]
fn every_source_can_be_opened() {
    let set = Set::embedded().unwrap();
    let required = set.requirements.requirements.iter().map(|of| (of.id.as_str(), of.sources.as_slice()));
    let oracle = Oracle::default();
    let ruled = oracle.rows.iter().map(|row| (row.says, row.sources));
    let mut problems = Vec::new();
    for (what, sources) in required.chain(ruled) {
        if sources.is_empty() {
            problems.push(format!("{what}: no source"));
        }
        problems.extend(sources.iter().filter_map(problem).map(|problem| format!("{what}: {problem}")));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_source_that_cannot_be_opened_is_noticed() {
    for (title, url) in [
        ("", "https://example.com/a"),
        ("seed document: exceptions", "https://example.com/a"),
        ("facts C13", "https://example.com/a"),
        ("RFC 1", ""),
        ("RFC 1", "https://"),
        ("RFC 1", "rfc1.txt"),
        ("project rule R99", "docs/rulings.md#r99"),
        ("project rule R14", "docs/no-such-file.md#r14"),
        ("project rule R14", "docs/rulings.md"),
    ] {
        assert!(problem(&Source::new(title, url)).is_some(), "{title} {url}");
    }
    assert_eq!(problem(&Source::new("project rule R14", "docs/rulings.md#r14")), None);
}

#[test]
fn what_rests_on_a_rule_of_the_project_cites_one_and_the_rest_a_document() {
    let set = Set::embedded().unwrap();
    for requirement in &set.requirements.requirements {
        let is_own = requirement.basis == Basis::Project;
        let cites = |own: bool| requirement.sources.iter().any(|source| source.is_own() == own);
        assert!(cites(is_own), "{}: {:?}", requirement.id, requirement.basis);
        let prefixes = ["user.", "retry.", "open."];
        if prefixes.iter().any(|prefix| requirement.id.starts_with(prefix)) {
            assert!(is_own, "{}", requirement.id);
        }
    }
}

#[test]
fn every_rule_has_an_anchor_a_title_and_a_link_that_leads_somewhere() {
    let rules = file("docs/rulings.md");
    for number in 1..=42 {
        let heading = format!("<a id=\"r{number}\"></a>\n### R{number}. ");
        assert_eq!(rules.matches(&heading).count(), 1, "R{number}");
        let text = rules.split(&heading).nth(1).unwrap().split("<a id=").next().unwrap();
        assert!(text.contains("\nReason: "), "R{number} has no reason");
    }
    for part in rules.split("](#").skip(1) {
        let (anchor, _) = part.split_once(')').unwrap();
        let heading = |line: &str| {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            line.starts_with('#') && words.replace(',', "").replace(' ', "-") == anchor
        };
        let is_there = rules.contains(&format!("<a id=\"{anchor}\"></a>")) || rules.lines().any(heading);
        assert!(is_there, "#{anchor}");
    }
}
