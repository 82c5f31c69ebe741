//! What is known of a client so far.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::alone::{Came, Trial};
use super::company::{Company, Tried};
use super::disguise::Disguises;
use super::drawing::{Drawing, Known};
use super::{Event, Options, Summary, Way};
use crate::draw::{Draw, Source};
use crate::fixture::Defect;
use crate::judge::Verdict;
use crate::runner::RunError;

/// The most draws that are kept to be changed.
const MOST_KEPT: usize = 4_096;
/// How often a way to fail is tried alone that has not failed there.
const MOST_TRIALS: usize = 8;
/// The same where the way is to hang.
const MOST_HANGS: usize = 2;
/// How often it is tried in vain before it is tried after what came before it.
const IN_VAIN: usize = 2;
/// How often it is tried that came to another way, in disguise.
const MOST_DISGUISES: usize = 3;

pub(super) struct Search {
    pub(super) drawing: Drawing,
    pub(super) summary: Summary,
    behaviours: HashSet<u64>,
    /// Ways to fail that are not confirmed.
    chances: BTreeMap<Way, Chances>,
    disguises: Disguises,
    /// A draw for each of those that is not found yet.
    others: BTreeMap<Way, Trial>,
    /// How many trials are under way.
    under_way: usize,
    ask: Option<Asked>,
    told: UnboundedReceiver<(Trial, Came)>,
}

/// Where failures are tried alone.
pub(super) struct Asked {
    pub(super) ask: UnboundedSender<Trial>,
    pub(super) ask_hanging: UnboundedSender<Trial>,
}

impl Asked {
    fn send(&self, trial: Trial) -> bool {
        let ask = if trial.way.0 == Defect::Hang { &self.ask_hanging } else { &self.ask };
        ask.send(trial).is_ok()
    }
}

/// The simplest draws of each round that show a way to fail.
#[derive(Default)]
struct Chances {
    seen: usize,
    disguised: usize,
    vain: usize,
    is_tried: bool,
    waiting: VecDeque<Trial>,
    /// The last that did not fail alone.
    failed: Option<Trial>,
}

impl Chances {
    /// Has what did not fail alone tried after what came before it.
    fn try_after(&mut self) {
        if let Some(trial) = self.failed.take() {
            self.waiting.push_front(Trial { is_after: true, ..trial });
        }
    }
}

impl Search {
    pub(super) fn new(options: &Options, ask: Asked, told: UnboundedReceiver<(Trial, Came)>) -> Self {
        let source = Arc::new(Source::new(options.seed, options.starts.clone()));
        Self {
            drawing: Drawing { source, guided: options.guided, known: Arc::default() },
            summary: Summary::default(),
            behaviours: HashSet::new(),
            chances: BTreeMap::new(),
            disguises: Disguises::default(),
            others: BTreeMap::new(),
            under_way: 0,
            ask: Some(ask),
            told,
        }
    }

    fn known(&mut self) -> &mut Known {
        Arc::make_mut(&mut self.drawing.known)
    }

