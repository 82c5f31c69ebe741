//! The service over sequences of calls about sets and cases: what goes into a
//! case comes back, and nothing else.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::{Attachment, Input};
use crate::service::{Options, Refusal, Service, Upload};
use crate::wire::cases::{
    self, AddCommunicationToCase, Communication, CreateCase, DescribeAttachment, DescribeCommunications,
    Output, ResolveCase,
};

// Small limits, so that short sequences reach them.
const MAX_CASES: usize = 3;
const KEPT_BYTES: usize = 20;

/// A step of a sequence. What it names is one of those so far, modulo their
/// number and one: the one too many is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseStep {
    /// A file of so many bytes goes into a set, or a new one.
    Upload {
        /// The set.
        set: Option<usize>,
        /// How many bytes.
        bytes: usize,
    },
    /// A case is opened, perhaps with a set.
    Create(Option<usize>),
    /// A communication goes to a case, perhaps with a set.
    Communicate {
        /// The case.
        case: usize,
        /// The set.
        set: Option<usize>,
    },
    /// A case is resolved.
    Resolve(usize),
    /// The clock goes on.
    Wait(Duration),
    /// The service forgets everything.
    Reset,
}

/// Every response is what the documents and the service's own choices say; after
/// every step each case lists what was attached to it, and gives it back byte
/// for byte as far as it is kept.
///
/// # Panics
/// Where that is not so.
pub fn case_sequence(steps: &[CaseStep]) {
    let options = Options { max_cases: MAX_CASES, kept_bytes: KEPT_BYTES, ..Options::default() };
    let mut service = Service::new(options, 7);
    let mut model = Model::default();
    for step in steps {
        model.take(&mut service, step);
        model.check(&mut service);
    }
}

/// Everything that was ever made.
#[derive(Debug, Default)]
struct Model {
    now: Timestamp,
    sets: Vec<Set>,
    cases: Vec<Case>,
    /// How many sets were there at the last reset.
    forgotten: usize,
    /// What each file holds, so often: no two files are alike.
    files: Vec<usize>,
}

#[derive(Debug)]
struct Set {
    id: String,
    created: Timestamp,
    files: Vec<usize>,
}

#[derive(Debug)]
struct Case {
    id: String,
    status: &'static str,
    communications: Vec<Vec<usize>>,
    /// Whether the service has forgotten it.
    is_gone: bool,
}

impl Model {
    fn take(&mut self, service: &mut Service, step: &CaseStep) {
        match step {
            CaseStep::Upload { set, bytes } => self.upload(service, *set, *bytes),
            CaseStep::Create(set) => {
                let (set, files) = self.set(*set);
                let files = files.and_then(|files| self.make_room().map(|()| files));
                let input = CreateCase {
                    subject: Some("s".into()),
                    communication_body: Some("b".into()),
                    attachment_set_id: set,
                    ..CreateCase::default()
                };
                match (service.call_case(cases::Input::CreateCase(input), self.now), files) {
                    (Ok(Output::CreateCase { case_id: id }), Ok(files)) => {
                        self.cases.push(Case {
                            id,
                            status: "unassigned",
                            communications: vec![files],
                            is_gone: false,
                        });
                    }
                    (answer, expected) => refused(answer, expected),
                }
            }
            CaseStep::Communicate { case, set } => {
                let (index, case_id) = self.case(*case);
                let (set, files) = self.set(*set);
                let input = AddCommunicationToCase {
                    case_id: Some(case_id),
                    communication_body: Some("b".into()),
                    attachment_set_id: set,
                    ..AddCommunicationToCase::default()
                };
                let expected = index.ok_or("CaseIdNotFound").and_then(|index| Ok((index, files?)));
                match (service.call_case(cases::Input::AddCommunicationToCase(input), self.now), expected) {
                    (Ok(Output::AddCommunicationToCase { result: true }), Ok((index, files))) => {
                        if let Some(case) = self.cases.get_mut(index) {
                            case.communications.push(files);
                            case.status = if case.status == "resolved" { "reopened" } else { case.status };
                        }
                    }
                    (answer, expected) => refused(answer, expected),
                }
            }
            CaseStep::Resolve(case) => {
                let (index, case_id) = self.case(*case);
                let input = cases::Input::ResolveCase(ResolveCase { case_id: Some(case_id), dry_run: None });
                match (service.call_case(input, self.now), index.and_then(|index| self.cases.get_mut(index)))
                {
                    (Ok(Output::ResolveCase { initial_case_status, .. }), Some(case)) => {
                        assert_eq!(initial_case_status, std::mem::replace(&mut case.status, "resolved"));
                    }
                    (answer, case) => refused(answer, case.ok_or("CaseIdNotFound")),
                }
            }
            CaseStep::Wait(time) => self.now += *time,
            CaseStep::Reset => {
                service.reset();
                self.forgotten = self.sets.len();
                self.cases.iter_mut().for_each(|case| case.is_gone = true);
            }
        }
    }

