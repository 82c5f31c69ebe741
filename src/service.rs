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
mod set;
mod valid;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

pub use attachments::Attached;
pub use case::{Case, Communication, Details};
pub use rate::RateLimit;
pub use refusal::{Refusal, message};
pub use set::{Set, Stored, Upload, expiry_text};

use crate::model::{Exception, Output, limits};
use case::Cases;
use ids::Ids;
use rate::Rate;

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
    /// How many sets live at once. One more and the oldest ends before its
    /// hour, as if it had expired. By default [`choices::MAX_SETS`].
    pub max_sets: usize,
    /// How many bytes of attachment data are kept in sets, in all, and how many
    /// in cases. When there are more, the data of the oldest set goes first, or
    /// that of the oldest attachment to a case, and its length remains. By
    /// default [`choices::KEPT_BYTES`].
    pub kept_bytes: usize,
    /// How many cases there are. One more and the oldest is forgotten. By
    /// default [`choices::MAX_CASES`].
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
            max_cases: choices::MAX_CASES,
            max_open_cases: None,
            describe_limit: None,
            used_set: choices::USED_SET,
        }
    }
}

/// The service: its sets, what it remembers of those that expired, and its
/// cases.
#[derive(Debug, Clone)]
pub struct Service {
    options: Options,
    ids: Ids,
    /// Which set an id stands for: sets are numbered as they are made.
    numbers: HashMap<Arc<str>, usize>,
    /// The live sets, the oldest first.
    live: VecDeque<Set>,
    /// How many sets have ended: the number of the oldest live one.
    ended: usize,
    /// The ids of sets that ended, and when they were to expire.
    expired: VecDeque<(Arc<str>, Timestamp)>,
    rate: Rate,
    kept_bytes: usize,
    /// The number of the oldest set of which data may be kept.
    kept_from: usize,
    cases: Cases,
    /// Attachments that were asked for.
    described: Rate,
}

impl Service {
    /// A service without sets. The same seed gives the same ids.
    #[must_use]
    pub fn new(options: Options, seed: u64) -> Self {
        Self {
            options,
            ids: Ids::new(seed),
            numbers: HashMap::new(),
            live: VecDeque::new(),
            ended: 0,
            expired: VecDeque::new(),
            rate: Rate::default(),
            kept_bytes: 0,
            kept_from: 0,
            cases: Cases::default(),
            described: Rate::default(),
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
        let number = upload.attachment_set_id.map(|id| self.find(&id, now)).transpose()?;
        let number = number.unwrap_or_else(|| self.create(now));
        Ok(self.add(number, upload.attachments.unwrap_or_default()))
    }

    /// Every reason to refuse a call, in the order of [`call`](Self::call);
    /// none where it would be performed.
    pub fn refusals(&mut self, upload: &Upload, now: Timestamp) -> Vec<Refusal> {
        self.expire(now);
        let mut found = Vec::new();
        found.extend(valid::attachments(upload.attachments.as_deref()).err());
        let there = match upload.attachment_set_id.as_deref().map(|id| self.find(id, now)) {
            Some(Ok(number)) => self.live.get(number - self.ended).map_or(0, |set| set.attachments.len()),
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
        let is_limited = |limit| self.rate.is_reached(limit, now);
        if upload.attachment_set_id.is_none() && self.options.rate_limit.is_some_and(is_limited) {
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
        self.live.iter().filter(move |set| now < set.expires)
    }

    /// The live set with this id.
    pub fn set(&mut self, id: &str, now: Timestamp) -> Option<&Set> {
        self.expire(now);
        let number = self.find(id, now).ok()?;
        self.live.get(number - self.ended)
    }

    /// Forgets every set, every case and every creation. Ids go on where they
    /// were, so that the id of a forgotten set is never given to another.
    pub fn reset(&mut self) {
        self.ended = 0;
        self.live.clear();
        self.numbers.clear();
        self.expired.clear();
        self.rate = Rate::default();
        self.kept_bytes = 0;
        self.kept_from = 0;
        self.cases.clear();
        self.described = Rate::default();
    }

    /// The number of a live set.
    fn find(&self, id: &str, now: Timestamp) -> Result<usize, Refusal> {
        let number = *self.numbers.get(id).ok_or(Exception::AttachmentSetIdNotFound)?;
        // Where the clock was set back, an older set may outlive this one.
        let is_live = |set: &Set| now < set.expires;
        match number.checked_sub(self.ended).and_then(|index| self.live.get(index)).is_some_and(is_live) {
            true => Ok(number),
            false => Err(Exception::AttachmentSetExpired.into()),
        }
    }

    fn create(&mut self, now: Timestamp) -> usize {
        while self.live.len() >= self.options.max_sets.max(1) {
            self.end_oldest();
        }
        if let Some(limit) = self.options.rate_limit {
            self.rate.note(limit, now);
        }
        let id: Arc<str> = self.ids.next_id("as").into();
        let number = self.ended + self.live.len();
        self.numbers.insert(id.clone(), number);
        self.live.push_back(Set::new(id, now));
        number
    }

    fn add(&mut self, number: usize, mut attachments: Vec<Stored>) -> Output {
        if self.options.kept_bytes == 0 {
            for attachment in &mut attachments {
                attachment.drop_data();
            }
        }
        let mut output = Output::default();
        if let Some(set) = self.live.get_mut(number - self.ended) {
            self.kept_bytes += attachments.iter().map(Stored::kept_bytes).sum::<usize>();
            self.kept_from = self.kept_from.min(number);
            set.attachments.reserve_exact(attachments.len());
            set.attachments.append(&mut attachments);
            output.attachment_set_id = Some(set.id.to_string());
            output.expiry_time = Some(expiry_text(set.expires));
        }
        self.drop_data();
        output
    }

    /// Drops the oldest sets' data until what is kept is within bounds.
    fn drop_data(&mut self) {
        while self.kept_bytes > self.options.kept_bytes {
            self.kept_from = self.kept_from.max(self.ended);
            let Some(set) = self.live.get_mut(self.kept_from - self.ended) else { return };
            self.kept_bytes -= set.drop_data();
            self.kept_from += 1;
        }
    }

    /// Ends every set whose hour has passed, and forgets those that ended
    /// long ago.
    fn expire(&mut self, now: Timestamp) {
        while self.live.front().is_some_and(|set| set.expires <= now) {
            self.end_oldest();
        }
        let forgotten = |at: Timestamp| {
            now.duration_since(at) >= SignedDuration::try_from(choices::REMEMBERED_FOR).unwrap_or_default()
        };
        while let Some((id, at)) = self.expired.front()
            && (forgotten(*at) || self.expired.len() > self.options.max_sets)
        {
            self.numbers.remove(id);
            self.expired.pop_front();
        }
    }

    /// Turns the oldest live set into the memory of its id, for as long as if
    /// its hour had passed.
    fn end_oldest(&mut self) {
        let Some(set) = self.live.pop_front() else { return };
        self.ended += 1;
        self.kept_bytes -= set.attachments.iter().map(Stored::kept_bytes).sum::<usize>();
        self.expired.push_back((set.id, set.expires));
    }
}
