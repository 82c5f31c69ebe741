//! Bytes that several holders share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A number of bytes that several holders share.
#[derive(Debug, Clone)]
pub struct Part(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    most: usize,
    taken: AtomicUsize,
}

impl Part {
    /// So many bytes in all.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Inner { most, taken: AtomicUsize::new(0) }))
    }

    /// How many bytes it has in all.
    #[must_use]
    pub fn most(&self) -> usize {
        self.0.most
    }

    /// Room that can grow; none is taken yet.
    #[must_use]
    pub fn room(&self) -> Room {
        Room { part: self.clone(), bytes: 0 }
    }
}

/// The bytes that one holder takes; they are given back when this is dropped.
#[derive(Debug)]
pub struct Room {
    part: Part,
    bytes: usize,
}

impl Room {
    /// The part of which it takes.
    #[must_use]
    pub fn part(&self) -> &Part {
        &self.part
    }

    /// Makes it room for so many bytes in all; false where they are not there.
    pub fn take(&mut self, bytes: usize) -> bool {
        let Some(more) = bytes.checked_sub(self.bytes).filter(|more| *more > 0) else { return true };
        let Inner { most, taken } = &*self.part.0;
        let add = |taken: usize| taken.checked_add(more).filter(|taken| taken <= most);
        let is_there = taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok();
        if is_there {
            self.bytes = bytes;
        }
        is_there
    }

    /// As [`Room::take`], as far as there is room; how many bytes it has then.
    pub fn take_most(&mut self, bytes: usize) -> usize {
        while self.bytes < bytes {
            let free = self.part.most().saturating_sub(self.part.0.taken.load(Ordering::Relaxed));
            // Another holder may take it first.
            if free == 0 || self.take(self.bytes + free.min(bytes - self.bytes)) {
                break;
            }
        }
        self.bytes
    }

    /// Gives back what is beyond so many bytes.
    pub fn shrink_to(&mut self, bytes: usize) {
        if let Some(less) = self.bytes.checked_sub(bytes) {
            self.part.0.taken.fetch_sub(less, Ordering::Relaxed);
            self.bytes = bytes;
        }
    }
}

/// The clone takes as many bytes again, whether or not they are there.
impl Clone for Room {
    fn clone(&self) -> Self {
        self.part.0.taken.fetch_add(self.bytes, Ordering::Relaxed);
        Self { part: self.part.clone(), bytes: self.bytes }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.part.0.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_holder_takes_another_cannot() {
        let part = Part::new(10);
        let (mut one, mut other) = (part.room(), part.room());
        assert!(one.take(7) && !other.take(4) && other.take(3));
        assert_eq!((one.take_most(20), other.take_most(1)), (7, 3));
        one.shrink_to(2);
        assert_eq!(other.take_most(20), 8);
        drop(other);
        assert!(one.clone().take(8) && !one.take(11));
    }
}
