//! Any bytes as an answer, and as the body of one.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| attachset::property::run("oracle", bytes));
