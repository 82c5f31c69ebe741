//! Every fixture of one exchange says what the oracle says of its answer, or why
//! it says more.

use std::collections::BTreeSet;
use std::time::Duration;

use attachset::fixture::{
    Call, Charges, Defect, Expected, Fixture, Given, Level, Pattern, Rule, Set, Step, Text,
};
use attachset::judge::{Judgement, Mismatch, judge};
use attachset::oracle::{Answer, Oracle, Ruling};
use attachset::transcript::{Exchange, Received, Transcript};
use attachset::wire::encode;
use attachset::wire::outcome::{ErrorKind, Failure, Members, Outcome};
use serde_json::{Value, json};

use crate::common::is_whole;

/// The defects of an outcome, which the oracle charges.
const OF_OUTCOMES: &[Defect] = &[
    Defect::FalseSuccess,
    Defect::LostCode,
    Defect::WrongCode,
    Defect::WrongMessage,
    Defect::WrongStatus,
    Defect::WrongRequestId,
    Defect::WrongKind,
    Defect::FalseError,
    Defect::WrongOutput,
    Defect::ForeignException,
];

/// The ones that each response of several is the only reason for.
const NAMES: &[Defect] = &[Defect::LostCode, Defect::WrongCode, Defect::WrongMessage, Defect::WrongStatus];

/// What the oracle charges where nothing is unusual about an output.
const PLAIN: &str = "protocol.response-json";

/// Whether a fixture is about what is sent, and not about its answer.
fn is_about_the_call(fixture: &Fixture) -> bool {
    ["hostile", "limit", "request", "retry", "signing"].contains(&fixture.group())
}

#[test]
fn every_fixture_of_one_exchange_agrees_with_the_oracle_or_says_why_it_says_more() {
    let oracle = Oracle::default();
    let mut problems = Vec::new();
    let fixtures = Set::embedded().unwrap().client.into_iter();
    for fixture in fixtures.filter(|fixture| is_one_exchange(fixture) && (is_whole() || is_small(fixture))) {
        let fixture = &fixture;
        let found = disagreements(&oracle, fixture);
        match (&fixture.beyond, found.is_empty()) {
            (None, false) => problems.extend(found),
            (Some(_), true) => problems.push(format!("{}: agrees, and gives a reason", fixture.id)),
            _ => {}
        }
    }
    assert!(problems.is_empty(), "{} disagreements\n{}", problems.len(), problems.join("\n"));
}

/// Whether each response has less than 16 KiB: to compare long strings takes long.
fn is_small(fixture: &Fixture) -> bool {
    let mut replies = fixture.steps.iter().flat_map(|step| &step.replies);
    replies.all(|reply| Answer::of(reply, fixture.timeout_ms).bytes.len() < 16 << 10)
}

/// Each fixture states no attribution that the oracle gives, and cites what the
/// oracle attributes its failures to.
#[test]
fn fixtures_state_no_attribution_that_the_oracle_gives() {
    let oracle = Oracle::default();
    for fixture in Set::embedded().unwrap().client {
        let path = format!("{}/{}.json", crate::common::FIXTURES, fixture.id);
        let written = std::fs::read_to_string(&path).unwrap();
        let canonical = format!("{}\n", serde_json::to_string_pretty(&canonical(&oracle, &fixture)).unwrap());
        if std::env::var_os("ATTACHSET_BLESS").is_some() {
            std::fs::write(&path, &canonical).unwrap();
        } else {
            assert!(written == canonical, "{path}: set ATTACHSET_BLESS=1 to write it canonically");
        }
    }
}

