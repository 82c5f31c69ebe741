//! Any response, to this decoder and to the SDK.
#![no_main]

use differential::Sdk;

thread_local!(static SDK: Sdk = Sdk::new());

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| SDK.with(|sdk| differential::response_bytes(sdk, bytes)));
