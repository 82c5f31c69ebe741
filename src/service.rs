//! The documented service as a pure state machine.
//!
//! Nothing here does I/O: the time comes in with each call, and ids come from
//! a seed. A refused call changes nothing.
//!
//! What the documents say is built in: three attachments a set, one hour from
//! the set's creation, which an append does not extend; and cases, which take
//! sets. Where they are silent, the choice is a member of [`Options`] or a
//! constant of [`choices`], with its reason.

mod attachments;
mod case;
mod cases;
pub mod choices;
mod ids;
mod rate;
mod refusal;
pub mod room;
mod set;
mod sets;
mod valid;

use jiff::Timestamp;

pub use attachments::Attached;
pub use case::{Case, Communication, Details};
pub use rate::RateLimit;
pub use refusal::{Refusal, message};
pub use set::{Set, Stored, Upload, expiry_text};

use crate::model::{Exception, Output, limits};
use case::Cases;
use ids::Ids;
use rate::Rate;
use room::{Part, Room};
use sets::Sets;

/// What the documents leave to the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The most bytes of one attachment, before base64. By default 5 x 2^20:
    /// the documents say "5 MB" without saying which, and a file that one
    /// reading allows should not be refused. The same service's newer upload
    /// limits are multiples of 2^20, too.
    pub max_attachment_bytes: usize,
    /// How many sets may be created in how short a time. By default any
    /// number: the documents give no figures, and a limit that nobody asked
    /// for would surprise.
    pub rate_limit: Option<RateLimit>,
    /// How many sets live at once: beyond that, a new one is refused with
    /// `AttachmentLimitExceeded` until one expires. By default
    /// [`choices::MAX_SETS`].
    pub max_sets: usize,
    /// How many bytes of attachment data are kept in sets, in all, and how many
    /// in cases. When there are more, the data of the oldest set goes first, or
    /// that of the oldest attachment to a case, and its length remains:
    /// `DescribeAttachment` then fails with `AttachmentIdNotFound`. By default
    /// [`choices::KEPT_BYTES`].
    pub kept_bytes: usize,
    /// About how many bytes sets and cases take beside the data. When there are
    /// more, the ids of expired sets are forgotten first, then resolved cases;
    /// then what would add to them is refused. By default
    /// [`choices::HELD_BYTES`].
    pub held_bytes: usize,
    /// How many cases there are. One more and the oldest resolved one is
    /// forgotten; where none is resolved, a new one is refused with
    /// `CaseCreationLimitExceeded`. By default [`choices::MAX_CASES`].
    pub max_cases: usize,
    /// How many cases may be open, which is to say not resolved. By default any
    /// number: the documents give no figure.
    pub max_open_cases: Option<usize>,
    /// How many attachments may be asked for in how short a time. By default
    /// any number: the documents give no figures.
    pub describe_limit: Option<RateLimit>,
    /// What becomes of a set that a case took. By default
    /// [`choices::USED_SET`].
    pub used_set: UsedSet,
}

/// What becomes of a set that a case or a communication took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsedSet {
    /// It stays what it is until its hour is over: it can be added to, and
    /// taken again.
    Stays,
    /// It ends, as if its hour were over.
    Ends,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_attachment_bytes: limits::POSSIBLY_ALLOWED_BYTES,
            rate_limit: None,
            max_sets: choices::MAX_SETS,
            kept_bytes: choices::KEPT_BYTES,
            held_bytes: choices::HELD_BYTES,
            max_cases: choices::MAX_CASES,
            max_open_cases: None,
            describe_limit: None,
            used_set: choices::USED_SET,
        }
    }
}

/// The bytes that several services share, beside what each may hold by its own
/// [`Options`].
#[derive(Debug, Clone)]
pub struct Rooms {
    /// For attachment data in sets and in cases.
    pub kept: Part,
    /// For sets and cases beside the data.
    pub held: Part,
}

impl Default for Rooms {
    /// As many as each service may hold by its own options.
    fn default() -> Self {
        Self { kept: Part::new(usize::MAX), held: Part::new(usize::MAX) }
    }
}

/// The service: its sets, what it remembers of those that expired, and its
/// cases.
#[derive(Debug, Clone)]
pub struct Service {
    options: Options,
    ids: Ids,
    sets: Sets,
    rate: Rate,
    cases: Cases,
    /// Attachments that were asked for.
    described: Rate,
    kept: Room,
    held: Room,
}

impl Service {
    /// A service without sets. The same seed gives the same ids.
    #[must_use]
    pub fn new(options: Options, seed: u64) -> Self {
        Self::within(options, seed, &Rooms::default())
    }

    /// As [`Service::new`], within bounds that several services share. Where
    /// others have taken the room, a service drops data of its own and refuses
    /// calls as if its own bounds were reached.
    #[must_use]
    pub fn within(options: Options, seed: u64, rooms: &Rooms) -> Self {
        Self {
            options,
            ids: Ids::new(seed),
            sets: Sets::default(),
            rate: Rate::default(),
            cases: Cases::default(),
            described: Rate::default(),
            kept: rooms.kept.room(),
            held: rooms.held.room(),
        }
    }

    /// The options that it was made with.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Performs a call of `AddAttachmentsToSet` at a time.
    ///
    /// # Errors
    /// The first reason to refuse, in this order: the input is not valid; the
    /// set is unknown or has expired; there are too many attachments, or one
    /// is too large; too many sets were created; the call is a dry run. No
    /// document gives an order.
    pub fn call(&mut self, upload: Upload, now: Timestamp) -> Result<Output, Refusal> {
        if let Some(first) = self.refusals(&upload, now).into_iter().next() {
            return Err(first);
        }
        let number = upload.attachment_set_id.map(|id| self.find(&id)).transpose()?;
        let number = number.unwrap_or_else(|| self.create(now));
        let output = self.add(number, upload.attachments.unwrap_or_default());
        self.give_back();
        Ok(output)
    }

