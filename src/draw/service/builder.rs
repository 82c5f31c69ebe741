//! The fixture that a sequence comes to, and simpler ones.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use serde_json::{Map, Value};

use super::expect::{self, Causes, Expectation};
use super::reading::{self, Broken, Reading, Said, is_plain_id, is_plain_name};
use super::request::{PLACEHOLDER, written};
use super::world::{Target, Worlds};
use super::{Addition, Ask, Case, Data, File, Raw, Sequence, Twist, Which, words};
use crate::fixture::{
    Advance, AtOnce, Blob, Body, Call, CallAttachment, Charges, Defect, GeneratedBlob, Level, Member, Repeat,
    Send, ServiceExchange, ServiceFixture, ServiceNeed, ServiceRequest, ServiceStep, Sign, Text,
};
use crate::model::{Exception, limits, names};
use crate::service::Refusal;

/// The lengths of files of megabytes, and the digests of what is generated for
/// them: two that are allowed, one of which is open whether it is, two that are
/// not.
pub(super) const LARGE: [(u32, &str); 5] = [
    (4_000_000, "1f7fd48bde2f9fb2f5fe47b7f09fb0e6556688d562844e849dd482a15eca22f0"),
    (5_000_000, "398029b9515898ac89360863487191a0d3bcf89d826f6536fe57a9e0613bae1d"),
    (5_100_000, "76b8eff0976bb729a1a642c6e307aa398a5fec0f4adc163f12a7c27a7ef89b33"),
    (5_242_881, "c450574701767724797dc0874d9cbbd3393ee3f570d710021c951de3c1911d91"),
    (6_000_000, "8222661f05a4814e47849e31acb6b3ba0b1c443c4581959fd6205d6973808da2"),
];
const SEED: u32 = 7;

/// From what age on a set is not as young as it was.
const AGED: SignedDuration = SignedDuration::from_secs(60);
/// The first set, which a plain call makes.
const CONTACT: usize = 0;
/// The longest file that is given back and compared.
const GIVEN_BACK: usize = 4_096;
/// The most files that a request is drawn with before it is a long one.
const FEW: u32 = 20;

/// A sequence as a fixture. What an author has to say of it is left empty.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// The fixture.
    pub fixture: ServiceFixture,
    /// How binding each of its steps is.
    pub(super) levels: Vec<Level>,
    /// Each of its steps in words; none where it only shows that the server
    /// serves.
    pub(super) words: Vec<String>,
}

/// The fixture of a sequence: what the documents say of each request, as it is
/// sent, and of the state that the ones before left. Where a server may have
/// gone more than one way, it may answer as any of them would.
#[must_use]
pub fn drawn(sequence: &Sequence) -> Drawn {
    let mut builder = Builder::default();
    let plain = Ask::Add(Addition::plain(Which::New), Vec::new());
    if sequence.asks.first() != Some(&plain) {
        builder.ask(&plain);
    }
    for ask in &sequence.asks {
        if builder.worlds.are_too_many() {
            break;
        }
        builder.ask(ask);
    }
    builder.end()
}

/// Fixtures with less that is looked at in an answer, the plainest first.
#[must_use]
pub fn simpler(drawn: &Drawn) -> Vec<Drawn> {
    let mut found = Vec::new();
    let used: BTreeSet<_> = drawn.fixture.steps.iter().flat_map(uses).cloned().collect();
    for (at, step) in drawn.fixture.steps.iter().enumerate() {
        let ServiceStep::Exchange(exchange) = step else { continue };
        let mut with = |other: ServiceExchange| {
            let mut simpler = drawn.clone();
            if let Some(step) = simpler.fixture.steps.get_mut(at) {
                *step = ServiceStep::Exchange(Box::new(other));
            }
            found.push(simpler);
        };
        let bare = ServiceExchange {
            form: Vec::new(),
            capture: exchange.capture.clone().into_iter().filter(|(_, name)| used.contains(name)).collect(),
            ..(**exchange).clone()
        };
        if bare != **exchange {
            with(bare);
        }
        if exchange.form.len() > 1 {
            for form in &exchange.form {
                with(ServiceExchange { form: vec![*form], ..(**exchange).clone() });
            }
        }
        for member in exchange.capture.keys() {
            let mut less = (**exchange).clone();
            less.capture.retain(|other, name| other != member || used.contains(name));
            if less != **exchange {
                with(less);
            }
        }
        let others = [&exchange.same, &exchange.differs, &exchange.near];
        if others.iter().any(|names| !names.is_empty()) {
            with(ServiceExchange {
                same: BTreeMap::new(),
                differs: BTreeMap::new(),
                near: BTreeMap::new(),
                ..(**exchange).clone()
            });
        }
    }
    found
}

