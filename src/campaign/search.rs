//! What is known of a subject so far.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::alias::Aliases;
use super::confirm::{Candidate, Confirmation, Confirmed};
use super::pool::Pool;
use super::{Case, Event, Gone, Subject, Summary, Tried};
use crate::fixture::Defect;
use crate::judge::{FindingId, Verdict};
use crate::runner::RunError;

/// How often a failure is confirmed in vain before its case runs after those that
/// came before it.
const IN_VAIN: usize = 2;

pub(super) struct Search<S: Subject> {
    subject: Arc<S>,
    pub(super) known: Arc<S::Known>,
    pub(super) summary: Summary,
    /// How the subject was lost.
    pub(super) gone: Option<Gone<S::Case>>,
    /// How many cases that hang were confirmed, or are to be.
    hanging: usize,
    behaviours: HashSet<u64>,
    /// Failures that are not confirmed.
    open: BTreeMap<FindingId, Open<S::Case>>,
    aliases: Aliases,
    /// A case for each failure that showed first when another was minimized.
    others: BTreeMap<FindingId, Candidate<S::Case>>,
    /// How many candidates are being confirmed.
    under_way: usize,
    /// Where candidates are confirmed, and where those that hang.
    ask: Option<[UnboundedSender<Candidate<S::Case>>; 2]>,
    told: UnboundedReceiver<Confirmed<S::Case>>,
}

/// The simplest cases of each round that fail in one way.
struct Open<C: Case> {
    seen: usize,
    aliased: usize,
    in_vain: usize,
    is_under_way: bool,
    waiting: VecDeque<Candidate<C>>,
    /// The last that did not fail by itself.
    failed: Option<Candidate<C>>,
}

impl<C: Case> Default for Open<C> {
    fn default() -> Self {
        Self { seen: 0, aliased: 0, in_vain: 0, is_under_way: false, waiting: VecDeque::new(), failed: None }
    }
}

impl<C: Case> Open<C> {
    /// Has what did not fail by itself run after what came before it.
    fn try_after(&mut self) {
        if let Some(candidate) = self.failed.take() {
            self.waiting.push_front(Candidate { is_after: true, ..candidate });
        }
    }
}

impl<S: Subject> Search<S> {
    pub(super) fn new(
        subject: Arc<S>,
        ask: [UnboundedSender<Candidate<S::Case>>; 2],
        told: UnboundedReceiver<Confirmed<S::Case>>,
    ) -> Self {
        Self {
            subject,
            known: Arc::default(),
            summary: Summary::default(),
            gone: None,
            hanging: 0,
            behaviours: HashSet::new(),
            open: BTreeMap::new(),
            aliases: Aliases::default(),
            others: BTreeMap::new(),
            under_way: 0,
            ask: Some(ask),
            told,
        }
    }

