//! Adapters that lie, die or babble: each is caught, and the run goes on.
//!
//! The doubles are shell scripts that never send a request.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use attachset::adapter::{Adapter, Program, program_path, question};
use attachset::client::Call;
use attachset::fixture::{Claim, Fixture, Need};
use attachset::judge::{Defect, Verdict, observation};
use attachset::runner::{self, Options, Run, RunError};

const HELLO: &str = r#"echo '{"protocol":1,"client":{"name":"double"}}'"#;
/// Reads a call and sets `id`.
const READ: &str = r#"read -r line || exit 0; id=$(printf '%s' "$line" | sed 's/^{"id":"\([^"]*\)".*/\1/')"#;

/// A program that says who it is, then does this for each call.
fn double(each_call: &str) -> Program {
    shell(&format!(
        r#"while :; do {READ}; case "$line" in *protocol*) {HELLO};; *) {each_call};; esac; done"#
    ))
}

fn shell(script: &str) -> Program {
    Program { command: ["sh", "-c", script].map(str::to_owned).to_vec(), ..Program::default() }
}

/// Two fixtures that expect an error, with a short time-out.
fn fixtures() -> Vec<Arc<Fixture>> {
    let fixture: Fixture = serde_json::from_value(serde_json::json!({
        "title": "reports the error",
        "why": "the doubles never do",
        "level": "must",
        "cites": ["protocol.error-type-dunder"],
        "timeoutMs": 100,
        "steps": [{
            "call": { "attachments": [] },
            "replies": [{ "status": 400, "body": { "json": { "__type": "AttachmentSetExpired" } } }],
            "outcome": { "accept": [{ "error": { "code": "AttachmentSetExpired" } }] },
        }],
    }))
    .unwrap();
    ["double/one", "double/two"].map(|id| Arc::new(Fixture { id: id.into(), ..fixture.clone() })).to_vec()
}

/// Runs a double over several fixtures: one that breaks off is started again.
async fn judged(program: Program) -> Vec<Run> {
    judged_within(Duration::from_secs(30), program).await
}

async fn judged_within(timeout: Duration, program: Program) -> Vec<Run> {
    run(fixtures(), timeout, program).await
}

async fn run(fixtures: Vec<Arc<Fixture>>, timeout: Duration, program: Program) -> Vec<Run> {
    let program = Arc::new(program);
    // None of them connects.
    let options = Options { jobs: NonZeroUsize::MIN, timeout, start: Duration::ZERO, ..Options::default() };
    let count = fixtures.len();
    let mut runs = Vec::new();
    let run = runner::run(fixtures, options, move || Adapter::start(program.clone()), |run| runs.push(run));
    match run.await {
        // Each run is judged before that is known.
        Ok(()) | Err(RunError::Broken { .. }) => {}
        Err(error) => panic!("{error}"),
    }
    assert_eq!(runs.len(), count, "the run goes on");
    runs
}

#[track_caller]
fn all_fail(runs: &[Run], defect: Defect) {
    for run in runs {
        assert_eq!(run.judgement.verdict, Verdict::Fail, "{:?}", run.judgement);
        assert_eq!(run.judgement.mismatches.first().unwrap().defect, defect, "{:?}", run.judgement);
    }
}

#[track_caller]
fn all_break_the_protocol(runs: &[Run], says: &str) {
    for run in runs {
        assert_eq!(run.judgement.verdict, Verdict::Error, "{:?}", run.judgement);
        assert!(
            run.judgement.notes.concat().contains(says),
            "{:?} does not say {says:?}",
            run.judgement.notes
        );
    }
}

#[tokio::test]
async fn an_outcome_without_a_request_is_no_outcome() {
    let answer =
        r#"echo "{\"id\":\"$id\",\"error\":{\"kind\":\"service\",\"code\":\"AttachmentSetExpired\"}}""#;
    all_fail(&judged(double(answer)).await, Defect::NoContact);
}

#[tokio::test]
async fn a_success_without_a_request_is_none_either() {
    let answer = r#"echo "{\"id\":\"$id\",\"output\":{\"attachmentSetId\":\"as-1\"}}""#;
    all_fail(&judged(double(answer)).await, Defect::NoContact);
}

