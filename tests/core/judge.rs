//! The judge, one thing wrong at a time: which defect it calls it, what it
//! charges, and what it says.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;
mod open;
mod service;

use crate::common;
use attachset::fixture::Set;
use attachset::judge::{Judgement, requirements};

/// A judgement as text: the verdict, each mismatch, each note.
fn words(judgement: &Judgement) -> String {
    let mismatch = |of: &attachset::judge::Mismatch| {
        let (step, level, defect) = (of.step, of.level.as_str(), of.defect.as_str());
        format!("    {defect} {} {level} step {step}: {}; seen: {}\n", of.requirement, of.expected, of.seen)
    };
    let mismatches: String = judgement.mismatches.iter().map(mismatch).collect();
    let notes: String = judgement.notes.iter().map(|note| format!("    note: {note}\n")).collect();
    format!("{}\n{mismatches}{notes}", judgement.verdict.as_str())
}

/// Compares judgements with a snapshot.
fn list<'a>(name: &str, cases: impl Iterator<Item = (&'a str, String)>) {
    let list: String = cases.map(|(what, judgement)| format!("{what}: {judgement}")).collect();
    common::snapshot(name, &list);
}

/// Of requests, of outcomes, and of servers' answers.
#[test]
fn what_the_judge_charges_by_itself_are_requirements() {
    let set = Set::embedded().unwrap();
    let charged = requirements();
    assert!(["protocol.target", "user.contact", "seed.one-hour"].iter().all(|id| charged.contains(id)));
    let unknown: Vec<_> = charged.iter().filter(|id| set.requirements.get(id).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
