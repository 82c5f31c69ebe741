//! What the program takes of memory at most, whatever it is sent. The bounds are
//! those of `docs/limits.md`; `-- --nocapture memory` prints what is measured.

#![cfg(target_os = "linux")]

use attachset::wire::Request;
use serde_json::{Value, json};

use super::cases;
use super::http::Connection;
use super::program::Program;
use super::{call, input, with_body};

/// Runs an attack on a program of its own; says how it went.
#[track_caller]
fn peak_is_below(most: f64, name: &str, attack: impl FnOnce(&Program)) {
    peak_of(&[], most, name, attack);
}

/// As [`peak_is_below`], of a program that was given options.
#[track_caller]
fn peak_of(options: &[&str], most: f64, name: &str, attack: impl FnOnce(&Program)) {
    let mut program = Program::start(options);
    call(&mut Connection::new(program.address), &input(None, &[1])).unwrap();
    let before = program.peak();
    attack(&program);
    // Whatever it was, everybody is served after it.
    let mut connection = Connection::new(program.address);
    call(&mut connection, &input(None, &[1])).unwrap();
    assert_eq!(connection.control("GET", "state", "").0, 200);
    let peak = program.peak();
    program.kill();
    #[expect(clippy::print_stdout, reason = "the figures of the documentation")]
    {
        println!("{name}: {before:.0} MB before, {peak:.0} MB at the peak (limit {most})");
    }
    assert!(peak < most, "{name}: {peak:.0} MB");
}

/// A body of so many opening and closing brackets in a member.
fn brackets(member: &str, each: usize) -> String {
    format!("{{\"{member}\":{}{}}}", "[".repeat(each), "]".repeat(each))
}

#[test]
fn memory_of_members_that_are_skipped() {
    peak_is_below(150.0, "25 MB of brackets in an unknown member, for each operation", |program| {
        for operation in attachset::model::Operation::ALL {
            let request = cases::request(operation.name(), &brackets("x", 12_500_000));
            let response = Connection::new(program.address).ask(&request);
            let status = if cases::REQUIRE_NOTHING.contains(&operation) { [200, 400] } else { [400, 400] };
            assert!(status.contains(&response.status), "{operation}: {response:?}");
        }
    });
}

/// All worlds together keep no more than their half of the budget.
#[test]
fn memory_of_worlds() {
    peak_of(&["--worlds", "--lint"], 450.0, "256 worlds, each with 3 MiB in a set", |program| {
        let mut connection = Connection::new(program.address);
        for number in 0..256 {
            let mut request = super::request(&input(None, &[1 << 20; 3]));
            let scope = "20260101/us-east-1/support/aws4_request, SignedHeaders=host, Signature=0";
            let authorization = format!("AWS4-HMAC-SHA256 Credential=test-{number}/{scope}");
            request.headers.push("Authorization", authorization);
            assert_eq!(connection.ask(&request).status, 200);
        }
        let (_, worlds) = connection.control("GET", "worlds", "");
        assert_eq!(worlds.as_array().unwrap().len(), 256);
    });
}

#[test]
fn memory_of_long_names_and_values() {
    peak_is_below(350.0, "a name or a value of 30 MB", |program| {
        let long = "\\n".repeat(15_000_000);
        for body in [
            format!("{{\"{long}\":"),
            format!("{{\"{long}\":1,\"dryRun\":7}}"),
            format!("{{\"dryRun\":\"{long}\"}}"),
            format!("{{\"attachments\":[{{\"{long}\":1,\"data\":7}}]}}"),
            format!("{{\"attachmentSetId\":\"{long}\",\"attachments\":[{{}}]}}"),
        ] {
            let add = with_body(body.clone());
            for request in [add, cases::request("ResolveCase", &body), cases::request("CreateCase", &body)] {
                let response = Connection::new(program.address).ask(&request);
                assert_eq!(response.status, 400);
                assert!(response.body.len() < 8_000, "{}", response.body.len());
            }
        }
    });
}

#[test]
fn memory_of_plans() {
    peak_is_below(150.0, "1,000 plans", |program| {
        let plan =
            |length| json!({"exception": "X", "status": 400, "message": "a".repeat(length)}).to_string();
        let mut connection = Connection::new(program.address);
        assert_eq!(connection.control("POST", "next", &plan(32 << 20)).0, 413);
        let mut connection = Connection::new(program.address);
        let planned = (0..1_000).filter(|_| connection.control("POST", "next", &plan(60_000)).0 == 200);
        let planned = planned.count();
        assert!((100..1_000).contains(&planned), "{planned}");
        assert_eq!(connection.control("DELETE", "next", "").0, 204);
        assert_eq!(connection.control("POST", "next", &plan(60_000)).0, 200);
        connection.control("DELETE", "next", "");
    });
}

