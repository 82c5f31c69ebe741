//! A client behind a child process that speaks JSON lines.
//!
//! The protocol is described in `adapters/README.md`.

mod stderr;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use crate::client::{Call, Client, ClientInfo};
use crate::fixture::{Claim, Need};
use crate::model::{Operation, OperationShape};
use crate::normalize::without_process;
use crate::process::Group;
use crate::runner::START;
use crate::text::cut as shortened;
use crate::transcript::{End, Fault};
use crate::wire::answer::{self, cut};
use crate::wire::sign::Credentials;
use stderr::keep_end;

/// The version of the protocol.
const PROTOCOL: u32 = 1;
/// The longest line that is read from an adapter: room for a message of 1 MiB,
/// the longest that a fixture has, with the client's own words.
const MAX_LINE: u64 = 2 << 20;
/// The most characters of a client's name, version or language.
const MAX_NAME: usize = 100;
/// How long what a program wrote before it ended may take to be read.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// How to start an adapter.
#[derive(Debug, Clone)]
pub struct Program {
    /// What the client is called in messages; without it, as the program is.
    pub name: Option<String>,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The folder to run in; without it, the current one.
    pub dir: Option<PathBuf>,
    /// Variables to set.
    pub env: BTreeMap<String, String>,
    /// Whether what it writes to standard error is passed on as it comes.
    pub live: bool,
    /// The client's name for people, where a manifest gives one.
    pub title: String,
    /// What a manifest says that the client does not have.
    pub lacks: Vec<Claim>,
    /// How long it may take to start and to say who it is.
    pub start: Duration,
}

impl Default for Program {
    fn default() -> Self {
        Self {
            name: None,
            command: Vec::new(),
            dir: None,
            env: BTreeMap::new(),
            live: false,
            title: String::new(),
            lacks: Vec::new(),
            start: START,
        }
    }
}

/// A running adapter.
pub struct Adapter {
    program: Arc<Program>,
    info: ClientInfo,
    /// The operations that it says it drives.
    operations: Vec<String>,
    process: Option<Process>,
}

impl Adapter {
    /// Starts an adapter and asks who is there.
    ///
    /// # Errors
    /// In words, where the program cannot be started or does not speak the
    /// protocol.
    pub async fn start(program: Arc<Program>) -> Result<Self, String> {
        let mut process = Process::spawn(&program)?;
        let asked = async {
            process.write(&Hello { protocol: PROTOCOL }).await?;
            process.line().await
        };
        let line = match tokio::time::timeout(program.start, asked).await {
            Ok(Ok(line)) => line,
            Ok(Err(fault)) => return Err(format!("{}: {fault}", program.name())),
            Err(_) => {
                return Err(format!(
                    "{}: the adapter gave no response to its first line within {:?}; --start-timeout gives it \
                     longer",
                    program.name(),
                    program.start
                ));
            }
        };
        let hello: HelloAnswer = serde_json::from_str(&line).map_err(|error| {
            format!(
                "{}: expected {{\"protocol\":1,\"client\":{{...}}}}, got {}: {}",
                program.name(),
                cut(&line),
                shortened(&error.to_string(), MAX_NAME * 2),
            )
        })?;
        if hello.protocol != PROTOCOL {
            return Err(format!("{}: speaks protocol {}, not {PROTOCOL}", program.name(), hello.protocol));
        }
        let ClientInfo { name, version, language, runtime, .. } = &hello.client;
        for (what, text) in
            [("name", name), ("version", version), ("language", language), ("runtime", runtime)]
        {
            if text.chars().nth(MAX_NAME).is_some() {
                let problem = format!("its {what} is longer than {MAX_NAME} characters: {}", cut(text));
                return Err(format!("{}: {problem}", program.name()));
            }
        }
        let mut info = hello.client;
        if !program.title.is_empty() {
            (info.title, info.lacks) = (program.title.clone(), program.lacks.clone());
        }
        Ok(Self { program, info, operations: hello.operations, process: Some(process) })
    }

    /// Who it is.
    #[must_use]
    pub fn info(&self) -> &ClientInfo {
        &self.info
    }

