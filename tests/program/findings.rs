//! Findings: how failures are grouped, what a finding is called, and lists of
//! known failures that speak of findings.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use attachset::client::ClientInfo;
use attachset::findings::{FindingId, findings, side_by_side};
use attachset::fixture::{Basis, Defect, Level, Requirement, Requirements, Source};
use attachset::judge::{Mismatch, Verdict};
use attachset::report::{Report, known_failures, terminal};
use attachset::results::{Expectation, KnownFailures, Record, Role, Wire, attribute};

/// A run that failed in these ways.
fn failed(fixture: &str, level: Level, ways: &[(Defect, &str)]) -> Record {
    let mismatch = |(index, (defect, requirement)): (usize, &(Defect, &str))| Mismatch {
        step: index + 1,
        defect: *defect,
        expected: "an error".into(),
        seen: "success".into(),
        requirement: (*requirement).into(),
        otherwise: Vec::new(),
        level,
    };
    Record {
        role: Role::Client,
        fixture: fixture.into(),
        title: "does as it should".into(),
        level,
        cites: vec!["a.rule".into()],
        client: ClientInfo { name: "one".into(), version: "1".into(), ..ClientInfo::default() },
        verdict: if ways.is_empty() { Verdict::Pass } else { Verdict::Fail },
        expectation: if ways.is_empty() { Expectation::Expected } else { Expectation::UnexpectedFailure },
        known: None,
        mismatches: ways.iter().enumerate().map(mismatch).collect(),
        notes: Vec::new(),
        outcomes: vec!["success".into()],
        wire: vec![wire("200\n\n{}")],
        took_ms: 1,
        retried: None,
    }
}

fn wire(reply: &str) -> Wire {
    Wire { step: 1, at_ms: 0, request: "POST /".into(), signature: None, reply: reply.into() }
}

fn requirements() -> Requirements {
    let requirement = |id: &str| Requirement {
        id: id.into(),
        says: "It is so.".into(),
        basis: Basis::Document,
        claim: None,
        sources: vec![Source::new("RFC 1", "https://www.rfc-editor.org/rfc/rfc1")],
        excuse: None,
    };
    Requirements { requirements: ["a.rule", "b.rule"].map(requirement).to_vec() }
}

/// A run that lost a code, for the first of these reasons or for a later one.
fn lost(fixture: &str, chain: &[&str]) -> Record {
    let mut record = failed(fixture, Level::Must, &[(Defect::LostCode, chain.first().unwrap())]);
    record.mismatches.first_mut().unwrap().otherwise = chain.iter().skip(1).map(|&id| id.into()).collect();
    record
}

/// Which requirements the failures of a client violate, one after the other.
fn attributed(chains: &[&[&str]]) -> Vec<String> {
    let mut records: Vec<_> = chains.iter().map(|chain| lost("g/one", chain)).collect();
    attribute(&mut records);
    records.iter().flat_map(|record| &record.mismatches).map(|of| of.requirement.clone()).collect()
}

#[test]
fn a_failure_is_charged_to_what_a_plainer_one_shows_to_be_broken() {
    assert_eq!(attributed(&[&["place", "form"], &["place"]]), ["place", "place"]);
    assert_eq!(attributed(&[&["place", "form"], &["other"]]), ["form", "other"]);
    assert_eq!(attributed(&[&["place", "name", "form"], &["place", "name"]]), ["name", "name"]);
    assert_eq!(attributed(&[&["place", "name", "form"], &["place", "form"]]), ["form", "form"]);
    // Of two that tell as little, neither speaks for the other.
    assert_eq!(attributed(&[&["place", "form"], &["form", "place"]]), ["form", "place"]);
}

#[test]
fn each_client_is_charged_by_its_own_failures() {
    let mut records = [lost("g/plain", &["place"]), lost("g/odd", &["place", "form"])];
    records.first_mut().unwrap().client.name = "another".into();
    attribute(&mut records);
    assert_eq!(ids(&records), ["lost-code/form", "lost-code/place"]);
}

#[test]
fn a_list_of_known_failures_names_what_one_run_alone_leaves_open() {
    let requirements = requirements();
    for (listed, chain) in [("a.rule", ["a.rule", "b.rule"]), ("b.rule", ["a.rule", "b.rule"])] {
        let list = format!("finding:lost-code/{listed} reported\n");
        let known = KnownFailures::parse(&list, [].into_iter(), &requirements).unwrap();
        let record = lost("g/one", &chain);
        assert_eq!(known.reason("g/one", &record.mismatches).as_deref(), Some("reported"));
    }
}

fn ids(records: &[Record]) -> Vec<String> {
    findings(records).iter().map(|finding| finding.id.to_string()).collect()
}

