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
mod outputs;
mod retries;
mod seen;
mod signing;
mod socket;
mod transport;

use crate::common;
use std::fmt::Write as _;

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
    ];
    tables.into_iter().flatten()
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
fn every_judged_fixture_fails_a_mutant() {
    let idle = matrix::idle();
    assert!(idle.is_empty(), "no mutant is failed by {idle:#?}");
}

#[test]
fn killers_are_listed() {
    let mut listing = String::new();
    for Kill { mutant, broad, killers, .. } in KILLS.iter() {
        writeln!(listing, "{}: {}", mutant.name, mutant.mistake).unwrap();
        for killer in if *broad { &["every fixture"] } else { killers.as_slice() } {
            writeln!(listing, "    {killer}").unwrap();
        }
    }
    common::snapshot("mutants", &listing);
}
