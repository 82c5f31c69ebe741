//! Whose requests are judged.

use attachset::client::{Call, Client};
use attachset::judge::{Defect, Verdict};
use attachset::runner::{self, Options};
use attachset::transcript::End;
use attachset::wire::outcome::{Members, Outcome};

use super::*;

#[tokio::test]
async fn a_request_with_neither_key_nor_host_is_not_the_clients() {
    let replay = server(letter("a"));
    let key = "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/support\r\n";
    let port = replay.address().port();
    for (head, is_own) in [
        ("POST / HTTP/1.1\r\nHost: x\r\n".to_owned(), false),
        ("POST / HTTP/1.1\r\n".into(), false),
        ("POST / HTTP/1.1\r\nHost: 127.0.0.1:1\r\nAuthorization: Basic eA==\r\n".into(), false),
        ("GET /AKIDEXAMPLE HTTP/1.2\r\nHost: x\r\n".into(), true),
        ("GET / HTTP/1.2\r\nHost: x\r\n".into(), false),
        (format!("POST / HTTP/1.1\r\nHost: x\r\n{key}"), true),
        (format!("POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"), true),
        ("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n".into(), true),
        (format!("POST / HTTP/1.1\r\nHost: localhost:{port}\r\n"), true),
        (format!("POST http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: x\r\n"), true),
    ] {
        let mut stream = connect(&replay).await;
        stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).await.unwrap();
        let mut read = Vec::new();
        stream.read_to_end(&mut read).await.unwrap();
        let seen = replay.finish();
        assert_eq!(seen.exchanges.len(), usize::from(is_own), "{head}");
        assert_eq!(seen.remarks.len(), usize::from(!is_own), "{head}");
        assert_eq!(read.starts_with(b"HTTP/1.1 421 "), !is_own, "{head}");
        assert!(seen.remarks.iter().all(|remark| remark.starts_with("1 request ")), "{:?}", seen.remarks);
    }
}

/// A client that sends nothing, beside others that do.
struct Silent;

impl Client for Silent {
    async fn call(&mut self, call: &Call) -> End {
        let address = call.endpoint.strip_prefix("http://").unwrap();
        drop(TcpStream::connect(address).await.unwrap());
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        assert!(stream.read_to_end(&mut Vec::new()).await.is_ok());
        Ok(Outcome::Output(Members::default()))
    }
}

#[tokio::test]
async fn what_others_send_is_no_contact_and_takes_no_reply() {
    let wanted = ["success/create", "error/attachment-set-expired-header-uri"];
    let fixtures = Set::embedded().unwrap().client.into_iter();
    let fixtures: Vec<_> = fixtures.filter(|of| wanted.contains(&&*of.id)).map(Into::into).collect();
    assert_eq!(fixtures.len(), wanted.len());
    let run = runner::run(
        fixtures,
        Options::default(),
        || async { Ok(Silent) },
        |run| {
            let defects: Vec<_> = run.judgement.mismatches.iter().map(|of| of.defect).collect();
            assert_eq!((run.judgement.verdict, defects), (Verdict::Fail, vec![Defect::NoContact]));
            let notes = run.judgement.notes;
            assert!(notes.iter().any(|note| note.contains("POST / with the host \"x\"")), "{notes:?}");
        },
    );
    run.await.unwrap();
}
