//! Whatever makes `report` exit with 1 or 2 is a failed test case, an
//! annotation, and a line of every other report.

use std::path::Path;
use std::process::Output;

use attachset::client::ClientInfo;
use attachset::deadline::Retried;
use attachset::fixture::{Charges, Entry, Level};
use attachset::judge::{Defect, Mismatch, Verdict};
use attachset::report::ndjson;
use attachset::results::{Expectation, KnownFailures, Plan, ProblemKind, Record, Role, Shard};

use super::{report, requirements};

/// A requirement of the fixtures in `tests/data`.
const RULE: &str = "protocol.error-type-code";

fn client() -> ClientInfo {
    ClientInfo { name: "one".into(), version: "1.2".into(), language: "C".into(), ..ClientInfo::default() }
}

/// A fixture, as far as a list of known failures is about it.
fn entry<'a>(id: &'a str, cites: &'a [String]) -> Entry<'a> {
    static NONE: Charges = Charges::new();
    Entry { id, title: "", why: "", level: Level::Must, cites, charges: &NONE }
}

fn record(fixture: &str, verdict: Verdict) -> Record {
    let mismatch = Mismatch {
        step: 1,
        defect: Defect::LostCode,
        expected: "a code".into(),
        seen: "no code".into(),
        requirement: RULE.into(),
        otherwise: Vec::new(),
        level: Level::Must,
    };
    Record {
        role: Role::Client,
        fixture: fixture.into(),
        title: "reports the code".into(),
        level: Level::Must,
        cites: vec![RULE.into()],
        client: client(),
        verdict,
        // Decided by the plan.
        expectation: Expectation::Expected,
        known: None,
        mismatches: if verdict == Verdict::Fail { vec![mismatch] } else { Vec::new() },
        notes: if verdict == Verdict::Pass { Vec::new() } else { vec!["so it is".into()] },
        outcomes: vec!["success".into()],
        wire: Vec::new(),
        took_ms: 1,
        retried: None,
    }
}

fn plan(fixtures: &[&str]) -> Plan {
    Plan {
        client: client(),
        fixtures: fixtures.iter().map(|id| (*id).into()).collect(),
        shard: None,
        more: 0,
        strict: false,
        search: None,
        known: KnownFailures::default(),
    }
}

/// A list that a run of these fixtures must show to hold.
fn known(text: &str, plan: &mut Plan) {
    let ids = || plan.fixtures.iter().map(String::as_str);
    let cites = [RULE.to_owned()];
    let entry = |id| entry(id, &cites);
    let list = KnownFailures::parse(text, ids(), &requirements()).unwrap();
    plan.known = list.planned(|id| ids().any(|of| of == id), ids().map(entry));
}

fn results(plans: &[Plan], records: &[Record]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = ndjson::Writer::new(&mut out, plans).unwrap();
    records.iter().for_each(|record| writer.write(record).unwrap());
    out
}

