//! The fixture that a draw comes to, and simpler ones.

use super::response_builder::Mark;
use super::{Draw, Exchange, Setting, call, response_builder};
use crate::fixture::{
    Action, Body, Call, Charges, Count, DateIs, Defect, ErrorPattern, Fixture, Level, Need, Otherwise,
    OutputPattern, Pattern, RawReply, Reply, Rule, Start, Step, Text,
};
use crate::model::Exception;
use crate::oracle::{self, Answer};
use crate::wire::http1::{self, Framing};
use crate::wire::outcome::ErrorKind;

/// The time-out of a draw, in milliseconds.
const TIMEOUT_MS: u64 = 2_000;
/// That of one call whose answer never comes: it is waited for.
const SILENCE_MS: u64 = 200;
/// That of several calls of which one is not answered: the others must be.
const SILENCE_AMONG_MS: u64 = 1_000;

/// A call and the replies to its attempts.
type Answered = (Call, Vec<Reply>);

/// The fixture that a draw comes to, ruled on by the oracle. What an author has
/// to say of it is left empty.
#[must_use]
pub fn fixture(draw: &Draw) -> Fixture {
    let answered = |(number, exchange): (usize, &Exchange)| {
        let mark = Mark::new(draw.setting.serial, number);
        let replies = exchange.failures.iter().map(|status| response_builder::failure(*status, &mark));
        (exchange.call.clone(), replies.chain([response_builder::reply(exchange, &mark)]).collect())
    };
    of(draw.exchanges.iter().enumerate().map(answered).collect(), &draw.setting)
}

/// The fixture of these calls and their answers.
fn of(exchanges: Vec<Answered>, setting: &Setting) -> Fixture {
    let hangs = |reply: &Reply| matches!(reply, Reply::Raw(reply) if reply.raw.contains(&Action::Hang));
    let timeout_ms = match (exchanges.iter().flat_map(|(_, replies)| replies).any(hangs), exchanges.len()) {
        (false, _) => TIMEOUT_MS,
        (true, 1) => SILENCE_MS,
        (true, _) => SILENCE_AMONG_MS,
    };
    let most = exchanges.iter().map(|(_, replies)| replies.len() as u32).max().unwrap_or(1);
    let max_attempts = setting.attempts.max(most);
    let each = exchanges.into_iter().map(|(call, replies)| attempts(call, replies, max_attempts, timeout_ms));
    match each.reduce(join) {
        Some(fixture) => {
            Fixture { session_token: setting.session_token, max_attempts, timeout_ms, ..fixture }
        }
        None => of(vec![(call::plain(), vec![Reply::Raw(RawReply::default())])], setting),
    }
}

/// The fixture of one call and the replies to its attempts. Whether a client
/// tries again is its own affair, but for what is no failure of the service's.
fn attempts(call: Call, mut replies: Vec<Reply>, max_attempts: u32, timeout_ms: u64) -> Fixture {
    let last = replies.pop().unwrap_or(Reply::Raw(RawReply::default()));
    let mut fixture = oracle::fixture(call.clone(), last, timeout_ms);
    let (level, is_final, lesson) = (fixture.level, not_retried(&fixture), lesson(&fixture));
    let before: Vec<_> =
        replies.into_iter().map(|reply| oracle::fixture(call.clone(), reply, timeout_ms)).collect();
    if let [step] = fixture.steps.as_mut_slice()
        && max_attempts > 1
        && level != Level::May
    {
        let max = if is_final.is_some() { before.len() + 1 } else { max_attempts as usize };
        step.requests = Some(Count { min: 1, max });
        for other in before.into_iter().rev() {
            for other in other.steps {
                step.replies.splice(0..0, other.replies);
                step.outcome.accept.extend(other.outcome.accept);
                step.outcome.tolerate.extend(other.outcome.tolerate);
            }
        }
    }
    fixture = with_call(fixture);
    if let Some(requirement) = lesson.or(is_final.filter(|_| max_attempts > 1)) {
        fixture.charges.insert(Defect::TooManyRequests, requirement.into());
        fixture.cites.push(requirement.into());
    }
    fixture
}