    /// Takes what the draws of a round came to; those that hang.
    pub(super) fn take(&mut self, tried: Vec<Tried>, each: &mut impl FnMut(Event<'_>)) -> Vec<Arc<Draw>> {
        let mut hung = Vec::new();
        let mut simplest: BTreeMap<Way, Trial> = BTreeMap::new();
        let drawing = self.drawing.clone();
        for Tried { number, draw, verdict, ways, timed_out, broken, behaviours, before } in tried {
            self.summary.drawn += 1;
            self.summary.passed += u64::from(matches!(verdict, Verdict::Pass | Verdict::Tolerated));
            self.summary.failed += u64::from(!ways.is_empty());
            if let Some(run) = broken {
                self.summary.errors += 1;
                if self.summary.errors == 1 {
                    each(Event::Broken(run));
                }
            }
            let seen = self.behaviours.len();
            self.behaviours.extend(behaviours);
            self.summary.behaviours = self.behaviours.len();
            let is_new = self.behaviours.len() > seen;
            // Draws like one that takes time would take it, too.
            let takes_time = timed_out || draw.takes_time();
            if is_new && self.drawing.known.kept.len() < MOST_KEPT && !takes_time {
                self.known().kept.push(draw.clone());
            }
            if ways.iter().any(|(defect, _)| *defect == Defect::Hang) {
                hung.push(draw.clone());
            }
            for way in ways {
                if let Some(count) = self.summary.found.get_mut(&way) {
                    *count += 1;
                    continue;
                }
                *self.summary.unconfirmed.entry(way.clone()).or_default() += 1;
                let other = simplest.get(&way);
                if other.is_none_or(|other| draw.size() < other.draw.size()) {
                    let (draw, drawing, before) = (draw.clone(), drawing.clone(), before.clone());
                    let trial = Trial { way: way.clone(), number, draw, drawing, before, is_after: false };
                    simplest.insert(way, trial);
                }
            }
        }
        simplest.into_values().for_each(|trial| self.offer(trial));
        while let Ok((trial, came)) = self.told.try_recv() {
            self.tried(trial, came, each);
        }
        hung
    }

    /// Learns which sorts of twist make the client hang, so that they need not
    /// be drawn again.
    pub(super) async fn learn(&mut self, draw: &Draw, company: &mut Company) -> Result<(), RunError> {
        let kinds: Vec<_> = draw.kinds().collect();
        let is_known =
            self.drawing.known.hangs.iter().any(|hang| hang.iter().all(|kind| kinds.contains(kind)));
        if kinds.is_empty() || is_known {
            return Ok(());
        }
        let few = company.draws(draw.with_few_twists().into_iter());
        let tried = company.results(few).await?;
        let hangs = tried.iter().filter(|tried| tried.ways.iter().any(|(defect, _)| *defect == Defect::Hang));
        let mut hangs: Vec<Vec<_>> = hangs.map(|tried| tried.draw.kinds().collect()).collect();
        let fewest = hangs.iter().map(Vec::len).min().unwrap_or_default();
        hangs.retain(|kinds| kinds.len() == fewest && !kinds.is_empty());
        hangs.dedup();
        self.known().hangs.extend(hangs);
        Ok(())
    }

    /// Takes a failure to be tried alone, if that has not been done enough.
    fn offer(&mut self, trial: Trial) {
        let chances = self.chances.entry(trial.way.clone()).or_default();
        let most = if trial.way.0 == Defect::Hang { MOST_HANGS } else { MOST_TRIALS };
        if chances.seen < most && chances.disguised < MOST_DISGUISES {
            chances.seen += 1;
            chances.waiting.push_back(trial);
            self.go_on();
        }
    }

    /// Has one draw of each way tried at a time.
    fn go_on(&mut self) {
        for chances in self.chances.values_mut().filter(|chances| !chances.is_tried) {
            if let Some(ask) = &self.ask
                && let Some(trial) = chances.waiting.pop_front()
                && ask.send(trial)
            {
                chances.is_tried = true;
                self.under_way += 1;
            }
        }
    }

    /// Takes what a failure came to alone.
    fn tried(&mut self, trial: Trial, came: Came, each: &mut impl FnMut(Event<'_>)) {
        self.under_way -= 1;
        let is_new = |way: &Way, summary: &Summary| !summary.found.contains_key(way);
        match came {
            Came::Found(way, run, draw) => {
                if is_new(&way, &self.summary) {
                    each(Event::Found(&way, run, draw));
                    self.summary.found.insert(way.clone(), 0);
                }
                if way == trial.way {
                    self.chances.remove(&way);
                    let shown = self.summary.unconfirmed.remove(&way).unwrap_or_default();
                    *self.summary.found.entry(way).or_default() += shown;
                } else {
                    self.disguised(&trial.way, way);
                }
            }
            Came::Disguise(way, draw) => {
                self.disguised(&trial.way, way.clone());
                if is_new(&way, &self.summary) {
                    self.others.entry(way.clone()).or_insert(Trial {
                        way,
                        draw: draw.into(),
                        ..trial.clone()
                    });
                }
            }
            Came::Nothing => {
                if let Some(chances) = self.chances.get_mut(&trial.way) {
                    chances.failed = Some(trial.clone()).filter(|trial| !trial.is_after);
                    chances.vain += 1;
                    if chances.vain == IN_VAIN {
                        chances.try_after();
                    }
                }
            }
        }
        if let Some(chances) = self.chances.get_mut(&trial.way) {
            chances.is_tried = false;
        }
        self.go_on();
    }

    /// Notes that a way to fail was another; it is tried a few times more.
    fn disguised(&mut self, way: &Way, other: Way) {
        if let Some(chances) = self.chances.get_mut(way) {
            chances.disguised += 1;
            if chances.disguised >= MOST_DISGUISES {
                chances.waiting.clear();
            }
        }
        self.disguises.note(way.clone(), other);
    }

    /// Waits for what is still tried, and tries what is left: what a failure
    /// was in disguise, and what did not fail alone after the draws before it.
    pub(super) async fn finish(&mut self, each: &mut impl FnMut(Event<'_>)) {
        self.wait(each).await;
        for (way, chances) in &mut self.chances {
            if !self.disguises.contains(way) {
                chances.try_after();
            }
        }
        self.go_on();
        self.wait(each).await;
        // Each is simpler than what it was taken for, so there is an end to it.
        while !self.others.is_empty() {
            for (way, other) in std::mem::take(&mut self.others) {
                if !self.summary.found.contains_key(&way) {
                    self.chances.entry(way).or_default().waiting.push_back(other);
                }
            }
            self.go_on();
            self.wait(each).await;
        }
        self.ask = None;
        for way in self.disguises.ways() {
            let is_found = |way: &Way| self.summary.found.contains_key(way);
            if let Some(real) = self.disguises.real(way, is_found)
                && let Some(count) = self.summary.found.get_mut(real)
            {
                *count += self.summary.unconfirmed.remove(way).unwrap_or_default();
            }
        }
    }

    async fn wait(&mut self, each: &mut impl FnMut(Event<'_>)) {
        while self.under_way > 0
            && let Some((trial, came)) = self.told.recv().await
        {
            self.tried(trial, came, each);
        }
    }
}
