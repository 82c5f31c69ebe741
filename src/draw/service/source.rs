//! Where sequences come from.

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::{Tree, runner, text};
use super::{Addition, Ask, Case, Data, File, LARGE, Raw, Sequence, Which, twist};

/// The most that a server is asked in one draw.
const MOST_ASKS: usize = 5;
/// The most twists of a request that is drawn.
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
    sequence: SBoxedStrategy<Sequence>,
}

impl Asks {
    /// A source of sequences for a server that is able to do this. The same
    /// seed gives the same sequences.
    #[must_use]
    pub fn new(seed: u64, able: Able) -> Self {
        Self { seed, sequence: sequence(able) }
    }

    /// The sequence of a number.
    #[must_use]
    pub fn draw(&self, number: u64) -> Tree<Sequence> {
        match self.sequence.new_tree(&mut runner(self.seed, number)) {
            Ok(tree) => Tree(Box::new(tree)),
            // No strategy here filters, which is all that can fail.
            Err(_) => Tree(Box::new(Just(Sequence { asks: Vec::new() }))),
        }
    }
}

fn sequence(able: Able) -> SBoxedStrategy<Sequence> {
    let state = state(able);
    let form = vec(prop_oneof![1 => state.clone(), 4 => request(able)], 1..=2);
    let states = vec(prop_oneof![14 => state, 1 => request(able)], 1..=MOST_ASKS);
    // Megabytes take long to make, to sign, to send and to read.
    let plain = prop_oneof![240 => states, 158 => form, 2 => large()].sboxed();
    let all = if able.cases { prop_oneof![8 => plain, 1 => story(able)].sboxed() } else { plain };
    all.prop_map(|asks| Sequence { asks }).sboxed()
}

/// What becomes of a set: something happens to it, a case or a communication
/// takes it, and it is looked for there.
fn story(able: Able) -> SBoxedStrategy<Vec<Ask>> {
    let (made, case) =
        (|| Which::Made(1), |cases: Vec<Case>| cases.into_iter().map(Ask::Case).collect::<Vec<_>>());
    let taken = prop_oneof![
        3 => Just(case(vec![Case::Open(Some(made()))])),
        2 => Just(case(vec![Case::Open(None), Case::Say(made(), true)])),
        1 => Just(case(vec![Case::Say(made(), false), Case::Open(Some(made()))])),
        1 => Just(case(vec![Case::Open(None), Case::Say(made(), false), Case::Say(made(), true)])),
    ];
    let fresh = data().prop_map(|data| {
        let files = vec![File { name: None, data: Data::Bytes(data) }];
        vec![Ask::Add(Addition { set: Which::New, files, dry_run: None }, Vec::new())]
    });
    let before = prop_oneof![3 => fresh, 2 => vec(state(able), 0..=2)];
    let after = vec(state(able), 0..=1);
    (before, taken, after)
        .prop_map(|(before, taken, after)| {
            [before, taken, after, vec![Ask::Case(Case::Read)]].into_iter().flatten().collect()
        })
        .sboxed()
}

/// What is about the state of a server: what is in which set, and for how long.
fn state(able: Able) -> SBoxedStrategy<Ask> {
    let add = addition().prop_map(|addition| Ask::Add(addition, Vec::new()));
    let once = (made(), vec(Just(File::plain()), 1..=2), 2_usize..=5)
        .prop_map(|(set, files, times)| Ask::AtOnce(Addition { set, files, dry_run: None }, times));
    let wait = select(&[60_u32, 600, 1_800, 2_400, 3_000, 3_540, 3_660, 5_000, 7_200, 100_000][..])
        .prop_map(Ask::Wait);
    let case = prop_oneof![
        3 => weighted(0.9, which()).prop_map(Case::Open),
        3 => (which(), weighted(0.7, Just(()))).prop_map(|(set, known)| Case::Say(set, known.is_some())),
        4 => Just(Case::Read),
        1 => Just(Case::ReadMissing),
    ];
    let (clock, cases) = (u32::from(able.clock), u32::from(able.cases));
    let plain = prop_oneof![30 => add, 1 => once];
    match (clock, cases) {
        (0, 0) => plain.sboxed(),
        (_, 0) => prop_oneof![31 => plain, 6 => wait].sboxed(),
        (0, _) => prop_oneof![31 => plain, 10 => case.prop_map(Ask::Case)].sboxed(),
        _ => prop_oneof![31 => plain, 6 => wait, 10 => case.prop_map(Ask::Case)].sboxed(),
    }
}

