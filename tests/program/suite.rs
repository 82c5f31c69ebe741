//! What a Rust user gets in `cargo test`: what the program gives.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use attachset::client::{Call, Client, Reference};
use attachset::fixture::Defect;
use attachset::suite::{Report, Suite, SuiteError};
use attachset::transcript::End;
use attachset::wire::outcome::{ErrorKind, Outcome};

/// Reports each error of the service without its code.
struct Codeless(Reference);

impl Client for Codeless {
    async fn call(&mut self, call: &Call) -> End {
        let mut outcome = self.0.call(call).await?;
        if let Outcome::Error(error) = &mut outcome
            && error.kind == ErrorKind::Service
        {
            error.code = None;
        }
        Ok(outcome)
    }
}

fn judged(suite: Suite) -> Result<Report, SuiteError> {
    let run = suite.run(|| async { Ok(Codeless(Reference::new())) });
    tokio::runtime::Runtime::new().unwrap().block_on(run)
}

fn suite() -> Suite {
    Suite::of("codeless").only("error/*").skip("error/*message*")
}

/// A list of all findings of a report.
fn known(report: &Report) -> String {
    let findings = report.findings();
    let lines = findings.iter().map(|finding| format!("finding:{}  issue 12\n", finding.id));
    lines.collect()
}

#[test]
fn a_wrong_client_has_findings_and_a_readable_report() {
    let report = judged(suite()).unwrap();
    assert!(!report.is_as_expected());
    let findings = report.findings();
    assert!(findings.iter().all(|finding| finding.id.defect == Defect::LostCode), "{findings:#?}");
    let shown: usize = findings.iter().map(|finding| finding.shown.len()).sum();
    assert!(findings.len() < shown, "{} findings in {shown} fixtures", findings.len());
    let all = report.unexpected().flat_map(|record| &record.mismatches);
    assert!(all.into_iter().all(|mismatch| mismatch.is_attributed()));

    let text = report.to_string();
    let headline = "lost the error code";
    assert!(text.contains(headline) && text.contains("codeless") && !text.contains('\u{1b}'), "{text}");
    let last = format!("{} failed, ", report.unexpected().count());
    assert!(text.lines().last().unwrap().contains(&last), "{text}");
    let first = report.unexpected().next().unwrap();
    assert!(format!("{report:#}").starts_with(&format!("FAIL {} (codeless)", first.fixture)));
}

#[test]
fn what_is_known_to_fail_is_expected_until_it_passes() {
    let known = known(&judged(suite()).unwrap());
    let report = judged(suite().known_failures(&known)).unwrap();
    assert!(report.is_as_expected() && !report.findings().is_empty(), "{report}");

    let passes = Suite::of("reference").only("error/*").known_failures(&known);
    let run = passes.run(|| async { Ok(Reference::new()) });
    let report = tokio::runtime::Runtime::new().unwrap().block_on(run).unwrap();
    assert!(!report.is_as_expected() && report.findings().is_empty());
    assert!(report.to_string().contains("no longer shown; remove from the list"), "{report}");
}

#[test]
fn a_mistake_in_a_suite_is_an_error_that_says_what_to_do() {
    let error = |suite| judged(suite).unwrap_err().to_string();
    let mistyped = error(Suite::of("x").only("error/attachment-set-expird"));
    assert!(mistyped.contains(" (did you mean error/attachment-set-expired"), "{mistyped}");
    let unknown = error(suite().known_failures("finding:lost-code/no.such"));
    assert!(unknown.starts_with("known failures: line 1: finding:lost-code/no.such: "), "{unknown}");
}