    /// Tells it that there is nothing more to do, and reads its last words.
    pub async fn finish(self) {
        let Some(process) = self.process else { return };
        drop(process.stdin);
        let _ = tokio::time::timeout(Duration::from_secs(1), process.reader).await;
    }

    async fn ask(&mut self, question: &Question<'_>) -> Result<String, Fault> {
        let process = match &mut self.process {
            Some(process) => process,
            none => none.insert(
                Process::spawn(&self.program)
                    .map_err(|problem| Fault::Protocol { problem, stderr: String::new() })?,
            ),
        };
        process.write(question).await?;
        process.line().await
    }

    async fn ended_well(&mut self, patience: Duration) -> bool {
        match &mut self.process {
            Some(process) => process.ended_well(patience).await,
            None => false,
        }
    }
}

impl Client for Adapter {
    fn drives(&self, operation: &OperationShape) -> bool {
        self.operations.contains(&operation.name)
    }

    async fn call(&mut self, call: &Call) -> End {
        let question = Question::new(call);
        if self.ended_well(Duration::ZERO).await {
            self.process = None;
        }
        let reused = self.process.is_some();
        let mut line = self.ask(&question).await;
        // A one-shot program may end between that look and the question.
        if reused && line.is_err() && self.ended_well(Duration::from_secs(1)).await {
            self.process = None;
            line = self.ask(&question).await;
        }
        let stderr = || self.process.as_ref().map(Process::stderr).unwrap_or_default();
        answer::parse(&line?, &call.id).map_err(|problem| Fault::Protocol { problem, stderr: stderr() })
    }
}

/// A call as the line of JSON that an adapter gets, without a line break.
#[must_use]
pub fn question(call: &Call) -> String {
    serde_json::to_string(&Question::new(call)).expect("all keys are strings")
}

#[derive(Serialize)]
struct Hello {
    protocol: u32,
}

#[derive(Deserialize)]
struct HelloAnswer {
    protocol: u32,
    client: ClientInfo,
    #[serde(default = "first")]
    operations: Vec<String>,
}

/// What an adapter drives that does not say it.
const FIRST: Operation = Operation::AddAttachmentsToSet;

fn first() -> Vec<String> {
    vec![FIRST.name().into()]
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    id: &'a str,
    endpoint: &'a str,
    region: &'a str,
    credentials: &'a Credentials,
    max_attempts: u32,
    timeout_ms: u64,
    #[serde(skip_serializing_if = "<[Need]>::is_empty")]
    needs: &'a [Need],
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'a str>,
    input: Option<Box<RawValue>>,
}

impl<'a> Question<'a> {
    fn new(call: &'a Call) -> Self {
        let input = String::from_utf8(call.body()).ok();
        Self {
            id: &call.id,
            endpoint: &call.endpoint,
            region: &call.region,
            credentials: &call.credentials,
            max_attempts: call.max_attempts,
            timeout_ms: u64::try_from(call.timeout.as_millis()).unwrap_or(u64::MAX),
            needs: &call.needs,
            // Adapters of before know one operation, and no name of it.
            operation: Some(call.operation).filter(|of| !of.is(FIRST)).map(|of| &*of.name),
            // The encoder writes JSON.
            input: input.and_then(|json| RawValue::from_string(json).ok()),
        }
    }
}

impl Program {
    fn name(&self) -> &str {
        let command = || self.command.first().map_or("no command", String::as_str);
        self.name.as_deref().unwrap_or_else(command)
    }
}

/// Where a program is: one with a slash is looked up in the folder that it
/// runs in, if it is there. Links are not followed, since a virtual
/// environment knows its programs by the links to them.
#[must_use]
pub fn program_path(name: &str, dir: Option<&Path>) -> PathBuf {
    let local = dir.filter(|_| name.contains('/')).map(|dir| dir.join(name)).filter(|path| path.exists());
    local.and_then(|path| std::path::absolute(path).ok()).unwrap_or_else(|| name.into())
}

