//! The adapter protocol, for clients written in Rust: see `adapters/README.md`.

use std::any::Any;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::runtime;

/// The client that an adapter drives.
pub trait Client {
    const NAME: &str;
    const VERSION: &str;
    /// The adapter's lock file.
    const LOCK: &str;
    /// What it can call.
    const OPERATIONS: &[&str];

    fn new(settings: &Settings) -> Self;
    fn call(&self, operation: &str, input: Members) -> impl Future<Output = Outcome>;
}

/// What a client is set up with; it is kept for as long as this stays the same.
#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    pub endpoint: String,
    pub region: String,
    pub credentials: Credentials,
    pub max_attempts: u32,
    pub timeout_ms: u64,
    /// What the call rests on that not every client can be told.
    #[serde(default)]
    pub needs: Vec<String>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: Option<String>,
}

/// An operation's input as it came, by the names of the service model.
pub type Members = Map<String, Value>;

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Output(Value),
    Error(Failure),
    Unsupported(String),
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    pub kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Service,
    Client,
    Decode,
    Transport,
    Timeout,
    #[default]
    Unexpected,
}

#[derive(Deserialize)]
struct Hello {
    protocol: u32,
}

#[derive(Deserialize)]
struct Call {
    id: String,
    #[serde(flatten)]
    settings: Settings,
    operation: Option<String>,
    input: Members,
}

#[derive(Serialize)]
struct Answer {
    id: String,
    #[serde(flatten)]
    outcome: Outcome,
}

/// Answers lines until standard input ends.
pub fn run<C: Client>() -> io::Result<()> {
    // The worker tends the idle connections while this thread waits for a line.
    let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let mut current: Option<(Settings, C)> = None;

    for line in io::stdin().lines() {
        let line = line?;
        if let Ok(Hello { protocol: 1 }) = serde_json::from_str(&line) {
            let runtime = format!("hyper {}", locked(C::LOCK, "hyper"));
            let client =
                json!({"name": C::NAME, "version": C::VERSION, "language": "rust", "runtime": runtime});
            reply(&json!({"protocol": 1, "client": client, "operations": C::OPERATIONS}))?;
            continue;
        }
        let Call { id, settings, operation, input } = serde_json::from_str(&line)?;
        let operation = operation.as_deref().unwrap_or("AddAttachmentsToSet");
        if !C::OPERATIONS.contains(&operation) {
            reply(&Answer { id, outcome: lacking(operation) })?;
            continue;
        }
        let call = || {
            let (_, client) = match current.take() {
                Some(kept) if kept.0 == settings => current.insert(kept),
                _ => {
                    let client = C::new(&settings);
                    current.insert((settings, client))
                }
            };
            runtime.block_on(client.call(operation, input))
        };
        let outcome = catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(panicked);
        reply(&Answer { id, outcome })?;
    }
    Ok(())
}

/// For what the client cannot express.
pub fn lacking(name: &str) -> Outcome {
    Outcome::Unsupported(format!("this client has no {name}"))
}

/// The version of a crate in a lock file.
fn locked<'a>(lock: &'a str, name: &str) -> &'a str {
    let version = lock.split_once(&format!("name = \"{name}\"\nversion = \"")).map(|(_, rest)| rest);
    version.and_then(|rest| rest.split_once('"')).map_or("", |(version, _)| version)
}

fn panicked(payload: Box<dyn Any + Send>) -> Outcome {
    let message = payload
        .downcast::<String>()
        .map(|message| *message)
        .or_else(|payload| payload.downcast::<&str>().map(|message| message.to_string()));
    Outcome::Error(Failure { kind: Kind::Unexpected, message: message.ok(), ..Failure::default() })
}

fn reply(line: &impl Serialize) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    serde_json::to_writer(&mut stdout, line)?;
    writeln!(stdout)?;
    stdout.flush()
}
