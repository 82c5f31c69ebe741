//! What to reply, and what has come: shared by all connections of a server.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::{Notify, watch};

use crate::fixture::{Fixture, RawReply};
use crate::transcript::{Exchange, Received, Transcript};
use crate::wire::Request;
use crate::wire::sender::Breach;
use crate::wire::sign::{Credentials, verify};

/// How many requests of a fixture are kept. Those beyond are served and
/// counted.
const MOST_KEPT: usize = 128;
/// Why a signature is not verified.
const UNREAD: &str = "the request was not read to its end";
/// What a request may have beyond what its call needs: heads, white space, and
/// escapes in small bodies.
const SLACK: u64 = 1 << 20;

/// What to reply, and what has come.
pub(super) struct Script {
    turn: Turn,
    state: Mutex<State>,
    pub(super) noted: Notify,
    /// Whether a client has connected in the present step.
    pub(super) contact: watch::Sender<bool>,
    /// The bytes that connections hold.
    held: Arc<AtomicU64>,
}

/// Who turns to the next step.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Turn {
    /// Whoever makes the calls.
    Told,
    /// The script itself, when all replies of a step are given; after the last
    /// step it starts again.
    Alone,
}

struct State {
    /// How many fixtures there were before.
    fixture: u64,
    credentials: Credentials,
    steps: Vec<Vec<Arc<RawReply>>>,
    step: usize,
    /// How many replies of each step have been given.
    given: Vec<usize>,
    start: Instant,
    /// The number of the first exchange that is still there.
    first: usize,
    exchanges: VecDeque<Exchange>,
    limits: Limits,
    /// The bytes of bodies in `exchanges`.
    kept: u64,
    beyond: Beyond,
}

/// How much a client may send in a fixture, in bytes.
#[derive(Clone, Copy, Default)]
struct Limits {
    /// In one body.
    body: u64,
    /// In all that is held at once.
    total: u64,
}

impl Limits {
    /// Three times the largest call: base64 adds a third, and a client may
    /// escape each character, or encode twice by mistake, which is shown. In
    /// all, each attempt may hold its call in base64 with room to spare.
    fn of(fixture: &Fixture) -> Self {
        let largest = fixture.steps.iter().map(|step| step.call.len()).max().unwrap_or_default();
        let body = largest.saturating_mul(3).saturating_add(SLACK);
        let total = fixture.sent().saturating_mul(2).saturating_add(body).saturating_add(SLACK);
        Self { body, total }
    }
}

/// What came beyond what is judged.
#[derive(Default)]
struct Beyond {
    /// Requests that were served, and not kept.
    more: u64,
    /// Connections that were ended because too much was held.
    ended: u64,
    /// Requests that were not the client's, and the first of them.
    foreign: Option<(u64, String)>,
}

/// The place of a request among all that came.
#[derive(Clone, Copy)]
pub(super) struct Place {
    fixture: u64,
    exchange: usize,
}

/// Bytes that one connection holds, counted for as long as this lives.
pub(super) struct Held {
    total: Arc<AtomicU64>,
    own: u64,
}

impl Held {
    fn set(&mut self, bytes: u64) -> u64 {
        let before = self.total.fetch_add(bytes.wrapping_sub(self.own), Ordering::Relaxed);
        let total = before.wrapping_add(bytes).wrapping_sub(self.own);
        self.own = bytes;
        total
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.set(0);
    }
}

impl State {
    fn new(fixture: u64, credentials: Credentials, steps: Vec<Vec<Arc<RawReply>>>, limits: Limits) -> Self {
        Self {
            fixture,
            credentials,
            given: vec![0; steps.len()],
            steps,
            step: 0,
            start: Instant::now(),
            first: 0,
            exchanges: VecDeque::new(),
            limits,
            kept: 0,
            beyond: Beyond::default(),
        }
    }

    /// How many replies of the present step have been given.
    fn given(&self) -> usize {
        self.given.get(self.step).copied().unwrap_or_default()
    }

    /// The replies of the present step.
    fn replies(&self) -> &[Arc<RawReply>] {
        self.steps.get(self.step).map(Vec::as_slice).unwrap_or_default()
    }

    fn exchange(&mut self, number: usize) -> Option<&mut Exchange> {
        self.exchanges.get_mut(number.checked_sub(self.first)?)
    }

    /// The remark on requests beyond those that are judged.
    fn remarks(&self) -> Vec<String> {
        let requests = |count: u64| if count == 1 { "1 request".into() } else { format!("{count} requests") };
        let mut remarks = Vec::new();
        if let Some((count, first)) = &self.beyond.foreign {
            remarks.push(format!(
                "{} with neither the access key nor the endpoint's host: not the client's, and not judged; \
                 the first was {first}",
                requests(*count)
            ));
        }
        if self.beyond.more > 0 {
            remarks.push(format!("more requests than the {MOST_KEPT} that are kept: {}", self.beyond.more));
        }
        if self.beyond.ended > 0 {
            let total = self.limits.total;
            remarks.push(format!(
                "connections that were ended because the client had sent more than {total} bytes: {}",
                self.beyond.ended
            ));
        }
        remarks
    }
}

