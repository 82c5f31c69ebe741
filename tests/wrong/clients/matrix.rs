//! Which fixtures fail which mutants.

use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use attachset::fixture::{Blob, Fixture, Level, Reply, Set};
use attachset::judge::{Judgement, Verdict};
use attachset::runner::{self, Options};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;

use crate::clients::mutant::{Defect, Mutant, Mutated, mutant};
use crate::clients::seen::Seen;
use crate::clients::socket::Flaw;

/// The plainest fixture. A mutant that it fails is failed by every fixture,
/// and so proves nothing about another one.
const PLAINEST: &str = "success/create";
/// How many killers of a mutant are sought.
const ENOUGH: usize = 3;
/// Attachments above this make a fixture large.
const LARGE: u32 = 256 << 10;
/// Runs at once: most of a run is waiting.
const AT_ONCE: u32 = 8;
/// The default time-out is for clients in processes of their own.
const LONGEST_MS: u64 = 2_000;
/// A client that has no answer this long after its time-out has none.
const GRACE: Duration = Duration::from_millis(500);

/// A judged fixture, and a run of it.
pub(crate) struct Trial {
    pub(crate) fixture: Arc<Fixture>,
    pub(crate) judgement: Judgement,
    /// What the control saw.
    seen: Vec<Seen>,
}

/// A mutant, and what fails it.
pub(crate) struct Kill {
    pub(crate) mutant: &'static Mutant,
    /// Whether the plainest fixture fails it.
    pub(crate) broad: bool,
    /// The ids of the first few fixtures that fail it.
    pub(crate) killers: Vec<&'static str>,
    /// Where it may differ from the control.
    differs: Vec<&'static Trial>,
}

pub(crate) static CONTROL: Mutant = mutant("control", "none", Defect::None);
pub(crate) static SOCKET_CONTROL: Mutant = mutant("control on a socket", "none", Defect::Send(Flaw::None));

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap());

/// Every judged fixture, as the control came through it.
pub(crate) static TRIALS: LazyLock<Vec<Trial>> = LazyLock::new(|| trials(&CONTROL));
/// The same, by the sockets of the mutants that speak HTTP themselves.
pub(crate) static SOCKET_TRIALS: LazyLock<Vec<Trial>> = LazyLock::new(|| trials(&SOCKET_CONTROL));
/// Every mutant, or a sample, and the first few fixtures that fail it.
pub(crate) static KILLS: LazyLock<Vec<Kill>> = LazyLock::new(|| {
    let family = crate::common::sample(crate::clients::family());
    let differs: Vec<_> = family.map(|mutant| (mutant, differs(mutant))).collect();
    all(differs.into_iter().map(|(mutant, differs)| kill(mutant, differs)))
});

fn trials(control: &'static Mutant) -> Vec<Trial> {
    let set = Set::embedded().unwrap_or_else(|error| panic!("{error}"));
    let judged = set.client.into_iter().filter(|fixture| fixture.level != Level::May);
    all(judged.map(|fixture| {
        let timeout_ms = fixture.timeout_ms.min(LONGEST_MS);
        trial(control, Arc::new(Fixture { timeout_ms, ..fixture }))
    }))
}

/// The fixtures that are not known to fail any mutant for what they are about.
pub(crate) fn idle() -> Vec<&'static str> {
    let proven = |trial: &&Trial| {
        KILLS.iter().any(|kill| kill.killers.contains(&&*trial.fixture.id) && kill.is_apt(trial))
    };
    let (_, open): (Vec<_>, Vec<_>) = TRIALS.iter().partition(proven);
    let idle = all(open.into_iter().map(|trial| async move {
        let mut apt: Vec<_> = KILLS.iter().filter(|kill| kill.is_apt(trial)).collect();
        // Who differs in few places says most about each.
        apt.sort_by_key(|kill| kill.differs.len());
        for kill in apt {
            if fails(kill.mutant, trial).await {
                return None;
            }
        }
        Some(&*trial.fixture.id)
    }));
    idle.into_iter().flatten().collect()
}

impl Kill {
    /// Whether the mutant could show that a fixture can fail for what it is
    /// about. One that the plainest fixture fails shows nothing of others.
    fn is_apt(&self, trial: &Trial) -> bool {
        let differs = self.differs.iter().any(|other| std::ptr::eq(*other, trial));
        let proves = !self.broad && is_about(&trial.fixture, &self.mutant.defect);
        differs && (proves || trial.fixture.id == PLAINEST)
    }
}

