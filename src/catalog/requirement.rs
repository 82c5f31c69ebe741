//! What an adapter needs that only the user can install.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;

use super::setup::wait;
use crate::process::Group;

/// How long a program may take to print its version.
const VERSION_LIMIT: Duration = Duration::from_secs(30);
/// How much is read of what it prints, in bytes.
const MAX_OUTPUT: u64 = 16 << 10;

/// Something that only the user can install.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Requirement {
    /// A program that must be on the path.
    #[serde(default)]
    pub program: Option<String>,
    /// The least version of the program, such as `17` or `3.6.3`.
    #[serde(default)]
    pub at_least: Option<String>,
    /// The argument for which the program prints its version.
    #[serde(default = "version_argument")]
    pub ask: String,
    /// A file or folder that must exist.
    #[serde(default)]
    pub path: Option<PathBuf>,
    /// The command that installs it.
    pub install: String,
}

fn version_argument() -> String {
    "--version".into()
}

impl Requirement {
    /// What is missing, in words; nothing if the requirement is met.
    #[must_use]
    pub fn lack(&self) -> Option<String> {
        let program = self.program.as_deref().and_then(|program| self.lack_of(program));
        let path = || self.path.as_ref().filter(|path| !path.exists());
        program.or_else(|| path().map(|path| format!("{}, which is not installed", path.display())))
    }

    fn lack_of(&self, program: &str) -> Option<String> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        if !std::env::split_paths(&path).any(|dir| dir.join(program).is_file()) {
            return Some(format!("{program}, which is not installed"));
        }
        let least = self.at_least.as_deref()?;
        match version_of(program, &self.ask) {
            Some(version) if numbers(&version) >= numbers(least) => None,
            Some(version) => Some(format!("{program} {least} or newer, but finds {version}")),
            None => {
                Some(format!("{program} {least} or newer, but `{program} {}` prints no version", self.ask))
            }
        }
    }
}

/// The version that a program prints. It is asked once: some take their time.
fn version_of(program: &str, argument: &str) -> Option<String> {
    static KNOWN: Mutex<Option<HashMap<String, Option<String>>>> = Mutex::new(None);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let ask = || {
        let text = output_of(Command::new(program).arg(argument)).ok()?;
        first_version(&String::from_utf8_lossy(&text)).map(str::to_owned)
    };
    known.get_or_insert_default().entry(format!("{program} {argument}")).or_insert_with(ask).clone()
}

/// The start of what a program prints, if it does so in time. Java tells its
/// version on standard error.
fn output_of(command: &mut Command) -> std::io::Result<Vec<u8>> {
    let (mut printed, writer) = std::io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let (mut child, group) = Group::start(command)?;
    // The pipe ends when no process has it open any more.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = (&mut printed).take(MAX_OUTPUT).read_to_end(&mut text);
        let _ = std::io::copy(&mut printed, &mut std::io::sink());
        text
    });
    wait(&mut child, group, VERSION_LIMIT)?;
    reader.join().map_err(|_| std::io::Error::other("the output was not read"))
}

/// The first word that is a version, as in `go version go1.26.8` and
/// `openjdk version "17.0.15" 2025-04-15`.
fn first_version(text: &str) -> Option<&str> {
    text.split_whitespace().find_map(|word| {
        let word = word.trim_matches('"');
        let word = word.strip_prefix("go").or_else(|| word.strip_prefix('v')).unwrap_or(word);
        let end = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
        word.get(..end).map(|version| version.trim_end_matches('.')).filter(|version| !version.is_empty())
    })
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{first_version, numbers};

    #[test]
    fn a_version_is_found_where_programs_print_it() {
        for (text, version) in [
            ("go version go1.26.8 linux/amd64", "1.26.8"),
            ("openjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime", "17.0.15"),
            ("Picked up JAVA_TOOL_OPTIONS: -Xmx512m\nopenjdk version \"21\" 2023-09-19", "21"),
            ("java version \"1.8.0_292\"", "1.8.0"),
            ("javac 17.0.15", "17.0.15"),
            ("\u{1b}[1mApache Maven 3.8.7\u{1b}[m\nMaven home: /usr/share/maven", "3.8.7"),
            ("Python 3.11.7", "3.11.7"),
            ("v20.19.2\n", "20.19.2"),
        ] {
            assert_eq!(first_version(text), Some(version), "{text:?}");
        }
        assert_eq!(first_version("command not found"), None);
    }

    #[test]
    fn versions_are_compared_number_by_number() {
        assert!(numbers("17.0.15") >= numbers("17"));
        assert!(numbers("3.10.0") >= numbers("3.6.3"));
        assert!(numbers("1.8.0") < numbers("17"));
        assert!(numbers("1.19.8") < numbers("1.24"));
    }
}
