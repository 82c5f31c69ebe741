//! Any bytes as the body of any message, decoded as the rules say.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| attachset::property::run("meaning", bytes));
