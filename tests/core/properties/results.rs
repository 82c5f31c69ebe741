//! Results files.

use attachset::client::ClientInfo;
use attachset::deadline::Retried;
use attachset::fixture::Level;
use attachset::judge::{Defect, Mismatch, Verdict};
use attachset::property;
use attachset::results::{Expectation, Record, Role, Wire};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use crate::properties::values::text;

proptest! {
    #[test]
    fn records(records in vec(record(), 0..3)) {
        property::results_round_trip(&records);
    }

    #[test]
    fn lines(lines in vec("[ -~]{0,20}", 0..3)) {
        property::results(&lines.join("\n"));
        property::results(&format!("{{\"attachsetResults\":1,\"version\":\"\"}}\n{}", lines.join("\n")));
    }
}

fn record() -> impl Strategy<Value = Record> {
    let texts = || vec(text(), 0..3);
    let words = (text(), text(), of(text()), texts(), texts(), texts());
    (words, vec(mismatch(), 0..2), vec(wire(), 0..2), any::<u64>()).prop_map(
        |((fixture, title, known, cites, notes, outcomes), mismatches, wire, took_ms)| Record {
            role: Role::Client,
            client: ClientInfo { name: title.clone(), language: "rust".into(), ..ClientInfo::default() },
            fixture,
            title,
            level: Level::Should,
            cites,
            verdict: Verdict::Fail,
            expectation: Expectation::UnexpectedFailure,
            known,
            mismatches,
            notes,
            outcomes,
            wire,
            took_ms,
            retried: took_ms.is_multiple_of(2).then_some(Retried::Met),
        },
    )
}

fn mismatch() -> impl Strategy<Value = Mismatch> {
    let texts = (text(), text(), text(), vec(text(), 0..3));
    (any::<usize>(), texts).prop_map(|(step, (expected, seen, requirement, otherwise))| Mismatch {
        step,
        defect: Defect::LostCode,
        expected,
        seen,
        requirement,
        otherwise,
        level: Level::Should,
    })
}

fn wire() -> impl Strategy<Value = Wire> {
    (any::<usize>(), any::<u64>(), text(), of(text()), text())
        .prop_map(|(step, at_ms, request, signature, reply)| Wire { step, at_ms, request, signature, reply })
}
