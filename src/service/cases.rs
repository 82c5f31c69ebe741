//! The operations on cases.

use jiff::Timestamp;

use super::case::{Case, Communication, Details};
use super::set::cut;
use super::valid::{self, required};
use super::{Attached, Refusal, Service, Stored, UsedSet, choices, sets};
use crate::model::{Exception, limits};
use crate::wire::cases::{
    self, AddCommunicationToCase, Attachment, AttachmentDetails, CaseDetails, Communications, CreateCase,
    DescribeAttachment, DescribeCases, DescribeCommunications, Input, Output, ResolveCase,
};

impl Service {
    /// Performs a call of an operation on cases at a time.
    ///
    /// # Errors
    /// The first reason to refuse, in this order: the input is not valid; a
    /// case, a set or an attachment is unknown or has expired; there is too
    /// much of something; the call is a dry run. No document gives an order.
    pub fn call_case(&mut self, input: Input, now: Timestamp) -> Result<Output, Refusal> {
        self.expire(now);
        let output = match input {
            Input::CreateCase(input) => self.create_case(input, now),
            Input::AddCommunicationToCase(input) => self.add_communication(input, now),
            Input::DescribeCases(input) => self.describe_cases(input),
            Input::DescribeCommunications(input) => self.describe_communications(input),
            Input::DescribeAttachment(input) => self.describe_attachment(input, now),
            Input::ResolveCase(input) => self.resolve_case(input),
        };
        self.give_back();
        output
    }

