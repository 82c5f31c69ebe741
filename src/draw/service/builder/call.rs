//! Calls of the operation, one by one and several at once.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::super::expect::{self, Causes};
use super::super::reading::{Said, is_plain_id, is_plain_name};
use super::super::world::Target;
use super::super::{Addition, Data, File, LARGE, words};
use super::{Builder, exchange, expiry_name, set_name};
use crate::fixture::{
    AtOnce, Blob, Call, CallAttachment, Charges, Defect, Form, GeneratedBlob, Level, Member, Send,
    ServiceStep, Spelling, Text,
};
use crate::model::{Exception, limits};
use crate::service::Refusal;

/// From what age on a set is not as young as it was.
const AGED: SignedDuration = SignedDuration::from_secs(60);
/// The first set, which a plain call makes.
const CONTACT: usize = 0;
/// Where the bytes of files of megabytes start.
const SEED: u32 = 7;

impl Builder {
    pub(super) fn call(&mut self, addition: &Addition, names: &[String], target: Target<'_>, words: String) {
        let files: Vec<_> =
            addition.files.iter().zip(names).map(|(file, name)| (Some(name.clone()), file.bytes())).collect();
        let is_open = |(name, bytes): &(Option<String>, usize)| {
            !name.as_deref().is_some_and(is_plain_name)
                || *bytes == 0
                || (limits::SURELY_ALLOWED_BYTES + 1..=limits::POSSIBLY_ALLOWED_BYTES).contains(bytes)
        };
        let said = Said {
            set: None,
            open: files.iter().any(is_open),
            files: Some(files),
            dry_run: addition.dry_run == Some(true),
            form: None,
        };
        let send = Send::Call(call(addition, names, target));
        self.said(send, addition, target, &said, words, target != Target::New);
    }

    /// A call, in whatever form.
    pub(super) fn said(
        &mut self,
        send: Send,
        addition: &Addition,
        target: Target<'_>,
        said: &Said,
        words: String,
        takes_id: bool,
    ) {
        let is_request = matches!(send, Send::Request(_));
        let (refused, level) = self.refused(addition, target, said);
        let large = addition.files.iter().any(|file| file.bytes() > limits::POSSIBLY_ALLOWED_BYTES);
        let causes = Causes {
            refused,
            over: if large { "seed.five-mb" } else { "seed.three-attachments" },
            aged: self.is_aged(target),
            odd_id: matches!(target, Target::Unknown(id) if !is_plain_id(id)),
            form: said.form,
            may_be_limited: is_request && target == Target::New,
        };
        let sets = self.worlds.sets();
        let answers = self.worlds.ask(target, said);
        let is_made = self.worlds.sets() > sets;
        let is_refused = !answers.refusals.is_empty();
        let is_dry = answers.refusals.contains(&Refusal::Exception(Exception::DryRunOperationException));
        // A server that takes members which the operation has not may take them for
        // others: what is in the set then, nobody knows.
        // One that takes no chunks has performed nothing.
        let is_chunked = is_spelled(&send, Spelling::Chunked);
        let is_doubtful = is_request && said.open || is_chunked;
        let level = if answers.open || causes.odd_id { Level::Should } else { level };
        let mut of = expect::of_call(&answers, &causes);
        if is_chunked {
            expect::or_length_required(&mut of);
        }
        if is_spelled(&send, Spelling::ExpectContinue) {
            of.charges.insert(Defect::Hang, Spelling::ExpectContinue.requirement().into());
        }
        let mut exchange = exchange(send, of);
        match target {
            Target::Made(set) if takes_id => {
                exchange.with.insert(Member::AttachmentSetId, set_name(set));
                if answers.output {
                    exchange.same.insert(Member::AttachmentSetId, set_name(set));
                    exchange.near.insert(Member::ExpiryTime, expiry_name(set));
                }
                if is_doubtful {
                    self.used.insert(set);
                }
            }
            Target::New if is_made => {
                exchange.capture.insert(Member::AttachmentSetId, set_name(sets));
                exchange.capture.insert(Member::ExpiryTime, expiry_name(sets));
                if sets == CONTACT {
                    exchange.form.push(Form::Expiry);
                }
                if sets > CONTACT {
                    exchange.differs.insert(Member::AttachmentSetId, set_name(CONTACT));
                }
                if is_doubtful {
                    self.used.insert(sets);
                }
            }
            Target::New | Target::Made(_) | Target::Unknown(_) => {}
        }
        self.dry |= is_dry;
        self.refused |= is_refused && !is_dry;
        self.exchange(exchange, level, words);
        // What may be refused for its form is a request that may break a server.
        if answers.open && !self.hostile {
            self.serves();
        }
    }

