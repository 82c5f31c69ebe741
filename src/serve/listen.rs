//! Accepts connections and serves them, within bounds.

use std::net::TcpListener;
use std::pin::pin;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;

use super::Limits;
use super::app::App;
use super::malformed::Answering;
use super::routes;

/// The longest head of a request, in bytes.
const MAX_HEAD: usize = 64 << 10;

pub(super) async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let limits = &app.options.limits;
    let service = TowerToHyperService::new(routes::router(app.clone()));
    let http = builder(limits);
    let slots = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    // Aborts what is left of the connections when it is dropped.
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, slot) = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        let connection = http.serve_connection(TokioIo::new(bounded(stream, limits)), service.clone());
        let connection = graceful.watch(connection);
        connections.spawn(async move {
            // A connection that its client broke concerns nobody else.
            let _ = connection.await;
            drop(slot);
        });
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let _ = tokio::time::timeout(limits.shutdown, graceful.shutdown()).await;
    Ok(())
}

fn builder(limits: &Limits) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        // It also runs while a connection is idle.
        .header_read_timeout(limits.idle)
        .max_buf_size(MAX_HEAD)
        // A client may end its side when it has said all, as netcat does.
        .half_close(true);
    http
}

/// The next connection, once there is a slot for it.
async fn accept(
    listener: &tokio::net::TcpListener,
    slots: &Arc<Semaphore>,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed.
    let slot = slots.clone().acquire_owned().await.ok();
    (crate::accept::accept(listener).await, slot)
}

/// A connection that ends when an answer stays unread.
fn bounded(stream: TcpStream, limits: &Limits) -> Answering<std::pin::Pin<Box<TimeoutStream<TcpStream>>>> {
    // Without it, small answers may wait for acknowledgements.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.idle));
    Answering::new(Box::pin(stream))
}
