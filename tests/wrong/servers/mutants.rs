//! Wrong services, each with one mistake that real implementers make.

use std::collections::HashMap;

use attachset::judge::Defect;
use attachset::model::{Input, Operation, Output, ServiceError};
use attachset::service;
use attachset::wire::outcome::Outcome;
use attachset::wire::sign::{sign, test_credentials, verify};
use attachset::wire::{Headers, Request, Response, decode, encode, latin1};
use serde_json::Value;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, SystemTime};

/// A wrong service.
pub(crate) struct Mutant {
    pub(crate) mistake: &'static str,
    /// The options of the service behind it.
    pub(crate) service: fn() -> service::Options,
    /// What it does to a request before it is served.
    pub(crate) request: fn(&mut Request, &mut Memory),
    /// What it does to the answer to a request.
    pub(crate) answer: fn(&Request, &mut Response, &mut Memory),
    /// Whether only large attachments show the mistake.
    pub(crate) large: bool,
    /// The one finding that it comes to, where one mistake is made of many.
    pub(crate) only: Option<(Defect, &'static str)>,
}

impl Mutant {
    /// However many fixtures show it, it is one finding.
    const fn only(self, defect: Defect, requirement: &'static str) -> Self {
        Self { only: Some((defect, requirement)), ..self }
    }
}

/// What a mutant remembers of a connection.
#[derive(Default)]
pub(crate) struct Memory {
    /// How many attachments were added.
    attachments: usize,
    /// The id of the first set.
    first: Option<String>,
    /// Whether an addition succeeded.
    added: bool,
    /// How much time had been let pass when the last set was made.
    created: i64,
    /// The last error's code.
    refused: Option<String>,
}

pub(crate) static CONTROL: Mutant = Mutant {
    mistake: "none",
    service: service::Options::default,
    request: |_, _| {},
    answer: |_, _, _| {},
    large: false,
    only: None,
};

const fn request(mistake: &'static str, request: fn(&mut Request, &mut Memory)) -> Mutant {
    Mutant { mistake, request, ..CONTROL_VALUE }
}

const fn answer(mistake: &'static str, answer: fn(&Request, &mut Response, &mut Memory)) -> Mutant {
    Mutant { mistake, answer, ..CONTROL_VALUE }
}

const fn large(mistake: &'static str, answer: fn(&Request, &mut Response, &mut Memory)) -> Mutant {
    Mutant { mistake, answer, large: true, ..CONTROL_VALUE }
}

const fn size(mistake: &'static str, service: fn() -> service::Options) -> Mutant {
    Mutant { mistake, service, large: true, ..CONTROL_VALUE }
}

const CONTROL_VALUE: Mutant = Mutant {
    mistake: "",
    service: service::Options::default,
    request: |_, _| {},
    answer: |_, _, _| {},
    large: false,
    only: None,
};

const SIZE: &str = "AttachmentSetSizeLimitExceeded";
const NOT_FOUND: &str = "AttachmentSetIdNotFound";
const EXPIRED: &str = "AttachmentSetExpired";

/// The operation on cases that a request is for.
fn on_cases(request: &Request) -> Option<Operation> {
    let operation = Operation::from_target(request.headers.get("x-amz-target")?);
    operation.filter(|operation| *operation != Operation::AddAttachmentsToSet)
}

/// The input of what is not for an operation on cases.
fn input(request: &Request) -> Input {
    match on_cases(request) {
        None => decode::input(&request.body).map(|decoded| decoded.input).unwrap_or_default(),
        Some(_) => Input::default(),
    }
}

fn count(request: &Request) -> usize {
    input(request).attachments.map_or(0, |list| list.len())
}

fn is_addition(request: &Request) -> bool {
    input(request).attachment_set_id.is_some()
}

fn is_output(answer: &Response) -> bool {
    matches!(decode::response(answer), Outcome::Output(_))
}

fn code(answer: &Response) -> Option<String> {
    match decode::response(answer) {
        Outcome::Error(error) => error.code?.as_str().map(Into::into),
        _ => None,
    }
}

fn text(request: &Request) -> String {
    String::from_utf8_lossy(&request.body).into_owned()
}

fn refuse(answer: &mut Response, code: &str, status: u16) {
    let (code, message) = (Some(code.to_owned()), Some("refused".to_owned()));
    *answer = encode::error(&ServiceError { code, message, status, request_id: Some("r".into()) });
}

/// Answers as if the call had gone well.
fn accept(request: &Request, answer: &mut Response) {
    let id = input(request).attachment_set_id.unwrap_or_else(|| "as-made-up".into());
    let output =
        Output { attachment_set_id: Some(id), expiry_time: Some("2030-01-01T00:00:00.000+0000".into()) };
    *answer = encode::output(&output, "r");
}

/// Answers a call of an operation on cases with this.
fn output(answer: &mut Response, body: &Value) {
    answer.status = 200;
    answer.body = body.to_string().into_bytes();
}

/// Leaves the set out of a call of an operation on cases.
fn without_set(request: &mut Request, operation: Operation) {
    let body: Option<Value> = serde_json::from_slice(&request.body).ok();
    if on_cases(request) == Some(operation)
        && let Some(Value::Object(mut members)) = body
    {
        members.remove("attachmentSetId");
        request.body = Value::Object(members).to_string().into_bytes();
    }
}

fn edit_attachment(answer: &mut Response, edit_it: impl FnOnce(&mut serde_json::Map<String, Value>)) {
    edit(answer, |body| {
        if let Some(Value::Object(attachment)) = body.get_mut("attachment") {
            edit_it(attachment);
        }
    });
}

fn edit(answer: &mut Response, edit: impl FnOnce(&mut serde_json::Map<String, Value>)) {
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if let Value::Object(members) = &mut body {
        edit(members);
        answer.body = body.to_string().into_bytes();
    }
}

fn header(headers: &mut Headers, name: &str, value: &str) {
    let others = headers.iter().filter(|(other, _)| !other.eq_ignore_ascii_case(name));
    *headers = others.chain([(name, value)]).collect();
}

fn is_clock(request: &Request) -> bool {
    request.target.ends_with("/clock") && request.method == "POST"
}

/// How many seconds a request lets pass.
fn advanced(request: &Request) -> f64 {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    body.get("advanceSeconds").and_then(Value::as_f64).unwrap_or_default()
}

fn scale_clock(request: &mut Request, by: f64) {
    if is_clock(request) {
        request.body =
            serde_json::json!({ "advanceSeconds": advanced(request) * by }).to_string().into_bytes();
    }
}

/// The additions that are under way to each set, for the one mutant that races.
static UNDER_WAY: LazyLock<Mutex<HashMap<String, Additions>>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Additions {
    count: usize,
    /// Whether two were under way at once since there was none.
    met: bool,
}

/// How many seconds were let pass of the one mutant that counts them, on any
/// connection.
static ADVANCED: AtomicI64 = AtomicI64::new(0);

fn dry_run(request: &mut Request, becomes: fn(bool) -> Option<bool>) {
    let before = input(request);
    if let Some(dry_run) = before.dry_run {
        request.body = encode::input_body(&Input { dry_run: becomes(dry_run), ..before });
    }
}

/// Signs a request anew whose signature was valid before it was edited.
pub(crate) fn sign_again(came: &Request, sent: &mut Request) {
    if sent != came && verify(came, &test_credentials(), SystemTime::now()).is_ok() {
        sign_anew(sent);
    }
}

fn sign_anew(request: &mut Request) {
    // The length is that of what came; what is sent gets its own.
    let own = ["authorization", "content-length", "x-amz-date", "x-amz-security-token"];
    request.headers = request.headers.iter().filter(|(name, _)| !own.contains(name)).collect();
    sign(request, &test_credentials(), SystemTime::now()).unwrap();
}

/// Lets an output's `expiryTime` be later than it is.
fn postpone(answer: &mut Response, seconds: i64) {
    edit(answer, |body| {
        let time = body.get("expiryTime").and_then(Value::as_str).unwrap_or_default();
        if let Ok(time) = jiff::Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", time) {
            let later = time + jiff::SignedDuration::from_secs(seconds);
            body.insert("expiryTime".into(), later.to_string().into());
        }
    });
}

