//! `replay`: one fixture, served for as long as somebody looks at it.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::show::no_client_fixture;
use super::subject::no_client;
use super::{Error, Exit, UsageError, interrupt, load, print};
use crate::adapter::{Adapter, Program, question};
use crate::catalog::{self, STEP_LIMIT};
use crate::cli::{self, Selection};
use crate::client::{Call, Client, ClientInfo, Reference};
use crate::fixture::{Fixture, Level, Requirements};
use crate::judge::{Defect, Verdict, judge};
use crate::replay::Replay;
use crate::report::terminal;
use crate::reproduce::environment;
use crate::results::{Expectations, KnownFailures, Record};
use crate::runner::{self, Run, credentials};
use crate::text::one_line;
use crate::transcript::{Exchange, Fault, Received, Transcript};

pub(super) fn run(options: &cli::Replay, cache: Option<&Path>) -> Result<Exit, Error> {
    let set = load(&Selection { fixtures: options.fixtures.clone(), ..Selection::default() })?;
    let fixture = set.find(&options.id).ok_or_else(|| no_client_fixture(&set, &options.id))?;
    interrupt::watch()?;
    let runtime = tokio::runtime::Runtime::new().map_err(UsageError::new)?;
    runtime.block_on(async {
        let listener = TcpListener::bind(options.listen.unwrap_or_else(|| ([127, 0, 0, 1], 0).into()))
            .map_err(|error| UsageError(format!("--listen: {error}")))?;
        let address = listener.local_addr().map_err(UsageError::new)?;
        let calls = |step| runner::call(fixture, step, address, &credentials(fixture));
        let calls: Vec<_> = (0..fixture.steps.len()).map(calls).collect();
        let work = async {
            match program(options, cache)? {
                None => watch(fixture, &set.requirements, listener, &calls).await,
                Some(Who::BuiltIn) => {
                    let run = made(fixture, listener, &calls, &mut Reference::new()).await?;
                    Ok(tell(&run, &Reference::info(), &set.requirements))
                }
                Some(Who::Process(program)) => {
                    let mut adapter = Adapter::start(program.into()).await.map_err(UsageError)?;
                    let info = adapter.info().clone();
                    let run = made(fixture, listener, &calls, &mut adapter).await?;
                    adapter.finish().await;
                    Ok(tell(&run, &info, &set.requirements))
                }
            }
        };
        work.await
    })
}

enum Who {
    BuiltIn,
    Process(Program),
}

/// Who makes the calls, if anybody is to.
fn program(options: &cli::Replay, cache: Option<&Path>) -> Result<Option<Who>, UsageError> {
    let program = match options.client.as_deref() {
        None if options.program.is_empty() => return Ok(None),
        None => Program { command: options.program.clone(), ..Program::default() },
        Some("reference") => return Ok(Some(Who::BuiltIn)),
        Some(name) => {
            let folder = catalog::folder(cache).map_err(UsageError::new)?;
            let entries = catalog::all(&folder).map_err(UsageError::new)?;
            let entry = entries.iter().find(|entry| entry.manifest.name == name);
            let entry = entry.ok_or_else(|| no_client(&entries, name))?;
            entry.set_up(STEP_LIMIT, |step| anstream::eprintln!("{step}")).map_err(UsageError::new)?;
            entry.program()
        }
    };
    Ok(Some(Who::Process(Program { live: true, ..program })))
}

/// Makes the calls once, and judges what came of them.
async fn made(
    fixture: &Fixture,
    listener: TcpListener,
    calls: &[Call],
    client: &mut impl Client,
) -> Result<Run, Error> {
    let replay = Replay::start_on(listener, fixture, credentials(fixture)).await.map_err(UsageError::new)?;
    let began = Instant::now();
    let mut ends = Vec::new();
    for (step, call) in calls.iter().enumerate() {
        print(format!("{}\n", question(call)).as_bytes())?;
        replay.enter(step);
        ends.push(client.call(call).await);
        if ends.last().is_some_and(Result::is_err) {
            break;
        }
    }
    let transcript = Transcript { ends, ..replay.finish() };
    let judgement = judge(fixture, &transcript);
    Ok(Run {
        fixture: Arc::new(fixture.clone()),
        judgement,
        transcript,
        took: began.elapsed(),
        retried: None,
    })
}

