//! The reference client passes every fixture that the documents decide: one
//! test a fixture, found when the tests run.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::Path;

use attachset::client::Reference;
use attachset::fixture::Level;
use attachset::judge::Verdict;
use attachset::runner::{self, Options};

fn conforms(path: &Path) -> datatest_stable::Result<()> {
    let fixture = common::fixture(path);
    let right: &[Verdict] = match fixture.level {
        Level::May => &[Verdict::Observed],
        // What is tolerated may come of a race that no client can decide.
        Level::Must | Level::Should => &[Verdict::Pass, Verdict::Tolerated],
    };
    let mut runs = Vec::new();
    let start = || async { Ok(Reference::new()) };
    let run = runner::run(vec![fixture.into()], Options::default(), start, |run| runs.push(run));
    tokio::runtime::Runtime::new()?.block_on(run)?;
    let judgement = &runs.first().unwrap().judgement;
    assert!(right.contains(&judgement.verdict), "{judgement:#?}");
    Ok(())
}

datatest_stable::harness! {
    { test = conforms, root = common::FIXTURES, pattern = r"\.json$" },
}
