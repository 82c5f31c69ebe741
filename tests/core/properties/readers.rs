//! Any bytes are read as the rules say, and never stop a reader.

use attachset::property;
use attachset::wire::{Headers, Response};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::properties::values;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::common::inputs(1024)))]

    #[test]
    fn an_error_code(discriminator in values::discriminator()) {
        property::error_code(&discriminator);
    }

    #[test]
    fn an_answer(
        status in values::status(),
        header in proptest::option::of(values::discriminator()),
        body in values::nearly(values::answer_body()),
    ) {
        let headers: Headers = header.map(|value| ("X-Amzn-ErrorType", value)).into_iter().collect();
        property::answer(&Response { status, headers, body });
    }

    #[test]
    fn the_body_of_a_request(body in values::nearly(values::request_body())) {
        property::request_body(&body);
    }

    #[test]
    fn base64_text(text in "[A-Za-z0-9+/_=-]{0,9}={0,3}") {
        property::base64_text(&text);
    }

    #[test]
    fn a_fixture(bytes in values::nearly(values::json())) {
        property::fixture_file(&bytes);
    }

    #[test]
    fn an_adapter_line(
        kind in "service|client|decode|transport|timeout|unexpected|odd",
        code in values::json(),
        output in values::json(),
    ) {
        property::adapter_line(&format!(r#"{{"id":"a","error":{{"kind":"{kind}","code":{code}}}}}"#));
        property::adapter_line(&format!(r#"{{"id":"a","output":{{"attachmentSetId":{output}}}}}"#));
        property::adapter_line(&format!(r#"{{"id":"a","output":{output}}}"#));
    }

    #[test]
    fn an_adapter_line_of_text(text in values::text()) {
        let reason = serde_json::Value::from(text);
        property::adapter_line(&format!(r#"{{"id":"a","unsupported":{reason}}}"#));
    }

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..64)) {
        for (_, property) in property::TARGETS {
            property(&bytes);
        }
    }
}
