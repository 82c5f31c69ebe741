use std::time::{Duration, Instant};

use attachset::serve::{Limits, Options, Server};
use attachset::wire::http1;

use super::http::Connection;
use super::{call, code, error, input, outcome, request, with_body};

fn server(limits: Limits) -> Server {
    Server::with(Options { limits, ..Options::default() }).unwrap()
}

/// The head of a call whose body has so many bytes, or comes in chunks.
fn head(length: Option<usize>) -> Vec<u8> {
    let framing =
        length.map_or("Transfer-Encoding: chunked".into(), |length| format!("Content-Length: {length}"));
    format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSSupport_20130415.AddAttachmentsToSet\r\n\
         Content-Type: application/x-amz-json-1.1\r\n{framing}\r\n\r\n"
    )
    .into_bytes()
}

#[test]
fn a_body_that_is_too_long_is_refused_and_the_connection_lives() {
    let server = server(Limits { body: 100_000, ..Limits::default() });
    let mut connection = Connection::new(server.address());
    let too_large = error("RequestEntityTooLargeException", 413);
    assert_eq!(code(outcome(&connection.ask(&with_body(vec![b' '; 100_001])))), too_large);
    call(&mut connection, &input(None, &[1])).unwrap();
    let chunk = [b"fffff\r\n".as_slice(), &[b' '; 0xf_ffff], b"\r\n0\r\n\r\n"].concat();
    connection.send(&head(None)).unwrap();
    // Far beyond what is read and dropped.
    let _ = connection.send(&chunk);
    if let Some(response) = connection.answer() {
        assert_eq!(code(outcome(&response)), too_large);
    }
    call(&mut Connection::new(server.address()), &input(None, &[1])).unwrap();
}

#[test]
fn a_stated_length_beyond_the_limit_is_refused_before_anything_comes() {
    let server = Server::start().unwrap();
    let mut connection = Connection::new(server.address());
    connection.send(&head(Some(usize::MAX >> 1))).unwrap();
    let response = connection.answer().unwrap();
    assert_eq!(code(outcome(&response)), error("RequestEntityTooLargeException", 413));
}

/// The smallest budget: seven MiB are for bodies as they arrive, two for
/// responses.
fn small() -> Server {
    let service = attachset::service::Options { kept_bytes: 0, ..Default::default() };
    let limits = Limits { memory: 16 << 20, ..Limits::default() };
    Server::with(Options { limits, service, ..Options::default() }).unwrap()
}

#[test]
fn stalled_uploads_take_room_for_what_has_come_and_no_more() {
    let server = small();
    let mut stalled: Vec<_> = (0..100)
        .map(|_| {
            let mut connection = Connection::new(server.address());
            connection.send(&[head(Some(5 << 20)).as_slice(), &[b' '; 1_000]].concat()).unwrap();
            connection
        })
        .collect();
    let mut connection = Connection::new(server.address());
    call(&mut connection, &input(None, &[3 << 20])).unwrap();
    assert!(stalled.iter_mut().all(|connection| connection.is_silent()));
}

