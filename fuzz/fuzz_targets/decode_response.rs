//! Any bytes as the body of a 200 answer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| attachset::property::run("decode_response", bytes));
