//! The SHA-256 of what is kept, each computed once and when it is asked for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::wire::sha256_hex;

/// The digest of a short file takes less time than to look it up.
const SHORT: usize = 4 << 10;

/// The digests of files, each computed once.
#[derive(Default)]
pub(super) struct Digests(Mutex<Known>);

/// Digests by where the file is in memory. As long as an entry is there, so is
/// the place.
type Known = HashMap<usize, (Weak<Vec<u8>>, Arc<str>)>;

impl Digests {
    /// The SHA-256 of a file, in hexadecimal.
    pub(super) fn of(&self, file: &Arc<Vec<u8>>) -> Arc<str> {
        if file.len() <= SHORT {
            return sha256_hex(file).into();
        }
        let place = Arc::as_ptr(file).addr();
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, digest)) = lock().get(&place) {
            return digest.clone();
        }
        let digest: Arc<str> = sha256_hex(file).into();
        let mut known = lock();
        known.retain(|_, (file, _)| file.strong_count() > 0);
        known.insert(place, (Arc::downgrade(file), digest.clone()));
        digest
    }
}
