//! Any line from an adapter.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| attachset::property::run("adapter_line", bytes));
