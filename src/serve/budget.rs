//! The budget of bytes for all that a server holds and has under way.
//!
//! Each kind of thing has a part of its own, so that none can take the room of
//! another: whoever leaves responses unread stops no upload. What finds no room
//! is refused at once, for its sender can repeat it; to wait would hold up
//! whoever comes after it.

use std::io;

use super::Limits;
use crate::service::Rooms;
use crate::service::room::{Part, Room};

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
    /// What the services of all worlds share.
    pub(super) rooms: Rooms,
}

impl Budget {
    /// Divides a budget of which each world may keep so much data in sets, and as
    /// much in cases. Half of it is for data where there are several worlds.
    pub(super) fn new(limits: &Limits, kept: usize, has_worlds: bool) -> io::Result<Self> {
        let one = kept.saturating_mul(2);
        let data = if has_worlds { one.max(limits.memory / 2) } else { one };
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
            rooms: Rooms { kept: Part::new(data), held: Part::new(sixteenths(2)) },
            planned: Part::new(sixteenths(1)),
        })
    }
}

/// Makes it room for so many bytes in all, of a body or a response; false where
/// they are not there.
pub(super) fn grow(room: &mut Room, bytes: usize) -> bool {
    match bytes {
        0..=SHORT => true,
        // The last step of a part may be shorter than the others.
        _ => {
            let most = room.part().most();
            room.take(bytes.next_multiple_of(STEP).min(most).max(bytes))
        }
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
        if !grow(&mut self.room, length.saturating_add(self.bytes.len())) {
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
