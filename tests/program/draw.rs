//! Draws: each is a fixture that loads, whatever is left out of it.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::sync::Arc;

use attachset::draw::{self, Draw, Mutation, Source};
use attachset::fixture::{Action, Defect, Fixture, Reply, Set};
use attachset::model::Operation;

use crate::common::is_whole;

fn source(seed: u64) -> Source {
    let start = "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}";
    Source::new(seed, vec![Arc::from(start.as_bytes())])
}

/// Fixtures as `fuzz --save` writes them.
#[derive(Default)]
struct FindingStore(BTreeMap<String, Fixture>);

impl FindingStore {
    fn put(&mut self, drawn: &Draw, fixture: Fixture) {
        let described =
            draw::described(&fixture, drawn, Defect::FalseError, "user.contact", "Something holds.");
        let id = format!("found/{}", self.0.len());
        self.0.insert(id.clone(), Fixture { id, ..described });
    }

    /// They load as `validate --fixtures` reads them.
    fn loads(self) {
        let file = |(id, fixture): (&String, &Fixture)| {
            (format!("client/{id}.json"), serde_json::to_vec(fixture).unwrap())
        };
        let mut files: BTreeMap<_, _> = self.0.iter().map(file).collect();
        files.insert("requirements.json".into(), Set::files()["requirements.json"].clone());
        let set = Set::read(files, true).unwrap();
        assert_eq!(set.client, self.0.into_values().collect::<Vec<_>>());
    }
}

#[test]
fn every_draw_loads_and_so_does_each_simpler_one() {
    let source = source(1);
    let (mut kept, mut store) = (Vec::new(), FindingStore::default());
    for number in 0..if is_whole() { 400 } else { 100 } {
        let drawn = source.draw(number, &kept);
        let fixture = draw::fixture(&drawn);
        store.put(&drawn, draw::readable(&fixture));
        if number % 20 == 0 {
            for simpler in drawn.simpler() {
                store.put(&simpler, draw::fixture(&simpler));
            }
            kept.push(Arc::new(drawn.clone()));
            for simpler in draw::simpler(&fixture, true).into_iter().take(30) {
                store.put(&drawn, simpler);
            }
        }
        store.put(&drawn, fixture);
    }
    store.loads();
}

#[test]
fn the_seed_and_the_number_fix_a_draw() {
    let (one, same, other) = (source(1), source(1), source(2));
    let all = |source: &Source| (0..100).map(|number| source.draw(number, &[])).collect::<Vec<_>>();
    assert_eq!(all(&one), all(&same));
    assert_ne!(all(&one), all(&other));
}

/// What a client misreads of one draw is nothing to the next.
#[test]
fn nothing_follows_what_bears_on_where_an_answer_ends() {
    let (source, mut kept, mut ended) = (source(1), Vec::new(), 0);
    for number in 0..1_000 {
        let drawn = source.draw(number, &kept);
        let mutations = drawn.exchanges.iter().flat_map(|exchange| &exchange.mutations);
        let lasts: Vec<_> = mutations.filter(|mutation| **mutation == Mutation::Last).collect();
        assert_eq!(lasts.len(), usize::from(drawn.is_of_framing()), "{drawn:?}");
        if drawn.is_of_framing() {
            ended += 1;
            let fixture = draw::fixture(&drawn);
            let Some(Reply::Raw(reply)) = fixture.steps.last().unwrap().replies.last() else {
                panic!("{fixture:?}")
            };
            let ends = [Action::Close, Action::Reset, Action::Hang];
            assert!(ends.contains(reply.raw.last().unwrap()), "{drawn:?}");
        }
        if number % 20 == 0 {
            kept.push(Arc::new(drawn));
        }
    }
    assert!(ended > 100, "{ended} of them");
}

/// Who does not know the coding for a tab beside it waits for the connection's
/// end, which must come.
#[test]
fn the_connection_ends_where_a_tab_hides_how_long_an_answer_is() {
    use attachset::oracle::{Answer, message};
    let is_hidden = |reply: &Reply| match message::read(&Answer::of(reply, 2_000)) {
        message::Arrived::Message(message) => {
            message.features.chunked && message.features.tabs && message.whole
        }
        _ => false,
    };
    let ends = |reply: &Reply| {
        let Reply::Raw(reply) = reply else { return false };
        [Action::Close, Action::Reset].iter().any(|end| reply.raw.last() == Some(end))
    };
    let (source, mut hidden) = (source(1), 0);
    let mutations = |drawn: &Draw, of: fn(&Mutation) -> bool| {
        drawn.exchanges.iter().any(|exchange| exchange.mutations.iter().any(of))
    };
    for number in 0..if is_whole() { 40_000 } else { 10_000 } {
        let mut drawn = source.draw(number, &[]);
        let may_be_hidden = mutations(&drawn, |mutation| matches!(mutation, Mutation::Padded(..)))
            && mutations(&drawn, |mutation| matches!(mutation, Mutation::Framed(_)));
        if !may_be_hidden {
            continue;
        }
        drawn.exchanges.iter_mut().for_each(|exchange| exchange.mutations.retain(|of| *of != Mutation::Last));
        let replies = draw::fixture(&drawn).steps.into_iter().flat_map(|step| step.replies);
        for reply in replies.filter(is_hidden) {
            hidden += 1;
            assert!(ends(&reply), "{drawn:?}");
        }
    }
    assert!(hidden > 0, "{hidden} of them");
}

