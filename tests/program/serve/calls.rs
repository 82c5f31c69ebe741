use std::time::Duration;

use attachset::client::{Call, Client as _, Reference};
use attachset::model::{Exception, Input, Operation};
use attachset::serve::{Options, Server, test_credentials};
use attachset::service;
use attachset::wire::outcome::Outcome;

use super::http::Connection;
use super::{call, code, error, input};

#[test]
fn a_set_is_made_filled_overfilled_and_expires() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let first = call(&mut connection, &input(None, &[1, 2])).unwrap();
    let id = first.attachment_set_id.as_deref();
    assert_eq!(call(&mut connection, &input(id, &[3])).unwrap(), first);
    let over = call(&mut connection, &input(id, &[4]));
    assert_eq!(code(over), error("AttachmentSetSizeLimitExceeded", 400));

    let state = server.state();
    let set = state.sets.first().unwrap();
    assert_eq!(Some(&set.attachment_set_id), first.attachment_set_id.as_ref());
    assert_eq!(set.attachments.iter().map(|file| file.bytes).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!((state.succeeded, state.refused), (2, 1));

    server.clock().advance(Duration::from_secs(3_600));
    assert_eq!(code(call(&mut connection, &input(id, &[1]))), error("AttachmentSetExpired", 400));
    assert_eq!(server.state().sets, []);
    let unknown = call(&mut connection, &input(Some("as-1"), &[1]));
    assert_eq!(code(unknown), error("AttachmentSetIdNotFound", 400));
    server.stop();
}

#[test]
fn files_of_five_megabytes_are_taken_and_larger_ones_refused() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    call(&mut connection, &input(None, &[5 << 20; 3])).unwrap();
    let too_large = error("AttachmentSetSizeLimitExceeded", 400);
    assert_eq!(code(call(&mut connection, &input(None, &[(5 << 20) + 1]))), too_large);
    assert_eq!(code(call(&mut connection, &input(None, &[5 << 20; 4]))), too_large);
}

#[test]
fn a_dry_run_is_an_error_and_does_nothing() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let dry = Input { dry_run: Some(true), ..input(None, &[1]) };
    assert_eq!(code(call(&mut connection, &dry)), error("DryRunOperationException", 400));
    assert_eq!(server.state().sets, []);
}

#[test]
fn answers_carry_a_request_id_and_errors_their_message() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let refused = call(&mut connection, &input(Some("as-1"), &[1])).unwrap_err();
    assert_eq!(refused.message.as_deref(), Some(service::message(Exception::AttachmentSetIdNotFound)));
    let response = connection.ask(&super::request(&input(None, &[1])));
    assert_eq!(response.headers.get("content-type"), Some("application/x-amz-json-1.1"));
    assert_ne!(response.headers.get("x-amzn-requestid").unwrap(), refused.request_id.unwrap());
}

#[test]
fn data_can_be_kept_and_read_back() {
    let service = service::Options { kept_bytes: 100, ..service::Options::default() };
    let server = Server::with(Options { service, ..Options::default() }).unwrap();
    let mut connection = Connection::new(server.address());
    let id = call(&mut connection, &input(None, &[5])).unwrap().attachment_set_id.unwrap();
    assert_eq!(*server.data(&id, 0).unwrap(), [7; 5]);
    assert_eq!(server.data(&id, 1), None);
    call(&mut connection, &input(None, &[99])).unwrap();
    let files: Vec<_> = server.state().sets.into_iter().flat_map(|set| set.attachments).collect();
    let digests = files.iter().map(|file| file.sha256.is_some());
    assert!(digests.eq([false, true]), "{files:?}");
    assert_eq!(server.data(&id, 0), None);
}

#[tokio::test]
async fn the_reference_client_is_served() {
    let server = Server::with(Options { verify: Some(test_credentials()), ..Options::default() }).unwrap();
    let call = |input| Call {
        id: "serve/test".into(),
        endpoint: server.url(),
        region: "us-east-1".into(),
        credentials: test_credentials(),
        max_attempts: 3,
        timeout: Duration::from_secs(10),
        needs: Vec::new(),
        operation: Operation::AddAttachmentsToSet.shape(),
        input,
        members: serde_json::Map::new(),
    };
    let mut client = Reference::new();
    let outcome = client.call(&call(input(None, &[70_000]))).await.unwrap();
    assert!(matches!(outcome, Outcome::Output(_)), "{outcome:?}");
    server.answer_next(2, Exception::InternalServerError.into());
    let outcome = client.call(&call(input(None, &[1]))).await.unwrap();
    assert!(matches!(outcome, Outcome::Output(_)), "the third attempt succeeds: {outcome:?}");
}
