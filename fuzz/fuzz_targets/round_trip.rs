//! Requests, outputs, errors and outcomes survive the wire.
#![no_main]

use attachset::model::{Input, Output, ServiceError};
use attachset::property;
use attachset::wire::Response;
use attachset::wire::outcome::Outcome;
use libfuzzer_sys::{arbitrary, fuzz_target};

#[derive(Debug, arbitrary::Arbitrary)]
enum Value {
    Answer(Response),
    Error(ServiceError),
    Input(Input),
    Outcome(String, Outcome),
    Output(Output),
}

fuzz_target!(|value: Value| match value {
    Value::Answer(response) => property::answer(&response),
    Value::Error(error) => property::error_round_trip(&error),
    Value::Input(input) => {
        property::request_round_trip(&input);
        property::upload(&input);
    }
    Value::Outcome(id, outcome) => property::outcome_round_trip(&id, &outcome),
    Value::Output(output) => property::output_round_trip(&output),
});
