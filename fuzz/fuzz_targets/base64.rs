//! Any bytes, and any text as base64.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| attachset::property::run("base64", bytes));
