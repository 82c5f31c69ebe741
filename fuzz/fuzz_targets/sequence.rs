//! Any bytes as the choices of a sequence of requests.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| attachset::property::sequence(bytes));
