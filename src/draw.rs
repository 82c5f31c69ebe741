//! Drawn fixtures: calls and answers that nobody wrote down.
//!
//! A [`Draw`] is a plain start and a list of [`Twist`]s, each of which can be
//! left out and leaves a draw. It becomes a fixture by the law's ruling on the
//! bytes that it comes to, so twists need not know what they mean, nor of each
//! other. Drawing and shrinking are proptest's, driven by hand: whoever tries
//! a draw on a client decides whether it [fails](Tree::simplify) still.

mod call;
mod fixture;
mod plain;
pub mod service;
mod sheet;
mod text;
mod twist;
mod words;

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::fixture::Call;
use crate::model::Exception;

pub use fixture::{about_the_last, alone, fixture, readable, simpler};
pub use plain::plainest;
pub use twist::{Fault, Kind, Twist};
pub use words::described;

/// The most calls in a draw.
const MOST_CALLS: usize = 3;
/// The most twists of an answer that is drawn at once.
const MOST_TWISTS: usize = 5;

/// A fixture that was drawn, before the law has ruled on it.
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
}

/// One attempt, and lasting credentials.
impl Default for Setting {
    fn default() -> Self {
        Self { attempts: 1, session_token: false }
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
    /// What the answer is without its twists.
    pub start: Start,
    /// What is done to it, in order.
    pub twists: Vec<Twist>,
}

/// An answer without twists.
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
    /// The sorts of twist in it.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        self.exchanges.iter().flat_map(|exchange| &exchange.twists).map(Twist::kind)
    }

    /// Whether somebody waits: for an answer that never comes, or before
    /// another attempt.
    #[must_use]
    pub fn takes_time(&self) -> bool {
        let waits = |twist: &Twist| matches!(twist, Twist::Stops(_, _, Fault::Silence));
        let is_slow =
            |exchange: &Exchange| !exchange.failures.is_empty() || exchange.twists.iter().any(waits);
        self.setting.attempts > 1 || self.exchanges.iter().any(is_slow)
    }

    /// Whether its server waits, if only for a moment.
    #[must_use]
    pub fn waits(&self) -> bool {
        let pauses = |twist: &Twist| matches!(twist, Twist::Pieces(..) | Twist::Delay(_));
        self.takes_time() || self.exchanges.iter().any(|exchange| exchange.twists.iter().any(pauses))
    }

    /// Whether a client that misreads it may leave something on its connection.
    #[must_use]
    pub fn is_of_framing(&self) -> bool {
        self.exchanges.iter().any(|exchange| {
            matches!(exchange.start, Start::Bytes(_)) || exchange.twists.iter().any(Twist::is_of_framing)
        })
    }

    /// Whether its connection is closed behind it, whatever its answers are.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.exchanges.last().is_some_and(|exchange| exchange.twists.contains(&Twist::Last))
    }

    /// How much there is to it: calls, then what is done to their answers.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        let each = |exchange: &Exchange| exchange.twists.len() + exchange.failures.len();
        (self.exchanges.len(), self.exchanges.iter().map(each).sum())
    }

    /// Whether its bytes matter, and not what they say.
    #[must_use]
    pub fn is_of_bytes(&self) -> bool {
        let is_edit = |twist: &Twist| matches!(twist, Twist::BodyBytes(_) | Twist::HeadBytes(_));
        self.exchanges
            .iter()
            .any(|exchange| matches!(exchange.start, Start::Bytes(_)) || exchange.twists.iter().any(is_edit))
    }

    /// Draws with one thing less.
    #[must_use]
    pub fn simpler(&self) -> Vec<Self> {
        let mut found = Vec::new();
        if self.setting != Setting::default() {
            found.push(Self { setting: Setting::default(), ..self.clone() });
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
            if exchange.call != call::plain() {
                found.push(with(Some(Exchange { call: call::plain(), ..exchange.clone() })));
            }
            if !exchange.failures.is_empty() {
                found.push(with(Some(Exchange { failures: Vec::new(), ..exchange.clone() })));
            }
            if exchange.start != Start::Output {
                found.push(with(Some(Exchange { start: Start::Output, ..exchange.clone() })));
            }
            for (at, twist) in exchange.twists.iter().enumerate() {
                // Who misreads where such an answer ends would wait for more.
                if *twist == Twist::Last && self.is_of_framing() {
                    continue;
                }
                let mut less = exchange.clone();
                less.twists.remove(at);
                found.push(with(Some(less)));
            }
            for (at, plainer) in exchange.twists.iter().map(Twist::plainer).enumerate() {
                let mut plain = exchange.clone();
                if let (Some(twist), Some(plainer)) = (plain.twists.get_mut(at), plainer) {
                    *twist = plainer;
                    found.push(with(Some(plain)));
                }
            }
            // What is done to an output may have made an error of it.
            let names =
                |twist: &Twist| matches!(twist, Twist::Names(_) | Twist::AlsoNames(..) | Twist::Status(_));
            if exchange.start == Start::Output && exchange.twists.iter().any(names) {
                let twists = exchange.twists.iter().filter(|twist| !names(twist)).cloned().collect();
                let start = Start::Error(plain::EXCEPTION);
                found.push(with(Some(Exchange { start, twists, ..exchange.clone() })));
            }
        }
        found
    }

    /// The same calls with one twist alone, with two, and with all.
    #[must_use]
    pub fn with_few_twists(&self) -> Vec<Self> {
        const MOST_PAIRED: usize = 6;
        let all: usize = self.exchanges.iter().map(|exchange| exchange.twists.len()).sum();
        let second = |first| if all > MOST_PAIRED { first..first + 1 } else { first..all };
        let few = (0..all).flat_map(|first| second(first).map(move |second| [first, second]));
        let with = |chosen: [usize; 2]| {
            let mut draw = self.clone();
            let mut index = 0..;
            for exchange in &mut draw.exchanges {
                exchange.twists.retain(|_| index.next().is_some_and(|index| chosen.contains(&index)));
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

    /// Leaves out the twists of a sort.
    pub fn leave_out(&mut self, kind: Kind) {
        for exchange in &mut self.exchanges {
            exchange.twists.retain(|twist| twist.kind() != kind);
        }
    }
}

/// A draw that can be made simpler.
pub struct Tree<D = Draw>(Box<dyn ValueTree<Value = D>>);

impl<D: std::fmt::Debug> Tree<D> {
    /// The draw as it is now.
    #[must_use]
    pub fn current(&self) -> D {
        self.0.current()
    }

    /// Turns to a simpler draw, after one that fails; false if there is none.
    pub fn simplify(&mut self) -> bool {
        self.0.simplify()
    }

    /// Turns back to one less simple, after one that does not fail; false if
    /// there is none.
    pub fn complicate(&mut self) -> bool {
        self.0.complicate()
    }
}

/// Where draws come from.
pub struct Source {
    seed: u64,
    fresh: SBoxedStrategy<Draw>,
    call: SBoxedStrategy<Call>,
    twist: SBoxedStrategy<Twist>,
}

impl Source {
    /// A source of draws; `starts` are whole answers whose bytes are changed.
    /// The same seed and starts give the same draws.
    #[must_use]
    pub fn new(seed: u64, starts: Vec<Arc<[u8]>>) -> Self {
        let (call, twist) = (call::any().sboxed(), twist::any().sboxed());
        let answered = prop_oneof![
            // What is sent is judged where the answer is not left open.
            1 => (call::odd(), start(Vec::new()), vec(twist.clone(), 0..=1)),
            4 => (call.clone(), start(starts), vec(twist.clone(), 0..=MOST_TWISTS)),
        ];
        let exchange = (answered, failures())
            .prop_map(|((call, start, twists), failures)| Exchange { call, failures, start, twists })
            .sboxed();
        let exchanges = prop_oneof![9 => vec(exchange.clone(), 1), 1 => vec(exchange, 2..=MOST_CALLS)];
        let usual =
            (exchanges, setting()).prop_map(|(exchanges, setting)| Draw { exchanges, setting }).sboxed();
        // These cost pauses, or megabytes.
        let fresh = prop_oneof![589 => usual, 3 => refused(), 1 => retried(), 1 => large()].sboxed();
        Self { seed, fresh, call, twist }
    }

    /// The draw of a number. With drawn ones that showed something new, half
    /// of the draws are changes of one of these.
    #[must_use]
    pub fn draw(&self, number: u64, kept: &[Arc<Draw>]) -> Tree {
        let mut runner = runner(self.seed, number);
        let chosen = (!kept.is_empty() && runner.rng().random_bool(0.5))
            .then(|| kept.get(runner.rng().random_range(0..kept.len())))
            .flatten();
        let strategy = match chosen {
            Some(kept) => self.changed(kept),
            None => self.fresh.clone(),
        };
        match strategy.prop_map(ended).new_tree(&mut runner) {
            Ok(tree) => Tree(Box::new(tree)),
            // No strategy here filters, which is all that can fail.
            Err(_) => Tree(Box::new(Just(Draw { exchanges: Vec::new(), setting: Setting::default() }))),
        }
    }

    /// A draw with some of its twists left out, and others put in.
    fn changed(&self, draw: &Draw) -> SBoxedStrategy<Draw> {
        let exchanges: Vec<_> = draw
            .exchanges
            .iter()
            .map(|exchange| {
                let all = exchange.twists.clone();
                let some = subsequence(all.clone(), 0..=all.len());
                let twists = prop_oneof![1 => some, 3 => Just(all)];
                let (start, failures) = (exchange.start.clone(), exchange.failures.clone());
                let call = prop_oneof![9 => Just(exchange.call.clone()), 1 => self.call.clone()];
                (call, twists, vec(self.twist.clone(), 0..=2))
                    .prop_map(move |(call, kept, new)| Exchange {
                        call,
                        failures: failures.clone(),
                        start: start.clone(),
                        twists: [kept, new].concat(),
                    })
                    .sboxed()
            })
            .collect();
        let setting = draw.setting.clone();
        exchanges.prop_map(move |exchanges| Draw { exchanges, setting: setting.clone() }).sboxed()
    }
}

/// What bears on where answers end is followed by no other draw's answer: one
/// that a client has misread is nothing to the next.
fn ended(mut draw: Draw) -> Draw {
    draw.exchanges.iter_mut().for_each(|exchange| exchange.twists.retain(|twist| *twist != Twist::Last));
    if draw.is_of_framing()
        && let Some(last) = draw.exchanges.last_mut()
    {
        last.twists.push(Twist::Last);
    }
    draw
}

/// Mostly none: each costs a pause.
fn failures() -> impl Strategy<Value = Vec<u16>> {
    prop_oneof![1000 => Just(Vec::new()), 1 => few_failures()]
}

fn few_failures() -> impl Strategy<Value = Vec<u16>> {
    let status = || select(&[500_u16, 502, 503, 504][..]);
    prop_oneof![3 => vec(status(), 1), 1 => vec(status(), 2)]
}

fn setting() -> impl Strategy<Value = Setting> {
    let session_token = prop_oneof![255 => Just(false), 1 => Just(true)];
    session_token.prop_map(|session_token| Setting { attempts: 1, session_token })
}

/// A client that may try again, and an answer that bears on whether it does.
fn retried() -> impl Strategy<Value = Draw> {
    let failures = prop_oneof![3 => Just(Vec::new()), 1 => few_failures()];
    let start =
        prop_oneof![1 => Just(Start::Output), 4 => select(&Exception::ALL[..]).prop_map(Start::Error)];
    (failures, start, vec(twist::of_retries(), 0..=1), prop_oneof![3 => Just(2_u32), 1 => Just(3)]).prop_map(
        |(failures, start, twists, attempts)| Draw {
            exchanges: vec![Exchange { call: call::plain(), failures, start, twists }],
            setting: Setting { attempts, session_token: false },
        },
    )
}

/// A client that may try again, and an answer after which it must not: none
/// that is right pauses.
fn refused() -> impl Strategy<Value = Draw> {
    let refusals: Vec<_> = Exception::ALL.into_iter().filter(|exception| exception.status() == 400).collect();
    select(refusals).prop_map(|exception| Draw {
        exchanges: vec![Exchange {
            call: call::plain(),
            failures: Vec::new(),
            start: Start::Error(exception),
            twists: Vec::new(),
        }],
        setting: Setting { attempts: 2, session_token: false },
    })
}

fn large() -> impl Strategy<Value = Draw> {
    call::large().prop_map(|call| Draw {
        exchanges: vec![Exchange { call, failures: Vec::new(), start: Start::Output, twists: Vec::new() }],
        setting: Setting::default(),
    })
}

fn runner(seed: u64, number: u64) -> TestRunner {
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip([seed, number].into_iter().flat_map(u64::to_le_bytes)) {
        *to = from;
    }
    let config = Config { failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

fn start(starts: Vec<Arc<[u8]>>) -> SBoxedStrategy<Start> {
    let plain = prop_oneof![Just(Start::Output), select(&Exception::ALL[..]).prop_map(Start::Error),];
    if starts.is_empty() {
        return plain.sboxed();
    }
    prop_oneof![3 => plain, 1 => select(starts).prop_map(Start::Bytes)].sboxed()
}
