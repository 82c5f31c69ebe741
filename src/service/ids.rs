//! Ids of sets, cases and attachments, and tokens of pages.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::wire::hex;

/// A source of ids: unlike each other, and the same for the same seed.
#[derive(Debug, Clone)]
pub(super) struct Ids {
    seed: u64,
    given: u64,
}

impl Ids {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, given: 0 }
    }

    /// An id that starts with a word, as those of the documents' samples do;
    /// beyond that, ids are opaque.
    pub(super) fn next_id(&mut self, kind: &str) -> String {
        format!("{kind}-{}", self.next(16))
    }

    /// An id of a case, in the form of the documents' sample.
    pub(super) fn next_case_id(&mut self, now: Timestamp) -> String {
        format!("case-12345678910-exen-{}-{}", now.strftime("%Y"), self.next(8))
    }

    /// The token of the page of a list that goes on before a number.
    pub(super) fn token(&self, list: &str, number: usize) -> String {
        let digest = Sha256::new()
            .chain_update(self.seed.to_be_bytes())
            .chain_update(list)
            .chain_update(number.to_string())
            .finalize();
        format!("{number}-{}", hex(digest.split_at(8).0))
    }

    /// The number in a token, if it is one of this list's.
    pub(super) fn number(&self, list: &str, token: &str) -> Option<usize> {
        let number = token.split_once('-')?.0.parse().ok()?;
        (self.token(list, number) == token).then_some(number)
    }

    fn next(&mut self, bytes: usize) -> String {
        let digest = Sha256::new()
            .chain_update(self.seed.to_be_bytes())
            .chain_update(self.given.to_be_bytes())
            .finalize();
        self.given += 1;
        hex(digest.split_at(bytes).0)
    }
}
