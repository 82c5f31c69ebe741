//! Records: how each verdict counts, and exchanges as text.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crate::common;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use attachset::check;
use attachset::client::ClientInfo;
use attachset::fixture::{Claim, Defect, Fixture, Level, Requirements, ServiceFixture};
use attachset::judge::{Judgement, Mismatch, Verdict};
use attachset::results::{Expectations, KnownFailures, Levels, Record, Role, Summary, merge};
use attachset::runner::Run;
use attachset::transcript::{
    Answered, Exchange, Fault, Pace, Received, Seen, Sent, ServiceTranscript, Transcript,
};
use attachset::wire::outcome::{ErrorKind, Outcome};
use attachset::wire::{Request, Response};

fn client() -> ClientInfo {
    ClientInfo { name: "one".into(), version: "1".into(), ..ClientInfo::default() }
}

fn mismatch(defect: Defect, level: Level) -> Mismatch {
    Mismatch {
        step: 1,
        defect,
        expected: "a".into(),
        seen: "b".into(),
        requirement: "a.rule".into(),
        otherwise: Vec::new(),
        level,
    }
}

const REPLIES: &str = r#"[
    {"status": 400, "headers": {"x-a": "b"}, "body": {"text": "a\nb\r\u0000é"}, "delayMs": 7},
    {"status": 204},
    {"raw": [
        {"send": {"lines": ["HTTP/1.1 200 OK", ""]}},
        {"drip": {"body": {"text": "ab"}, "everyMs": 3}},
        {"pauseMs": 5}, "readBody", "close"
    ]},
    {"start": "afterHead", "raw": ["reset"]},
    {"raw": ["hang"]}
]"#;

fn fixture() -> Arc<Fixture> {
    let text = format!(
        r#"{{"title": "t", "why": "w", "level": "should", "cites": ["a.rule"],
            "steps": [{{"call": {{}}, "replies": {REPLIES}, "outcome": {{}}}}]}}"#
    );
    let fixture: Fixture = serde_json::from_str(&text).unwrap();
    Arc::new(Fixture { id: "g/one".into(), ..fixture })
}

fn run(verdict: Verdict, mismatches: Vec<Mismatch>, notes: &[&str]) -> Run {
    let notes = notes.iter().map(|note| (*note).to_owned()).collect();
    let judgement = Judgement { verdict, mismatches, notes };
    Run {
        fixture: fixture(),
        judgement,
        transcript: Transcript::default(),
        took: Duration::from_millis(1_234),
        retried: None,
    }
}

fn record(run: &Run, known: &str, strict: bool) -> Record {
    let known = KnownFailures::parse(known, ["g/one"].into_iter(), &Requirements::default()).unwrap();
    Record::of_client(run, Expectations { client: &client(), known: &known, strict })
}

#[test]
fn each_verdict_counts_as_is_expected() {
    let verdicts = [
        run(Verdict::Pass, Vec::new(), &[]),
        run(Verdict::Tolerated, Vec::new(), &["so"]),
        run(
            Verdict::Fail,
            vec![mismatch(Defect::LostCode, Level::Must), mismatch(Defect::LostCode, Level::Should)],
            &["and so"],
        ),
        run(
            Verdict::Fail,
            vec![mismatch(Defect::Hang, Level::Should), mismatch(Defect::LostCode, Level::Must)],
            &[],
        ),
        run(Verdict::Unsupported, Vec::new(), &["no dryRun"]),
        run(Verdict::Error, Vec::new(), &["babble"]),
        run(Verdict::Observed, Vec::new(), &[]),
    ];
    let mut list = String::new();
    let mut all = Vec::new();
    for run in &verdicts {
        for (known, strict) in
            [("", false), ("", true), ("g/one upstream 7", false), ("g/one upstream 7", true)]
        {
            let record = record(run, known, strict);
            let on = if known.is_empty() { "" } else { ", known" };
            let strict = if strict { ", strict" } else { "" };
            let (expectation, standing, level) =
                (record.expectation, record.standing(), record.broken().as_str());
            let reason = record.reason();
            writeln!(
                list,
                "{:?}{on}{strict}: {expectation:?}, {standing:?}, {level}: {reason}",
                record.verdict
            )
            .unwrap();
            all.push(record);
        }
    }
    let summary: Summary = all.iter().collect();
    let levels: Levels = all.iter().map(Record::broken).collect();
    writeln!(list, "{summary}; {levels}; {}; none: {}", levels.all(), Levels::default()).unwrap();
    common::snapshot("records", &list);
    let first = all.first().unwrap();
    assert_eq!((first.fixture.as_str(), first.group(), first.title.as_str()), ("g/one", "g", "t"));
    assert_eq!((first.role, first.level, first.took_ms), (Role::Client, Level::Should, 1_234));
    assert_eq!((&first.cites, &first.client), (&vec!["a.rule".to_owned()], &client()));
    assert_eq!([Role::Client, Role::Service].map(Role::as_str), ["client", "server"]);
    let written = serde_json::to_string(first).unwrap();
    assert!(!written.contains("role") && !written.contains("known"), "{written}");
}

