//! The rules of the fixtures' format, each at its edge: what is just within
//! loads, and what is just outside is refused with its place.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use attachset::fixture::{Body, Member, Reply, Set};
use attachset::wire::Response;
use serde_json::{Value, json};

fn requirements() -> Value {
    json!({"requirements": [{"id": "a.rule", "says": "It is so.", "sources": [{"title": "RFC 1", "url": "https://www.rfc-editor.org/rfc/rfc1"}]}]})
}

fn client() -> Value {
    json!({
        "title": "t", "why": "w", "level": "must", "cites": ["a.rule"],
        "steps": [{
            "call": {"attachments": [{"fileName": "a", "data": {"text": "hello"}}]},
            "replies": [{"status": 200, "body": {"json": {}}}, {"raw": [{"send": {"text": "x"}}, "close"]}],
            "outcome": {"accept": [{"output": {}}]},
        }],
    })
}

fn service() -> Value {
    json!({
        "title": "t", "why": "w", "level": "must", "cites": ["a.rule"],
        "steps": [
            {
                "send": {"call": {"attachments": []}},
                "outcome": {"accept": [{"output": {}}]},
                "capture": {"attachmentSetId": "set", "expiryTime": "time"},
            },
            {"advanceSeconds": 60},
            {
                "send": {"request": {"body": {"json": {"x": 1}}}},
                "with": {"attachmentSetId": "set"},
                "outcome": {"accept": [{"error": {}}]},
            },
            {"send": {"raw": {"text": "x"}}, "atOnce": [{"accept": [{"error": {}}]}, {"accept": [{"error": {}}]}]},
        ],
    })
}

/// What is wrong with these files, besides those that are right.
fn problems(changed: &[(&str, Vec<u8>)], check_digests: bool) -> Vec<String> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::from([
        ("requirements.json".to_owned(), requirements().to_string().into()),
        ("client/g/one.json".to_owned(), client().to_string().into()),
        ("service/g/two.json".to_owned(), service().to_string().into()),
        ("README.md".to_owned(), Vec::new()),
        ("schema/fixture.json".to_owned(), Vec::new()),
        ("client/g/notes.txt".to_owned(), Vec::new()),
    ]);
    files.extend(changed.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.clone())));
    match Set::read(files, check_digests) {
        Ok(_) => Vec::new(),
        Err(error) => error.to_string().lines().map(str::to_owned).collect(),
    }
}

/// A file with the value at a JSON pointer put in, or in place of another.
fn with(mut file: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match file.pointer_mut(parent).unwrap() {
        Value::Array(items) => match items.get_mut(name.parse::<usize>().unwrap()) {
            Some(item) => *item = value,
            None => items.push(value),
        },
        Value::Object(members) => _ = members.insert(name.into(), value),
        other => *other = value,
    }
    file
}

/// Each pointer, value, and what is said of it; nothing, where it is right.
#[track_caller]
fn each(path: &str, file: &Value, cases: Vec<(&str, Value, &str)>) {
    for (pointer, value, says) in cases {
        let changed = with(file.clone(), pointer, value.clone());
        let found = problems(&[(path, changed.to_string().into())], true);
        let expected: Vec<_> =
            Some(format!("{path}: $.{says}")).filter(|_| !says.is_empty()).into_iter().collect();
        assert_eq!(found, expected, "{pointer} {value}");
    }
}

