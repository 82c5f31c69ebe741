//! What there is to say of a sequence that was drawn.

use super::drawn::{Drawn, is_advice};
use super::world::Target;
use super::{Addition, Case, Data, Mutation, Of, Raw, Which};
use crate::fixture::{Defect, Level, ServiceFixture, ServiceStep, Sign};

/// The fixture with its title and reason, and what it rests on: at a step,
/// from 1, it shows that a server breaks a requirement, of this id and in these
/// words, in some way.
#[must_use]
pub fn described(
    drawn: &Drawn,
    step: usize,
    defect: Defect,
    requirement: &str,
    says: &str,
) -> ServiceFixture {
    let at = step.saturating_sub(1);
    let level = match is_advice(requirement, defect) {
        true => Level::Should,
        false => drawn.levels.get(at).copied().unwrap_or(Level::Should),
    };
    let words: Vec<_> = drawn.words.iter().take(step).map(String::as_str).collect();
    let mut cites: Vec<_> = [requirement.to_owned()].into();
    cites.extend(drawn.fixture.cites.iter().filter(|id| **id != requirement).cloned());
    let charged = |step: &ServiceStep| match step {
        ServiceStep::Exchange(exchange) => exchange.charges.values().cloned().collect::<Vec<_>>(),
        ServiceStep::AtOnce(step) => step.charges.values().cloned().collect(),
        ServiceStep::Advance(_) => Vec::new(),
    };
    let last: Vec<_> = drawn.fixture.steps.get(at).map(charged).unwrap_or_default();
    cites.retain(|id| id == requirement || last.contains(id));
    ServiceFixture {
        title: cut(&format!("{}: {}", duty(defect), words.join(", then ")), 240),
        why: says.to_owned(),
        level,
        cites,
        ..drawn.fixture.clone()
    }
}

/// What a server does that is not wrong in a way.
fn duty(defect: Defect) -> &'static str {
    match defect {
        Defect::Accepted => "refuses what is to be refused",
        Defect::Refused => "takes what is to be taken",
        Defect::OtherError => "names the error that it is",
        Defect::UnnamedError => "names its error",
        Defect::OtherStatus => "responds with the right status",
        Defect::OtherOutput => "responds with the right output",
        Defect::AnswerForm => "responds in the protocol's form",
        Defect::UnreadableAnswer => "responds with an output or an error",
        _ => "answers",
    }
}

pub(super) fn addition(addition: &Addition, target: Target<'_>, mutations: &[Mutation]) -> String {
    let dry = match addition.dry_run {
        Some(true) => "a dry run of ",
        Some(false) => "with dryRun false, ",
        None => "",
    };
    let files = match addition.files.as_slice() {
        [_] => "a file".to_owned(),
        files => format!("{} files", files.len()),
    };
    let large = addition.files.iter().find_map(|file| match file.data {
        Data::Large(bytes) => Some(format!(" (one of {bytes} bytes)")),
        Data::Bytes(_) => None,
    });
    let names: Vec<_> = addition.files.iter().filter_map(|file| file.name.as_deref()).map(shown).collect();
    let names = if names.is_empty() { String::new() } else { format!(" called {}", names.join(" and ")) };
    let set = match target {
        Target::New => "a new set".into(),
        Target::Made(number) => format!("set {number}"),
        Target::Unknown(id) => format!("the unknown set {}", shown(id)),
    };
    let mutations: String = mutations.iter().map(|mutation| format!(", {}", words(mutation))).collect();
    format!("{dry}{files}{}{names} to {set}{mutations}", large.unwrap_or_default())
}

pub(super) fn raw(raw: &Raw) -> String {
    match raw {
        Raw::Hosts(hosts) => format!("a request with {hosts} Host fields"),
        Raw::Lengths(lengths) => format!("a request with Content-Length {}", lengths.join(" and ")),
        Raw::Chunks(size, coding) => {
            format!("a request in the coding {coding}, its first chunk's size {size:?}")
        }
        Raw::Both => "a request in chunks beside a length".into(),
        Raw::LongField(bytes) => format!("a request with a field of {bytes} bytes"),
        Raw::Fields(fields) => format!("a request with {fields} more fields"),
        Raw::Garbage(_) => "bytes that are no request".into(),
    }
}

pub(super) fn case(case: &Case) -> String {
    let set = |which: &Which| match which {
        Which::New => "without a set",
        Which::Made(_) => "with a set",
        Which::Unknown(_) => "with an unknown set",
    };
    match case {
        Case::Open(which) => format!("a case is opened {}", which.as_ref().map_or("without a set", set)),
        Case::Say(which, true) => format!("a communication {}", set(which)),
        Case::Say(which, false) => format!("a communication {} to an unknown case", set(which)),
        Case::Read => "its communications are listed".into(),
        Case::ReadMissing => "an unknown attachment is asked for".into(),
    }
}

fn words(mutation: &Mutation) -> String {
    match mutation {
        Mutation::Method(method) => format!("by {method}"),
        Mutation::Path(path) => format!("at {path}"),
        Mutation::Field(name, Some(value)) => format!("with {name}: {value}"),
        Mutation::Field(name, None) => format!("without {name}"),
        Mutation::Spelled(spelling) => spelling.words().into(),
        Mutation::Sign(Sign::None) => "unsigned".into(),
        Mutation::Sign(_) => "signed with another key".into(),
        Mutation::Value(of, value) => format!("with {} for {}", cut(value, 40), member(*of)),
        Mutation::Without(of) => format!("without {}", member(*of)),
        Mutation::Extra(name, value, _) => format!("with a member {} of {}", shown(name), cut(value, 40)),
        Mutation::Quoted(_) => "with escapes in its strings".into(),
        Mutation::Space(_) => "with white space in its JSON".into(),
        Mutation::Reversed => "with its members in another order".into(),
        Mutation::Many(times) => format!("with its first file {times} times"),
        Mutation::Padding(bytes) => format!("with a member of {bytes} bytes"),
        Mutation::Depth(depth) => format!("with a member nested {depth} deep"),
        Mutation::Body(body) if body.is_empty() => "without a body".into(),
        Mutation::Body(body) => format!("with the body {}", cut(&String::from_utf8_lossy(body), 40)),
        Mutation::BodyBytes(_) => "with other bytes in its body".into(),
    }
}

fn member(of: Of) -> &'static str {
    match of {
        Of::SetId => "attachmentSetId",
        Of::Attachments => "attachments",
        Of::First => "the first file",
        Of::FileName => "fileName",
        Of::Data => "data",
        Of::DryRun => "dryRun",
    }
}

fn shown(text: &str) -> String {
    cut(&format!("{text:?}"), 40)
}

fn cut(text: &str, most: usize) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text,
    }
}
