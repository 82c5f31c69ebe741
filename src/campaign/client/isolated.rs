//! Cases in isolation: on a server of their own where it matters.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;

use super::super::confirm::{Confirmation, Isolated};
use super::super::minimize::{Budget, minimized};
use super::super::{Case, Until};
use super::{behaviour, failures, fast, server};
use crate::client::Client;
use crate::draw::{self, Draw};
use crate::fixture::{DateIs, Defect, Fixture, Reply};
use crate::judge::FindingId;
use crate::replay::Replay;
use crate::runner::{self, Run, RunError};
use crate::transcript::End;

/// The requirement that is violated where something of one call shows in another.
const CARRIED: &str = "user.no-leak";
/// The requirement that is violated where an old response sets a client's clock.
const AGE: &str = "http.age";
/// The id of a finding's fixture as long as it has no name.
const NAME: &str = "found/case";

/// Runs one fixture after another.
pub(crate) struct Isolation<C, S> {
    start: Arc<S>,
    options: runner::Options,
    minimizes: bool,
    until: Until,
    replay: Option<Replay>,
    /// Whether a failure may leave something on the connection.
    is_of_framing: bool,
    client: Option<C>,
    /// Whether the client violates requirements where nothing else could be the
    /// reason, as far as that was tried.
    plain: BTreeMap<String, bool>,
    /// Failures that were others with a fresh client, too.
    aliases: BTreeSet<(FindingId, FindingId)>,
    found: BTreeSet<FindingId>,
}

impl<C, S, F> Isolated for Isolation<C, S>
where
    C: Client,
    S: Fn() -> F,
    F: Future<Output = Result<C, String>>,
{
    type Case = Draw;
    type Failure = FindingId;

    /// A hang must be none of this program's impatience: to minimize one takes
    /// long.
    async fn failure(&mut self, case: &Draw, id: &FindingId) -> Result<Option<FindingId>, RunError> {
        self.replay = None;
        self.is_of_framing = case.is_of_framing();
        let fails = self.fails(case, id).await?
            && (id.defect != Defect::Hang || self.confirmed(draw::fixture(case), id).await?.is_some());
        Ok(fails.then(|| id.clone()))
    }

    async fn fails(&mut self, case: &Draw, failure: &FindingId) -> Result<bool, RunError> {
        Ok(self.failures(draw::fixture(case)).await?.contains(failure))
    }

    async fn conclude(
        &mut self,
        simplest: Draw,
        first: &Draw,
        id: FindingId,
        budget: &mut Budget,
    ) -> Result<Confirmation<Draw>, RunError> {
        // Whatever the time is: what a failure is attributed to depends on it.
        if id.defect != Defect::Hang
            && self.minimizes
            && let Some((other, simpler)) = self.alias(&simplest, &id).await?
        {
            return Ok(Confirmation::Alias(other, simpler));
        }
        let bytes = simplest.is_of_bytes();
        let simpler = |fixture: &Fixture| draw::simpler(fixture, bytes);
        let fails = async |fixture: &Fixture| Ok(self.failures(fixture.clone()).await?.contains(&id));
        let fixture = minimized(draw::fixture(&simplest), simpler, budget, fails).await?;
        let all = [draw::readable(&fixture), fixture, draw::fixture(&simplest), draw::fixture(first)];
        for (fixture, draw) in all.into_iter().zip([&simplest, &simplest, &simplest, first]) {
            // What fails after another call alone is not about what it is itself.
            let (id, fixture) = match fixture.steps.len() {
                1 => self.attributed(&id, fixture).await?,
                _ if id.requirement == AGE => (id.clone(), fixture),
                _ => {
                    let carried = FindingId { requirement: CARRIED.into(), ..id.clone() };
                    (carried, draw::about_the_last(&fixture, id.defect, CARRIED))
                }
            };
            if let Some(run) = self.confirmed(fixture, &id).await? {
                self.found.insert(id.clone());
                return Ok(Confirmation::Found(id, run, draw.clone()));
            }
        }
        Ok(Confirmation::Nothing)
    }
}

