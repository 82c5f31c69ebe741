//! The bytes of every reply, as they come from a socket.

use std::time::Duration;

use attachset::fixture::{Action, HttpReply, Reply, SAMPLE_DATE, Set};
use attachset::replay::Replay;
use attachset::runner::credentials;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{connect, request};

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
    stream.write_all(request("POST /", &stream, "Content-Length: 2\r\n", "{}").as_bytes()).await.unwrap();
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

/// The same with the date replaced, if it is of the moment or as long ago as it says.
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
    let stated = headers.get("age").map_or(0, |age| age.parse().expect(id));
    let stated = Duration::from_secs(stated);
    assert!(age.abs_diff(stated) < Duration::from_secs(600), "{id}: {text}");
    date.copy_from_slice(SAMPLE_DATE.as_bytes());
    bytes
}
