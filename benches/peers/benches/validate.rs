//! The harness against a bare loop of the same calls.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use attachset::client::{Call, Client as _, Reference};
use attachset::fixture::{Action, Fixture, Reply, Set, Step};
use attachset::model::Attachment;
use attachset::runner::{self, Options};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tokio::runtime::Runtime;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// The one that `attachset` has; without the feature, the system's.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ANSWER: &str = r#"{"attachmentSetId":"as-1","expiryTime":"2020-05-14T17:04:40.790+0000"}"#;

/// Whether nobody waits in a fixture: no reply is late, and no attempt is
/// made again.
fn is_prompt(fixture: &Fixture) -> bool {
    let waits = |action: &Action| matches!(action, Action::PauseMs(_) | Action::Drip { .. } | Action::Hang);
    let prompt = |reply: &Reply| match reply {
        Reply::Http(reply) => reply.delay_ms.is_none(),
        Reply::Raw(reply) => !reply.raw.iter().any(waits),
    };
    fixture.max_attempts == 1 && fixture.steps.iter().flat_map(|step| &step.replies).all(prompt)
}

/// Whether a call is small. The system makes large ones wait for each other's
/// bytes, for as long as whole runs take.
fn is_small(fixture: &Fixture) -> bool {
    let bytes = |attachment: Attachment| attachment.data.map_or(0, |data| data.len());
    let sent =
        |step: &Step| -> usize { step.call.input().attachments.into_iter().flatten().map(bytes).sum() };
    fixture.steps.iter().all(|step| sent(step) < 64 << 10)
}

/// Whether wiremock can serve a fixture.
fn is_well_formed(fixture: &Fixture) -> bool {
    fixture.steps.iter().flat_map(|step| &step.replies).all(|reply| matches!(reply, Reply::Http(_)))
}

fn calls(fixtures: &[Arc<Fixture>], endpoint: &str) -> Vec<Call> {
    let call = |fixture: &Arc<Fixture>| {
        let fixture = fixture.clone();
        let endpoint = endpoint.to_owned();
        (0..fixture.steps.len()).map(move |step| Call {
            id: fixture.id.clone(),
            endpoint: endpoint.clone(),
            region: "us-east-1".into(),
            credentials: runner::credentials(&fixture),
            max_attempts: 1,
            timeout: Duration::from_millis(fixture.timeout_ms),
            needs: fixture.needs.clone(),
            operation: fixture.steps[step].call.operation(),
            input: fixture.steps[step].call.input(),
            members: fixture.steps[step].call.input.clone(),
        })
    };
    fixtures.iter().flat_map(call).collect()
}

/// A server that always gives the same answer.
async fn server(port: u16) -> MockServer {
    let listener = std::net::TcpListener::bind(("127.0.0.1", port)).expect("a port");
    let server = MockServer::builder().listener(listener).disable_request_recording().start().await;
    let answer = ResponseTemplate::new(200).set_body_string(ANSWER);
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

/// Runs where the harness runs: on a worker of the runtime.
fn on(runtime: &Runtime, future: impl Future<Output = ()> + Send + 'static) {
    runtime.block_on(runtime.spawn(future)).expect("no panic");
}

async fn each_of(calls: Vec<Call>) {
    let mut client = Reference::new();
    for call in calls {
        client.call(&call).await.expect("an outcome");
    }
}

async fn each_with_server(calls: Vec<Call>, ports: Vec<u16>) {
    let mut client = Reference::new();
    for (mut call, port) in calls.into_iter().zip(ports) {
        let server = server(port).await;
        call.endpoint = server.uri();
        client.call(&call).await.expect("an outcome");
    }
}

fn run(runtime: &Runtime, fixtures: &[Arc<Fixture>], options: Options) {
    let mut runs = 0;
    let run = runner::run(fixtures.to_vec(), options, || async { Ok(Reference::new()) }, |_| runs += 1);
    runtime.block_on(run).expect("a run");
    assert_eq!(runs, fixtures.len());
}

fn validate(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let prompt: Vec<_> =
        Set::embedded().expect("fixtures").client.into_iter().filter(is_prompt).map(Arc::new).collect();
    let well_formed: Vec<_> =
        prompt.iter().filter(|fixture| is_well_formed(fixture) && is_small(fixture)).cloned().collect();
    let one = Options { jobs: NonZeroUsize::MIN, ..Options::default() };

    let static_server = runtime.block_on(server(0));
    let calls = calls(&well_formed, &static_server.uri());

    let mut group = c.benchmark_group("validate");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    group.throughput(Throughput::Elements(well_formed.len() as u64));
    group.bench_function("bare loop", |b| b.iter(|| on(&runtime, each_of(calls.clone()))));
    // Ports that the last servers' connections keep are not had again.
    let mut ports = (10_000..20_000).cycle();
    group.bench_function("bare loop, a server each", |b| {
        b.iter(|| on(&runtime, each_with_server(calls.clone(), ports.by_ref().take(calls.len()).collect())));
    });
    group.bench_function("harness", |b| b.iter(|| run(&runtime, &well_formed, one)));
    group.throughput(Throughput::Elements(prompt.len() as u64));
    group.bench_function("suite", |b| b.iter(|| run(&runtime, &prompt, Options::default())));
}

criterion_group! {
    name = harness;
    config = peers::criterion();
    targets = validate
}
criterion_main!(harness);
