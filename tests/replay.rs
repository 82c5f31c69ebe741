//! The servers of the fixtures, and their ports.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashSet;
use std::time::{Duration, Instant};

use attachset::fixture::{Action, Fixture, RawReply, Reply, Set};
use attachset::replay::Replay;
use attachset::runner::credentials;
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

/// A server that does one thing after a request.
fn server(action: Action) -> Replay {
    let mut fixture: Fixture = Set::embedded().unwrap().client.into_iter().next().unwrap();
    let reply = Reply::Raw(RawReply { raw: vec![action], ..RawReply::default() });
    fixture.steps.iter_mut().for_each(|step| step.replies = vec![reply.clone()]);
    let replay = Replay::for_many(test_credentials()).unwrap();
    replay.load(&fixture, credentials(&fixture));
    replay
}

/// A connection on which a request was made.
async fn ask(replay: &Replay) -> TcpStream {
    let mut stream = TcpStream::connect(replay.address()).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    stream
}

async fn comes_to_be(replay: &Replay, open: bool) -> bool {
    let began = Instant::now();
    while replay.is_open() != open && began.elapsed() < Duration::from_secs(10) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    replay.is_open() == open
}

#[tokio::test]
async fn a_connection_is_open_until_the_client_has_closed_it() {
    let replay = server(Action::Close);
    assert!(!replay.is_open());
    let (one, mut other) = (ask(&replay).await, ask(&replay).await);
    assert!(comes_to_be(&replay, true).await);
    drop(one);
    // That the server has closed it says nothing of the client.
    assert_eq!(other.read(&mut [0]).await.unwrap(), 0);
    assert!(replay.is_open());
    drop(other);
    assert!(comes_to_be(&replay, false).await);

    let replay = server(Action::Reset);
    let mut stream = ask(&replay).await;
    assert!(stream.read(&mut [0]).await.is_err());
    drop(stream);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(replay.is_open(), "the client need not have seen that it was broken off");
}
