//! The service over sequences of calls and clock steps: it does what the
//! documents say, here said a second time, by a model that forgets nothing.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::model::{Attachment, Input, Output};
use crate::service::{Options, RateLimit, Refusal, Service, Set, Stored, Upload};

// Small limits, so that short sequences reach them.
const MAX_BYTES: usize = 8;
const MAX_SETS: usize = 4;
const KEPT_BYTES: usize = 20;
const RATE: RateLimit = RateLimit { most: 3, per: Duration::from_secs(60) };

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A step of a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A call.
    Call {
        /// To which of the sets so far to add, modulo their number and one:
        /// the one too many is unknown. None makes a new set.
        set: Option<usize>,
        /// How many bytes each attachment has; None is no such member.
        sizes: Option<Vec<usize>>,
        /// Whether it is a dry run.
        dry_run: bool,
    },
    /// The clock goes on.
    Wait(Duration),
    /// The clock goes on to about the time when something ends.
    WaitFor {
        /// For which of the sets so far, modulo their number.
        set: usize,
        /// What ends.
        end: End,
        /// By how many milliseconds the clock misses it.
        off: i8,
    },
    /// The service forgets everything.
    Reset,
}

/// What ends some time after a set's creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It counts as created in a short period of time.
    Recent,
    /// Its hour.
    Life,
    /// Its id is known as that of a set that expired.
    Memory,
}

/// Any bytes as a sequence, four a step: what to do, to which set, and how.
/// See [`service_sequence`].
///
/// # Panics
/// Where the property does not hold.
pub fn service_bytes(bytes: &[u8]) {
    let (steps, _) = bytes.as_chunks();
    service_sequence(&steps.iter().map(step).collect::<Vec<_>>());
}

fn step(&[what, which, a, b]: &[u8; 4]) -> Step {
    let set = usize::from(which);
    let call = |set| {
        // A nibble is a size; 15 is no attachment.
        let sizes = [a >> 4, a & 15, b >> 4, b & 15].map(usize::from);
        let sizes = (what < 0x80).then(|| sizes.into_iter().filter(|size| *size < 15).collect());
        Step::Call { set, sizes, dry_run: what & 0x40 != 0 }
    };
    let time = u64::from(u16::from_be_bytes([a, b]));
    match what % 8 {
        0 | 1 => call(None),
        2..=4 => call(Some(set)),
        5 => Step::WaitFor {
            set,
            end: match a % 3 {
                0 => End::Recent,
                1 => End::Life,
                _ => End::Memory,
            },
            off: i8::from_be_bytes([b]),
        },
        6 if which % 2 == 0 => Step::Wait(Duration::from_secs(time)),
        6 => Step::Wait(Duration::from_millis(time)),
        _ => Step::Reset,
    }
}

/// Every response is what the documents and the service's own choices say, and
/// after every step the same sets are there, with the same in them.
///
/// # Panics
/// Where that is not so.
pub fn service_sequence(steps: &[Step]) {
    let options = Options {
        max_attachment_bytes: MAX_BYTES,
        rate_limit: Some(RATE),
        max_sets: MAX_SETS,
        kept_bytes: KEPT_BYTES,
        ..Options::default()
    };
    let mut service = Service::new(options, 7);
    let mut model = Model::default();
    for step in steps {
        match step {
            Step::Call { set, sizes, dry_run } => {
                let set = set.map(|set| set % (model.sets.len() + 1));
                let input = model.input(set, sizes.as_deref(), *dry_run);
                let upload = Upload::new(input.clone(), true);
                let refusals = service.refusals(&upload, model.now);
                let answer = service.call(upload, model.now);
                assert_eq!(refusals.first(), answer.as_ref().err(), "{step:?}");
                model.check(set, input, answer);
            }
            Step::Wait(time) => model.wait_until(model.now + *time),
            Step::WaitFor { set, end, off } => {
                let set = set.checked_rem(model.sets.len()).and_then(|set| model.sets.get(set));
                let after = match end {
                    End::Recent => SignedDuration::from_secs(60),
                    End::Life => HOUR,
                    End::Memory => HOUR + DAY,
                };
                let off = SignedDuration::from_millis((*off).into());
                model.wait_until(set.map_or(model.now, |set| set.created + after + off));
            }
            Step::Reset => {
                service.reset();
                (model.forgotten, model.ended) = (model.sets.len(), model.sets.len());
            }
        }
        assert!(service.sets(model.now).eq(model.live()), "{step:?}: {service:?}, {model:?}");
        for (number, set) in model.sets.iter().enumerate().rev().take(2 * MAX_SETS) {
            assert_eq!(service.set(&set.id, model.now).is_some(), number >= model.ended);
        }
    }
}

/// Every set that was ever made, in order. The first to be made is the first
/// to end.
#[derive(Debug, Default)]
struct Model {
    now: Timestamp,
    sets: Vec<Set>,
    /// How many have ended.
    ended: usize,
    /// How many were there at the last reset.
    forgotten: usize,
    /// How many attachments were sent.
    files: u8,
}

impl Model {
    fn live(&self) -> &[Set] {
        self.sets.get(self.ended..).unwrap_or_default()
    }

