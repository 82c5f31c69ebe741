//! Drawn fixtures: calls and answers that nobody wrote down.
//!
//! A [`Draw`] is a plain start and a list of [`Mutation`]s, each of which can be
//! left out and leaves a draw. It becomes a fixture by the oracle's ruling on the
//! bytes that it comes to, so mutations need not know what they mean, nor of each
//! other. Every choice is read from bytes, so a seed, libFuzzer and proptest can
//! each say what is drawn: see [`Choices`].

mod call;
mod choices;
mod fixture;
mod mutation;
mod plain;
mod rare;
mod response_builder;
pub mod service;
mod text;
mod words;

use std::sync::Arc;

use crate::fixture::Call;
use crate::model::Exception;

pub use choices::Choices;
pub use fixture::{about_the_last, alone, fixture, readable, simpler};
pub use mutation::{Fault, Kind, Mutation};
pub use plain::plainest;
pub use words::described;

/// The most calls in a draw.
const MOST_CALLS: usize = 3;
/// The most mutations of an answer that is drawn at once.
const MOST_TWISTS: usize = 5;

/// A fixture that was drawn, before the oracle has ruled on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Draw {
    /// The calls in turn, each with its answer; at least one.
    pub exchanges: Vec<Exchange>,
    /// What the client is given for all of them.
    pub setting: Setting,
}

/// What a client is given for the calls of a draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// How many attempts it may make.
    pub attempts: u32,
    /// Whether its credentials are temporary.
    pub session_token: bool,
    /// What makes the strings of its answers unlike those of other draws.
    pub serial: u64,
}

/// One attempt, and lasting credentials.
impl Default for Setting {
    fn default() -> Self {
        Self { attempts: 1, session_token: false, serial: 0 }
    }
}

/// A call and its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// What is called.
    pub call: Call,
    /// The statuses of the failures that come before the answer, to attempts
    /// that a client may make or not.
    pub failures: Vec<u16>,
    /// What the answer is without its mutations.
    pub start: Start,
    /// What is done to it, in order.
    pub mutations: Vec<Mutation>,
}

/// An answer without mutations.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// An output.
    Output,
    /// An error that the documents list.
    Error(Exception),
    /// The bytes of an answer.
    Bytes(Arc<[u8]>),
}