/// The requirement that a client breaks that tries again after one of the
/// errors that clients take for another, however many attempts it may make.
fn lesson(fixture: &Fixture) -> Option<&'static str> {
    let [Pattern::Error(pattern)] = fixture.steps.first()?.outcome.accept.as_slice() else { return None };
    let [Some(code)] = pattern.code.0.as_slice() else { return None };
    match Exception::from_code(&code.to_text())? {
        Exception::AttachmentSetExpired => Some("retry.not-expired-set"),
        Exception::AttachmentLimitExceeded => Some("retry.not-rate-limit"),
        _ => None,
    }
}

/// The requirement that a client breaks that tries again after an answer.
fn not_retried(fixture: &Fixture) -> Option<&'static str> {
    let accept = &fixture.steps.first()?.outcome.accept;
    let is_refusal = |pattern: &ErrorPattern| {
        let refused = |exception: &Exception| exception.status() == 400;
        let named = |code: &str| Exception::from_code(code).filter(refused).is_some();
        let code = |code: &Option<Text>| code.as_ref().is_some_and(|code| named(&code.to_text()));
        pattern.status.0 == [Some(400)] && !pattern.code.is_anything() && pattern.code.0.iter().all(code)
    };
    match accept.as_slice() {
        [Pattern::Output(_)] => Some("retry.not-success"),
        [Pattern::Error(pattern)] if is_refusal(pattern) => Some("retry.not-client-errors"),
        _ => None,
    }
}

/// Adds what the oracle leaves to whoever knows the call: a plain output is
/// missed because of it, or for no reason that an answer could have.
fn with_call(mut fixture: Fixture) -> Fixture {
    let is_plain = fixture.steps.iter().all(|step| step.call == call::plain());
    if fixture.level != Level::May && fixture.charges.is_empty() {
        let refused = if is_plain { "protocol.response-json" } else { "model.no-constraints" };
        let read = "protocol.response-json".to_owned();
        fixture.charges = Charges::from([
            (Defect::FalseError, refused.into()),
            (Defect::WrongKind, refused.into()),
            (Defect::WrongOutput, read.clone()),
            (Defect::FalseSuccess, read),
        ]);
    }
    let mut cites: Vec<_> =
        fixture.charges.values().chain(fixture.otherwise.values().flatten()).cloned().collect();
    cites.sort_unstable();
    cites.dedup();
    if cites.is_empty() {
        cites.push("user.answers-in-time".into());
    }
    Fixture { cites, ..fixture }
}

/// One fixture of the calls of two. What is undecided among what is judged
/// may come to anything; and the weaker level counts, so that nothing is said
/// to be forbidden that is not.
fn join(mut all: Fixture, next: Fixture) -> Fixture {
    for fixture in [&next, &all].map(Clone::clone) {
        all.cites.extend(fixture.cites);
    }
    all.cites.sort_unstable();
    all.cites.dedup();
    for need in next.needs {
        if !all.needs.contains(&need) {
            all.needs.push(need);
        }
    }
    all.charges.extend(next.charges);
    all.otherwise.extend(next.otherwise);
    let undecided = |level: Level| level == Level::May;
    let (mut before, mut behind) = (std::mem::take(&mut all.steps), next.steps);
    if undecided(all.level) != undecided(next.level) {
        let open = if undecided(all.level) { &mut before } else { &mut behind };
        for step in open.iter_mut().filter(|step| step.outcome.accept.is_empty()) {
            leave_open(step);
        }
    }
    all.level = match (all.level, next.level) {
        (Level::May, level) | (level, Level::May) => level,
        (one, other) => one.max(other),
    };
    before.extend(behind);
    Fixture { steps: before, ..all }
}

/// Takes whatever a call comes to.
fn leave_open(step: &mut Step) {
    let kinds = [
        ErrorKind::Service,
        ErrorKind::Client,
        ErrorKind::Decode,
        ErrorKind::Transport,
        ErrorKind::Timeout,
        ErrorKind::Unexpected,
    ];
    let kind = Rule(kinds.map(Some).into());
    step.outcome.accept = vec![
        Pattern::Output(OutputPattern::default()),
        Pattern::Error(ErrorPattern { kind, ..Default::default() }),
    ];
    step.requests = Some(Count { min: 0, max: 9 });
}

