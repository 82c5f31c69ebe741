//! What is called.

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;

use super::text;
use crate::fixture::{Blob, Call, CallAttachment, Text};

/// The plainest call.
pub(super) fn plain() -> Call {
    call(None, vec![file("a.log", b"hello".to_vec())])
}

/// A call: mostly one small file, for most draws are about the answer. The
/// documents allow each of them.
pub(super) fn any() -> impl Strategy<Value = Call> {
    prop_oneof![3 => Just(plain()), 1 => odd()]
}

/// A call that is not the plainest.
pub(super) fn odd() -> impl Strategy<Value = Call> {
    let dry_run = weighted(0.1, proptest::bool::ANY);
    (set_id(), vec(attachment(), 1..=3), dry_run)
        .prop_map(|(id, attachments, dry_run)| Call { dry_run, ..call(id, attachments) })
}

fn call(id: Option<String>, attachments: Vec<CallAttachment>) -> Call {
    Call { attachment_set_id: id.map(Text::Plain), attachments: Some(attachments), dry_run: None }
}

fn file(name: &str, data: Vec<u8>) -> CallAttachment {
    CallAttachment { file_name: Some(name.into()), data: Some(Blob::from(data)) }
}

/// A call of megabytes: near what is allowed for a file, or in all.
pub(super) fn large() -> impl Strategy<Value = Call> {
    select(&[(1, 1_048_577_usize), (1, 4_900_000), (2, 2_650_000)][..])
        .prop_map(|(files, length)| call(None, vec![file("a.log", vec![b'a'; length]); files]))
}

/// An empty id is left open by the documents.
fn set_id() -> impl Strategy<Value = Option<String>> {
    weighted(0.5, text::any().prop_map(|id| if id.is_empty() { "as-1".into() } else { id }))
}

/// What a file without name or bytes means is the service's affair: it is sent
/// as it was given.
fn attachment() -> impl Strategy<Value = CallAttachment> {
    (weighted(0.95, text::any()), weighted(0.95, data())).prop_map(|(name, data)| CallAttachment {
        file_name: name.map(Text::Plain),
        data: data.map(Blob::from),
    })
}

fn data() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => vec(0..=u8::MAX, 0..8),
        2 => text::any().prop_map(String::into_bytes),
        // Around a line of MIME, a block, and what a pipe takes at once.
        2 => (0..=u8::MAX, select(&[56_usize, 57, 58, 255, 1_023, 4_096][..])).prop_map(|(first, length)| {
            (0..length).map(|at| first.wrapping_add(at as u8)).collect()
        }),
        1 => (0..=u8::MAX, 65_530_usize..65_540).prop_map(|(byte, length)| vec![byte; length]),
        1 => Just((0..=u8::MAX).collect::<Vec<_>>()),
    ]
}
