//! What the benchmarks have in common: what is sent, what else can send it,
//! and how long each is measured.

pub mod plain;
pub mod sdk;

use std::time::Duration;

use attachset::model::{Attachment, Input};
use criterion::Criterion;

/// From the smallest call to the largest that AWS Support takes: how many
/// files of how many bytes.
pub const FILES: [(&str, usize, usize); 5] = [
    ("1 B", 1, 1),
    ("1 KiB", 1, 1 << 10),
    ("1 MiB", 1, 1 << 20),
    ("5 MiB", 1, 5 << 20),
    ("3 x 5 MiB", 3, 5 << 20),
];

/// A call with so many files of so many bytes.
#[must_use]
pub fn input(files: usize, bytes: usize) -> Input {
    let attachment =
        Attachment { file_name: Some("troubleshoot-screenshot.png".into()), data: Some(content(bytes)) };
    Input { attachments: Some(vec![attachment; files]), ..Input::default() }
}

/// Bytes without a pattern.
fn content(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(next).flatten().take(bytes).collect()
}

/// Medians of short runs: the ratios on the page are between neighbours, a
/// second or so apart.
#[must_use]
pub fn criterion() -> Criterion {
    Criterion::default()
        .without_plots()
        .sample_size(20)
        .nresamples(1_001)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600))
        .configure_from_args()
}
