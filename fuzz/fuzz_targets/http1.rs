//! Any bytes as what comes over a connection: a response, a request.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| attachset::property::run("http1", bytes));
