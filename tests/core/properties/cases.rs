//! Generated cases, from the bytes that proptest makes.

use attachset::property;
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::common::inputs(128)))]

    #[test]
    fn a_call_and_its_response(bytes in vec(any::<u8>(), 0..400)) {
        property::case(&bytes);
    }

    #[test]
    fn a_sequence_of_requests(bytes in vec(any::<u8>(), 0..400)) {
        property::sequence(&bytes);
    }
}
