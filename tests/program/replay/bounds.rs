//! What a client sends is kept within bounds, and said.

use attachset::fixture::Level;
use attachset::judge::{Defect, judge};
use attachset::transcript::Transcript;

use super::*;

/// Sends until the server ends the connection; how many bytes went out.
async fn flood(stream: &mut TcpStream, piece: &[u8], most: usize) -> usize {
    let mut sent = 0;
    while sent < most && stream.write_all(piece).await.is_ok() {
        sent += piece.len();
    }
    sent
}

fn only(replay: &Replay) -> Transcript {
    let seen = replay.finish();
    assert_eq!(seen.exchanges.len(), 1);
    seen
}

#[tokio::test]
async fn a_body_is_kept_up_to_what_a_call_can_need() {
    const MOST: usize = 64 << 20;
    let chunk = [format!("{:x}\r\n", 65_536).as_bytes(), &vec![b'x'; 65_536], b"\r\n"].concat();
    let piece = vec![b'x'; 65_536];
    for (fields, piece) in [
        ("Content-Length: 2147483648\r\n", &piece),
        ("Content-Length: 2000000\r\n", &piece),
        ("Transfer-Encoding: chunked\r\n", &chunk),
    ] {
        let replay = server(letter("a"));
        let mut stream = connect(&replay).await;
        let head = request("POST /", &stream, fields, "");
        stream.write_all(head.as_bytes()).await.unwrap();
        assert!(flood(&mut stream, piece, MOST).await < MOST, "{fields}");
        let seen = replay.arrival(0).await;
        assert!(matches!(seen.body, Received::TooLong(most) if most < 1_100_000), "{fields} {:?}", seen.body);
        assert!(seen.request.body.len() < 1_200_000);
        // The verdict says so.
        let mut fixture = fixture(vec![vec![raw(Start::AfterRequest, &[letter("a")])]]);
        fixture.level = Level::Must;
        let failed = Ok(attachset::wire::outcome::Outcome::error(
            attachset::wire::outcome::ErrorKind::Transport,
            "reset",
        ));
        let seen = Transcript { exchanges: vec![seen], ends: vec![failed], ..Transcript::default() };
        let told = judge(&fixture, &seen).mismatches;
        assert!(
            told.iter().any(|of| of.defect == Defect::Input && of.seen.contains("longer body")),
            "{told:?}"
        );
    }
}

#[tokio::test]
async fn requests_beyond_the_first_are_answered_and_counted() {
    let replay = server(letter("a"));
    let mut stream = connect(&replay).await;
    for _ in 0..300 {
        assert_eq!(ask_for_letter(&mut stream).await, Some('a'));
    }
    let seen = replay.finish();
    assert_eq!(seen.exchanges.len(), 128);
    assert_eq!(seen.remarks, ["more requests than the 128 that are kept: 172"]);
    assert_eq!(ask_for_letter(&mut stream).await, Some('a'));
    assert!(only(&replay).remarks.is_empty());
}

/// A server that is looked at by hand goes on for ever.
#[tokio::test]
async fn an_endless_server_goes_on() {
    let all = fixture(vec![vec![raw(Start::AfterRequest, &[letter("a")])]]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let replay = Replay::endless(listener, &all, credentials(&all)).await.unwrap();
    let mut stream = connect(&replay).await;
    for number in 0..300 {
        assert_eq!(ask_for_letter(&mut stream).await, Some('a'));
        assert_eq!(replay.arrival(number).await.step, 0);
    }
}

/// All connections together hold no more than a fixture can need.
#[tokio::test]
async fn heads_and_bodies_of_all_connections_share_one_bound() {
    let replay = server(letter("a"));
    let mut streams = Vec::new();
    let mut broken = 0;
    for _ in 0..16 {
        let mut stream = connect(&replay).await;
        let start = request("POST /", &stream, "A: ", "");
        stream.write_all(start.trim_end().as_bytes()).await.unwrap();
        let mut sent = 0;
        while sent < 900_000 && stream.write_all(&[b'a'; 10_000]).await.is_ok() {
            sent += 10_000;
        }
        broken += usize::from(sent < 900_000);
        streams.push(stream);
    }
    let told = || replay.finish().remarks.concat();
    let mut remarks = told();
    let began = Instant::now();
    while !remarks.contains("ended because") && began.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(10)).await;
        remarks = told();
    }
    assert!(remarks.contains("ended because the client had sent more than"), "{remarks} {broken}");
    // What is held is given back.
    drop(streams);
    let mut stream = connect(&replay).await;
    assert_eq!(ask_for_letter(&mut stream).await, Some('a'));
}