impl Draw {
    /// The kinds of mutation in it.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        self.exchanges.iter().flat_map(|exchange| &exchange.mutations).map(Mutation::kind)
    }

    /// Whether somebody waits: for an answer that never comes, or before
    /// another attempt.
    #[must_use]
    pub fn takes_time(&self) -> bool {
        let waits = |mutation: &Mutation| matches!(mutation, Mutation::Stops(_, _, Fault::Silence));
        let is_slow =
            |exchange: &Exchange| !exchange.failures.is_empty() || exchange.mutations.iter().any(waits);
        self.setting.attempts > 1 || self.exchanges.iter().any(is_slow)
    }

    /// Whether its server waits, if only for a moment.
    #[must_use]
    pub fn waits(&self) -> bool {
        let pauses = |mutation: &Mutation| matches!(mutation, Mutation::Pieces(..) | Mutation::Delay(_));
        self.takes_time() || self.exchanges.iter().any(|exchange| exchange.mutations.iter().any(pauses))
    }

    /// Whether a client that misreads it may leave something on its connection.
    #[must_use]
    pub fn is_of_framing(&self) -> bool {
        self.exchanges.iter().any(|exchange| {
            matches!(exchange.start, Start::Bytes(_))
                || exchange.mutations.iter().any(Mutation::is_of_framing)
        })
    }

    /// Whether it is about a client's clock, which a client may then set.
    #[must_use]
    pub fn is_of_clock(&self) -> bool {
        let is_aged = |mutation: &Mutation| matches!(mutation, Mutation::Aged(_));
        self.exchanges.iter().any(|exchange| exchange.mutations.iter().any(is_aged))
    }

    /// Whether its connection is closed behind it, whatever its answers are.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.exchanges.last().is_some_and(|exchange| exchange.mutations.contains(&Mutation::Last))
    }

    /// How much there is to it: calls, then what is done to their answers.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        let each = |exchange: &Exchange| exchange.mutations.len() + exchange.failures.len();
        (self.exchanges.len(), self.exchanges.iter().map(each).sum())
    }

    /// Whether its bytes matter, and not what they say.
    #[must_use]
    pub fn is_of_bytes(&self) -> bool {
        let is_edit =
            |mutation: &Mutation| matches!(mutation, Mutation::BodyBytes(_) | Mutation::HeadBytes(_));
        self.exchanges.iter().any(|exchange| {
            matches!(exchange.start, Start::Bytes(_)) || exchange.mutations.iter().any(is_edit)
        })
    }

    /// Draws with one thing less.
    #[must_use]
    pub fn simpler(&self) -> Vec<Self> {
        let mut found = Vec::new();
        let plain = Setting { serial: self.setting.serial, ..Setting::default() };
        if self.setting != plain {
            found.push(Self { setting: plain, ..self.clone() });
        }
        for (at, exchange) in self.exchanges.iter().enumerate() {
            let with = |other: Option<Exchange>| {
                let (before, behind) = self.exchanges.split_at(at);
                let behind = behind.iter().skip(1).cloned();
                let exchanges = before.iter().cloned().chain(other).chain(behind).collect();
                Self { exchanges, setting: self.setting.clone() }
            };
            if self.exchanges.len() > 1 {
                found.push(with(None));
            }
            for call in call::simpler(&exchange.call) {
                found.push(with(Some(Exchange { call, ..exchange.clone() })));
            }
            if !exchange.failures.is_empty() {
                found.push(with(Some(Exchange { failures: Vec::new(), ..exchange.clone() })));
            }
            if exchange.failures.len() > 1 {
                let failures = exchange.failures.iter().take(1).copied().collect();
                found.push(with(Some(Exchange { failures, ..exchange.clone() })));
            }
            for start in [Start::Output, Start::Error(plain::EXCEPTION)] {
                if exchange.start != start && (exchange.start != Start::Output) {
                    found.push(with(Some(Exchange { start, ..exchange.clone() })));
                }
            }
            for (at, mutation) in exchange.mutations.iter().enumerate() {
                // Who misreads where such an answer ends would wait for more.
                if *mutation == Mutation::Last && self.is_of_framing() {
                    continue;
                }
                let mut less = exchange.clone();
                less.mutations.remove(at);
                found.push(with(Some(less)));
            }
            for (at, mutation) in exchange.mutations.iter().enumerate() {
                for simpler in mutation.simpler() {
                    let mut other = exchange.clone();
                    other.mutations.splice(at..=at, [simpler]);
                    found.push(with(Some(other)));
                }
            }
            // What is done to an output may have made an error of it.
            let names = |mutation: &Mutation| {
                matches!(mutation, Mutation::Names(_) | Mutation::AlsoNames(..) | Mutation::Status(_))
            };
            if exchange.start == Start::Output && exchange.mutations.iter().any(names) {
                let mutations =
                    exchange.mutations.iter().filter(|mutation| !names(mutation)).cloned().collect();
                let start = Start::Error(plain::EXCEPTION);
                found.push(with(Some(Exchange { start, mutations, ..exchange.clone() })));
            }
        }
        found
    }

    /// The same calls with one mutation alone, with two, and with all.
    #[must_use]
    pub fn with_few_mutations(&self) -> Vec<Self> {
        const MOST_PAIRED: usize = 6;
        let all: usize = self.exchanges.iter().map(|exchange| exchange.mutations.len()).sum();
        let second = |first| if all > MOST_PAIRED { first..first + 1 } else { first..all };
        let few = (0..all).flat_map(|first| second(first).map(move |second| [first, second]));
        let with = |chosen: [usize; 2]| {
            let mut draw = self.clone();
            let mut index = 0..;
            for exchange in &mut draw.exchanges {
                exchange.mutations.retain(|_| index.next().is_some_and(|index| chosen.contains(&index)));
            }
            draw
        };
        few.map(with).chain([self.clone()]).collect()
    }

    /// Each of its calls by itself.
    pub fn calls(&self) -> impl ExactSizeIterator<Item = Self> + '_ {
        let one = |exchange: &Exchange| vec![exchange.clone()];
        self.exchanges
            .iter()
            .map(move |exchange| Self { exchanges: one(exchange), setting: self.setting.clone() })
    }

    /// The calls of this draw, then those of another, with what the other is given.
    #[must_use]
    pub fn followed_by(&self, other: &Self) -> Self {
        let exchanges = [self, other].iter().flat_map(|draw| &draw.exchanges).cloned().collect();
        Self { exchanges, setting: other.setting.clone() }
    }

    /// Leaves out the mutations of a sort.
    pub fn leave_out(&mut self, kind: Kind) {
        for exchange in &mut self.exchanges {
            exchange.mutations.retain(|mutation| mutation.kind() != kind);
        }
    }
}

