//! The reports: from a sample of real results, from hostile ones, and from
//! files that are cut short.
//!
//! The sample is what `validate --results` wrote for a few fixtures and
//! clients; `tests/data/requirements.json` has the requirements they cite.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod gate;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use attachset::fixture::{Basis, Requirements, Set};
use attachset::judge::Verdict;
use attachset::report::github::{self, Places};
use attachset::report::{Report, findings, html, issue, junit, markdown, ndjson, terminal};
use attachset::results::{Expectation, Record, merge};
use base64::Engine as _;
use sha2::{Digest as _, Sha256};

/// Set this to rewrite what these tests compare with.
const BLESS: &str = "ATTACHSET_BLESS";

/// What a client may put into a message, and no report may fall for.
const HOSTILE: &str = "</script><script>alert(1)</script> <img src=x onerror=alert(1)> | ` ``` ~~~ @everyone #1 \
                       </details>\n\n# heading\n| a | b |\n|---|---|\n\u{1b}[31mred\u{1b}]0;title\u{7} \u{0} \
                       \u{202e}drow\u{fffe} ]]> &amp; <!-- {{ x }} https://example.com \u{2028}";

fn data(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data")).join(name)
}

fn sample() -> Vec<Record> {
    let (results, error) = ndjson::read(&std::fs::read(data("results-sample.ndjson")).unwrap());
    assert!(error.is_none(), "{error:?}");
    merge([(String::new(), results)]).records
}

fn requirements() -> Requirements {
    Set::from_dir(&data("")).unwrap().requirements
}

/// The sample, as if every client, message and reason were hostile.
fn hostile() -> Vec<Record> {
    let mut records = sample();
    for record in &mut records {
        record.client.name.push_str(HOSTILE);
        record.client.version.push_str(HOSTILE);
        record.client.language.push_str(HOSTILE);
        record.notes.push(HOSTILE.into());
        record.outcomes.push(HOSTILE.into());
        for mismatch in &mut record.mismatches {
            mismatch.seen.push_str(HOSTILE);
        }
        for wire in &mut record.wire {
            wire.request.push_str(HOSTILE);
            wire.signature = Some(HOSTILE.into());
        }
    }
    records
}

/// Compares a committed file with what it must be, or rewrites it.
fn compare(name: &str, expected: &str) {
    let path = data(name);
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{} is not as it must be: set {BLESS}=1 to rewrite it", path.display());
}

#[test]
fn reports_of_the_sample_are_those_committed() {
    let (records, requirements) = (sample(), requirements());
    let report = Report::new(&records, &requirements, &[]);
    compare("findings.md", &findings::render(&report));
    compare("markdown.md", &markdown::render(&report));
    compare("junit.xml", &junit::render(&report).unwrap());
}

#[test]
fn reports_do_not_depend_on_the_order_of_the_records() {
    let (records, requirements) = (sample(), requirements());
    let mut reversed = records.clone();
    reversed.reverse();
    let (one, other) =
        (Report::new(&records, &requirements, &[]), Report::new(&reversed, &requirements, &[]));
    assert_eq!(findings::render(&one), findings::render(&other));
    assert_eq!(markdown::render(&one), markdown::render(&other));
    assert_eq!(html::render(&one).unwrap(), html::render(&other).unwrap());
}

#[test]
fn junit_has_a_named_case_for_each_record_and_a_message_for_each_that_is_skipped() {
    for records in [sample(), hostile()] {
        let requirements = requirements();
        let xml = junit::render(&Report::new(&records, &requirements, &[])).unwrap();
        let is_xml = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
        assert!(xml.chars().all(is_xml), "a character that XML does not have");
        let read = quick_junit::Report::deserialize_from_str(&xml).unwrap();
        let cases: Vec<_> = read.test_suites.iter().flat_map(|suite| &suite.test_cases).collect();
        assert_eq!(cases.len(), records.len());
        for case in cases {
            assert!(case.name.as_str().contains('/') && case.classname.is_some());
            if let quick_junit::TestCaseStatus::Skipped { message, .. } = &case.status {
                assert!(message.is_some(), "{} is skipped without a message", case.name.as_str());
            }
        }
    }
}

