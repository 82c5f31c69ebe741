//! Where sequences come from.

use super::super::choices::{self, Choices};
use super::super::text;
use super::{Addition, Ask, Case, Data, File, LARGE, PLAIN, Raw, Sequence, UNKNOWN, Which, mutation};

/// The most that a server is asked in one draw.
const MOST_ASKS: usize = 5;
/// The most mutations of a request that is drawn.
const MOST_TWISTS: usize = 2;

/// What a server has that not every one has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Able {
    /// A clock that can be advanced.
    pub clock: bool,
    /// It verifies signatures.
    pub signatures: bool,
    /// It has cases.
    pub cases: bool,
}

/// Where sequences come from.
pub struct Asks {
    seed: u64,
    able: Able,
}

impl Asks {
    /// A source of sequences for a server that is able to do this. The same
    /// seed gives the same sequences.
    #[must_use]
    pub fn new(seed: u64, able: Able) -> Self {
        Self { seed, able }
    }

    /// The sequence of a number.
    #[must_use]
    pub fn draw(&self, number: u64) -> Sequence {
        self.any(&mut Choices::new(&choices::bytes(self.seed, number)))
    }

    /// The sequence of these choices.
    #[must_use]
    pub fn any(&self, choices: &mut Choices<'_>) -> Sequence {
        let able = self.able;
        let asks = match choices.below(400) {
            _ if able.cases && choices.chance(1, 9) => story(able, choices),
            0..240 => choices.list(1..=MOST_ASKS, |choices| match choices.chance(1, 15) {
                true => request(able, choices),
                false => state(able, choices),
            }),
            240..398 => choices.list(1..=2, |choices| match choices.chance(1, 5) {
                true => state(able, choices),
                false => request(able, choices),
            }),
            // Megabytes take long to make, to sign, to send and to read.
            _ => large(choices),
        };
        Sequence { asks }
    }
}

/// What becomes of a set: something happens to it, a case or a communication
/// takes it, and it is looked for there.
fn story(able: Able, choices: &mut Choices<'_>) -> Vec<Ask> {
    let made = || Which::Made(1);
    let mut asks = match choices.chance(3, 5) {
        true => {
            let name = choices.chance(1, 3).then(|| choices.pick(BEYOND_ASCII).to_owned());
            let files = vec![File { name, data: Data::Bytes(data(choices)) }];
            vec![Ask::Add(Addition { set: Which::New, files, dry_run: None }, Vec::new())]
        }
        false => choices.list(0..=2, |choices| state(able, choices)),
    };
    let taken = match choices.below(7) {
        0..3 => vec![Case::Open(Some(made()))],
        3..5 => vec![Case::Open(None), Case::Say(made(), true)],
        5 => vec![Case::Say(made(), false), Case::Open(Some(made()))],
        _ => vec![Case::Open(None), Case::Say(made(), false), Case::Say(made(), true)],
    };
    asks.extend(taken.into_iter().map(Ask::Case));
    asks.extend(choices.list(0..=1, |choices| state(able, choices)));
    asks.push(Ask::Case(Case::Read));
    asks
}

/// What is about the state of a server: what is in which set, and for how long.
fn state(able: Able, choices: &mut Choices<'_>) -> Ask {
    let (waits, cases) = (if able.clock { 6 } else { 0 }, if able.cases { 10 } else { 0 });
    match choices.below(31 + waits + cases) {
        0..30 => Ask::Add(addition(choices), Vec::new()),
        30 => {
            let (set, files) = (made(choices), choices.list(1..=2, |_| File::plain()));
            Ask::AtOnce(Addition { set, files, dry_run: None }, choices.range(2..=5))
        }
        at if at < 31 + waits => Ask::Wait(choices.pick(WAITS)),
        _ => Ask::Case(case(choices)),
    }
}

fn case(choices: &mut Choices<'_>) -> Case {
    choices.one_of(&[
        (3, |choices| Case::Open(choices.chance(9, 10).then(|| which(choices)))),
        (3, |choices| Case::Say(which(choices), choices.chance(7, 10))),
        (4, |_| Case::Read),
        (1, |_| Case::ReadMissing),
    ])
}

/// What is about the form of a request.
fn request(able: Able, choices: &mut Choices<'_>) -> Ask {
    if choices.chance(1, 10) {
        return Ask::Raw(raw(choices));
    }
    let mutations = |choices: &mut Choices<'_>| mutation::any(able.signatures, choices);
    Ask::Add(addition(choices), choices.list(1..=MOST_TWISTS, mutations))
}

/// What is of megabytes.
fn large(choices: &mut Choices<'_>) -> Vec<Ask> {
    if choices.chance(1, 6) {
        return vec![Ask::Add(Addition::plain(Which::New), vec![mutation::long(choices)])];
    }
    let set = choices.pick(&[Which::New, Which::Made(0)]);
    let files = choices.one_of(&[
        (3, |choices| vec![large_file(choices)]),
        (2, |choices| vec![File::plain(), large_file(choices)]),
        // Each is allowed, however much they are together.
        (2, |choices| choices.list(2..=3, allowed_file)),
        (1, |choices| choices.list(2..=3, large_file)),
    ]);
    let mut asks = vec![Ask::Add(Addition { set, files, dry_run: None }, Vec::new())];
    if choices.chance(1, 2) {
        asks.push(Ask::Add(Addition::plain(Which::Made(0)), Vec::new()));
    }
    asks
}