/// Lists with less in them, the shortest first: a half is left out, then a
/// quarter, and so on. What is still long then is shortened again.
fn shorter<T: Clone>(all: &[T]) -> impl Iterator<Item = Vec<T>> + use<T> {
    let mut found = Vec::new();
    let mut size = all.len().div_ceil(2);
    while size > all.len() / 16 {
        for from in (0..all.len()).step_by(size) {
            let mut fewer = all.to_vec();
            fewer.drain(from..all.len().min(from + size));
            found.push(fewer);
        }
        size /= 2;
    }
    found.into_iter()
}

/// Where draws come from.
pub struct Source {
    seed: u64,
    starts: Vec<Arc<[u8]>>,
}

impl Source {
    /// A source of draws; `starts` are whole answers whose bytes are changed.
    /// The same seed and starts give the same draws.
    #[must_use]
    pub fn new(seed: u64, starts: Vec<Arc<[u8]>>) -> Self {
        Self { seed, starts }
    }

    /// The draw of a number. With drawn ones that showed something new, half
    /// of the draws are changes of one of these.
    #[must_use]
    pub fn draw(&self, number: u64, kept: &[Arc<Draw>]) -> Draw {
        let mut draw = self.any(&mut Choices::new(&choices::bytes(self.seed, number)), kept);
        draw.setting.serial = number;
        draw
    }

    /// The draw of these choices.
    #[must_use]
    pub fn any(&self, choices: &mut Choices<'_>, kept: &[Arc<Draw>]) -> Draw {
        ended(match kept {
            [_, ..] if choices.chance(1, 2) => {
                let kept = choices.pick(kept);
                changed(&kept, choices)
            }
            _ => self.fresh(choices),
        })
    }

    fn fresh(&self, choices: &mut Choices<'_>) -> Draw {
        // The last three cost pauses, or megabytes.
        match choices.below(596) {
            0..589 => {
                let count = if choices.chance(1, 10) { choices.range(2..=MOST_CALLS) } else { 1 };
                let exchanges = choices.list(count..=count, |choices| self.exchange(choices));
                Draw { exchanges, setting: setting(choices) }
            }
            589..592 => rare::refused(choices),
            592 => rare::retried(choices),
            593 | 594 => rare::aged(choices),
            _ => rare::large(choices),
        }
    }

    fn exchange(&self, choices: &mut Choices<'_>) -> Exchange {
        // What is sent is judged where the answer is not left open.
        let (call, start, most) = match choices.chance(1, 5) {
            true => (call::odd(choices), plain_start(choices), 1),
            false => (call::any(choices), self.start(choices), MOST_TWISTS),
        };
        // Mostly no failure before it: each costs a pause.
        let failures = if choices.chance(1, 1_001) { few_failures(choices) } else { Vec::new() };
        Exchange { call, failures, start, mutations: choices.list(0..=most, mutation::any) }
    }

    fn start(&self, choices: &mut Choices<'_>) -> Start {
        match self.starts.as_slice() {
            [_, ..] if choices.chance(1, 4) => Start::Bytes(choices.pick(&self.starts)),
            _ => plain_start(choices),
        }
    }
}

fn plain_start(choices: &mut Choices<'_>) -> Start {
    choices.one_of(&[(1, |_| Start::Output), (1, |choices| Start::Error(choices.pick(&Exception::ALL)))])
}

/// A draw with some of its mutations left out, and others put in.
fn changed(draw: &Draw, choices: &mut Choices<'_>) -> Draw {
    let mut draw = draw.clone();
    for exchange in &mut draw.exchanges {
        if choices.chance(1, 10) {
            exchange.call = call::any(choices);
        }
        if choices.chance(1, 4) {
            exchange.mutations = choices.some_of(std::mem::take(&mut exchange.mutations));
        }
        exchange.mutations.extend(choices.list(0..=2, mutation::any));
    }
    draw
}

/// What bears on where answers end is followed by no other draw's answer: one
/// that a client has misread is nothing to the next.
fn ended(mut draw: Draw) -> Draw {
    draw.exchanges
        .iter_mut()
        .for_each(|exchange| exchange.mutations.retain(|mutation| *mutation != Mutation::Last));
    if draw.is_of_framing()
        && let Some(last) = draw.exchanges.last_mut()
    {
        last.mutations.push(Mutation::Last);
    }
    draw
}

fn few_failures(choices: &mut Choices<'_>) -> Vec<u16> {
    let count = if choices.chance(1, 4) { 2 } else { 1 };
    choices.list(count..=count, |choices| choices.pick(&[500, 502, 503, 504]))
}

fn setting(choices: &mut Choices<'_>) -> Setting {
    Setting { attempts: 1, session_token: choices.chance(1, 256), serial: 0 }
}