impl Script {
    pub(super) fn new(credentials: Credentials, turn: Turn) -> Self {
        let state = State::new(0, credentials, Vec::new(), Limits::default());
        let contact = watch::Sender::new(false);
        Self { turn, state: state.into(), noted: Notify::new(), contact, held: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while it was held cannot leave the state half-changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn load(&self, fixture: &Fixture, credentials: Credentials) {
        let scripts =
            |step: &crate::fixture::Step| step.replies.iter().map(|of| of.script().into()).collect();
        let steps = fixture.steps.iter().map(scripts).collect();
        let mut state = self.state();
        *state = State::new(state.fixture + 1, credentials, steps, Limits::of(fixture));
    }

    pub(super) fn enter(&self, step: usize) {
        self.state().step = step;
        self.contact.send_replace(false);
    }

    /// What was seen of the fixture, its calls' outcomes left out.
    pub(super) fn finish(&self) -> Transcript {
        let mut state = self.state();
        let remarks = state.remarks();
        state.beyond = Beyond::default();
        state.kept = 0;
        state.first += state.exchanges.len();
        Transcript { exchanges: std::mem::take(&mut state.exchanges).into(), ends: Vec::new(), remarks }
    }

    /// The access key that a client's own requests carry; none where whoever
    /// looks at a server by hand may send what they like.
    pub(super) fn access_key(&self) -> Option<String> {
        (self.turn == Turn::Told).then(|| self.state().credentials.access_key_id.clone())
    }

    /// Counts a request that is not the client's.
    pub(super) fn turn_away(&self, described: impl FnOnce() -> String) {
        let mut state = self.state();
        state.beyond.foreign.get_or_insert_with(|| (0, described())).0 += 1;
    }

    /// Notes that a request is coming; gives its place, if it is kept, and the
    /// script of the reply to it. The last reply of a step repeats.
    pub(super) fn begin(&self) -> (Option<Place>, Arc<RawReply>) {
        self.contact.send_replace(true);
        let mut state = self.state();
        if self.turn == Turn::Alone && state.given() >= state.replies().len() {
            state.step += 1;
            if state.step >= state.steps.len() {
                state.step = 0;
                state.given.fill(0);
            }
        }
        let (step, before, at) = (state.step, state.given(), state.start.elapsed());
        if let Some(given) = state.given.get_mut(step) {
            *given += 1;
        }
        let index = before.min(state.replies().len().saturating_sub(1));
        // The loader refuses a step without replies.
        let reply = state.replies().get(index).cloned().unwrap_or_default();
        if state.exchanges.len() >= MOST_KEPT {
            state.beyond.more += 1;
            return (None, reply);
        }
        state.exchanges.push_back(Exchange {
            step,
            reply: index,
            request: Request::default(),
            body: Received::Part,
            breaches: Vec::new(),
            signature: Err(UNREAD.into()),
            at,
        });
        let exchange = state.first + state.exchanges.len() - 1;
        (Some(Place { fixture: state.fixture, exchange }), reply)
    }

    /// Takes a request out that has been read, or was to have been by now.
    pub(super) fn take(&self, number: usize, patience: Duration) -> Option<Exchange> {
        let mut state = self.state();
        let now = state.start.elapsed();
        let exchange = state.exchange(number)?;
        let is_due = exchange.body != Received::Part || now.saturating_sub(exchange.at) >= patience;
        let taken = is_due.then(|| Exchange {
            request: std::mem::take(&mut exchange.request),
            body: exchange.body.clone(),
            breaches: exchange.breaches.clone(),
            signature: exchange.signature.clone(),
            ..*exchange
        })?;
        state.kept = state.kept.saturating_sub(taken.request.body.len() as u64);
        // Nobody asks for the end of a server that goes on forever.
        while self.turn == Turn::Alone && state.first <= number {
            state.exchanges.pop_front();
            state.first += 1;
        }
        Some(taken)
    }

    /// Notes a rule on senders that a request breaks.
    pub(super) fn breaks(&self, place: Option<Place>, breach: Breach) {
        let Some(place) = place else { return };
        let mut state = self.state();
        if state.fixture == place.fixture
            && let Some(exchange) = state.exchange(place.exchange)
            && !exchange.breaches.contains(&breach)
        {
            exchange.breaches.push(breach);
        }
    }

    /// Notes what a request was.
    pub(super) fn note(&self, place: Option<Place>, request: Request, body: Received) {
        let Some(place) = place else { return };
        let signature = match body {
            Received::Whole => {
                let credentials = self.state().credentials.clone();
                verify(&request, &credentials, SystemTime::now()).map_err(|error| error.to_string())
            }
            _ => Err(UNREAD.into()),
        };
        let mut state = self.state();
        // What is still read of a request after its fixture's end is nothing to the next.
        if state.fixture == place.fixture
            && let Some(exchange) = state.exchange(place.exchange)
        {
            let bytes = request.body.len() as u64;
            exchange.request = request;
            exchange.body = body;
            exchange.signature = signature;
            state.kept += bytes;
        }
        drop(state);
        self.noted.notify_waiters();
    }

    /// The longest body that is read, in bytes.
    pub(super) fn longest_body(&self) -> u64 {
        self.state().limits.body
    }

    pub(super) fn holder(&self) -> Held {
        Held { total: self.held.clone(), own: 0 }
    }

    /// Counts what a connection holds; whether there is room for it.
    pub(super) fn hold(&self, held: &mut Held, bytes: u64) -> bool {
        let total = held.set(bytes);
        let mut state = self.state();
        let fits = state.kept.saturating_add(total) <= state.limits.total;
        state.beyond.ended += u64::from(!fits);
        fits
    }
}