fn large_file(choices: &mut Choices<'_>) -> File {
    File { name: None, data: Data::Large(choices.pick(&LARGE).0) }
}

fn allowed_file(choices: &mut Choices<'_>) -> File {
    let (allowed, _) = LARGE.split_at(LARGE.partition_point(|(length, _)| *length <= 5_000_000));
    File { name: None, data: Data::Large(choices.pick(allowed).0) }
}

fn addition(choices: &mut Choices<'_>) -> Addition {
    let set = which(choices);
    let count = choices.one_of(&[(8, |_| 1), (4, |_| 2), (3, |_| 3), (1, |_| 4)]);
    let files = choices.list(count..=count, file);
    let dry_run = choices.one_of(&[(8, |_| None), (1, |_| Some(true)), (1, |_| Some(false))]);
    Addition { set, files, dry_run }
}

fn which(choices: &mut Choices<'_>) -> Which {
    choices.one_of(&[
        (3, |_| Which::New),
        (6, made),
        (1, |choices| Which::Unknown(choices.pick(IDS).into())),
        (1, |choices| Which::Unknown(text::some(choices, "as-0"))),
    ])
}

fn made(choices: &mut Choices<'_>) -> Which {
    choices.one_of(&[(3, |_| Which::Made(0)), (1, |choices| Which::Made(choices.range(1..=3)))])
}

fn file(choices: &mut Choices<'_>) -> File {
    let name = choices.one_of(&[
        (12, |_| None),
        (1, |choices| Some(choices.pick(NAMES).into())),
        (1, |choices| Some(text::any(choices))),
        (1, |choices| Some(format!("{}.log", text::any(choices)))),
    ]);
    File { name, data: Data::Bytes(data(choices)) }
}

fn data(choices: &mut Choices<'_>) -> Vec<u8> {
    choices.one_of(&[
        (8, |_| PLAIN.to_vec()),
        (2, |choices| choices.list(1..=7, Choices::byte)),
        (1, |_| (0..=u8::MAX).collect()),
        (1, |choices| vec![choices.byte(); choices.pick(&[57, 1_023, 4_096, 70_000])]),
    ])
}

fn raw(choices: &mut Choices<'_>) -> Raw {
    choices.one_of(&[
        (1, |choices| Raw::Hosts(choices.pick(&[0, 2]))),
        (3, |choices| Raw::Lengths(choices.pick(LENGTHS).to_vec())),
        (3, |choices| Raw::Chunks(choices.pick(SIZES), choices.pick(CODINGS))),
        (1, |_| Raw::Both),
        (1, |choices| Raw::LongField(choices.pick(&[1_000, 10_000, 100_000, 1_000_000]))),
        (1, |choices| Raw::Fields(choices.pick(&[50, 101, 1_000, 10_000]))),
        (2, |choices| Raw::Garbage(choices.pick(GARBAGE).into())),
    ])
}

/// How many seconds pass.
const WAITS: &[u32] = &[60, 600, 1_800, 2_400, 3_000, 3_540, 3_660, 5_000, 7_200, 100_000];

const CODINGS: &[&str] = &["chunked", "chunked", "chunked", "Chunked", "xchunked", "chunked, gzip"];

const IDS: &[&str] = &[
    UNKNOWN,
    "as-fa8847b0c33183273-mu-EXAMPLE3",
    "as-0",
    "../../etc/passwd",
    "as-1\r\nX-A: b",
    "' OR 1=1 --",
    "${jndi:ldap://127.0.0.1/a}",
];

/// Names that come back as they were given, whatever a server counts in.
const BEYOND_ASCII: &[&str] =
    &["gr\u{f6}\u{df}e.log", "\u{436}\u{443}\u{440}\u{43d}\u{430}\u{43b}.log", "\u{30ed}\u{30b0}.text"];

const NAMES: &[&str] = &[
    "report.pdf",
    "photo.jpeg",
    "letter.doc",
    "notes.text",
    "troubleshoot-screenshot.png",
    "gr\u{f6}\u{df}e.log",
    "\u{436}\u{443}\u{440}\u{43d}\u{430}\u{43b}.log",
    "a\0.log",
    "../a.log",
    "setup.exe",
];

/// What a length is not, but for one.
const LENGTHS: &[&[&str]] = &[
    &["="],
    &["=", "="],
    &["=", "5"],
    &["5", "="],
    &["+56"],
    &["-1"],
    &[""],
    &["0x38"],
    &["5 6"],
    &["56a"],
    &["99999999999999999999999"],
];

const SIZES: &[&str] = &["=", "=", "zz", "-1", "0x38", "", "5", "ffffffffffffffffffff", "38 8"];

/// No requests, each with an end.
const GARBAGE: &[&[u8]] = &[
    b"\x16\x03\x01 hello\r\n\r\n",
    b"\r\n\r\n\r\n\r\nhello\r\n\r\n",
    b"GET\r\n\r\n",
    b"POST / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: localhost\r\n: b\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: localhost\r\na b: c\r\n\r\n",
    b"POST  / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"\0\0\0\0\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
];
