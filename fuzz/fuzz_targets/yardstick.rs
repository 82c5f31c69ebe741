//! Only reads JSON: the speed that the decoder targets are measured against.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = std::hint::black_box(serde_json::from_slice::<serde_json::Value>(bytes));
});
