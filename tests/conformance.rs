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
    let right = match fixture.level {
        Level::May => Verdict::Observed,
        Level::Must | Level::Should => Verdict::Pass,
    };
    let mut runs = Vec::new();
    let start = || async { Ok(Reference::new()) };
    let run = runner::run(vec![fixture.into()], Options::default(), start, |run| runs.push(run));
    tokio::runtime::Runtime::new()?.block_on(run)?;
    let judgement = &runs.first().unwrap().judgement;
    assert_eq!(judgement.verdict, right, "{judgement:#?}");
    Ok(())
}

datatest_stable::harness! {
    { test = conforms, root = common::FIXTURES, pattern = r"\.json$" },
}
