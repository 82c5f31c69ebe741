//! A loop that makes calls, and does nothing else.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use attachset::client::{Call, Client};
use attachset::runner;
use attachset::wire::http1::{self, Framing};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: 98\r\n\r\n\
    {\"attachmentSetId\":\"as-fa8847b0c33183273-mu-EXAMPLE3\",\"expiryTime\":\"2030-10-09T07:19:31.345+0000\"}";

/// Makes calls; how long it took, without the time that clients start in.
pub(crate) async fn make<C, S, F>(mut calls: Vec<Call>, start: S) -> Duration
where
    C: Client + 'static,
    S: Fn() -> F,
    F: Future<Output = Result<C, String>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    calls.iter_mut().for_each(|call| call.endpoint.clone_from(&endpoint));
    let server = tokio::spawn(serve(listener));
    let mut clients = Vec::new();
    for call in calls.iter().cycle().take(runner::Options::default().jobs.get()) {
        let mut client = start().await.unwrap();
        client.call(call).await.unwrap();
        clients.push(client);
    }
    let (calls, next) = (Arc::new(calls), Arc::new(AtomicUsize::new(0)));
    let began = Instant::now();
    let mut working: JoinSet<()> = clients
        .into_iter()
        .map(|mut client| {
            let (calls, next) = (calls.clone(), next.clone());
            async move {
                while let Some(call) = calls.get(next.fetch_add(1, Ordering::Relaxed)) {
                    client.call(call).await.unwrap();
                }
            }
        })
        .collect();
    while let Some(ended) = working.join_next().await {
        ended.unwrap();
    }
    server.abort();
    began.elapsed()
}

/// Answers every request alike.
async fn serve(listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut read = Vec::new();
            while let Ok(1..) = stream.read_buf(&mut read).await {
                if let Ok(head) = http1::request_head(&read)
                    && let Ok(Framing::Length(length)) = head.framing
                    && read.len() >= head.len + length as usize
                {
                    read.clear();
                    if stream.write_all(ANSWER).await.is_err() {
                        return;
                    }
                }
            }
        });
    }
}
