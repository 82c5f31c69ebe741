//! What sets are for: cases and communications, and what is in them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::super::expect;
use super::super::reading::is_plain_id;
use super::super::world::Target;
use super::super::{Case, Which, words};
use super::{Builder, exchange, set_name};
use crate::fixture::{
    Blob, Body, CallAttachment, Level, Member, Send, ServiceExchange, ServiceNeed, ServiceRequest,
    ServiceStep, Sign, Text,
};
use crate::model::{Exception, names};

/// The longest file that is given back and compared.
const GIVEN_BACK: usize = 4_096;

impl Builder {
    pub(super) fn case(&mut self, case: &Case) {
        let words = words::case(case);
        match case {
            Case::Open(which) => {
                let Some(set) = self.set_of_case(which.as_ref()) else { return };
                let body = members([("subject", "it broke"), ("communicationBody", "see the log")]);
                let (case, sent) = (case_name(self.cases + 1), self.sent(set));
                if self.with_set("CreateCase", body, set, None, Some(case), words) {
                    self.cases += 1;
                    self.attached.clear();
                    self.attach(set, sent);
                }
            }
            Case::Say(which, known) => {
                let Some(set) = self.set_of_case(Some(which)) else { return };
                if *known && self.cases == 0 {
                    return;
                }
                let (body, sent) = (members([("communicationBody", "one more log")]), self.sent(set));
                if self.with_set("AddCommunicationToCase", body, set, Some(*known), None, words) {
                    self.attach(set, sent);
                }
            }
            Case::Read => {
                let [(name, data)] = self.attached.as_slice() else { return };
                let (name, data) = (Text::from(name.as_str()), crate::wire::encode::base64(data));
                let file = format!("file{}", self.described);
                self.described += 1;
                let of = expect::of_case("model.case.attachment-details", "model.case.set");
                let mut listed = exchange(of_operation("DescribeCommunications", members([])), of);
                listed.with.insert(Member::CaseId, case_name(self.cases));
                listed.capture.insert(Member::AttachmentId, file.clone());
                listed.equals.insert(Member::FileName, name.clone());
                self.exchange(listed, Level::Must, words);
                let rule = "model.case.describe-attachment";
                let send = of_operation("DescribeAttachment", members([]));
                let mut given = exchange(send, expect::of_case(rule, rule));
                given.with.insert(Member::AttachmentId, file);
                given.equals.insert(Member::FileName, name);
                given.equals.insert(Member::Data, Text::from(data.as_str()));
                self.exchange(given, Level::Must, "its file is given back".into());
            }
            Case::ReadMissing => {
                let id = ("attachmentId", "attachment-00000000000000000000000000000000");
                let rule = "model.case.attachment-id-not-found";
                let of = expect::of_refused_case(&[Exception::AttachmentIdNotFound], rule);
                self.exchange(
                    exchange(of_operation("DescribeAttachment", members([id])), of),
                    Level::Must,
                    words,
                );
            }
        }
        self.need_cases();
    }

    fn need_cases(&mut self) {
        if !self.needs.contains(&ServiceNeed::Cases) {
            self.needs.push(ServiceNeed::Cases);
        }
    }

