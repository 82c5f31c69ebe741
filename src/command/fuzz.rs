//! `fuzz`: fuzzes clients or a server with generated cases.

mod server;
mod store;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::known::Lists;
use super::run::Recorder;
use super::subject::{How, Subject, Subjects, subjects};
use super::{Error, Exit, UsageError, interrupt, load, print, runtime};
use crate::adapter::Adapter;
use crate::campaign::{self, Event};
use crate::cli::{self, Fuzz, Selection};
use crate::client::{ClientInfo, Reference};
use crate::draw;
use crate::file;
use crate::fixture::{Action, Fixture, Reply, Set};
use crate::judge::FindingId;
use crate::model::names;
use crate::oracle::Answer;
use crate::results::{Expectation, Expectations, Record, Role, Searched, Summary};
use crate::runner::{self, Run};
use crate::wire::{Headers, http1};
use store::FindingStore;

/// The longest response whose bytes are changed.
const MOST: usize = 4 << 10;
/// How long a client is searched where nothing else is said.
const TIME: Duration = Duration::from_secs(60);

pub(super) fn run(options: &Fuzz, cache: Option<&Path>) -> Result<Exit, Error> {
    interrupt::watch()?;
    let runtime = runtime(options.jobs)?;
    match &options.server {
        Some(url) => {
            let ended = runtime.block_on(server::search(options, url));
            runtime.shutdown_background();
            ended
        }
        None => runtime.block_on(search(options, cache)),
    }
}

async fn search(options: &Fuzz, cache: Option<&Path>) -> Result<Exit, Error> {
    let set = load(&Selection::default())?;
    let known = options.known_failures.as_deref();
    let lists = Lists::new(Role::Client, &set, &Selection::default(), std::iter::empty(), false)?;
    let start = options.start_timeout;
    let Subjects { ready: subjects, .. } =
        subjects(&options.client, &options.program, start, known, &lists, cache)?;
    let corpus = corpus(&options.corpus)?;
    let store = options
        .save
        .as_deref()
        .map(|dir| FindingStore::open(dir, "client", &set.requirements))
        .transpose()?;
    let files = files(options);
    let mut recorder = Recorder::open(&files, &Selection::default(), &options.program, &set.requirements)?;
    let seed = seed(options);
    let search = Search { options, seed, set: &set, corpus, store: store.as_ref(), stop: interrupt::stop() };
    let mut total = Summary::default();
    for subject in &subjects {
        let found = search.subject(subject, &mut recorder).await?;
        total.passed += found.passed;
        total.failed += found.failed;
        total.skipped += found.skipped;
    }
    conclude(recorder, total, &search.stop)
}

/// The seed, which is printed first.
fn seed(options: &Fuzz) -> u64 {
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..1_000_000_000));
    anstream::eprintln!("attachset {} fuzz --seed {seed}", env!("CARGO_PKG_VERSION"));
    seed
}

/// What is written of a search.
fn files(options: &Fuzz) -> cli::Run {
    cli::Run {
        jobs: options.jobs,
        known_failures: None,
        write_known_failures: None,
        // Each finding is printed when it is confirmed.
        verbose: true,
        strict: false,
        shard: None,
        results: options.results.clone(),
        reports: options.reports.clone(),
    }
}

/// Tells what the search of a client or a server came to, `also` that; how its
/// cases count.
fn tell(
    recorder: &mut Recorder<'_>,
    summary: &campaign::Summary,
    subject: &ClientInfo,
    began: Instant,
    also: &str,
    unexpected: usize,
) -> Summary {
    let rate = summary.cases as f64 / began.elapsed().as_secs_f64();
    recorder.note(&format!(
        "{subject}: {} cases, {rate:.0} per second,{also} {} findings in {} cases",
        summary.cases,
        summary.found.len(),
        summary.failed,
    ));
    for (FindingId { defect, requirement }, count) in &summary.unconfirmed {
        recorder.note(&format!(
            "  unconfirmed: it {} ({requirement}) in {count} cases in the pool, but not in isolation: \
             something is carried over from one call to the next, or the machine is slow",
            defect.words(),
        ));
    }
    let (drawn, passed) = (summary.cases as usize, summary.passed as usize);
    recorder.searched(Searched { cases: drawn, passed });
    Summary { passed, failed: unexpected, skipped: drawn.saturating_sub(passed + unexpected) }
}

