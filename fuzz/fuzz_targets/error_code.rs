//! Any text as what names an error.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| attachset::property::run("error_code", bytes));
