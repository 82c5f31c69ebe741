//! Listens, and serves each connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::connection::Connection;
use super::script::Script;
use crate::accept::accept;

pub(super) struct Server {
    address: SocketAddr,
    open: Arc<AtomicUsize>,
    /// Aborts the listener, and with it every connection, when dropped.
    _tasks: JoinSet<()>,
}

impl Server {
    pub(super) fn start(listener: std::net::TcpListener, script: Arc<Script>) -> std::io::Result<Self> {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        let mut tasks = JoinSet::new();
        let open = Arc::new(AtomicUsize::new(0));
        let opened = open.clone();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let stream = accept(&listener).await;
                script.contact.send_replace(true);
                let opened = opened.clone();
                opened.fetch_add(1, Ordering::Relaxed);
                let mut connection = Connection::new(stream, script.clone(), address);
                connections.spawn(async move {
                    // A connection that the client broke is not our concern:
                    // the transcript says what came.
                    if connection.serve().await.is_ok() {
                        opened.fetch_sub(1, Ordering::Relaxed);
                    }
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, open, _tasks: tasks })
    }

    pub(super) fn connections(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}
