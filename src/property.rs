//! What holds for every input, as plain functions.
//!
//! Each takes bytes or a value and panics where the property does not hold.
//! The proptest suites, the fuzz targets and the replay of the corpus all call
//! these functions, so that whatever one of them finds, all of them find.
//!
//! A property compares the code with the rules in `naive`, which are
//! written a second time: slowly, plainly, from the documents alone.

#![expect(clippy::panic, reason = "a property that does not hold panics")]

mod answer;
mod base64;
mod case;
mod cases;
mod fixture;
mod http1;
mod judge;
mod naive;
mod oracle;
mod outcome;
mod request;
#[cfg(feature = "cli")]
mod results;
mod service;

pub use answer::{
    answer, decodes, error_body, error_code, error_round_trip, output_round_trip, success_body,
};
pub use base64::{base64_bytes, base64_text};
pub use case::{case, sequence};
pub use cases::{CaseStep, case_sequence};
pub use fixture::{fixture, fixture_file};
pub use http1::{http1, request_http1, response_http1};
pub use judge::judge;
pub use oracle::{fails, oracle, oracle_body, reference};
pub use outcome::{adapter_line, outcome_round_trip};
pub use request::{decodes_request, request_body, request_round_trip};
#[cfg(feature = "cli")]
pub use results::{results, results_round_trip};
pub use service::{End, Step, service_bytes, service_sequence, upload};

/// A property of any bytes.
pub type Property = fn(&[u8]);

/// The fuzz targets that take bytes as they are, by name: those whose corpus
/// is committed and replayed by the tests.
pub const TARGETS: &[(&str, Property)] = &[
    ("adapter_line", |bytes| text(bytes, adapter_line)),
    ("base64", base64),
    ("decode_error", |bytes| decodes(400, bytes)),
    ("decode_request", decodes_request),
    ("decode_response", |bytes| decodes(200, bytes)),
    ("error_code", |bytes| text(bytes, error_code)),
    ("fixture", fixture_file),
    ("http1", http1),
    ("oracle", oracles),
    ("meaning", meaning),
    ("service_sequence", service_bytes),
];

/// Runs the property of a fuzz target.
///
/// # Panics
/// Where the property does not hold, or [`TARGETS`] has no such name.
pub fn run(target: &str, bytes: &[u8]) {
    match TARGETS.iter().find(|(name, _)| *name == target) {
        Some((_, property)) => property(bytes),
        None => panic!("there is no target {target:?}"),
    }
}

fn base64(bytes: &[u8]) {
    base64_bytes(bytes);
    text(bytes, base64_text);
}

/// A body means what the rules say, whatever it is the body of.
fn meaning(body: &[u8]) {
    success_body(body);
    error_body(body);
    request_body(body);
}

/// The oracle rules on a response and on its body.
fn oracles(bytes: &[u8]) {
    oracle(bytes);
    oracle_body(bytes);
}

/// What takes text says nothing about bytes that are none.
fn text(bytes: &[u8], property: fn(&str)) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        property(text);
    }
}
