//! The servers of the fixtures, and their ports.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::HashSet;
use std::time::{Duration, Instant};

use attachset::fixture::{Action, Body, Fixture, HttpReply, RawReply, Reply, SAMPLE_DATE, Set, Start};
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

const REQUEST: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";

async fn connect(replay: &Replay) -> TcpStream {
    TcpStream::connect(replay.address()).await.unwrap()
}

/// A connection on which a request was made.
async fn ask(replay: &Replay) -> TcpStream {
    let mut stream = connect(replay).await;
    stream.write_all(REQUEST).await.unwrap();
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
    stream.write_all(REQUEST).await.unwrap();
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

/// What a client reads is what is ruled on, explained and reported: byte for
/// byte, but for the date of the moment.
#[tokio::test]
async fn the_bytes_on_the_wire_are_those_that_are_explained() {
    let mut all = tokio::task::JoinSet::new();
    for fixture in Set::embedded().unwrap().client {
        all.spawn(async move {
            let replay = Replay::start(&fixture, credentials(&fixture)).await.unwrap();
            let mut sent = Vec::new();
            for (index, step) in fixture.steps.iter().enumerate() {
                replay.enter(index);
                for reply in &step.replies {
                    let bytes = received(&replay, reply).await;
                    sent.extend(with_sample_date(reply, bytes, &fixture.id));
                }
            }
            let explained = attachset::reproduce::wire(&fixture);
            assert!(sent == explained, "{}: {}", fixture.id, String::from_utf8_lossy(&sent));
        });
    }
    while let Some(done) = all.join_next().await {
        done.unwrap();
    }
}

/// All bytes that come in answer to a request: to the end of the connection,
/// or where a reply leaves it open, as many as it has.
async fn received(replay: &Replay, reply: &Reply) -> Vec<u8> {
    let mut stream = connect(replay).await;
    let request = format!("POST / HTTP/1.1\r\nHost: {}\r\nContent-Length: 2\r\n\r\n{{}}", replay.address());
    stream.write_all(request.as_bytes()).await.unwrap();
    let script = reply.script();
    let ends = matches!(script.raw.last(), Some(Action::Close | Action::Reset));
    let length = script.sent().len();
    let mut bytes = Vec::new();
    let read = async {
        while ends || bytes.len() < length {
            // A connection that is reset ends as well.
            if !stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), read).await.unwrap();
    bytes
}

/// The same with the date of the moment replaced, if it is one.
fn with_sample_date(reply: &Reply, mut bytes: Vec<u8>, id: &str) -> Vec<u8> {
    let Reply::Http(HttpReply { headers, .. }) = reply else { return bytes };
    if headers.get("date").is_some() {
        return bytes;
    }
    let name = b"\r\nDate: ";
    let at = bytes.windows(name.len()).position(|of| of == name).expect(id) + name.len();
    let date = bytes.get_mut(at..at + SAMPLE_DATE.len()).expect(id);
    let text = std::str::from_utf8(date).unwrap();
    let time = jiff::fmt::rfc2822::parse(text).expect(id).timestamp();
    let age = jiff::Timestamp::now().duration_since(time).unsigned_abs();
    assert!(age < Duration::from_secs(600), "{id}: {text}");
    date.copy_from_slice(SAMPLE_DATE.as_bytes());
    bytes
}

/// Where the request is not read, what follows its head is no other request.
#[tokio::test]
async fn a_connection_goes_on_only_where_the_request_was_read() {
    let replay = serving(&fixture(vec![vec![raw(Start::AfterHead, &[letter("a")])]]));
    let mut stream = connect(&replay).await;
    stream.write_all(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello").await.unwrap();
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
    for piece in ["POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhel", "lo w", "ww"] {
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
    let head = |length: usize| {
        let start = "POST / HTTP/1.1\r\nA: ";
        format!("{start}{}", "a".repeat(length - start.len()))
    };
    let replay = server(letter("a"));
    let mut stream = connect(&replay).await;
    stream.write_all(head(MOST - 4).as_bytes()).await.unwrap();
    stream.write_all(b"\r\n\r\n").await.unwrap();
    assert_eq!(answer(&mut stream).await, Some('a'));
    let mut stream = connect(&replay).await;
    stream.write_all(head(MOST).as_bytes()).await.unwrap();
    assert_eq!(answer(&mut stream).await, None);
}

/// What is no request has come all the same: a client that sent it is not
/// said to have sent nothing.
#[tokio::test]
async fn a_request_that_cannot_be_read_is_noted() {
    let replay = server(letter("a"));
    let mut stream = connect(&replay).await;
    stream.write_all(b"POST / HTTP/1.2\r\nContent-Length: 1\r\n\r\nx").await.unwrap();
    assert_eq!(answer(&mut stream).await, None);
    let noted = replay.arrival(0).await;
    assert!(matches!(noted.body, Received::Unreadable(reason) if reason.contains("version")));
    assert_eq!(noted.request.method, "");
    drop(connect(&replay).await);
    assert_eq!(ask_for_letter(&mut connect(&replay).await).await, Some('a'));
    assert_eq!(replay.finish().len(), 2);
}

/// What still comes of one fixture is nothing to the next.
#[tokio::test]
async fn a_request_belongs_to_the_fixture_that_it_came_in() {
    let one = fixture(vec![vec![raw(Start::AfterRequest, &[letter("a")])]]);
    let replay = serving(&one);
    let mut late = connect(&replay).await;
    late.write_all(b"POST /late HTTP/1.1\r\nContent-Length: 1\r\n\r\n").await.unwrap();
    assert_eq!(replay.arrival(0).await.request.target, "/late");
    replay.load(&one, credentials(&one));
    assert_eq!(ask_for_letter(&mut connect(&replay).await).await, Some('a'));
    late.write_all(b"x").await.unwrap();
    assert_eq!(answer(&mut late).await, Some('a'));
    let targets: Vec<_> = replay.finish().into_iter().map(|exchange| exchange.request.target).collect();
    assert_eq!(targets, ["/"]);
}

/// A request is handed on when it is read; where its body is not, soon after.
#[tokio::test]
async fn a_request_arrives_when_it_is_read() {
    let replay = server(letter("a"));
    let mut stream = connect(&replay).await;
    let began = Instant::now();
    stream.write_all(b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n").await.unwrap();
    let part = replay.arrival(0).await;
    assert!(began.elapsed() >= Duration::from_millis(300));
    assert_eq!((part.body, part.request.target.as_str()), (Received::Part, "/"));
    assert!(part.signature.is_err());

    let replay = server(Action::Hang);
    let mut stream = connect(&replay).await;
    stream.write_all(b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx").await.unwrap();
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