#[test]
fn a_client_fixture() {
    let accept = json!({"output": {}});
    let long = |times: u32| json!({"repeat": "x", "times": times});
    let most = 64 << 20;
    let body = |body: Value| json!({"status": 200, "body": body});
    let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let of_hello = "aGVsbG8=";
    each(
        "client/g/one.json",
        &client(),
        vec![
            ("/title", json!(""), "title: a fixture has a title"),
            ("/why", json!(""), "why: a fixture says why it exists"),
            ("/cites", json!([]), "cites: a fixture cites at least one requirement"),
            (
                "/cites/1",
                json!("no.rule"),
                r#"cites[1]: there is no requirement "no.rule" in requirements.json"#,
            ),
            ("/charges", json!({"lost-code": "a.rule"}), ""),
            ("/charges", json!({"lost-code": "b.rule"}), r#"charges.lost-code: "b.rule" is not in cites"#),
            ("/otherwise", json!({"lost-code": ["a.rule"]}), ""),
            (
                "/otherwise",
                json!({"lost-code": ["a.rule", "b.rule"]}),
                r#"otherwise.lost-code: "b.rule" is not in cites"#,
            ),
            ("/endpointPath", json!("/a/b"), ""),
            ("/endpointPath", json!(""), ""),
            ("/endpointPath", json!("/"), "endpointPath: a path starts with a slash and ends without one"),
            ("/endpointPath", json!("a"), "endpointPath: a path starts with a slash and ends without one"),
            ("/endpointPath", json!("/a b"), "endpointPath: a path starts with a slash and ends without one"),
            ("/maxAttempts", json!(1), ""),
            ("/maxAttempts", json!(0), "maxAttempts: there is at least one attempt"),
            ("/timeoutMs", json!(1), ""),
            ("/timeoutMs", json!(0), "timeoutMs: the timeout is from 1 to 10000 milliseconds"),
            ("/timeoutMs", json!(10_000), ""),
            ("/timeoutMs", json!(10_001), "timeoutMs: the timeout is from 1 to 10000 milliseconds"),
            ("/steps", json!([]), "steps: a fixture has at least one step"),
            ("/steps/0/call", json!({"operation": "DescribeCases", "input": {"maxResults": 10}}), ""),
            (
                "/steps/0/call",
                json!({"operation": "DeleteCase"}),
                r#"steps[0].call.operation: the service model has no operation "DeleteCase""#,
            ),
            (
                "/steps/0/call",
                json!({"operation": "DescribeCases", "input": {"caseId": "1"}}),
                "steps[0].call.input: $.caseId: the operation has no such member",
            ),
            (
                "/steps/0/call",
                json!({"operation": "DescribeCases", "input": {"maxResults": "10"}}),
                "steps[0].call.input: $.maxResults: invalid type: string \"10\", expected a whole number of 32 \
                 bits at line 1 column 18",
            ),
            (
                "/steps/0/call",
                json!({"operation": "DescribeCases", "dryRun": true}),
                "steps[0].call: the members of AddAttachmentsToSet stand in the call itself, those of another \
                 operation in input",
            ),
            (
                "/steps/0/call",
                json!({"input": {"caseId": "1"}}),
                "steps[0].call.input: an input is of an operation that is named",
            ),
            (
                "/steps/0/outcome",
                json!({"accept": [{"output": {"caseId": "1"}}]}),
                r#"steps[0].outcome: the output of AddAttachmentsToSet has no member "caseId""#,
            ),
            ("/steps/0/replies", json!([]), "steps[0].replies: a step has at least one reply"),
            ("/steps/0/requests", json!({"min": 2, "max": 2}), ""),
            ("/steps/0/requests", json!({"min": 2, "max": 1}), "steps[0].requests: min is at most max"),
            (
                "/steps/0/outcome/accept",
                json!([]),
                "steps[0].outcome.accept: a judged step accepts at least one outcome",
            ),
            ("/steps/0/outcome/tolerate", json!([{"pattern": accept, "reason": "so"}]), ""),
            (
                "/steps/0/outcome/tolerate",
                json!([{"pattern": accept, "reason": ""}]),
                "steps[0].outcome.tolerate[0].reason: what is tolerated has a reason",
            ),
            ("/steps/0/request", json!({"body": {"attachments": [{"fileName": "a", "data": of_hello}]}}), ""),
            (
                "/steps/0/request",
                json!({"body": {}}),
                "steps[0].request.body: the body is the call with its data as base64",
            ),
            ("/steps/0/call/attachments/0/data", json!({"base64": of_hello}), ""),
            (
                "/steps/0/call/attachments/0/data",
                json!({"base64": "aGVsbG8"}),
                "steps[0].call.attachments[0].data: not padded standard base64: Invalid padding",
            ),
            (
                "/steps/0/call/attachments/0/data",
                json!({"bytes": 0, "seed": 0, "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}),
                "",
            ),
            (
                "/steps/0/call/attachments/0/data",
                json!({"bytes": 0, "seed": 0, "sha256": digest}),
                "steps[0].call.attachments[0].data: the SHA-256 is e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            // The name of the file counts, and the data.
            ("/steps/0/call/attachments/0/fileName", long(most - 5), ""),
            (
                "/steps/0/call/attachments/0/fileName",
                long(most - 4),
                "steps[0].call: at most 64 MiB are generated",
            ),
            ("/steps/0/call/attachmentSetId", long(most - 6), ""),
            ("/steps/0/call/attachmentSetId", long(most - 5), "steps[0].call: at most 64 MiB are generated"),
            (
                "/steps/0/call/attachments/1",
                json!({"data": {"base64": of_hello}, "fileName": long(most - 10)}),
                "steps[0].call: at most 64 MiB are generated",
            ),
            (
                "/steps/0/call/attachments/1",
                json!({"data": {"base64": of_hello}, "fileName": long(most - 11)}),
                "",
            ),
            ("/steps/0/replies/0", body(json!({"repeat": long(most)})), ""),
            (
                "/steps/0/replies/0",
                body(json!({"repeat": long(most + 1)})),
                "steps[0].replies[0].body: at most 64 MiB are generated",
            ),
            (
                "/steps/0/replies/0",
                body(json!({"parts": [{"repeat": long(most)}, {"text": "x"}]})),
                "steps[0].replies[0].body: at most 64 MiB are generated",
            ),
            (
                "/steps/0/replies/0",
                body(json!({"parts": [{"base64": "x"}]})),
                "steps[0].replies[0].body: not padded standard base64: Invalid input length: 1",
            ),
            ("/steps/0/replies/0/status", json!(599), ""),
            (
                "/steps/0/replies/0/status",
                json!(199),
                "steps[0].replies[0].status: the status is from 200 to 599",
            ),
            (
                "/steps/0/replies/0/status",
                json!(600),
                "steps[0].replies[0].status: the status is from 200 to 599",
            ),
            ("/steps/0/replies/0/headers", json!({"X-9!": "a b"}), ""),
            (
                "/steps/0/replies/0/headers",
                json!({"": "a"}),
                "steps[0].replies[0].headers.: a field name is a token",
            ),
            (
                "/steps/0/replies/0/headers",
                json!({"a b": "a"}),
                "steps[0].replies[0].headers.a b: a field name is a token",
            ),
            (
                "/steps/0/replies/0/headers",
                json!({"a": "é"}),
                "steps[0].replies[0].headers.a: a field value is printable ASCII; anything else is sent with a raw script",
            ),
            (
                "/steps/0/replies/0/headers",
                json!({"Content-Length": "1"}),
                "steps[0].replies[0].headers.Content-Length: framing is added by the server; to say otherwise, use a raw script",
            ),
            ("/steps/0/replies/0/delayMs", json!(10_000), ""),
            (
                "/steps/0/replies/0/delayMs",
                json!(10_001),
                "steps[0].replies[0].delayMs: a pause is at most 10000 milliseconds",
            ),
            (
                "/steps/0/replies/1/raw/0",
                json!({"pauseMs": 10_001}),
                "steps[0].replies[1].raw[0]: a pause is at most 10000 milliseconds",
            ),
            ("/steps/0/replies/1/raw/0", json!({"drip": {"body": {"text": "ab"}, "everyMs": 5_000}}), ""),
            (
                "/steps/0/replies/1/raw/0",
                json!({"drip": {"body": {"text": "ab"}, "everyMs": 5_001}}),
                "steps[0].replies[1].raw[0]: a pause is at most 10000 milliseconds",
            ),
            (
                "/steps/0/replies/1/raw/0",
                json!({"send": {"repeat": long(most + 1)}}),
                "steps[0].replies[1].raw[0]: at most 64 MiB are generated",
            ),
            (
                "/steps/0/replies/1/raw/0",
                json!("reset"),
                "steps[0].replies[1].raw[0]: nothing follows close, reset or hang",
            ),
            ("/steps/0/replies/1/raw/0", json!("readBody"), ""),
            ("/steps/0/replies/1/raw/1", json!("hang"), ""),
        ],
    );
    // What is open may accept nothing.
    let open = with(client(), "/level", json!("may"));
    each("client/g/one.json", &open, vec![("/steps/0/outcome", json!({}), "")]);
}

#[test]
fn a_service_fixture() {
    let expected = json!({"accept": [{"error": {}}]});
    let request = |request: Value| json!({"send": {"request": request}, "outcome": expected});
    each(
        "service/g/two.json",
        &service(),
        vec![
            ("/title", json!(""), "title: a fixture has a title"),
            ("/steps/1/advanceSeconds", json!(1), ""),
            ("/steps/1/advanceSeconds", json!(0), "steps[1].advanceSeconds: from 1 second to 31 days pass"),
            ("/steps/1/advanceSeconds", json!(2_678_400), ""),
            (
                "/steps/1/advanceSeconds",
                json!(2_678_401),
                "steps[1].advanceSeconds: from 1 second to 31 days pass",
            ),
            (
                "/steps/2/with",
                json!({"attachmentSetId": "other"}),
                r#"steps[2].with.attachmentSetId: nothing was captured as "other" before"#,
            ),
            ("/steps/2/same", json!({"attachmentSetId": "set"}), ""),
            (
                "/steps/2/same",
                json!({"attachmentSetId": "other"}),
                r#"steps[2].same.attachmentSetId: nothing was captured as "other" before"#,
            ),
            ("/steps/2/near", json!({"expiryTime": "time"}), ""),
            (
                "/steps/2/near",
                json!({"attachmentSetId": "set"}),
                "steps[2].near: of the output's members only expiryTime names a time",
            ),
            (
                "/steps/2/capture",
                json!({"expiryTime": "set"}),
                r#"steps[2].capture.expiryTime: "set" was captured before"#,
            ),
            ("/steps/2/charges", json!({"refused": "a.rule"}), ""),
            (
                "/steps/2/charges",
                json!({"refused": "no.rule"}),
                r#"steps[2].charges.refused: there is no requirement "no.rule" in requirements.json"#,
            ),
            (
                "/steps/2/outcome",
                json!({}),
                "steps[2].outcome.accept: a judged step accepts at least one outcome",
            ),
            (
                "/steps/2/send/request/body/json/attachmentSetId",
                json!("x"),
                "steps[2].with: only the attachmentSetId of a call that has none is filled in, and members that the input of another operation, or the JSON body of a request, has not",
            ),
            ("/steps/2/send", json!({"call": {}}), ""),
            (
                "/steps/2/send",
                json!({"call": {"attachmentSetId": "x"}}),
                "steps[2].with: only the attachmentSetId of a call that has none is filled in, and members that the input of another operation, or the JSON body of a request, has not",
            ),
            (
                "/steps/2/send",
                json!({"raw": {"text": "x"}}),
                "steps[2].with: only the attachmentSetId of a call that has none is filled in, and members that the input of another operation, or the JSON body of a request, has not",
            ),
            ("/steps/2", request(json!({"method": "GET", "target": "/a?b"})), ""),
            ("/steps/2", request(json!({"method": ""})), "steps[2].send.request.method: a method is a token"),
            (
                "/steps/2",
                request(json!({"method": "A B"})),
                "steps[2].send.request.method: a method is a token",
            ),
            (
                "/steps/2",
                request(json!({"target": "a"})),
                "steps[2].send.request.target: a target starts with a slash",
            ),
            (
                "/steps/2",
                request(json!({"target": "/a b"})),
                "steps[2].send.request.target: a target starts with a slash",
            ),
            ("/steps/2", request(json!({"headers": {"x-a!": "a b", "x-b": null}})), ""),
            (
                "/steps/2",
                request(json!({"headers": {"X-A": "a"}})),
                "steps[2].send.request.headers.X-A: a field name is a token in lower case",
            ),
            (
                "/steps/2",
                request(json!({"headers": {"x a": "a"}})),
                "steps[2].send.request.headers.x a: a field name is a token in lower case",
            ),
            (
                "/steps/2",
                request(json!({"headers": {"x-a": "é"}})),
                "steps[2].send.request.headers.x-a: a field value is printable ASCII",
            ),
            (
                "/steps/2",
                request(json!({"headers": {"host": "a"}})),
                "steps[2].send.request.headers.host: framing is added; to say otherwise, send raw bytes",
            ),
            (
                "/steps/2",
                request(json!({"body": {"base64": "x"}})),
                "steps[2].send.request.body: not padded standard base64: Invalid input length: 1",
            ),
            (
                "/steps/3/send/raw",
                json!({"base64": "x"}),
                "steps[3].send.raw: not padded standard base64: Invalid input length: 1",
            ),
            (
                "/steps/0/send/call/attachments/0",
                json!({"data": {"base64": "x"}}),
                "steps[0].send.call.attachments[0].data: not padded standard base64: Invalid input length: 1",
            ),
            ("/steps/3/atOnce", json!([expected]), "steps[3].atOnce: at least two are sent at once"),
            (
                "/steps/3/atOnce/1",
                json!({}),
                "steps[3].atOnce[1].accept: a judged step accepts at least one outcome",
            ),
            (
                "/steps/3/with",
                json!({"attachmentSetId": "set"}),
                "steps[3].with: only the attachmentSetId of a call that has none is filled in, and members that the input of another operation, or the JSON body of a request, has not",
            ),
            (
                "/steps/3",
                json!({"send": {"call": {}}, "with": {"attachmentSetId": "other"}, "atOnce": [expected, expected]}),
                r#"steps[3].with.attachmentSetId: nothing was captured as "other" before"#,
            ),
            (
                "/steps/3/charges",
                json!({"refused": "no.rule"}),
                r#"steps[3].charges.refused: there is no requirement "no.rule" in requirements.json"#,
            ),
            ("/steps", json!([{"advanceSeconds": 60}]), "steps: a fixture sends something"),
            (
                "/harmless",
                json!(true),
                "harmless: no clock of the real service is advanced, and nothing but HTTP is sent to it, one by one",
            ),
        ],
    );
    let plain = with(service(), "/steps", json!([request(json!({}))]));
    let harmless = with(plain, "/harmless", json!(true));
    each(
        "service/g/two.json",
        &harmless,
        vec![
            ("/needs", json!(["signatures"]), ""),
            ("/needs", json!(["cases"]), "harmless: no case is opened on the real service"),
        ],
    );
}

#[test]
fn requirements_and_names() {
    let of = |path: &str, file: Value| problems(&[(path, file.to_string().into())], false);
    let source = |title: &str, url: &str| json!([{"title": title, "url": url}]);
    let cited = |sources: Value| json!({"id": "b.rule", "says": "x", "sources": sources});
    let requirement =
        |id: &str, says: &str| json!({"id": id, "says": says, "sources": source("y", "https://y.example")});
    each(
        "requirements.json",
        &requirements(),
        vec![
            ("/requirements/1", requirement("b.rule", "x"), ""),
            (
                "/requirements/1",
                requirement("a.rule", "x"),
                r#"requirements[1]: the id "a.rule" stands twice"#,
            ),
            ("/requirements/1", requirement("b.rule", ""), "requirements[1]: a requirement says something"),
            ("/requirements/1", cited(json!([])), "requirements[1]: a requirement names its sources"),
            ("/requirements/1", cited(source("", "y")), "requirements[1].sources[0]: a source has a title"),
            ("/requirements/1", cited(source("x", "")), "requirements[1].sources[0]: a source has a link"),
        ],
    );
    for (path, role) in [
        ("client/g/One.json", "client"),
        ("client/one.json", "client"),
        ("client/g/h/one.json", "client"),
        ("client/g/a_b.json", "client"),
    ] {
        let says = format!(
            "{path}: $.: the path is {role}/GROUP/NAME.json, of lower-case letters, digits and hyphens"
        );
        assert_eq!(of(path, client()), [says]);
    }
    assert_eq!(of("client/g-1/one-2.json", client()), Vec::<String>::new());
    assert_eq!(
        of("service/g/one.json", service()),
        [r#"service/g/one.json: $: the id "g/one" is also that of client/g/one.json"#]
    );
    assert_eq!(
        of("service/x.json", service()),
        [
            "service/x.json: $.: the path is service/GROUP/NAME.json, of lower-case letters, digits and hyphens"
        ]
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_place() {
    let of = |path: &str, text: &str| problems(&[(path, text.as_bytes().to_vec())], false);
    let first = |problems: Vec<String>| problems.first().unwrap().clone();
    assert!(first(of("client/g/one.json", "x")).starts_with("client/g/one.json: $: expected value"));
    assert!(
        first(of("client/g/one.json", &format!("{} x", client())))
            .starts_with("client/g/one.json: $: trailing")
    );
    let odd = with(client(), "/steps/0/replies/0/status", json!("x")).to_string();
    assert!(first(of("client/g/one.json", &odd)).starts_with("client/g/one.json: $.steps[0].replies[0]: "));
    assert!(first(of("service/g/two.json", "{}")).starts_with("service/g/two.json: $: missing field"));
    assert!(first(of("requirements.json", "{}")).starts_with("requirements.json: $: missing field"));
    let set = Set::read(BTreeMap::new(), false).unwrap_err();
    assert_eq!(set.to_string(), "requirements.json: there is no such file");
}

/// Digests are checked only where that is asked for.
#[test]
fn digests_are_checked_where_the_set_is_built() {
    let data = json!({"bytes": 0, "seed": 0, "sha256": "x"});
    let file = with(client(), "/steps/0/call/attachments/0/data", data).to_string();
    let of = |check| problems(&[("client/g/one.json", file.clone().into())], check).len();
    assert_eq!((of(true), of(false)), (1, 0));
}

#[test]
fn generated_bytes_follow_from_the_seed() {
    let file =
        with(client(), "/steps/0/call/attachments/0/data", json!({"bytes": 5, "seed": 7, "sha256": ""}));
    let fixture: attachset::fixture::Fixture = serde_json::from_value(file).unwrap();
    let input = fixture.steps.first().unwrap().call.input();
    let data = input.attachments.unwrap().remove(0).data.unwrap();
    // By the formula of fixtures/README.md, computed apart.
    assert_eq!(data, [61, 233, 156, 237, 12]);
    assert_eq!(fixture.sent(), 6);
    let twice = attachset::fixture::Fixture { max_attempts: 3, ..fixture };
    assert_eq!(twice.sent(), 18);
}

#[test]
fn fixtures_are_found_by_id_and_time_is_summed() {
    let set = Set::embedded().unwrap();
    assert_eq!(set.find("success/create").unwrap().group(), "success");
    assert!(set.find("success/none").is_none() && set.find_service("success/create").is_none());
    let first = set.service.first().unwrap();
    assert_eq!(set.find_service(&first.id).unwrap(), first);
    assert_eq!(Some(first.group()), first.id.split('/').next());
    assert_eq!(set.entries().count(), set.client.len() + set.service.len());
    let fixture: attachset::fixture::ServiceFixture = serde_json::from_value(service()).unwrap();
    assert_eq!((fixture.passes().as_secs(), fixture.advances(), fixture.exchanges().count()), (60, true, 2));
    let still = attachset::fixture::ServiceFixture { steps: Vec::new(), ..fixture };
    assert!(!still.advances());
    assert_eq!(Member::ExpiryTime.as_str(), "expiryTime");
    let dir = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"));
    assert_eq!(Set::from_dir(dir).unwrap().entries().count(), set.entries().count());
    assert!(Set::from_dir(&dir.join("none")).unwrap_err().to_string().contains("none: "));
}

#[test]
fn bytes_are_said_in_the_form_that_says_most() {
    let form = |bytes: &[u8]| serde_json::to_string(&Body::from(bytes)).unwrap();
    assert_eq!(form(br#"{"a":1}"#), r#"{"json":{"a":1}}"#);
    // It could not be written as it is.
    assert_eq!(form(br#"{"a": 1}"#), r#"{"text":"{\"a\": 1}"}"#);
    assert_eq!(form(b"a"), r#"{"text":"a"}"#);
    assert_eq!(form(b"\xff"), r#"{"base64":"/w=="}"#);

    let message = |bytes: &[u8]| {
        let body = Body::of_message(bytes);
        assert_eq!(body.to_bytes(), bytes);
        serde_json::to_string(&body).unwrap()
    };
    assert_eq!(message(b"A\r\nB: c\r\n\r\n"), r#"{"lines":["A","B: c",""]}"#);
    assert_eq!(message(b"A\r\n\r\n{}"), r#"{"parts":[{"lines":["A",""]},{"json":{}}]}"#);
    assert_eq!(message(b"A\r\n"), r#"{"text":"A\r\n"}"#);
    assert_eq!(message(b"A\nB\r\n\r\n{}"), r#"{"text":"A\nB\r\n\r\n{}"}"#);
    assert_eq!(message(b"A\rB\r\n\r\n"), r#"{"text":"A\rB\r\n\r\n"}"#);
    assert_eq!(message(b"\xff\r\n\r\n"), r#"{"base64":"/w0KDQo="}"#);
}

/// A server may generate 64 MiB; a line has two bytes more than its text.
#[test]
fn the_bytes_of_a_reply_are_counted() {
    let most = 64 << 20;
    let parts = |bytes: usize| {
        let lines = json!({"lines": ["one", "seven"]});
        json!({"parts": [{"repeat": {"repeat": "x", "times": bytes - 14}}, lines, {"base64": "aGU="}]})
    };
    let at = "/steps/0/replies/0/body";
    let refused = "steps[0].replies[0].body: at most 64 MiB are generated";
    each("client/g/one.json", &client(), vec![(at, parts(most), ""), (at, parts(most + 1), refused)]);
}

#[test]
fn an_answer_is_a_well_formed_reply_where_that_says_all_of_it() {
    let reply = |status: u16, headers: &[(&str, &str)], body: &[u8]| {
        let headers = headers.iter().copied().collect();
        let reply = Reply::well_formed(&Response { status, headers, body: body.into() });
        reply.map(|reply| serde_json::to_string(&reply).unwrap())
    };
    let framing =
        [("Content-Length", "2"), ("connection", "close"), ("Date", "x"), ("Transfer-Encoding", "y")];
    assert_eq!(reply(200, &framing, b"{}").unwrap(), r#"{"status":200,"body":{"json":{}}}"#);
    assert_eq!(reply(400, &[("A", "b")], b"").unwrap(), r#"{"status":400,"headers":{"A":"b"}}"#);
    assert!(reply(200, &[("B", "x"), ("A", "x")], b"").is_some());
    assert!(reply(200, &[("A", "x"), ("B", "y"), ("a", "z")], b"").is_none());
    assert!(reply(200, &[("A", "x"), ("A", "x")], b"").is_none());
    assert!(reply(199, &[], b"").is_none() && reply(600, &[], b"").is_none());
    assert!(reply(200, &[("A", "b\r\nC: d")], b"").is_none());
}
