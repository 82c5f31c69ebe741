//! The reference client passes every fixture that the documents decide.

#![cfg(feature = "harness")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;

use attachset::client::Reference;
use attachset::fixture::{Level, Set};
use attachset::judge::Verdict;
use attachset::runner::{self, Options};

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_client_passes_every_judged_fixture() {
    let set = Set::from_dir(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"))).unwrap();
    let fixtures: Vec<_> = set.client.into_iter().map(Arc::new).collect();
    let (count, mut seen, mut wrong) = (fixtures.len(), 0, Vec::new());
    let each = |run: runner::Run| {
        seen += 1;
        let right = match run.fixture.level {
            Level::May => Verdict::Observed,
            Level::Must | Level::Should => Verdict::Pass,
        };
        if run.judgement.verdict != right {
            wrong.push(format!("{}: {:#?}", run.fixture.id, run.judgement));
        }
    };
    runner::run(fixtures, Options::default(), || async { Ok(Reference::new()) }, each).await.unwrap();
    assert_eq!(seen, count);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
