//! The judge passes what a fixture accepts, and nothing else.
#![no_main]

use attachset::fixture::Expected;
use attachset::property;
use attachset::wire::outcome::Outcome;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|judged: (Expected, Outcome)| property::judge(&judged.0, &judged.1));
