//! Results for a continuous-integration server, as JUnit XML.

use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::text::visible;
use super::{Report, terminal};
use crate::findings::FindingId;
use crate::judge::Verdict;
use crate::results::{Expectation, Record, Standing};

/// The report: a test suite a client, a test case a fixture.
///
/// # Errors
/// Where the XML cannot be written, which strings do not cause.
pub fn render(report: &Report<'_>) -> Result<String, quick_junit::SerializeError> {
    let mut out = quick_junit::Report::new("attachset");
    for (client, records) in report.table.by_client() {
        let mut suite = TestSuite::new(visible(&client.to_string()));
        suite.add_property(("client.name", &*visible(&client.name)));
        suite.add_property(("client.version", &*visible(&client.version)));
        suite.add_property(("client.language", &*visible(&client.language)));
        suite.add_test_cases(records.into_iter().map(|record| test_case(record, report)));
        out.add_test_suite(suite);
    }
    out.to_string()
}

fn test_case(record: &Record, report: &Report<'_>) -> TestCase {
    let mut status = match (record.standing(), record.verdict) {
        (Standing::Passed, _) => TestCaseStatus::success(),
        (Standing::Skipped, _) => TestCaseStatus::skipped(),
        (Standing::Failed, Verdict::Error) => TestCaseStatus::non_success(NonSuccessKind::Error),
        (Standing::Failed, _) => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    if record.standing() != Standing::Passed {
        status.set_message(visible(&record.reason())).set_type(kind(record));
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