/// A client may use a connection again that is closed with no word of it.
#[test]
fn a_simpler_fixture_still_says_that_the_connection_closes_before_another_call() {
    let closes = |fixture: &Fixture| {
        let (_, before) = fixture.steps.split_last().unwrap();
        let closed = |reply: &Reply| match reply {
            Reply::Raw(reply) => reply.raw.last() == Some(&Action::Close),
            Reply::Http(_) => false,
        };
        let says = |reply: &Reply| {
            let Reply::Raw(reply) = reply else { return false };
            let sent = reply.raw.iter().map(|action| match action {
                Action::Send(body) => String::from_utf8_lossy(&body.to_bytes()).to_ascii_lowercase(),
                _ => String::new(),
            });
            let sent: String = sent.collect();
            sent.lines().any(|line| line.starts_with("connection:") && line.trim_end().ends_with("close"))
        };
        let replies: Vec<_> = before.iter().filter_map(|step| step.replies.last()).collect();
        let (closed, says) =
            (replies.iter().filter(|reply| closed(reply)), replies.iter().filter(|of| says(of)));
        (closed.count(), says.count())
    };
    let (source, mut seen) = (source(1), 0);
    for number in 0..1_000 {
        let fixture = draw::fixture(&source.draw(number, &[]));
        let (closed, says) = closes(&fixture);
        if says == 0 || closed != says {
            continue;
        }
        seen += 1;
        for simpler in draw::simpler(&fixture, true) {
            let (closed, says) = closes(&simpler);
            assert_eq!(closed, says, "{}", serde_json::to_string(&simpler).unwrap());
        }
    }
    assert!(seen > 2, "{seen} of them");
}

/// A plain draw of which nothing is left out is what the fixture says.
#[test]
fn shrinking_ends_at_the_plainest_draw() {
    let source = source(3);
    for number in 0..50 {
        let mut drawn = source.draw(number, &[]);
        while let Some(simpler) = drawn.simpler().into_iter().next() {
            drawn = simpler;
        }
        let fixture = draw::readable(&draw::fixture(&drawn));
        let [step] = fixture.steps.as_slice() else { panic!("{fixture:?}") };
        assert!(matches!(&step.replies[..], [Reply::Http(reply)] if reply.status == 200));
    }
}

/// What a failure is charged to depends on it: a client that fails at a name, in
/// escapes or with a namespace, does not fail at these.
#[test]
fn what_is_written_plainly_is_simpler() {
    use attachset::model::Exception;
    use attachset::oracle::name::Place;
    let is_plainer = |before: &Mutation, after: &Mutation| match (before, after) {
        (Mutation::Names(before), Mutation::Names(after)) => {
            let cut = |(_, name): &(Place, String)| !name.contains(['#', ':']);
            before.len() == after.len() && !before.iter().all(cut) && after.iter().all(cut)
        }
        (Mutation::AlsoNames(_, before), Mutation::AlsoNames(_, after)) => {
            Exception::from_code(before).is_none() && after == "AttachmentSetIdNotFound"
        }
        (Mutation::Value(_, Some(before)), Mutation::Value(_, Some(after))) => {
            before.contains("\\u00") && !after.contains("\\u00")
        }
        // Whatever such a member says, any value of its type may do.
        (Mutation::Member { value: before, .. }, Mutation::Member { value: after, .. }) => {
            before != after && ["\"a\"", "[1]", "{\"a\":1}", "1"].contains(&after.as_str())
        }
        _ => false,
    };
    let (mut names, mut others, mut texts, mut members) = (0, 0, 0, 0);
    for number in 0..if is_whole() { 3_000 } else { 750 } {
        let drawn = source(1).draw(number, &[]);
        for simpler in drawn.simpler() {
            // Where a mutation is left out, the others are not each other's.
            let pairs = drawn.exchanges.iter().zip(&simpler.exchanges);
            let as_many = pairs.filter(|(a, b)| a.mutations.len() == b.mutations.len());
            for (before, after) in as_many.flat_map(|(a, b)| a.mutations.iter().zip(&b.mutations)) {
                if is_plainer(before, after) {
                    names += usize::from(matches!(before, Mutation::Names(_)));
                    others += usize::from(matches!(before, Mutation::AlsoNames(..)));
                    texts += usize::from(matches!(before, Mutation::Value(..)));
                    members += usize::from(matches!(before, Mutation::Member { .. }));
                }
            }
        }
    }
    let counts = [names, others, texts, members];
    assert!(counts.iter().all(|count| *count > 3), "{counts:?}");
}