#[test]
fn failures_of_one_sort_against_one_requirement_are_one_finding() {
    use Defect::{FalseSuccess, LostCode};
    let records = [
        failed("g/one", Level::Should, &[(LostCode, "a.rule")]),
        failed("g/two", Level::Must, &[(LostCode, "a.rule"), (LostCode, "a.rule")]),
        failed("g/three", Level::Should, &[(LostCode, "b.rule"), (FalseSuccess, "a.rule")]),
        failed("g/four", Level::Must, &[]),
    ];
    assert_eq!(ids(&records), ["false-success/a.rule", "lost-code/a.rule", "lost-code/b.rule"]);
    let found = findings(&records);
    let lost = found.get(1).unwrap();
    assert_eq!(lost.levels().to_string(), "1 must, 1 should");
    assert_eq!((lost.shown.len(), lost.unexpected()), (2, 2), "a fixture shows a finding once");
}

#[test]
fn what_is_forbidden_comes_before_what_many_fixtures_show() {
    use Defect::LostCode;
    let records = [
        failed("g/one", Level::Should, &[(LostCode, "a.rule")]),
        failed("g/two", Level::Should, &[(LostCode, "a.rule")]),
        failed("g/three", Level::Must, &[(LostCode, "b.rule")]),
    ];
    assert_eq!(ids(&records), ["lost-code/b.rule", "lost-code/a.rule"]);
}

#[test]
fn the_simplest_fixture_is_the_example() {
    let mut long = failed("g/a-long-reply", Level::Must, &[(Defect::LostCode, "a.rule")]);
    long.wire = vec![wire(&"x".repeat(100))];
    let mut silent = failed("g/b-no-request", Level::Must, &[(Defect::LostCode, "a.rule")]);
    silent.wire.clear();
    let mut retried = failed("g/c-two-requests", Level::Must, &[(Defect::LostCode, "a.rule")]);
    retried.wire = vec![wire(""), wire("")];
    let simple = failed("g/d-simple", Level::Must, &[(Defect::LostCode, "a.rule")]);
    let records = [long, silent, retried, simple];
    let found = findings(&records);
    let shown: Vec<_> = found.first().unwrap().records().map(|record| record.fixture.as_str()).collect();
    assert_eq!(shown, ["g/d-simple", "g/a-long-reply", "g/c-two-requests", "g/b-no-request"]);
}

#[test]
fn clients_stand_side_by_side_by_finding() {
    let one = [failed("g/one", Level::Must, &[(Defect::LostCode, "a.rule")])];
    let other = [
        failed("g/one", Level::Must, &[(Defect::LostCode, "a.rule")]),
        failed("g/two", Level::Must, &[(Defect::LostCode, "b.rule")]),
    ];
    let shown: Vec<_> = side_by_side(vec![findings(&one), findings(&other)])
        .into_iter()
        .map(|row| (row.id.requirement, row.cells.iter().map(Option::is_some).collect::<Vec<_>>()))
        .collect();
    assert_eq!(shown, [("a.rule".to_owned(), vec![true, true]), ("b.rule".into(), vec![false, true])]);
}

#[test]
fn the_id_of_a_finding_is_read_as_it_is_written() {
    let id: FindingId = "lost-code/protocol.error-type-header".parse().unwrap();
    assert_eq!((id.defect, id.requirement.as_str()), (Defect::LostCode, "protocol.error-type-header"));
    assert_eq!(id.to_string(), "lost-code/protocol.error-type-header");
    assert!("lost-code".parse::<FindingId>().is_err());
    assert!("no-such-word/protocol.target".parse::<FindingId>().is_err());
}

fn known(text: &str) -> Result<KnownFailures, String> {
    let ids = ["g/one", "g/two"];
    KnownFailures::parse(text, ids.iter().copied(), &requirements()).map_err(|error| error.to_string())
}

#[test]
fn a_fixture_is_known_to_fail_where_all_that_it_shows_is() {
    use Defect::{FalseSuccess, LostCode};
    let list = known("finding:lost-code/a.rule upstream 7\ng/two it is so\n").unwrap();
    let reason =
        |id: &str, ways: &[(Defect, &str)]| list.reason(id, &failed(id, Level::Must, ways).mismatches);
    assert_eq!(reason("g/one", &[(LostCode, "a.rule")]).as_deref(), Some("upstream 7"));
    assert_eq!(reason("g/one", &[(LostCode, "a.rule"), (LostCode, "a.rule")]).as_deref(), Some("upstream 7"));
    assert_eq!(reason("g/one", &[(LostCode, "b.rule")]), None);
    assert_eq!(reason("g/one", &[(FalseSuccess, "a.rule")]), None);
    assert_eq!(reason("g/one", &[(LostCode, "a.rule"), (FalseSuccess, "a.rule")]), None, "one is not known");
    assert_eq!(reason("g/one", &[]), None, "a pass is no failure that is known");
    assert_eq!(reason("g/two", &[(FalseSuccess, "a.rule")]).as_deref(), Some("it is so"));
    assert_eq!(reason("g/two", &[]).as_deref(), Some("it is so"), "a pass of it is unexpected");
}

