//! What is called.

use super::choices::Choices;
use super::text;
use crate::fixture::{Blob, Call, CallAttachment, Text};

/// The plainest call.
pub(super) fn plain() -> Call {
    call(None, vec![file("a.log", b"hello".to_vec())])
}

/// A call: mostly one small file, for most cases are about the response. The
/// documents allow each of them.
pub(super) fn any(choices: &mut Choices<'_>) -> Call {
    choices.one_of(&[(3, |_| plain()), (1, odd)])
}

/// A call that is not the plainest.
pub(super) fn odd(choices: &mut Choices<'_>) -> Call {
    let dry_run = choices.chance(1, 10).then(|| choices.chance(1, 2));
    // What an empty id means, the documents leave open.
    let id = choices.chance(1, 2).then(|| text::some(choices, "as-1"));
    Call { dry_run, ..call(id, choices.list(1..=3, attachment)) }
}

fn call(id: Option<String>, attachments: Vec<CallAttachment>) -> Call {
    Call { attachment_set_id: id.map(Text::Plain), attachments: Some(attachments), ..Call::default() }
}

fn file(name: &str, data: Vec<u8>) -> CallAttachment {
    CallAttachment { file_name: Some(name.into()), data: Some(Blob::from(data)) }
}

/// A call of megabytes: near what is allowed for a file, or in all.
pub(super) fn large(choices: &mut Choices<'_>) -> Call {
    let (files, length) = choices.pick(&[(1, 1_048_577_usize), (1, 4_900_000), (2, 2_650_000)]);
    call(None, vec![file("a.log", vec![b'a'; length]); files])
}

/// What a file without name or bytes means is the service's affair: it is sent
/// as it was given.
fn attachment(choices: &mut Choices<'_>) -> CallAttachment {
    CallAttachment {
        file_name: choices.chance(19, 20).then(|| Text::Plain(text::any(choices))),
        data: choices.chance(19, 20).then(|| Blob::from(data(choices))),
    }
}

fn data(choices: &mut Choices<'_>) -> Vec<u8> {
    choices.one_of(&[
        (4, |choices| choices.list(0..=7, Choices::byte)),
        (2, |choices| text::any(choices).into_bytes()),
        // Around a line of MIME, a block, and what a pipe takes at once.
        (2, |choices| {
            let (first, length) = (choices.byte(), choices.pick(&[56, 57, 58, 255, 1_023, 4_096]));
            (0..length).map(|at: usize| first.wrapping_add(at as u8)).collect()
        }),
        (1, |choices| vec![choices.byte(); choices.range(65_530..=65_539)]),
        (1, |_| (0..=u8::MAX).collect()),
    ])
}

/// Calls that are a little simpler, the simplest first.
pub(super) fn simpler(of: &Call) -> Vec<Call> {
    if *of == plain() {
        return Vec::new();
    }
    let mut found = vec![plain()];
    if of.attachment_set_id.is_some() {
        found.push(Call { attachment_set_id: None, ..of.clone() });
    }
    if let Some(Text::Plain(id)) = &of.attachment_set_id {
        let shorter = text::shorter(id).filter(|id| !id.is_empty());
        found.extend(shorter.map(|id| Call { attachment_set_id: Some(Text::Plain(id)), ..of.clone() }));
    }
    if of.dry_run.is_some() {
        found.push(Call { dry_run: None, ..of.clone() });
    }
    let files = of.attachments.as_deref().unwrap_or_default();
    for (at, file) in files.iter().enumerate() {
        let with = |other: Option<CallAttachment>| {
            let mut files = files.to_vec();
            files.splice(at..=at, other);
            Call { attachments: Some(files), ..of.clone() }
        };
        if files.len() > 1 {
            found.push(with(None));
        }
        found.extend(simpler_file(file).into_iter().map(|file| with(Some(file))));
    }
    found
}

fn simpler_file(of: &CallAttachment) -> Vec<CallAttachment> {
    let plain = file("a.log", b"hello".to_vec());
    let mut found = Vec::new();
    if of.file_name != plain.file_name {
        found.push(CallAttachment { file_name: plain.file_name.clone(), ..of.clone() });
    }
    if let Some(Text::Plain(name)) = &of.file_name {
        let shorter = text::shorter(name);
        found.extend(shorter.map(|name| CallAttachment { file_name: Some(Text::Plain(name)), ..of.clone() }));
    }
    if of.data != plain.data {
        found.push(CallAttachment { data: plain.data, ..of.clone() });
    }
    let bytes = of.data.as_ref().map(Blob::to_bytes).unwrap_or_default();
    let shorter = super::shorter(&bytes);
    found.extend(shorter.map(|bytes| CallAttachment { data: Some(Blob::from(bytes)), ..of.clone() }));
    found
}
