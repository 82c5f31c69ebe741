//! The fixtures themselves: that they load, are written canonically, agree
//! with their schemas, and that requirements and fixtures cover each other.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::LazyLock;

use attachset::fixture::{Action, Fixture, Need, RawReply, Reply, Requirements, ServiceFixture, Set};
use attachset::judge;
use attachset::wire::http1;

/// Set this to rewrite what these tests compare with.
const BLESS: &str = "ATTACHSET_BLESS";

fn dir() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"))
}

/// The fixtures in the folder. To load them computes digests of 117 MB, once.
fn set() -> &'static Set {
    static SET: LazyLock<Set> =
        LazyLock::new(|| Set::from_dir(dir()).unwrap_or_else(|error| panic!("{error}")));
    &SET
}

/// Compares a committed file with what it must be, or rewrites it.
fn compare(path: &Path, expected: &str) {
    if std::env::var_os(BLESS).is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, expected).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == expected, "{} is not as it must be: set {BLESS}=1 to rewrite it", path.display());
}

fn canonical(value: &impl serde::Serialize) -> String {
    format!("{}\n", serde_json::to_string_pretty(value).unwrap())
}

#[test]
fn every_fixture_is_written_canonically() {
    let set = set();
    for fixture in &set.client {
        compare(&dir().join("client").join(format!("{}.json", fixture.id)), &canonical(fixture));
    }
    for fixture in &set.service {
        compare(&dir().join("service").join(format!("{}.json", fixture.id)), &canonical(fixture));
    }
    compare(&dir().join("requirements.json"), &canonical(&set.requirements));
}

#[test]
fn schemas_are_those_of_the_types_and_every_file_agrees_with_its_schema() {
    let fixture = schemars::schema_for!(Fixture);
    let requirements = schemars::schema_for!(Requirements);
    let service = schemars::schema_for!(ServiceFixture);
    compare(&dir().join("schema/fixture.json"), &canonical(&fixture));
    compare(&dir().join("schema/service-fixture.json"), &canonical(&service));
    compare(&dir().join("schema/requirements.json"), &canonical(&requirements));
    let validators = [
        ("client/", jsonschema::validator_for(fixture.as_value()).unwrap()),
        ("service/", jsonschema::validator_for(service.as_value()).unwrap()),
        ("requirements.json", jsonschema::validator_for(requirements.as_value()).unwrap()),
    ];
    for (path, bytes) in Set::files().into_iter().filter(|(path, _)| path.ends_with(".json")) {
        let value = serde_json::from_slice(&bytes).unwrap();
        for (_, validator) in validators.iter().filter(|(prefix, _)| path.starts_with(prefix)) {
            let problems: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(problems.is_empty(), "{path}: {problems:?}");
        }
    }
}