/// The fixture without attributions that the oracle gives, and with the
/// requirements of these among what it cites, the main one first.
fn canonical(oracle: &Oracle, fixture: &Fixture) -> Fixture {
    let mut canonical = fixture.clone();
    if fixture.level == Level::May {
        return canonical;
    }
    let of_response: &[_] = if is_one_exchange(fixture) { OF_OUTCOMES } else { NAMES };
    canonical.charges.retain(|defect, _| !of_response.contains(defect));
    canonical.otherwise.retain(|defect, _| !of_response.contains(defect));
    let mut main = Charges::new();
    for step in &fixture.steps {
        let Some(reply) = step.replies.last() else { continue };
        let ruling = oracle.rule(step.call.operation(), &Answer::of(reply, fixture.timeout_ms));
        let shown = ruling.charges.into_iter().filter(|(defect, requirement)| {
            let is_of_call = is_about_the_call(fixture) && requirement == PLAIN;
            of_response.contains(defect) && can_show(step, *defect) && !is_of_call
        });
        for (defect, requirement) in shown {
            let otherwise = ruling.otherwise.get(&defect).into_iter().flatten();
            for id in [&requirement].into_iter().chain(otherwise) {
                if !canonical.cites.contains(id) {
                    canonical.cites.push(id.clone());
                }
            }
            main.entry(defect).or_insert(requirement);
        }
    }
    let order = [Defect::LostCode, Defect::FalseError, Defect::FalseSuccess];
    if let Some(main) = order.iter().find_map(|defect| main.get(defect))
        && is_one_exchange(fixture)
        && !is_about_the_call(fixture)
        && let Some(at) = canonical.cites.iter().position(|id| id == main)
    {
        canonical.cites[..=at].rotate_right(1);
    }
    canonical
}

/// Whether an outcome of the step can show a defect.
fn can_show(step: &Step, defect: Defect) -> bool {
    let accept = &step.outcome.accept;
    let errors: Vec<_> = accept.iter().filter_map(Pattern::error).collect();
    match defect {
        Defect::FalseError => errors.is_empty(),
        Defect::WrongOutput => errors.len() < accept.len(),
        Defect::LostCode | Defect::WrongCode => errors.iter().any(|of| !of.code.is_anything()),
        Defect::WrongMessage => errors.iter().any(|of| !of.message.is_anything()),
        Defect::WrongStatus => errors.iter().any(|of| !of.status.is_anything()),
        Defect::WrongRequestId => errors.iter().any(|of| !of.request_id.is_anything()),
        Defect::ForeignException => true,
        _ => !errors.is_empty(),
    }
}

/// Those that say more, with the reason: few enough to be read.
#[test]
fn what_says_more_than_the_oracle_is_listed() {
    let list: String = Set::embedded()
        .unwrap()
        .client
        .iter()
        .filter_map(|fixture| Some(format!("{}: {}\n", fixture.id, fixture.beyond.as_ref()?)))
        .collect();
    crate::common::snapshot("beyond-the-oracle", &list);
}

pub(crate) fn is_one_exchange(fixture: &Fixture) -> bool {
    matches!(fixture.steps.as_slice(), [step] if step.replies.len() == 1)
}

/// Where a fixture and an oracle's ruling on its answer differ, in words.
pub(crate) fn disagreements(oracle: &Oracle, fixture: &Fixture) -> Vec<String> {
    let [step] = fixture.steps.as_slice() else { return Vec::new() };
    let [reply] = step.replies.as_slice() else { return Vec::new() };
    let ruling = oracle.rule(step.call.operation(), &Answer::of(reply, fixture.timeout_ms));
    let id = &fixture.id;
    if fixture.level != ruling.level {
        return vec![format!("{id}: {:?}, by the oracle {:?}: {}", fixture.level, ruling.level, ruling.says)];
    }
    if fixture.level == Level::May {
        return Vec::new();
    }
    // What is called matters nothing here, and is large in some.
    let mut fixture = fixture.clone();
    for step in &mut fixture.steps {
        step.call = Call { operation: step.call.operation.take(), ..Call::default() };
    }
    let by_the_oracle = ruled(&fixture, &ruling);
    let mut found = Vec::new();
    // A client that refused a call was answered nothing that the oracle speaks of.
    let is_answer =
        |outcome: &Outcome| !matches!(outcome, Outcome::Error(Failure { kind: ErrorKind::Client, .. }));
    let mut different: Vec<Outcome> = Vec::new();
    for probe in probes(&step.outcome).into_iter().chain(probes(&ruling.expected)).filter(is_answer) {
        if !different.contains(&probe) {
            different.push(probe);
        }
    }
    for outcome in different {
        let by_fixture = judged(&fixture, &outcome);
        let by_oracle = judged(&by_the_oracle, &outcome);
        if !agree(&fixture, &by_fixture, &by_oracle) {
            let outcome = format!("{outcome:?}").chars().take(300).collect::<String>();
            found.push(format!(
                "{id}: {} by the fixture, {} by the oracle: {outcome}: {}",
                words(&by_fixture),
                words(&by_oracle),
                ruling.says
            ));
        }
    }
    found.truncate(3);
    found
}

