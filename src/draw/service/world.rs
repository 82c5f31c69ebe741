//! What a server may be like after what it was asked: the documented service,
//! once for each way that the documents leave open.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::reading::Said;
use crate::model::{Exception, limits};
use crate::service::{Options, Refusal, Service, Stored, Upload};

/// The most ways to go on that are followed.
const MOST: usize = 16;
/// How close to its hour a set is neither said to be there nor to be gone, for
/// a server's clock and ours go on while it is asked.
const DOUBT: SignedDuration = SignedDuration::from_secs(45);
/// How much longer is waited where a wait would end there.
const LONGER: u32 = 120;

/// Which set a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target<'a> {
    New,
    Made(usize),
    Unknown(&'a str),
}

/// What a server may answer a call with.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Answers {
    /// An output.
    pub(super) output: bool,
    /// A refusal for one of these reasons.
    pub(super) refusals: Vec<Refusal>,
    /// A refusal for whatever it likes.
    pub(super) open: bool,
}

/// Every way that a server may be like.
pub(super) struct Worlds {
    now: Timestamp,
    worlds: Vec<World>,
    /// When each of the sets was made.
    created: Vec<Timestamp>,
}

#[derive(Clone)]
struct World {
    service: Service,
    /// The ids of the sets; none where the call for one was refused.
    ids: Vec<Option<Arc<str>>>,
    /// How many files each set has or had, by its id.
    files: HashMap<String, usize>,
}

impl Default for Worlds {
    fn default() -> Self {
        let service = Service::new(Options::default(), 0);
        Self {
            now: Timestamp::UNIX_EPOCH,
            worlds: vec![World { service, ids: Vec::new(), files: HashMap::new() }],
            created: Vec::new(),
        }
    }
}

impl Worlds {
    /// Lets time pass; how many seconds, so that no set is in doubt.
    pub(super) fn wait(&mut self, seconds: u32) -> u32 {
        let lifetime = SignedDuration::try_from(limits::SET_LIFETIME).unwrap_or_default();
        let mut seconds = seconds;
        let mut then = self.now + SignedDuration::from_secs(seconds.into());
        let doubtful = |then: Timestamp| {
            self.created.iter().any(|created| (then.duration_since(*created) - lifetime).abs() < DOUBT)
        };
        while doubtful(then) {
            seconds += LONGER;
            then = self.now + SignedDuration::from_secs(seconds.into());
        }
        self.now = then;
        seconds
    }

    /// How long ago a set was made.
    pub(super) fn age(&self, set: usize) -> SignedDuration {
        self.created.get(set).map_or(SignedDuration::ZERO, |created| self.now.duration_since(*created))
    }

    /// Whether a server has gone one way alone so far.
    pub(super) fn is_certain(&self) -> bool {
        self.worlds.len() == 1
    }

    /// Whether there are more ways to go on than are followed.
    pub(super) fn are_too_many(&self) -> bool {
        self.worlds.is_empty() || self.worlds.len() > MOST
    }

    /// Asks for an addition. A set that may have been made by it is counted.
    pub(super) fn ask(&mut self, target: Target<'_>, said: &Said) -> Answers {
        let mut answers = Answers::default();
        let mut next = Vec::new();
        for mut world in std::mem::take(&mut self.worlds) {
            let id = match target {
                Target::New => None,
                Target::Unknown(id) => Some(id.to_owned()),
                Target::Made(set) => match world.ids.get(set).cloned().flatten() {
                    Some(id) => Some(id.to_string()),
                    // Where its id is not known, nothing is asked.
                    None => continue,
                },
            };
            let upload = upload(id, said);
            let refusals = world.refusals(&upload, self.now);
            let open = said.open || world.has_name_twice(&upload, self.now);
            answers.open |= open;
            answers.output |= refusals.is_empty();
            if open && refusals.is_empty() {
                next.push((world.clone(), None));
            }
            for refusal in &refusals {
                if !answers.refusals.contains(refusal) {
                    answers.refusals.push(refusal.clone());
                }
            }
            let files = upload.attachments.as_ref().map_or(0, Vec::len);
            let made = world.service.call(upload, self.now).ok().and_then(|output| output.attachment_set_id);
            made.iter().for_each(|id| *world.files.entry(id.clone()).or_default() += files);
            next.push((world, made));
        }
        let counts = target == Target::New && answers.output;
        if counts {
            self.created.push(self.now);
        }
        let world = |(mut world, made): (World, Option<String>)| {
            if counts {
                world.ids.push(made.map(Into::into));
            }
            world
        };
        self.worlds = next.into_iter().map(world).collect();
        answers
    }

    /// How many more files a set takes; none where that is not certain, or it
    /// is gone.
    pub(super) fn room(&mut self, set: usize) -> Option<usize> {
        let files = self.files(set)?.len();
        Some(limits::ATTACHMENTS_PER_SET - files)
    }

    /// What is in a set; none where that is not certain, or it is gone.
    pub(super) fn files(&mut self, set: usize) -> Option<&[Stored]> {
        let [World { service, ids, .. }] = self.worlds.as_mut_slice() else { return None };
        let id = ids.get(set)?.clone()?;
        service.set(&id, self.now).map(|set| set.attachments.as_slice())
    }

    /// How many sets were made.
    pub(super) fn sets(&self) -> usize {
        self.created.len()
    }
}

impl World {
    /// Every reason to refuse a call. A set that is gone may be too small, too,
    /// if it was so before; and it has expired, however long ago.
    fn refusals(&mut self, upload: &Upload, now: Timestamp) -> Vec<Refusal> {
        let mut refusals = self.service.refusals(upload, now);
        let [unknown, expired, full] = [
            Exception::AttachmentSetIdNotFound,
            Exception::AttachmentSetExpired,
            Exception::AttachmentSetSizeLimitExceeded,
        ]
        .map(Refusal::from);
        let held = upload.attachment_set_id.as_ref().and_then(|id| self.files.get(id));
        let Some(held) = held else { return refusals };
        if let Some(forgotten) = refusals.iter_mut().find(|refusal| **refusal == unknown) {
            *forgotten = expired.clone();
        }
        let files = held + upload.attachments.as_ref().map_or(0, Vec::len);
        if files > limits::ATTACHMENTS_PER_SET && refusals.contains(&expired) && !refusals.contains(&full) {
            refusals.push(full);
        }
        refusals
    }

    /// Whether two files of a set would have the same name.
    fn has_name_twice(&mut self, upload: &Upload, now: Timestamp) -> bool {
        let there = upload.attachment_set_id.as_ref().and_then(|id| self.service.set(id, now));
        let there = there.map_or(&[][..], |set| &set.attachments);
        let names = there.iter().chain(upload.attachments.iter().flatten()).map(|file| &file.file_name);
        let mut names: Vec<_> = names.collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        names.len() < all
    }
}

fn upload(attachment_set_id: Option<String>, said: &Said) -> Upload {
    let stored = |(name, bytes): &(Option<String>, usize)| Stored {
        file_name: name.clone(),
        bytes: *bytes,
        data: None,
    };
    let attachments = said.files.as_ref().map(|files| files.iter().map(stored).collect());
    Upload { attachment_set_id, attachments, dry_run: said.dry_run }
}
