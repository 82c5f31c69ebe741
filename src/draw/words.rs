//! What there is to say of a fixture that was drawn.

use super::mutation::{Framed, Mutation, Of};
use super::{Draw, Start};
use crate::fixture::{Defect, Fixture};
use crate::oracle::name::Place;
use crate::oracle::{Answer, rule};

/// The fixture with its title and reason, and what it rests on: it shows that
/// a client breaks a requirement, of this id and in these words, in some way.
#[must_use]
pub fn described(fixture: &Fixture, draw: &Draw, defect: Defect, requirement: &str, says: &str) -> Fixture {
    let replies = fixture.steps.iter().filter_map(|step| Some((step.call.operation(), step.replies.last()?)));
    let mut answers: Vec<_> =
        replies.map(|(asked, reply)| rule(asked, &Answer::of(reply, fixture.timeout_ms)).says).collect();
    answers.dedup();
    let charged = || fixture.charges.values().chain(fixture.otherwise.values().flatten());
    let is_charged = |id: &&String| **id != requirement && charged().any(|of| of == *id);
    let others = fixture.cites.iter().filter(is_charged).cloned();
    let mut charges = fixture.charges.clone();
    if fixture.steps.len() > 1 || charges.contains_key(&defect) {
        charges.insert(defect, requirement.to_owned());
    }
    Fixture {
        charges,
        title: title(draw, defect),
        why: format!("{says} The response: {}.", answers.join("; then, ")),
        cites: [requirement.to_owned()].into_iter().chain(others).collect(),
        ..fixture.clone()
    }
}

fn title(draw: &Draw, defect: Defect) -> String {
    let mut title = duty(defect).to_owned();
    for (index, exchange) in draw.exchanges.iter().enumerate() {
        title.push_str(match (index, &exchange.start) {
            (0, Start::Output) => " for an output",
            (0, Start::Error(_)) => " for an error",
            (0, Start::Bytes(_)) => " for a response with other bytes",
            (_, Start::Output) => ", then an output",
            (_, Start::Error(_)) => ", then an error",
            (_, Start::Bytes(_)) => ", then a response with other bytes",
        });
        if !exchange.failures.is_empty() {
            title.push_str(" that comes after a failure");
        }
        for (index, mutation) in exchange.mutations.iter().enumerate() {
            title.push_str(if index == 0 { " " } else { ", " });
            title.push_str(&words(mutation));
        }
    }
    title
}

/// What a client does that is not wrong in a way.
fn duty(defect: Defect) -> &'static str {
    match defect {
        Defect::FalseSuccess => "does not report success",
        Defect::Hang => "responds before the deadline",
        Defect::Crash => "lives to say what a call came to",
        Defect::ForeignException => "raises an error of its own types",
        Defect::LostCode | Defect::WrongCode => "reports the error's name",
        Defect::WrongMessage => "reports the error's message as it was sent",
        Defect::WrongStatus => "reports the status as it was sent",
        Defect::WrongRequestId => "reports the request id as it was sent",
        Defect::WrongKind => "reports an error of the right sort",
        Defect::FalseError => "takes what is valid",
        Defect::WrongOutput => "reports the output as it was sent",
        Defect::TooManyRequests => "sends one request",
        Defect::Input => "sends the input as it was given",
        _ => "sends what the documents require",
    }
}

fn words(mutation: &Mutation) -> String {
    match mutation {
        Mutation::Status(status) => format!("with status {status}"),
        Mutation::Names(names) if names.is_empty() => "that nothing names".into(),
        Mutation::Names(names) => {
            let names: Vec<_> = names.iter().map(|(place, name)| self::name(*place, name)).collect();
            format!("named {}", names.join(" and "))
        }
        Mutation::AlsoNames(place, name) => format!("also named {}", self::name(*place, name)),
        Mutation::Value(of, Some(value)) => format!("with {} for {}", cut(value), member(*of)),
        Mutation::Value(of, None) => format!("without {}", member(*of)),
        Mutation::Spelled(of, name) => format!("with {} spelled {name}", member(*of)),
        Mutation::Member { name: (name, _), value, first } => {
            let place = if *first { "first" } else { "last" };
            format!("with {} in a member {} that comes {place}", cut(value), cut(&format!("{name:?}")))
        }
        Mutation::Quoted(_) => "with escapes in its strings".into(),
        Mutation::Space(_) => "with white space in its JSON".into(),
        Mutation::Reversed => "with its members in another order".into(),
        Mutation::Body(body) if body.is_empty() => "without a body".into(),
        Mutation::Body(body) => format!("with the body {}", cut(&String::from_utf8_lossy(body))),
        Mutation::BodyBytes(_) => "with other bytes in its body".into(),
        Mutation::Version(version) => format!("of {version}"),
        Mutation::Reason(reason) if reason.is_empty() => "without a reason phrase".into(),
        Mutation::Reason(_) => "with another reason phrase".into(),
        Mutation::Field(name, Some(value)) => {
            format!("with {name}: {}", cut(&String::from_utf8_lossy(value)))
        }
        Mutation::Field(name, None) => format!("without {name}"),
        Mutation::Fields(count) => format!("with {count} more fields"),
        Mutation::Case(true) => "with its field names in capitals".into(),
        Mutation::Case(false) => "with its field names in small letters".into(),
        Mutation::Padded(..) => "with other white space around its field values".into(),
        Mutation::HeadBytes(_) => "with other bytes in its head".into(),
        Mutation::Aged(_) => "with an `Age` and the `Date` of then".into(),
        Mutation::Interim(_) => "behind interim responses".into(),
        Mutation::Framed(Framed::Close) => "that ends with its connection".into(),
        Mutation::Framed(Framed::Chunked(_, "", "")) => "in chunks".into(),
        Mutation::Framed(Framed::Chunked(_, _, "")) => "in chunks with extensions".into(),
        Mutation::Framed(Framed::Chunked(..)) => "in chunks with a trailer".into(),
        Mutation::Framed(Framed::Both) => "in chunks beside a length".into(),
        Mutation::Framed(Framed::Sized(before)) => format!("in chunks, with {before:?} before their sizes"),
        Mutation::Framed(Framed::Lengths(0)) => "with its length twice".into(),
        Mutation::Framed(Framed::Lengths(by)) => format!("with two lengths, the second off by {by}"),
        Mutation::Framed(Framed::Off(by)) => format!("whose length is off by {by}"),
        Mutation::Framed(Framed::Length(length)) => format!("whose length is {length:?}"),
        Mutation::Framed(Framed::Coding(coding)) => format!("in the coding {coding:?}"),
        Mutation::Surplus(_) => "with bytes behind its end".into(),
        Mutation::Pieces(..) => "in pieces".into(),
        Mutation::Delay(_) => "after a moment".into(),
        Mutation::Early => "before the request is read".into(),
        Mutation::Last => "that is the last on its connection".into(),
        Mutation::Stops(_, _, super::Fault::Closed) => "that stops where the connection closes".into(),
        Mutation::Stops(_, _, super::Fault::Reset) => "that stops where the connection is reset".into(),
        Mutation::Stops(_, _, super::Fault::Silence) => "that stops in silence".into(),
    }
}

fn name(place: Place, name: &str) -> String {
    let place = match place {
        Place::Header => "the header",
        Place::Type => "__type",
        Place::Code => "code",
    };
    format!("{} in {place}", cut(&format!("{name:?}")))
}

fn member(of: Of) -> &'static str {
    match of {
        Of::First => "its first member",
        Of::Second => "its second member",
    }
}

fn cut(text: &str) -> String {
    const MOST: usize = 60;
    let text: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text,
    }
}
