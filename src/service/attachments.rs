//! What was attached to cases.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use super::Stored;
use super::ids::Ids;
use super::sets::bytes_of;

/// An attachment to a communication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// Its id.
    pub id: Arc<str>,
    /// The file.
    pub stored: Stored,
}

/// The attachments of all cases, numbered in the order in which they came.
#[derive(Debug, Clone, Default)]
pub(super) struct Attachments {
    numbers: HashMap<Arc<str>, u64>,
    attached: BTreeMap<u64, Attached>,
    next: u64,
    /// About how many bytes all of this takes, but for the data.
    bytes: usize,
    kept_bytes: usize,
    /// The number of the oldest attachment of which data may be kept.
    kept_from: u64,
}

impl Attachments {
    /// About how many bytes are taken, but for the data.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many bytes of data are kept.
    pub(super) fn kept_bytes(&self) -> usize {
        self.kept_bytes
    }

    /// Takes the files of one communication, and drops the oldest data until
    /// no more than so many bytes are kept.
    pub(super) fn add(&mut self, files: Vec<Stored>, ids: &mut Ids, most_bytes: usize) -> Range<u64> {
        let first = self.next;
        for stored in files {
            let id: Arc<str> = ids.next_id("attachment").into();
            self.bytes += bytes_of(std::slice::from_ref(&stored));
            self.kept_bytes += stored.kept_bytes();
            self.numbers.insert(id.clone(), self.next);
            self.attached.insert(self.next, Attached { id, stored });
            self.next += 1;
        }
        while self.kept_bytes > most_bytes {
            let Some((number, oldest)) = self.attached.range_mut(self.kept_from..).next() else { break };
            self.kept_bytes -= oldest.stored.drop_data();
            self.kept_from = number + 1;
        }
        first..self.next
    }

    /// Forgets the files of one communication.
    pub(super) fn remove(&mut self, files: Range<u64>) {
        for number in files {
            if let Some(attached) = self.attached.remove(&number) {
                self.numbers.remove(&attached.id);
                self.bytes -= bytes_of(std::slice::from_ref(&attached.stored));
                self.kept_bytes -= attached.stored.kept_bytes();
            }
        }
    }

    /// The files of one communication.
    pub(super) fn of(&self, files: &Range<u64>) -> impl Iterator<Item = &Attached> {
        self.attached.range(files.clone()).map(|(_, attached)| attached)
    }

    pub(super) fn get(&self, id: &str) -> Option<&Stored> {
        Some(&self.attached.get(self.numbers.get(id)?)?.stored)
    }
}
