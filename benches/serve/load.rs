//! Requests from several keep-alive connections, a thread each.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

use attachset::model::{Attachment, Input};
use attachset::wire::{encode, http1};

/// So many calls from so many connections.
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) connections: usize,
    pub(crate) calls: usize,
}

impl Load {
    /// Makes the calls; every one must succeed.
    pub(crate) fn run(&self, request: &[u8]) {
        let made = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..self.connections {
                scope.spawn(|| {
                    let mut stream = TcpStream::connect(self.address).unwrap();
                    stream.set_nodelay(true).unwrap();
                    let mut buffer = Vec::with_capacity(4_096);
                    while made.fetch_add(1, Ordering::Relaxed) < self.calls {
                        stream.write_all(request).unwrap();
                        answer(&mut stream, &mut buffer);
                    }
                });
            }
        });
    }
}

/// Makes a server forget its sets: no more than so many live at once. The bare
/// handler has none.
pub(crate) fn forget(address: SocketAddr) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"DELETE /_attachset/state HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert!(stream.read(&mut [0; 64]).unwrap() > 0, "the connection was closed");
}

/// Reads one answer, which must be a 200.
fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) {
    buffer.clear();
    loop {
        let filled = buffer.len();
        buffer.resize(filled + 2_048, 0);
        let read = stream.read(buffer.get_mut(filled..).unwrap()).unwrap();
        assert!(read > 0, "the connection was closed");
        buffer.truncate(filled + read);
        match http1::response(buffer) {
            Ok(response) => {
                assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
                return;
            }
            Err(http1::Http1Error::Incomplete(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// A call with one file of 16 bytes.
pub(crate) fn small() -> Vec<u8> {
    request(vec![vec![7; 16]])
}

/// A call with three files of 5 MiB.
pub(crate) fn upload() -> Vec<u8> {
    request(vec![vec![7; 5 << 20]; 3])
}

fn request(files: Vec<Vec<u8>>) -> Vec<u8> {
    let attachment =
        |data| Attachment { file_name: Some("troubleshoot-screenshot.png".into()), data: Some(data) };
    let input = Input { attachments: Some(files.into_iter().map(attachment).collect()), ..Input::default() };
    http1::request_bytes(&encode::request(&input, "localhost"))
}