    pub(super) fn is_aged(&self, target: Target<'_>) -> bool {
        matches!(target, Target::Made(set) if self.worlds.age(set) >= AGED)
    }

    /// What a server breaks that refuses a call, and how binding that is.
    fn refused(&self, addition: &Addition, target: Target<'_>, said: &Said) -> (&'static str, Level) {
        let names = addition.files.iter().filter_map(|file| file.name.as_deref());
        let is_plain = |file: &File| file.data == File::plain().data;
        let large = addition.files.iter().any(|file| matches!(file.data, Data::Large(_)));
        if self.hostile {
            return ("user.server-stays-up", Level::Should);
        }
        if let Some(form) = said.form {
            let level = if form.starts_with("sigv4.") { Level::Should } else { Level::Must };
            return (form, level);
        }
        if names.clone().next().is_some() {
            return match names.clone().all(str::is_ascii) {
                true => ("seed.file-types", Level::Should),
                false => ("seed.file-name", Level::Should),
            };
        }
        let requirement = match target {
            _ if large => "seed.five-mb",
            _ if addition.dry_run.is_some() => "model.dry-run",
            _ if !addition.files.iter().all(is_plain) => "seed.data-blob",
            _ if self.refused => "user.refused-changes-nothing",
            _ if self.dry => "model.dry-run",
            _ if self.is_aged(target) => "seed.one-hour",
            Target::Made(_) => "seed.set-id-appends",
            _ if addition.files.len() == limits::ATTACHMENTS_PER_SET => "seed.three-attachments",
            _ => "seed.adds-attachments",
        };
        (requirement, Level::Must)
    }

    /// Several additions at once: as many succeed as there is room for,
    /// whichever they are.
    pub(super) fn at_once(&mut self, addition: &Addition, times: usize) {
        let Some(target @ Target::Made(set)) = self.target(&addition.set) else { return };
        let Some(room) = self.worlds.room(set).filter(|_| self.worlds.is_certain()) else { return };
        let addition = Addition { dry_run: None, ..addition.clone() };
        let is_plain =
            |file: &File| file.name.is_none() && matches!(file.data, Data::Bytes(_)) && file.bytes() > 0;
        if addition.files.is_empty() || !addition.files.iter().all(is_plain) {
            return;
        }
        let succeed = (room / addition.files.len()).min(times);
        let mut names = Vec::new();
        for _ in 0..succeed.max(1) {
            names = self.names(&addition.files);
            let files =
                addition.files.iter().zip(&names).map(|(file, name)| (Some(name.clone()), file.bytes()));
            let said = Said { files: Some(files.collect()), ..Said::default() };
            self.worlds.ask(target, &said);
        }
        let outcomes =
            (0..times).map(|number| if number < succeed { expect::success() } else { expect::full() });
        let refused = if self.is_aged(target) { "seed.one-hour" } else { "seed.set-id-appends" };
        let words = format!("{times} times at once, {}", words::addition(&addition, target, &[]));
        let step = AtOnce {
            send: Send::Call(call(&addition, &names, target)),
            with: BTreeMap::from([(Member::AttachmentSetId, set_name(set))]),
            at_once: outcomes.collect(),
            charges: Charges::from([
                (Defect::Accepted, "seed.three-attachments".into()),
                (Defect::Refused, refused.into()),
                (Defect::OtherError, "model.size-limit-meaning".into()),
            ]),
        };
        self.step(ServiceStep::AtOnce(Box::new(step)), Level::Should, words);
        self.refused |= succeed < times;
    }
}

fn is_spelled(send: &Send, spelling: Spelling) -> bool {
    matches!(send, Send::Request(request) if request.spelling.contains(&spelling))
}

fn call(addition: &Addition, names: &[String], target: Target<'_>) -> Call {
    let attachment = |(file, name): (&File, &String)| CallAttachment {
        file_name: Some(Text::Plain(name.clone())),
        data: Some(match &file.data {
            Data::Bytes(bytes) => Blob::from(bytes.clone()),
            Data::Large(bytes) => large(*bytes),
        }),
    };
    let id = if let Target::Unknown(id) = target { Some(Text::Plain(id.into())) } else { None };
    Call {
        attachment_set_id: id,
        attachments: Some(addition.files.iter().zip(names).map(attachment).collect()),
        dry_run: addition.dry_run,
        ..Call::default()
    }
}

/// A file of megabytes.
fn large(bytes: u32) -> Blob {
    let sha256 = LARGE.iter().find(|(length, _)| *length == bytes).map_or("", |(_, digest)| digest);
    Blob::Generated(GeneratedBlob { bytes, seed: SEED, sha256: sha256.into() })
}
