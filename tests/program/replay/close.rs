//! When a server closes a connection, and that it makes no difference to a
//! verdict whether a client waits for that.

use std::collections::BTreeMap;
use std::io::ErrorKind as Io;
use std::num::NonZeroUsize;
use std::time::SystemTime;

use attachset::client::{Call, Client};
use attachset::fixture::{Need, Set};
use attachset::judge::Verdict;
use attachset::oracle::message::{Arrived, read};
use attachset::oracle::{Answer, End as After, Pace};
use attachset::runner::{self, Options};
use attachset::transcript::{End, Fault};
use attachset::wire::outcome::{ErrorKind, Outcome};
use attachset::wire::{Headers, Response, decode, http1, latin1, sign::sign};

use super::*;

/// Reads until the server closes the connection.
async fn to_the_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut read)).await.unwrap().unwrap();
    read
}

#[tokio::test]
async fn a_connection_is_closed_after_the_response_where_the_client_asks_for_it() {
    let replay = server(letter("a"));
    for (version, fields) in [
        ("1.1", "Connection: close\r\n"),
        ("1.1", "Connection: te, Close\r\n"),
        ("1.0", ""),
        ("1.0", "Connection: keep-alive\r\n"),
    ] {
        let mut stream = connect(&replay).await;
        let start = format!("POST / HTTP/{version}");
        let request = request(&start, &stream, &format!("Content-Length: 0\r\n{fields}"), "");
        stream.write_all(request.as_bytes()).await.unwrap();
        assert!(to_the_end(&mut stream).await.ends_with(b"\r\n\r\na"), "{version} {fields}");
    }
    let agreed = "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na";
    let replay = server(Action::Send(Body::Text(agreed.into())));
    let mut stream = connect(&replay).await;
    for _ in 0..2 {
        let fields = "Connection: keep-alive\r\nContent-Length: 0\r\n";
        stream.write_all(request("POST / HTTP/1.0", &stream, fields, "").as_bytes()).await.unwrap();
        assert_eq!(answer(&mut stream).await, Some('a'));
    }
}

/// An early response reaches a client that asks for the end of the connection.
#[tokio::test]
async fn a_response_before_the_body_is_not_lost_in_a_reset() {
    let replay = serving(&fixture(vec![vec![raw(Start::AfterHead, &[letter("a")])]]));
    let mut stream = connect(&replay).await;
    let fields = "Connection: close\r\nContent-Length: 100000\r\n";
    let request = request("POST /", &stream, fields, &"x".repeat(100_000));
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(to_the_end(&mut stream).await.ends_with(b"a"));
}

/// RFC 9110 section 10.1.1.
#[tokio::test]
async fn an_interim_response_is_for_clients_that_know_it() {
    for (version, interim) in [("1.1", true), ("1.0", false)] {
        let replay = server(letter("a"));
        let mut stream = connect(&replay).await;
        let fields = "Expect: 100-continue\r\nConnection: close\r\nContent-Length: 1\r\n";
        let request = request(&format!("POST / HTTP/{version}"), &stream, fields, "x");
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(to_the_end(&mut stream).await.starts_with(b"HTTP/1.1 100 "), interim, "{version}");
    }
}

/// A client of a few lines, without time-outs.
struct Plain {
    /// Whether it asks for the end of the connection, and reads up to there.
    to_the_end: bool,
}

impl Plain {
    async fn exchange(&self, call: &Call) -> std::io::Result<Outcome> {
        let mut request = call.request();
        if self.to_the_end {
            request.headers.push("Connection", "close");
        }
        sign(&mut request, &call.credentials, SystemTime::now()).map_err(std::io::Error::other)?;
        let mut stream = TcpStream::connect(request.headers.get("host").unwrap_or_default()).await?;
        let (mut reading, mut writing) = stream.split();
        let sent = http1::request_bytes(&request);
        let mut answer = Answer { bytes: Vec::new(), end: After::Open, pace: Pace::AtOnce, early: false };
        let send = writing.write_all(&sent);
        let receive = async {
            loop {
                let is_over = reading.read_buf(&mut answer.bytes).await? == 0;
                answer.end = if is_over { After::Closed } else { After::Open };
                let waits = match read(&answer) {
                    Arrived::Nothing | Arrived::CutHead => true,
                    Arrived::Message(message) => self.to_the_end || !message.whole,
                    _ => self.to_the_end,
                };
                if is_over || !waits {
                    return Ok::<_, std::io::Error>(());
                }
            }
        };
        let (_, received) = tokio::join!(send, receive);
        received?;
        let Arrived::Message(message) = read(&answer) else { return Err(Io::InvalidData.into()) };
        if !message.whole {
            return Err(Io::UnexpectedEof.into());
        }
        let headers: Headers = message.fields.iter().map(|(name, value)| (*name, latin1(value))).collect();
        Ok(decode::response(&Response { status: message.status, headers, body: message.body }))
    }
}

impl Client for Plain {
    async fn call(&mut self, call: &Call) -> End {
        if call.needs.contains(&Need::Timeout) {
            return Ok(Outcome::Unsupported("it has no time-outs".into()));
        }
        let failed = |error: std::io::Error| Outcome::error(ErrorKind::Transport, error.to_string());
        Ok(self.exchange(call).await.unwrap_or_else(failed))
    }
}

/// Each fixture's verdict, and what is wrong.
async fn verdicts(to_the_end: bool) -> BTreeMap<String, String> {
    let fixtures = Set::embedded().unwrap().client.into_iter().map(Into::into).collect();
    let options = Options { jobs: NonZeroUsize::new(16).unwrap(), ..Options::default() };
    let mut verdicts = BTreeMap::new();
    let run = runner::run(
        fixtures,
        options,
        move || async move { Ok(Plain { to_the_end }) },
        |run| {
            let hangs = run.transcript.ends.iter().any(|end| matches!(end, Err(Fault::NoAnswer(_))));
            assert!(!hangs, "{} hangs, to the end: {to_the_end}", run.fixture.id);
            let defects: Vec<_> = run.judgement.mismatches.iter().map(|of| of.defect).collect();
            // Whether a reset overtakes the response is a race that no client decides.
            let verdict = match run.judgement.verdict {
                Verdict::Tolerated => Verdict::Pass,
                verdict => verdict,
            };
            verdicts.insert(run.fixture.id.clone(), format!("{verdict:?} {defects:?}"));
        },
    );
    run.await.unwrap();
    verdicts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_to_the_end_of_the_connection_gets_the_verdicts_of_one_that_does_not() {
    let (to_the_end, to_the_length) = tokio::join!(verdicts(true), verdicts(false));
    for (id, verdict) in &to_the_end {
        assert_eq!(Some(verdict), to_the_length.get(id), "{id}");
    }
    let passed = to_the_end.values().filter(|verdict| verdict.starts_with("Pass")).count();
    assert!(passed > 300, "{passed} passed");
}