    fn upload(&mut self, service: &mut Service, set: Option<usize>, bytes: usize) {
        let number = self.files.len();
        let data = vec![u8::try_from(number % 251).unwrap_or_default(); bytes];
        let attachment = Attachment { file_name: Some(number.to_string()), data: Some(data) };
        let (attachment_set_id, there) = self.set(set);
        let expected = there.and_then(|files| match files.len() {
            3.. => Err("AttachmentSetSizeLimitExceeded"),
            _ => Ok(()),
        });
        let input = Input {
            attachment_set_id: attachment_set_id.clone(),
            attachments: Some(vec![attachment]),
            dry_run: None,
        };
        match (service.call(Upload::new(input, true), self.now), expected) {
            (Ok(output), Ok(())) => {
                self.files.push(bytes);
                let id = output.attachment_set_id.unwrap_or_default();
                match self.sets.iter_mut().find(|set| set.id == id) {
                    Some(set) => set.files.push(number),
                    None => self.sets.push(Set { id, created: self.now, files: vec![number] }),
                }
            }
            (answer, expected) => refused(answer, expected),
        }
    }

    /// The id of a set, and what is in it or why it cannot be taken.
    fn set(&self, set: Option<usize>) -> (Option<String>, Result<Vec<usize>, &'static str>) {
        let Some(index) = set.map(|set| set % (self.sets.len() + 1)) else { return (None, Ok(Vec::new())) };
        let Some(set) = self.sets.get(index).filter(|_| index >= self.forgotten) else {
            return (Some("as-unknown".into()), Err("AttachmentSetIdNotFound"));
        };
        let age = self.now.duration_since(set.created);
        let files = match age.as_secs() / 3_600 {
            0 => Ok(set.files.clone()),
            1..25 => Err("AttachmentSetExpired"),
            _ => Err("AttachmentSetIdNotFound"),
        };
        (Some(set.id.clone()), files)
    }

    /// The index of a case, if it is there, and its id.
    fn case(&self, case: usize) -> (Option<usize>, String) {
        let index = case % (self.cases.len() + 1);
        let id = self.cases.get(index).map_or("case-unknown".into(), |case| case.id.clone());
        (Some(index).filter(|index| *index < self.cases.len() && self.is_there(*index)), id)
    }

    fn is_there(&self, index: usize) -> bool {
        self.cases.get(index).is_some_and(|case| !case.is_gone)
    }

    /// Where there are as many cases as can be, the oldest resolved one makes
    /// room for another.
    fn make_room(&mut self) -> Result<(), &'static str> {
        if self.cases.iter().filter(|case| !case.is_gone).count() < MAX_CASES {
            return Ok(());
        }
        let mut resolved = self.cases.iter_mut().filter(|case| !case.is_gone && case.status == "resolved");
        resolved.next().map(|case| case.is_gone = true).ok_or("CaseCreationLimitExceeded")
    }

    fn check(&self, service: &mut Service) {
        let mut kept = 0;
        for (index, case) in self.cases.iter().enumerate() {
            let mut seen = match (communications(service, &case.id, self.now), self.is_there(index)) {
                (Ok(seen), true) => seen,
                (answer, _) => {
                    refused(answer, Err::<(), _>("CaseIdNotFound"));
                    continue;
                }
            };
            seen.reverse();
            assert_eq!(seen.len(), case.communications.len());
            for (seen, files) in seen.iter().zip(&case.communications) {
                assert_eq!(seen.attachments, seen.attachment_set);
                assert_eq!(seen.attachments.len(), files.len());
                for (details, file) in seen.attachments.iter().zip(files) {
                    assert_eq!(details.file_name, Some(file.to_string()));
                    kept += self.give_back(service, &details.attachment_id, *file);
                }
            }
        }
        assert!(kept <= KEPT_BYTES, "{kept} bytes are kept");
        let there = (0..self.cases.len()).filter(|index| self.is_there(*index)).count();
        assert_eq!(service.cases().count(), there);
    }

    /// Asks for an attachment; gives how many bytes of it are kept.
    fn give_back(&self, service: &mut Service, id: &str, file: usize) -> usize {
        let input = DescribeAttachment { attachment_id: Some(id.into()), dry_run: None };
        match service.call_case(cases::Input::DescribeAttachment(input), self.now) {
            Ok(Output::DescribeAttachment { attachment }) => {
                assert_eq!(attachment.file_name, Some(file.to_string()));
                let Some(data) = attachment.data else { panic!("an output without data") };
                assert_eq!(Some(&data.len()), self.files.get(file));
                assert!(data.iter().all(|byte| usize::from(*byte) == file % 251));
                data.len()
            }
            Err(Refusal::DataNotKept) => 0,
            answer => panic!("{answer:?}"),
        }
    }
}

/// All communications of a case, page by page, the newest first.
fn communications(service: &mut Service, id: &str, now: Timestamp) -> Result<Vec<Communication>, Refusal> {
    let mut all = Vec::new();
    let mut next_token = None;
    loop {
        let input = DescribeCommunications {
            case_id: Some(id.into()),
            max_results: Some(10),
            next_token,
            ..DescribeCommunications::default()
        };
        match service.call_case(cases::Input::DescribeCommunications(input), now)? {
            Output::DescribeCommunications(page) => {
                all.extend(page.communications);
                next_token = page.next_token;
            }
            output => panic!("{output:?}"),
        }
        if next_token.is_none() {
            return Ok(all);
        }
    }
}

fn refused<T: std::fmt::Debug, U: std::fmt::Debug>(answer: Result<T, Refusal>, expected: Result<U, &str>) {
    match (answer, expected) {
        (Err(refusal), Err(code)) => assert_eq!(refusal.code(), code),
        (answer, expected) => panic!("expected {expected:?}, was {answer:?}"),
    }
}
