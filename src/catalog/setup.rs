//! Sets an adapter up in its folder, once, whoever asks and however often.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::Entry;
use crate::adapter::program_path;
use crate::process::Group;
use crate::wire::sha256_hex;

/// How long a step of a set-up may take: some build a whole SDK.
pub const STEP_LIMIT: Duration = Duration::from_secs(30 * 60);

/// How much is read of what a failed step printed, in bytes from the end.
const MAX_OUTPUT: u64 = 64 << 10;

/// How cargo, Go, Maven, npm and pip say that they could not reach a registry,
/// in lower case.
const NO_NETWORK: &[&str] = &[
    "connect timed out",
    "connection refused",
    "connection reset",
    "connection timed out",
    "could not connect",
    "could not resolve host",
    "couldn't resolve host",
    "dial tcp",
    "eai_again",
    "econnrefused",
    "econnreset",
    "enotfound",
    "etimedout",
    "failed to establish a new connection",
    "i/o timeout",
    "name resolution",
    "network is unreachable",
    "no such host",
    "read timed out",
    "unknown host",
];

/// Why an adapter cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// There is no home folder to put a cache into.
    #[error("there is no home folder to set clients up in: give --cache DIR, or set XDG_CACHE_HOME")]
    NoHome,
    /// The cache cannot be written.
    #[error("clients cannot be set up in {}: {}; give --cache DIR, or set XDG_CACHE_HOME", .0.display(), .1)]
    Cache(PathBuf, std::io::Error),
    /// A file cannot be read or written.
    #[error("{}: {}", .0.display(), .1)]
    Io(PathBuf, std::io::Error),
    /// A manifest does not parse.
    #[error("{}: {}", .0.display(), .1)]
    Manifest(PathBuf, String),
    /// Something is missing that only the user can install.
    #[error("{client} needs {what}: run `{install}`")]
    Missing {
        /// The adapter.
        client: String,
        /// What is missing, in words.
        what: String,
        /// The command that installs it.
        install: String,
    },
    /// A command of the set-up failed.
    #[error("setting up {client} failed at `{command}` ({status}); {advice}\n{output}")]
    Command {
        /// The adapter.
        client: String,
        /// The command.
        command: String,
        /// How it ended.
        status: String,
        /// What to do about it.
        advice: &'static str,
        /// The end of what it printed.
        output: String,
    },
}