    /// The cases, the oldest first.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter()
    }

    /// The cases from a [number](Case::number) on, the oldest first.
    pub fn cases_from(&self, number: usize) -> impl Iterator<Item = &Case> {
        self.cases.from(number)
    }

    /// What is attached to a communication.
    pub fn attached(&self, communication: &Communication) -> impl Iterator<Item = &Attached> {
        self.cases.attachments.of(&communication.files)
    }

    fn create_case(&mut self, input: CreateCase, now: Timestamp) -> Result<Output, Refusal> {
        let subject = required("subject", input.subject)?;
        let body = valid::communication_body(input.communication_body)?;
        let addresses = valid::cc_email_addresses(input.cc_email_addresses)?;
        valid::upload_ids(input.upload_ids)?;
        let set = input.attachment_set_id.map(|id| self.find(&id)).transpose()?;
        let open = || self.cases.iter().filter(|case| !case.is_resolved()).count();
        if self.options.max_open_cases.is_some_and(|most| open() >= most) {
            return Err(Exception::CaseCreationLimitExceeded.into());
        }
        let is_full = self.cases.len() >= self.options.max_cases.max(1);
        if is_full && !self.cases.iter().any(Case::is_resolved) {
            return Err(Exception::CaseCreationLimitExceeded.into());
        }
        perform(input.dry_run)?;
        let subject = cut(subject);
        let details = Details {
            service_code: input.service_code.map(cut),
            category_code: input.category_code.map(cut),
            severity_code: input.severity_code.map(cut),
            cc_email_addresses: addresses.into_iter().map(cut).collect(),
            language: input.language.map_or_else(|| choices::LANGUAGE.into(), cut),
        };
        if !self.has_room(details.bytes() + subject.len() + self.bytes_of(&body, set), None) {
            return Err(Exception::CaseCreationLimitExceeded.into());
        }
        if is_full {
            self.cases.forget_resolved(None);
        }
        let case_id = self.cases.open(subject, details, &mut self.ids, now);
        self.communicate(&case_id, body, set, now);
        Ok(Output::CreateCase { case_id: case_id.to_string() })
    }

    fn add_communication(
        &mut self,
        input: AddCommunicationToCase,
        now: Timestamp,
    ) -> Result<Output, Refusal> {
        let body = valid::communication_body(input.communication_body)?;
        valid::cc_email_addresses(input.cc_email_addresses)?;
        valid::upload_ids(input.upload_ids)?;
        let id = known(input.case_id)?;
        self.case(&id)?;
        let set = input.attachment_set_id.map(|id| self.find(&id)).transpose()?;
        perform(input.dry_run)?;
        if !self.has_room(self.bytes_of(&body, set), Some(&id)) {
            return Err(Refusal::NoRoom);
        }
        self.communicate(&id, body, set, now);
        if let Some(case) = self.cases.get_mut(&id).filter(|case| case.is_resolved()) {
            case.status = choices::REOPENED_STATUS;
        }
        Ok(Output::AddCommunicationToCase { result: true })
    }

    /// Lists cases, the newest first.
    fn describe_cases(&self, input: DescribeCases) -> Result<Output, Refusal> {
        const LIST: &str = "cases";
        let ids = valid::case_id_list(input.case_id_list)?;
        let most = valid::max_results(input.max_results)?;
        let after = valid::time("afterTime", input.after_time)?;
        let before = valid::time("beforeTime", input.before_time)?;
        let end = self.end(LIST, input.next_token)?;
        for id in &ids {
            self.case(id)?;
        }
        perform(input.dry_run)?;
        let is_meant = |case: &&Case| {
            (ids.is_empty() || ids.iter().any(|id| **id == *case.id))
                && input.display_id.as_ref().is_none_or(|id| *id == case.display_id)
                && input.language.as_ref().is_none_or(|language| *language == case.details.language)
                && (input.include_resolved_cases == Some(true) || !case.is_resolved())
                && is_within(case.created, after, before)
        };
        let meant = self.cases.iter().rev().filter(|case| end.is_none_or(|end| case.number < end));
        let with_communications = input.include_communications != Some(false);
        let (cases, next) = page(meant.filter(is_meant), most, |case| case.number);
        Ok(Output::DescribeCases {
            cases: cases.into_iter().map(|case| self.details(case, with_communications)).collect(),
            next_token: next.map(|number| self.ids.token(LIST, number)),
        })
    }

    /// Lists the communications of a case, the newest first.
    fn describe_communications(&self, input: DescribeCommunications) -> Result<Output, Refusal> {
        let id = required("caseId", input.case_id)?;
        let most = valid::max_results(input.max_results)?;
        let after = valid::time("afterTime", input.after_time)?;
        let before = valid::time("beforeTime", input.before_time)?;
        let end = self.end(&id, input.next_token)?;
        let case = self.case(&id)?;
        perform(input.dry_run)?;
        let is_meant = |communication: &&Communication| {
            end.is_none_or(|end| communication.number < end)
                && is_within(communication.created, after, before)
        };
        Ok(Output::DescribeCommunications(self.communications(case, most, is_meant)))
    }

    fn describe_attachment(&mut self, input: DescribeAttachment, now: Timestamp) -> Result<Output, Refusal> {
        let id = required("attachmentId", input.attachment_id)?;
        let stored = self.cases.attachments.get(&id).ok_or(Exception::AttachmentIdNotFound)?;
        if !is_small(stored) {
            return Err(Exception::InvalidParameterValueException.into());
        }
        let data = Some(stored.data.clone().ok_or(Refusal::DataNotKept)?);
        let attachment = Attachment { file_name: stored.file_name.clone(), data };
        let limit = self.options.describe_limit;
        if limit.is_some_and(|limit| self.described.is_reached(limit, now)) {
            return Err(Exception::DescribeAttachmentLimitExceeded.into());
        }
        perform(input.dry_run)?;
        if let Some(limit) = limit {
            self.described.note(limit, now);
        }
        Ok(Output::DescribeAttachment { attachment })
    }

    fn resolve_case(&mut self, input: ResolveCase) -> Result<Output, Refusal> {
        let id = known(input.case_id)?;
        let case = self.cases.get_mut(&id).ok_or(Exception::CaseIdNotFound)?;
        perform(input.dry_run)?;
        let initial_case_status = std::mem::replace(&mut case.status, choices::RESOLVED_STATUS);
        Ok(Output::ResolveCase { initial_case_status, final_case_status: case.status })
    }

    fn case(&self, id: &str) -> Result<&Case, Refusal> {
        self.cases.get(id).ok_or_else(|| Exception::CaseIdNotFound.into())
    }

    /// Adds a communication, and what is in a set, to a case.
    fn communicate(&mut self, id: &str, body: String, set: Option<usize>, now: Timestamp) {
        let files = set.map(|number| self.take(number, now)).unwrap_or_default();
        let most = self.room_for(&files, self.cases.attachments.kept_bytes());
        let files = self.cases.attachments.add(files, &mut self.ids, most);
        self.cases.communicate(id, body, files, now);
    }

    /// About how many bytes a communication takes with what is in a set, but for
    /// the data.
    fn bytes_of(&self, body: &str, set: Option<usize>) -> usize {
        let set = set.and_then(|number| self.sets.get(number));
        let files = set.map_or(0, |set| sets::bytes_of(&set.attachments));
        choices::COMMUNICATION_BYTES + body.len() + files
    }

    /// What is in a live set, for a case.
    fn take(&mut self, number: usize, now: Timestamp) -> Vec<Stored> {
        let files = self.sets.get(number).map_or_else(Vec::new, |set| set.attachments.clone());
        if self.options.used_set == UsedSet::Ends {
            self.sets.end(number, now);
        }
        files
    }

    /// The number that a page ends before, by the token of it.
    fn end(&self, list: &str, token: Option<String>) -> Result<Option<usize>, Refusal> {
        let number = token.map(|token| self.ids.number(list, &token).ok_or_else(valid::unknown_token));
        number.transpose()
    }

    fn details(&self, case: &Case, with_communications: bool) -> CaseDetails {
        let recent = || self.communications(case, limits::RECENT_COMMUNICATIONS, |_| true);
        let details = case.details.clone();
        CaseDetails {
            case_id: case.id.to_string(),
            display_id: case.display_id.clone(),
            subject: case.subject.clone(),
            status: case.status,
            service_code: details.service_code,
            category_code: details.category_code,
            severity_code: details.severity_code,
            submitted_by: choices::SUBMITTED_BY,
            time_created: created_text(case.created),
            recent_communications: with_communications.then(recent),
            cc_email_addresses: details.cc_email_addresses,
            language: details.language,
        }
    }

    fn communications(
        &self,
        case: &Case,
        most: usize,
        is_meant: impl Fn(&&Communication) -> bool,
    ) -> Communications {
        let meant = case.communications.iter().rev().filter(is_meant);
        let (communications, next) = page(meant, most, |communication| communication.number);
        Communications {
            communications: communications.into_iter().map(|one| self.communication(case, one)).collect(),
            next_token: next.map(|number| self.ids.token(&case.id, number)),
        }
    }

    fn communication(&self, case: &Case, communication: &Communication) -> cases::Communication {
        let details = |file: &Attached| AttachmentDetails {
            attachment_id: file.id.to_string(),
            file_name: file.stored.file_name.clone(),
        };
        cases::Communication {
            case_id: case.id.to_string(),
            body: communication.body.clone(),
            submitted_by: choices::SUBMITTED_BY,
            time_created: created_text(communication.created),
            attachments: self.attached(communication).map(details).collect(),
            attachment_set: self
                .attached(communication)
                .filter(|file| is_small(&file.stored))
                .map(details)
                .collect(),
        }
    }
}

