use std::time::{Duration, Instant};

use attachset::serve::{Limits, Options, Server};
use attachset::wire::http1;

use super::http::Connection;
use super::{call, code, error, input, outcome, request, with_body};

fn server(limits: Limits) -> Server {
    Server::with(Options { limits, ..Options::default() }).unwrap()
}

#[test]
fn a_body_that_is_too_long_is_refused_and_the_connection_lives() {
    let server = server(Limits { body: 100_000, ..Limits::default() });
    let mut connection = Connection::new(server.address());
    let too_large = error("RequestEntityTooLargeException", 413);
    assert_eq!(code(outcome(&connection.ask(&with_body(vec![b' '; 100_001])))), too_large);
    let chunk = [b"fffff\r\n".as_slice(), &[b' '; 0xf_ffff], b"\r\n0\r\n\r\n"].concat();
    connection.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSSupport_20130415.AddAttachmentsToSet\r\n\
        Content-Type: application/x-amz-json-1.1\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    // Far beyond what is read and dropped.
    let _ = connection.send(&chunk);
    if let Some(response) = connection.answer() {
        assert_eq!(code(outcome(&response)), too_large);
    }
    call(&mut Connection::new(server.address()), &input(None, &[1])).unwrap();
}

#[test]
fn long_bodies_wait_for_room_and_all_are_answered() {
    let server = server(Limits { bodies: 200_000, ..Limits::default() });
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut connection = Connection::new(server.address());
                for _ in 0..5 {
                    call(&mut connection, &input(None, &[100_000])).unwrap();
                }
            });
        }
    });
    assert_eq!(server.state().succeeded, 40);
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

#[test]
fn more_connections_than_allowed_wait_their_turn() {
    let server = server(Limits { connections: 2, ..Limits::default() });
    let mut first = Connection::new(server.address());
    let mut second = Connection::new(server.address());
    call(&mut first, &input(None, &[1])).unwrap();
    call(&mut second, &input(None, &[1])).unwrap();
    let mut third = Connection::new(server.address());
    third.send(&http1::request_bytes(&request(&input(None, &[1])))).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(server.state().succeeded, 2);
    drop(first);
    assert_eq!(third.answer().unwrap().status, 200);
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
