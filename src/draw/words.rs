//! What there is to say of a fixture that was drawn.

use super::twist::{Framed, Of, Twist};
use super::{Draw, Start};
use crate::fixture::{Defect, Fixture};
use crate::law::name::Place;
use crate::law::{Answer, rule};

/// The fixture with its title and reason, and what it rests on: it shows that
/// a client breaks a requirement, of this id and in these words, in some way.
#[must_use]
pub fn described(fixture: &Fixture, draw: &Draw, defect: Defect, requirement: &str, says: &str) -> Fixture {
    let replies = fixture.steps.iter().filter_map(|step| step.replies.last());
    let mut answers: Vec<_> =
        replies.map(|reply| rule(&Answer::of(reply, fixture.timeout_ms)).says).collect();
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
        for (index, twist) in exchange.twists.iter().enumerate() {
            title.push_str(if index == 0 { " " } else { ", " });
            title.push_str(&words(twist));
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

fn words(twist: &Twist) -> String {
    match twist {
        Twist::Status(status) => format!("with status {status}"),
        Twist::Names(names) if names.is_empty() => "that nothing names".into(),
        Twist::Names(names) => {
            let names: Vec<_> = names.iter().map(|(place, name)| self::name(*place, name)).collect();
            format!("named {}", names.join(" and "))
        }
        Twist::AlsoNames(place, name) => format!("also named {}", self::name(*place, name)),
        Twist::Value(of, Some(value)) => format!("with {} for {}", cut(value), member(*of)),
        Twist::Value(of, None) => format!("without {}", member(*of)),
        Twist::Spelled(of, name) => format!("with {} spelled {name}", member(*of)),
        Twist::Member { name: (name, _), value, first } => {
            let place = if *first { "first" } else { "last" };
            format!("with {} in a member {} that comes {place}", cut(value), cut(&format!("{name:?}")))
        }
        Twist::Quoted(_) => "with escapes in its strings".into(),
        Twist::Space(_) => "with white space in its JSON".into(),
        Twist::Reversed => "with its members in another order".into(),
        Twist::Body(body) if body.is_empty() => "without a body".into(),
        Twist::Body(body) => format!("with the body {}", cut(&String::from_utf8_lossy(body))),
        Twist::BodyBytes(_) => "with other bytes in its body".into(),
        Twist::Version(version) => format!("of {version}"),
        Twist::Reason(reason) if reason.is_empty() => "without a reason phrase".into(),
        Twist::Reason(_) => "with another reason phrase".into(),
        Twist::Field(name, Some(value)) => format!("with {name}: {}", cut(&String::from_utf8_lossy(value))),
        Twist::Field(name, None) => format!("without {name}"),
        Twist::Fields(count) => format!("with {count} more fields"),
        Twist::Case(true) => "with its field names in capitals".into(),
        Twist::Case(false) => "with its field names in small letters".into(),
        Twist::Padded(..) => "with other white space around its field values".into(),
        Twist::HeadBytes(_) => "with other bytes in its head".into(),
        Twist::Interim(_) => "behind interim responses".into(),
        Twist::Framed(Framed::Close) => "that ends with its connection".into(),
        Twist::Framed(Framed::Chunked(_, "", "")) => "in chunks".into(),
        Twist::Framed(Framed::Chunked(_, _, "")) => "in chunks with extensions".into(),
        Twist::Framed(Framed::Chunked(..)) => "in chunks with a trailer".into(),
        Twist::Framed(Framed::Both) => "in chunks beside a length".into(),
        Twist::Framed(Framed::Sized(before)) => format!("in chunks, with {before:?} before their sizes"),
        Twist::Framed(Framed::Lengths(0)) => "with its length twice".into(),
        Twist::Framed(Framed::Lengths(by)) => format!("with two lengths, the second off by {by}"),
        Twist::Framed(Framed::Off(by)) => format!("whose length is off by {by}"),
        Twist::Framed(Framed::Length(length)) => format!("whose length is {length:?}"),
        Twist::Framed(Framed::Coding(coding)) => format!("in the coding {coding:?}"),
        Twist::Surplus(_) => "with bytes behind its end".into(),
        Twist::Pieces(..) => "in pieces".into(),
        Twist::Delay(_) => "after a moment".into(),
        Twist::Early => "before the request is read".into(),
        Twist::Last => "that is the last on its connection".into(),
        Twist::Stops(_, _, super::Fault::Closed) => "that stops where the connection closes".into(),
        Twist::Stops(_, _, super::Fault::Reset) => "that stops where the connection is reset".into(),
        Twist::Stops(_, _, super::Fault::Silence) => "that stops in silence".into(),
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
