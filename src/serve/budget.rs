//! The budget of bytes for all that a server holds and has under way.
//!
//! Each kind of thing has a part of its own, so that none can take the room of
//! another: whoever leaves responses unread stops no upload. What finds no room
//! is refused at once, for its sender can repeat it; to wait would hold up
//! whoever comes after it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Limits;

/// Bodies and responses up to this length take no room: there are never more of
/// them than connections.
pub(super) const SHORT: usize = 64 << 10;

/// Long ones take room in steps of a huge page, which a system may fill whole
/// for a byte of it.
const STEP: usize = 2 << 20;

/// The least that is left when the data that is kept is taken off.
const LEAST: usize = 16 << 20;

/// The parts of the budget.
#[derive(Clone)]
pub(super) struct Budget {
    /// Bodies as far as they have arrived.
    pub(super) bodies: Part,
    /// Responses until they are sent.
    pub(super) responses: Part,
    /// Planned responses.
    pub(super) planned: Part,
    /// What decoding bodies may take at once.
    pub(super) decoding: usize,
    /// Sets and cases beside the data.
    pub(super) held: usize,
}

impl Budget {
    /// Divides a budget of which so much data may be kept in sets, and as much
    /// in cases.
    pub(super) fn new(limits: &Limits, kept: usize) -> io::Result<Self> {
        let data = kept.saturating_mul(2);
        let Some(rest) = limits.memory.checked_sub(data).filter(|rest| *rest >= LEAST) else {
            let least = data.saturating_add(LEAST);
            let problem = format!(
                "a budget of {} bytes is too small to keep {kept} bytes of data in sets and as many in \
                 cases: it takes at least {least}",
                limits.memory
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        };
        let sixteenths = |number: usize| rest / 16 * number;
        Ok(Self {
            bodies: Part::new(sixteenths(7)),
            decoding: sixteenths(4),
            responses: Part::new(sixteenths(2)),
            held: sixteenths(2),
            planned: Part::new(sixteenths(1)),
        })
    }
}

/// A part of the budget.
#[derive(Clone)]
pub(super) struct Part(Arc<Inner>);

struct Inner {
    most: usize,
    taken: AtomicUsize,
}

impl Part {
    fn new(most: usize) -> Self {
        Self(Arc::new(Inner { most, taken: AtomicUsize::new(0) }))
    }

    /// How many bytes it has in all.
    pub(super) fn most(&self) -> usize {
        self.0.most
    }

    /// Room that can grow; none is taken yet.
    pub(super) fn room(&self) -> Room {
        Room { part: self.clone(), bytes: 0 }
    }
}

/// Room that was taken; it is given back when this is dropped.
pub(super) struct Room {
    part: Part,
    bytes: usize,
}

impl Room {
    /// Makes it room for so many bytes in all; false where they are not there.
    pub(super) fn grow_to(&mut self, bytes: usize) -> bool {
        match bytes {
            0..=SHORT => true,
            // The last step of a part may be shorter than the others.
            _ => self.take(bytes.next_multiple_of(STEP).min(self.part.most()).max(bytes)),
        }
    }

    /// As [`Room::grow_to`], to the byte and whatever the length.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        let Some(more) = bytes.checked_sub(self.bytes).filter(|more| *more > 0) else { return true };
        let Inner { most, taken } = &*self.part.0;
        let add = |taken: usize| taken.checked_add(more).filter(|taken| taken <= most);
        let is_there = taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok();
        if is_there {
            self.bytes = bytes;
        }
        is_there
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.part.0.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Bytes, and the room that they take.
pub(super) struct Held {
    pub(super) bytes: Vec<u8>,
    pub(super) room: Room,
}

impl Held {
    pub(super) fn new(part: &Part) -> Self {
        Self { bytes: Vec::new(), room: part.room() }
    }

    /// Makes place for so many bytes in all.
    pub(super) fn reserve(&mut self, length: usize) -> io::Result<()> {
        // While it grows, both the old and the new are there.
        if !self.room.grow_to(length.saturating_add(self.bytes.len())) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.bytes.reserve_exact(length.saturating_sub(self.bytes.len()));
        Ok(())
    }
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Fails where there is no room for more.
impl io::Write for Held {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.bytes.len() + bytes.len();
        if length > self.bytes.capacity() {
            self.reserve(length.next_power_of_two())?;
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