/// Whether a fixture is about the side that is wrong: a wrong request says
/// nothing of a fixture that is about the answer.
fn is_about(fixture: &Fixture, defect: &Defect) -> bool {
    match fixture.group() {
        "request" | "signing" => defect.is_of_request(),
        "hostile" | "limit" | "operations" => true,
        _ => defect.is_of_answer(),
    }
}

/// The trials that may end differently for a mutant than for the control: the
/// plainest first, then those about its side, large ones last.
fn differs(mutant: &Mutant) -> Vec<&'static Trial> {
    let may_differ = |Trial { fixture, seen, .. }: &&Trial| match mutant.defect {
        // Well-formed replies are read rightly by most, or by none.
        Defect::Send(_) => fixture.id == PLAINEST || is_scripted(fixture) || fixture.group() == "signing",
        // To sign takes longer than all else.
        Defect::Sign(_) if fixture.id != PLAINEST && !is_about(fixture, &mutant.defect) => false,
        // To look would take as long as to run.
        _ if is_large(fixture) && mutant.defect.is_of_request() => true,
        _ => seen.iter().any(|seen| seen.shows(&mutant.defect)),
    };
    let is_of_others = crate::clients::is_of_other_operations(mutant);
    let calls_others = |fixture: &Fixture| fixture.steps.iter().any(|step| step.call.operation.is_some());
    let may_be_asked =
        |trial: &&Trial| trial.fixture.id == PLAINEST || calls_others(&trial.fixture) == is_of_others;
    let mut trials: Vec<_> = TRIALS.iter().filter(may_be_asked).filter(may_differ).collect();
    trials.sort_by_key(|Trial { fixture, .. }| {
        (fixture.id != PLAINEST, is_large(fixture), !is_about(fixture, &mutant.defect))
    });
    trials
}

fn is_scripted(fixture: &Fixture) -> bool {
    fixture
        .steps
        .iter()
        .flat_map(|step| &step.replies)
        .any(|reply| matches!(reply, Reply::Raw(_)) || reply.leads_elsewhere())
}

fn is_large(fixture: &Fixture) -> bool {
    let files = fixture.steps.iter().flat_map(|step| step.call.attachments.iter().flatten());
    files.into_iter().any(|file| matches!(&file.data, Some(Blob::Generated(data)) if data.bytes > LARGE))
}

/// Seeks the first few fixtures that fail a mutant; among large ones, and those
/// about another side, only if no other does.
async fn kill(mutant: &'static Mutant, differs: Vec<&'static Trial>) -> Kill {
    let mut killers = Vec::new();
    for trial in &differs {
        let broad = killers.contains(&PLAINEST);
        let telling = is_about(&trial.fixture, &mutant.defect) && !is_large(&trial.fixture);
        let enough = if telling && !broad { ENOUGH } else { 1 };
        if killers.len() < enough && fails(mutant, trial).await {
            killers.push(&*trial.fixture.id);
        }
    }
    Kill { mutant, broad: killers.contains(&PLAINEST), killers, differs }
}

async fn fails(mutant: &'static Mutant, trial: &Trial) -> bool {
    self::trial(mutant, trial.fixture.clone()).await.judgement.verdict == Verdict::Fail
}

/// Runs one fixture with a client of its own.
async fn trial(mutant: &'static Mutant, fixture: Arc<Fixture>) -> Trial {
    static SLOTS: Semaphore = Semaphore::const_new(AT_ONCE as usize);
    // A large one keeps the processor from answering others in time.
    let slots = if is_large(&fixture) { AT_ONCE } else { 1 };
    let _slots = SLOTS.acquire_many(slots).await;
    let seen = Arc::new(Mutex::default());
    let log = seen.clone();
    let start = move || {
        let client = Mutated::new(mutant, log.clone());
        async move { Ok(client) }
    };
    let options = Options { jobs: NonZeroUsize::MIN, timeout: GRACE, retry_factor: 1, ..Options::default() };
    let mut judgement = None;
    let run = runner::run(vec![fixture.clone()], options, start, |run| judgement = Some(run.judgement));
    run.await.unwrap();
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    Trial { fixture, judgement: judgement.unwrap(), seen }
}

/// Does things at once; their results in order.
fn all<T, F>(things: impl IntoIterator<Item = F>) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = things.into_iter().map(|thing| RUNTIME.spawn(thing)).collect();
    tasks.into_iter().map(|task| RUNTIME.block_on(task).unwrap()).collect()
}