/// One call of a fixture, ruled on by the oracle alone, whatever the others are.
#[must_use]
pub fn alone(fixture: &Fixture, step: usize) -> Option<Fixture> {
    let step = fixture.steps.get(step)?;
    let one = attempts(step.call.clone(), step.replies.clone(), fixture.max_attempts, fixture.timeout_ms);
    Some(Fixture { max_attempts: fixture.max_attempts, ..one })
}

/// The same calls, of which the last alone is judged: to be wrong in this way
/// breaks this requirement there.
#[must_use]
pub fn about_the_last(fixture: &Fixture, defect: Defect, requirement: &str) -> Fixture {
    let mut fixture = fixture.clone();
    let before = fixture.steps.len().saturating_sub(1);
    fixture.steps.iter_mut().take(before).for_each(leave_open);
    fixture.charges.values_mut().for_each(|charged| *charged = requirement.into());
    fixture.charges.insert(defect, requirement.into());
    Fixture { cites: vec![requirement.into()], otherwise: Otherwise::new(), ..fixture }
}

/// The calls of a fixture and the answers to each.
fn exchanges(fixture: &Fixture) -> Vec<Answered> {
    fixture.steps.iter().map(|step| (step.call.clone(), step.replies.clone())).collect()
}

/// What the client is given for a fixture.
fn setting(fixture: &Fixture) -> Setting {
    Setting { attempts: fixture.max_attempts, session_token: fixture.session_token, serial: 0 }
}

/// The same fixture in the form that says most to a reader: answers as
/// well-formed replies where these say all, or with their heads in lines.
#[must_use]
pub fn readable(fixture: &Fixture) -> Fixture {
    let reply = |reply: Reply| {
        let Reply::Raw(raw) = &reply else { return reply };
        let sent =
            |action: &Action| if let Action::Send(body) = action { Some(body.to_bytes()) } else { None };
        if let ([action], Start::AfterRequest) = (raw.raw.as_slice(), raw.start)
            && let Some(bytes) = sent(action)
            && let Ok(response) = http1::response(&bytes)
            && let Some(reply) = Reply::well_formed(&response)
            && is_said(&bytes)
        {
            return reply;
        }
        let each = raw.raw.iter().map(|action| match sent(action) {
            Some(bytes) => Action::Send(Body::of_message(&bytes)),
            None => action.clone(),
        });
        Reply::Raw(RawReply { start: raw.start, raw: each.collect() })
    };
    let each = exchanges(fixture).into_iter();
    of(each.map(|(call, of)| (call, of.into_iter().map(reply).collect())).collect(), &setting(fixture))
}

/// Whether a well-formed reply keeps what is unusual in an answer's bytes.
fn is_said(bytes: &[u8]) -> bool {
    let answer =
        Answer { bytes: bytes.to_vec(), end: oracle::End::Open, pace: oracle::Pace::AtOnce, early: false };
    match oracle::message::read(&answer) {
        oracle::message::Arrived::Message(message) => {
            let plain = oracle::message::Features { head: message.features.head, ..Default::default() };
            message.whole && message.features == plain
        }
        _ => false,
    }
}

/// Fixtures that are a little simpler, the simplest first: fewer calls, the
/// plain call, no pieces, fewer lines in a head; and fewer `bytes` in a body,
/// where what it says is of no matter.
#[must_use]
pub fn simpler(fixture: &Fixture, bytes: bool) -> Vec<Fixture> {
    let all = exchanges(fixture);
    let mut found = Vec::new();
    for at in 0..all.len() {
        let mut fewer = all.clone();
        fewer.remove(at);
        if !fewer.is_empty() {
            found.push(fewer);
        }
    }
    for (at, (call, replies)) in all.iter().enumerate() {
        let with = |exchange: Answered| {
            let mut all = all.clone();
            if let Some(old) = all.get_mut(at) {
                *old = exchange;
            }
            all
        };
        if *call != call::plain() {
            found.push(with((call::plain(), replies.clone())));
        }
        if let [before @ .., Reply::Raw(raw)] = replies.as_slice()
            // A date is made when it is sent.
            && raw.date() != DateIs::Explained
        {
            let other = |reply| before.iter().cloned().chain([Reply::Raw(reply)]).collect();
            // The next call must not come by a connection that is closed unsaid.
            let says = at + 1 < all.len() && says_that_it_closes(raw);
            let fair = simpler_reply(raw, bytes).filter(|reply| !says || says_that_it_closes(reply));
            found.extend(fair.map(|reply| with((call.clone(), other(reply)))));
        }
    }
    let setting = setting(fixture);
    let simpler = found.into_iter().map(|exchanges| of(exchanges, &setting));
    // An answer that nobody ends is no simpler, and costs a time-out.
    let waits = |fixture: &Fixture| fixture.needs.contains(&Need::Timeout);
    simpler.filter(|simpler| waits(fixture) || !waits(simpler)).collect()
}

