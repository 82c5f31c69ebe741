//! The servers of the fixtures, and their ports.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bounds;
mod bytes;
mod close;
mod own;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use attachset::fixture::{Action, Body, Fixture, RawReply, Reply, Set, Start};
use attachset::replay::Replay;
use attachset::runner::credentials;
use attachset::transcript::Received;
use attachset::wire::sign::test_credentials;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[test]
fn a_port_comes_again_only_after_many_others() {
    let fixtures = Set::embedded().unwrap().client;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let start = |fixture| runtime.block_on(Replay::start(fixture, credentials(fixture))).unwrap();
    let ports: Vec<u16> = fixtures.iter().map(|fixture| start(fixture).address().port()).collect();
    assert_eq!(ports.iter().collect::<HashSet<_>>().len(), ports.len());
    // Those from which systems choose for clients are left to clients.
    assert!(ports.iter().all(|port| (20_000..32_768).contains(port)), "{ports:?}");
}

/// Who is asked to listen where somebody else does takes the next port.
#[tokio::test]
async fn a_port_that_is_taken_is_passed_over() {
    let first = Replay::for_many(test_credentials()).unwrap().address().port();
    let taken: Vec<_> =
        (1..=4).map(|next| std::net::TcpListener::bind(("127.0.0.1", first + next))).collect();
    for _ in 0..8 {
        let _ = Replay::for_many(test_credentials()).unwrap();
    }
    drop(taken);
}

fn raw(start: Start, actions: &[Action]) -> Reply {
    Reply::Raw(RawReply { start, raw: actions.to_vec() })
}

/// A fixture of these steps, each with its replies.
fn fixture(steps: Vec<Vec<Reply>>) -> Fixture {
    let mut fixture: Fixture = Set::embedded().unwrap().client.into_iter().next().unwrap();
    let step = fixture.steps.first().unwrap().clone();
    fixture.steps =
        steps.into_iter().map(|replies| attachset::fixture::Step { replies, ..step.clone() }).collect();
    fixture
}

/// A server that loads one fixture after another, with this one.
fn serving(fixture: &Fixture) -> Replay {
    let replay = Replay::for_many(test_credentials()).unwrap();
    replay.load(fixture, credentials(fixture));
    replay
}

/// A server that does one thing after a request.
fn server(action: Action) -> Replay {
    serving(&fixture(vec![vec![raw(Start::AfterRequest, &[action])]]))
}

