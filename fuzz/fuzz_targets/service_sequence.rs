//! Any calls and clock steps, one after the other.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| attachset::property::run("service_sequence", bytes));
