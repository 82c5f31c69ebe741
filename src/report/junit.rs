//! Results for a continuous-integration server, as JUnit XML.

use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::text::visible;
use super::{Report, terminal};
use crate::client::ClientInfo;
use crate::findings::FindingId;
use crate::judge::Verdict;
use crate::results::{Expectation, Problem, Record, Standing};

/// The report: a test suite a client, a test case a fixture, and one for each
/// problem of the run.
///
/// # Errors
/// Where the XML cannot be written, which strings do not cause.
pub fn render(report: &Report<'_>) -> Result<String, quick_junit::SerializeError> {
    let mut out = quick_junit::Report::new("attachset");
    let mut problems: Vec<_> = report.problems.iter().collect();
    for (client, records) in report.table.by_client() {
        let of_client = problems.extract_if(.., |problem| problem.client.as_ref() == Some(client));
        let of_client: Vec<_> = of_client.map(problem).collect();
        let mut suite = suite(client);
        suite.add_test_cases(records.into_iter().map(|record| test_case(record, report)));
        suite.add_test_cases(of_client);
        out.add_test_suite(suite);
    }
    // A client without records has no suite above.
    for of in problems.chunk_by(|one, other| one.client == other.client) {
        let client = of.first().and_then(|problem| problem.client.as_ref());
        let mut suite = client.map_or_else(|| TestSuite::new("attachset"), suite);
        suite.add_test_cases(of.iter().copied().map(problem));
        out.add_test_suite(suite);
    }
    out.to_string()
}

fn suite(client: &ClientInfo) -> TestSuite {
    let mut suite = TestSuite::new(visible(&client.to_string()));
    suite.add_property(("client.name", &*visible(&client.name)));
    suite.add_property(("client.version", &*visible(&client.version)));
    suite.add_property(("client.language", &*visible(&client.language)));
    suite.add_property(("client.runtime", &*visible(&client.runtime)));
    suite.add_property(("client.title", &*visible(&client.title)));
    suite
}

fn problem(problem: &Problem) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(visible(&problem.to_string())).set_type(problem.kind.as_str());
    let mut case = TestCase::new(visible(&problem.about), status);
    case.set_classname(problem.client.as_ref().map_or("attachset".into(), |client| visible(&client.name)));
    case
}

fn test_case(record: &Record, report: &Report<'_>) -> TestCase {
    let mut status = match (record.standing(), record.verdict) {
        (Standing::Passed, _) => TestCaseStatus::success(),
        (Standing::Skipped, _) => TestCaseStatus::skipped(),
        (Standing::Failed, Verdict::Error) => TestCaseStatus::non_success(NonSuccessKind::Error),
        (Standing::Failed, _) => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    if record.standing() != Standing::Passed {
        status.set_message(visible(&record.reason())).set_type(visible(&kind(record)));
    }
    if record.standing() == Standing::Failed {
        // What colours a terminal is left out by the writer.
        status.set_description(terminal::failure(record, report.requirements));
    }
    let mut case = TestCase::new(visible(&record.fixture), status);
    case.set_classname(visible(&record.client.name)).set_time(Duration::from_millis(record.took_ms));
    if record.standing() == Standing::Passed && !record.notes.is_empty() {
        case.set_system_out(visible(&record.notes.join("\n")));
    }
    case
}

fn kind(record: &Record) -> String {
    match (record.expectation, record.mismatches.first()) {
        (Expectation::UnexpectedPass, _) => "unexpected-pass".into(),
        (_, Some(mismatch)) => FindingId::of(mismatch).to_string(),
        (_, None) => record.verdict.as_str().into(),
    }
}