/// What becomes of failures where the client's manifest says that it lacks something.
fn weighed(lacks: &[Claim], broken: &[(Defect, &str)]) -> (Verdict, Vec<(String, Level)>) {
    let of = |(defect, requirement): &(Defect, &str)| Mismatch {
        requirement: (*requirement).into(),
        ..mismatch(*defect, Level::Must)
    };
    let run = run(Verdict::Fail, broken.iter().map(of).collect(), &[]);
    let client = ClientInfo { lacks: lacks.to_vec(), ..client() };
    let known = KnownFailures::default();
    let record = Record::of_client(&run, Expectations { client: &client, known: &known, strict: false });
    (record.verdict, record.mismatches.into_iter().map(|of| (of.requirement, of.level)).collect())
}

#[test]
fn a_client_without_the_protocol_is_advised_on_how_errors_are_named() {
    let broken = [
        (Defect::LostCode, "protocol.error-type-header"),
        (Defect::WrongCode, "protocol.error-sanitize"),
        (Defect::ForeignException, "protocol.error-nested-type"),
        (Defect::FalseSuccess, "http.incomplete-message"),
    ];
    let levels = |lacks: &[Claim]| {
        let (verdict, broken) = weighed(lacks, &broken);
        assert_eq!(verdict, Verdict::Fail);
        broken.into_iter().map(|(_, level)| level).collect::<Vec<_>>()
    };
    assert_eq!(levels(&[]), [Level::Must; 4]);
    assert_eq!(levels(&[Claim::AwsJson11]), [Level::Should, Level::Should, Level::Should, Level::Must]);
}

#[test]
fn a_retry_that_a_clients_own_policy_does_not_make_is_observed() {
    let own = &[Claim::StandardRetries];
    let few = (Defect::TooFewRequests, "retry.throttling-codes");
    let many = (Defect::TooManyRequests, "retry.not-expired-set");
    let other = (Defect::WrongMessage, "user.message-kept");
    assert_eq!(weighed(&[], &[few]).0, Verdict::Fail);
    assert_eq!(weighed(own, &[few]), (Verdict::Observed, Vec::new()));
    // Whatever else is wrong stays so, a retry of an expired set above all.
    assert_eq!(weighed(own, &[few, other]).1, [("user.message-kept".to_owned(), Level::Should)]);
    assert_eq!(weighed(own, &[many]).0, Verdict::Fail);
}

#[test]
fn shards_whose_runtimes_differ_are_of_one_client() {
    let of = |runtime: &str| {
        let client = ClientInfo { runtime: runtime.into(), ..client() };
        let known = KnownFailures::default();
        let run = run(Verdict::Pass, Vec::new(), &[]);
        Record::of_client(&run, Expectations { client: &client, known: &known, strict: false })
    };
    let merged = merge([("a".into(), vec![of("Node.js 20.1.0")]), ("b".into(), vec![of("Node.js 20.2.0")])]);
    assert_eq!(merged.records.len(), 1);
    assert_eq!(merged.records[0].client.runtime, "Node.js 20.2.0");
}