fn says_that_it_closes(reply: &RawReply) -> bool {
    let says = |line: &[u8]| {
        let (name, value) = line.split_at(line.iter().position(|byte| *byte == b':').unwrap_or(0));
        name.eq_ignore_ascii_case(b"connection") && value.trim_ascii_end().ends_with(b"close")
    };
    let sent = reply.raw.iter().filter_map(|action| match action {
        Action::Send(body) => Some(body.to_bytes()),
        _ => None,
    });
    sent.collect::<Vec<_>>().concat().split(|byte| *byte == b'\n').any(says)
}

fn simpler_reply(raw: &RawReply, fewer_bytes: bool) -> impl Iterator<Item = RawReply> {
    let mut bytes = Vec::new();
    let mut end = None;
    for action in &raw.raw {
        match action {
            Action::Send(body) => bytes.extend(body.to_bytes()),
            Action::Close | Action::Reset | Action::Hang => end = Some(action.clone()),
            Action::Drip { .. } | Action::PauseMs(_) | Action::ReadBody => {}
        }
    }
    let whole = {
        let end = end.clone();
        move |bytes: Vec<u8>| RawReply {
            start: Start::AfterRequest,
            raw: [Action::Send(bytes.as_slice().into())].into_iter().chain(end.clone()).collect(),
        }
    };
    let at_once = whole(bytes.clone());
    let fewer = shorter(&bytes, fewer_bytes).into_iter().map(whole);
    (at_once != *raw).then_some(at_once).into_iter().chain(fewer)
}

/// An answer's bytes with a line of the head or some of the body left out. A
/// length that is right stays so.
fn shorter(bytes: &[u8], fewer_bytes: bool) -> Vec<Vec<u8>> {
    let end = bytes.windows(4).position(|end| end == b"\r\n\r\n");
    let (head, body) = bytes.split_at(end.map_or(0, |end| end + 2));
    let body = body.strip_prefix(b"\r\n").unwrap_or(body);
    let lines: Vec<_> = head.split_inclusive(|byte| *byte == b'\n').collect();
    let right = http1::body(body, Framing::Length(body.len() as u64)).is_ok()
        && lines.iter().any(|line| is_length(line, body.len()));
    let written = |lines: &[&[u8]], body: &[u8]| {
        let mut out = Vec::new();
        for line in lines {
            match right && is_length(line, bytes.len().saturating_sub(head.len() + 2)) {
                true => out.extend(format!("Content-Length: {}\r\n", body.len()).into_bytes()),
                false => out.extend_from_slice(line),
            }
        }
        if end.is_some() {
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(body);
        out
    };
    let mut found = Vec::new();
    for at in (1..lines.len()).rev() {
        let mut fewer = lines.clone();
        fewer.remove(at);
        found.push(written(&fewer, body));
    }
    let mut size = if fewer_bytes { body.len().div_ceil(2) } else { 0 };
    while size > body.len() / 64 {
        for from in (0..body.len()).step_by(size) {
            let to = (from + size).min(body.len());
            let fewer = [body.get(..from), body.get(to..)].map(Option::unwrap_or_default).concat();
            found.push(written(&lines, &fewer));
        }
        size /= 2;
    }
    found
}

fn is_length(line: &[u8], length: usize) -> bool {
    line.eq_ignore_ascii_case(format!("content-length: {length}\r\n").as_bytes())
}
