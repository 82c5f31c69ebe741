//! Choices that a generator makes, each read from bytes.
//!
//! The same bytes give the same choices. `attachset fuzz` makes the bytes from
//! a seed and a number; libFuzzer and proptest bring their own. When the bytes
//! are used up, every choice is the first.

#![expect(clippy::expect_used, reason = "choices among nothing are a mistake in a generator")]

use std::ops::RangeInclusive;

use arbitrary::Unstructured;
use arbitrary::unstructured::Int;

/// How many bytes a case is generated from: more than any case needs.
const BYTES: usize = 4_096;

/// Choices, read from bytes.
pub struct Choices<'a>(Unstructured<'a>);

/// One of several ways to choose, with its weight.
pub(super) type Weighted<T> = (u32, fn(&mut Choices<'_>) -> T);

impl<'a> Choices<'a> {
    /// The choices that these bytes stand for.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(Unstructured::new(bytes))
    }

    /// A number in a range.
    pub(super) fn range<T: Int>(&mut self, range: RangeInclusive<T>) -> T {
        self.0.int_in_range(range).expect("a number needs no bytes: without them it is the first")
    }

    /// Any byte.
    pub(super) fn byte(&mut self) -> u8 {
        self.range(0..=u8::MAX)
    }

    /// A number below another.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.range(0..=end.saturating_sub(1))
    }

    /// Whether something happens that happens this often. It does not when the
    /// bytes are used up.
    pub(super) fn chance(&mut self, times: u32, of: u32) -> bool {
        self.range(1..=of) > of - times
    }

    /// One of a table's values.
    pub(super) fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        let at = self.below(all.len());
        all.get(at).cloned().expect("a table has values")
    }

    /// What one of these makes, chosen by weight.
    pub(super) fn one_of<T>(&mut self, all: &[Weighted<T>]) -> T {
        let weights: u32 = all.iter().map(|(weight, _)| weight).sum();
        let mut left = self.range(1..=weights);
        let chosen = all.iter().find(|(weight, _)| {
            let is_it = left <= *weight;
            left = left.saturating_sub(*weight);
            is_it
        });
        chosen.expect("the weights add up").1(self)
    }

    /// As many of something as a number in this range.
    pub(super) fn list<T>(
        &mut self,
        count: RangeInclusive<usize>,
        mut each: impl FnMut(&mut Self) -> T,
    ) -> Vec<T> {
        (0..self.range(count)).map(|_| each(self)).collect()
    }

    /// Some of these, in their order.
    pub(super) fn some_of<T>(&mut self, mut all: Vec<T>) -> Vec<T> {
        for _ in 0..self.range(0..=all.len()) {
            let at = self.below(all.len());
            all.remove(at);
        }
        all
    }

    /// A word of these characters.
    pub(super) fn word(&mut self, alphabet: &str, length: RangeInclusive<usize>) -> String {
        let alphabet: Vec<_> = alphabet.chars().collect();
        self.list(length, |choices| choices.pick(&alphabet)).into_iter().collect()
    }
}

/// The bytes that a case is generated from.
///
/// SplitMix64 (Steele, Lea and Flood 2014) and not a crate's generator, so that
/// a seed gives the same cases for as long as they are generated in the same way.
pub(super) fn bytes(seed: u64, number: u64) -> [u8; BYTES] {
    let mut state = mixed(seed.wrapping_add(STEP)) ^ number;
    let mut bytes = [0; BYTES];
    let (words, _) = bytes.as_chunks_mut();
    for word in words {
        state = state.wrapping_add(STEP);
        *word = mixed(state).to_le_bytes();
    }
    bytes
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}
