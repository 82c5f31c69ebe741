//! Wrong laws: each row and each freedom turned round in every way that
//! matters, one at a time. Every one is found by a fixture that disagrees, or
//! by the reference that it fails.

use attachset::fixture::{Fixture, Level, Reply, Set};
use attachset::law::{Answer, Law, Right, Ruling};
use attachset::property;

use crate::law::agreement::{disagreements, is_one_exchange};

/// One wrong law, and what is wrong with it.
type Mutant = (String, Law);

fn mutants() -> Vec<Mutant> {
    let right = Law::default();
    let mut all = Vec::new();
    for (at, row) in right.rows.iter().enumerate() {
        let mut add = |how: &str, change: &dyn Fn(&mut Law)| {
            let mut law = right.clone();
            change(&mut law);
            all.push((format!("{how}: {}", row.says), law));
        };
        add("left out", &|law| {
            law.rows.remove(at);
        });
        match row.level {
            Level::May => add("decided", &|law| {
                (law.rows[at].level, law.rows[at].right) = (Level::Should, Right::Error);
            }),
            Level::Must | Level::Should => {
                add("left open", &|law| law.rows[at].level = Level::May);
                add("turned round", &|law| law.rows[at].right = opposite(law.rows[at].right));
            }
        }
        if !row.breaks.is_empty() {
            add("charged to another", &|law| law.rows[at].breaks = "user.contact");
        }
    }
    for (at, freedom) in right.freedoms.iter().enumerate() {
        let mut law = right.clone();
        law.freedoms.remove(at);
        all.push((format!("freedom left out: {} {}", freedom.level.as_str(), freedom.requirement), law));
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
    let law = Law::default();
    let fixtures = Set::embedded().unwrap().client.into_iter().filter(is_one_exchange);
    let case = |fixture: Fixture| {
        let reply: &Reply = &fixture.steps[0].replies[0];
        let answer = Answer::of(reply, fixture.timeout_ms);
        let ruling = law.rule(&answer);
        Case { fixture, answer, ruling }
    };
    fixtures.map(case).filter(|case| case.answer.bytes.len() < 100_000).collect()
}

/// The fixture that shows that a law is wrong.
fn found_by<'a>(law: &Law, cases: &'a [Case]) -> Option<&'a str> {
    let case = cases.iter().find(|case| {
        let ruling = law.rule(&case.answer);
        ruling != case.ruling
            && (property::fails(&ruling, &property::reference(&case.answer))
                || case.fixture.beyond.is_none() && !disagreements(law, &case.fixture).is_empty())
    });
    case.map(|case| case.fixture.id.as_str())
}

#[test]
fn every_wrong_law_is_found() {
    let cases = cases();
    let mutants: Vec<_> = crate::common::sample(mutants()).collect();
    let killers: Vec<_> = mutants.iter().map(|(what, law)| (what, found_by(law, &cases))).collect();
    let missed: Vec<_> = killers.iter().filter(|(_, by)| by.is_none()).map(|(what, _)| what).collect();
    assert!(missed.is_empty(), "{} of {} are not found:\n{missed:#?}", missed.len(), killers.len());
    let lines = killers.iter().map(|(what, by)| format!("{what}\n    {}\n", by.unwrap_or_default()));
    if crate::common::is_whole() {
        crate::common::snapshot("law-mutants", &lines.collect::<String>());
    } else {
        let other: Vec<_> =
            lines.filter(|line| !crate::common::is_in_snapshot("law-mutants", line)).collect();
        assert!(other.is_empty(), "found by other fixtures than listed: {other:#?}");
    }
}