fn ask(connection: &mut Connection, operation: &str, input: &Value) -> Value {
    let response = connection.ask(&cases::request(operation, &input.to_string()));
    serde_json::from_slice(&response.body).unwrap()
}

/// Sends requests, each on a connection of its own, and reads no response.
fn unread(program: &Program, request: &Request, connections: usize) -> Vec<Connection> {
    let bytes = attachset::wire::http1::request_bytes(request);
    let each = |_| {
        let mut connection = Connection::new(program.address);
        connection.send(&bytes).unwrap();
        connection
    };
    (0..connections).map(each).collect()
}

fn get(path: &str) -> Request {
    Request {
        method: "GET".into(),
        target: format!("/_attachset/{path}"),
        headers: attachset::wire::Headers::from_iter([("Host", "localhost")]),
        body: Vec::new(),
    }
}

#[test]
fn memory_of_states_that_nobody_reads() {
    peak_is_below(250.0, "10 abandoned and 40 unread states of 3 MB", |program| {
        let mut connection = Connection::new(program.address);
        let mut files = input(None, &[5 << 20; 3]);
        for file in files.attachments.iter_mut().flatten() {
            file.file_name = Some("n".repeat(1_000));
        }
        let set = call(&mut connection, &files).unwrap().attachment_set_id;
        let case = json!({"subject": "s", "communicationBody": "b", "attachmentSetId": set});
        let id = ask(&mut connection, "CreateCase", &case)["caseId"].clone();
        let more = json!({"caseId": id, "communicationBody": "b", "attachmentSetId": set});
        for _ in 0..1_000 {
            ask(&mut connection, "AddCommunicationToCase", &more);
        }
        for _ in 0..10 {
            drop(unread(program, &get("state"), 1));
        }
        let held = unread(program, &get("state"), 40);
        let (status, state) = connection.control("GET", "state", "");
        assert_eq!((status, state["cases"][0]["communications"].as_array().unwrap().len()), (200, 1_001));
        drop(held);
    });
}

#[test]
fn memory_of_data_that_nobody_reads() {
    peak_is_below(250.0, "250 unread attachments of 5 MiB", |program| {
        let mut connection = Connection::new(program.address);
        let set = call(&mut connection, &input(None, &[5 << 20])).unwrap().attachment_set_id.unwrap();
        let held = unread(program, &get(&format!("data/{set}/0")), 250);
        call(&mut connection, &input(None, &[1 << 20])).unwrap();
        drop(held);
    });
}

#[test]
fn memory_of_responses_that_nobody_reads() {
    peak_is_below(200.0, "40 unread DescribeAttachment of 5 MiB", |program| {
        let mut connection = Connection::new(program.address);
        let set = call(&mut connection, &input(None, &[5 << 20])).unwrap().attachment_set_id;
        let case = json!({"subject": "s", "communicationBody": "b", "attachmentSetId": set});
        let id = ask(&mut connection, "CreateCase", &case)["caseId"].clone();
        let page = ask(&mut connection, "DescribeCommunications", &json!({ "caseId": id }));
        let file = page["communications"][0]["attachmentSet"][0]["attachmentId"].clone();
        let request = cases::request("DescribeAttachment", &json!({ "attachmentId": file }).to_string());
        let held = unread(program, &request, 40);
        call(&mut connection, &input(None, &[1 << 20])).unwrap();
        drop(held);
    });
}

#[test]
fn memory_of_uploads_that_stall() {
    peak_is_below(450.0, "250 uploads that stall after a megabyte", |program| {
        let body = vec![b' '; 20 << 20];
        let bytes = attachset::wire::http1::request_bytes(&with_body(body));
        let mut held: Vec<_> = (0..250)
            .map(|_| {
                let mut connection = Connection::new(program.address);
                // It may be refused before all of this is sent.
                let _ = connection.send(bytes.get(..1_000_000).unwrap());
                connection
            })
            .collect();
        // The last of them finds no room, and says so at once.
        assert_eq!(held.pop().unwrap().answer().unwrap().status, 503);
        let refused = held.iter_mut().map(|connection| usize::from(!connection.is_silent())).sum::<usize>();
        assert!((1..200).contains(&refused), "{refused}");
    });
}