#[test]
fn results_from_before_a_client_said_what_it_runs_on_are_read() {
    let info: ClientInfo = serde_json::from_str(r#"{"name":"one","version":"1"}"#).unwrap();
    assert_eq!((info.runtime.as_str(), info.title.as_str()), ("", ""));
    assert_eq!(serde_json::to_string(&info).unwrap(), r#"{"name":"one","version":"1","language":""}"#);
}

#[test]
fn a_heading_has_the_title_where_that_says_more_than_the_name() {
    let titled = |title: &str| ClientInfo { title: title.into(), ..client() }.heading();
    assert_eq!(titled(""), "one 1");
    assert_eq!(titled("one"), "one 1");
    assert_eq!(titled("One, as Debian has it"), "one 1: One, as Debian has it");
}

#[test]
fn exchanges_are_text_that_a_person_can_read() {
    let request = |body: &[u8]| Request {
        method: "POST".into(),
        target: "/".into(),
        headers: [("Host", "127.0.0.1:23456")].into_iter().collect(),
        body: body.into(),
    };
    let exchange = |reply, body: &[u8], received, signature: Result<(), &str>| Exchange {
        step: 0,
        reply,
        request: request(body),
        body: received,
        breaches: Vec::new(),
        signature: signature.map_err(str::to_owned),
        at: Duration::from_millis(7),
    };
    let long = [b"x".repeat(1_199), "éé".into()].concat();
    let odd = [b"a\xff\x00\n\r\t".as_slice(), "é".as_bytes()].concat();
    let exchanges = vec![
        exchange(0, b"{}", Received::Whole, Ok(())),
        exchange(1, &odd, Received::Whole, Err("too old")),
        exchange(2, b"", Received::Whole, Ok(())),
        exchange(3, b"x", Received::Part, Ok(())),
        exchange(4, b"x", Received::Broken("no size".into()), Ok(())),
        exchange(5, b"", Received::Unreadable("no such version".into()), Ok(())),
        exchange(9, &long, Received::Whole, Ok(())),
        exchange(9, &b"x".repeat(1_200), Received::Whole, Ok(())),
        exchange(10, b"\xff", Received::Whole, Ok(())),
        exchange(11, &[b"x".repeat(1_000), b"\x80".repeat(201)].concat(), Received::Whole, Ok(())),
    ];
    let ends =
        vec![Ok(Outcome::error(ErrorKind::Decode, "x")), Err(Fault::NoAnswer(Duration::from_millis(7)))];
    let run = Run {
        transcript: Transcript { exchanges, ends, ..Transcript::default() },
        ..run(Verdict::Pass, Vec::new(), &[])
    };
    let mut list = String::new();
    tell(&mut list, &record(&run, "", false));
    common::snapshot("records-wire", &list);
}

#[test]
fn what_a_server_did_is_text_too() {
    let fixture: ServiceFixture = serde_json::from_str(
        r#"{"title": "t", "why": "w", "level": "must", "cites": ["a.rule"], "steps": []}"#,
    )
    .unwrap();
    let request =
        Request { method: "POST".into(), target: "/".into(), body: b"{}".to_vec(), ..Request::default() };
    let response =
        Response { status: 400, headers: [("a", "b")].into_iter().collect(), body: b"{}".to_vec() };
    let failed = Outcome::error(ErrorKind::Timeout, "x");
    let answered = Answered {
        sent: Sent::Request(request),
        answer: Ok(response),
        breaches: Vec::new(),
        outcome: Outcome::Unsupported("y".into()),
        now: None,
        at: Duration::from_millis(7),
    };
    let silent = Answered {
        sent: Sent::Raw(b"GET".to_vec(), Pace::AtOnce),
        answer: Err(failed.clone()),
        outcome: failed,
        ..answered.clone()
    };
    let steps = vec![
        Seen::Exchange(Box::new(answered.clone())),
        Seen::Advanced,
        Seen::AtOnce(vec![answered, silent]),
        Seen::Unsupported("no clock".into()),
        Seen::Broken("a broken clock".into()),
    ];
    let run = check::Run {
        fixture: Arc::new(fixture),
        judgement: Judgement { verdict: Verdict::Pass, mismatches: Vec::new(), notes: Vec::new() },
        transcript: ServiceTranscript { steps },
        took: Duration::ZERO,
        retried: None,
    };
    let known = KnownFailures::default();
    let record = Record::of_server(&run, Expectations { client: &client(), known: &known, strict: false });
    assert_eq!(record.role, Role::Service);
    assert_eq!(serde_json::to_value(&record).unwrap().get("role").unwrap(), "service");
    let mut list = String::new();
    tell(&mut list, &record);
    common::snapshot("records-server", &list);
}

fn tell(list: &mut String, record: &Record) {
    for outcome in &record.outcomes {
        writeln!(list, "outcome: {outcome}").unwrap();
    }
    for wire in &record.wire {
        writeln!(list, "--- step {} at {} ms, signature {:?}", wire.step, wire.at_ms, wire.signature)
            .unwrap();
        writeln!(list, "{}\n--- reply\n{}", wire.request, wire.reply).unwrap();
    }
}
