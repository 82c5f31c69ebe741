//! Proof that the fixtures can fail: a family of wrong clients, each the
//! reference client with one defect that real implementers make.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and a mutant may break as it likes"
)]

mod blobs;
mod bodies;
mod codes;
mod edit;
mod encoding;
mod errors;
mod file_names;
mod fuzz;
mod inputs;
mod matrix;
mod messages;
mod mutant;
mod operations;
mod outputs;
mod retries;
mod seen;
mod signing;
mod socket;
mod transport;

use crate::common;

use attachset::judge::Verdict;

use matrix::{KILLS, Kill, SOCKET_TRIALS, TRIALS};
use mutant::Mutant;

fn family() -> impl Iterator<Item = &'static Mutant> {
    let tables = [
        encoding::REQUESTS,
        blobs::BLOBS,
        inputs::INPUTS,
        file_names::FILE_NAMES,
        signing::SIGNING,
        bodies::BODIES,
        outputs::OUTPUTS,
        codes::CODES,
        errors::ERRORS,
        messages::MESSAGES,
        retries::RETRIES,
        transport::TRANSPORT,
        operations::OPERATIONS,
    ];
    tables.into_iter().flatten()
}

/// Whether a mutant's defect is in other operations than `AddAttachmentsToSet`.
fn is_of_other_operations(mutant: &Mutant) -> bool {
    operations::OPERATIONS.iter().any(|of| of.name == mutant.name)
}

/// What fails a mutant must be its defect, so without one it passes.
#[test]
fn the_controls_pass_every_fixture() {
    for trials in [&TRIALS, &SOCKET_TRIALS] {
        let failed = trials.iter().filter(|trial| trial.judgement.verdict == Verdict::Fail);
        let failed: Vec<_> = failed.map(|trial| (&trial.fixture.id, &trial.judgement.mismatches)).collect();
        assert!(failed.is_empty(), "{failed:#?}");
    }
}

#[test]
fn every_mutant_is_failed_by_a_fixture() {
    let survivors = KILLS.iter().filter(|kill| kill.killers.is_empty()).map(|kill| kill.mutant.name);
    let survivors: Vec<_> = survivors.collect();
    assert!(survivors.is_empty(), "no fixture fails {survivors:#?}");
}

#[test]
#[ignore = "takes minutes: CI runs it, with ATTACHSET_WHOLE=1"]
fn every_judged_fixture_fails_a_mutant() {
    assert!(common::is_whole(), "set ATTACHSET_WHOLE=1: a sample of mutants fails a sample of fixtures");
    let idle = matrix::idle();
    assert!(idle.is_empty(), "no mutant is failed by {idle:#?}");
}

#[test]
fn killers_are_listed() {
    let lines = KILLS.iter().map(|Kill { mutant, broad, killers, .. }| {
        let killers = if *broad { &["every fixture"] } else { killers.as_slice() };
        let killers: String = killers.iter().map(|killer| format!("    {killer}\n")).collect();
        format!("{}: {}\n{killers}", mutant.name, mutant.mistake)
    });
    if common::is_whole() {
        common::snapshot("mutants", &lines.collect::<String>());
    } else {
        let other: Vec<_> = lines.filter(|line| !common::is_in_snapshot("mutants", line)).collect();
        assert!(other.is_empty(), "failed by other fixtures than listed: {other:#?}");
    }
}
