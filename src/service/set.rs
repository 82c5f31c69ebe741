//! Attachment sets, and what goes into them.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::choices;
use crate::model::{Attachment, Input, limits};

/// A live attachment set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// Its id.
    pub id: Arc<str>,
    /// When it was created.
    pub created: Timestamp,
    /// When it expires: from then on, it is not there.
    pub expires: Timestamp,
    /// What is in it, in the order in which it came.
    pub attachments: Vec<Stored>,
}

impl Set {
    pub(super) fn new(id: Arc<str>, now: Timestamp) -> Self {
        let lifetime = SignedDuration::try_from(limits::SET_LIFETIME).unwrap_or_default();
        let expires = now.saturating_add(lifetime).unwrap_or(Timestamp::MAX);
        Self { id, created: now, expires, attachments: Vec::new() }
    }

    /// Drops the data of every attachment; gives how many bytes that were.
    pub(super) fn drop_data(&mut self) -> usize {
        self.attachments.iter_mut().map(Stored::drop_data).sum()
    }
}

/// An attachment as the service stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The file's name, cut after [`choices::STORED_NAME_BYTES`].
    pub file_name: Option<String>,
    /// How many bytes the file has.
    pub bytes: usize,
    /// The file itself, as long as it is kept.
    pub data: Option<Arc<Vec<u8>>>,
}

impl Stored {
    fn new(attachment: Attachment, keep_data: bool) -> Self {
        let data = attachment.data.unwrap_or_default();
        Self {
            file_name: attachment.file_name.map(cut),
            bytes: data.len(),
            data: keep_data.then(|| Arc::new(data)),
        }
    }

    pub(super) fn kept_bytes(&self) -> usize {
        self.data.as_ref().map_or(0, |data| data.len())
    }

    pub(super) fn drop_data(&mut self) -> usize {
        self.data.take().map_or(0, |data| data.len())
    }
}

/// A call as a service takes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upload {
    /// The set to add to; without it, a new one is made.
    pub attachment_set_id: Option<String>,
    /// What to add; none if the member was absent.
    pub attachments: Option<Vec<Stored>>,
    /// Whether to validate only.
    pub dry_run: bool,
}

impl Upload {
    /// Cuts names, and drops the data unless it is to be kept. A service whose
    /// [`kept_bytes`](super::Options::kept_bytes) is 0 keeps none anyhow.
    #[must_use]
    pub fn new(input: Input, keep_data: bool) -> Self {
        let stored = |attachment| Stored::new(attachment, keep_data);
        Self {
            attachment_set_id: input.attachment_set_id,
            attachments: input.attachments.map(|list| list.into_iter().map(stored).collect()),
            dry_run: input.dry_run.unwrap_or(false),
        }
    }
}

/// A time as `expiryTime` has it; see [`choices::EXPIRY_FORMAT`].
#[must_use]
pub fn expiry_text(time: Timestamp) -> String {
    time.strftime(choices::EXPIRY_FORMAT).to_string()
}

/// A string with no more than [`choices::STORED_NAME_BYTES`] of it left.
pub(super) fn cut(mut name: String) -> String {
    name.truncate(name.floor_char_boundary(choices::STORED_NAME_BYTES));
    name.shrink_to_fit();
    name
}
