//! Servers that are the documented service but for their HTTP: what they
//! understand of legal requests, and how they write their responses.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use attachset::campaign::{Event, server};
use attachset::check::Options;
use attachset::draw::service::Sequence;
use attachset::fixture::{Level, ServiceFixture};
use attachset::judge::{Defect, FindingId};
use attachset::serve::Server;
use attachset::wire::http1::{self, Chunks, Framing, RequestHead};
use attachset::wire::{Headers, Response, encode};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::common::is_whole;
use crate::servers::fuzz::fuzz;
use crate::servers::proxy::{listen, send};
use crate::servers::{RUNTIME, SMALL, equipped, options, run_with};

/// A server that is wrong in its HTTP.
struct Wrong {
    mistake: &'static str,
    /// What it refuses, by the text of the head.
    refuses: fn(&str) -> bool,
    /// How many responses with status 100 it gives.
    continues: usize,
    reads: Reads,
    writes: fn(Response) -> Vec<u8>,
    /// What it is found to do wrong, and nothing else.
    found: (Defect, &'static str),
}

/// How much a server reads of a request.
#[derive(PartialEq)]
enum Reads {
    All,
    /// A body in chunks is none.
    NoChunks,
    /// What comes at once.
    Once,
}

const RIGHT: Wrong = Wrong {
    mistake: "none",
    refuses: |_| false,
    continues: 1,
    reads: Reads::All,
    writes: plain,
    found: (Defect::AnswerForm, ""),
};

const fn refuses(mistake: &'static str, refuses: fn(&str) -> bool, requirement: &'static str) -> Wrong {
    Wrong { mistake, refuses, found: (Defect::Refused, requirement), ..RIGHT }
}

const fn writes(mistake: &'static str, writes: fn(Response) -> Vec<u8>, requirement: &'static str) -> Wrong {
    Wrong { mistake, writes, found: (Defect::AnswerForm, requirement), ..RIGHT }
}

static WRONG: &[Wrong] = &[
    refuses(
        "field names are known in lower case alone",
        |head| !head.contains("\r\nx-amz-target:"),
        "http.header-case",
    ),
    refuses(
        "field names are known in lower case and in title case",
        |head| head.contains("\r\nX-AMZ-TARGET:"),
        "http.header-case",
    ),
    refuses(
        "Host is the first field",
        |head| !head.lines().nth(1).is_some_and(|field| field.to_ascii_lowercase().starts_with("host:")),
        "http.server-field-order",
    ),
    refuses(
        "Authorization is split at a comma and a space",
        |head| head.contains(",SignedHeaders="),
        "sigv4.server-authorization-forms",
    ),
    refuses(
        "Authorization begins with its credential",
        |head| head.contains("AWS4-HMAC-SHA256 Signature="),
        "sigv4.server-authorization-forms",
    ),
    refuses(
        "the target of a request is a path",
        |head| head.starts_with("POST http"),
        "http.server-absolute-form",
    ),
    Wrong {
        mistake: "a body in chunks is empty",
        reads: Reads::NoChunks,
        found: (Defect::Refused, "http.server-chunked"),
        ..RIGHT
    },
    Wrong {
        mistake: "a request is what the first read gives",
        reads: Reads::Once,
        found: (Defect::Refused, "http.fragmented-delivery"),
        ..RIGHT
    },
    Wrong {
        mistake: "no response with status 100",
        continues: 0,
        found: (Defect::Hang, "http.server-expect"),
        ..RIGHT
    },
    Wrong {
        mistake: "two responses with status 100",
        continues: 2,
        found: (Defect::AnswerForm, "http.server-expect"),
        ..RIGHT
    },
    writes("a length beside chunks", |of| chunked(&of, &["chunked"], true), "http.sender-one-framing"),
    writes(
        "the coding is named twice",
        |of| chunked(&of, &["chunked", "chunked"], false),
        "http.sender-chunked-once",
    ),
    writes(
        "the length is named twice",
        |of| {
            let length = of.body.len().to_string();
            with(of, &[("Content-Length", &length)], "")
        },
        "http.sender-one-length",
    ),
    writes("the length is counted in characters", counted_in_characters, "http.sender-length"),
    writes("a line end follows each body", |of| with(of, &[], "\r\n"), "http.sender-nothing-after"),
    writes(
        "lines end with LF alone",
        |of| {
            let written = String::from_utf8(plain(of)).unwrap();
            let (head, body) = written.split_once("\r\n\r\n").unwrap();
            format!("{}\n\n{body}", head.replace("\r\n", "\n")).into_bytes()
        },
        "http.sender-line-ends",
    ),
    writes("a space before a colon", |of| with(of, &[("X-A ", "b")], ""), "http.sender-colon"),
    writes("a folded line", |of| with(of, &[("X-A", "b\r\n c")], ""), "http.sender-no-folding"),
];

fn plain(response: Response) -> Vec<u8> {
    with(response, &[], "")
}

/// A response with more fields and more bytes.
fn with(response: Response, more: &[(&str, &str)], behind: &str) -> Vec<u8> {
    let headers: Headers = response.headers.iter().chain(more.iter().copied()).collect();
    let body = [response.body, behind.as_bytes().to_vec()].concat();
    http1::message(&format!("HTTP/1.1 {} X", response.status), &headers, &body)
}

fn chunked(response: &Response, codings: &[&str], with_length: bool) -> Vec<u8> {
    let fields = response.headers.iter().filter(|(name, _)| with_length || !is_length(name));
    let codings = codings.iter().map(|coding| ("Transfer-Encoding", *coding));
    let body = &response.body;
    let mut framed = Vec::new();
    if !body.is_empty() {
        framed = [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n"].concat();
    }
    framed.extend_from_slice(b"0\r\n\r\n");
    http1::message(&format!("HTTP/1.1 {} X", response.status), &fields.chain(codings).collect(), &framed)
}

/// A server of the kind that puts what it was sent into its messages.
fn counted_in_characters(mut response: Response) -> Vec<u8> {
    let mut body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    if let Some(message) = body.get_mut("message") {
        *message = "\u{43d}\u{435}\u{442}".into();
        response.body = body.to_string().into_bytes();
    }
    let length = String::from_utf8_lossy(&response.body).chars().count().to_string();
    let fields = response.headers.iter().filter(|(name, _)| !is_length(name));
    response.headers = fields.chain([("content-length", &*length)]).collect();
    plain(response)
}

fn is_length(name: &str) -> bool {
    name.eq_ignore_ascii_case("content-length")
}

fn start(wrong: &'static Wrong) -> String {
    let inner = Arc::new(Server::with(options()).unwrap());
    let listener = listen();
    let address = listener.local_addr().unwrap();
    RUNTIME.spawn(async move {
        let listener = TcpListener::from_std(listener).unwrap();
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let inner = inner.clone();
            tokio::spawn(async move { while serve(wrong, &inner, &mut connection).await.is_some() {} });
        }
    });
    format!("http://{address}")
}

/// Serves one request; none where the connection ends.
async fn serve(wrong: &Wrong, inner: &Server, connection: &mut TcpStream) -> Option<()> {
    let mut came = Vec::with_capacity(1 << 16);
    let (mut request, framing, len) = loop {
        if connection.read_buf(&mut came).await.ok()? == 0 {
            return None;
        }
        match http1::request_head(&came) {
            Ok(RequestHead { framing: Err(_), .. }) => return refuse(wrong, connection).await,
            Ok(RequestHead { request, framing: Ok(framing), len, .. }) => break (request, framing, len),
            Err(http1::Http1Error::Incomplete(_)) if wrong.reads != Reads::Once => {}
            Err(_) => return refuse(wrong, connection).await,
        }
    };
    let head = String::from_utf8_lossy(came.get(..len)?).into_owned();
    if request.headers.get("expect").is_some() {
        for _ in 0..wrong.continues {
            connection.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.ok()?;
        }
    }
    let mut chunks = Chunks::default();
    loop {
        let rest = came.get(len..)?;
        match framing {
            Framing::Length(length) if rest.len() as u64 >= length => {
                request.body = rest.get(..usize::try_from(length).ok()?)?.to_vec();
                break;
            }
            Framing::Chunked if wrong.reads == Reads::NoChunks => break,
            Framing::Chunked => match chunks.read(rest) {
                Ok(Some(_)) => {
                    request.body = chunks.body;
                    break;
                }
                Ok(None) => {}
                Err(_) => return refuse(wrong, connection).await,
            },
            Framing::Length(_) | Framing::Close => {}
        }
        if wrong.reads == Reads::Once && request.headers.get("expect").is_none() {
            request.body = rest.to_vec();
            break;
        }
        if connection.read_buf(&mut came).await.ok()? == 0 {
            return None;
        }
    }
    if (wrong.refuses)(&head) && !request.target.contains("/_attachset") {
        return refuse(wrong, connection).await;
    }
    let own = ["transfer-encoding", "expect", "content-length"];
    let fields =
        request.headers.iter().filter(|(name, _)| !own.iter().any(|own| name.eq_ignore_ascii_case(own)));
    request.headers = fields.map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    let is_clock = request.target.contains("/_attachset");
    let mut back = send(inner, request).await;
    let fields = back.headers.iter().filter(|(name, _)| !["connection", "date"].contains(name));
    back.headers = fields.collect();
    let bytes = if is_clock { plain(back) } else { (wrong.writes)(back) };
    connection.write_all(&bytes).await.ok()?;
    Some(())
}

async fn refuse(wrong: &Wrong, connection: &mut TcpStream) -> Option<()> {
    let code = Some("UnknownOperationException".into());
    let error =
        attachset::model::ServiceError { code, message: None, status: 404, request_id: Some("r".into()) };
    connection.write_all(&(wrong.writes)(encode::error(&error))).await.ok()?;
    None
}

/// The fixtures that are about HTTP, and some that are not.
fn judged() -> Vec<Arc<ServiceFixture>> {
    let ids = ["create/returns-a-set", "append/unknown-id", "refuse/not-json", "case/attachment-comes-back"];
    let is_meant = |fixture: &ServiceFixture| fixture.is_spelled() || ids.contains(&&*fixture.id);
    SMALL.iter().filter(|fixture| fixture.level != Level::May && is_meant(fixture)).cloned().collect()
}

#[test]
fn each_mistake_in_http_is_one_finding_and_each_spelling_is_missed_by_a_server() {
    let mut idle: Vec<_> = judged().into_iter().filter(|fixture| fixture.is_spelled()).collect();
    for wrong in WRONG.iter().chain([&RIGHT]) {
        let mut found = Vec::new();
        // A server that waits for what it is never sent takes the whole deadline.
        let options = Options { timeout: Duration::from_secs(1), ..Options::default() };
        for run in run_with(judged(), &start(wrong), options) {
            idle.retain(|fixture| fixture.id != run.fixture.id || run.judgement.mismatches.is_empty());
            found.extend(run.judgement.mismatches.into_iter().map(|of| (of.defect, of.requirement)));
        }
        found.sort();
        found.dedup();
        let (defect, requirement) = wrong.found;
        let expected = (!requirement.is_empty()).then(|| (defect, requirement.to_owned()));
        assert_eq!(found, Vec::from_iter(expected), "{}", wrong.mistake);
    }
    let idle: Vec<_> = idle.iter().map(|fixture| &fixture.id).collect();
    assert!(idle.is_empty(), "no server is failed by {idle:#?}");
}

/// All of them where tests run whole.
#[test]
fn a_search_finds_mistakes_in_http() {
    let sample = ["title case", "a body in chunks", "a length beside chunks", "counted in characters"];
    let is_meant = |wrong: &&Wrong| is_whole() || sample.iter().any(|part| wrong.mistake.contains(part));
    for wrong in WRONG.iter().filter(is_meant) {
        let stop = Arc::new(AtomicBool::new(false));
        let mut found = Vec::new();
        let set = stop.clone();
        let (defect, requirement) = wrong.found;
        let each = |event: Event<'_, Sequence>| {
            if let Event::Found(id, ..) = event {
                found.push(id.clone());
                set.store(found.contains(&id_of(defect, requirement)), Ordering::Relaxed);
            }
        };
        let options = server::Options { timeout: Duration::from_millis(500), ..fuzz(20_000, 4) };
        RUNTIME.block_on(server::run(&options, equipped(&start(wrong)), stop, each)).unwrap();
        assert!(found.contains(&id_of(defect, requirement)), "{}: {found:?}", wrong.mistake);
    }
}

fn id_of(defect: Defect, requirement: &str) -> FindingId {
    FindingId { defect, requirement: requirement.into() }
}
