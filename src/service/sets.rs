//! The live sets, and the ids of those that ended.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::choices::{ATTACHMENT_BYTES, REMEMBERED_BYTES, REMEMBERED_FOR, SET_BYTES};
use super::{Set, Stored};

/// The live sets, numbered in the order in which they were created, and the ids
/// of sets that ended.
#[derive(Debug, Clone, Default)]
pub(super) struct Sets {
    /// Which set an id stands for, live or ended.
    numbers: HashMap<Arc<str>, usize>,
    live: BTreeMap<usize, Set>,
    /// When each live set ends, the next first. Where the clock was set back,
    /// that is not the order of the numbers.
    ends: BTreeSet<(Timestamp, usize)>,
    /// The ids of sets that ended, and when; the first to end first.
    ended: VecDeque<(Arc<str>, Timestamp)>,
    /// The number of the next set.
    next: usize,
    /// About how many bytes all of this takes, but for the data.
    bytes: usize,
    kept_bytes: usize,
    /// The number of the oldest set of which data may be kept.
    kept_from: usize,
}

/// About how many bytes attachments take in a set, but for their data.
pub(super) fn bytes_of(attachments: &[Stored]) -> usize {
    let name = |stored: &Stored| stored.file_name.as_ref().map_or(0, String::len);
    attachments.iter().map(|stored| ATTACHMENT_BYTES + name(stored)).sum()
}

impl Sets {
    /// How many sets live.
    pub(super) fn len(&self) -> usize {
        self.live.len()
    }

    /// About how many bytes are taken, but for the data.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many bytes of data are kept.
    pub(super) fn kept_bytes(&self) -> usize {
        self.kept_bytes
    }

    /// The live sets, the oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Set> {
        self.live.values()
    }

    /// The live sets from a number on, each with its number, the oldest first.
    pub(super) fn from(&self, number: usize) -> impl Iterator<Item = (usize, &Set)> {
        self.live.range(number..).map(|(number, set)| (*number, set))
    }

    /// The number of a set that lives or has ended.
    pub(super) fn number(&self, id: &str) -> Option<usize> {
        self.numbers.get(id).copied()
    }

    /// A live set.
    pub(super) fn get(&self, number: usize) -> Option<&Set> {
        self.live.get(&number)
    }

    /// Adds an empty set; gives its number.
    pub(super) fn create(&mut self, id: Arc<str>, now: Timestamp) -> usize {
        let number = self.next;
        self.next += 1;
        let set = Set::new(id.clone(), now);
        self.ends.insert((set.expires, number));
        self.numbers.insert(id, number);
        self.live.insert(number, set);
        self.bytes += SET_BYTES;
        number
    }

    /// Adds attachments to a live set, which it gives; then drops the oldest
    /// sets' data until no more than so many bytes are kept.
    pub(super) fn add(&mut self, number: usize, mut added: Vec<Stored>, most_kept: usize) -> Option<&Set> {
        let set = self.live.get_mut(&number)?;
        self.bytes += bytes_of(&added);
        self.kept_bytes += added.iter().map(Stored::kept_bytes).sum::<usize>();
        self.kept_from = self.kept_from.min(number);
        set.attachments.reserve_exact(added.len());
        set.attachments.append(&mut added);
        while self.kept_bytes > most_kept {
            let Some((oldest, set)) = self.live.range_mut(self.kept_from..).next() else { break };
            self.kept_bytes -= set.drop_data();
            self.kept_from = oldest + 1;
        }
        self.live.get(&number)
    }

    /// Ends every set whose time has come, whatever the clock shows later, and
    /// forgets the ids of those that ended long ago or are too many.
    pub(super) fn expire(&mut self, now: Timestamp, most_remembered: usize) {
        while let Some((end, number)) = self.ends.first().copied()
            && end <= now
        {
            self.end(number, end);
        }
        let long = SignedDuration::try_from(REMEMBERED_FOR).unwrap_or_default();
        while let Some((_, at)) = self.ended.front()
            && (now.duration_since(*at) >= long || self.ended.len() > most_remembered)
        {
            self.forget_one();
        }
    }

    /// Ends a live set: what is left of it is its id.
    pub(super) fn end(&mut self, number: usize, at: Timestamp) {
        let Some(set) = self.live.remove(&number) else { return };
        self.ends.remove(&(set.expires, number));
        self.bytes -= SET_BYTES + bytes_of(&set.attachments);
        self.kept_bytes -= set.attachments.iter().map(Stored::kept_bytes).sum::<usize>();
        self.bytes += REMEMBERED_BYTES;
        self.ended.push_back((set.id, at));
    }

    /// Forgets the id of the set that ended first; false where there is none.
    pub(super) fn forget_one(&mut self) -> bool {
        let Some((id, _)) = self.ended.pop_front() else { return false };
        self.numbers.remove(&id);
        self.bytes -= REMEMBERED_BYTES;
        true
    }
}
