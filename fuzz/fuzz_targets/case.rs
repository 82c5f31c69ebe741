//! Any bytes as the choices of a call and its response.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| attachset::property::case(bytes));