/// What `report` makes of results: its exit code, and what each format says.
struct Told {
    code: i32,
    failed: usize,
    junit_failed: usize,
    annotations: usize,
    findings: String,
    /// Standard error, JUnit, annotations, Markdown and the page.
    texts: [(&'static str, String); 5],
}

fn told(results: &[u8]) -> Told {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (file, junit, markdown, page) = (path("r.ndjson"), path("r.xml"), path("r.md"), path("r.html"));
    let findings = path("findings.md");
    std::fs::write(&file, results).unwrap();
    let options =
        ["--junit", &junit, "--markdown", &markdown, "--html", &page, "--findings", &findings, "--github"];
    let Output { status, stdout, stderr } = report(&[Path::new(&file)], &options);
    let stdout = String::from_utf8(stdout).unwrap();
    let (annotations, last) = stdout.trim_end().rsplit_once('\n').unwrap_or(("", stdout.trim_end()));
    let failed = last.split(", ").nth(1).unwrap().strip_suffix(" failed").unwrap().parse().unwrap();
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let suites = quick_junit::Report::deserialize_from_str(&read(&junit)).unwrap().test_suites;
    let is_failed =
        |case: &&quick_junit::TestCase| matches!(case.status, quick_junit::TestCaseStatus::NonSuccess { .. });
    Told {
        code: status.code().unwrap(),
        failed,
        junit_failed: suites.iter().flat_map(|suite| &suite.test_cases).filter(is_failed).count(),
        annotations: annotations.lines().filter(|line| line.starts_with("::error ")).count(),
        findings: read(&findings),
        texts: [
            ("stderr", String::from_utf8(stderr).unwrap()),
            ("junit", read(&junit)),
            ("github", annotations.to_owned()),
            ("markdown", read(&markdown)),
            ("html", read(&page)),
        ],
    }
}

/// The name of a case, the exit code, how much failed, words that each format
/// has, and the results.
type Case = (&'static str, i32, usize, &'static str, Vec<u8>);

fn cases() -> Vec<Case> {
    let (pass, fail) = (record("g/pass", Verdict::Pass), record("g/fail", Verdict::Fail));
    let both = || plan(&["g/fail", "g/pass"]);
    let mut stale = both();
    known(&format!("finding:lost-code/{RULE} upstream 7\n"), &mut stale);
    let known_to_fail = stale.clone();
    let mut passes = both();
    known("g/pass upstream 8\n", &mut passes);
    let strict = Plan { strict: true, ..both() };
    let shard = |part| Plan { shard: Some(Shard { part, of: 3 }), ..plan(&["g/a", "g/b", "g/c", "g/d"]) };
    let [a, b, c] = ["g/a", "g/b", "g/c"].map(|id| record(id, Verdict::Pass));
    let cut = |mut bytes: Vec<u8>| {
        bytes.truncate(bytes.len() - 9);
        bytes
    };
    let r = results;
    vec![
        ("a failure", 1, 1, "g/fail", r(&[both()], &[pass.clone(), fail.clone()])),
        ("an unexpected pass", 1, 2, "g/pass", r(&[passes], &[pass.clone(), fail.clone()])),
        ("a broken adapter", 1, 1, "g/fail", r(&[both()], &[pass.clone(), record("g/fail", Verdict::Error)])),
        (
            "a tolerated one",
            1,
            1,
            "g/fail",
            r(&[strict], &[pass.clone(), record("g/fail", Verdict::Tolerated)]),
        ),
        ("a stale line", 1, 1, "lost-code/protocol.error-type-code", r(&[stale], &[pass.clone(), right()])),
        ("a missing record", 1, 1, "g/fail", r(&[both()], std::slice::from_ref(&pass))),
        (
            "a missing shard",
            1,
            1,
            "shard 2/3",
            r(&[shard(1), shard(3)], &[a.clone(), record("g/d", Verdict::Pass), c.clone()]),
        ),
        ("a record that a shard lacks", 1, 1, "g/d", r(&[shard(1), shard(2), shard(3)], &[a, b, c])),
        ("a file that is cut short", 1, 2, "r.ndjson", cut(r(&[both()], &[pass.clone(), right()]))),
        (
            "a client that was not run",
            2,
            1,
            "1 more client",
            r(&[Plan { more: 1, ..both() }], &[pass.clone(), right()]),
        ),
        (
            "nothing judged",
            2,
            1,
            "so it is",
            r(&[plan(&["g/pass"])], &[record("g/pass", Verdict::Unsupported)]),
        ),
        (
            "nothing but observed",
            2,
            1,
            "so it is",
            r(&[plan(&["g/pass"])], &[record("g/pass", Verdict::Observed)]),
        ),
        ("no records", 2, 1, "no records", r(&[], &[])),
        ("all as planned", 0, 0, "", r(&[both()], &[pass.clone(), right()])),
        ("a known failure", 0, 0, "", r(&[known_to_fail], &[pass, fail])),
    ]
}

/// The fixture that other cases fail, passed.
fn right() -> Record {
    record("g/fail", Verdict::Pass)
}

/// Whether a case is one of a record, and not of a problem beside the records.
fn results_fail(name: &str) -> bool {
    ["an unexpected pass", "a tolerated one"].contains(&name)
}

#[test]
fn every_report_agrees_with_the_exit_code() {
    for (name, code, failed, words, results) in cases() {
        let told = told(&results);
        let stderr = &told.texts[0].1;
        assert_eq!((told.code, told.failed), (code, failed), "{name}: {stderr}");
        assert_eq!(told.junit_failed, failed, "{name}: failed test cases");
        assert_eq!(told.annotations > 0, code != 0, "{name}: annotations");
        for (format, text) in &told.texts {
            assert!(text.contains(words), "{name}: {format} does not say {words:?}: {text}");
        }
        // The list of findings has what is wrong with a client, whether known or
        // not, and the problems of the run.
        let is_problem = !results_fail(name);
        assert!(!is_problem || told.findings.contains(words), "{name}: {}", told.findings);
        let is_clean = told.texts[3].1.contains("All results are as expected.");
        assert_eq!(is_clean, code == 0, "{name}: Markdown");
    }
}

/// A failure that one shard alone attributes to the special requirement is
/// attributed to the plain one where another shard shows that.
#[test]
fn shards_are_attributed_as_the_whole_run_is() {
    let chain = |id: &str, chain: &[&str]| {
        let mut record = record(id, Verdict::Fail);
        for mismatch in &mut record.mismatches {
            mismatch.requirement = chain[0].into();
            mismatch.otherwise = chain[1..].iter().map(|id| (*id).into()).collect();
        }
        record
    };
    let whole = [chain("g/a", &["p", "q"]), chain("g/b", &["p"])];
    let mut expected = whole.to_vec();
    attachset::results::conclude(&mut expected, &[]);
    assert_eq!(expected[0].mismatches[0].requirement, "p");
    let shards = whole.map(|record| {
        let mut records = vec![record];
        attachset::results::conclude(&mut records, &[]);
        records
    });
    assert_eq!(shards[0][0].mismatches[0].requirement, "q", "alone");
    let files = shards.map(|records| (String::new(), records));
    assert_eq!(attachset::results::merge(files).records, expected);
}

/// What one run alone leaves open is on the list or not once it is decided.
#[test]
fn a_failure_is_expected_by_what_it_is_attributed_to() {
    for (listed, expected) in [("protocol.error-type-code", false), ("protocol.error-sanitize", true)] {
        let mut record = record("g/a", Verdict::Fail);
        record.mismatches[0].otherwise = vec!["protocol.error-sanitize".into()];
        let mut plan = plan(&["g/a"]);
        known(&format!("finding:lost-code/{listed} x\n"), &mut plan);
        record.expect(&plan.known, false);
        assert_eq!(record.expectation, Expectation::Expected, "it may be either");
        let mut records = [record];
        attachset::results::conclude(&mut records, &[plan]);
        assert_eq!(records[0].expectation == Expectation::Expected, expected, "{listed}");
    }
}

/// A finding is gone only if all that can show it ran, and one was judged.
#[test]
fn a_finding_is_gone_only_if_what_could_show_it_ran() {
    let gone = |planned: &[&str], verdicts: &[(&str, Verdict)], requirement: &str| {
        let mut plan = plan(planned);
        let cites = [RULE.to_owned()];
        let entry = |id| entry(id, &cites);
        let list = format!("finding:lost-code/{requirement} x\n");
        plan.known = KnownFailures::parse(&list, [].into_iter(), &requirements())
            .unwrap()
            .planned(|id| planned.contains(&id), ["g/a", "g/b"].into_iter().map(entry));
        let mut records: Vec<_> = verdicts.iter().map(|(id, verdict)| record(id, *verdict)).collect();
        let problems = attachset::results::conclude(&mut records, &[plan]);
        problems.iter().any(|problem| problem.kind == ProblemKind::StaleLine)
    };
    use Verdict::{Fail, Pass, Unsupported};
    let all = &["g/a", "g/b"];
    assert!(gone(all, &[("g/a", Pass), ("g/b", Pass)], RULE));
    assert!(gone(all, &[("g/a", Pass), ("g/b", Unsupported)], RULE));
    assert!(!gone(all, &[("g/a", Pass), ("g/b", Fail)], RULE), "it shows");
    assert!(!gone(all, &[("g/a", Unsupported), ("g/b", Unsupported)], RULE), "nothing was judged");
    assert!(!gone(all, &[("g/a", Pass)], RULE), "one is missing");
    assert!(!gone(&["g/a"], &[("g/a", Pass)], RULE), "one was not planned");
    assert!(!gone(all, &[("g/a", Pass), ("g/b", Pass)], "protocol.error-sanitize"), "none can show it");
}

/// What was met alone passes, and is no verdict on the client: exit code 2.
#[test]
fn a_machine_that_is_too_slow_is_a_matter_of_the_set_up() {
    let slow = |fixture| Record { retried: Some(Retried::Met), ..record(fixture, Verdict::Pass) };
    let confirmed = Record { retried: Some(Retried::Confirmed), ..record("a/three", Verdict::Pass) };
    let mut records = [slow("a/one"), slow("a/two"), confirmed];
    let problems = attachset::results::conclude(&mut records, &[plan(&["a/one", "a/two", "a/three"])]);
    let about: Vec<_> = problems.iter().map(|problem| (problem.kind, problem.about.as_str())).collect();
    assert_eq!(about, [(ProblemKind::SlowMachine, "a/one"), (ProblemKind::SlowMachine, "a/two")]);
    assert!(ProblemKind::SlowMachine.is_set_up());
    let line = problems.first().unwrap().to_string();
    assert!(
        line.starts_with("one 1.2: the machine was too slow for a verdict: these missed their deadline, "),
        "{line}"
    );
}
