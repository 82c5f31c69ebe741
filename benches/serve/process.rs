//! A server in a process of its own, so that its memory is its own, too.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

/// A server in a process of its own; killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    /// `attachset serve` as it is released.
    pub(crate) fn serve() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_attachset"));
        Self::start(command.args(["serve", "--listen", "127.0.0.1:0", "--log", "json"]))
    }

    /// The bare handler.
    pub(crate) fn bare() -> Self {
        Self::start(Command::new(std::env::current_exe().unwrap()).arg(super::bare::ARGUMENT))
    }

    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let listening: serde_json::Value = serde_json::from_str(&line).unwrap();
        let endpoint = listening.get("endpoint").and_then(serde_json::Value::as_str).unwrap();
        Self { child, address: endpoint.strip_prefix("http://").unwrap().parse().unwrap() }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The most memory that it had at once, in MB.
    pub(crate) fn peak(&self) -> f64 {
        self.memory("VmHWM:")
    }

    /// The memory that it has, in MB.
    pub(crate) fn resident(&self) -> f64 {
        self.memory("VmRSS:")
    }

    /// Linux tells in KiB.
    fn memory(&self, field: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() * 1_024.0 / 1e6
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
