//! The SDK and this codec over the fixtures, and over what proptest makes.

use std::collections::BTreeSet;

use attachset::fixture::{Reply, Set};
use attachset::model::{Attachment, Input};
use attachset::wire::{Headers, Response};
use differential::{Sdk, differences};
use proptest::option::of;
use proptest::prelude::*;

thread_local!(static SDK: Sdk = Sdk::new());

#[test]
fn every_reply_of_a_fixture_means_the_same_to_both() {
    let set = Set::embedded().unwrap();
    for fixture in &set.client {
        for reply in fixture.steps.iter().flat_map(|step| &step.replies) {
            let Reply::Http(reply) = reply else { continue };
            let headers = reply.headers.clone();
            let body = reply.body.as_ref().map(|body| body.to_bytes()).unwrap_or_default();
            SDK.with(|sdk| differential::response(sdk, &Response { status: reply.status, headers, body }));
        }
    }
}

#[test]
fn every_input_of_the_corpus_means_the_same_to_both() {
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../corpus/http1")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        SDK.with(|sdk| differential::response_bytes(sdk, &bytes));
    }
}

#[test]
fn every_fixture_on_the_list_is_there() {
    let set = Set::embedded().unwrap();
    let ids: BTreeSet<_> = set.client.iter().map(|fixture| fixture.id.as_str()).collect();
    for fixture in differences::ACCEPTED.iter().filter_map(|difference| difference.fixture) {
        assert!(ids.contains(fixture), "there is no fixture {fixture}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_answer_means_the_same_to_both(answer in answer()) {
        SDK.with(|sdk| differential::response(sdk, &answer));
    }

    #[test]
    fn what_the_sdk_encodes_is_decoded(input in input()) {
        SDK.with(|sdk| differential::request(sdk, &input));
    }
}

fn answer() -> impl Strategy<Value = Response> {
    let status = prop_oneof![4 => Just(200), 4 => Just(400), 1 => 200..600u16];
    let names = ["x-amzn-errortype", "x-amzn-requestid", "x-amz-request-id", "Content-Type"];
    let field = (proptest::sample::select(names.to_vec()), name());
    (status, proptest::collection::vec(field, 0..3), body()).prop_map(|(status, headers, body)| Response {
        status,
        headers: headers.into_iter().collect::<Headers>(),
        body: body.into_bytes(),
    })
}

/// A discriminator, or something like one.
fn name() -> impl Strategy<Value = String> {
    "(a\\.b)?#?(AttachmentSetExpired|InternalServerError|Other|A b|)#?(:http://x/)?"
}

fn body() -> impl Strategy<Value = String> {
    let names = [
        "__type",
        "code",
        "message",
        "Message",
        "errorMessage",
        "attachmentSetId",
        "expiryTime",
        "\\u0063ode",
        "x",
    ];
    let value = prop_oneof![
        4 => name().prop_map(|name| format!("\"{name}\"")),
        1 => Just("null".to_owned()),
        1 => "-?[0-9]{1,2}(\\.[0-9]?)?|true|\\[\\]|\\{\"code\":\"A\"\\}|\"\\\\u(00e9|d800|zzzz)\"",
    ];
    let member = (proptest::sample::select(names.to_vec()), value)
        .prop_map(|(name, value)| format!("\"{name}\":{value}"));
    prop_oneof![
        8 => proptest::collection::vec(member, 0..5).prop_map(|members| format!("{{{}}}", members.join(","))),
        1 => "[ \\[\\]{}\",:0-9a-z]{0,12}",
        1 => Just(String::new()),
    ]
}

fn input() -> impl Strategy<Value = Input> {
    let data = proptest::collection::vec(any::<u8>(), 0..64);
    let attachment =
        (of(any::<String>()), of(data)).prop_map(|(file_name, data)| Attachment { file_name, data });
    let attachments = of(proptest::collection::vec(attachment, 0..4));
    (of(any::<String>()), attachments, of(any::<bool>())).prop_map(
        |(attachment_set_id, attachments, dry_run)| Input { attachment_set_id, attachments, dry_run },
    )
}
