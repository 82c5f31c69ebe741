//! A mutant: the documented service, behind a proxy that gets something wrong.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use attachset::serve::Server;
use attachset::wire::{Headers, Request, Response, http1, latin1};
use axum::body::Body;
use axum::extract::State;
use axum::http::{self, HeaderName, HeaderValue, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::servers::RUNTIME;
use crate::servers::mutants::{Memory, Mutant, sign_again};

/// A mutant on one connection.
struct Connection {
    mutant: &'static Mutant,
    inner: Arc<Server>,
    memory: Mutex<Memory>,
}

/// Starts a mutant on a free port and gives its URL. It ends with the test.
pub(crate) fn start(mutant: &'static Mutant, inner: Server) -> String {
    let inner = Arc::new(inner);
    let listener = listen();
    let address = listener.local_addr().unwrap();
    RUNTIME.spawn(async move {
        let listener = TcpListener::from_std(listener).unwrap();
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            let state = Connection { mutant, inner: inner.clone(), memory: Mutex::default() };
            let router = axum::Router::new().fallback(forward).with_state(Arc::new(state));
            let service = hyper_util::service::TowerToHyperService::new(router);
            let connection = hyper_util::rt::TokioIo::new(connection);
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(connection, service));
        }
    });
    format!("http://{address}")
}

/// Starts a server that answers whatever comes with success, once it is silent
/// for a moment.
pub(crate) fn start_yes() -> String {
    let listener = listen();
    let address = listener.local_addr().unwrap();
    RUNTIME.spawn(async move {
        let listener = TcpListener::from_std(listener).unwrap();
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut came = Vec::new();
                let read = async { while connection.read_buf(&mut came).await.is_ok_and(|read| read > 0) {} };
                let _ = tokio::time::timeout(Duration::from_millis(50), read).await;
                let body = r#"{"attachmentSetId":"as-1","expiryTime":"2030"}"#;
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = connection.write_all(answer.as_bytes()).await;
            });
        }
    });
    format!("http://{address}")
}

pub(crate) fn listen() -> std::net::TcpListener {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

async fn forward(
    State(connection): State<Arc<Connection>>,
    request: axum::extract::Request,
) -> http::Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = http_body_util::BodyExt::collect(body).await else {
        return answer(&Response { status: 400, ..Response::default() });
    };
    let came = Request {
        method: parts.method.to_string(),
        target: parts.uri.to_string(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), latin1(value.as_bytes())))
            .collect(),
        body: body.to_bytes().to_vec(),
    };
    let mut sent = came.clone();
    (connection.mutant.request)(&mut sent, &mut connection.memory.lock().unwrap());
    sign_again(&came, &mut sent);
    let mut back = send(&connection.inner, sent).await;
    if !came.target.starts_with("/_attachset/") {
        (connection.mutant.answer)(&came, &mut back, &mut connection.memory.lock().unwrap());
    }
    answer(&back)
}

/// Makes the exchange with the service behind; the host stays as it was signed.
pub(crate) async fn send(inner: &Server, request: Request) -> Response {
    let own = ["content-length", "transfer-encoding", "connection"];
    let mut headers: Headers = request.headers.iter().filter(|(name, _)| !own.contains(name)).collect();
    if headers.get("content-length").is_none() {
        headers.push("content-length", request.body.len().to_string());
    }
    headers.push("connection", "close");
    let bytes = http1::request_bytes(&Request { headers, ..request });
    let exchange = async {
        let mut connection = TcpStream::connect(inner.address()).await?;
        let _ = connection.write_all(&bytes).await;
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let answer = tokio::time::timeout(Duration::from_secs(20), exchange).await.unwrap().unwrap_or_default();
    http1::response(&answer).unwrap_or(Response { status: 502, ..Response::default() })
}

fn answer(response: &Response) -> http::Response<Body> {
    let mut out = http::Response::new(Body::from(response.body.clone()));
    *out.status_mut() = StatusCode::from_u16(response.status).unwrap();
    for (name, value) in
        response.headers.iter().filter(|(name, _)| !["content-length", "connection"].contains(name))
    {
        let (name, value) = (HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
        out.headers_mut().append(name, value);
    }
    out
}
