//! Servers judged by the fixtures of the service role: the documented service
//! passes them all, and every wrong one fails.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod fuzz;
mod hangs;
mod http;
mod mutants;
mod proxy;
mod time;
mod waiting;

use crate::common;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use attachset::check::{self, Options};
use attachset::fixture::{Level, Send, ServiceFixture, ServiceNeed, Set};
use attachset::judge::{Defect, Verdict};
use attachset::serve::{self, Server, test_credentials};

use mutants::{MUTANTS, Mutant};

static RUNTIME: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap());

static FIXTURES: LazyLock<Vec<Arc<ServiceFixture>>> = LazyLock::new(|| {
    let set = Set::embedded().unwrap_or_else(|error| panic!("{error}"));
    set.service.into_iter().map(Arc::new).collect()
});

/// The fixtures that send less than a megabyte at once.
static SMALL: LazyLock<Vec<Arc<ServiceFixture>>> =
    LazyLock::new(|| fixtures().into_iter().filter(|fixture| !is_large(fixture)).collect());

fn fixtures() -> Vec<Arc<ServiceFixture>> {
    FIXTURES.clone()
}

/// A server under test that has all that a fixture can need.
fn equipped(url: &str) -> check::Server {
    let clock = Some(format!("{url}/_attachset/clock").parse().unwrap());
    check::Server { clock, verifies_signatures: true, ..check::Server::new(url.parse().unwrap()) }
}

fn options() -> serve::Options {
    serve::Options { verify: Some(test_credentials()), ..serve::Options::default() }
}

fn run(fixtures: Vec<Arc<ServiceFixture>>, url: &str) -> Vec<check::Run> {
    run_with(fixtures, url, Options::default())
}

fn run_with(fixtures: Vec<Arc<ServiceFixture>>, url: &str, options: Options) -> Vec<check::Run> {
    let mut runs = Vec::new();
    RUNTIME.block_on(check::run(fixtures, equipped(url), options, |run| runs.push(run))).unwrap();
    runs
}

#[test]
fn the_documented_service_passes_every_fixture() {
    let server = Server::with(options()).unwrap();
    for check::Run { fixture, judgement, .. } in run(fixtures(), &server.url()) {
        let expected = if fixture.level == Level::May { Verdict::Observed } else { Verdict::Pass };
        assert_eq!(judgement.verdict, expected, "{}: {judgement:#?}", fixture.id);
    }
}

#[test]
fn a_server_without_clock_or_verifier_is_not_judged_by_what_it_lacks() {
    let server = Server::start().unwrap();
    let is_lacking =
        |fixture: &ServiceFixture| fixture.advances() || fixture.needs.contains(&ServiceNeed::Signatures);
    let lacking: Vec<_> = fixtures().into_iter().filter(|fixture| is_lacking(fixture)).collect();
    let plain = check::Server::new(server.url().parse().unwrap());
    let mut seen = 0;
    let run = check::run(lacking.clone(), plain, Options::default(), |run| {
        assert_eq!(run.judgement.verdict, Verdict::Unsupported, "{}", run.fixture.id);
        seen += 1;
    });
    RUNTIME.block_on(run).unwrap();
    assert_eq!(seen, lacking.len());
}

fn about_cases() -> Vec<Arc<ServiceFixture>> {
    fixtures().into_iter().filter(|fixture| fixture.needs.contains(&ServiceNeed::Cases)).collect()
}

#[test]
fn a_server_without_cases_is_not_judged_by_them() {
    for mutant in &mutants::WITHOUT_CASES {
        let url = proxy::start(mutant, Server::with(options()).unwrap());
        let runs = run(about_cases(), &url);
        assert!(!runs.is_empty());
        for check::Run { fixture, judgement, .. } in runs {
            assert_eq!(judgement.verdict, Verdict::Unsupported, "{}: {}", fixture.id, mutant.mistake);
        }
    }
}

/// What the documents leave open of cases fails nothing.
#[test]
fn no_choice_about_cases_is_a_failure() {
    use attachset::service::{Options, RateLimit, UsedSet};
    let limit = RateLimit { most: 1, per: std::time::Duration::from_secs(3600) };
    for (service, verdict) in [
        (Options { used_set: UsedSet::Ends, ..Options::default() }, Verdict::Pass),
        (Options { max_open_cases: Some(1), ..Options::default() }, Verdict::Unsupported),
        (Options { describe_limit: Some(limit), ..Options::default() }, Verdict::Unsupported),
    ] {
        let server = Server::with(serve::Options { service, ..options() }).unwrap();
        let runs = run(about_cases(), &server.url());
        assert!(runs.iter().any(|run| run.judgement.verdict == verdict));
        for check::Run { fixture, judgement, .. } in runs {
            assert_ne!(judgement.verdict, Verdict::Fail, "{}: {judgement:#?}", fixture.id);
        }
    }
}

/// How many sets in how short a time are too many is not documented: a server
/// that draws the line early fails nothing by it.
#[test]
fn a_rate_limit_is_not_a_failure() {
    let rate_limit =
        Some(attachset::service::RateLimit { most: 3, per: std::time::Duration::from_secs(3600) });
    let service = attachset::service::Options { rate_limit, ..Default::default() };
    let server = Server::with(serve::Options { service, ..options() }).unwrap();
    let create = fixtures().into_iter().filter(|fixture| fixture.group() == "create").collect();
    let runs = run(create, &server.url());
    assert!(runs.iter().any(|run| run.judgement.verdict == Verdict::Unsupported));
    assert!(runs.iter().all(|run| run.judgement.verdict != Verdict::Fail));
}

