//! What no document leaves open, where the rest is only observed; and what
//! follows a redirect.

use std::time::Duration;

use attachset::fixture::{Defect, Fixture, Level};
use attachset::judge::{Judgement, Verdict, judge};
use attachset::transcript::{End, Exchange, Fault, Received, Transcript};
use attachset::wire::encode;
use attachset::wire::outcome::{ErrorKind, Members, Outcome};
use serde_json::json;

fn fixture(level: &str, replies: serde_json::Value) -> Fixture {
    serde_json::from_value(json!({
        "title": "t", "why": "w", "level": level, "cites": ["a.rule"],
        "steps": [{
            "call": { "attachments": [] },
            "requests": { "min": 1, "max": 9 },
            "replies": replies,
            "outcome": { "accept": [{ "error": {} }] },
        }],
    }))
    .unwrap()
}

fn exchange(fixture: &Fixture, reply: usize, host: &str) -> Exchange {
    let request = encode::request(&fixture.steps.first().unwrap().call.input(), host);
    Exchange {
        step: 0,
        reply,
        request,
        body: Received::Whole,
        breaches: Vec::new(),
        signature: Ok(()),
        at: Duration::ZERO,
    }
}

fn observed(end: End) -> Judgement {
    let fixture = fixture("may", json!([{ "status": 200 }]));
    let exchanges = vec![exchange(&fixture, 0, "127.0.0.1:1")];
    judge(&fixture, &Transcript { exchanges, ends: vec![end], ..Transcript::default() })
}

#[test]
fn a_hang_a_crash_and_a_mistake_fail_where_the_rest_is_observed() {
    let crash = Fault::Ended { status: "exit status: 1".into(), stderr: String::new() };
    let null = Outcome::error(ErrorKind::Unexpected, "TypeError: null");
    for (end, defect, requirement) in [
        (Err(Fault::NoAnswer(Duration::from_secs(1))), Defect::Hang, "user.answers-in-time"),
        (Err(crash), Defect::Crash, "user.answers-in-time"),
        (Ok(null), Defect::ForeignException, "user.own-error-types"),
    ] {
        let judgement = observed(end);
        let found: Vec<_> =
            judgement.mismatches.iter().map(|of| (of.defect, of.requirement.as_str(), of.level)).collect();
        assert_eq!(judgement.verdict, Verdict::Fail);
        assert_eq!(found, [(defect, requirement, Level::Should)]);
    }
    for outcome in [Outcome::Output(Members::default()), Outcome::error(ErrorKind::Service, "any")] {
        let judgement = observed(Ok(outcome));
        assert_eq!((judgement.verdict, judgement.mismatches), (Verdict::Observed, Vec::new()));
    }
}

/// What came of a call that was redirected: the first request, then one to this host.
fn redirected(host: &str, fields: &[&str]) -> Vec<(Defect, String)> {
    let fixture = fixture(
        "should",
        json!([{ "status": 307, "headers": { "Location": "http://elsewhere.test/" } }, { "status": 400 }]),
    );
    let mut followed = exchange(&fixture, 1, host);
    // Where it leads to is no place of the protocol's.
    (followed.request.method, followed.request.target) = ("GET".into(), "/elsewhere".into());
    for field in fields {
        followed.request.headers.push(*field, "x");
    }
    let exchanges = vec![exchange(&fixture, 0, "127.0.0.1:1"), followed];
    let ends = vec![Ok(Outcome::error(ErrorKind::Service, "any"))];
    let judgement = judge(&fixture, &Transcript { exchanges, ends, ..Transcript::default() });
    judgement.mismatches.into_iter().map(|of| (of.defect, of.requirement)).collect()
}

#[test]
fn credentials_do_not_follow_a_redirect_to_another_host() {
    let leak = (Defect::CredentialsElsewhere, "user.no-credentials-elsewhere".to_owned());
    let plain = |judged: Vec<(Defect, String)>| {
        judged.into_iter().filter(|(defect, _)| *defect != Defect::TooManyRequests).collect::<Vec<_>>()
    };
    assert_eq!(plain(redirected("elsewhere.test", &["Authorization"])), std::slice::from_ref(&leak));
    assert_eq!(plain(redirected("elsewhere.test", &["X-Amz-Security-Token"])), [leak]);
    assert_eq!(plain(redirected("elsewhere.test", &["Accept"])), []);
    assert_eq!(plain(redirected("127.0.0.1:1", &["Authorization"])), []);
}