/// The names of what was captured that a step uses.
fn uses(step: &ServiceStep) -> Vec<&String> {
    let names = match step {
        ServiceStep::Exchange(exchange) => {
            let ServiceExchange { with, same, differs, near, .. } = &**exchange;
            vec![with, same, differs, near]
        }
        ServiceStep::AtOnce(step) => vec![&step.with],
        ServiceStep::Advance(_) => Vec::new(),
    };
    names.into_iter().flat_map(BTreeMap::values).collect()
}

/// What is known of a set beyond what is in it.
#[derive(Default)]
struct Past {
    /// An addition to it was refused.
    refused: bool,
    /// A dry run of an addition to it was made.
    dry: bool,
    /// It was put to use: what becomes of it then is not documented.
    used: bool,
}

#[derive(Default)]
struct Builder {
    worlds: Worlds,
    past: Vec<Past>,
    steps: Vec<ServiceStep>,
    levels: Vec<Level>,
    words: Vec<String>,
    needs: Vec<ServiceNeed>,
    /// How many files have got a name.
    named: usize,
    /// Whether the last request was one that a server may break over.
    hostile: bool,
    /// How many cases were opened.
    cases: usize,
    /// The files of the last of them; none if what it took is not certain.
    attached: Vec<(String, Vec<u8>)>,
    /// How many files were described.
    described: usize,
}

impl Builder {
    fn end(self) -> Drawn {
        let mut cites: Vec<String> =
            self.steps.iter().flat_map(|step| charges(step).values().cloned()).collect();
        cites.sort_unstable();
        cites.dedup();
        let fixture = ServiceFixture {
            id: String::new(),
            title: String::new(),
            why: String::new(),
            level: Level::Should,
            cites,
            charges: Charges::new(),
            needs: self.needs,
            harmless: false,
            steps: self.steps,
        };
        Drawn { fixture, levels: self.levels, words: self.words }
    }

    fn ask(&mut self, ask: &Ask) {
        match ask {
            Ask::Wait(seconds) => {
                let seconds = self.worlds.wait(*seconds);
                let advance = ServiceStep::Advance(Advance { advance_seconds: seconds });
                self.step(advance, Level::Must, format!("{seconds} seconds pass"));
            }
            Ask::Add(addition, twists) => self.add(addition, twists),
            Ask::AtOnce(addition, times) => self.at_once(addition, *times),
            Ask::Raw(raw) => self.raw(raw),
            Ask::Case(case) => {
                if self.worlds.is_certain() {
                    self.case(case);
                }
            }
        }
    }

    fn step(&mut self, step: ServiceStep, level: Level, words: String) {
        self.steps.push(step);
        self.levels.push(level);
        self.words.push(words);
    }

    fn exchange(&mut self, exchange: ServiceExchange, level: Level, words: String) {
        self.step(ServiceStep::Exchange(Box::new(exchange)), level, words);
    }

    /// A plain call, which shows that the server serves still.
    fn serves(&mut self) {
        self.hostile = true;
        self.add(&Addition::plain(Which::New), &[]);
        self.hostile = false;
    }