/// What is about the form of a request.
fn request(able: Able) -> SBoxedStrategy<Ask> {
    let twists = vec(twist::any(able.signatures), 1..=MOST_TWISTS);
    let twisted = (addition(), twists).prop_map(|(addition, twists)| Ask::Add(addition, twists));
    prop_oneof![9 => twisted, 1 => raw().prop_map(Ask::Raw)].sboxed()
}

/// What is of megabytes.
fn large() -> SBoxedStrategy<Vec<Ask>> {
    let of =
        |lengths: Vec<u32>| select(lengths).prop_map(|length| File { name: None, data: Data::Large(length) });
    let any = || of(LARGE.iter().map(|(length, _)| *length).collect());
    // Each is allowed, however much they are together.
    let allowed = of(LARGE.iter().map(|(length, _)| *length).filter(|length| *length <= 5_000_000).collect());
    let files = prop_oneof![
        3 => any().prop_map(|file| vec![file]),
        2 => any().prop_map(|file| vec![File::plain(), file]),
        2 => vec(allowed, 2..=3),
        1 => vec(any(), 2..=3),
    ];
    let set = prop_oneof![1 => Just(Which::New), 1 => Just(Which::Made(0))];
    let add =
        (set, files).prop_map(|(set, files)| Ask::Add(Addition { set, files, dry_run: None }, Vec::new()));
    let behind = Just(Ask::Add(Addition::plain(Which::Made(0)), Vec::new()));
    let long = twist::long().prop_map(|twist| Ask::Add(Addition::plain(Which::New), vec![twist]));
    prop_oneof![
        5 => (add, weighted(0.5, behind)).prop_map(|(add, behind)| [add].into_iter().chain(behind).collect()),
        1 => long.prop_map(|ask| vec![ask]),
    ]
    .sboxed()
}

fn addition() -> impl Strategy<Value = Addition> {
    let count = prop_oneof![8 => Just(1_usize), 4 => Just(2_usize), 3 => Just(3_usize), 1 => Just(4_usize)];
    let files = count.prop_flat_map(|count| vec(file(), count));
    let dry_run = prop_oneof![8 => Just(None), 1 => Just(Some(true)), 1 => Just(Some(false))];
    (which(), files, dry_run).prop_map(|(set, files, dry_run)| Addition { set, files, dry_run })
}

fn which() -> impl Strategy<Value = Which> {
    prop_oneof![
        3 => Just(Which::New),
        6 => made(),
        1 => select(IDS).prop_map(|id| Which::Unknown(id.into())),
        1 => text::any().prop_map(|id| Which::Unknown(if id.is_empty() { "as-0".into() } else { id })),
    ]
}

fn made() -> impl Strategy<Value = Which> {
    prop_oneof![3 => Just(Which::Made(0)), 1 => (1_usize..4).prop_map(Which::Made)]
}

fn file() -> impl Strategy<Value = File> {
    let name = prop_oneof![
        12 => Just(None),
        1 => select(NAMES).prop_map(|name| Some(name.to_owned())),
        1 => text::any().prop_map(Some),
        1 => text::any().prop_map(|name| Some(format!("{name}.log"))),
    ];
    (name, data()).prop_map(|(name, data)| File { name, data: Data::Bytes(data) })
}

fn data() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => Just(b"hello".to_vec()),
        2 => vec(0..=u8::MAX, 1..8),
        1 => Just((0..=u8::MAX).collect::<Vec<_>>()),
        1 => (0..=u8::MAX, select(&[57_usize, 1_023, 4_096, 70_000][..]))
            .prop_map(|(byte, length)| vec![byte; length]),
    ]
}

fn raw() -> impl Strategy<Value = Raw> {
    prop_oneof![
        1 => select(&[0_usize, 2][..]).prop_map(Raw::Hosts),
        3 => select(LENGTHS).prop_map(|lengths| Raw::Lengths(lengths.to_vec())),
        3 => (select(SIZES), select(&["chunked", "chunked", "chunked", "Chunked", "xchunked", "chunked, gzip"][..]))
            .prop_map(|(size, coding)| Raw::Chunks(size, coding)),
        1 => Just(Raw::Both),
        1 => select(&[1_000_u32, 10_000, 100_000, 1_000_000][..]).prop_map(Raw::LongField),
        1 => select(&[50_u32, 101, 1_000, 10_000][..]).prop_map(Raw::Fields),
        2 => select(GARBAGE).prop_map(|bytes| Raw::Garbage(bytes.into())),
    ]
}

const IDS: &[&str] = &[
    "as-00000000000000000000000000000000",
    "as-fa8847b0c33183273-mu-EXAMPLE3",
    "as-0",
    "../../etc/passwd",
    "as-1\r\nX-A: b",
    "' OR 1=1 --",
    "${jndi:ldap://127.0.0.1/a}",
];

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
