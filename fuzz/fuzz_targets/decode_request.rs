//! Any bytes as the body of a request.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| attachset::property::run("decode_request", bytes));