    /// Every reason to refuse a call, in the order of [`call`](Self::call);
    /// none where it would be performed.
    pub fn refusals(&mut self, upload: &Upload, now: Timestamp) -> Vec<Refusal> {
        self.expire(now);
        let mut found = Vec::new();
        found.extend(valid::attachments(upload.attachments.as_deref()).err());
        let there = match upload.attachment_set_id.as_deref().map(|id| self.find(id)) {
            Some(Ok(number)) => self.sets.get(number).map_or(0, |set| set.attachments.len()),
            Some(Err(refusal)) => {
                found.push(refusal);
                0
            }
            None => 0,
        };
        let attachments = upload.attachments.as_deref().unwrap_or_default();
        let too_large = |stored: &Stored| stored.bytes > self.options.max_attachment_bytes;
        if there + attachments.len() > limits::ATTACHMENTS_PER_SET || attachments.iter().any(too_large) {
            found.push(Exception::AttachmentSetSizeLimitExceeded.into());
        }
        let is_new = upload.attachment_set_id.is_none();
        let is_limited = |limit| self.rate.is_reached(limit, now);
        let too_many = is_new
            && (self.options.rate_limit.is_some_and(is_limited)
                || self.sets.len() >= self.options.max_sets.max(1));
        let bytes = sets::bytes_of(attachments) + if is_new { choices::SET_BYTES } else { 0 };
        if too_many || !self.has_room(bytes, None) {
            found.push(Exception::AttachmentLimitExceeded.into());
        }
        if upload.dry_run {
            found.push(Exception::DryRunOperationException.into());
        }
        found
    }

    /// The live sets at a time, the oldest first.
    pub fn sets(&mut self, now: Timestamp) -> impl Iterator<Item = &Set> {
        self.expire(now);
        self.sets.iter()
    }

    /// The live sets at a time from a number on, each with its number: sets are
    /// numbered in the order in which they were created.
    pub fn sets_from(&mut self, number: usize, now: Timestamp) -> impl Iterator<Item = (usize, &Set)> {
        self.expire(now);
        self.sets.from(number)
    }

    /// The live set with this id.
    pub fn set(&mut self, id: &str, now: Timestamp) -> Option<&Set> {
        self.expire(now);
        self.sets.get(self.sets.number(id)?)
    }

    /// Ends every set whose hour has passed at a time: it stays ended when
    /// later calls are made at an earlier time.
    pub fn expire(&mut self, now: Timestamp) {
        self.sets.expire(now, self.options.max_sets);
        self.give_back();
    }

    /// Forgets every set, every case and every creation. Ids go on where they
    /// were, so that the id of a forgotten set is never given to another.
    pub fn reset(&mut self) {
        self.sets = Sets::default();
        self.rate = Rate::default();
        self.cases.clear();
        self.described = Rate::default();
        self.give_back();
    }

    /// The number of a live set.
    fn find(&self, id: &str) -> Result<usize, Refusal> {
        let number = self.sets.number(id).ok_or(Exception::AttachmentSetIdNotFound)?;
        self.sets.get(number).map(|_| number).ok_or(Exception::AttachmentSetExpired.into())
    }

    fn create(&mut self, now: Timestamp) -> usize {
        if let Some(limit) = self.options.rate_limit {
            self.rate.note(limit, now);
        }
        self.sets.create(self.ids.next_id("as").into(), now)
    }

    fn add(&mut self, number: usize, mut attachments: Vec<Stored>) -> Output {
        if self.options.kept_bytes == 0 {
            for attachment in &mut attachments {
                attachment.drop_data();
            }
        }
        let most = self.room_for(&attachments, self.sets.kept_bytes());
        match self.sets.add(number, attachments, most) {
            Some(set) => Output {
                attachment_set_id: Some(set.id.to_string()),
                expiry_time: Some(expiry_text(set.expires)),
            },
            None => Output::default(),
        }
    }

    /// How many bytes may be kept in sets, or in cases, when these are added to
    /// the bytes that are kept there.
    fn room_for(&mut self, added: &[Stored], there: usize) -> usize {
        let all = self.sets.kept_bytes() + self.cases.attachments.kept_bytes();
        let more: usize = added.iter().map(Stored::kept_bytes).sum();
        let elsewhere = all - there;
        let taken = self.kept.take_most(all.saturating_add(more));
        self.options.kept_bytes.min(taken.saturating_sub(elsewhere))
    }

    /// Whether so many bytes more can be held, once what has ended is forgotten,
    /// but for one case.
    fn has_room(&mut self, bytes: usize, except: Option<&str>) -> bool {
        loop {
            let all = self.sets.bytes() + self.cases.bytes() + bytes;
            if all <= self.options.held_bytes && self.held.take(all) {
                return true;
            }
            if !self.sets.forget_one() && !self.cases.forget_resolved(except) {
                return false;
            }
        }
    }

    /// Gives back the room of what is no longer there.
    fn give_back(&mut self) {
        self.held.shrink_to(self.sets.bytes() + self.cases.bytes());
        self.kept.shrink_to(self.sets.kept_bytes() + self.cases.attachments.kept_bytes());
    }
}
