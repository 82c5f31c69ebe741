//! What is written reads as what it was.

use attachset::property;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::properties::values;

proptest! {
    #[test]
    fn a_request(input in values::input()) {
        property::request_round_trip(&input);
    }

    #[test]
    fn an_output(output in values::output()) {
        property::output_round_trip(&output);
    }

    #[test]
    fn an_error(error in values::service_error()) {
        property::error_round_trip(&error);
    }

    #[test]
    fn base64(bytes in vec(any::<u8>(), 0..300)) {
        property::base64_bytes(&bytes);
    }
}