/// A draw of one call, whose answer is given whole.
fn whole(answer: &str, mutations: Vec<Mutation>) -> Draw {
    let mut drawn = source(1).draw(1, &[]);
    drawn.exchanges.truncate(1);
    drawn.exchanges[0].failures = Vec::new();
    drawn.exchanges[0].start = draw::Start::Bytes(Arc::from(answer.as_bytes()));
    drawn.exchanges[0].mutations = mutations;
    drawn
}

/// RFC 9112 section 9.6: nothing may follow what says so.
#[test]
fn an_interim_answer_does_not_say_that_the_connection_closes() {
    let start = "HTTP/1.1 102 A\r\n\r\nHTTP/1.1 103 B\r\n\r\nHTTP/1.1 200 C\r\nContent-Length: 2\r\n\r\n{}";
    let drawn = whole(start, vec![Mutation::Last]);
    let Reply::Raw(reply) = &draw::fixture(&drawn).steps[0].replies[0] else { panic!() };
    let [Action::Send(sent), Action::Close] = reply.raw.as_slice() else { panic!("{reply:?}") };
    let sent = String::from_utf8(sent.to_bytes()).unwrap();
    assert_eq!(sent, start.replace(" C\r\n", " C\r\nConnection: close\r\n"));
}

#[test]
fn a_simpler_fixture_does_not_wait_where_the_failure_did_not() {
    let start = "HTTP/1.1 200 A\r\nX-A: b\r\nContent-Length: 2\r\n\r\n{}";
    let drawn = whole(start, Vec::new());
    let simpler = draw::simpler(&draw::fixture(&drawn), true);
    assert!(simpler.len() > 1);
    assert!(simpler.iter().all(|simpler| simpler.needs.is_empty()));
}

/// What fuzzing the reference found in the oracle: RFC 9112 section 6.3 has the
/// rule for answers without a body before those for lengths.
#[test]
fn an_answer_without_a_body_may_state_any_length() {
    use attachset::oracle::{Answer, End, Pace, rule};
    let bytes = b"HTTP/1.1 204 No Content\r\nContent-Length: \r\n\r\n".to_vec();
    let ruling = rule(
        Operation::AddAttachmentsToSet.shape(),
        &Answer { bytes, end: End::Closed, pace: Pace::AtOnce, early: false },
    );
    assert_eq!(ruling.level, attachset::fixture::Level::May, "{}", ruling.says);
}

/// What fuzzing the reference found in the oracle: RFC 9112 section 6.3 has a
/// transfer coding override a length, and speaks of invalid lengths without one.
#[test]
fn a_length_beside_chunks_may_be_invalid() {
    use attachset::oracle::{Answer, End, Pace, rule};
    let bytes =
        b"HTTP/1.1 200 OK\r\nContent-Length:\" 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    let ruling = rule(
        Operation::AddAttachmentsToSet.shape(),
        &Answer { bytes: bytes.to_vec(), end: End::Closed, pace: Pace::AtOnce, early: false },
    );
    assert_eq!(ruling.level, attachset::fixture::Level::May, "{}", ruling.says);
}

/// The plainest answer for a requirement leaves open no other reason to fail.
#[test]
fn the_plainest_answers_are_about_one_thing() {
    use attachset::fixture::Defect;
    let requirements = [
        "protocol.error-type-header",
        "protocol.error-type-code",
        "protocol.error-unmodelled",
        "protocol.error-sanitize",
        "user.code-not-lost",
    ];
    for requirement in requirements {
        let fixture = draw::fixture(&draw::plainest(requirement).unwrap());
        assert_eq!(fixture.charges.get(&Defect::LostCode).map(String::as_str), Some(requirement));
        assert!(fixture.otherwise.is_empty(), "{requirement}: {:?}", fixture.otherwise);
    }
    let cut = draw::fixture(&draw::plainest("http.incomplete-message").unwrap());
    assert_eq!(cut.charges[&Defect::FalseSuccess], "http.incomplete-message");
    assert!(cut.otherwise.is_empty());
    assert!(draw::plainest("http.chunked").is_none());
}