/// How many test cases a search was to judge, where neither time nor Ctrl-C
/// could end it before.
fn planned(options: &Fuzz, stop: &AtomicBool) -> Option<u64> {
    options.cases.filter(|_| options.time.is_none() && !stop.load(Ordering::Relaxed))
}

/// Writes the reports and the last line.
fn conclude(recorder: Recorder<'_>, mut total: Summary, stop: &AtomicBool) -> Result<Exit, Error> {
    let drawn = total.passed + total.failed + total.skipped;
    let interrupted = stop.load(Ordering::Relaxed);
    // What is expected is known now that all is.
    total.failed = recorder.conclude_search(total.passed, interrupted)?;
    total.skipped = drawn.saturating_sub(total.passed + total.failed);
    print(format!("{total}\n").as_bytes())?;
    Ok(match (interrupted, total.failed) {
        (true, _) => Exit::Interrupted,
        (false, 0) => Exit::Conforms,
        (false, _) => Exit::Unexpected,
    })
}

struct Search<'a> {
    options: &'a Fuzz,
    seed: u64,
    set: &'a Set,
    corpus: Vec<Arc<[u8]>>,
    store: Option<&'a FindingStore>,
    stop: Arc<AtomicBool>,
}

impl Search<'_> {
    /// Fuzzes one client; how its cases count.
    async fn subject(&self, subject: &Subject, recorder: &mut Recorder<'_>) -> Result<Summary, UsageError> {
        let client = tokio::select! {
            biased;
            () = interrupt::caught() => return Ok(Summary::default()),
            client = subject.info() => client?,
        };
        let options = self.fuzz_options();
        recorder.begin_search(&client, &subject.known);
        let began = Instant::now();
        let mut unexpected = 0;
        let mut trouble = None;
        let each = |event: Event<'_, draw::Draw>| match event {
            Event::Found(id, run, draw) => {
                let run = self.named(&client, id, run, &draw);
                let record = self.record(subject, &client, &run);
                unexpected += usize::from(record.expectation != Expectation::Expected);
                recorder.add(record);
                match self.store.map(|store| store.put(&run.fixture.id, &*run.fixture)) {
                    Some(Ok(())) => recorder.note(&format!("  {}\n", self.again(&run.fixture.id))),
                    Some(Err(problem)) => trouble = Some(problem),
                    None => recorder.note("  keep it as a fixture with --save DIR\n"),
                }
            }
            Event::Broken(run) => {
                unexpected += 1;
                recorder.add(self.record(subject, &client, &run));
            }
            Event::Round(summary) => recorder.tell(format!(
                "{}: {} cases, {:.0} per second, {} behaviours, {} findings",
                client.name,
                summary.cases,
                summary.cases as f64 / began.elapsed().as_secs_f64(),
                summary.behaviours,
                summary.found.len(),
            )),
            // These are about servers.
            Event::Slow(_) | Event::Gone(_) | Event::Hangs(_) => {}
        };
        let stop = self.stop.clone();
        let summary = match &subject.how {
            How::BuiltIn => {
                campaign::client::run(&options, || async { Ok(Reference::new()) }, stop, each).await
            }
            How::Process(program) => {
                let program = program.clone();
                campaign::client::run(&options, move || Adapter::start(program.clone()), stop, each).await
            }
        }
        .map_err(UsageError::new)?;
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
        if summary.cases > 0 && summary.errors == summary.cases {
            return Err(UsageError(format!(
                "no verdict on {client}: its adapter violated the adapter protocol in each of {} cases",
                summary.cases
            )));
        }
        if let Some(planned) = planned(self.options, &self.stop) {
            recorder.not_judged(&client, summary.cases, planned);
        }
        let behaviours = format!(" {} behaviours,", summary.behaviours);
        Ok(tell(recorder, &summary, &client, began, &behaviours, unexpected))
    }

    fn fuzz_options(&self) -> campaign::client::Options {
        let options = self.options;
        let run = runner::Options {
            timeout: options.timeout,
            start: options.start_timeout,
            ..runner::Options::default()
        };
        campaign::client::Options {
            seed: self.seed,
            cases: options.cases.unwrap_or(u64::MAX),
            time: options.time.unwrap_or(if options.cases.is_some() { Duration::MAX } else { TIME }),
            guided: !options.no_guidance,
            starts: [if options.no_fixtures { Vec::new() } else { starts(self.set) }, self.corpus.clone()]
                .concat(),
            minimize: campaign::MINIMIZE,
            run: options.jobs.map_or(run, |jobs| runner::Options { jobs, ..run }),
        }
    }

    fn record(&self, subject: &Subject, client: &ClientInfo, run: &Run) -> Record {
        Record::of_client(run, Expectations { client, known: &subject.known, strict: false })
    }

    /// The run with a fixture that has a name, and says what it is about.
    fn named(&self, client: &ClientInfo, finding: &FindingId, run: Run, draw: &draw::Draw) -> Run {
        let FindingId { defect, requirement } = finding;
        let says = self.set.requirements.get(requirement).map_or("", |requirement| &requirement.says);
        let described = draw::described(&run.fixture, draw, *defect, requirement, says);
        let id = id(&format!("{}-{}-{requirement}", client.name, defect.as_str()));
        Run { fixture: Arc::new(Fixture { id, ..described }), ..run }
    }

    /// The command that runs a finding again.
    fn again(&self, id: &str) -> String {
        let dir = self.options.save.as_deref().unwrap_or(Path::new("DIR")).display();
        let who = match (self.options.program.as_slice(), self.options.client.as_slice()) {
            ([], [client]) => format!(" --client {client}"),
            ([], _) => String::new(),
            (program, _) => format!(" -- {}", program.join(" ")),
        };
        format!("reproduce: attachset validate --fixtures {dir} --only {id}{who}")
    }
}