#[test]
fn hostile_text_breaks_no_markdown() {
    let (records, requirements) = (hostile(), requirements());
    let notices = [HOSTILE.to_owned()];
    let report = Report::new(&records, &requirements, &notices);
    let set = Set::embedded().unwrap();
    let issues = report.table.by_client().flat_map(|(client, of)| {
        let issue = |of: attachset::findings::Finding<'_>| {
            issue::render(&report, &set, &report.table.key(client), &of.id).unwrap()
        };
        attachset::findings::findings(of).into_iter().map(issue).collect::<Vec<_>>()
    });
    for text in issues.chain([markdown::render(&report), findings::render(&report)]) {
        let mut fence = None;
        let (mut opened, mut closed, mut columns) = (0, 0, None);
        for line in text.lines() {
            let ticks = line.len() - line.trim_start_matches('`').len();
            match fence {
                None if ticks >= 3 => fence = Some(ticks),
                Some(open) if ticks >= open => fence = None,
                None => {
                    opened += line.matches("<details>").count();
                    closed += line.matches("</details>").count();
                    assert!(!line.starts_with("# heading") && !line.contains("<img"), "{line}");
                    let count = line.starts_with('|').then(|| line.matches('|').count());
                    assert!(columns.is_none() || count.is_none() || columns == count, "{line}");
                    columns = count;
                }
                Some(_) => {}
            }
        }
        assert_eq!((fence, opened), (None, closed));
        assert!(!text.contains(['\u{1b}', '\u{0}', '\u{202e}']));
    }
    assert!(markdown::render(&report).len() < 65_536, "a comment on GitHub holds no more");
}

/// What stands between two marks, which occur once.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("no {start}"));
    assert!(!rest.contains(start), "{start} occurs twice");
    rest.split_once(end).unwrap().0
}

#[test]
fn the_page_has_every_cell_needs_nothing_else_and_runs_nothing_of_a_clients() {
    for records in [sample(), hostile()] {
        let requirements = requirements();
        let page = html::render(&Report::new(&records, &requirements, &[])).unwrap();
        assert_eq!(page.matches("<script").count(), 2, "the data and the program");
        let script = between(&page, "<script>", "</script>");
        let style = between(&page, "<style>", "</style>");
        let policy = between(&page, "Content-Security-Policy\" content=\"", "\">").replace("&#39;", "'");
        for (what, text) in [("script", script), ("style", style)] {
            let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text));
            assert!(policy.contains(&format!("{what}-src 'sha256-{hash}'")), "{policy}");
        }
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        for reference in ["url(", "@import", "fetch(", "XMLHttpRequest", "http:", "https:", "innerHTML"] {
            assert!(![script, style].iter().any(|text| text.contains(reference)), "{reference}");
        }
        let markup = page.replace(script, "").replace(style, "");
        for tag in markup.split('<').skip(1).filter_map(|tag| tag.split('>').next()) {
            assert!(!tag.contains(" src=") && !tag.contains(" on"), "<{tag}>");
            let href = tag.split_once("href=\"").map_or("#", |(_, href)| href);
            assert!(href.starts_with('#') || href == "data:,\"", "<{tag}>");
        }
        assert!(!page.contains("<img") && !page.contains(['\u{1b}', '\u{0}', '\u{202e}', '\u{fffe}']));

        let data: serde_json::Value =
            serde_json::from_str(between(&page, "id=\"data\">", "</script>")).unwrap();
        let fixtures = data.pointer("/fixtures").and_then(|it| it.as_array()).unwrap();
        let cells = fixtures
            .iter()
            .flat_map(|fixture| fixture.pointer("/cells").and_then(|it| it.as_array()).unwrap());
        assert_eq!(cells.filter(|cell| !cell.is_null()).count(), records.len());

        let table = between(&page, "<table id=\"matrix\">", "</table>");
        let clients = data.pointer("/clients").and_then(|it| it.as_array()).unwrap().len();
        let groups = table.matches("scope=\"rowgroup\"").count();
        assert_eq!(table.matches("scope=\"col\"").count(), clients + 1);
        assert_eq!(table.matches("scope=\"row\"").count(), fixtures.len());
        assert_eq!(table.matches("<td").count(), (fixtures.len() + groups) * clients);
        for tag in ["table", "tbody", "tr", "th", "td", "div", "span", "b", "svg", "dialog", "form", "p"] {
            let open = page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
            assert_eq!(open, page.matches(&format!("</{tag}>")).count(), "<{tag}>");
        }
    }
}