/// The answer whose body is one letter.
fn letter(letter: &str) -> Action {
    Action::Send(Body::Text(format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{letter}")))
}

/// A request to the server of a connection, with these fields beside `Host`.
fn request(start: &str, stream: &TcpStream, fields: &str, body: &str) -> String {
    let host = stream.peer_addr().unwrap();
    let start = if start.contains("HTTP/") { start.to_owned() } else { format!("{start} HTTP/1.1") };
    format!("{start}\r\nHost: {host}\r\n{fields}\r\n{body}")
}

/// Sends a request without a body.
async fn send(stream: &mut TcpStream, fields: &str) {
    let request = request("POST /", stream, &format!("Content-Length: 0\r\n{fields}"), "");
    stream.write_all(request.as_bytes()).await.unwrap();
}

async fn connect(replay: &Replay) -> TcpStream {
    TcpStream::connect(replay.address()).await.unwrap()
}

/// A connection on which a request was made.
async fn ask(replay: &Replay) -> TcpStream {
    let mut stream = connect(replay).await;
    send(&mut stream, "").await;
    stream
}

/// The last letter of the next answer; none where the connection ends instead.
async fn answer(stream: &mut TcpStream) -> Option<char> {
    let mut read = Vec::new();
    let answer = async {
        while !read.windows(5).any(|end| end.starts_with(b"\r\n\r\n")) {
            if stream.read_buf(&mut read).await.is_ok_and(|read| read > 0) {
                continue;
            }
            return None;
        }
        read.last().map(|byte| char::from(*byte))
    };
    tokio::time::timeout(Duration::from_secs(20), answer).await.unwrap()
}

async fn ask_for_letter(stream: &mut TcpStream) -> Option<char> {
    send(stream, "").await;
    answer(stream).await
}

#[tokio::test]
async fn a_server_goes_through_the_replies_by_itself_where_it_is_to() {
    let after = |name: &str| raw(Start::AfterRequest, &[letter(name)]);
    let all = fixture(vec![vec![after("a"), after("b")], vec![after("c")]]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endless = Replay::endless(listener, &all, credentials(&all)).await.unwrap();
    let told = serving(&all);
    for (replay, expected) in [(&endless, "abcabca"), (&told, "abbbbbb")] {
        let mut stream = connect(replay).await;
        let mut letters = String::new();
        for _ in expected.chars() {
            letters.extend(ask_for_letter(&mut stream).await);
        }
        assert_eq!(letters, expected);
    }
    told.enter(1);
    assert_eq!(ask_for_letter(&mut connect(&told).await).await, Some('c'));
}

/// Where the request is not read, what follows its head is no other request.
#[tokio::test]
async fn a_connection_goes_on_only_where_the_request_was_read() {
    let replay = serving(&fixture(vec![vec![raw(Start::AfterHead, &[letter("a")])]]));
    let mut stream = connect(&replay).await;
    let five = request("POST /", &stream, "Content-Length: 5\r\n", "hello");
    stream.write_all(five.as_bytes()).await.unwrap();
    assert_eq!(answer(&mut stream).await, Some('a'));
    let rest = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut [0])).await;
    assert!(matches!(rest.unwrap(), Ok(0) | Err(_)));

    let replay = server(letter("a"));
    let mut stream = connect(&replay).await;
    for _ in 0..2 {
        assert_eq!(ask_for_letter(&mut stream).await, Some('a'));
    }
}

#[tokio::test]
async fn a_body_is_read_to_its_end_however_it_comes() {
    let replay = server(letter("a"));
    let mut stream = connect(&replay).await;
    let start = request("POST /", &stream, "Content-Length: 9\r\n", "hel");
    for piece in [start.as_str(), "lo w", "ww"] {
        stream.write_all(piece.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(answer(&mut stream).await, Some('a'));
    let exchange = replay.arrival(0).await;
    assert_eq!((exchange.body, exchange.request.body.as_slice()), (Received::Whole, &b"hello www"[..]));
}

/// A head is read up to 1 MiB, and no further.
#[tokio::test]
async fn a_head_without_an_end_is_given_up() {
    const MOST: usize = 1 << 20;
    let head = |stream: &TcpStream, length: usize| {
        let start = request("POST /", stream, "A: ", "");
        let start = start.trim_end();
        format!("{start}{}", "a".repeat(length - start.len()))
    };
    let replay = server(letter("a"));
    let mut stream = connect(&replay).await;
    stream.write_all(head(&stream, MOST - 4).as_bytes()).await.unwrap();
    stream.write_all(b"\r\n\r\n").await.unwrap();
    assert_eq!(answer(&mut stream).await, Some('a'));
    let mut stream = connect(&replay).await;
    stream.write_all(head(&stream, MOST).as_bytes()).await.unwrap();
    assert_eq!(answer(&mut stream).await, None);
}

/// What is no request has come all the same: a client that sent it is not
/// said to have sent nothing.
#[tokio::test]
async fn a_request_that_cannot_be_read_is_noted() {
    let replay = server(letter("a"));
    let mut stream = connect(&replay).await;
    let newer = request("POST / HTTP/1.2", &stream, "Content-Length: 1\r\n", "x");
    stream.write_all(newer.as_bytes()).await.unwrap();
    assert_eq!(answer(&mut stream).await, None);
    let noted = replay.arrival(0).await;
    assert!(matches!(noted.body, Received::Unreadable(reason) if reason.contains("version")));
    assert_eq!(noted.request.method, "");
    drop(connect(&replay).await);
    assert_eq!(ask_for_letter(&mut connect(&replay).await).await, Some('a'));
    assert_eq!(replay.finish().exchanges.len(), 2);
}

/// What still comes of one fixture is nothing to the next.
#[tokio::test]
async fn a_request_belongs_to_the_fixture_that_it_came_in() {
    let one = fixture(vec![vec![raw(Start::AfterRequest, &[letter("a")])]]);
    let replay = serving(&one);
    let mut late = connect(&replay).await;
    let head = request("POST /late", &late, "Content-Length: 1\r\n", "");
    late.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(replay.arrival(0).await.request.target, "/late");
    replay.load(&one, credentials(&one));
    assert_eq!(ask_for_letter(&mut connect(&replay).await).await, Some('a'));
    late.write_all(b"x").await.unwrap();
    assert_eq!(answer(&mut late).await, Some('a'));
    let targets: Vec<_> =
        replay.finish().exchanges.into_iter().map(|exchange| exchange.request.target).collect();
    assert_eq!(targets, ["/"]);
}

/// A request is handed on when it is read; where its body is not, soon after.
#[tokio::test]
async fn a_request_arrives_when_it_is_read() {
    let replay = server(letter("a"));
    let mut stream = connect(&replay).await;
    let began = Instant::now();
    let head = request("POST /", &stream, "Content-Length: 1\r\n", "");
    stream.write_all(head.as_bytes()).await.unwrap();
    let part = replay.arrival(0).await;
    assert!(began.elapsed() >= Duration::from_millis(300));
    assert_eq!((part.body, part.request.target.as_str()), (Received::Part, "/"));
    assert!(part.signature.is_err());

    let replay = server(Action::Hang);
    let mut stream = connect(&replay).await;
    let head = request("POST /", &stream, "Content-Length: 1\r\n", "x");
    stream.write_all(head.as_bytes()).await.unwrap();
    let whole = replay.arrival(0).await;
    assert_eq!((whole.body, whole.request.body.as_slice()), (Received::Whole, &b"x"[..]));
}

async fn come_to_be(replay: &Replay, connections: usize) -> bool {
    let began = Instant::now();
    while replay.connections() != connections && began.elapsed() < Duration::from_secs(10) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    replay.connections() == connections
}

#[tokio::test]
async fn a_connection_is_there_until_the_client_has_closed_it() {
    let replay = server(Action::Close);
    assert_eq!(replay.connections(), 0);
    let (one, mut other) = (ask(&replay).await, ask(&replay).await);
    assert!(come_to_be(&replay, 2).await);
    drop(one);
    assert!(come_to_be(&replay, 1).await);
    // That the server has closed it says nothing of the client.
    assert_eq!(other.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(replay.connections(), 1);
    drop(other);
    assert!(come_to_be(&replay, 0).await);

    let replay = server(Action::Reset);
    let mut stream = ask(&replay).await;
    assert!(stream.read(&mut [0]).await.is_err());
    drop(stream);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(replay.connections(), 1, "the client need not have seen that it was broken off");
}
