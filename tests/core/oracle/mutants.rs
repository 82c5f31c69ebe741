//! Wrong oracles: each row and each variation turned round in every way that
//! matters, one at a time. Every one is found by a fixture that disagrees, or
//! by the reference that it fails.

use attachset::fixture::{Fixture, Level, Reply, Set};
use attachset::oracle::{Answer, Oracle, Right, Ruling};
use attachset::property;

use crate::oracle::agreement::{disagreements, is_one_exchange};

/// One wrong oracle, and what is wrong with it.
type Mutant = (String, Oracle);

fn mutants() -> Vec<Mutant> {
    let right = Oracle::default();
    let mut all = Vec::new();
    for (at, row) in right.rows.iter().enumerate() {
        let mut add = |how: &str, change: &dyn Fn(&mut Oracle)| {
            let mut oracle = right.clone();
            change(&mut oracle);
            all.push((format!("{how}: {}", row.says), oracle));
        };
        add("left out", &|oracle| {
            oracle.rows.remove(at);
        });
        match row.level {
            Level::May => add("decided", &|oracle| {
                (oracle.rows[at].level, oracle.rows[at].right) = (Level::Should, Right::Error);
            }),
            Level::Must | Level::Should => {
                add("left open", &|oracle| oracle.rows[at].level = Level::May);
                add("turned round", &|oracle| oracle.rows[at].right = opposite(oracle.rows[at].right));
            }
        }
        if !row.breaks.is_empty() {
            add("charged to another", &|oracle| oracle.rows[at].breaks = "user.contact");
        }
    }
    for (at, variation) in right.variations.iter().enumerate() {
        let mut oracle = right.clone();
        oracle.variations.remove(at);
        all.push((
            format!("variation left out: {} {}", variation.level.as_str(), variation.requirement),
            oracle,
        ));
    }
    all
}

fn opposite(right: Right) -> Right {
    match right {
        Right::Output | Right::OutputOrError | Right::EmptyOrError => Right::Error,
        Right::NamedError | Right::NamedErrorOrError | Right::NamedErrorOrRefusal => Right::UnnamedError,
        Right::UnnamedError => Right::Silence,
        Right::Error | Right::Silence | Right::Anything => Right::Output,
        Right::ErrorOrLaxOutput
        | Right::ErrorOrWholeOutput
        | Right::ErrorOrUnchanged
        | Right::ErrorOrValue => Right::Error,
    }
}

/// A fixture of one exchange, its answer, and the right ruling.
struct Case {
    fixture: Fixture,
    answer: Answer,
    ruling: Ruling,
}

fn cases() -> Vec<Case> {
    let oracle = Oracle::default();
    let fixtures = Set::embedded().unwrap().client.into_iter().filter(is_one_exchange);
    let case = |fixture: Fixture| {
        let reply: &Reply = &fixture.steps[0].replies[0];
        let answer = Answer::of(reply, fixture.timeout_ms);
        let ruling = oracle.rule(fixture.steps[0].call.operation(), &answer);
        Case { fixture, answer, ruling }
    };
    fixtures.map(case).filter(|case| case.answer.bytes.len() < 100_000).collect()
}

/// The fixture that shows that an oracle is wrong.
fn found_by<'a>(oracle: &Oracle, cases: &'a [Case]) -> Option<&'a str> {
    let case = cases.iter().find(|case| {
        let asked = case.fixture.steps[0].call.operation();
        let ruling = oracle.rule(asked, &case.answer);
        ruling != case.ruling
            && (property::fails(&ruling, &property::reference(asked, &case.answer))
                || case.fixture.beyond.is_none() && !disagreements(oracle, &case.fixture).is_empty())
    });
    case.map(|case| case.fixture.id.as_str())
}

#[test]
fn every_wrong_oracle_is_found() {
    let cases = cases();
    let mutants: Vec<_> = crate::common::sample(mutants()).collect();
    let killers: Vec<_> = mutants.iter().map(|(what, oracle)| (what, found_by(oracle, &cases))).collect();
    let missed: Vec<_> = killers.iter().filter(|(_, by)| by.is_none()).map(|(what, _)| what).collect();
    assert!(missed.is_empty(), "{} of {} are not found:\n{missed:#?}", missed.len(), killers.len());
    let lines = killers.iter().map(|(what, by)| format!("{what}\n    {}\n", by.unwrap_or_default()));
    if crate::common::is_whole() {
        crate::common::snapshot("oracle-mutants", &lines.collect::<String>());
    } else {
        let other: Vec<_> =
            lines.filter(|line| !crate::common::is_in_snapshot("oracle-mutants", line)).collect();
        assert!(other.is_empty(), "found by other fixtures than listed: {other:#?}");
    }
}
