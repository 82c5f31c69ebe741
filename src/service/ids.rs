//! Ids of sets.

use sha2::{Digest as _, Sha256};

use crate::wire::hex;

/// A source of ids: unlike each other, and the same for the same seed.
#[derive(Debug)]
pub(super) struct Ids {
    seed: u64,
    given: u64,
}

impl Ids {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, given: 0 }
    }

    /// An id that looks like the documents' sample, in that it starts with
    /// `as-`; beyond that, ids are opaque.
    pub(super) fn next_id(&mut self) -> String {
        let digest = Sha256::new()
            .chain_update(self.seed.to_be_bytes())
            .chain_update(self.given.to_be_bytes())
            .finalize();
        self.given += 1;
        let (half, _) = digest.split_at(16);
        format!("as-{}", hex(half))
    }
}