/// The model does not require a case's id where there is nothing to do without
/// one; that it cannot be located is the documented error which says so.
fn known(id: Option<String>) -> Result<String, Refusal> {
    id.ok_or_else(|| Exception::CaseIdNotFound.into())
}

/// Goes on, unless the call is a dry run.
fn perform(dry_run: Option<bool>) -> Result<(), Refusal> {
    match dry_run {
        Some(true) => Err(Exception::DryRunOperationException.into()),
        _ => Ok(()),
    }
}

/// Whether a file is no larger than `DescribeAttachment` gives.
fn is_small(file: &Stored) -> bool {
    file.bytes <= limits::POSSIBLY_ALLOWED_BYTES
}

fn is_within(time: Timestamp, after: Option<Timestamp>, before: Option<Timestamp>) -> bool {
    after.is_none_or(|after| after <= time) && before.is_none_or(|before| time <= before)
}

/// The first of a list, and the number of the last of them if there are more.
fn page<T>(
    mut list: impl Iterator<Item = T>,
    most: usize,
    number: impl Fn(&T) -> usize,
) -> (Vec<T>, Option<usize>) {
    let page: Vec<T> = list.by_ref().take(most).collect();
    let next = list.next().and_then(|_| page.last().map(number));
    (page, next)
}

fn created_text(time: Timestamp) -> String {
    time.strftime(choices::CREATED_FORMAT).to_string()
}
