//! One world for each access key.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use attachset::model::{Exception, Output, ServiceError};
use attachset::serve::{Options, Server, WorldError, WorldLimits, test_credentials};
use attachset::service;
use attachset::wire::sign::{Credentials, sign};
use serde_json::json;

use super::http::Connection;
use super::{code, error, input, outcome, request};

fn server(limits: WorldLimits) -> Server {
    Server::with(Options { worlds: Some(limits), ..Options::default() }).unwrap()
}

fn credentials(key: &str) -> Credentials {
    Credentials { access_key_id: key.into(), ..test_credentials() }
}

/// A call that is signed with an access key.
fn call(
    connection: &mut Connection,
    key: &str,
    set: Option<&str>,
    sizes: &[usize],
) -> Result<Output, ServiceError> {
    let mut request = request(&input(set, sizes));
    sign(&mut request, &credentials(key), SystemTime::now()).unwrap();
    outcome(&connection.ask(&request))
}

#[test]
fn each_access_key_has_sets_a_clock_a_plan_and_counts_of_its_own() {
    let server = server(WorldLimits::default());
    let mut connection = Connection::new(server.address());
    let one = call(&mut connection, "test-1", None, &[1]).unwrap().attachment_set_id;
    let other = call(&mut connection, "test-2", None, &[2]).unwrap().attachment_set_id;
    assert_ne!(one, other);
    let unknown = error("AttachmentSetIdNotFound", 400);
    assert_eq!(code(call(&mut connection, "test-2", one.as_deref(), &[1])), unknown);
    // A call that is not signed is in the shared world.
    assert_eq!(code(super::call(&mut connection, &input(one.as_deref(), &[1]))), unknown);

    let plan = r#"{"exception": "InternalServerError"}"#;
    assert_eq!(connection.control("POST", "next?world=test-1", plan).0, 200);
    call(&mut connection, "test-2", other.as_deref(), &[1]).unwrap();
    let planned = error("InternalServerError", 500);
    assert_eq!(code(call(&mut connection, "test-1", one.as_deref(), &[1])), planned);

    connection.control("POST", "clock?world=test-1", r#"{"advanceSeconds": 3600}"#);
    let expired = error("AttachmentSetExpired", 400);
    assert_eq!(code(call(&mut connection, "test-1", one.as_deref(), &[1])), expired);
    call(&mut connection, "test-2", other.as_deref(), &[1]).unwrap();

    let (_, state) = connection.control("GET", "state?world=test-2", "");
    assert_eq!(state["sets"].as_array().unwrap().len(), 1);
    assert_eq!((&state["succeeded"], &state["refused"]), (&json!(3), &json!(1)));
    let data = connection.control("GET", &format!("data/{}/0?world=test-2", other.unwrap()), "");
    assert_eq!(data.0, 200);
    let shared = server.state();
    assert_eq!((shared.sets.len(), shared.succeeded, shared.refused), (0, 0, 1));

    assert_eq!(connection.control("DELETE", "state?world=test-1", "").0, 204);
    assert_eq!(code(call(&mut connection, "test-1", one.as_deref(), &[1])), unknown);
    assert_eq!(connection.control("GET", "clock?world=test-1", "").1["aheadSeconds"], 0.0);
}

#[test]
fn a_server_without_worlds_has_one_for_all_callers() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    let set = call(&mut connection, "test-1", None, &[1]).unwrap().attachment_set_id;
    call(&mut connection, "test-2", set.as_deref(), &[1]).unwrap();
    assert_eq!(server.world("test-1").err(), Some(WorldError::Off));
    let (status, problem) = connection.control("GET", "state?world=test-1", "");
    assert!(status == 400 && problem["error"].as_str().unwrap().contains("--worlds"), "{problem}");
    assert_eq!(connection.control("GET", "worlds", "").1, json!([]));
}

