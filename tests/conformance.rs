//! The reference client passes every fixture that the documents decide: one
//! test a fixture, found when the tests run. It does so with the exact bytes
//! of the replay server, and with wiremock, which frames responses by itself.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::Path;
use std::time::{Duration, SystemTime};

use attachset::client::{Call, Client as _, Reference};
use attachset::fixture::{Fixture, Level};
use attachset::judge::{Judgement, Verdict, judge};
use attachset::runner::{self, Options, credentials};
use attachset::transcript::{Exchange, Received, Transcript};
use attachset::wire::sign::{Credentials, verify};
use attachset::wire::{Request, latin1};
use attachset::wiremock::Replies;
use wiremock::{Mock, MockServer, matchers::any};

fn conforms(path: &Path) -> datatest_stable::Result<()> {
    let fixture = common::fixture(path);
    let mut runs = Vec::new();
    let start = || async { Ok(Reference::new()) };
    let run = runner::run(vec![fixture.clone().into()], Options::default(), start, |run| runs.push(run));
    tokio::runtime::Runtime::new()?.block_on(run)?;
    assert_right(&fixture, &runs.first().unwrap().judgement);
    Ok(())
}

fn conforms_by_wiremock(path: &Path) -> datatest_stable::Result<()> {
    let fixture = common::fixture(path);
    let replies: Option<Vec<_>> = (0..fixture.steps.len()).map(|step| Replies::of(&fixture, step)).collect();
    // A script of bytes is beyond wiremock.
    let Some(replies) = replies else { return Ok(()) };
    tokio::runtime::Runtime::new()?.block_on(async {
        let server = MockServer::builder().start().await;
        let credentials = credentials(&fixture);
        let mut client = Reference::new();
        let mut transcript = Transcript::default();
        for (step, replies) in replies.into_iter().enumerate() {
            server.reset().await;
            Mock::given(any()).respond_with(replies).mount(&server).await;
            transcript.ends.push(client.call(&call(&fixture, step, &server, &credentials)).await);
            let requests = server.received_requests().await.unwrap();
            let exchange = |(number, request)| exchange(step, number, request, &credentials);
            transcript.exchanges.extend(requests.iter().enumerate().map(exchange));
        }
        assert_right(&fixture, &judge(&fixture, &transcript));
    });
    Ok(())
}

fn assert_right(fixture: &Fixture, judgement: &Judgement) {
    let right: &[Verdict] = match fixture.level {
        Level::May => &[Verdict::Observed],
        // What is tolerated may come of a race that no client can decide.
        Level::Must | Level::Should => &[Verdict::Pass, Verdict::Tolerated],
    };
    assert!(right.contains(&judgement.verdict), "{judgement:#?}");
}

fn call(fixture: &Fixture, step: usize, server: &MockServer, credentials: &Credentials) -> Call {
    Call {
        id: fixture.id.clone(),
        endpoint: format!("{}{}", server.uri(), fixture.endpoint_path),
        region: "us-east-1".into(),
        credentials: credentials.clone(),
        max_attempts: fixture.max_attempts,
        timeout: Duration::from_millis(fixture.timeout_ms),
        needs: fixture.needs.clone(),
        input: fixture.steps.get(step).unwrap().call.input(),
    }
}

fn exchange(step: usize, number: usize, request: &wiremock::Request, credentials: &Credentials) -> Exchange {
    let query = request.url.query().map(|query| format!("?{query}"));
    let fields = request.headers.iter();
    let request = Request {
        method: request.method.to_string(),
        target: format!("{}{}", request.url.path(), query.unwrap_or_default()),
        headers: fields.map(|(name, value)| (name.as_str(), latin1(value.as_bytes()))).collect(),
        body: request.body.clone(),
    };
    let signature = verify(&request, credentials, SystemTime::now());
    Exchange {
        step,
        reply: number,
        signature: signature.map_err(|error| error.to_string()),
        request,
        body: Received::Whole,
        at: Duration::ZERO,
    }
}

datatest_stable::harness! {
    { test = conforms, root = common::FIXTURES, pattern = r"\.json$" },
    { test = conforms_by_wiremock, root = common::FIXTURES, pattern = r"\.json$" },
}
