//! What a client did, without what differs from response to response.

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
            let kind =
                |(name, value)| format!("{name} {:?}", std::mem::discriminant::<serde_json::Value>(value));
            output.members.iter().map(kind).collect::<Vec<_>>().join(" ")
        }
        Ok(Outcome::Error(error)) => {
            let message = error.message.as_ref().and_then(|message| message.as_str());
            let text = match error.kind {
                // The service's own text, which is generated.
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

/// The first line of a message, without words that have digits and without what it
/// quotes: bytes of the response, and addresses. Where a quotation does not end in the
/// line, it is the message of another error.
fn own_words(message: &str) -> String {
    const MOST: usize = 80;
    let line = message.split(['\n', '\r']).next().unwrap_or_default();
    // Some quote the whole of it, with line ends as they are written in strings.
    let mut rest = line.split("\\n").next().unwrap_or_default();
    let mut words = String::new();
    while let Some(c) = rest.chars().next()
        && words.len() < MOST
    {
        let word = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let (taken, behind) = rest.split_at(word.max(c.len_utf8()));
        rest = behind;
        match c {
            '"' | '\'' | '`' => rest = rest.split_once(c).map_or(rest, |(_, behind)| behind),
            _ if taken.is_ascii() && !taken.contains(|c: char| c.is_ascii_digit()) => words.push_str(taken),
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::own_words;

    #[test]
    fn a_message_is_known_again_whatever_it_quotes() {
        for (message, words) in [
            ("Unexpected token '<', \"<html>\" is not valid JSON", "Unexpected token ,  is not valid JSON"),
            ("'utf-8' codec can't decode byte 0xe9 in position 17", " codec cant decode byte  in position "),
            (r"400, message='Data after `close`:\n\n  b\'{}\'', url='http://a'", ", message=Data after :"),
            (r#"400, message="Bad status line:\n  b'x'""#, ", message=Bad status line:"),
            ("caf\u{e9} \u{2026}no\nat line 3", " no"),
            ("", ""),
        ] {
            assert_eq!(own_words(message), words, "{message}");
        }
        assert_eq!(own_words(&"ab ".repeat(100)).len(), 80);
    }
}
