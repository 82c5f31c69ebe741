//! Support cases, and the store that holds them.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;

use super::attachments::Attachments;
use super::choices;
use super::ids::Ids;

/// A support case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its id.
    pub id: Arc<str>,
    /// How many cases were opened before it.
    pub(super) number: usize,
    /// The id that people read.
    pub display_id: String,
    /// What it is about.
    pub subject: String,
    /// Its status.
    pub status: &'static str,
    /// When it was opened.
    pub created: Timestamp,
    /// What else was said of it.
    pub details: Details,
    /// The communications on it, the oldest first.
    pub communications: VecDeque<Communication>,
}

/// What a case is said to be about; nothing follows from it here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// The code of the AWS service.
    pub service_code: Option<String>,
    /// The code of the category of problem.
    pub category_code: Option<String>,
    /// The code of the urgency.
    pub severity_code: Option<String>,
    /// Who gets a copy.
    pub cc_email_addresses: Vec<String>,
    /// The language in which it is handled.
    pub language: String,
}

/// A communication on a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Communication {
    /// How many communications, on whichever case, were made before it.
    pub(super) number: usize,
    /// The text.
    pub body: String,
    /// When it was made.
    pub created: Timestamp,
    /// The numbers of what is attached to it.
    pub(super) files: Range<u64>,
    /// About how many bytes it takes.
    bytes: usize,
}

/// The cases, the oldest first, within bounds of number and length.
#[derive(Debug, Clone, Default)]
pub(super) struct Cases {
    numbers: HashMap<Arc<str>, usize>,
    all: VecDeque<Case>,
    /// How many were forgotten: the number of the oldest that is there.
    forgotten: usize,
    communications: usize,
    bytes: usize,
    pub(super) attachments: Attachments,
}

impl Cases {
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Case> {
        self.all.iter()
    }

    pub(super) fn get(&self, id: &str) -> Option<&Case> {
        self.all.get(self.numbers.get(id)?.checked_sub(self.forgotten)?)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Case> {
        self.all.get_mut(self.numbers.get(id)?.checked_sub(self.forgotten)?)
    }

    /// Opens a case without communications; the oldest make room for it.
    pub(super) fn open(
        &mut self,
        subject: String,
        details: Details,
        most: usize,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Arc<str> {
        while self.all.len() >= most.max(1) {
            self.forget_oldest();
        }
        let id: Arc<str> = ids.next_case_id(now).into();
        let number = self.forgotten + self.all.len();
        self.numbers.insert(id.clone(), number);
        self.all.push_back(Case {
            id: id.clone(),
            number,
            display_id: format!("{:010}", number + 1),
            subject,
            status: choices::NEW_STATUS,
            created: now,
            details,
            communications: VecDeque::new(),
        });
        id
    }

    /// Adds a communication to a case.
    pub(super) fn communicate(&mut self, id: &str, body: String, files: Range<u64>, now: Timestamp) {
        let names = self.attachments.of(&files).filter_map(|file| file.stored.file_name.as_ref());
        let bytes = choices::COMMUNICATION_BYTES + body.len() + names.map(String::len).sum::<usize>();
        let number = self.communications;
        let Some(case) = self.get_mut(id) else { return };
        case.communications.push_back(Communication { number, body, created: now, files, bytes });
        let dropped = match case.communications.len() > choices::MAX_COMMUNICATIONS {
            true => case.communications.pop_front(),
            false => None,
        };
        self.communications += 1;
        self.bytes += bytes;
        self.forget(dropped);
        while self.bytes > choices::CASES_BYTES && self.all.front().is_some_and(|oldest| *oldest.id != *id) {
            self.forget_oldest();
        }
    }

    /// Forgets every case. Numbers go on where they were.
    pub(super) fn clear(&mut self) {
        while !self.all.is_empty() {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some(case) = self.all.pop_front() else { return };
        self.forgotten += 1;
        self.numbers.remove(&case.id);
        self.forget(case.communications);
    }

    fn forget(&mut self, communications: impl IntoIterator<Item = Communication>) {
        for communication in communications {
            self.bytes -= communication.bytes;
            self.attachments.remove(communication.files);
        }
    }
}

impl Case {
    pub(super) fn is_resolved(&self) -> bool {
        self.status == choices::RESOLVED_STATUS
    }
}