struct Process {
    /// Ends with it, and all that it started.
    group: Group,
    child: Child,
    /// Its number, which the child no longer knows once it has ended.
    id: Option<u32>,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    stderr: Arc<Mutex<Vec<u8>>>,
    /// Ends when standard error has been read to its end.
    reader: JoinHandle<()>,
}

impl Process {
    fn spawn(program: &Program) -> Result<Self, String> {
        let (name, arguments) = program.command.split_first().ok_or("there is no command to run")?;
        let mut command = Command::new(program_path(name, program.dir.as_deref()));
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        if let Some(dir) = &program.dir {
            command.current_dir(dir);
        }
        for (name, _) in std::env::vars_os() {
            let upper = name.to_string_lossy().to_ascii_uppercase();
            if upper.starts_with("AWS_") || upper.ends_with("_PROXY") {
                command.env_remove(name);
            }
        }
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        command.envs(&program.env);
        let (mut child, group) =
            Group::start(&mut command).map_err(|error| format!("cannot run {name}: {error}"))?;
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(format!("cannot talk to {name}: it has no standard streams"));
        };
        let kept = Arc::new(Mutex::new(Vec::new()));
        let reader = tokio::spawn(keep_end(stderr, kept.clone(), program.live));
        let id = child.id();
        Ok(Self { group, child, id, stdin, stdout: BufReader::new(stdout), stderr: kept, reader })
    }

    async fn write(&mut self, message: &impl Serialize) -> Result<(), Fault> {
        let mut line = serde_json::to_vec(message)
            .map_err(|error| Fault::Protocol { problem: error.to_string(), stderr: String::new() })?;
        line.push(b'\n');
        let written = async {
            self.stdin.write_all(&line).await?;
            self.stdin.flush().await
        };
        match written.await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.ended().await),
        }
    }

    async fn line(&mut self) -> Result<String, Fault> {
        let mut line = Vec::new();
        let mut stdout = (&mut self.stdout).take(MAX_LINE);
        let crashed = async {
            match self.child.wait().await {
                Ok(status) if !status.success() => {}
                // A program that it started may still respond for it.
                _ => std::future::pending().await,
            }
        };
        let read = tokio::select! {
            biased;
            read = stdout.read_until(b'\n', &mut line) => Some(read),
            () = crashed => None,
        };
        let read = match read {
            Some(read) => read,
            // A program that it started may hold its output open forever.
            None => {
                let rest = stdout.read_until(b'\n', &mut line);
                match tokio::time::timeout(LAST_WORDS, rest).await {
                    Ok(rest) => rest.map(|_| line.len()),
                    Err(_) => Ok(0),
                }
            }
        };
        match read {
            Ok(0) | Err(_) => Err(self.ended().await),
            Ok(read) if read as u64 == MAX_LINE && !line.ends_with(b"\n") => {
                Err(self.protocol(&format!("its response is longer than {} MiB", MAX_LINE >> 20)))
            }
            // A last line without a line break is still a line.
            Ok(_) => String::from_utf8(line).map_err(|_| self.protocol("its response is not UTF-8")),
        }
    }

    fn protocol(&self, problem: &str) -> Fault {
        Fault::Protocol { problem: problem.into(), stderr: self.stderr() }
    }

    async fn ended(&mut self) -> Fault {
        let wait = tokio::time::timeout(Duration::from_secs(1), self.child.wait()).await;
        let status = match wait {
            Ok(Ok(status)) => status.to_string(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it closed its output and goes on running".into(),
        };
        self.group.end();
        // Its last words may still be in the pipe.
        let _ = tokio::time::timeout(Duration::from_secs(1), &mut self.reader).await;
        Fault::Ended { status, stderr: self.stderr() }
    }

    /// Whether the process ends with exit code 0, as a one-shot does.
    async fn ended_well(&mut self, patience: Duration) -> bool {
        let wait = tokio::time::timeout(patience, self.child.wait()).await;
        if wait.is_ok() {
            self.group.end();
        }
        matches!(wait, Ok(Ok(status)) if status.success())
    }

    fn stderr(&self) -> String {
        let kept = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&kept);
        match self.id {
            Some(id) => without_process(&text, id),
            None => text.into_owned(),
        }
    }
}