    /// The set that is meant; none where nothing is known of what it does.
    fn target<'a>(&self, which: &'a Which) -> Option<Target<'a>> {
        Some(match which {
            Which::New => Target::New,
            Which::Unknown(id) => Target::Unknown(id),
            Which::Made(number) => match number.checked_rem(self.worlds.sets()) {
                None => Target::New,
                Some(set) if self.past.get(set).is_some_and(|past| past.used) => return None,
                Some(set) => Target::Made(set),
            },
        })
    }

    fn names(&mut self, files: &[File]) -> Vec<String> {
        let mut name = |file: &File| match &file.name {
            Some(name) => name.clone(),
            None => {
                let (letter, number) = (self.named % 26, self.named / 26);
                self.named += 1;
                let letter = char::from(b'a' + u8::try_from(letter).unwrap_or_default());
                if number == 0 { format!("{letter}.log") } else { format!("{letter}{number}.log") }
            }
        };
        files.iter().map(&mut name).collect()
    }

    fn add(&mut self, addition: &Addition, twists: &[Twist]) {
        let Some(target) = self.target(&addition.set) else { return };
        let names = self.names(&addition.files);
        let is_call =
            twists.is_empty() || addition.files.iter().any(|file| matches!(file.data, Data::Large(_)));
        let words = words::addition(addition, target, if is_call { &[] } else { twists });
        if is_call {
            return self.call(addition, &names, target, words);
        }
        // A set that is not there yet is not named.
        let set = if target == Target::New { Which::New } else { addition.set.clone() };
        let written = written(&Addition { set, ..addition.clone() }, &names, twists);
        if written.request.sign != Sign::Valid && !self.needs.contains(&ServiceNeed::Signatures) {
            self.needs.push(ServiceNeed::Signatures);
        }
        let long = twists.iter().any(Twist::is_large);
        let many = twists.iter().any(|twist| matches!(twist, Twist::Many(FEW..)));
        let target = match target {
            Target::Made(_) if !written.takes_id => Target::New,
            target => target,
        };
        let (of, level) = match reading::read(&written) {
            Reading::Refused(Broken { requirement, level, claimed }) => {
                (expect::of_refused(requirement, claimed && !long), level)
            }
            // It is read for what it is, or is too long.
            Reading::Call(_) if many && !long => {
                (expect::of_refused("seed.three-attachments", false), Level::Should)
            }
            Reading::Call(said) if !long && !said.is_of_no_file() => {
                let target = said.target(target, written.takes_id);
                let send = Send::Request(written.request);
                return self.said(send, addition, target, &said, words, written.takes_id);
            }
            Reading::Call(_) | Reading::Open => (expect::of_open(long), Level::Should),
        };
        let may_be_taken = of.expected.accept.iter().any(|pattern| pattern.output().is_some());
        let mut exchange = exchange(Send::Request(written.request), of);
        if written.takes_id
            && let Target::Made(set) = target
        {
            exchange.with.insert(Member::AttachmentSetId, set_name(set));
            if let Some(past) = self.past.get_mut(set) {
                past.refused = true;
                // What is in a set that may have taken it, nobody knows.
                past.used |= may_be_taken;
            }
        }
        self.exchange(exchange, level, words);
        self.serves();
    }

    fn call(&mut self, addition: &Addition, names: &[String], target: Target<'_>, words: String) {
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
    fn said(
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
            may_be_limited: is_request && target == Target::New,
        };
        let sets = self.worlds.sets();
        let answers = self.worlds.ask(target, said);
        let is_made = self.worlds.sets() > sets;
        let is_refused = !answers.refusals.is_empty();
        let is_dry = answers.refusals.contains(&Refusal::Exception(Exception::DryRunOperationException));
        // A server that takes members which the operation has not may take them for
        // others: what is in the set then, nobody knows.
        let is_doubtful = is_request && said.open;
        let level = if answers.open || causes.odd_id { Level::Should } else { level };
        let mut exchange = exchange(send, expect::of_call(&answers, &causes));
        match target {
            Target::Made(set) if takes_id => {
                exchange.with.insert(Member::AttachmentSetId, set_name(set));
                if answers.output {
                    exchange.same.insert(Member::AttachmentSetId, set_name(set));
                    exchange.near.insert(Member::ExpiryTime, expiry_name(set));
                }
                if let Some(past) = self.past.get_mut(set) {
                    past.dry |= is_dry;
                    past.refused |= is_refused && !is_dry;
                    past.used |= is_doubtful;
                }
            }
            Target::New if is_made => {
                exchange.capture.insert(Member::AttachmentSetId, set_name(sets));
                exchange.capture.insert(Member::ExpiryTime, expiry_name(sets));
                if sets > CONTACT {
                    exchange.differs.insert(Member::AttachmentSetId, set_name(CONTACT));
                }
                self.past.push(Past { used: is_doubtful, ..Past::default() });
            }
            Target::New | Target::Made(_) | Target::Unknown(_) => {}
        }
        self.exchange(exchange, level, words);
        // What may be refused for its form is a request that may break a server.
        if answers.open && !self.hostile {
            self.serves();
        }
    }

    fn is_aged(&self, target: Target<'_>) -> bool {
        matches!(target, Target::Made(set) if self.worlds.age(set) >= AGED)
    }

    /// What a server breaks that refuses a call, and how binding that is.
    fn refused(&self, addition: &Addition, target: Target<'_>, said: &Said) -> (&'static str, Level) {
        let past = if let Target::Made(set) = target { self.past.get(set) } else { None };
        let names = addition.files.iter().filter_map(|file| file.name.as_deref());
        let is_plain = |file: &File| file.data == File::plain().data;
        let large = addition.files.iter().any(|file| matches!(file.data, Data::Large(_)));
        if self.hostile {
            return ("user.server-stays-up", Level::Should);
        }
        if let Some(form) = said.form {
            return (form, Level::Must);
        }
        if names.clone().next().is_some() {
            return match names.clone().all(str::is_ascii) {
                true => ("seed.file-types", Level::Should),
                false => ("seed.file-name", Level::Should),
            };
        }
        let requirement = match past {
            _ if large => "seed.five-mb",
            _ if addition.dry_run.is_some() => "model.dry-run",
            _ if !addition.files.iter().all(is_plain) => "seed.data-blob",
            Some(past) if past.refused => "user.refused-changes-nothing",
            Some(past) if past.dry => "model.dry-run",
            Some(_) if self.is_aged(target) => "seed.one-hour",
            Some(_) => "seed.set-id-appends",
            None if addition.files.len() == limits::ATTACHMENTS_PER_SET => "seed.three-attachments",
            None => "seed.adds-attachments",
        };
        (requirement, Level::Must)
    }

    /// Several additions at once: as many succeed as there is room for,
    /// whichever they are.
    fn at_once(&mut self, addition: &Addition, times: usize) {
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
        if succeed < times
            && let Some(past) = self.past.get_mut(set)
        {
            past.refused = true;
        }
    }

    fn raw(&mut self, raw: &Raw) {
        let (requirement, level, may_be_taken) = match raw {
            Raw::Hosts(_) => ("http.server-host", Level::Must, false),
            Raw::Lengths(lengths) => {
                ("http.server-length", Level::Must, lengths.iter().all(|length| *length == "="))
            }
            Raw::Chunks(size, coding) => {
                ("http.server-length", Level::Must, *size == "=" && coding.eq_ignore_ascii_case("chunked"))
            }
            Raw::Both => ("http.server-length", Level::Must, true),
            Raw::LongField(_) | Raw::Fields(_) => ("user.server-stays-up", Level::Should, true),
            Raw::Garbage(_) => ("user.server-stays-up", Level::Should, false),
        };
        let of = expect::of_raw(requirement, may_be_taken);
        self.exchange(exchange(Send::Raw(bytes(raw)), of), level, words::raw(raw));
        self.serves();
    }

    fn case(&mut self, case: &Case) {
        let words = words::case(case);
        match case {
            Case::Open(which) => {
                let Some(set) = self.set_of_case(which.as_ref()) else { return };
                let body = members([("subject", "it broke"), ("communicationBody", "see the log")]);
                let (case, sent) = (case_name(self.cases + 1), self.sent(set));
                if self.with_set("CreateCase", body, set, None, Some(case), words) {
                    self.cases += 1;
                    self.attached.clear();
                    self.attach(set, sent);
                }
            }
            Case::Say(which, known) => {
                let Some(set) = self.set_of_case(Some(which)) else { return };
                if *known && self.cases == 0 {
                    return;
                }
                let (body, sent) = (members([("communicationBody", "one more log")]), self.sent(set));
                if self.with_set("AddCommunicationToCase", body, set, Some(*known), None, words) {
                    self.attach(set, sent);
                }
            }
            Case::Read => {
                let [(name, data)] = self.attached.as_slice() else { return };
                let (name, data) = (Text::from(name.as_str()), crate::wire::encode::base64(data));
                let file = format!("file{}", self.described);
                self.described += 1;
                let of = expect::of_case("model.case.attachment-details", "model.case.set");
                let mut listed = exchange(of_operation("DescribeCommunications", members([])), of);
                listed.with.insert(Member::CaseId, case_name(self.cases));
                listed.capture.insert(Member::AttachmentId, file.clone());
                listed.equals.insert(Member::FileName, name.clone());
                self.exchange(listed, Level::Must, words);
                let rule = "model.case.describe-attachment";
                let send = of_operation("DescribeAttachment", members([]));
                let mut given = exchange(send, expect::of_case(rule, rule));
                given.with.insert(Member::AttachmentId, file);
                given.equals.insert(Member::FileName, name);
                given.equals.insert(Member::Data, Text::from(data.as_str()));
                self.exchange(given, Level::Must, "its file is given back".into());
            }
            Case::ReadMissing => {
                let id = ("attachmentId", "attachment-00000000000000000000000000000000");
                let rule = "model.case.attachment-id-not-found";
                let of = expect::of_refused_case(&[Exception::AttachmentIdNotFound], rule);
                self.exchange(
                    exchange(of_operation("DescribeAttachment", members([id])), of),
                    Level::Must,
                    words,
                );
            }
        }
        self.need_cases();
    }

    fn need_cases(&mut self) {
        if !self.needs.contains(&ServiceNeed::Cases) {
            self.needs.push(ServiceNeed::Cases);
        }
    }

    /// The set that a case takes; `Target::New` is none.
    fn set_of_case<'a>(&self, which: Option<&'a Which>) -> Option<Target<'a>> {
        match which {
            Some(Which::Unknown(id)) if !is_plain_id(id) => None,
            Some(which) => self.target(which),
            None => Some(Target::New),
        }
    }

    /// A call that takes a set, and says of which case it is where it is of
    /// one, known or not; whether it is to succeed.
    fn with_set(
        &mut self,
        operation: &str,
        mut body: Map<String, Value>,
        set: Target<'_>,
        known: Option<bool>,
        capture: Option<String>,
        words: String,
    ) -> bool {
        let mut exceptions = Vec::new();
        let mut with = BTreeMap::new();
        match set {
            Target::New => {}
            Target::Unknown(id) => {
                body.insert("attachmentSetId".into(), id.into());
                exceptions.push(Exception::AttachmentSetIdNotFound);
            }
            Target::Made(set) => {
                with.insert(Member::AttachmentSetId, set_name(set));
                if self.worlds.files(set).is_none() {
                    exceptions.push(Exception::AttachmentSetExpired);
                }
            }
        }
        match known {
            None => {}
            Some(true) => {
                with.insert(Member::CaseId, case_name(self.cases));
            }
            Some(false) => {
                body.insert("caseId".into(), "case-12345678910-exen-2025-0000000000000000".into());
                exceptions.push(Exception::CaseIdNotFound);
            }
        }
        let is_aged = self.is_aged(set);
        let past = if let Target::Made(set) = set { self.past.get_mut(set) } else { None };
        let of = match exceptions.first() {
            Some(first) => {
                past.into_iter().for_each(|past| past.refused = true);
                let requirement = match first {
                    Exception::CaseIdNotFound => "model.case.case-id-not-found",
                    _ => "model.case.set-errors",
                };
                expect::of_refused_case(&exceptions, requirement)
            }
            None => {
                let refused = match past {
                    Some(past) if past.refused => "user.refused-changes-nothing",
                    Some(_) if is_aged => "seed.one-hour",
                    Some(_) => "model.case.set",
                    None => "seed.for-cases",
                };
                expect::of_case(refused, "seed.for-cases")
            }
        };
        let mut exchange = exchange(of_operation(operation, body), of);
        exchange.with = with;
        if exceptions.is_empty() {
            exchange.capture.extend(capture.map(|name| (Member::CaseId, name)));
        }
        self.exchange(exchange, Level::Must, words);
        exceptions.is_empty()
    }

    /// A case takes what was sent to a set.
    fn attach(&mut self, set: Target<'_>, sent: Vec<(String, Vec<u8>)>) {
        if let Target::Made(set) = set
            && let Some(past) = self.past.get_mut(set)
        {
            past.used = true;
        }
        self.attached.extend(sent);
    }

    /// The files that were sent to a set, as far as they are given back.
    fn sent(&self, set: Target<'_>) -> Vec<(String, Vec<u8>)> {
        let Target::Made(set) = set else { return Vec::new() };
        let name = set_name(set);
        let to_set = |exchange: &&ServiceExchange| {
            exchange.capture.get(&Member::AttachmentSetId) == Some(&name)
                || exchange.with.get(&Member::AttachmentSetId) == Some(&name)
        };
        let exchanges = self.steps.iter().filter_map(|step| match step {
            ServiceStep::Exchange(exchange) => Some(&**exchange),
            ServiceStep::Advance(_) | ServiceStep::AtOnce(_) => None,
        });
        let accepted = |exchange: &&ServiceExchange| {
            exchange.outcome.accept.iter().any(|pattern| pattern.output().is_some())
        };
        let at_once = self.steps.iter().filter_map(|step| match step {
            ServiceStep::AtOnce(step) if step.with.values().any(|of| *of == name) => Some(()),
            _ => None,
        });
        // What came at once counts as two files: more than are compared.
        let beyond = at_once.flat_map(|()| [(String::new(), Vec::new()), (String::new(), Vec::new())]);
        let file = |file: &CallAttachment| {
            let name = file.file_name.as_ref().map(Text::to_text).unwrap_or_default();
            let data = file.data.as_ref().filter(|data| !matches!(data, Blob::Generated(_)));
            (name, data.map(Blob::to_bytes).unwrap_or_default())
        };
        let files = exchanges.filter(to_set).filter(accepted).flat_map(|exchange| match &exchange.send {
            Send::Call(call) => call.attachments.iter().flatten().map(file).collect(),
            Send::Request(_) | Send::Raw(_) => vec![(String::new(), Vec::new()); 2],
        });
        files.filter(|(_, data)| data.len() <= GIVEN_BACK).chain(beyond).collect()
    }
}