/// How long the id of a finding is: the name of a file has 255 bytes at most.
const MAX_ID: usize = 200;

/// The id of a finding's fixture.
fn id(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    format!("found/{}", name.chars().map(plain).take(MAX_ID).collect::<String>())
}

/// The responses of the built-in fixtures.
fn starts(set: &Set) -> Vec<Arc<[u8]>> {
    let hangs = |reply: &Reply| matches!(reply, Reply::Raw(raw) if raw.raw.contains(&Action::Hang));
    let steps = set.client.iter().flat_map(|fixture| &fixture.steps);
    let replies = steps.flat_map(|step| &step.replies).filter(|reply| !hangs(reply));
    let mut all: Vec<_> = replies.map(|reply| Answer::of(reply, u64::MAX).bytes).collect();
    all.retain(|bytes| !bytes.is_empty() && bytes.len() <= MOST);
    all.sort_unstable();
    all.dedup();
    all.into_iter().map(Arc::from).collect()
}

/// The responses in folders, in the order of their names. What is no response is
/// the body of one.
fn corpus(folders: &[PathBuf]) -> Result<Vec<Arc<[u8]>>, UsageError> {
    let mut all = Vec::new();
    for dir in folders {
        let problem =
            |error: &dyn std::fmt::Display| UsageError(format!("--corpus {}: {error}", dir.display()));
        let mut files = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(|error| problem(&error))? {
            files.push(entry.map_err(|error| problem(&error))?.path());
        }
        files.sort_unstable();
        for path in files.iter().filter(|path| path.is_file()) {
            // What is longer is no start: its bytes are not changed.
            let bytes = match file::read(path, MOST as u64) {
                Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => continue,
                bytes => bytes.map_err(|error| problem(&error))?,
            };
            all.push(if bytes.starts_with(b"HTTP/") { bytes } else { answer(&bytes) });
        }
        if files.is_empty() {
            return Err(problem(&"there is no file in it"));
        }
    }
    all.retain(|bytes| bytes.len() <= MOST);
    Ok(all.into_iter().map(Arc::from).collect())
}

/// A body in a plain response.
fn answer(body: &[u8]) -> Vec<u8> {
    let mut headers = Headers::from_iter([("Content-Type", names::CONTENT_TYPE)]);
    headers.push("Content-Length", body.len().to_string());
    http1::message("HTTP/1.1 200 OK", &headers, body)
}