/// The fixture with what the oracle says of its answer in place of its own. What
/// it leaves to others is left out: name, message, status and request id have
/// fixtures of their own, so that one defect does not fail all of them.
fn ruled(fixture: &Fixture, ruling: &Ruling) -> Fixture {
    let mut ruled = fixture.clone();
    ruled.charges.retain(|defect, _| !OF_OUTCOMES.contains(defect));
    ruled.charges.extend(ruling.charges.clone());
    // What a wrong oracle leaves out, the judge would ask the right one.
    for defect in OF_OUTCOMES {
        let first = match defect {
            Defect::ForeignException => "user.own-error-types",
            _ => &fixture.cites[0],
        };
        ruled.charges.entry(*defect).or_insert_with(|| first.into());
    }
    ruled.otherwise = ruling.otherwise.clone();
    for step in &mut ruled.steps {
        let shows = |defect| can_show(step, defect);
        let details = [Defect::LostCode, Defect::WrongMessage, Defect::WrongStatus, Defect::WrongRequestId];
        let [code, message, status, request_id] = details.map(shows);
        step.outcome = ruling.expected.clone();
        let tolerated = step.outcome.tolerate.iter_mut().map(|of| &mut of.pattern);
        for pattern in step.outcome.accept.iter_mut().chain(tolerated) {
            let Pattern::Error(error) = pattern else { continue };
            if !code {
                error.code = Rule::default();
            }
            if !message {
                error.message = Rule::default();
                // The whole response in place of a code is no matter of the message.
                if error.code != Rule(vec![None]) {
                    error.message_holds = None;
                }
            }
            if !status {
                error.status = Rule::default();
            }
            if !request_id {
                error.request_id = Rule::default();
            }
        }
    }
    ruled
}

fn judged(fixture: &Fixture, outcome: &Outcome) -> Judgement {
    let step = &fixture.steps[0];
    let exchange = Exchange {
        step: 0,
        reply: 0,
        request: encode::request(&step.call.input(), "localhost"),
        body: Received::Part,
        breaches: Vec::new(),
        signature: Ok(()),
        at: Duration::ZERO,
    };
    let exchanges = vec![exchange; step.count().min.max(1)];
    let judgement =
        judge(fixture, &Transcript { exchanges, ends: vec![Ok(outcome.clone())], remarks: Vec::new() });
    // What was sent is not the oracle's.
    let mismatches: Vec<_> =
        judgement.mismatches.into_iter().filter(|of| OF_OUTCOMES.contains(&of.defect)).collect();
    Judgement { mismatches, ..judgement }
}

/// Whether two judgements of a fixture agree. What goes wrong with a plain
/// output lies with the call, where the fixture is about that.
fn agree(fixture: &Fixture, by_fixture: &Judgement, by_oracle: &Judgement) -> bool {
    let first = |judgement: &Judgement| {
        let Mismatch { defect, requirement, otherwise, .. } = judgement.mismatches.first()?.clone();
        Some((defect, (requirement, otherwise)))
    };
    by_fixture.verdict == by_oracle.verdict
        && match (first(by_fixture), first(by_oracle)) {
            (Some((defect, charged)), Some((by_oracle, charged_by_oracle))) => {
                defect == by_oracle
                    && (charged == charged_by_oracle
                        || is_about_the_call(fixture) && charged_by_oracle.0 == PLAIN)
            }
            (by_fixture, by_oracle) => by_fixture == by_oracle,
        }
}

fn words(judgement: &Judgement) -> String {
    let charged = judgement.mismatches.iter().map(|of| format!("{:?} {}", of.defect, of.requirement));
    format!("{:?} {}", judgement.verdict, charged.collect::<Vec<_>>().join(", "))
}

