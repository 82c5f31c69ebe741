//! What a client did, without what differs from answer to answer.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::runner::Run;
use crate::transcript::End;
use crate::wire::outcome::{ErrorKind, Outcome};

/// What a client did in each call, as a number: the kind of outcome, which of
/// its members are there, the words of its own messages, how many requests it
/// sent, and in which ways it was wrong.
pub(super) fn of(run: &Run) -> Vec<u64> {
    let each = run.transcript.ends.iter().enumerate().map(|(index, end)| {
        let mut hasher = DefaultHasher::new();
        let requests = run.transcript.exchanges.iter().filter(|exchange| exchange.step == index).count();
        requests.hash(&mut hasher);
        words(end).hash(&mut hasher);
        for mismatch in run.judgement.mismatches.iter().filter(|mismatch| mismatch.step == index + 1) {
            (mismatch.defect, &mismatch.requirement).hash(&mut hasher);
        }
        hasher.finish()
    });
    each.collect()
}

/// Whether a client did the same in each call, but for what its own messages
/// quote.
pub(super) fn is_same(ends: &[End], others: &[End]) -> bool {
    let alike = |(end, other): (&End, &End)| match (end, other) {
        (Ok(Outcome::Output(output)), Ok(Outcome::Output(other))) => output == other,
        (Ok(Outcome::Error(error)), Ok(Outcome::Error(of))) => {
            let says_same = error.kind != ErrorKind::Service || error.message == of.message;
            let is_same = error.code == of.code && error.status == of.status;
            is_same && error.request_id == of.request_id && says_same && words(end) == words(other)
        }
        _ => false,
    };
    ends.len() == others.len() && ends.iter().zip(others).all(alike)
}

fn words(end: &End) -> String {
    match end {
        Ok(Outcome::Output(output)) => {
            let kind = |value: &Option<serde_json::Value>| value.as_ref().map(std::mem::discriminant);
            format!("{:?} {:?}", kind(&output.attachment_set_id), kind(&output.expiry_time))
        }
        Ok(Outcome::Error(error)) => {
            let message = error.message.as_ref().and_then(|message| message.as_str());
            let text = match error.kind {
                // The service's words, which are drawn.
                ErrorKind::Service => message.map(|message| message.is_empty().to_string()),
                _ => message.map(own_words),
            };
            let has =
                (error.code.is_some(), error.request_id.is_some(), error.status.map(|status| status / 100));
            format!("{:?} {has:?} {text:?}", error.kind)
        }
        Ok(Outcome::Unsupported(_)) => "unsupported".into(),
        Err(fault) => format!("{:?}", std::mem::discriminant(fault)),
    }
}

/// A message without numbers and without what it quotes.
fn own_words(message: &str) -> String {
    const MOST: usize = 80;
    let mut quote = None;
    let mut words = String::new();
    for c in message.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, c) if c.is_ascii() && !c.is_ascii_digit() => words.push(c),
            (None, _) => {}
        }
        if words.len() >= MOST {
            break;
        }
    }
    words
}