    /// The set that a case takes; `Target::New` is none.
    fn set_of_case<'a>(&self, which: Option<&'a Which>) -> Option<Target<'a>> {
        match which {
            Some(Which::Unknown(id)) if !is_plain_id(id) => None,
            Some(which) => self.target(which),
            None => Some(Target::New),
        }
    }

    /// A call that takes a set, and says of which case it is where it is of
    /// one, known or not; whether it is to succeed.
    fn with_set(
        &mut self,
        operation: &str,
        mut body: Map<String, Value>,
        set: Target<'_>,
        known: Option<bool>,
        capture: Option<String>,
        words: String,
    ) -> bool {
        let mut exceptions = Vec::new();
        let mut with = BTreeMap::new();
        match set {
            Target::New => {}
            Target::Unknown(id) => {
                body.insert("attachmentSetId".into(), id.into());
                exceptions.push(Exception::AttachmentSetIdNotFound);
            }
            Target::Made(set) => {
                with.insert(Member::AttachmentSetId, set_name(set));
                if self.worlds.files(set).is_none() {
                    exceptions.push(Exception::AttachmentSetExpired);
                }
            }
        }
        match known {
            None => {}
            Some(true) => {
                with.insert(Member::CaseId, case_name(self.cases));
            }
            Some(false) => {
                body.insert("caseId".into(), "case-12345678910-exen-2025-0000000000000000".into());
                exceptions.push(Exception::CaseIdNotFound);
            }
        }
        let is_aged = self.is_aged(set);
        let of = match exceptions.first() {
            Some(first) => {
                self.refused = true;
                let requirement = match first {
                    Exception::CaseIdNotFound => "model.case.case-id-not-found",
                    _ => "model.case.set-errors",
                };
                expect::of_refused_case(&exceptions, requirement)
            }
            None => {
                let refused = match set {
                    _ if self.refused => "user.refused-changes-nothing",
                    _ if is_aged => "seed.one-hour",
                    Target::Made(_) => "model.case.set",
                    _ => "seed.for-cases",
                };
                expect::of_case(refused, "seed.for-cases")
            }
        };
        let mut exchange = exchange(of_operation(operation, body), of);
        exchange.with = with;
        if exceptions.is_empty() {
            exchange.capture.extend(capture.map(|name| (Member::CaseId, name)));
        }
        self.exchange(exchange, Level::Must, words);
        exceptions.is_empty()
    }

    /// A case takes what was sent to a set.
    fn attach(&mut self, set: Target<'_>, sent: Vec<(String, Vec<u8>)>) {
        if let Target::Made(set) = set {
            self.used.insert(set);
        }
        self.attached.extend(sent);
    }

    /// The files that were sent to a set, as far as they are given back.
    fn sent(&self, set: Target<'_>) -> Vec<(String, Vec<u8>)> {
        let Target::Made(set) = set else { return Vec::new() };
        let name = set_name(set);
        let to_set = |exchange: &&ServiceExchange| {
            exchange.capture.get(&Member::AttachmentSetId) == Some(&name)
                || exchange.with.get(&Member::AttachmentSetId) == Some(&name)
        };
        let exchanges = self.steps.iter().filter_map(|step| match step {
            ServiceStep::Exchange(exchange) => Some(&**exchange),
            ServiceStep::Advance(_) | ServiceStep::AtOnce(_) => None,
        });
        let accepted = |exchange: &&ServiceExchange| {
            exchange.outcome.accept.iter().any(|pattern| pattern.output().is_some())
        };
        let at_once = self.steps.iter().filter_map(|step| match step {
            ServiceStep::AtOnce(step) if step.with.values().any(|of| *of == name) => Some(()),
            _ => None,
        });
        // What is not compared counts as two files: no one file is looked at then.
        let not_compared = || vec![(String::new(), Vec::new()); 2];
        let beyond = at_once.flat_map(|()| not_compared());
        let file = |file: &CallAttachment| {
            let name = file.file_name.as_ref().map(Text::to_text).unwrap_or_default();
            match file.data.as_ref() {
                Some(Blob::Generated(_)) => not_compared(),
                data => match data.map(Blob::to_bytes).unwrap_or_default() {
                    data if data.len() > GIVEN_BACK => not_compared(),
                    data => vec![(name, data)],
                },
            }
        };
        let files = exchanges.filter(to_set).filter(accepted).flat_map(|exchange| match &exchange.send {
            Send::Call(call) => call.attachments.iter().flatten().flat_map(file).collect(),
            Send::Request(_) | Send::Raw(_) => not_compared(),
        });
        files.chain(beyond).collect()
    }
}

fn members<const N: usize>(members: [(&str, &str); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}

fn of_operation(operation: &str, body: Map<String, Value>) -> Send {
    let target = format!("{}.{operation}", names::TARGET_PREFIX);
    Send::Request(ServiceRequest {
        method: "POST".into(),
        target: "/".into(),
        headers: BTreeMap::from([("x-amz-target".into(), Some(target))]),
        body: Some(Body::Json(Value::Object(body))),
        sign: Sign::Valid,
        spelling: Vec::new(),
    })
}

fn case_name(case: usize) -> String {
    format!("case{case}")
}