/// Outcomes that tell patterns apart: what each accepts, that with one thing
/// changed, and what clients come up with.
pub(crate) fn probes(expected: &Expected) -> Vec<Outcome> {
    let patterns = expected.accept.iter().chain(expected.tolerate.iter().map(|of| &of.pattern));
    let mut all: Vec<_> = patterns.clone().flat_map(built).collect();
    all.push(Outcome::Output(Members::default()));
    let names: BTreeSet<_> = patterns.filter_map(Pattern::output).flat_map(|of| of.members.keys()).collect();
    all.extend(
        names.iter().map(|name| Outcome::Output(Members::from_iter([((*name).clone(), "made up".into())]))),
    );
    for kind in ErrorKind::ALL {
        all.push(Outcome::error(kind, "probe"));
        all.push(Outcome::Error(Failure { code: Some("Probe".into()), ..failure(kind) }));
    }
    let changed: Vec<_> = all.iter().flat_map(changed).collect();
    all.extend(changed);
    all
}

fn failure(kind: ErrorKind) -> Failure {
    Failure { kind, code: None, message: None, status: None, request_id: None }
}

fn built(pattern: &Pattern) -> Vec<Outcome> {
    let text = |rule: &Rule<Text>| rule.0.first().cloned().flatten().map(|text| text.to_text());
    let texts = |rule: &Rule<Text>| text(rule).map(Value::String);
    let given = |rule: &Rule<Given>| match rule.0.first().cloned().flatten()? {
        Given::Text(text) => Some(Value::String(text.to_text())),
        Given::Json { json } | Given::Holds { holds: json } => Some(json),
    };
    match pattern {
        Pattern::Output(output) => vec![Outcome::Output(Members {
            members: output
                .members
                .iter()
                .filter_map(|(name, rule)| Some((name.clone().into(), given(rule)?)))
                .collect(),
            other: Vec::new(),
            value: output.value.clone(),
        })],
        Pattern::Error(error) => ErrorKind::ALL
            .into_iter()
            .filter(|kind| error.allows_kind(*kind))
            .map(|kind| {
                Outcome::Error(Failure {
                    kind,
                    code: texts(&error.code),
                    message: texts(&error.message)
                        .or(error.message_holds.as_ref().map(|of| of.to_text().into())),
                    status: error.status.0.first().copied().flatten(),
                    request_id: text(&error.request_id),
                })
            })
            .collect(),
    }
}

fn changed(outcome: &Outcome) -> Vec<Outcome> {
    let values = || [None, Some(json!("")), Some(json!("Other")), Some(json!(7)), Some(json!("400"))];
    let mut all = Vec::new();
    match outcome {
        Outcome::Output(output) => {
            for value in values() {
                for name in output.members.keys() {
                    let mut output = output.clone();
                    output.set(name.clone(), value.clone());
                    all.push(Outcome::Output(output));
                }
            }
        }
        Outcome::Error(error) => {
            for value in values() {
                all.push(Outcome::Error(Failure { code: value.clone(), ..error.clone() }));
                all.push(Outcome::Error(Failure { message: value, ..error.clone() }));
            }
            if let Some(Value::String(message)) = &error.message {
                let around = Some(format!("Error: {message}.").into());
                all.push(Outcome::Error(Failure { message: around, ..error.clone() }));
            }
            all.push(Outcome::Error(Failure { status: Some(999), ..error.clone() }));
            all.push(Outcome::Error(Failure { request_id: Some("other".into()), ..error.clone() }));
        }
        Outcome::Unsupported(_) => {}
    }
    all
}

/// All requirements that the tables speak of.
#[test]
fn what_the_oracle_charges_is_a_requirement() {
    let set = Set::embedded().unwrap();
    let oracle = Oracle::default();
    let rows = oracle.rows.iter().map(|row| row.breaks).filter(|id| !id.is_empty());
    let ids: BTreeSet<_> =
        rows.chain(oracle.variations.iter().map(|variation| variation.requirement)).collect();
    let unknown: Vec<_> = ids.into_iter().filter(|id| set.requirements.get(id).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