/// What the protocol does not know, and a body that it cannot read.
fn is_unknown(answer: &Response) -> bool {
    code(answer).as_deref() == Some("UnknownOperationException")
}

pub(crate) static MUTANTS: &[Mutant] = &[
    answer("it has not the operation", |_, answer, _| refuse(answer, "UnknownOperationException", 404))
        .only(Defect::Refused, "seed.adds-attachments"),
    answer("it has not the operation, and answers with a page", |_, answer, _| {
        *answer = Response { status: 500, body: b"<html></html>".to_vec(), ..Response::default() };
    })
    .only(Defect::Refused, "seed.adds-attachments"),
    answer("every answer is cut", |_, answer, _| {
        *answer = Response { status: 200, body: b"{\"attachmentSetId\":".to_vec(), ..Response::default() };
    })
    .only(Defect::UnreadableAnswer, "protocol.response-json"),
    // Outputs.
    answer("an output has no expiryTime", |_, answer, _| {
        edit(answer, |body| drop(body.remove("expiryTime")))
    }),
    answer("an output has no attachmentSetId", |_, answer, _| {
        edit(answer, |body| drop(body.remove("attachmentSetId")));
    }),
    answer("expiryTime is a number", |_, answer, _| {
        edit(answer, |body| {
            body.get_mut("expiryTime").into_iter().for_each(|time| *time = 1_589_475_880.into());
        });
    }),
    answer("an output has no members", |_, answer, _| {
        if is_output(answer) {
            answer.body = b"{}".to_vec();
        }
    }),
    answer("an output of a call has no body", |request, answer, _| {
        if is_output(answer) && on_cases(request).is_none() {
            answer.body = Vec::new();
        }
    }),
    answer("expiryTime is always the same", |_, answer, _| {
        edit(answer, |body| {
            body.get_mut("expiryTime")
                .into_iter()
                .for_each(|time| *time = "2020-05-14T17:04:40.790+0000".into());
        });
    })
    .only(Defect::OtherOutput, "seed.expiry-time"),
    answer("expiryTime is local time marked as UTC", |_, answer, _| postpone(answer, 2 * 3_600))
        .only(Defect::OtherOutput, "seed.expiry-time"),
    answer("the expiry is in the answers for new sets alone", |request, answer, _| {
        if is_addition(request) {
            edit(answer, |body| drop(body.remove("expiryTime")));
        }
    }),
    answer("an addition is answered with an id of its own", |request, answer, _| {
        if is_addition(request) && is_output(answer) {
            edit(answer, |body| drop(body.insert("attachmentSetId".into(), "as-added".into())));
        }
    }),
    answer("every new set has the first one's id", |request, answer, memory| {
        if !is_addition(request)
            && let Outcome::Output(output) = decode::response(answer)
            && let Some(Value::String(id)) = output.get("attachmentSetId")
        {
            let first = memory.first.get_or_insert_with(|| id.clone()).clone();
            edit(answer, |body| drop(body.insert("attachmentSetId".into(), first.into())));
        }
    }),
    answer("an addition's expiryTime is a minute later", |request, answer, _| {
        if is_addition(request) {
            postpone(answer, 60);
        }
    })
    .only(Defect::OtherOutput, "seed.one-hour"),
    Mutant {
        mistake: "an addition is answered with an hour from now",
        request: |request, _| {
            ADVANCED.fetch_add(advanced(request) as i64, Ordering::Relaxed);
        },
        answer: |request, answer, memory| {
            let now = ADVANCED.load(Ordering::Relaxed);
            if is_addition(request) {
                postpone(answer, now - memory.created);
            } else {
                memory.created = now;
            }
        },
        ..CONTROL_VALUE
    }
    .only(Defect::OtherOutput, "seed.one-hour"),
    // What it takes.
    answer("one attachment a call", |request, answer, _| {
        if count(request) == 2 {
            refuse(answer, SIZE, 400);
        }
    }),
    answer("three attachments are one too many", |request, answer, _| {
        if count(request) == 3 {
            refuse(answer, SIZE, 400);
        }
    }),
    answer("data must be text", |request, answer, _| {
        let data = input(request).attachments.into_iter().flatten().filter_map(|attachment| attachment.data);
        if data.map(String::from_utf8).any(|text| text.is_err()) {
            refuse(answer, "SerializationException", 400);
        }
    }),
    answer("only .log files", |request, answer, _| {
        let names =
            input(request).attachments.into_iter().flatten().filter_map(|attachment| attachment.file_name);
        if names.into_iter().any(|name| !name.ends_with(".log")) {
            refuse(answer, "ValidationException", 400);
        }
    }),
    answer("the limit of three is a connection's", |request, answer, memory| {
        if is_output(answer) {
            memory.attachments += count(request);
            if memory.attachments > 3 {
                refuse(answer, SIZE, 400);
            }
        }
    }),
    answer("a set takes no additions", |request, answer, _| {
        if is_addition(request) && is_output(answer) {
            refuse(answer, SIZE, 400);
        }
    }),
    answer("a set takes one addition", |request, answer, memory| {
        if is_addition(request) && is_output(answer) && std::mem::replace(&mut memory.added, true) {
            refuse(answer, SIZE, 400);
        }
    }),
    // Unknown sets.
    answer("an unknown id is an internal error", |_, answer, _| {
        if code(answer).as_deref() == Some(NOT_FOUND) {
            refuse(answer, "InternalServerError", 500);
        }
    }),
    answer("an unknown id is a validation error", |_, answer, _| {
        if code(answer).as_deref() == Some(NOT_FOUND) {
            refuse(answer, "ValidationException", 400);
        }
    }),
    answer("an unknown id makes a set", |request, answer, _| {
        if code(answer).as_deref() == Some(NOT_FOUND) {
            accept(request, answer);
        }
    }),
    answer("an unknown id makes a set that is known the second time", |request, answer, memory| {
        if code(answer).as_deref() == Some(NOT_FOUND) && memory.refused.replace(NOT_FOUND.into()).is_some() {
            accept(request, answer);
        }
    }),
    // Limits.
    answer("no limit on count", |request, answer, _| {
        if code(answer).as_deref() == Some(SIZE) {
            accept(request, answer);
        }
    }),
    answer("the count is a call's", |request, answer, _| {
        if code(answer).as_deref() == Some(SIZE) && is_addition(request) {
            accept(request, answer);
        }
    }),
    answer("a set that is not full takes any addition", |request, answer, memory| {
        if code(answer).as_deref() == Some(SIZE) && is_addition(request) && memory.attachments < 3 {
            accept(request, answer);
        } else if is_output(answer) {
            memory.attachments += count(request);
        }
    }),
    answer("a refusal makes room", |request, answer, memory| {
        if code(answer).as_deref() == Some(SIZE)
            && is_addition(request)
            && memory.refused.replace(SIZE.into()).is_some()
        {
            accept(request, answer);
        }
    }),
    Mutant {
        mistake: "additions that come at once are counted by what was there before",
        request: |request, _| {
            if let Some(id) = input(request).attachment_set_id {
                let mut all = UNDER_WAY.lock().unwrap();
                let additions = all.entry(id).or_default();
                additions.count += 1;
                additions.met |= additions.count > 1;
                drop(all);
                tokio::task::block_in_place(|| std::thread::sleep(Duration::from_millis(100)));
            }
        },
        answer: |request, answer, _| {
            let Some(id) = input(request).attachment_set_id else { return };
            let mut all = UNDER_WAY.lock().unwrap();
            let additions = all.entry(id).or_default();
            if code(answer).as_deref() == Some(SIZE) && additions.met {
                accept(request, answer);
            }
            additions.count -= 1;
            additions.met &= additions.count > 0;
        },
        ..CONTROL_VALUE
    }
    .only(Defect::Accepted, "seed.three-attachments"),
    answer("too many attachments are the rate limit's", |_, answer, _| {
        if code(answer).as_deref() == Some(SIZE) {
            refuse(answer, "LimitExceededException", 400);
        }
    }),
    answer("a refused addition stays", |request, answer, memory| match code(answer).as_deref() {
        Some(SIZE) => memory.refused = Some(SIZE.into()),
        None if is_addition(request) && memory.refused.is_some() => refuse(answer, SIZE, 400),
        _ => {}
    }),
    size("the limit is on the base64", || service::Options {
        max_attachment_bytes: 3_932_160,
        ..Default::default()
    }),
    size("5 MB are 5,500,000 bytes", || service::Options {
        max_attachment_bytes: 5_500_000,
        ..Default::default()
    }),
    size("no limit on size", || service::Options { max_attachment_bytes: usize::MAX, ..Default::default() }),
    large("the limit on size is the whole call's", |request, answer, _| {
        if request.body.len() > 7_000_000 {
            refuse(answer, SIZE, 400);
        }
    }),
    large("the limit on size is the first attachment's", |request, answer, _| {
        let first = input(request).attachments.and_then(|list| list.into_iter().next()?.data);
        if code(answer).as_deref() == Some(SIZE) && first.is_some_and(|data| data.len() < 1_000) {
            accept(request, answer);
        }
    }),
    large("the limit on size is for new sets", |request, answer, _| {
        if code(answer).as_deref() == Some(SIZE) && is_addition(request) {
            accept(request, answer);
        }
    }),
    large("many attachments are the server's fault", |request, answer, _| {
        if text(request).matches("fileName").count() > 10 {
            refuse(answer, "InternalServerError", 500);
        }
    })
    .only(Defect::OtherStatus, "http.server-refusal-status"),
    large("a large body is the end of it", |request, answer, memory| {
        if memory.added {
            refuse(answer, "ServiceUnavailable", 503);
        }
        memory.added |= request.body.len() > 30_000_000;
    })
    .only(Defect::Refused, "user.server-stays-up"),
    // Time.
    request("sets last half an hour", |request, _| scale_clock(request, 2.0)),
    request("sets never expire", |request, _| scale_clock(request, 0.0)),
    request("sets last an hour and a half", |request, _| scale_clock(request, 0.66)),
    answer("an addition extends the hour", |request, answer, memory| {
        if is_addition(request) && code(answer).as_deref() == Some(EXPIRED) && memory.added {
            accept(request, answer);
        }
        memory.added |= is_addition(request) && is_output(answer);
    }),
    answer("a refused addition extends the hour", |request, answer, memory| {
        if code(answer).as_deref() == Some(EXPIRED) && memory.refused.is_some() {
            accept(request, answer);
        }
        memory.refused = memory.refused.take().or(code(answer).filter(|code| code == SIZE));
    }),
    answer("an expired set comes back", |request, answer, memory| {
        if code(answer).as_deref() == Some(EXPIRED) && memory.refused.replace(EXPIRED.into()).is_some() {
            accept(request, answer);
        }
    }),
    answer("an expired set is an internal error", |_, answer, _| {
        if code(answer).as_deref() == Some(EXPIRED) {
            refuse(answer, "InternalServerError", 500);
        }
    }),
    // Dry runs.
    request("dryRun is ignored", |request, _| dry_run(request, |_| None)),
    request("dryRun false is a dry run", |request, _| dry_run(request, |_| Some(true))),
    answer("a dry run ends well", |request, answer, _| {
        if code(answer).as_deref() == Some("DryRunOperationException") {
            accept(request, answer);
        }
    }),
    answer("a dry run takes room", |request, answer, memory| match code(answer).as_deref() {
        Some("DryRunOperationException") => memory.added = true,
        None if is_addition(request) && memory.added => refuse(answer, SIZE, 400),
        _ => {}
    }),
    // Reading.
    answer("null is a value", |request, answer, _| {
        if text(request).contains("null") {
            refuse(answer, "SerializationException", 400);
        }
    }),
    answer("the content type is compared whole", |request, answer, _| {
        let content_type = request.headers.get("content-type").unwrap_or_default();
        if content_type != "application/x-amz-json-1.1" {
            refuse(answer, "UnsupportedMediaTypeException", 415);
        }
    }),
    answer("no white space", |request, answer, _| {
        if text(request).starts_with(' ') {
            refuse(answer, "SerializationException", 400);
        }
    }),
    answer("no escapes", |request, answer, _| {
        if text(request).contains('\\') {
            refuse(answer, "SerializationException", 400);
        }
    }),
    answer("attachments come first", |request, answer, _| {
        if text(request).starts_with("{\"dryRun\"") {
            refuse(answer, "SerializationException", 400);
        }
    }),
    answer("only ASCII", |request, answer, _| {
        if !request.body.is_ascii() {
            refuse(answer, "SerializationException", 400);
        }
    }),
    // Refusing.
    answer("attachments may be left out", |request, answer, _| {
        if code(answer).is_some() && ["{}", "{\"attachments\":null}"].contains(&&*text(request)) {
            accept(request, answer);
        }
    }),
    answer("what cannot be read is an empty call", |request, answer, _| {
        if code(answer).as_deref() == Some("SerializationException") {
            accept(request, answer);
        }
    }),
    answer("what cannot be read is the server's fault", |_, answer, _| {
        if code(answer).as_deref() == Some("SerializationException") {
            refuse(answer, "InternalServerError", 500);
        }
    }),
    request("the target is not looked at", |request, _| {
        header(&mut request.headers, "x-amz-target", attachset::model::names::TARGET);
    }),
    request("the method is not looked at", |request, _| request.method = "POST".into()),
    answer("GET is a page", |request, answer, _| {
        if request.method == "GET" {
            *answer = Response { status: 200, headers: Headers::default(), body: b"{}".to_vec() };
        }
    }),
    request("the path is not looked at", |request, _| {
        if !request.target.starts_with("/_attachset") {
            request.target = "/".into();
        }
    }),
    answer("what the protocol does not know is the server's fault", |_, answer, _| {
        if is_unknown(answer) {
            refuse(answer, "UnknownOperationException", 501);
        }
    })
    .only(Defect::OtherStatus, "http.server-refusal-status"),
    answer("an unknown operation has a name of its own", |_, answer, _| {
        if is_unknown(answer) {
            refuse(answer, "InvalidAction", 400);
        }
    })
    .only(Defect::OtherError, "model.common-errors"),
    // The answer's form.
    answer("answers are application/json", |_, answer, _| {
        header(&mut answer.headers, "content-type", "application/json");
    }),
    answer("errors are text/plain", |_, answer, _| {
        if code(answer).is_some() {
            header(&mut answer.headers, "content-type", "text/plain");
        }
    }),
    answer("no request ids", |_, answer, _| {
        answer.headers = answer.headers.iter().filter(|(name, _)| *name != "x-amzn-requestid").collect();
    }),
    answer("a new set is 201", |_, answer, _| {
        if is_output(answer) {
            answer.status = 201;
        }
    }),
    answer("an unknown id is 404", |_, answer, _| {
        if code(answer).as_deref() == Some(NOT_FOUND) {
            answer.status = 404;
        }
    }),
    answer("a size limit is 413", |_, answer, _| {
        if code(answer).as_deref() == Some(SIZE) {
            answer.status = 413;
        }
    }),
    answer("an expired set is 410", |_, answer, _| {
        if code(answer).as_deref() == Some(EXPIRED) {
            answer.status = 410;
        }
    }),
    answer("outputs have null members", |_, answer, _| {
        if is_output(answer) {
            edit(answer, |body| drop(body.insert("uploadId".into(), Value::Null)));
        }
    }),
    answer("errors have null members", |_, answer, _| {
        if code(answer).is_some() {
            edit(answer, |body| drop(body.insert("Message".into(), Value::Null)));
        }
    }),
    answer("errors have no __type", |_, answer, _| edit(answer, |body| drop(body.remove("__type")))),
    answer("errors have a namespace", |_, answer, _| {
        if let Some(code) = code(answer) {
            let name = format!("com.amazonaws.support#{code}");
            edit(answer, |body| drop(body.insert("__type".into(), name.into())));
        }
    }),
    answer("errors are XML", |_, answer, _| {
        if let Some(code) = code(answer) {
            answer.body = format!("<ErrorResponse><Code>{code}</Code></ErrorResponse>").into_bytes();
        }
    }),
    // Cases.
    request("a case is opened without its set", |request, _| without_set(request, Operation::CreateCase)),
    request("a communication goes out without its set", |request, _| {
        without_set(request, Operation::AddCommunicationToCase);
    }),
    answer("communications list no attachments", |_, answer, _| {
        edit(answer, |body| {
            for communication in
                body.get_mut("communications").and_then(Value::as_array_mut).into_iter().flatten()
            {
                communication.as_object_mut().into_iter().for_each(|members| {
                    members.remove("attachments");
                    members.remove("attachmentSet");
                });
            }
        });
    }),
    answer("attachments come back as text", |_, answer, _| {
        edit_attachment(answer, |attachment| {
            let data = attachment.get("data").and_then(Value::as_str).unwrap_or_default();
            let text = String::from_utf8_lossy(&encode::from_base64(data).unwrap()).into_owned();
            attachment.insert("data".into(), encode::base64(text.as_bytes()).into());
        });
    }),
    answer("names come back with question marks", |_, answer, _| {
        edit_attachment(answer, |attachment| {
            let name = attachment.get("fileName").and_then(Value::as_str).unwrap_or_default();
            let name: String = name.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
            attachment.insert("fileName".into(), name.into());
        });
    }),
    answer("texts come back with question marks", |_, answer, _| {
        edit(answer, |body| {
            for communication in
                body.get_mut("communications").and_then(Value::as_array_mut).into_iter().flatten()
            {
                let text = communication.get("body").and_then(Value::as_str).unwrap_or_default();
                let text: String = text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
                communication.as_object_mut().unwrap().insert("body".into(), text.into());
            }
        });
    }),
    answer("a request without a body is refused", |request, answer, _| {
        if request.body.is_empty() && on_cases(request).is_some() {
            refuse(answer, "SerializationException", 400);
        }
    }),
    answer("attachments come back without their name", |_, answer, _| {
        edit_attachment(answer, |attachment| drop(attachment.remove("fileName")));
    }),
    answer("attachments come back without their data", |_, answer, _| {
        edit_attachment(answer, |attachment| drop(attachment.remove("data")));
    }),
    Mutant {
        mistake: "attachments are forgotten at once",
        service: || service::Options { kept_bytes: 0, ..Default::default() },
        ..CONTROL_VALUE
    },
    answer("attachments come back in the URL alphabet of base64", |_, answer, _| {
        edit_attachment(answer, |attachment| drop(attachment.insert("data".into(), "-_-_".into())));
    }),
    answer("the result of a communication is a string", |_, answer, _| {
        edit(answer, |body| {
            body.values_mut().filter(|of| of.is_boolean()).for_each(|of| *of = "true".into())
        });
    }),
    answer("communications come one by one, without a list", |_, answer, _| {
        edit(answer, |body| {
            if let Some(Value::Array(list)) = body.get("communications") {
                let first = list.first().cloned().unwrap_or_default();
                body.insert("communications".into(), first);
            }
        });
    }),
    answer("an unknown attachment is an empty one", |_, answer, _| {
        if code(answer).as_deref() == Some("AttachmentIdNotFound") {
            output(answer, &serde_json::json!({"attachment": {"fileName": "", "data": ""}}));
        }
    }),
    answer("a communication to an unknown case goes well", |_, answer, _| {
        if code(answer).as_deref() == Some("CaseIdNotFound") {
            output(answer, &serde_json::json!({"result": true}));
        }
    }),
    answer("a set that cannot be taken is passed over", |request, answer, _| {
        let refused = code(answer);
        if on_cases(request).is_some() && refused.is_some_and(|code| [NOT_FOUND, EXPIRED].contains(&&*code)) {
            output(answer, &serde_json::json!({"caseId": "case-1", "result": true}));
        }
    }),
    answer("an expired set is one that cannot be read", |request, answer, _| {
        if on_cases(request).is_some() && code(answer).as_deref() == Some(EXPIRED) {
            refuse(answer, "ValidationException", 400);
        }
    }),
    answer("a refused communication uses its set up", |request, answer, memory| {
        if code(answer).as_deref() == Some("CaseIdNotFound") {
            memory.refused = Some(NOT_FOUND.into());
        } else if on_cases(request) == Some(Operation::CreateCase) && memory.refused.is_some() {
            refuse(answer, NOT_FOUND, 400);
        }
    }),
    // Signatures.
    request("signatures are not looked at", |request, _| sign_anew(request)),
    answer("every signature is refused", |request, answer, _| {
        if request.headers.get("authorization").is_some() {
            refuse(answer, "InvalidSignatureException", 403);
        }
    }),
    answer("file names are cut at the first control character", |request, answer, _| {
        let name = input(request).attachments.and_then(|list| list.into_iter().next()?.file_name);
        if name.is_some_and(|name| latin1(name.as_bytes()).contains('\0')) {
            refuse(answer, "InternalFailure", 500);
        }
    }),
];

/// Not wrong: a server that is asked too much.
pub(crate) static THROTTLES: Mutant = answer("it throttles", |_, answer, _| {
    refuse(answer, "ThrottlingException", 400);
});

/// Not wrong: servers without cases, as far as they go.
pub(crate) static WITHOUT_CASES: [Mutant; 2] = [
    answer("no operations on cases", |request, answer, _| {
        if on_cases(request).is_some() {
            refuse(answer, "UnknownOperationException", 400);
        }
    }),
    answer("operations on cases are not implemented", |request, answer, _| {
        if on_cases(request).is_some() {
            refuse(answer, "InternalFailure", 501);
        }
    }),
];
