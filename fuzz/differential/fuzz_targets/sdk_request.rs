//! Any input, encoded by the SDK and decoded here.
#![no_main]

use attachset::model::Input;
use differential::Sdk;

thread_local!(static SDK: Sdk = Sdk::new());

libfuzzer_sys::fuzz_target!(|input: Input| SDK.with(|sdk| differential::request(sdk, &input)));