#[test]
fn worlds_are_bounded_in_number_and_dropped_when_they_are_idle() {
    let server = server(WorldLimits { most: 2, idle: Duration::from_millis(600) });
    let mut connection = Connection::new(server.address());
    // A world that is held is in use.
    let held = server.world("held").unwrap();
    held.answer_next(1, Exception::InternalServerError.into());
    call(&mut connection, "test-1", None, &[1]).unwrap();
    let refused = call(&mut connection, "test-2", None, &[1]).unwrap_err();
    assert_eq!((refused.code.as_deref(), refused.status), (Some("ServiceUnavailable"), 503));
    assert!(refused.message.unwrap().contains("--worlds"));
    assert_eq!(connection.control("GET", "clock?world=test-2", "").0, 503);
    super::call(&mut connection, &input(None, &[1])).unwrap();

    connection.control("DELETE", "state?world=test-1", "");
    call(&mut connection, "test-2", None, &[1]).unwrap();
    let start = Instant::now();
    while connection.control("GET", "worlds", "").1.as_array().unwrap().len() > 1 {
        assert!(start.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(start.elapsed() > Duration::from_millis(400));
    call(&mut connection, "test-3", None, &[1]).unwrap();
    assert_eq!(code(call(&mut connection, "held", None, &[1])), error("InternalServerError", 500));
}

#[test]
fn a_name_that_is_none_is_refused() {
    let server = server(WorldLimits::default());
    let mut connection = Connection::new(server.address());
    let long = "a".repeat(129);
    for name in ["", "a%20b", "a&b=c", long.as_str()] {
        assert_eq!(connection.control("GET", &format!("state?world={name}"), "").0, 400, "{name}");
        assert!(matches!(server.world(name), Err(WorldError::Name(_))));
    }
    assert_eq!(connection.control("GET", "state?wrld=a", "").0, 400);
    assert_eq!(connection.control("DELETE", "state?wrld=a", "").0, 400);
    let mut request = request(&input(None, &[1]));
    request.headers.push("Authorization", format!("AWS4-HMAC-SHA256 Credential={long}/20260101/x"));
    assert_eq!(code(outcome(&connection.ask(&request))), error("UnrecognizedClientException", 403));
    assert_eq!(connection.control("GET", "worlds", "").1, json!([]));
}

/// With `--verify-signatures`, all sign with the one secret, and whoever does not
/// know it makes no world.
#[test]
fn a_world_is_made_for_a_valid_signature_alone() {
    let options = Options {
        worlds: Some(WorldLimits::default()),
        verify: Some(test_credentials()),
        ..Options::default()
    };
    let server = Server::with(options).unwrap();
    let mut connection = Connection::new(server.address());
    call(&mut connection, "test-1", None, &[1]).unwrap();
    let mut forged = request(&input(None, &[1]));
    let wrong = Credentials { secret_access_key: "wrong".into(), ..credentials("test-2") };
    sign(&mut forged, &wrong, SystemTime::now()).unwrap();
    assert_eq!(code(outcome(&connection.ask(&forged))), error("InvalidSignatureException", 403));
    let (_, worlds) = connection.control("GET", "worlds", "");
    assert_eq!(worlds, json!([{"world": "test-1", "idleSeconds": worlds[0]["idleSeconds"]}]));
}

/// All worlds keep data within one bound; what is dropped of one is given back.
#[test]
fn worlds_share_the_budget() {
    let service = service::Options { kept_bytes: 8 << 20, ..Default::default() };
    let limits = attachset::serve::Limits { memory: 40 << 20, ..Default::default() };
    let options = Options { worlds: Some(WorldLimits::default()), service, limits, ..Options::default() };
    let server = Server::with(options).unwrap();
    let mut connection = Connection::new(server.address());
    // A half of the 40 MiB is for data: five files of 4 MiB.
    let keep = |connection: &mut Connection, key: &str| {
        let set = call(connection, key, None, &[4 << 20]).unwrap().attachment_set_id.unwrap();
        server.world(key).unwrap().data(&set, 0).is_some()
    };
    let kept: Vec<_> = ["a", "b", "c", "d", "e", "f"].iter().map(|key| keep(&mut connection, key)).collect();
    assert_eq!(kept, [true, true, true, true, true, false]);
    connection.control("DELETE", "state?world=a", "");
    assert!(keep(&mut connection, "g"));
}

/// For a second with `ATTACHSET_WORLDS_SECONDS=1`, as long as that says; else for
/// a few rounds.
#[test]
fn tests_in_parallel_see_nothing_of_each_other() {
    let server = Arc::new(server(WorldLimits::default()));
    let seconds = std::env::var("ATTACHSET_WORLDS_SECONDS").map_or(0.3, |seconds| seconds.parse().unwrap());
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let test = |number: usize| {
        let (server, key) = (server.clone(), format!("test-{number}"));
        move || {
            let mut connection = Connection::new(server.address());
            let mut rounds = 0;
            while rounds == 0 || Instant::now() < end {
                let set = call(&mut connection, &key, None, &[number + 1]).unwrap().attachment_set_id;
                let (_, state) = connection.control("GET", &format!("state?world={key}"), "");
                let sets = state["sets"].as_array().unwrap();
                assert_eq!(sets.len(), 1, "{state}");
                assert_eq!(sets[0]["attachments"][0]["bytes"], number + 1);
                if usize::is_multiple_of(number, 2) {
                    let plan = r#"[{"exception": "InternalServerError"}, {"cut": "before-call"}]"#;
                    connection.control("POST", &format!("next?world={key}"), plan);
                    let planned = call(&mut connection, &key, set.as_deref(), &[1]);
                    assert_eq!(code(planned), error("InternalServerError", 500));
                    connection.control("DELETE", &format!("next?world={key}"), "");
                    connection.control("POST", &format!("clock?world={key}"), r#"{"advanceSeconds": 3600}"#);
                    let expired = call(&mut connection, &key, set.as_deref(), &[1]);
                    assert_eq!(code(expired), error("AttachmentSetExpired", 400));
                } else {
                    call(&mut connection, &key, set.as_deref(), &[1]).unwrap();
                }
                connection.control("DELETE", &format!("state?world={key}"), "");
                rounds += 1;
            }
        }
    };
    let threads: Vec<_> = (0..64).map(|number| std::thread::spawn(test(number))).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}