/// Nor is what any service may answer that is asked too much.
#[test]
fn throttling_is_not_a_failure() {
    let url = proxy::start(&mutants::THROTTLES, Server::with(options()).unwrap());
    let create = fixtures().into_iter().filter(|fixture| fixture.group() == "create");
    let judged = create.filter(|fixture| fixture.level != Level::May).collect();
    let runs = run(judged, &url);
    assert!(!runs.is_empty());
    assert!(runs.iter().all(|run| run.judgement.verdict == Verdict::Unsupported), "{runs:#?}");
}

/// What a mutant is found to do wrong: the way, the requirement broken, and the
/// fixtures that show it.
type Findings = BTreeMap<(Defect, String), Vec<String>>;

fn findings(mutant: &'static Mutant) -> Findings {
    let inner = Server::with(serve::Options { service: (mutant.service)(), ..options() }).unwrap();
    let url = proxy::start(mutant, inner);
    let all = if mutant.large { &FIXTURES } else { &SMALL };
    let judged = all.iter().filter(|fixture| fixture.level != Level::May).cloned().collect();
    let mut findings = Findings::new();
    for run in run(judged, &url) {
        for mismatch in run.judgement.mismatches {
            let shown = findings.entry((mismatch.defect, mismatch.requirement)).or_default();
            shown.push(run.fixture.id.clone());
        }
    }
    for shown in findings.values_mut() {
        shown.sort();
        shown.dedup();
    }
    findings
}

/// What a mutant is found to do wrong, also as a text.
fn told(mutant: &'static Mutant) -> (Findings, String) {
    let findings = findings(mutant);
    let mut text = format!("{}\n", mutant.mistake);
    for ((defect, requirement), shown) in &findings {
        writeln!(text, "    {}: {requirement}", defect.as_str()).unwrap();
        for fixture in shown {
            writeln!(text, "        {fixture}").unwrap();
        }
    }
    (findings, text)
}

/// Whether it sends a megabyte or more: that is for mutants that need it.
fn is_large(fixture: &ServiceFixture) -> bool {
    fixture.exchanges().any(|exchange| match &exchange.send {
        Send::Call(call) => attachset::wire::encode::input_body(&call.input()).len() > 1_000_000,
        Send::Request(request) => request.body.as_ref().is_some_and(|body| body.to_bytes().len() > 1_000_000),
        Send::Raw(_) => false,
    })
}

/// What is no HTTP never reaches a mutant behind a proxy.
#[test]
fn a_server_that_takes_anything_is_failed_by_what_is_not_http() {
    let raw = fixtures().into_iter().filter(|fixture| {
        fixture.level == Level::Must
            && fixture.exchanges().any(|exchange| matches!(exchange.send, Send::Raw(_)))
    });
    let raw: Vec<_> = raw.collect();
    let runs = run(raw.clone(), &proxy::start_yes());
    assert!(!raw.is_empty() && runs.len() == raw.len());
    for check::Run { fixture, judgement, .. } in runs {
        assert_eq!(judgement.verdict, Verdict::Fail, "{}", fixture.id);
    }
}

#[test]
fn every_mutant_is_failed_and_every_judged_fixture_fails_one() {
    let control = findings(&mutants::CONTROL);
    assert!(control.is_empty(), "behind the proxy, the documented service fails {control:#?}");
    let mut idle: Vec<_> = fixtures()
        .into_iter()
        .filter(|fixture| fixture.level != Level::May)
        // What is wrong with their HTTP, servers in `http` have.
        .filter(|fixture| !fixture.is_spelled())
        .filter(|fixture| !fixture.exchanges().any(|exchange| matches!(exchange.send, Send::Raw(_))))
        .map(|fixture| fixture.id.clone())
        .collect();
    let (mut survivors, mut others) = (Vec::new(), Vec::new());
    let mut listing = String::new();
    for mutant in common::sample(MUTANTS) {
        let (mut findings, mut text) = told(mutant);
        // A client may open another connection at any time, and what a mutant
        // remembers is a connection's.
        for _ in 0..4 {
            if common::is_in_snapshot("mutant-services", &text) {
                break;
            }
            (findings, text) = told(mutant);
        }
        listing.push_str(&text);
        if findings.is_empty() {
            survivors.push(mutant.mistake);
        }
        idle.retain(|id| !findings.values().any(|shown| shown.contains(id)));
        if let Some((defect, requirement)) = mutant.only {
            let found: Vec<_> = findings.keys().map(|(defect, id)| (*defect, id.as_str())).collect();
            assert_eq!(found, [(defect, requirement)], "{}", mutant.mistake);
        }
        if !common::is_in_snapshot("mutant-services", &text) {
            others.push(text);
        }
    }
    assert!(survivors.is_empty(), "no fixture fails {survivors:#?}");
    if common::is_whole() {
        assert!(idle.is_empty(), "no mutant is failed by {idle:#?}");
        common::snapshot("mutant-services", &listing);
    }
    assert!(others.is_empty(), "failed by other fixtures than listed: {others:#?}");
}
