//! The oracle: it rules on any response, always the same way, and never fails the
//! reference.

use std::time::Duration;

use crate::fixture::{Call, Fixture, RawReply, Reply};
use crate::judge::{Verdict, judge};
use crate::model::{Operation, OperationShape};
use crate::oracle::{Answer, End, Oracle, Pace, Ruling};
use crate::transcript::{Exchange, Received, Transcript};
use crate::wire::http1::{self, Http1Error};
use crate::wire::outcome::{ErrorKind, Outcome};
use crate::wire::{Headers, decode};

/// Any bytes as a response, however its connection ends: the oracle has a ruling,
/// and by it the reference is not wrong.
///
/// # Panics
/// Where it is.
pub fn oracle(bytes: &[u8]) {
    for end in [End::Open, End::Closed, End::Reset] {
        ruled(&Answer { bytes: bytes.to_vec(), end, pace: Pace::AtOnce, early: false });
    }
}

/// The oracle has a ruling on a response, and by it the reference is not wrong.
pub(super) fn ruled(answer: &Answer) {
    let oracle = Oracle::default();
    let asked = Operation::AddAttachmentsToSet.shape();
    let ruling = oracle.rule(asked, answer);
    assert_eq!(oracle.rule(asked, answer), ruling, "ruling twice differs");
    let outcome = reference(asked, answer);
    assert!(!fails(&ruling, &outcome), "{:?}: {ruling:?} fails {outcome:?}", answer.end);
}

/// Any bytes as the body of a plain response: see [`oracle`].
///
/// # Panics
/// Where the property does not hold.
pub fn oracle_body(body: &[u8]) {
    for (status, field) in [(200, ""), (400, ""), (500, "X-Amzn-Errortype")] {
        let mut headers = Headers::from_iter([("Content-Type", crate::model::names::CONTENT_TYPE)]);
        if !field.is_empty() {
            headers.push(field, "AttachmentSetExpired");
        }
        headers.push("Content-Length", body.len().to_string());
        oracle(&http1::message(&format!("HTTP/1.1 {status} Reply"), &headers, body));
    }
}

/// Whether an outcome fails by a ruling.
#[must_use]
pub fn fails(ruling: &Ruling, outcome: &Outcome) -> bool {
    let reply = Reply::Raw(RawReply { raw: Vec::new(), ..RawReply::default() });
    let mut fixture: Fixture = crate::oracle::fixture(Call::default(), reply, 1);
    fixture.level = ruling.level;
    fixture.cites = vec!["a".into()];
    fixture.charges = ruling.charges.clone();
    fixture.otherwise = ruling.otherwise.clone();
    fixture.steps.iter_mut().for_each(|step| step.outcome = ruling.expected.clone());
    let exchange = Exchange {
        step: 0,
        reply: 0,
        request: crate::wire::encode::request(&Default::default(), "localhost"),
        body: Received::Part,
        breaches: Vec::new(),
        signature: Ok(()),
        at: Duration::ZERO,
    };
    let transcript =
        Transcript { exchanges: vec![exchange], ends: vec![Ok(outcome.clone())], ..Default::default() };
    judge(&fixture, &transcript).verdict == Verdict::Fail
}

/// What the reference makes of a response to a call of an operation.
#[must_use]
pub fn reference(asked: &OperationShape, answer: &Answer) -> Outcome {
    let broken = match answer.end {
        End::Open => ErrorKind::Timeout,
        End::Closed | End::Reset => ErrorKind::Transport,
    };
    let bytes = match http1::response(&answer.bytes) {
        Err(Http1Error::Trailing(more)) => answer.bytes.get(..answer.bytes.len() - more).unwrap_or_default(),
        _ => &answer.bytes,
    };
    match http1::response(bytes) {
        Ok(response) => {
            let says = |name| response.headers.get(name).is_some();
            let is_framed = says("content-length") || says("transfer-encoding");
            let has_body = !matches!(response.status, 204 | 304);
            if has_body && !is_framed && answer.end != End::Closed {
                return Outcome::error(broken, "the body has no end");
            }
            decode::any_response(asked, &response)
        }
        Err(Http1Error::Incomplete(reason)) => Outcome::error(broken, reason),
        Err(error) => Outcome::error(ErrorKind::Transport, error.to_string()),
    }
}