fn tell(run: &Run, client: &ClientInfo, requirements: &Requirements) -> Exit {
    let known = KnownFailures::default();
    let record = Record::of_client(run, Expectations { client, known: &known, strict: false });
    anstream::eprint!("{}{}", terminal::failure(&record, requirements), terminal::reported(&record));
    match record.verdict {
        Verdict::Fail | Verdict::Error => Exit::Unexpected,
        Verdict::Unsupported | Verdict::Observed => Exit::NotJudged,
        Verdict::Pass | Verdict::Tolerated => Exit::Conforms,
    }
}

/// Serves the fixture again and again, and tells of each request.
async fn watch(
    fixture: &Fixture,
    requirements: &Requirements,
    listener: TcpListener,
    calls: &[Call],
) -> Result<Exit, Error> {
    let replay = Replay::endless(listener, fixture, credentials(fixture)).await.map_err(UsageError::new)?;
    anstream::eprint!("{}", introduction(fixture, calls));
    let lines: String = calls.iter().map(|call| question(call) + "\n").collect();
    print(lines.as_bytes())?;
    let mut exchanges = Vec::new();
    let mut told = Vec::new();
    for number in 0.. {
        let exchange = replay.arrival(number).await;
        if (exchange.step, exchange.reply) == (0, 0) {
            exchanges.clear();
            told.clear();
        }
        let mut out = headline(number + 1, fixture, &exchange);
        exchanges.push(exchange);
        // What a call comes to is seen by nobody here: it is as if it went on.
        let ends = vec![Err(Fault::NoAnswer(Duration::ZERO)); fixture.steps.len()];
        let transcript = Transcript { exchanges, ends, remarks: Vec::new() };
        let mismatches = judge(fixture, &transcript).mismatches;
        let new: Vec<_> = mismatches
            .into_iter()
            .filter(|mismatch| mismatch.defect != Defect::Hang && !told.contains(mismatch))
            .collect();
        for mismatch in &new {
            out.push_str(&terminal::mismatch(mismatch, mismatch.level, requirements));
        }
        out.push_str(match (new.is_empty(), fixture.level) {
            (true, Level::May) => "  the documents leave this open: nothing is judged\n",
            (true, _) => "  correct\n",
            (false, _) => "",
        });
        anstream::eprint!("{out}");
        told.extend(new);
        exchanges = transcript.exchanges;
    }
    Ok(Exit::Conforms)
}

fn introduction(fixture: &Fixture, calls: &[Call]) -> String {
    let mut out = format!("{} ({})\na client {}\n", fixture.id, fixture.level.as_str(), fixture.title);
    for (index, (call, step)) in calls.iter().zip(&fixture.steps).enumerate() {
        // Writing to a String cannot fail.
        if index == 0 {
            out.push_str("\nSet these variables for the client:\n");
            for (name, value) in environment(call) {
                let _ = writeln!(out, "  export {name}={value}");
            }
            let _ =
                writeln!(out, "Timeouts: {} ms; attempts: {}", call.timeout.as_millis(), call.max_attempts);
        }
        let _ = writeln!(out, "\nCall {}: {} with\n  {}", index + 1, call.operation.name, input(call));
        let accepted: Vec<_> = step.outcome.accept.iter().map(json).collect();
        let _ = writeln!(out, "Expected outcome:\n  {}", accepted.join("\n  or "));
        for tolerated in &step.outcome.tolerate {
            let _ = writeln!(out, "  or, tolerated, {}", json(tolerated));
        }
    }
    out.push_str(
        "\nEach request is judged as it comes, and gets the next response; after the last\n\
         comes the first. Ctrl-C ends.\n",
    );
    out
}

fn input(call: &Call) -> String {
    const MOST: usize = 600;
    let mut text = String::from_utf8_lossy(&call.body()).into_owned();
    if let Some((at, _)) = text.char_indices().nth(MOST) {
        text.truncate(at);
        text.push_str("... (the line of JSON has all of it)");
    }
    text
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("all keys are strings")
}

/// Which request came, and what it gets.
fn headline(number: usize, fixture: &Fixture, exchange: &Exchange) -> String {
    let replies = fixture.steps.get(exchange.step).map_or(0, |step| step.replies.len());
    let body = match &exchange.body {
        Received::Whole => format!("{} bytes", exchange.request.body.len()),
        Received::Part => "its body is not read to the end".into(),
        Received::TooLong(most) => format!("more than {most} bytes: the rest is not read"),
        Received::Broken(problem) | Received::Unreadable(problem) => one_line(problem).into_owned(),
    };
    format!(
        "\nrequest {number}: {} {}, {body}; call {}, response {} of {replies}\n",
        one_line(&exchange.request.method),
        one_line(&exchange.request.target),
        exchange.step + 1,
        exchange.reply + 1,
    )
}
