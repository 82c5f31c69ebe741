//! Accepts connections and serves them, within bounds.

use std::collections::HashMap;
use std::net::TcpListener;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::task::{AbortHandle, Id, JoinSet};
use tokio_io_timeout::TimeoutStream;

use super::Limits;
use super::app::App;
use super::connection::{Connection, Noting};
use super::instead::{Replacing, Resets};
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
    let graceful = GracefulShutdown::new();
    // Aborts what is left of the connections when it is dropped.
    let mut tasks = JoinSet::new();
    let mut open = Open::default();
    let mut stop = pin!(stop);
    let sweeps = app.worlds.sweeps();
    let mut sweep = tokio::time::interval(sweeps.unwrap_or(Duration::from_secs(1)));
    loop {
        let stream = tokio::select! {
            () = &mut stop => break,
            Some(ended) = tasks.join_next_with_id() => {
                open.0.remove(&ended.map_or_else(|error| error.id(), |(id, ())| id));
                continue;
            }
            _ = sweep.tick(), if sweeps.is_some() => {
                app.worlds.sweep();
                continue;
            }
            stream = crate::accept::accept(&listener) => stream,
        };
        open.make_place(limits.connections);
        let connection = Arc::new(Connection::new(&stream));
        let service = {
            let (service, connection) = (service.clone(), connection.clone());
            service_fn(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(connection.clone());
                service.call(request)
            })
        };
        let stream = TokioIo::new(bounded(stream, limits, connection.clone()));
        let serving = graceful.watch(http.serve_connection(stream, service));
        let task = tasks.spawn(async move {
            // A connection that its client broke concerns nobody else.
            let _ = serving.await;
        });
        open.0.insert(task.id(), (connection, task));
    }
    drop(listener);
    let _ = tokio::time::timeout(limits.shutdown, graceful.shutdown()).await;
    Ok(())
}

/// The open connections.
#[derive(Default)]
struct Open(HashMap<Id, (Arc<Connection>, AbortHandle)>);

impl Open {
    /// Closes the longest idle connections until there are fewer than so many:
    /// whoever comes is always let in.
    fn make_place(&mut self, most: usize) {
        while self.0.len() >= most.max(1) {
            let first = self.0.iter().min_by_key(|(_, (connection, _))| connection.rank());
            let Some(id) = first.map(|(id, _)| *id) else { return };
            if let Some((_, task)) = self.0.remove(&id) {
                task.abort();
            }
        }
    }
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

impl Resets for std::pin::Pin<Box<TimeoutStream<TcpStream>>> {
    fn reset_on_drop(&self) -> std::io::Result<()> {
        self.get_ref().set_zero_linger()
    }
}

/// A connection's stream, which ends when a response stays unread.
fn bounded(
    stream: TcpStream,
    limits: &Limits,
    connection: Arc<Connection>,
) -> Replacing<Noting<std::pin::Pin<Box<TimeoutStream<TcpStream>>>>> {
    // Without it, small responses may wait for acknowledgements.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.idle));
    Replacing::new(Noting::new(Box::pin(stream), connection.clone()), connection)
}