    fn wait_until(&mut self, time: Timestamp) {
        self.now = self.now.max(time);
        let old = self.sets.iter().filter(|set| self.now.duration_since(set.created) >= HOUR).count();
        self.ended = self.ended.max(old);
    }

    /// No two attachments are alike.
    fn input(&mut self, set: Option<usize>, sizes: Option<&[usize]>, dry_run: bool) -> Input {
        let id = |set: usize| self.sets.get(set).map_or("as-unknown".into(), |set| set.id.to_string());
        let attachment_set_id = set.map(id);
        let mut attachment = |size: &usize| {
            self.files = self.files.wrapping_add(1);
            let data = (*size > 0).then(|| vec![self.files; *size]);
            Attachment { file_name: Some(self.files.to_string()), data }
        };
        let attachments = sizes.map(|sizes| sizes.iter().map(&mut attachment).collect());
        Input { attachment_set_id, attachments, dry_run: dry_run.then_some(true) }
    }

    fn check(&mut self, set: Option<usize>, input: Input, answer: Result<Output, Refusal>) {
        match (self.refusal(set, &input), answer) {
            (None, Ok(output)) => {
                let id = output.attachment_set_id.unwrap_or_default();
                let set = set.unwrap_or_else(|| self.create(&id));
                let Some(set) = self.sets.get_mut(set) else { panic!("the model has no set {set}") };
                assert_eq!(*set.id, *id, "the id is echoed");
                let expiry = format!("{:.3}", set.created + HOUR).replace('Z', "+0000");
                assert_eq!(output.expiry_time, Some(expiry));
                set.attachments.extend(input.attachments.into_iter().flatten().map(stored));
                self.drop_data();
            }
            (Some(code), Err(refusal)) => {
                assert_eq!(refusal.code(), code);
                let error = refusal.error("r");
                assert_eq!((error.status, error.code.as_deref()), (400, Some(code)));
            }
            (expected, answer) => panic!("expected {expected:?}, was {answer:?}: {input:?}, {self:?}"),
        }
    }

    /// Why a call is refused, if it is.
    fn refusal(&self, set: Option<usize>, input: &Input) -> Option<&'static str> {
        let attachments = input.attachments.as_deref().unwrap_or_default();
        if attachments.is_empty() {
            return Some("ValidationException");
        }
        let there = match set.map(|number| (number, self.sets.get(number))) {
            None => 0,
            Some((number, Some(set))) if number >= self.ended => set.attachments.len(),
            Some((number, Some(set))) if number >= self.forgotten => {
                let is_known =
                    number + MAX_SETS >= self.ended && self.now.duration_since(set.created) < HOUR + DAY;
                return Some(if is_known { "AttachmentSetExpired" } else { "AttachmentSetIdNotFound" });
            }
            Some(_) => return Some("AttachmentSetIdNotFound"),
        };
        let size = |attachment: &Attachment| attachment.data.as_ref().map_or(0, Vec::len);
        if there + attachments.len() > 3 || attachments.iter().any(|file| size(file) > MAX_BYTES) {
            return Some("AttachmentSetSizeLimitExceeded");
        }
        let known = self.sets.iter().skip(self.forgotten);
        let recent = known.filter(|set| self.now.duration_since(set.created).as_secs() < 60).count();
        if set.is_none() && (recent >= RATE.most || self.live().len() >= MAX_SETS) {
            return Some("AttachmentLimitExceeded");
        }
        (input.dry_run == Some(true)).then_some("DryRunOperationException")
    }

    /// A new set.
    fn create(&mut self, id: &str) -> usize {
        assert!(id.starts_with("as-") && self.sets.iter().all(|set| *set.id != *id), "{id:?} is used");
        let (created, expires) = (self.now, self.now + HOUR);
        self.sets.push(Set { id: id.into(), created, expires, attachments: Vec::new() });
        self.sets.len() - 1
    }

    /// The data of the oldest goes first.
    fn drop_data(&mut self) {
        let mut kept: usize = self.live().iter().map(kept).sum();
        for set in self.sets.iter_mut().skip(self.ended) {
            if kept > KEPT_BYTES {
                kept -= self::kept(set);
                set.attachments.iter_mut().for_each(|stored| stored.data = None);
            }
        }
    }
}

fn kept(set: &Set) -> usize {
    set.attachments.iter().filter_map(|stored| Some(stored.data.as_ref()?.len())).sum()
}

fn stored(attachment: Attachment) -> Stored {
    let data = attachment.data.unwrap_or_default();
    Stored { file_name: attachment.file_name, bytes: data.len(), data: Some(Arc::new(data)) }
}

/// What a service stores of an input is what was sent, but for what is cut
/// off a long name.
///
/// # Panics
/// Where it is not.
pub fn upload(input: &Input) {
    let upload = Upload::new(input.clone(), true);
    assert_eq!(upload.attachment_set_id, input.attachment_set_id);
    assert_eq!(upload.dry_run, input.dry_run == Some(true));
    let mut sent = input.attachments.clone().map(|sent| sent.into_iter().map(stored).collect::<Vec<_>>());
    for stored in sent.iter_mut().flatten() {
        let fits = |name: &str| name.len() <= 1024;
        while let Some(name) = stored.file_name.as_mut().filter(|name| !fits(name)) {
            name.pop();
        }
    }
    assert_eq!(upload.attachments, sent);
}
