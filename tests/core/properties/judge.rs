//! The judge over patterns and outcomes, and over every fixture's.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use attachset::fixture::{ErrorPattern, Expected, Given, OutputPattern, Pattern, Rule, Set, Text, Tolerated};
use attachset::property;
use attachset::wire::outcome::{ErrorKind, Failure, Members, Outcome};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use serde_json::Value;

use crate::common::sample;

proptest! {
    #[test]
    fn what_accept_describes_passes(
        accept in vec(pattern(), 0..3),
        tolerate in vec(pattern(), 0..2),
        outcome in outcome(),
    ) {
        let tolerated = |pattern| Tolerated { pattern, reason: "because".into() };
        let tolerate = tolerate.into_iter().map(tolerated).collect();
        property::judge(&Expected { accept, tolerate }, &outcome);
    }

    #[test]
    fn an_adapter_line_says_what_it_said(outcome in outcome()) {
        property::outcome_round_trip("a", &outcome);
    }
}

#[test]
fn the_patterns_of_every_fixture() {
    for fixture in sample(Set::embedded().unwrap().client) {
        property::fixture(&fixture);
        for step in &fixture.steps {
            property::judge(&step.outcome, &Outcome::Unsupported(String::new()));
        }
    }
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let output = (rule(given()), rule(given())).prop_map(|(id, time)| {
        let members = [("attachmentSetId", id), ("expiryTime", time)];
        let members = members.map(|(name, rule)| (name.to_owned(), rule));
        Pattern::Output(OutputPattern { members: members.into(), value: None })
    });
    let message = (rule(text()), of(text()));
    let error = (rule(kind()), rule(text()), message, rule(400..402u16), rule(text())).prop_map(
        |(kind, code, (message, message_holds), status, request_id)| {
            Pattern::Error(ErrorPattern { kind, code, message, message_holds, status, request_id })
        },
    );
    prop_oneof![output, error]
}

fn rule<T: std::fmt::Debug + Clone>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Rule<T>> {
    vec(of(value), 0..3).prop_map(Rule)
}

fn given() -> impl Strategy<Value = Given> {
    prop_oneof![text().prop_map(Given::Text), Just(Given::Json { json: 7.into() })]
}

fn text() -> impl Strategy<Value = Text> {
    "[ab]".prop_map(|text| Text::from(text.as_str()))
}

fn kind() -> impl Strategy<Value = ErrorKind> {
    use ErrorKind::{Client, Decode, Service, Timeout, Transport, Unexpected};
    proptest::sample::select(vec![Service, Client, Decode, Transport, Timeout, Unexpected])
}

fn value() -> impl Strategy<Value = Option<Value>> {
    of(prop_oneof![4 => "[ab]".prop_map(Value::String), 1 => any::<f64>().prop_map(Value::from), 1 => any::<i64>().prop_map(Value::from)])
        .prop_map(|value| value.filter(|value| !value.is_null()))
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let other = vec("[ab]", 0..2);
    let members = (value(), value(), other).prop_map(|(id, time, other)| {
        let members = [("attachmentSetId", id), ("expiryTime", time)];
        let members: Members = members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        Outcome::Output(Members { other, ..members })
    });
    let error = (kind(), value(), value(), of(400..402u16), of("[ab]")).prop_map(
        |(kind, code, message, status, request_id)| {
            Outcome::Error(Failure { kind, code, message, status, request_id })
        },
    );
    prop_oneof![3 => members, 3 => error, 1 => "[ab]".prop_map(Outcome::Unsupported)]
}