#[test]
fn a_body_that_finds_no_room_is_refused_at_once_and_holds_up_nobody() {
    let server = small();
    let mut first = Connection::new(server.address());
    first.send(&[head(Some(7 << 20)).as_slice(), &[b' '; 6_500_000]].concat()).unwrap();
    let full = error("ServiceUnavailable", 503);
    let mut connection = Connection::new(server.address());
    // The first may not have arrived yet.
    while call(&mut connection, &input(None, &[1 << 20])).is_ok() {}
    assert_eq!(code(call(&mut connection, &input(None, &[1 << 20]))), full);
    call(&mut connection, &input(None, &[40_000])).unwrap();
    assert_eq!(connection.control("POST", "clock", r#"{"advanceSeconds": 1}"#).0, 200);
    drop(first);
    // Its end may not have arrived yet.
    while call(&mut connection, &input(None, &[1 << 20])).is_err() {}
}

/// A response has room until it is read.
#[test]
fn responses_that_nobody_reads_hold_up_no_other_call() {
    let service = attachset::service::Options { kept_bytes: 5 << 20, ..Default::default() };
    let limits = Limits { memory: 26 << 20, ..Limits::default() };
    let server = Server::with(Options { limits, service, ..Options::default() }).unwrap();
    let mut connection = Connection::new(server.address());
    let id = call(&mut connection, &input(None, &[5 << 20])).unwrap().attachment_set_id.unwrap();
    let path = format!("GET /_attachset/data/{id}/0 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let state = "GET /_attachset/state HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned();
    let _unread: Vec<_> = [path, state]
        .iter()
        .cycle()
        .take(200)
        .map(|request| {
            let mut unread = Connection::new(server.address());
            unread.send(request.as_bytes()).unwrap();
            unread
        })
        .collect();
    call(&mut connection, &input(None, &[1])).unwrap();
    call(&mut connection, &input(None, &[1 << 20])).unwrap();
    assert_eq!(connection.control("GET", "state", "").0, 200);
}

#[test]
fn a_budget_that_is_too_small_for_the_data_to_keep_is_refused() {
    let service = attachset::service::Options { kept_bytes: 10 << 20, ..Default::default() };
    let limits = Limits { memory: 20 << 20, ..Limits::default() };
    let Err(error) = Server::with(Options { limits, service, ..Options::default() }) else { panic!() };
    assert!(error.to_string().contains("37748736"), "{error}");
}

#[test]
fn an_idle_connection_and_a_slow_head_are_closed() {
    let server = server(Limits { idle: Duration::from_millis(200), ..Limits::default() });
    let mut idle = Connection::new(server.address());
    call(&mut idle, &input(None, &[1])).unwrap();
    let mut slow = Connection::new(server.address());
    slow.send(b"POST / HTTP/1.1\r\n").unwrap();
    let start = Instant::now();
    assert_eq!(idle.answer(), None);
    assert_eq!(slow.answer(), None);
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_slow_body_is_timed_out() {
    let server = server(Limits { body_time: Duration::from_millis(200), ..Limits::default() });
    let mut connection = Connection::new(server.address());
    let bytes = http1::request_bytes(&request(&input(None, &[100])));
    connection.send(bytes.get(..bytes.len() - 1).unwrap()).unwrap();
    let answer = outcome(&connection.answer().unwrap());
    assert_eq!(code(answer), error("RequestTimeoutException", 408));
}

/// Control gets through, too: whoever comes is let in.
#[test]
fn one_connection_too_many_closes_the_longest_idle_one() {
    let server = server(Limits { connections: 3, ..Limits::default() });
    let mut first = Connection::new(server.address());
    let mut second = Connection::new(server.address());
    call(&mut first, &input(None, &[1])).unwrap();
    call(&mut second, &input(None, &[1])).unwrap();
    let mut stalled = Connection::new(server.address());
    stalled.send(b"POST / HTTP/1.1\r\n").unwrap();
    call(&mut first, &input(None, &[1])).unwrap();
    let mut fourth = Connection::new(server.address());
    assert_eq!(fourth.control("GET", "health", "").0, 200);
    assert_eq!(second.answer(), None);
    call(&mut first, &input(None, &[1])).unwrap();
    let mut fifth = Connection::new(server.address());
    call(&mut fifth, &input(None, &[1])).unwrap();
    assert_eq!(stalled.answer(), None);
    call(&mut fourth, &input(None, &[1])).unwrap();
}

/// A connection whose client waits for the server is not idle.
#[test]
fn a_response_under_way_outlives_idle_connections() {
    let server = server(Limits { connections: 2, ..Limits::default() });
    let reply = attachset::fixture::HttpReply {
        status: 418,
        headers: Default::default(),
        body: None,
        reason: None,
        delay_ms: Some(300),
    };
    server.answer_next(
        1,
        attachset::serve::Answer::Fixture {
            id: "a/test".into(),
            asked: attachset::model::Operation::AddAttachmentsToSet.shape(),
            reply: attachset::fixture::Reply::Http(reply),
        },
    );
    let mut waiting = Connection::new(server.address());
    waiting.send(&http1::request_bytes(&request(&input(None, &[1])))).unwrap();
    while !server.state().next.is_empty() {}
    for _ in 0..10 {
        call(&mut Connection::new(server.address()), &input(None, &[1])).unwrap();
    }
    assert_eq!(waiting.answer().unwrap().status, 418);
}

#[test]
fn a_stop_answers_what_is_under_way() {
    let server = Server::start().unwrap();
    let address = server.address();
    let mut connection = Connection::new(address);
    call(&mut connection, &input(None, &[1])).unwrap();
    let bytes = http1::request_bytes(&request(&input(None, &[100])));
    let (start, end) = bytes.split_at(bytes.len() - 1);
    connection.send(start).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    let stopping = std::thread::spawn(move || server.stop());
    std::thread::sleep(Duration::from_millis(100));
    connection.send(end).unwrap();
    assert_eq!(connection.answer().unwrap().status, 200);
    stopping.join().unwrap();
    assert!(std::net::TcpStream::connect(address).is_err());
}