impl Said {
    /// Whether it is of no file: what that means is not documented.
    fn is_of_no_file(&self) -> bool {
        self.files.as_ref().is_some_and(Vec::is_empty)
    }

    /// The set that it names.
    fn target<'a>(&'a self, target: Target<'a>, takes_id: bool) -> Target<'a> {
        match &self.set {
            Some(id) if takes_id && id == PLACEHOLDER => target,
            Some(id) => Target::Unknown(id),
            None => Target::New,
        }
    }
}

fn charges(step: &ServiceStep) -> &Charges {
    const NONE: &Charges = &Charges::new();
    match step {
        ServiceStep::Exchange(exchange) => &exchange.charges,
        ServiceStep::AtOnce(step) => &step.charges,
        ServiceStep::Advance(_) => NONE,
    }
}

/// Something to send, of which this is expected.
fn exchange(send: Send, of: Expectation) -> ServiceExchange {
    ServiceExchange {
        send,
        with: BTreeMap::new(),
        outcome: of.expected,
        charges: of.charges,
        form: of.form,
        capture: BTreeMap::new(),
        same: BTreeMap::new(),
        differs: BTreeMap::new(),
        near: BTreeMap::new(),
        equals: BTreeMap::new(),
    }
}

fn set_name(set: usize) -> String {
    format!("set{set}")
}

