//! Any bytes as a fixture's file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| attachset::property::run("fixture", bytes));
