//! The documented service as a pure state machine.
//!
//! Nothing here does I/O: the time comes in with each call, and ids come from
//! a seed. A refused call changes nothing.
//!
//! What the documents say is built in: three attachments a set, one hour from
//! the set's creation, which an append does not extend. Where they are silent,
//! the choice is a member of [`Options`] or a constant of [`choices`], with
//! its reason.

pub mod choices;
mod ids;
mod rate;
mod refusal;
mod set;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

pub use rate::RateLimit;
pub use refusal::{Refusal, message};
pub use set::{Set, Stored, Upload, expiry_text};

use crate::model::{Exception, Output, limits};
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
    /// How many bytes of attachment data are kept, in all. When there are
    /// more, the data of the oldest set goes first. By default 0: the data is
    /// dropped, and its length and SHA-256 remain.
    pub kept_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_attachment_bytes: limits::POSSIBLY_ALLOWED_BYTES,
            rate_limit: None,
            max_sets: choices::MAX_SETS,
            kept_bytes: 0,
        }
    }
}

/// The service: its sets, and what it remembers of those that expired.
#[derive(Debug)]
pub struct Service {
    options: Options,
    ids: Ids,
    sets: HashMap<Arc<str>, Entry>,
    /// The ids of the live sets, the oldest first, and when they expire.
    live: VecDeque<(Arc<str>, Timestamp)>,
    /// The ids of sets that ended, and when they were to expire.
    expired: VecDeque<(Arc<str>, Timestamp)>,
    rate: Rate,
    kept_bytes: usize,
}

#[derive(Debug)]
enum Entry {
    // Boxed, for what is remembered of an expired set should be small.
    Live(Box<Set>),
    Expired,
}

impl Service {
    /// A service without sets. The same seed gives the same ids.
    #[must_use]
    pub fn new(options: Options, seed: u64) -> Self {
        Self {
            options,
            ids: Ids::new(seed),
            sets: HashMap::new(),
            live: VecDeque::new(),
            expired: VecDeque::new(),
            rate: Rate::default(),
            kept_bytes: 0,
        }
    }

    /// The options that it was made with.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Performs a call at a time.
    ///
    /// # Errors
    /// The first reason to refuse, in this order: the input is not valid; the
    /// set is unknown or has expired; there are too many attachments, or one
    /// is too large; too many sets were created; the call is a dry run. No
    /// document gives an order.
    pub fn call(&mut self, upload: Upload, now: Timestamp) -> Result<Output, Refusal> {
        self.expire(now);
        let attachments = upload.attachments.ok_or_else(Refusal::no_attachments)?;
        if attachments.len() < choices::MIN_ATTACHMENTS {
            return Err(Refusal::empty_attachments());
        }
        let there = match &upload.attachment_set_id {
            Some(id) => self.find(id, now)?.attachments.len(),
            None => 0,
        };
        let too_large = |stored: &Stored| stored.bytes > self.options.max_attachment_bytes;
        if there + attachments.len() > limits::ATTACHMENTS_PER_SET || attachments.iter().any(too_large) {
            return Err(Exception::AttachmentSetSizeLimitExceeded.into());
        }
        let is_new = upload.attachment_set_id.is_none();
        if is_new && self.options.rate_limit.is_some_and(|limit| self.rate.is_reached(limit, now)) {
            return Err(Exception::AttachmentLimitExceeded.into());
        }
        if upload.dry_run {
            return Err(Exception::DryRunOperationException.into());
        }
        let id = match &upload.attachment_set_id {
            Some(id) => Arc::from(id.as_str()),
            None => self.create(now),
        };
        Ok(self.add(&id, attachments))
    }

    /// The live sets at a time, the oldest first.
    pub fn sets(&mut self, now: Timestamp) -> impl Iterator<Item = &Set> {
        self.expire(now);
        let service = &*self;
        service.live.iter().filter_map(move |(id, _)| service.find(id, now).ok())
    }

    /// The live set with this id.
    pub fn set(&mut self, id: &str, now: Timestamp) -> Option<&Set> {
        self.expire(now);
        self.find(id, now).ok()
    }

    /// Forgets every set and every creation. Ids go on where they were, so
    /// that the id of a forgotten set is never given to another.
    pub fn reset(&mut self) {
        self.sets.clear();
        self.live.clear();
        self.expired.clear();
        self.rate = Rate::default();
        self.kept_bytes = 0;
    }

    fn find(&self, id: &str, now: Timestamp) -> Result<&Set, Refusal> {
        match self.sets.get(id) {
            Some(Entry::Live(set)) if now < set.expires => Ok(set),
            Some(_) => Err(Exception::AttachmentSetExpired.into()),
            None => Err(Exception::AttachmentSetIdNotFound.into()),
        }
    }

    fn create(&mut self, now: Timestamp) -> Arc<str> {
        while self.live.len() >= self.options.max_sets.max(1) {
            self.end_oldest();
        }
        if let Some(limit) = self.options.rate_limit {
            self.rate.note(limit, now);
        }
        let id: Arc<str> = self.ids.next_id().into();
        let set = Set::new(id.clone(), now);
        self.live.push_back((id.clone(), set.expires));
        self.sets.insert(id.clone(), Entry::Live(Box::new(set)));
        id
    }

    fn add(&mut self, id: &str, mut attachments: Vec<Stored>) -> Output {
        if self.options.kept_bytes == 0 {
            for attachment in &mut attachments {
                attachment.drop_data();
            }
        }
        self.kept_bytes += attachments.iter().map(Stored::kept_bytes).sum::<usize>();
        let mut output = Output::default();
        if let Some(Entry::Live(set)) = self.sets.get_mut(id) {
            set.attachments.reserve_exact(attachments.len());
            set.attachments.append(&mut attachments);
            output.attachment_set_id = Some(id.into());
            output.expiry_time = Some(expiry_text(set.expires));
        }
        self.drop_data();
        output
    }

    /// Drops the oldest sets' data until what is kept is within bounds.
    fn drop_data(&mut self) {
        for (id, _) in &self.live {
            if self.kept_bytes <= self.options.kept_bytes {
                return;
            }
            if let Some(Entry::Live(set)) = self.sets.get_mut(id) {
                self.kept_bytes -= set.drop_data();
            }
        }
    }

    /// Ends every set whose hour has passed, and forgets those that ended
    /// long ago.
    fn expire(&mut self, now: Timestamp) {
        while self.live.front().is_some_and(|(_, expires)| *expires <= now) {
            self.end_oldest();
        }
        let forgotten = |at: Timestamp| {
            now.duration_since(at) >= SignedDuration::try_from(choices::REMEMBERED_FOR).unwrap_or_default()
        };
        while let Some((id, at)) = self.expired.front()
            && (forgotten(*at) || self.expired.len() > self.options.max_sets)
        {
            self.sets.remove(id);
            self.expired.pop_front();
        }
    }

    /// Turns the oldest live set into the memory of its id, for as long as if
    /// its hour had passed.
    fn end_oldest(&mut self) {
        let Some((id, expires)) = self.live.pop_front() else { return };
        if let Some(Entry::Live(set)) = self.sets.insert(id.clone(), Entry::Expired) {
            self.kept_bytes -= set.attachments.iter().map(Stored::kept_bytes).sum::<usize>();
        }
        self.expired.push_back((id, expires));
    }
}
