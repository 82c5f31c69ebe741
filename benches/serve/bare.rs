//! A bare axum handler that reads the body and answers a constant.

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;

/// Given to this program to make it the bare handler.
pub(crate) const ARGUMENT: &str = "bare-handler";

const ANSWER: &str = r#"{"attachmentSetId":"as-00000000000000000000000000000000","expiryTime":"2020-05-14T17:04:40.790+0000"}"#;

/// Serves until it is killed.
pub(crate) fn run() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        println!("{{\"endpoint\":\"http://{}\"}}", listener.local_addr().unwrap());
        let route = post(|_body: Bytes| async { ANSWER });
        let router = Router::new().route("/", route).layer(DefaultBodyLimit::disable());
        let service = TowerToHyperService::new(router);
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service.clone());
            tokio::spawn(connection);
        }
    });
}
