//! Sets an adapter up in its folder, once, whoever asks and however often.

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::Entry;
use crate::adapter::program_path;
use crate::wire::sha256_hex;

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
    #[error("{client} needs {what}, which is not installed: run `{install}`")]
    Missing {
        /// The adapter.
        client: String,
        /// What is missing.
        what: String,
        /// The command that installs it.
        install: String,
    },
    /// A command of the set-up failed.
    #[error("setting up {client} failed at `{command}` ({status}); run again to repair it\n{output}")]
    Command {
        /// The adapter.
        client: String,
        /// The command.
        command: String,
        /// How it ended.
        status: String,
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

    /// Sets the adapter up unless it is ready. A set-up that was cut off is
    /// started afresh; of two at once, the second waits for the first.
    /// `progress` is told what is going on.
    ///
    /// # Errors
    /// What is missing, or which command failed with what output.
    pub fn set_up(&self, progress: impl Fn(&str)) -> Result<(), SetupError> {
        let name = &self.manifest.name;
        if let Some(missing) = self.missing() {
            return Err(SetupError::Missing {
                client: name.clone(),
                what: missing.what(),
                install: missing.install.clone(),
            });
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
        for (index, command) in self.manifest.setup.iter().enumerate() {
            let text = command.join(" ");
            progress(&format!(
                "setting up {name}, step {} of {}: {text}",
                index + 1,
                self.manifest.setup.len()
            ));
            self.run(command, &text)?;
        }
        let stamp = installed.join(".complete");
        std::fs::write(&stamp, self.digest()?).map_err(io(&stamp))
    }

    fn run(&self, command: &[String], text: &str) -> Result<(), SetupError> {
        let failed = |status: String, output: String| SetupError::Command {
            client: self.manifest.name.clone(),
            command: text.into(),
            status,
            output,
        };
        let Some((program, arguments)) = command.split_first() else { return Ok(()) };
        // Both streams go into one file, so that neither can fill a pipe.
        let log = self.dir.join("installed/.log");
        let io = |error| SetupError::Io(log.clone(), error);
        let mut output =
            File::options().read(true).write(true).create(true).truncate(true).open(&log).map_err(io)?;
        let (out, err) = (output.try_clone().map_err(io)?, output.try_clone().map_err(io)?);
        let status = Command::new(program_path(program, Some(&self.dir)))
            .args(arguments)
            .current_dir(&self.dir)
            .envs(&self.manifest.env)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .status()
            .map_err(|error| failed(error.to_string(), String::new()))?;
        if status.success() {
            return Ok(());
        }
        let mut text = Vec::new();
        output.rewind().and_then(|()| output.read_to_end(&mut text)).map_err(io)?;
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().collect();
        let end = lines.get(lines.len().saturating_sub(15)..).unwrap_or_default().join("\n");
        Err(failed(status.to_string(), end))
    }

    /// A digest of the files that the set-up rests on.
    fn digest(&self) -> Result<String, SetupError> {
        let io = |error| SetupError::Io(self.dir.clone(), error);
        let common = self.manifest.common.as_ref().map(|language| self.dir.join("../common").join(language));
        let mut files = Vec::new();
        for dir in
            [Some(self.dir.clone()), common.clone(), common.map(|dir| dir.join("src"))].into_iter().flatten()
        {
            let Ok(entries) = std::fs::read_dir(dir) else { continue };
            for entry in entries {
                let path = entry.map_err(io)?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if path.is_file() && name != ".lock" && name != "known-failures" {
                    files.push((name, path));
                }
            }
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
