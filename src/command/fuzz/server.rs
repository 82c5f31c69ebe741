//! `fuzz --server`: searches a server.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::super::interrupt;
use super::super::known::Lists;
use super::super::run::Recorder;
use super::{Error, Exit, FindingStore, TIME, UsageError, conclude, files, id, load, planned, seed, tell};
use crate::campaign::server::{self, Options};
use crate::campaign::{Event, Gone};
use crate::check::{Contact, Endpoint, Run, Server};
use crate::cli::{EndpointKind, Fuzz, Selection};
use crate::client::ClientInfo;
use crate::draw::service::{Drawn, Sequence, described};
use crate::fixture::{Requirements, ServiceFixture};
use crate::judge::{FindingId, judge_service};
use crate::results::{Expectation, Expectations, KnownFailures, Record, Role, Summary};
use crate::run::default_jobs;
use crate::wire::sign::test_credentials;

pub(super) async fn search(options: &Fuzz, url: &Endpoint) -> Result<Exit, Error> {
    if options.endpoint_kind == EndpointKind::Aws {
        return Err(UsageError(
            "--endpoint-kind aws: the real service is not searched: it would be sent broken requests by the \
             thousand, and make as many sets; use `attachset check --endpoint-kind aws`"
                .into(),
        )
        .into());
    }
    let set = load(&Selection::default())?;
    let lists = Lists::new(Role::Service, &set, &Selection::default(), std::iter::empty(), false)?;
    let known = options.known_failures.as_deref().map(|path| lists.given(path)).transpose()?;
    let known = known.unwrap_or_default();
    let store = options
        .save
        .as_deref()
        .map(|dir| FindingStore::open(dir, "service", &set.requirements))
        .transpose()?;
    let files = files(options);
    let mut recorder = Recorder::open(&files, &Selection::default(), &[], &set.requirements)?;
    let server = subject(options, url).await?;
    let name = options.name.clone().unwrap_or_else(|| url.to_string());
    let client = ClientInfo { name, ..ClientInfo::default() };
    let search = Search {
        options,
        url,
        client: &client,
        known: &known,
        requirements: &set.requirements,
        store: store.as_ref(),
        seed: seed(options),
        stop: interrupt::stop(),
    };
    let total = search.run(server, &mut recorder).await?;
    conclude(recorder, total, &search.stop)
}

/// The server as its options say it is.
async fn subject(options: &Fuzz, url: &Endpoint) -> Result<Server, UsageError> {
    let unreachable = |error: std::io::Error| UsageError(format!("{url}: {error}; is the server running?"));
    url.reach().await.map_err(unreachable)?;
    let mut server = Server {
        clock: options.clock.clone(),
        verifies_signatures: options.signatures,
        credentials: super::super::credentials()?.unwrap_or_else(test_credentials),
        ..Server::new(url.clone())
    };
    let is_there = matches!(server.contact(options.timeout).await, Contact::Answered(_));
    if server.clock.is_none() && is_there {
        server.find_clock(options.timeout).await;
    }
    Ok(server)
}

struct Search<'a> {
    options: &'a Fuzz,
    url: &'a Endpoint,
    client: &'a ClientInfo,
    known: &'a KnownFailures,
    requirements: &'a Requirements,
    store: Option<&'a FindingStore>,
    seed: u64,
    stop: Arc<AtomicBool>,
}

impl Search<'_> {
    /// Fuzzes the server; how its cases count.
    async fn run(&self, server: Server, recorder: &mut Recorder<'_>) -> Result<Summary, UsageError> {
        recorder.begin_search(self.client, self.known);
        let began = Instant::now();
        let (mut unexpected, mut trouble) = (0, None);
        let mut add = |run: Run, recorder: &mut Recorder<'_>| {
            let record = self.record(&run);
            unexpected += usize::from(record.expectation != Expectation::Expected);
            recorder.add(record);
            match self.store.map(|store| store.put(&run.fixture.id, &*run.fixture)) {
                Some(Ok(())) => recorder.note(&format!("  {}\n", self.again(&run.fixture.id))),
                Some(Err(problem)) => trouble = Some(problem),
                None => recorder.note("  keep it as a fixture with --save DIR\n"),
            }
        };
        let each = |event: Event<'_, Sequence>| match event {
            Event::Found(id, run, drawn) => add(self.named(id, run, &drawn), recorder),
            Event::Gone(Gone { contact, run, shown }) => {
                let mut run = match run.judgement.mismatches.first().map(FindingId::of) {
                    Some(id) => self.named(&id, run, &shown),
                    None => run,
                };
                run.judgement.notes.push(format!("the search ends here: {contact}"));
                add(run, recorder);
            }
            Event::Broken(run) => add(run, recorder),
            Event::Slow(took) => recorder.note(&format!(
                "{}: slow: an ordinary call takes {} ms",
                self.client,
                took.as_millis()
            )),
            Event::Hangs(draws) => {
                recorder.note(&format!("{}: the search ends here: {draws} more cases hung", self.client));
            }
            Event::Round(summary) => recorder.tell(format!(
                "{}: {} cases, {:.0} per second, {} findings",
                self.client.name,
                summary.cases,
                summary.cases as f64 / began.elapsed().as_secs_f64(),
                summary.found.len(),
            )),
        };
        let options = Options {
            seed: self.seed,
            cases: self.options.cases.unwrap_or(u64::MAX),
            time: self.options.time.unwrap_or(if self.options.cases.is_some() {
                Duration::MAX
            } else {
                TIME
            }),
            jobs: self.options.jobs.unwrap_or_else(default_jobs),
            timeout: self.options.timeout,
        };
        let summary =
            server::run(&options, server, self.stop.clone(), each).await.map_err(UsageError::new)?;
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
        if let Some(planned) = planned(self.options, &self.stop) {
            recorder.not_judged(self.client, summary.cases, planned);
        }
        Ok(tell(recorder, &summary, self.client, began, "", unexpected))
    }

    fn record(&self, run: &Run) -> Record {
        Record::of_server(run, Expectations { client: self.client, known: self.known, strict: false })
    }

    /// The run with a fixture that has a name, and says what it is about; of
    /// its ways to fail, this one.
    fn named(&self, finding: &FindingId, run: Run, drawn: &Drawn) -> Run {
        let FindingId { defect, requirement } = finding;
        let mut mismatches = run.judgement.mismatches.iter();
        let step = mismatches.find(|of| FindingId::of(of) == *finding).map_or(1, |of| of.step);
        let says = self.requirements.get(requirement).map_or("", |requirement| &requirement.says);
        let described = described(drawn, step, *defect, requirement, says);
        let id = id(&format!("{}-{requirement}", defect.as_str()));
        let fixture = ServiceFixture { id, ..described };
        // How binding its steps are together is known now.
        let judged = judge_service(&fixture, &run.transcript);
        let judgement = if judged.mismatches.is_empty() { run.judgement } else { judged };
        Run { fixture: Arc::new(fixture), judgement, ..run }
    }

    /// The command that runs a finding again.
    fn again(&self, id: &str) -> String {
        let dir = self.options.save.as_deref().unwrap_or(Path::new("DIR")).display();
        let signatures = if self.options.signatures { " --signatures" } else { "" };
        format!("reproduce: attachset check --fixtures {dir} --only {id}{signatures} {}", self.url)
    }
}