#[test]
fn annotations_are_ten_lines_at_most_and_no_text_of_a_clients_adds_one() {
    for records in [sample(), hostile()] {
        let requirements = requirements();
        let report = Report::new(&records, &requirements, &[]);
        let places = Places {
            program: Some("tests/a, b.py".into()),
            known_failures: Some("tests/a, b.py".into()),
            ..Places::default()
        };
        let text = github::annotations(&report, &places);
        let (last, first) =
            text.lines().collect::<Vec<_>>().split_last().map(|(a, b)| (*a, b.to_vec())).unwrap();
        assert_eq!(first.len(), 9);
        for line in first {
            let (properties, message) =
                line.strip_prefix("::error file=tests/a%2C b.py,title=").unwrap().split_once("::").unwrap();
            assert!(!properties.contains([',', '\n']), "{line}");
            assert!(message.contains("%0Aexpected: ") || message.contains("known failures"), "{line}");
        }
        assert!(last.ends_with(" more are in the job's summary"), "{last}");
    }
}

#[test]
fn an_annotation_stands_where_the_mistake_is_mended() {
    let requirements = requirements();
    let mut records: Vec<_> =
        sample().into_iter().filter(|record| record.expectation == Expectation::UnexpectedFailure).collect();
    records.truncate(1);
    let fixture = format!("::error file=own/client/{}.json,title=", records.first().unwrap().fixture);
    let mut places =
        Places { program: None, fixtures: Some("own".into()), known_failures: Some("known".into()) };
    let starts = |records: &[Record], places: &Places, with: &str| {
        let text = github::annotations(&Report::new(records, &requirements, &[]), places);
        assert!(text.starts_with(with), "{text}");
    };
    starts(&records, &places, &fixture);
    places.program = Some("adapter.py".into());
    starts(&records, &places, "::error file=adapter.py,title=");
    starts(&records, &Places::default(), "::error title=");
    for record in &mut records {
        record.expectation = Expectation::UnexpectedPass;
    }
    starts(&records, &places, "::error file=known,title=");
    assert_eq!(github::annotations(&Report::new(&[], &requirements, &[]), &places), "");
}

#[test]
fn no_line_on_a_terminal_is_wider_than_80_columns_whatever_the_clients_say() {
    let mut many = sample();
    for number in 0..18 {
        let mut record = many.first().unwrap().clone();
        record.client.name = format!("client-{}", "ü".repeat(number * 5));
        many.push(record);
    }
    for records in [sample(), hostile(), many] {
        let text = terminal::findings(&records, &requirements()) + &terminal::summary(&records);
        let text = anstream::adapter::strip_str(&text).to_string();
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
            assert!(!line.contains(|c: char| c.is_control()), "{line}");
        }
    }
}

#[test]
fn a_finding_is_a_bug_report_that_names_who_gets_it_right() {
    let (set, records) = (Set::embedded().unwrap(), sample());
    let report = Report::new(&records, &set.requirements, &[]);
    let clients: Vec<_> = report.table.by_client().collect();
    for (client, of) in &clients {
        let key = report.table.key(client);
        for finding in attachset::findings::findings(of.iter().copied()) {
            let text = issue::render(&report, &set, &key, &finding.id).unwrap();
            assert!(text.starts_with(&format!("# {client} {}", finding.id.defect.words())), "{text}");
            for part in ["## What happens", "## The exchange", "## Steps to reproduce", "ANSWERS = ["] {
                assert!(text.contains(part), "no {part}: {text}");
            }
            // What it rests on heads the requirement, and a rule of the project is
            // never given out as a document's words.
            let basis = finding.basis(&set.requirements);
            let headings: Vec<_> = text.lines().filter(|line| line.starts_with("## ")).collect();
            assert_eq!(headings.get(1), Some(&&*format!("## {}", basis.heading())), "{text}");
            if basis == Basis::Project {
                assert!(text.contains("project rule") && text.contains("docs/rulings.md#"), "{text}");
            } else {
                assert!(finding.levels().must > 0 || basis == Basis::Advice, "{text}");
                assert!(text.contains("](<https://"), "a document has its link: {text}");
            }
            let example = finding.records().next().unwrap();
            assert!(text.contains(&finding.shown.first().unwrap().1.seen), "{text}");
            let others = clients.iter().filter(|(other, _)| other != client);
            let mut passes = others.clone().filter(|(_, of)| {
                of.iter().any(|it| it.fixture == example.fixture && it.verdict == Verdict::Pass)
            });
            if finding.shown.len() == 1 && passes.next().is_some() {
                assert!(text.contains("Correct: "), "{text}");
            }
        }
    }
    let finding = "hang/user.answers-in-time".parse().unwrap();
    let no_client = issue::render(&report, &set, "no-such", &finding).unwrap_err();
    assert!(no_client.to_string().contains("the results have no client no-such; they have "), "{no_client}");
    let near = issue::render(&report, &set, "aws-sdk-rst", &finding).unwrap_err();
    assert!(near.to_string().contains("aws-sdk-rst (did you mean aws-sdk-rust?); they have "), "{near}");
    let no_finding = issue::render(&report, &set, "aws-sdk-rust", &finding).unwrap_err();
    assert!(no_finding.to_string().contains("does not show hang/user.answers-in-time"), "{no_finding}");
}

