//! Support cases, and the store that holds them.

use std::collections::{BTreeMap, HashMap, VecDeque};
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
}

/// The cases, numbered in the order in which they were opened.
#[derive(Debug, Clone, Default)]
pub(super) struct Cases {
    numbers: HashMap<Arc<str>, usize>,
    all: BTreeMap<usize, Case>,
    /// The number of the next case.
    next: usize,
    communications: usize,
    /// About how many bytes all of this takes, but for the attachments.
    bytes: usize,
    pub(super) attachments: Attachments,
}

impl Cases {
    /// How many cases there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// About how many bytes are taken, but for the data.
    pub(super) fn bytes(&self) -> usize {
        self.bytes + self.attachments.bytes()
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Case> {
        self.all.values()
    }

    /// The cases from a number on, the oldest first.
    pub(super) fn from(&self, number: usize) -> impl Iterator<Item = &Case> {
        self.all.range(number..).map(|(_, case)| case)
    }

    pub(super) fn get(&self, id: &str) -> Option<&Case> {
        self.all.get(self.numbers.get(id)?)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Case> {
        self.all.get_mut(self.numbers.get(id)?)
    }

    /// Opens a case without communications.
    pub(super) fn open(
        &mut self,
        subject: String,
        details: Details,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Arc<str> {
        let id: Arc<str> = ids.next_case_id(now).into();
        let number = self.next;
        self.next += 1;
        self.numbers.insert(id.clone(), number);
        let case = Case {
            id: id.clone(),
            number,
            display_id: format!("{:010}", number + 1),
            subject,
            status: choices::NEW_STATUS,
            created: now,
            details,
            communications: VecDeque::new(),
        };
        self.bytes += case.bytes();
        self.all.insert(number, case);
        id
    }

    /// Adds a communication to a case.
    pub(super) fn communicate(&mut self, id: &str, body: String, files: Range<u64>, now: Timestamp) {
        let number = self.communications;
        let Some(case) = self.get_mut(id) else { return };
        let communication = Communication { number, body, created: now, files };
        let bytes = communication.bytes();
        case.communications.push_back(communication);
        self.communications += 1;
        self.bytes += bytes;
    }

    /// Forgets the oldest resolved case, but for one; false where there is none.
    pub(super) fn forget_resolved(&mut self, except: Option<&str>) -> bool {
        let is_meant = |case: &&Case| case.is_resolved() && except != Some(&*case.id);
        let oldest = self.all.values().find(is_meant).map(|case| case.number);
        let Some(case) = oldest.and_then(|number| self.all.remove(&number)) else { return false };
        self.numbers.remove(&case.id);
        self.bytes -= case.bytes();
        for communication in case.communications {
            self.bytes -= communication.bytes();
            self.attachments.remove(communication.files);
        }
        true
    }

    /// Forgets every case. Numbers go on where they were.
    pub(super) fn clear(&mut self) {
        *self = Self { next: self.next, communications: self.communications, ..Self::default() };
    }
}

impl Case {
    /// How many cases were opened before it.
    #[must_use]
    pub fn number(&self) -> usize {
        self.number
    }

    pub(super) fn is_resolved(&self) -> bool {
        self.status == choices::RESOLVED_STATUS
    }

    /// About how many bytes it takes, but for its communications.
    fn bytes(&self) -> usize {
        self.details.bytes() + self.subject.len()
    }
}

impl Details {
    /// About how many bytes a case with these takes, but for its subject and its
    /// communications.
    pub(super) fn bytes(&self) -> usize {
        let texts = [&self.service_code, &self.category_code, &self.severity_code].into_iter().flatten();
        let texts = texts.chain(&self.cc_email_addresses).chain([&self.language]);
        choices::CASE_BYTES + texts.map(String::len).sum::<usize>()
    }
}

impl Communication {
    /// About how many bytes it takes, but for its attachments.
    fn bytes(&self) -> usize {
        choices::COMMUNICATION_BYTES + self.body.len()
    }
}