    /// Takes what the cases of a round came to; those that hang.
    pub(super) fn take(
        &mut self,
        tried: Vec<Tried<S::Case>>,
        each: &mut impl FnMut(Event<'_, S::Case>),
    ) -> Vec<Arc<S::Case>> {
        let mut hung = Vec::new();
        let mut candidates: BTreeMap<FindingId, Vec<Candidate<S::Case>>> = BTreeMap::new();
        for Tried { case, verdict, failures, behaviours, is_quick, run, before } in tried {
            self.summary.cases += 1;
            self.summary.passed += u64::from(matches!(verdict, Verdict::Pass | Verdict::Tolerated));
            self.summary.failed += u64::from(!failures.is_empty());
            let run = match run {
                Some(run) if verdict == Verdict::Error => {
                    self.summary.errors += 1;
                    if self.summary.errors == 1 {
                        each(Event::Broken(run));
                    }
                    None
                }
                run => run,
            };
            let seen = self.behaviours.len();
            self.behaviours.extend(behaviours);
            self.summary.behaviours = self.behaviours.len();
            if self.behaviours.len() > seen && is_quick {
                self.subject.keep(Arc::make_mut(&mut self.known), &case);
            }
            if failures.iter().any(|id| id.defect == Defect::Hang) {
                hung.push(case.clone());
            }
            let run = run.map(Arc::new);
            for id in failures {
                if let Some(count) = self.summary.found.get_mut(&id) {
                    *count += 1;
                    continue;
                }
                *self.summary.unconfirmed.entry(id.clone()).or_default() += 1;
                let candidate = Candidate {
                    id: id.clone(),
                    case: case.clone(),
                    before: before.clone(),
                    is_after: false,
                    run: run.clone(),
                };
                candidates.entry(id).or_default().push(candidate);
            }
        }
        for mut simplest in candidates.into_values() {
            simplest.sort_by_key(|candidate| candidate.case.cost());
            simplest.truncate(S::LIMITS.candidates);
            simplest.into_iter().for_each(|candidate| self.offer(candidate));
        }
        while let Ok((candidate, confirmation)) = self.told.try_recv() {
            self.tried(candidate, confirmation, each);
        }
        hung
    }

    /// Learns what makes the subject hang, so that it need not be generated again.
    pub(super) async fn learn(&mut self, case: &S::Case, pool: &Pool<S>) -> Result<(), RunError> {
        let suspects = self.subject.suspects(&self.known, case);
        if !suspects.is_empty() {
            let tried = pool.results(pool.cases(suspects)).await?;
            let hangs = |tried: &Tried<S::Case>| tried.failures.iter().any(|id| id.defect == Defect::Hang);
            let hung: Vec<_> = tried.into_iter().filter(hangs).map(|tried| tried.case).collect();
            self.subject.avoid(Arc::make_mut(&mut self.known), &hung);
        }
        Ok(())
    }

    /// Takes a candidate to be confirmed, if that has not been done enough.
    fn offer(&mut self, candidate: Candidate<S::Case>) {
        let limits = S::LIMITS;
        let open = self.open.entry(candidate.id.clone()).or_default();
        let hangs = candidate.id.defect == Defect::Hang;
        let most = if hangs { limits.hang_trials } else { limits.trials };
        let is_enough =
            open.seen >= most || open.aliased >= limits.aliases || hangs && self.hanging >= limits.hangs;
        if !is_enough {
            open.seen += 1;
            self.hanging += usize::from(hangs);
            open.waiting.push_back(candidate);
            self.go_on();
        }
    }

    /// Has one candidate of each failure confirmed at a time.
    fn go_on(&mut self) {
        for open in self.open.values_mut().filter(|open| !open.is_under_way) {
            if let Some([ask, ask_hanging]) = &self.ask
                && let Some(candidate) = open.waiting.pop_front()
            {
                let ask = if candidate.id.defect == Defect::Hang { ask_hanging } else { ask };
                if ask.send(candidate).is_ok() {
                    open.is_under_way = true;
                    self.under_way += 1;
                }
            }
        }
    }

    /// Takes what a candidate came to.
    fn tried(
        &mut self,
        candidate: Candidate<S::Case>,
        confirmation: Confirmation<S::Case>,
        each: &mut impl FnMut(Event<'_, S::Case>),
    ) {
        self.under_way -= 1;
        match confirmation {
            Confirmation::Found(id, run, shown) => {
                if !self.summary.found.contains_key(&id) {
                    self.subject.found(&id);
                    each(Event::Found(&id, run, shown));
                    self.summary.found.insert(id.clone(), 0);
                }
                if id == candidate.id {
                    self.open.remove(&id);
                    let shown = self.summary.unconfirmed.remove(&id).unwrap_or_default();
                    *self.summary.found.entry(id).or_default() += shown;
                } else {
                    self.aliased(&candidate.id, id);
                }
            }
            Confirmation::Alias(id, case) => {
                self.aliased(&candidate.id, id.clone());
                if !self.summary.found.contains_key(&id) {
                    let other = Candidate { id: id.clone(), case: case.into(), ..candidate.clone() };
                    self.others.entry(id).or_insert(other);
                }
            }
            Confirmation::Nothing => {
                if let Some(open) = self.open.get_mut(&candidate.id) {
                    open.failed = Some(candidate.clone()).filter(|candidate| !candidate.is_after);
                    open.in_vain += 1;
                    if open.in_vain == IN_VAIN {
                        open.try_after();
                    }
                }
            }
            Confirmation::Gone(gone) => {
                self.gone.get_or_insert(gone);
                self.open.clear();
            }
        }
        if let Some(open) = self.open.get_mut(&candidate.id) {
            open.is_under_way = false;
        }
        self.go_on();
    }

    /// Notes that a failure was another; it is confirmed a few times more.
    fn aliased(&mut self, id: &FindingId, other: FindingId) {
        if let Some(open) = self.open.get_mut(id) {
            open.aliased += 1;
            if open.aliased >= S::LIMITS.aliases {
                open.waiting.clear();
            }
        }
        self.aliases.note(id.clone(), other);
    }

    /// Waits for what is being confirmed, and confirms what is left: what a failure
    /// turned out to be, and what did not fail by itself.
    pub(super) async fn finish(&mut self, each: &mut impl FnMut(Event<'_, S::Case>)) {
        self.wait(each).await;
        for (id, open) in &mut self.open {
            if !self.aliases.contains(id) {
                open.try_after();
            }
        }
        self.go_on();
        self.wait(each).await;
        // Each is simpler than what it was taken for, so there is an end to it.
        while !self.others.is_empty() {
            for (id, other) in std::mem::take(&mut self.others) {
                if !self.summary.found.contains_key(&id) {
                    self.open.entry(id).or_default().waiting.push_back(other);
                }
            }
            self.go_on();
            self.wait(each).await;
        }
        self.ask = None;
        for id in self.aliases.ids() {
            let is_found = |id: &FindingId| self.summary.found.contains_key(id);
            if let Some(real) = self.aliases.real(id, is_found)
                && let Some(count) = self.summary.found.get_mut(real)
            {
                *count += self.summary.unconfirmed.remove(id).unwrap_or_default();
            }
        }
    }

    /// Waits until nothing is being confirmed.
    pub(super) async fn wait(&mut self, each: &mut impl FnMut(Event<'_, S::Case>)) {
        while self.under_way > 0
            && let Some((candidate, confirmation)) = self.told.recv().await
        {
            self.tried(candidate, confirmation, each);
        }
    }
}
