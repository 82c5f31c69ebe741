//! The fixture that a sequence comes to.

mod call;
mod case;
mod raw;

use std::collections::{BTreeMap, BTreeSet};

use super::drawn::Drawn;
use super::expect::{self, Expectation};
use super::reading::{self, Broken, Reading, Said};
use super::request::{PLACEHOLDER, written};
use super::world::{Target, Worlds};
use super::{Addition, Ask, Data, File, Mutation, Sequence, Which, words};
use crate::fixture::{
    Advance, Charges, Level, Member, Send, ServiceExchange, ServiceFixture, ServiceNeed, ServiceStep, Sign,
};

/// The most files of a call that a server has to read to the end.
const FEW: usize = 20;

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

#[derive(Default)]
struct Builder {
    worlds: Worlds,
    /// The sets that were put to use, and those in which nobody knows what is:
    /// what they do next is not documented.
    used: BTreeSet<usize>,
    /// Whether a call was refused, and a dry run made. In the simplest sequence
    /// that fails nothing of it is without a cause.
    refused: bool,
    dry: bool,
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
            Ask::Add(addition, mutations) => self.add(addition, mutations),
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
                Some(set) if self.used.contains(&set) => return None,
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

    fn add(&mut self, addition: &Addition, mutations: &[Mutation]) {
        let Some(target) = self.target(&addition.set) else { return };
        let names = self.names(&addition.files);
        let is_call =
            mutations.is_empty() || addition.files.iter().any(|file| matches!(file.data, Data::Large(_)));
        let words = words::addition(addition, target, if is_call { &[] } else { mutations });
        if is_call {
            return self.call(addition, &names, target, words);
        }
        // A set that is not there yet is not named.
        let set = if target == Target::New { Which::New } else { addition.set.clone() };
        let written = written(&Addition { set, ..addition.clone() }, &names, mutations);
        if written.request.sign != Sign::Valid && !self.needs.contains(&ServiceNeed::Signatures) {
            self.needs.push(ServiceNeed::Signatures);
        }
        let long = mutations.iter().any(Mutation::is_large);
        let target = match target {
            Target::Made(_) if !written.takes_id => Target::New,
            target => target,
        };
        let (of, level) = match reading::read(&written) {
            Reading::Refused(Broken { unknown: true, .. }) => (expect::of_unknown(), Level::Must),
            Reading::Refused(Broken { requirement, level, claimed, .. }) => {
                (expect::of_refused(requirement, claimed && !long), level)
            }
            // It is read for what it is, or is too long.
            Reading::Call(said) if said.has_many_files() => {
                let requirement = "seed.three-attachments";
                let of = if long {
                    expect::of_raw(requirement, false)
                } else {
                    expect::of_refused(requirement, false)
                };
                (of, Level::Should)
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
            if may_be_taken {
                self.used.insert(set);
            }
        }
        self.refused |= !may_be_taken;
        self.exchange(exchange, level, words);
        self.serves();
    }
}

impl Said {
    /// Whether it has more files than a server has to read to refuse it.
    fn has_many_files(&self) -> bool {
        self.files.as_ref().is_some_and(|files| files.len() > FEW)
    }

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