impl<C, S, F> Isolation<C, S>
where
    C: Client,
    S: Fn() -> F,
    F: Future<Output = Result<C, String>>,
{
    pub(super) fn new(start: Arc<S>, options: runner::Options, minimizes: bool, until: Until) -> Self {
        Self {
            start,
            options,
            minimizes,
            until,
            replay: None,
            is_of_framing: false,
            client: None,
            plain: BTreeMap::new(),
            aliases: BTreeSet::new(),
            found: BTreeSet::new(),
        }
    }

    /// Another failure that shows with something left out.
    async fn alias(&mut self, case: &Draw, id: &FindingId) -> Result<Option<(FindingId, Draw)>, RunError> {
        let ends = self.run(draw::fixture(case)).await?.transcript.ends;
        for simpler in Case::simpler(case) {
            if self.until.is_stopped() {
                break;
            }
            let Some(other) = self.other(&simpler, id, &ends).await? else { continue };
            if self.found.contains(&other) || self.aliases.contains(&(id.clone(), other.clone())) {
                return Ok(Some((other, simpler)));
            }
            self.client = None;
            if let Some(other) = self.other(&simpler, id, &ends).await? {
                self.aliases.insert((id.clone(), other.clone()));
                return Ok(Some((other, simpler)));
            }
        }
        Ok(None)
    }

    /// Another failure of a case: with the same defect, or one that violates
    /// another requirement while the client does the same as it did before.
    async fn other(
        &mut self,
        case: &Draw,
        id: &FindingId,
        ends: &[End],
    ) -> Result<Option<FindingId>, RunError> {
        let run = self.run(draw::fixture(case)).await?;
        let is_same = behaviour::is_same(&run.transcript.ends, ends);
        let is_other =
            |other: &FindingId| other.defect == id.defect || (is_same && other.requirement != id.requirement);
        Ok(failures(&run).into_iter().find(is_other))
    }

    /// What a failure is attributed to, where the fixture alone leaves that open:
    /// the plainest requirement that the client violates where nothing else could
    /// be the reason, or the last.
    async fn attributed(
        &mut self,
        id: &FindingId,
        mut fixture: Fixture,
    ) -> Result<(FindingId, Fixture), RunError> {
        let FindingId { defect, mut requirement } = id.clone();
        for next in fixture.otherwise.remove(&defect).unwrap_or_default() {
            if self.violates(&requirement).await? {
                break;
            }
            requirement = next;
        }
        fixture.charges.insert(defect, requirement.clone());
        Ok((FindingId { defect, requirement }, fixture))
    }

    /// Whether the client violates a requirement in the plainest response for it.
    async fn violates(&mut self, requirement: &str) -> Result<bool, RunError> {
        if let Some(known) = self.plain.get(requirement) {
            return Ok(*known);
        }
        let violates = match draw::plainest(requirement) {
            Some(case) => {
                let failures = self.failures(draw::fixture(&case)).await?;
                // What is closed without a word is not for the next.
                self.replay = None;
                !failures.is_empty()
            }
            None => false,
        };
        self.plain.insert(requirement.into(), violates);
        Ok(violates)
    }

    async fn failures(&mut self, fixture: Fixture) -> Result<BTreeSet<FindingId>, RunError> {
        Ok(failures(&self.run(fixture).await?))
    }

    /// Runs a fixture; the server and the client stay.
    async fn run(&mut self, fixture: Fixture) -> Result<Run, RunError> {
        let replay = match &self.replay {
            Some(replay) => replay,
            None => self.replay.insert(server()?),
        };
        replay.load(&fixture, runner::credentials(&fixture));
        let options = fast(self.options);
        // On the heap: a search holds many of these inside of one another.
        let run = Box::pin(runner::against(replay, fixture.into(), options, &*self.start, &mut self.client))
            .await?;
        if run.fixture.steps.iter().any(|step| step.replies.iter().any(is_aged)) {
            self.client = None;
        }
        if self.is_of_framing && !run.judgement.mismatches.is_empty() {
            self.replay = None;
        }
        Ok(run)
    }

    /// A run of a fixture that fails like this with two fresh clients.
    async fn confirmed(&mut self, fixture: Fixture, id: &FindingId) -> Result<Option<Run>, RunError> {
        let fixture = Arc::new(Fixture { id: NAME.into(), ..fixture });
        let (mut one, mut other) = (None, None);
        let [run, again] = [&mut one, &mut other]
            .map(|client| runner::one(fixture.clone(), self.options, &*self.start, client));
        let (run, again) = tokio::try_join!(run, again)?;
        let fails = |run: &Run| run.judgement.mismatches.iter().any(|of| FindingId::of(of) == *id);
        Ok(Some(run).filter(|run| fails(run) && fails(&again)))
    }
}

/// Whether a client may set its clock by a reply.
fn is_aged(reply: &Reply) -> bool {
    reply.script().date() != DateIs::Now
}