impl Entry {
    /// Whether the set-up has been completed for the adapter as it is now.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let stamp = std::fs::read_to_string(self.dir.join("installed/.complete"));
        self.missing().is_none() && self.digest().is_ok_and(|digest| stamp.is_ok_and(|stamp| stamp == digest))
    }

    /// Sets the adapter up unless it is ready. A set-up that was cut off is started
    /// afresh, one that failed leaves nothing behind; of two at once, the second waits
    /// for the first. No step may take longer than `limit`. `progress` is called with
    /// each step.
    ///
    /// # Errors
    /// What is missing, or which command failed with what output.
    pub fn set_up(&self, limit: Duration, progress: impl Fn(&str)) -> Result<(), SetupError> {
        let name = &self.manifest.name;
        if let Some((what, install)) = self.missing() {
            return Err(SetupError::Missing { client: name.clone(), what, install: install.into() });
        }
        if self.is_ready() {
            return Ok(());
        }
        let lock = self.dir.join(".lock");
        let io = |path: &PathBuf| {
            let path = path.clone();
            move |error| SetupError::Io(path, error)
        };
        let lock_file = File::create(&lock).map_err(io(&lock))?;
        if lock_file.try_lock().is_err() {
            progress(&format!("waiting for another set-up of {name}"));
            lock_file.lock().map_err(io(&lock))?;
        }
        if self.is_ready() {
            return Ok(());
        }
        let installed = self.dir.join("installed");
        if installed.exists() {
            std::fs::remove_dir_all(&installed).map_err(io(&installed))?;
        }
        std::fs::create_dir_all(&installed).map_err(io(&installed))?;
        let done = self.run_all(limit, progress);
        if done.is_err() {
            // What it says of the failure matters more than what is left.
            let _ = std::fs::remove_dir_all(&installed);
        }
        done
    }

    fn run_all(&self, limit: Duration, progress: impl Fn(&str)) -> Result<(), SetupError> {
        let steps = &self.manifest.setup;
        for (command, step) in steps.iter().zip(1..) {
            let text = command.join(" ");
            progress(&format!("setting up {}, step {step} of {}: {text}", self.manifest.name, steps.len()));
            self.run(command, &text, limit)?;
        }
        let stamp = self.dir.join("installed/.complete");
        std::fs::write(&stamp, self.digest()?).map_err(|error| SetupError::Io(stamp, error))
    }

    fn run(&self, command: &[String], text: &str, limit: Duration) -> Result<(), SetupError> {
        let failed = |status: String, output: &str| SetupError::Command {
            client: self.manifest.name.clone(),
            command: text.into(),
            status,
            advice: advice(output),
            output: last_lines(output),
        };
        let Some((program, arguments)) = command.split_first() else { return Ok(()) };
        // Both streams go into one file, so that neither can fill a pipe.
        let log = self.dir.join("installed/.log");
        let io = |error| SetupError::Io(log.clone(), error);
        let mut output =
            File::options().read(true).write(true).create(true).truncate(true).open(&log).map_err(io)?;
        let (out, err) = (output.try_clone().map_err(io)?, output.try_clone().map_err(io)?);
        let mut command = Command::new(program_path(program, Some(&self.dir)));
        command.args(arguments).current_dir(&self.dir).envs(&self.manifest.env);
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        let (mut child, group) = Group::start(&mut command).map_err(|error| failed(error.to_string(), ""))?;
        let ended = wait(&mut child, group, limit).map_err(io)?;
        if ended.is_some_and(|status| status.success()) {
            return Ok(());
        }
        let mut text = Vec::new();
        let length = output.metadata().map_err(io)?.len();
        output.seek(SeekFrom::Start(length.saturating_sub(MAX_OUTPUT))).map_err(io)?;
        output.take(MAX_OUTPUT).read_to_end(&mut text).map_err(io)?;
        let status = ended.map_or_else(|| format!("stopped after {limit:?}"), |status| status.to_string());
        Err(failed(status, &String::from_utf8_lossy(&text)))
    }

    /// A digest of the files that the set-up rests on.
    fn digest(&self) -> Result<String, SetupError> {
        let io = |error| SetupError::Io(self.dir.clone(), error);
        let mut files = Vec::new();
        collect(&self.dir, &mut files).map_err(io)?;
        if let Some(language) = &self.manifest.common {
            collect(&self.dir.join("../common").join(language), &mut files).map_err(io)?;
        }
        files.sort();
        let mut all = Vec::new();
        for (name, path) in files {
            let text = std::fs::read(&path).map_err(io)?;
            // Writing to a Vec cannot fail.
            let _ = writeln!(all, "{name} {}", sha256_hex(&text));
        }
        Ok(sha256_hex(&all))
    }
}

/// The files in a folder and below it, by name, without what a set-up makes
/// and what has no say in it.
fn collect(dir: &Path, files: &mut Vec<(String, PathBuf)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match name.as_str() {
            "installed" | "__pycache__" | ".lock" | "known-failures" => {}
            _ if path.is_dir() => collect(&path, files)?,
            _ => files.push((name, path)),
        }
    }
    Ok(())
}

/// Waits for a process; one that takes longer is ended, and has no status.
/// What it has left behind is ended in either case.
pub(super) fn wait(
    child: &mut Child,
    mut group: Group,
    limit: Duration,
) -> std::io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            group.end();
            return Ok(Some(status));
        }
        if start.elapsed() >= limit {
            group.end();
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn advice(output: &str) -> &'static str {
    let output = output.to_lowercase();
    if NO_NETWORK.iter().any(|words| output.contains(words)) {
        "the network failed or a package registry did not respond: check both, then run again"
    } else {
        "run again to repair it"
    }
}

fn last_lines(output: &str) -> String {
    let lines: Vec<_> = output.lines().collect();
    lines.get(lines.len().saturating_sub(15)..).unwrap_or_default().join("\n")
}