#[test]
fn the_later_of_two_records_counts() {
    let first = sample();
    let mut second: Vec<_> = first.iter().take(2).cloned().collect();
    for record in &mut second {
        record.expectation = Expectation::Expected;
        record.known = Some("later".into());
    }
    let merged = merge([("a".to_owned(), first.clone()), ("b".to_owned(), second)]);
    assert_eq!(merged.records.len(), first.len());
    assert_eq!(merged.records.iter().filter(|record| record.known.as_deref() == Some("later")).count(), 2);
    let client = first.first().unwrap().client.to_string();
    assert_eq!(merged.notices, [format!("b: 2 records of {client} in place of those in a")]);
}

fn report(files: &[&Path], more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_attachset"))
        .arg("report")
        .args(files)
        .args(more)
        .arg("--fixtures")
        .arg(data(""))
        .output()
        .unwrap()
}

#[test]
fn the_exit_code_and_the_last_line_are_those_of_a_run() {
    let output = report(&[&data("results-sample.ndjson")], &[]);
    let unexpected = sample().iter().filter(|record| record.expectation != Expectation::Expected).count();
    assert!(unexpected > 0);
    assert_eq!(output.status.code(), Some(1));
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.lines().last().unwrap().contains(&format!(" {unexpected} failed, ")), "{stdout}");
}

#[test]
fn of_a_file_that_is_cut_short_the_whole_records_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    let (results, page) = (dir.path().join("cut.ndjson"), dir.path().join("page.html"));
    let whole = std::fs::read(data("results-sample.ndjson")).unwrap();
    std::fs::write(&results, whole.get(..whole.len() / 2).unwrap()).unwrap();
    let output = report(&[&results], &["--html", page.to_str().unwrap()]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("cut.ndjson (line") && stderr.contains("whole records are kept"), "{stderr}");
    assert!(String::from_utf8(output.stdout).unwrap().contains(" passed, "));
    assert!(std::fs::read_to_string(page).unwrap().contains("cut short"), "the page says so as well");
}

#[test]
fn what_is_no_results_file_or_of_another_version_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("results.ndjson");
    for (text, problem) in [
        ("", "line 1: not a results file"),
        ("{\"fixture\":1}\n", "line 1: not a results file"),
        ("{\"attachsetResults\":2,\"version\":\"9.0.0\"}\n", "of format 2"),
        ("{\"attachsetResults\":2,\"version\":\"9.0.0\",\"shards\":[]}\n", "of format 2"),
    ] {
        std::fs::write(&file, text).unwrap();
        let output = report(&[&data("results-sample.ndjson"), &file], &[]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(problem) && output.stdout.is_empty(), "{stderr}");
    }
}

#[test]
fn results_files_written_one_after_the_other_into_one_are_read_as_one() {
    let whole = std::fs::read(data("results-sample.ndjson")).unwrap();
    let (results, error) = ndjson::read(&[whole.clone(), whole].concat());
    assert!(error.is_none());
    assert_eq!(results.records.len(), sample().len() * 2);
}

/// Failures alone have records.
#[test]
fn a_report_on_a_search_without_a_failure_counts_what_passed() {
    let dir = tempfile::tempdir().unwrap();
    let results = dir.path().join("results.ndjson");
    let output = Command::new(env!("CARGO_BIN_EXE_attachset"))
        .args(["fuzz", "--seed", "1", "--cases", "30", "--results"])
        .arg(&results)
        .output()
        .unwrap();
    let found = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && !found.starts_with("0 passed"), "{found}");
    let output = report(&[&results], &[]);
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_eq!((output.status.code(), &*shown), (Some(0), &*found));
}

#[test]
fn the_page_names_an_adapter_and_not_its_arguments() {
    let dir = tempfile::tempdir().unwrap();
    let page = dir.path().join("report.html");
    Command::new(env!("CARGO_BIN_EXE_attachset"))
        .args(["validate", "--only", "success/create", "--html"])
        .arg(&page)
        .args(["--", "false", "--token", "hunter2"])
        .output()
        .unwrap();
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("-- false ...</code>") && !page.contains("hunter2"), "{page}");
}