/// What it started holds its output open, and the deadline is far away.
#[tokio::test]
async fn a_crash_is_one_although_another_process_holds_the_output() {
    let runs = judged(double("sleep 40 & exit 3")).await;
    all_fail(&runs, Defect::Crash);
    for run in &runs {
        let end = observation(run.transcript.ends.first().unwrap());
        assert_eq!(end, "the process ended without a response (exit status: 3)");
    }
}

/// What it said before it ended is its answer, with a line break or without.
#[tokio::test]
async fn an_answer_before_a_crash_is_an_answer() {
    for after in ["sleep 40 & exit 3", "exit 3"] {
        let refuses = r#"printf '{"id":"%s","error":{"kind":"client","message":"no"}}' "$id""#;
        let broken = if after.len() > 6 { "echo; " } else { "" };
        let runs = judged(double(&format!("{refuses}; {broken}{after}"))).await;
        let ends = &runs.first().unwrap().transcript.ends;
        assert!(ends.first().unwrap().is_ok(), "{ends:?}");
    }
}

#[tokio::test]
async fn a_hang_is_a_failure() {
    let runs = judged_within(Duration::from_millis(200), double("exec sleep 60")).await;
    all_fail(&runs, Defect::Hang);
}

#[tokio::test]
async fn a_death_is_a_failure_with_its_last_words() {
    let runs = judged(double("echo alas >&2; exit 3")).await;
    all_fail(&runs, Defect::Crash);
    let seen = &runs.first().unwrap().judgement.mismatches.first().unwrap().seen;
    assert!(seen.contains("exit status: 3") && seen.contains("alas"), "{seen}");
}