#[test]
fn a_line_that_names_no_finding_is_refused() {
    for (line, says) in [
        ("\nfinding:lost-code x", "line 2: finding:lost-code: expected"),
        ("finding:lost-code x", "expected DEFECT/REQUIREMENT"),
        ("finding:no-such/a.rule x", "there is no defect no-such"),
        ("finding:lost-code/no-such x", "there is no such requirement"),
        ("finding:lostcode/a.rule x", "there is no defect lostcode (did you mean lost-code?)"),
        ("finding:lost-code/a.rul x", "there is no such requirement (did you mean a.rule?)"),
        ("lost-code/a.rule x", "matches no fixture"),
        ("g/onee x", "matches no fixture (did you mean g/one?)"),
    ] {
        let error = known(line).unwrap_err();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn a_list_that_is_written_can_be_used_at_once() {
    let records = [
        failed("g/one", Level::Must, &[(Defect::LostCode, "a.rule")]),
        failed("g/two", Level::Must, &[(Defect::LostCode, "b.rule")]),
    ];
    let before = known("finding:lost-code/b.rule upstream 7\n").unwrap();
    let requirements = requirements();
    let text = known_failures::render(&Report::new(&records, &requirements, &[]), &before, "");
    assert!(text.contains("finding:lost-code/b.rule upstream 7\n"), "what is known keeps its reason: {text}");
    assert!(text.contains("\nfinding:lost-code/a.rule\n"), "{text}");
    let list = known(&text).unwrap();
    assert_eq!(list.without_reason().collect::<Vec<_>>(), ["finding:lost-code/a.rule"]);
    for record in &records {
        assert!(list.reason("", &record.mismatches).is_some());
    }
}

#[test]
fn a_client_with_a_hundred_findings_is_told_in_a_screen_or_two() {
    let defects = [Defect::FalseSuccess, Defect::Hang, Defect::LostCode, Defect::WrongCode, Defect::Base64];
    let mut records = Vec::new();
    for number in 0..100 {
        for defect in defects {
            let requirement = format!("rule.number-{number}");
            records.push(failed(
                &format!("g/{}-{number}", defect.as_str()),
                Level::Must,
                &[(defect, &requirement)],
            ));
        }
    }
    let text = terminal::findings(&records, &requirements());
    assert!(text.lines().count() < 110, "{text}");
    for defect in defects {
        assert!(text.contains(defect.words()), "{defect:?}");
        assert!(text.contains(&format!("g/{}-", defect.as_str())), "each sort has its example: {text}");
    }
}

#[test]
fn what_is_known_is_not_told_again_and_is_in_the_headline() {
    let mut records = vec![
        failed("g/one", Level::Must, &[(Defect::LostCode, "a.rule")]),
        failed("g/two", Level::Should, &[(Defect::LostCode, "a.rule")]),
        failed("g/three", Level::Must, &[]),
    ];
    for record in records.iter_mut().take(2) {
        record.known = Some("upstream 7".into());
        record.expectation = Expectation::Expected;
    }
    assert_eq!(terminal::findings(&records, &requirements()), "");
    let summary = terminal::summary(&records);
    assert!(
        summary.contains("one 1: 1 of 3 correct; failed 1 must, 1 should; all 2 are known failures"),
        "{summary}"
    );
}

#[test]
fn a_headline_says_what_is_against_expectation() {
    let mut passes = failed("g/one", Level::Must, &[]);
    passes.expectation = Expectation::UnexpectedPass;
    passes.known = Some("said to fail".into());
    let fails = failed("g/two", Level::Should, &[(Defect::LostCode, "a.rule")]);
    for (records, says) in [
        (vec![fails.clone()], "0 of 1 correct; failed 1 should; none is a known failure"),
        (vec![passes.clone()], "1 of 1 correct; 1 unexpected"),
        (vec![passes, fails], "1 of 2 correct; failed 1 should; 2 unexpected"),
    ] {
        let summary = terminal::summary(&records);
        assert!(summary.contains(&format!("one 1: {says}\n")), "{summary}");
    }
}

/// The published page is of a run in which each adapter said what its client runs
/// on: most findings about HTTP are its HTTP library's.
#[test]
fn each_client_of_the_published_page_names_its_runtime() {
    let page = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/findings.md"));
    let mut rows = page
        .lines()
        .skip_while(|line| !line.starts_with("| client |"))
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let head = rows.next().unwrap();
    let column = head.iter().position(|name| *name == "runtime").unwrap();
    let rows: Vec<_> = rows.skip(1).collect();
    assert_eq!(rows.len(), 21);
    for row in rows {
        let (client, runtime) = (row[1], row[column]);
        assert!(runtime.contains(|c: char| c.is_ascii_digit()), "{client}: {runtime:?}");
    }
}