fn expiry_name(set: usize) -> String {
    format!("expiry{set}")
}

fn case_name(case: usize) -> String {
    format!("case{case}")
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
    }
}

/// A file of megabytes.
fn large(bytes: u32) -> Blob {
    let sha256 = LARGE.iter().find(|(length, _)| *length == bytes).map_or("", |(_, digest)| digest);
    Blob::Generated(GeneratedBlob { bytes, seed: SEED, sha256: sha256.into() })
}

fn members<const N: usize>(members: [(&str, &str); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}

fn of_operation(operation: &str, body: Map<String, Value>) -> Send {
    let target = format!("{}.{operation}", names::TARGET_PREFIX);
    Send::Request(ServiceRequest {
        method: "POST".into(),
        target: "/".into(),
        headers: BTreeMap::from([("x-amz-target".into(), Some(target))]),
        body: Some(Body::Json(Value::Object(body))),
        sign: Sign::Valid,
    })
}

/// The bytes of what is no request of HTTP, or not quite.
fn bytes(raw: &Raw) -> Body {
    const BODY: &str = r#"{"attachments":[{"fileName":"a.log","data":"aGVsbG8="}]}"#;
    let mut head = vec!["POST / HTTP/1.1".to_owned()];
    let hosts = if let Raw::Hosts(hosts) = raw { *hosts } else { 1 };
    head.extend((0..hosts).map(|_| "Host: localhost".into()));
    head.push(format!("Content-Type: {}", names::CONTENT_TYPE));
    head.push(format!("X-Amz-Target: {}", names::TARGET));
    let length = format!("Content-Length: {}", BODY.len());
    let chunks = |size: &str| {
        let size = if size == "=" { format!("{:x}", BODY.len()) } else { size.into() };
        format!("{size}\r\n{BODY}\r\n0\r\n\r\n")
    };
    let whole = |mut head: Vec<String>, last: &[String], body: String| {
        head.extend_from_slice(last);
        head.push(String::new());
        Body::Parts(vec![Body::Lines(head), Body::Text(body)])
    };
    match raw {
        Raw::Garbage(bytes) => Body::from(bytes.as_slice()),
        Raw::Hosts(_) => whole(head, &[length], BODY.into()),
        Raw::Lengths(lengths) => {
            let right = BODY.len().to_string();
            let each = lengths.iter().map(|length| if *length == "=" { &right } else { *length });
            let each: Vec<_> = each.map(|length| format!("Content-Length: {length}")).collect();
            whole(head, &each, BODY.into())
        }
        Raw::Chunks(size, coding) => whole(head, &[format!("Transfer-Encoding: {coding}")], chunks(size)),
        Raw::Both => whole(head, &[length, "Transfer-Encoding: chunked".into()], chunks("=")),
        Raw::LongField(bytes) => Body::Parts(vec![
            Body::Lines(head),
            Body::Text("X-A: ".into()),
            Body::Repeat(Repeat { repeat: "a".into(), times: *bytes }),
            Body::Lines(vec![String::new(), length, String::new()]),
            Body::Text(BODY.into()),
        ]),
        Raw::Fields(fields) => Body::Parts(vec![
            Body::Lines(head),
            Body::Repeat(Repeat { repeat: "x-a: 1\r\n".into(), times: *fields }),
            Body::Lines(vec![length, String::new()]),
            Body::Text(BODY.into()),
        ]),
    }
}

/// The rules for the form of an answer of which no defect is charged to the
/// step.
pub(super) fn is_advice(requirement: &str, defect: Defect) -> bool {
    let advice = ["protocol.request-id", "protocol.server-dunder-type"];
    advice.contains(&requirement) || (requirement == "seed.one-hour" && defect == Defect::OtherOutput)
}
