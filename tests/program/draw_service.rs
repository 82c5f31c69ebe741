//! Drawn sequences: each is a fixture that loads, whatever is left out of it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use attachset::draw::service::{
    Able, Addition, Ask, Asks, Drawn, Sequence, Which, described, drawn, simpler,
};
use attachset::fixture::{Defect, ServiceFixture, ServiceStep, Set};

const ALL: Able = Able { clock: true, signatures: true, cases: true };

fn asks(seed: u64) -> Asks {
    Asks::new(seed, ALL)
}

/// Fixtures as `fuzz --save` writes them.
#[derive(Default)]
struct FindingStore(BTreeMap<String, ServiceFixture>);

impl FindingStore {
    fn put(&mut self, drawn: &Drawn) {
        let last = drawn.fixture.steps.len();
        let requirement = drawn.fixture.cites[0].clone();
        let described = described(drawn, last, Defect::Accepted, &requirement, "Something holds.");
        let id = format!("found/{}", self.0.len());
        self.0.insert(id.clone(), ServiceFixture { id, ..described });
    }

    /// They load as `check --fixtures` reads them.
    fn loads(self) {
        let file = |(id, fixture): (&String, &ServiceFixture)| {
            (format!("service/{id}.json"), serde_json::to_vec(fixture).unwrap())
        };
        let mut files: BTreeMap<_, _> = self.0.iter().map(file).collect();
        files.insert("requirements.json".into(), Set::files()["requirements.json"].clone());
        // The digests of files of megabytes are a constant's.
        let set = Set::read(files, false).unwrap();
        assert_eq!(set.service, self.0.into_values().collect::<Vec<_>>());
    }
}

#[test]
fn every_sequence_loads_and_so_does_each_simpler_one() {
    let (asks, mut store) = (asks(1), FindingStore::default());
    for number in 0..if crate::common::is_whole() { 400 } else { 100 } {
        let sequence = asks.draw(number);
        let fixture = drawn(&sequence);
        if number % 10 == 0 {
            sequence.simpler().iter().for_each(|simpler| store.put(&drawn(simpler)));
            simpler(&fixture).iter().for_each(|simpler| store.put(simpler));
        }
        store.put(&fixture);
    }
    store.loads();
}

#[test]
fn the_seed_and_the_number_fix_a_sequence() {
    let (one, same, other) = (asks(1), asks(1), asks(2));
    let all = |asks: &Asks| (0..100).map(|number| asks.draw(number)).collect::<Vec<_>>();
    assert_eq!(all(&one), all(&same));
    assert_ne!(all(&one), all(&other));
}

/// What is left is the plain call that comes first.
#[test]
fn shrinking_ends_at_a_plain_call() {
    let asks = asks(3);
    for number in 0..50 {
        let mut sequence = asks.draw(number);
        while let Some(simpler) = sequence.simpler().into_iter().next() {
            sequence = simpler;
        }
        assert!(sequence.asks.is_empty());
        assert!(matches!(&drawn(&sequence).fixture.steps[..], [ServiceStep::Exchange(_)]));
    }
}

/// Each way that the embedded fixtures know to be wrong in a state, and most
/// forms of a request, are drawn.
#[test]
fn what_the_documents_require_is_drawn() {
    let asks = asks(1);
    let mut cited = BTreeSet::new();
    for number in 0..3_000 {
        cited.extend(drawn(&asks.draw(number)).fixture.cites);
    }
    for requirement in [
        "http.media-type-case",
        "http.server-host",
        "http.server-length",
        "json.escapes",
        "json.member-order",
        "json.utf8",
        "json.whitespace",
        "model.case.attachment-details",
        "model.case.attachment-id-not-found",
        "model.case.case-id-not-found",
        "model.case.describe-attachment",
        "model.case.set",
        "model.case.set-errors",
        "model.dry-run",
        "model.expired-meaning",
        "model.http-status",
        "model.not-found-meaning",
        "model.size-limit-meaning",
        "protocol.blob-base64",
        "protocol.content-type-parameters",
        "protocol.json-body",
        "protocol.server-claims",
        "protocol.server-null",
        "protocol.shapes",
        "seed.adds-attachments",
        "seed.attachments-required",
        "seed.data-blob",
        "seed.file-name",
        "seed.file-types",
        "seed.five-mb",
        "seed.for-cases",
        "seed.one-hour",
        "seed.set-id-appends",
        "seed.three-attachments",
        "sigv4.server-verifies",
        "user.refused-changes-nothing",
        "user.server-stays-up",
    ] {
        assert!(cited.contains(requirement), "{requirement} is never drawn");
    }
}

fn add(set: Which) -> Ask {
    Ask::Add(Addition { set, files: vec![plain_file()], dry_run: None }, Vec::new())
}

/// The codes of the errors that are accepted of the last that is asked.
fn accepted_last(asks: Vec<Ask>) -> Vec<String> {
    let fixture = drawn(&Sequence { asks }).fixture;
    let last = fixture.exchanges().last().unwrap();
    let errors = last.outcome.accept.iter().filter_map(|pattern| pattern.error());
    errors.map(|error| error.code.0[0].as_ref().unwrap().to_text()).collect()
}

#[test]
fn a_sequence_says_what_the_documented_service_answers() {
    let full = || vec![add(Which::New), add(Which::Made(0)), add(Which::Made(0))];
    let then = |more: Vec<Ask>| accepted_last([full(), more].concat());
    let (size, expired) = ("AttachmentSetSizeLimitExceeded", "AttachmentSetExpired");
    assert_eq!(then(vec![]), Vec::<String>::new());
    assert_eq!(then(vec![add(Which::Made(0))]), [size]);
    // No document says which of two comes first.
    assert_eq!(then(vec![Ask::Wait(3_660), add(Which::Made(0))]), [expired, size]);
    // Nor when an expired set turns into an unknown one.
    let old = vec![add(Which::New), Ask::Wait(100_000), add(Which::Made(0))];
    assert_eq!(accepted_last(old), [expired]);
}

fn plain_file() -> attachset::draw::service::File {
    attachset::draw::service::File {
        name: None,
        data: attachset::draw::service::Data::Bytes(b"hello".to_vec()),
    }
}