#[tokio::test]
async fn two_runs_of_a_client_come_to_the_same_findings() {
    let last_words = r#"echo "process $$ of port $(printf %s "$line" | sed 's/.*127.0.0.1:\([0-9]*\).*/\1/')" >&2; exit 3"#;
    let message = r#"e=${line#*\"endpoint\":\"}; echo "{\"id\":\"$id\",\"error\":{\"kind\":\"transport\",\"message\":\"no answer from ${e%%\"*}\"}}""#;
    for (each_call, steady) in [
        (last_words, "it wrote: process PID of port PORT"),
        (message, r#"message "no answer from http://127.0.0.1:PORT""#),
    ] {
        let (one, other) = (judged(double(each_call)).await, judged(double(each_call)).await);
        let seen = |runs: &[Run]| runs.iter().map(|run| run.judgement.mismatches.clone()).collect::<Vec<_>>();
        let text = one.first().unwrap().judgement.mismatches.first().unwrap().seen.clone();
        assert!(text.contains(steady), "{text}");
        assert_eq!(seen(&one).first(), seen(&other).first());
    }
}

#[tokio::test]
async fn a_quiet_exit_is_a_failure_too() {
    all_fail(&judged(double("exit 0")).await, Defect::Crash);
}

#[tokio::test]
async fn babble_breaks_the_protocol() {
    all_break_the_protocol(&judged(double("echo hello; echo why >&2")).await, "its response is \"hello\"");
}

#[tokio::test]
async fn an_answer_for_another_call_breaks_the_protocol() {
    let answer = r#"echo '{"id":"another","output":{}}'"#;
    all_break_the_protocol(&judged(double(answer)).await, "it responded to \"another\"");
}

#[tokio::test]
async fn an_answer_that_is_not_one_breaks_the_protocol() {
    all_break_the_protocol(&judged(double(r#"echo "{\"id\":\"$id\"}""#)).await, "exactly one of");
    let both = r#"echo "{\"id\":\"$id\",\"output\":{},\"unsupported\":\"x\"}""#;
    all_break_the_protocol(&judged(double(both)).await, "exactly one of");
    all_break_the_protocol(&judged(double(r"printf '\377\n'")).await, "not UTF-8");
}

#[tokio::test]
async fn a_one_shot_is_started_again_for_each_call() {
    let answer = r#"echo "{\"id\":\"$id\",\"unsupported\":\"one shot\"}""#;
    let script = format!(r#"{READ}; case "$line" in *protocol*) {HELLO};; *) {answer};; esac"#);
    for run in judged(shell(&script)).await {
        assert_eq!(run.judgement.verdict, Verdict::Unsupported, "{:?}", run.judgement);
    }
}

#[tokio::test]
async fn a_one_shot_is_asked_once_for_each_call() {
    let left = tempfile::tempdir().unwrap();
    let answer = r#"echo >> "$LEFT/asked"; echo "{\"id\":\"$id\",\"unsupported\":\"one shot\"}""#;
    let script = format!(r#"{READ}; case "$line" in *protocol*) {HELLO};; *) {answer};; esac"#);
    let env = BTreeMap::from([("LEFT".to_owned(), left.path().display().to_string())]);
    judged(Program { env, ..shell(&script) }).await;
    assert_eq!(std::fs::read_to_string(left.path().join("asked")).unwrap(), "\n\n");
}

#[test]
fn a_call_is_a_line_of_json() {
    let fixture = fixtures().remove(0);
    let call = Call {
        id: fixture.id.clone(),
        endpoint: "http://127.0.0.1:1".into(),
        region: "us-east-1".into(),
        credentials: runner::credentials(&fixture),
        max_attempts: 1,
        timeout: Duration::from_millis(100),
        needs: vec![Need::DryRun],
        operation: fixture.steps.first().unwrap().call.operation(),
        input: fixture.steps.first().unwrap().call.input(),
        members: fixture.steps.first().unwrap().call.input.clone(),
    };
    let key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    assert_eq!(
        question(&call),
        format!(
            r#"{{"id":"double/one","endpoint":"http://127.0.0.1:1","region":"us-east-1","credentials":{{"accessKeyId":"AKIDEXAMPLE","secretAccessKey":"{key}"}},"maxAttempts":1,"timeoutMs":100,"needs":["dryRun"],"input":{{"attachments":[]}}}}"#
        )
    );
}

#[tokio::test]
async fn a_program_that_does_not_say_who_it_is_is_not_started() {
    let start = |script: &str| Adapter::start(Arc::new(shell(script)));
    let error = async |script: &str| start(script).await.err().unwrap();
    assert!(error("read x; echo hi").await.contains("expected {\"protocol\":1"));
    assert!(
        error(r#"read x; echo '{"protocol":2,"client":{"name":"x"}}'"#).await.contains("speaks protocol 2")
    );
    assert!(error("echo sorry >&2; exit 1").await.contains("sorry"));
}

/// What an adapter's helper says of each text: one a line of standard input.
fn kinds(program: &str, code: &str, texts: &[&str]) -> Vec<String> {
    let adapters = concat!(env!("CARGO_MANIFEST_DIR"), "/adapters");
    let texts = serde_json::to_string(texts).unwrap();
    let flag = if program == "node" { "-e" } else { "-c" };
    let mut command = std::process::Command::new(program);
    if program == "node" {
        command.arg("--input-type=module");
    }
    let path = format!("{adapters}/common/python");
    let output =
        command.args([flag, code, &texts]).env("PYTHONPATH", path).current_dir(adapters).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The AWS CLI prints the bare message of the exception that boto3 raises: both
/// count as the same.
#[test]
fn a_mistake_is_one_whatever_prints_it() {
    let printed = [
        "'NoneType' object has no attribute 'get'",
        "argument of type 'int' is not iterable",
        "expected string or bytes-like object, got 'int'",
        "'int' object is not subscriptable",
        "string indices must be integers, not 'str'",
        "'__type'",
        "Unable to parse response (syntax error: line 1, column 0), invalid XML received",
        "Expecting value: line 1 column 1 (char 0)",
        "Read timeout on endpoint URL: \"http://127.0.0.1:1/\"",
    ];
    let code = "import json, sys; from attachset.cli import describe; \
                print(json.dumps([describe(255, '', '\\n' + it + '\\n')['error']['kind'] \
                for it in json.loads(sys.argv[1])]))";
    let expected = ["unexpected"; 6].iter().chain(&["decode", "decode", "timeout"]);
    assert!(kinds("python3", code, &printed).iter().eq(expected));
}

#[test]
fn a_mistake_is_one_whatever_is_added_to_it() {
    let code = r#"import { isMistake, languageKind } from "./common/node/adapter.mjs";
        const thrown = (text) => { try { return eval(text); } catch (error) { return error; } };
        const errors = JSON.parse(process.argv[1]).map(thrown);
        const label = (error) => Object.assign(error, { $response: {} });
        console.log(JSON.stringify(errors.map((it) => String(isMistake(label(it))))));"#;
    let texts = ["null.get", "missing", "[].concat.x.y", "JSON.parse('{')", "new Error('x')"];
    assert_eq!(kinds("node", code, &texts), ["true", "true", "true", "false", "false"]);
}

#[tokio::test]
async fn a_value_in_place_of_an_output_is_told_as_it_is() {
    let output = |value: &str| format!(r#"echo "{{\"id\":\"$id\",\"output\":{value}}}""#);
    assert_eq!(seen(&output("[7]")).await, "success with the value [7]");
    assert_eq!(seen(&output("false")).await, "success with the value false");
    assert_eq!(seen(&output("{}")).await, "success with no members");
    all_break_the_protocol(&judged(double(&output("null"))).await, "exactly one of output");
}

#[tokio::test]
async fn a_client_is_what_it_says_and_what_its_manifest_adds() {
    let hello = r#"{"protocol":1,"client":{"name":"one","version":"1","runtime":"Shell 5"}}"#;
    let said = shell(&format!("read _; echo '{hello}'; read _"));
    let start = async |program: Program| Adapter::start(program.into()).await.unwrap().info().clone();
    let info = start(said.clone()).await;
    assert_eq!((info.runtime.as_str(), info.title.as_str()), ("Shell 5", ""));
    let listed = Program { title: "One, by hand".into(), lacks: vec![Claim::AwsJson11], ..said };
    let info = start(listed).await;
    assert_eq!((info.heading().as_str(), info.lacks), ("one 1: One, by hand", vec![Claim::AwsJson11]));
}

/// What a double reports as its words come to in the results.
async fn seen(answer: &str) -> String {
    let runs = judged(double(answer)).await;
    runs.first().unwrap().transcript.ends.first().map(observation).unwrap()
}

#[tokio::test]
async fn members_beyond_the_models_are_told_and_not_judged() {
    let output = |members: &str| format!(r#"echo "{{\"id\":\"$id\",\"output\":{members}}}""#);
    let bare = judged(double(&output("{}"))).await;
    let more = judged(double(&output(r#"{\"other\":[\"a\",\"b\"]}"#))).await;
    let defects = |runs: &[Run]| -> Vec<_> {
        runs.iter().flat_map(|run| &run.judgement.mismatches).map(|mismatch| mismatch.defect).collect()
    };
    assert_eq!(defects(&more), defects(&bare));
    assert_eq!(seen(&output(r#"{\"other\":[\"a\",\"b\"]}"#)).await, "success with other members a, b");
    all_break_the_protocol(&judged(double(&output(r#"{\"other\":\"a\"}"#))).await, "expected a sequence");
}

#[tokio::test]
async fn a_call_says_what_not_every_client_can_be_told() {
    let answer = r#"case "$line" in
        *'"needs":["timeout"]'*) echo "{\"id\":\"$id\",\"unsupported\":\"no time-outs\"}";;
        *needs*) exit 3;;
        *) echo "{\"id\":\"$id\",\"output\":{}}";;
    esac"#;
    let [plain, patient] = fixtures().try_into().unwrap();
    let patient = Arc::new(Fixture { needs: vec![Need::Timeout], ..(*patient).clone() });
    let runs = run(vec![plain, patient], Duration::from_secs(30), double(answer)).await;
    let verdicts: BTreeMap<_, _> = runs.iter().map(|run| (&*run.fixture.id, run.judgement.verdict)).collect();
    assert_eq!(verdicts, [("double/one", Verdict::Fail), ("double/two", Verdict::Unsupported)].into());
}

#[tokio::test]
async fn a_program_that_goes_on_is_kept() {
    let count = r#"n=$((n+1)); echo "{\"id\":\"$id\",\"unsupported\":\"call $n\"}""#;
    let notes: Vec<_> = judged(double(count)).await.iter().map(|run| run.judgement.notes.concat()).collect();
    assert_eq!(notes, ["call 1", "call 2"]);
}

/// It may have something to put away, and its last words are read.
#[tokio::test]
async fn an_adapter_is_told_that_there_is_nothing_more_to_do() {
    let left = tempfile::tempdir().unwrap();
    let script = format!(r#"{READ}; {HELLO}; cat; sleep 0.2; echo done > "$LEFT/behind""#);
    let env = BTreeMap::from([("LEFT".to_owned(), left.path().display().to_string())]);
    let adapter = Adapter::start(Arc::new(Program { env, ..shell(&script) })).await.unwrap();
    adapter.finish().await;
    assert!(left.path().join("behind").exists());
}

/// A program is found from the folder that it runs in, and runs there.
#[tokio::test]
async fn a_program_runs_in_its_folder() {
    let dir = tempfile::tempdir().unwrap();
    let script = r#"read -r line; printf '{"protocol":1,"client":{"name":"%s"}}\n' "$(pwd -P)""#;
    std::fs::write(dir.path().join("here.sh"), script).unwrap();
    let command = ["sh", "here.sh"].map(str::to_owned).to_vec();
    let program = Program { command, dir: Some(dir.path().into()), ..Program::default() };
    let adapter = Adapter::start(Arc::new(program)).await.unwrap();
    assert_eq!(adapter.info().name, dir.path().canonicalize().unwrap().display().to_string());
    assert_eq!(program_path("./here.sh", Some(dir.path())), dir.path().join("./here.sh"));
    assert_eq!(program_path("./none.sh", Some(dir.path())), std::path::Path::new("./none.sh"));
    assert_eq!(program_path("here.sh", Some(dir.path())), std::path::Path::new("here.sh"));
}

/// A line has room for the longest message that a fixture has; one without an
/// end is not read to it.
#[tokio::test]
async fn an_answer_without_a_line_break_is_one_and_one_without_an_end_is_not() {
    let last = format!("{READ}; {HELLO} | tr -d '\\n'");
    assert_eq!(Adapter::start(Arc::new(shell(&last))).await.unwrap().info().name, "double");
    let Err(error) = Adapter::start(Arc::new(shell("read -r line; head -c 2097153 /dev/zero"))).await else {
        unreachable!()
    };
    assert!(error.contains("its response is longer than 2 MiB"), "{error}");
    let Err(error) = Adapter::start(Arc::new(shell(r"read -r line; printf '\377\n'"))).await else {
        unreachable!()
    };
    assert!(error.starts_with("sh: ") && error.contains("its response is not UTF-8"), "{error}");
}

/// Of standard error the end is kept.
#[tokio::test]
async fn the_last_words_are_bounded() {
    let script = r#"read -r line; head -c 5000 /dev/zero | tr '\0' x >&2; echo end >&2; exit 3"#;
    let Err(error) = Adapter::start(Arc::new(shell(script))).await else { unreachable!() };
    let words = error.rsplit("it wrote: ").next().unwrap();
    assert!(error.contains("exit status: 3") && words.ends_with("xend"), "{error}");
    assert_eq!(words.len(), 4_096 - "\n".len());
}

#[test]
fn no_adapter_is_a_package_that_cargo_leaves_out_of_the_crate() {
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/adapters"))];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            assert!(!path.ends_with("Cargo.toml"), "{}: call it package.toml", path.display());
            if path.is_dir() && !path.ends_with("installed") {
                folders.push(path);
            }
        }
    }
}

fn attachset(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output =
        std::process::Command::new(env!("CARGO_BIN_EXE_attachset")).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// However few the fixtures are.
#[test]
fn an_adapter_that_always_breaks_its_protocol_is_a_mistake_in_the_set_up() {
    let script = format!("read -r line; {HELLO}; while read -r line; do echo babble; done");
    for command in [
        &["validate", "--only", "success/create", "--", "sh", "-c", &script][..],
        &["fuzz", "--cases", "3", "--seed", "1", "--", "sh", "-c", &script][..],
    ] {
        let (code, _, stderr) = attachset(command);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains("error: no verdict on "), "{stderr}");
    }
}

#[test]
fn an_adapter_has_its_own_time_to_start() {
    let (code, _, stderr) =
        attachset(&["validate", "--only", "success/create", "--start-timeout", "0.1", "--", "sleep", "100"]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(
        stderr.contains("sleep: the adapter gave no response to its first line within 100ms"),
        "{stderr}"
    );
}