#[test]
fn every_requirement_has_a_fixture_or_a_reason_for_having_none() {
    let set = set();
    let cited: HashSet<_> = set.entries().flat_map(|entry| entry.cites).map(String::as_str).collect();
    let judge: HashSet<_> = judge::requirements().into_iter().collect();
    let mut problems = Vec::new();
    for requirement in &set.requirements.requirements {
        let id = requirement.id.as_str();
        match (cited.contains(id) || judge.contains(id), &requirement.excuse) {
            (false, None) => problems.push(format!("{id}: no fixture, no excuse")),
            (true, Some(_)) => problems.push(format!("{id}: covered and excused")),
            _ => {}
        }
    }
    for id in judge::requirements() {
        if set.requirements.get(id).is_none() {
            problems.push(format!("{id}: the judge cites it, requirements.json has it not"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn no_two_fixtures_differ_only_in_name() {
    let mut seen = BTreeMap::new();
    for fixture in &set().client {
        let steps =
            (canonical(&fixture.steps), fixture.max_attempts, fixture.session_token, &fixture.endpoint_path);
        if let Some(twin) = seen.insert(steps, fixture.id.clone()) {
            panic!("{} and {twin} do the same", fixture.id);
        }
    }
    let mut seen = BTreeMap::new();
    for fixture in &set().service {
        let does = (canonical(&fixture.steps), fixture.needs.len());
        if let Some(twin) = seen.insert(does, fixture.id.clone()) {
            panic!("{} and {twin} do the same", fixture.id);
        }
    }
}

/// What a service fixture fills in was captured before, and has a place.
#[test]
fn a_value_that_is_filled_in_has_a_place_to_go() {
    let problems = |body: serde_json::Value, harmless: bool| {
        let accept = serde_json::json!({"accept": [{"output": {}}]});
        let (send, capture) = (serde_json::json!({"request": {}}), serde_json::json!({"caseId": "case"}));
        let first = serde_json::json!({"send": send, "outcome": accept, "capture": capture});
        let send = serde_json::json!({"request": {"body": body}});
        let second = serde_json::json!({"send": send, "with": capture, "outcome": accept});
        let fixture = serde_json::json!({
            "title": "a test", "why": "a test", "level": "must", "cites": ["seed.one-hour"],
            "needs": ["cases"], "harmless": harmless,
            "steps": [first, second],
        });
        let requirements = Set::files().remove("requirements.json").unwrap();
        let files = [
            ("requirements.json".into(), requirements),
            ("service/case/test.json".into(), fixture.to_string().into_bytes()),
        ];
        Set::read(files.into(), false).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(problems(serde_json::json!({"json": {}}), false), "");
    assert!(problems(serde_json::json!({"json": {"caseId": "x"}}), false).contains("steps[1].with"));
    assert!(problems(serde_json::json!({"text": "{}"}), false).contains("steps[1].with"));
    assert!(problems(serde_json::json!({"json": {}}), true).contains("harmless"));
}

#[test]
fn a_fixture_with_a_server_that_falls_silent_needs_a_time_out_and_no_other_does() {
    for fixture in &set().client {
        let mut replies = fixture.steps.iter().flat_map(|step| &step.replies);
        let needs = fixture.needs.contains(&Need::Timeout);
        assert_eq!(replies.any(|reply| is_silent(reply, fixture.timeout_ms)), needs, "{}", fixture.id);
    }
}

/// On a busy machine a client that starts a process for a call may need a second
/// for a response that comes at once.
#[test]
fn a_short_timeout_is_for_servers_that_wait() {
    let waits = |reply: &Reply| {
        let script = reply.script().raw;
        script.iter().any(|action| matches!(action, Action::Hang | Action::PauseMs(_) | Action::Drip { .. }))
    };
    for fixture in &set().client {
        let mut replies = fixture.steps.iter().flat_map(|step| &step.replies);
        assert!(fixture.timeout_ms >= 4_000 || replies.any(waits), "{}", fixture.id);
    }
}

/// Whether an answer, or the rest of it, does not come within a time-out.
fn is_silent(reply: &Reply, timeout_ms: u64) -> bool {
    let RawReply { raw, .. } = match reply {
        Reply::Http(reply) => return reply.delay_ms.is_some_and(|delay| delay >= timeout_ms),
        Reply::Raw(reply) => reply,
    };
    let mut sent = Vec::new();
    raw.iter().any(|action| match action {
        Action::Send(body) | Action::Drip { body, .. } => {
            sent.extend(body.to_bytes());
            false
        }
        Action::PauseMs(pause) => *pause >= timeout_ms,
        Action::Hang => http1::response(&sent).is_err(),
        Action::ReadBody | Action::Close | Action::Reset => false,
    })
}

#[test]
fn fixtures_and_snapshots_correspond() {
    let snapshots = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"));
    let fixtures: HashSet<_> = set().client.iter().map(|fixture| fixture.id.clone()).collect();
    let mut found = HashSet::new();
    for group in std::fs::read_dir(snapshots).unwrap().map(|entry| entry.unwrap().path()) {
        for file in std::fs::read_dir(&group).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            let id = file.strip_prefix(snapshots).unwrap().with_extension("");
            found.insert(id.to_str().unwrap().replace('\\', "/"));
        }
    }
    let differ: Vec<_> = fixtures.symmetric_difference(&found).collect();
    assert!(differ.is_empty(), "a fixture without a snapshot, or the other way round: {differ:?}");
}
