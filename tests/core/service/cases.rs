//! Cases beside sets.

use attachset::model::Exception;
use attachset::service::{Options, RateLimit, Refusal, Service, UsedSet, choices};
use attachset::wire::cases::{
    AddCommunicationToCase, Attachment, CaseDetails, Communications, CreateCase, DescribeAttachment,
    DescribeCases, DescribeCommunications, Input, Output, ResolveCase, encode,
};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

use super::{after, id, service, start, upload};

fn create(set: Option<&str>) -> CreateCase {
    CreateCase {
        subject: Some("it broke".into()),
        communication_body: Some("see the log".into()),
        attachment_set_id: set.map(Into::into),
        ..CreateCase::default()
    }
}

fn add(case: &str, set: Option<&str>) -> AddCommunicationToCase {
    AddCommunicationToCase {
        case_id: Some(case.into()),
        communication_body: Some("more".into()),
        attachment_set_id: set.map(Into::into),
        ..AddCommunicationToCase::default()
    }
}

fn open(service: &mut Service, set: Option<&str>, now: Timestamp) -> Result<String, Refusal> {
    match service.call_case(Input::CreateCase(create(set)), now)? {
        Output::CreateCase { case_id } => Ok(case_id),
        output => unreachable!("{output:?}"),
    }
}

fn communicate(service: &mut Service, input: AddCommunicationToCase, now: Timestamp) -> Result<(), Refusal> {
    let output = service.call_case(Input::AddCommunicationToCase(input), now)?;
    assert_eq!(output, Output::AddCommunicationToCase { result: true });
    Ok(())
}

fn communications(service: &mut Service, input: DescribeCommunications) -> Result<Communications, Refusal> {
    match service.call_case(Input::DescribeCommunications(input), start())? {
        Output::DescribeCommunications(page) => Ok(page),
        output => unreachable!("{output:?}"),
    }
}

fn of(case: &str) -> DescribeCommunications {
    DescribeCommunications { case_id: Some(case.into()), ..DescribeCommunications::default() }
}

type Page = (Vec<CaseDetails>, Option<String>);

fn cases(service: &mut Service, input: DescribeCases) -> Result<Page, Refusal> {
    match service.call_case(Input::DescribeCases(input), start())? {
        Output::DescribeCases { cases, next_token } => Ok((cases, next_token)),
        output => unreachable!("{output:?}"),
    }
}

/// The sizes of what is attached to a case, by communication, the oldest first.
fn attached(service: &Service, case: &str) -> Vec<Vec<usize>> {
    let case = service.cases().find(|one| *one.id == *case).unwrap();
    let sizes = |one| service.attached(one).map(|file| file.stored.bytes).collect();
    case.communications.iter().map(sizes).collect()
}

fn code<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> &'static str {
    answer.unwrap_err().code()
}

#[test]
fn a_case_and_a_communication_take_a_set() {
    let mut service = service(Options::default());
    let first = id(service.call(upload(None, &[1, 2]), start()));
    let second = id(service.call(upload(None, &[3]), start()));
    let case = open(&mut service, Some(&first), after(3_599)).unwrap();
    communicate(&mut service, add(&case, None), after(3_599)).unwrap();
    communicate(&mut service, add(&case, Some(&second)), after(3_599)).unwrap();
    assert_eq!(attached(&service, &case), [vec![1, 2], vec![], vec![3]]);

    let page = communications(&mut service, of(&case)).unwrap().communications;
    let file = &page[0].attachment_set[0];
    assert_eq!(page[0].attachments, page[0].attachment_set);
    let asked = DescribeAttachment { attachment_id: Some(file.attachment_id.clone()), dry_run: None };
    // It outlives the set.
    match service.call_case(Input::DescribeAttachment(asked), after(100_000)).unwrap() {
        Output::DescribeAttachment { attachment } => {
            assert_eq!(attachment.file_name.as_deref(), Some("a.log"));
            assert_eq!(*attachment.data.unwrap(), [7; 3]);
        }
        output => unreachable!("{output:?}"),
    }
}

#[test]
fn an_unknown_and_an_expired_set_change_nothing() {
    let mut service = service(Options::default());
    let set = id(service.call(upload(None, &[1]), start()));
    let case = open(&mut service, None, start()).unwrap();
    assert_eq!(code(open(&mut service, Some("as-1"), start())), "AttachmentSetIdNotFound");
    assert_eq!(code(open(&mut service, Some(&set), after(3_600))), "AttachmentSetExpired");
    let unknown = communicate(&mut service, add(&case, Some("as-1")), start());
    assert_eq!(code(unknown), "AttachmentSetIdNotFound");
    assert_eq!(code(communicate(&mut service, add(&case, Some(&set)), start())), "AttachmentSetExpired");
    assert_eq!(service.cases().count(), 1);
    assert_eq!(attached(&service, &case), [Vec::<usize>::new()]);
}

#[test]
fn a_used_set_stays_or_ends() {
    for (used_set, again) in [(UsedSet::Stays, Ok(())), (UsedSet::Ends, Err("AttachmentSetExpired"))] {
        let mut service = service(Options { used_set, ..Options::default() });
        let older = id(service.call(upload(None, &[1]), start()));
        let set = id(service.call(upload(None, &[2]), start()));
        let case = open(&mut service, Some(&set), start()).unwrap();
        let seen = communicate(&mut service, add(&case, Some(&set)), start());
        assert_eq!(seen.map_err(|refusal| refusal.code()), again);
        let seen = service.call(upload(Some(&set), &[3]), start());
        assert_eq!(seen.map(drop).map_err(|refusal| refusal.code()), again);
        assert_eq!(service.set(&set, start()).is_some(), again.is_ok());
        assert_eq!(service.sets(start()).count(), if again.is_ok() { 2 } else { 1 });
        communicate(&mut service, add(&case, Some(&older)), start()).unwrap();
        assert_eq!(attached(&service, &case)[0], [2]);
    }
    assert_eq!(Options::default().used_set, choices::USED_SET);
}

#[test]
fn what_is_not_known_gets_its_error() {
    let mut service = service(Options::default());
    let attachment = DescribeAttachment { attachment_id: Some("attachment-1".into()), dry_run: None };
    let resolve = |case_id: Option<&str>| ResolveCase { case_id: case_id.map(Into::into), dry_run: None };
    let list = DescribeCases { case_id_list: Some(vec!["case-1".into()]), ..DescribeCases::default() };
    for (input, expected) in [
        (Input::DescribeAttachment(attachment), "AttachmentIdNotFound"),
        (Input::DescribeCommunications(of("case-1")), "CaseIdNotFound"),
        (Input::AddCommunicationToCase(add("case-1", None)), "CaseIdNotFound"),
        (Input::ResolveCase(resolve(Some("case-1"))), "CaseIdNotFound"),
        (Input::ResolveCase(resolve(None)), "CaseIdNotFound"),
        (Input::DescribeCases(list), "CaseIdNotFound"),
    ] {
        assert_eq!(code(service.call_case(input, start())), expected);
    }
}

#[test]
fn what_breaks_a_constraint_is_refused() {
    let mut service = service(Options::default());
    let case = open(&mut service, None, start()).unwrap();
    let text = |chars| Some("\u{e9}".repeat(chars));
    let longest = CreateCase { communication_body: text(8_000), ..create(None) };
    service.call_case(Input::CreateCase(longest), start()).unwrap();
    let communication = |body| AddCommunicationToCase { communication_body: body, ..add(&case, None) };
    let cases = |input: fn(&mut DescribeCases)| {
        let mut cases = DescribeCases::default();
        input(&mut cases);
        Input::DescribeCases(cases)
    };
    for (input, member) in [
        (Input::CreateCase(CreateCase { subject: None, ..create(None) }), "subject"),
        (Input::CreateCase(CreateCase { communication_body: None, ..create(None) }), "communicationBody"),
        (Input::CreateCase(CreateCase { communication_body: text(0), ..create(None) }), "communicationBody"),
        (
            Input::CreateCase(CreateCase {
                cc_email_addresses: Some(vec![String::new(); 11]),
                ..create(None)
            }),
            "ccEmailAddresses",
        ),
        (Input::CreateCase(CreateCase { upload_ids: Some(vec!["u".into()]), ..create(None) }), "uploadIds"),
        (Input::AddCommunicationToCase(communication(text(8_001))), "communicationBody"),
        (Input::AddCommunicationToCase(communication(text(80_000))), "communicationBody"),
        (Input::DescribeCommunications(DescribeCommunications::default()), "caseId"),
        (Input::DescribeAttachment(DescribeAttachment::default()), "attachmentId"),
        (cases(|input| input.max_results = Some(9)), "maxResults"),
        (cases(|input| input.max_results = Some(101)), "maxResults"),
        (cases(|input| input.case_id_list = Some(vec![String::new(); 101])), "caseIdList"),
        (cases(|input| input.after_time = Some("noon".into())), "afterTime"),
        (cases(|input| input.next_token = Some("1-0".into())), "nextToken"),
    ] {
        let refused = service.call_case(input, start()).unwrap_err();
        assert_eq!(refused.code(), "ValidationException");
        assert!(refused.to_string().contains(&format!("'{member}'")), "{refused}");
    }
}

#[test]
fn a_dry_run_is_an_error_and_does_nothing() {
    let mut service = service(Options::default());
    let set = id(service.call(upload(None, &[1]), start()));
    let case = open(&mut service, Some(&set), start()).unwrap();
    let page = communications(&mut service, of(&case)).unwrap();
    let dry_run = Some(true);
    let attachment_id = Some(page.communications[0].attachments[0].attachment_id.clone());
    for input in [
        Input::CreateCase(CreateCase { dry_run, ..create(Some(&set)) }),
        Input::AddCommunicationToCase(AddCommunicationToCase { dry_run, ..add(&case, Some(&set)) }),
        Input::DescribeCases(DescribeCases { dry_run, ..DescribeCases::default() }),
        Input::DescribeCommunications(DescribeCommunications { dry_run, ..of(&case) }),
        Input::DescribeAttachment(DescribeAttachment { dry_run, attachment_id }),
        Input::ResolveCase(ResolveCase { dry_run, case_id: Some(case.clone()) }),
    ] {
        let refused = service.call_case(input, start()).unwrap_err();
        assert_eq!(refused, Refusal::Exception(Exception::DryRunOperationException));
    }
    assert_eq!(communications(&mut service, of(&case)), Ok(page));
    assert_eq!(cases(&mut service, DescribeCases::default()).unwrap().0.len(), 1);
}

#[test]
fn lists_come_page_by_page_the_newest_first() {
    let mut service = service(Options::default());
    let ids: Vec<_> = (0..25).map(|second| open(&mut service, None, after(second)).unwrap()).collect();
    let mut seen = Vec::new();
    let mut next_token = None;
    loop {
        let input = DescribeCases { max_results: Some(10), next_token, ..DescribeCases::default() };
        let (page, next) = cases(&mut service, input).unwrap();
        seen.extend(page.into_iter().map(|case| case.case_id));
        // What comes in between is on no later page.
        open(&mut service, None, after(100)).unwrap();
        next_token = next;
        if next_token.is_none() {
            break;
        }
    }
    assert!(seen.iter().eq(ids.iter().rev()));

    for second in 0..7 {
        communicate(&mut service, add(&ids[0], None), after(second)).unwrap();
    }
    let input = DescribeCases { case_id_list: Some(vec![ids[0].clone()]), ..DescribeCases::default() };
    let recent = cases(&mut service, input).unwrap().0[0].recent_communications.clone().unwrap();
    let rest = DescribeCommunications { next_token: recent.next_token.clone(), ..of(&ids[0]) };
    let rest = communications(&mut service, rest).unwrap();
    assert_eq!((recent.communications.len(), rest.communications.len(), rest.next_token), (5, 3, None));
    assert_eq!(rest.communications.last().unwrap().body, "see the log");
    // A token is for the list that it came with.
    let other = DescribeCommunications { next_token: recent.next_token, ..of(&ids[1]) };
    assert_eq!(code(communications(&mut service, other)), "ValidationException");
}

#[test]
fn cases_are_listed_by_what_is_asked_for() {
    let mut service = service(Options::default());
    let french = CreateCase { language: Some("fr".into()), ..create(None) };
    service.call_case(Input::CreateCase(french), start()).unwrap();
    let later = open(&mut service, None, after(60)).unwrap();
    let resolved = open(&mut service, None, after(60)).unwrap();
    let resolve = ResolveCase { case_id: Some(resolved.clone()), dry_run: None };
    service.call_case(Input::ResolveCase(resolve), after(60)).unwrap();
    let none = DescribeCases::default;
    let text = |text: &str| Some(text.to_owned());
    let display_id = service.cases().next().map(|case| case.display_id.clone());
    for (input, expected) in [
        (none(), 2),
        (DescribeCases { include_resolved_cases: Some(true), ..none() }, 3),
        (DescribeCases { language: text("fr"), ..none() }, 1),
        (DescribeCases { language: text("en"), ..none() }, 1),
        (DescribeCases { language: text("de"), ..none() }, 0),
        (DescribeCases { display_id, ..none() }, 1),
        (DescribeCases { display_id: text("0"), ..none() }, 0),
        (DescribeCases { case_id_list: Some(vec![later.clone(), resolved.clone()]), ..none() }, 1),
        (DescribeCases { case_id_list: Some(vec![]), ..none() }, 2),
        (DescribeCases { after_time: text("2020-05-14T16:04:41.000Z"), ..none() }, 1),
        (DescribeCases { after_time: text("2020-05-14T18:05:00.000+0200"), ..none() }, 1),
        (DescribeCases { before_time: text("2020-05-14T16:05:00"), ..none() }, 1),
        (DescribeCases { after_time: text("2020-05-14"), ..none() }, 2),
        (DescribeCases { before_time: text("2020-05-14"), ..none() }, 0),
    ] {
        assert_eq!(cases(&mut service, input.clone()).unwrap().0.len(), expected, "{input:?}");
    }
    let bare = DescribeCases { include_communications: Some(false), ..none() };
    let (page, _) = cases(&mut service, bare).unwrap();
    assert!(page.iter().all(|case| case.recent_communications.is_none()));
    let listed = &page[0];
    assert_eq!((&listed.case_id, listed.status), (&later, choices::NEW_STATUS));
    assert_eq!(listed.time_created, "2020-05-14T16:05:40.790Z");
    // A communication opens a resolved case again.
    communicate(&mut service, add(&resolved, None), after(61)).unwrap();
    assert_eq!(cases(&mut service, none()).unwrap().0[0].status, choices::REOPENED_STATUS);
}

#[test]
fn outputs_have_the_models_names() {
    let attachment = Attachment { file_name: Some("a".into()), data: Some(Arc::new(b"hello".to_vec())) };
    let page = Communications { communications: Vec::new(), next_token: Some("t".into()) };
    let resolved = Output::ResolveCase {
        initial_case_status: choices::NEW_STATUS,
        final_case_status: choices::RESOLVED_STATUS,
    };
    for (output, expected) in [
        (Output::CreateCase { case_id: "case-1".into() }, r#"{"caseId":"case-1"}"#),
        (Output::AddCommunicationToCase { result: true }, r#"{"result":true}"#),
        (Output::DescribeCommunications(page), r#"{"communications":[],"nextToken":"t"}"#),
        (Output::DescribeAttachment { attachment }, r#"{"attachment":{"fileName":"a","data":"aGVsbG8="}}"#),
        (resolved, r#"{"initialCaseStatus":"unassigned","finalCaseStatus":"resolved"}"#),
    ] {
        assert_eq!(String::from_utf8(encode(&output)).unwrap(), expected);
    }
}

fn attachment(service: &mut Service, case: &str) -> DescribeAttachment {
    let page = communications(service, of(case)).unwrap().communications;
    let file = &page[0].attachments[0];
    DescribeAttachment { attachment_id: Some(file.attachment_id.clone()), dry_run: None }
}

#[test]
fn files_are_kept_up_to_a_bound_and_as_long_as_their_case() {
    let options = Options { kept_bytes: 6, max_cases: 2, used_set: UsedSet::Ends, ..Options::default() };
    let mut service = service(options);
    assert_eq!(service.options().max_cases, 2);
    let first = id(service.call(upload(None, &[6]), start()));
    let case = open(&mut service, Some(&first), start()).unwrap();
    let asked = Input::DescribeAttachment(attachment(&mut service, &case));
    match service.call_case(asked.clone(), start()).unwrap() {
        Output::DescribeAttachment { attachment } => assert_eq!(attachment.data.unwrap().len(), 6),
        output => unreachable!("{output:?}"),
    }
    // What a case took is no longer the set's.
    let second = id(service.call(upload(None, &[6]), start()));
    assert!(service.set(&second, start()).unwrap().attachments[0].data.is_some());
    open(&mut service, None, start()).unwrap();
    service.call_case(asked.clone(), start()).unwrap();
    resolve(&mut service, &case);
    open(&mut service, None, start()).unwrap();
    assert_eq!(code(service.call_case(asked, start())), "AttachmentIdNotFound");
}

fn resolve(service: &mut Service, case: &str) {
    let input = ResolveCase { case_id: Some(case.into()), dry_run: None };
    service.call_case(Input::ResolveCase(input), start()).unwrap();
}

/// An output without its data would be another file.
#[test]
fn an_attachment_comes_with_its_bytes_or_not_at_all() {
    let mut service = service(Options { kept_bytes: 6, ..Options::default() });
    let set = id(service.call(upload(None, &[0, 5]), start()));
    let case = open(&mut service, Some(&set), start()).unwrap();
    let page = communications(&mut service, of(&case)).unwrap().communications;
    let describe = |service: &mut Service| -> Vec<_> {
        let each = page[0].attachments.iter().map(|file| {
            let asked = DescribeAttachment { attachment_id: Some(file.attachment_id.clone()), dry_run: None };
            match service.call_case(Input::DescribeAttachment(asked), start()) {
                Ok(Output::DescribeAttachment { attachment }) => Ok(attachment.data.unwrap().len()),
                Ok(output) => unreachable!("{output:?}"),
                Err(refusal) => Err(refusal.code()),
            }
        });
        each.collect()
    };
    assert_eq!(describe(&mut service), [Ok(0), Ok(5)]);
    let newer = id(service.call(upload(None, &[6]), start()));
    open(&mut service, Some(&newer), start()).unwrap();
    assert_eq!(describe(&mut service)[1], Err("AttachmentIdNotFound"));
}

/// Resolved cases make room; then what would take more is refused, and what is
/// there stays.
#[test]
fn cases_beyond_what_may_be_held_are_refused() {
    let long = |case: &str| AddCommunicationToCase {
        communication_body: Some("\u{10ffff}".repeat(8_000)),
        ..add(case, None)
    };
    let each = choices::COMMUNICATION_BYTES + 32_000;
    let rest = 2 * (choices::CASE_BYTES + choices::COMMUNICATION_BYTES + 100);
    let mut service = service(Options { held_bytes: 10 * each + rest, ..Options::default() });
    let old = open(&mut service, None, start()).unwrap();
    let case = open(&mut service, None, start()).unwrap();
    for number in 0..10 {
        communicate(&mut service, long(if number < 3 { &old } else { &case }), start()).unwrap();
    }
    let refused = communicate(&mut service, long(&case), start()).unwrap_err();
    assert_eq!((refused.code(), refused.error("r").status), ("ServiceUnavailable", 503));
    assert_eq!(code(open(&mut service, None, start())), "CaseCreationLimitExceeded");
    assert_eq!(service.cases().count(), 2);
    resolve(&mut service, &old);
    // It is not the one to make room for itself.
    let only = communicate(&mut service, long(&old), start());
    assert_eq!(code(only), "ServiceUnavailable");
    for _ in 0..3 {
        communicate(&mut service, long(&case), start()).unwrap();
    }
    assert_eq!(code(communications(&mut service, of(&old))), "CaseIdNotFound");
    assert_eq!(attached(&service, &case).len(), 11);
}

#[test]
fn one_case_too_many_is_refused_unless_one_is_resolved() {
    let mut service = service(Options { max_cases: 2, ..Options::default() });
    let first = open(&mut service, None, start()).unwrap();
    let second = open(&mut service, None, start()).unwrap();
    assert_eq!(code(open(&mut service, None, start())), "CaseCreationLimitExceeded");
    resolve(&mut service, &second);
    let dry = CreateCase { dry_run: Some(true), ..create(None) };
    let refused = service.call_case(Input::CreateCase(dry), start());
    assert_eq!(code(refused), "DryRunOperationException");
    communications(&mut service, of(&second)).unwrap();
    open(&mut service, None, start()).unwrap();
    communications(&mut service, of(&first)).unwrap();
    assert_eq!(code(communications(&mut service, of(&second))), "CaseIdNotFound");
}

#[test]
fn limits_are_options() {
    let describe_limit = Some(RateLimit { most: 1, per: Duration::from_secs(10) });
    let options = Options { max_open_cases: Some(1), describe_limit, ..Options::default() };
    let mut service = service(options);
    let set = id(service.call(upload(None, &[1]), start()));
    let case = open(&mut service, Some(&set), start()).unwrap();
    assert_eq!(code(open(&mut service, None, start())), "CaseCreationLimitExceeded");
    let file = communications(&mut service, of(&case)).unwrap().communications[0].attachments[0].clone();
    let mut describe = |seconds| {
        let asked = DescribeAttachment { attachment_id: Some(file.attachment_id.clone()), dry_run: None };
        service.call_case(Input::DescribeAttachment(asked), after(seconds))
    };
    describe(0).unwrap();
    assert_eq!(code(describe(9)), "DescribeAttachmentLimitExceeded");
    describe(10).unwrap();
    service
        .call_case(Input::ResolveCase(ResolveCase { case_id: Some(case), dry_run: None }), start())
        .unwrap();
    open(&mut service, None, start()).unwrap();
}

#[test]
fn an_attachment_above_the_documented_limit_is_listed_apart_and_does_not_come_back() {
    let mut service = service(Options { max_attachment_bytes: usize::MAX, ..Options::default() });
    let set = id(service.call(upload(None, &[1, (5 << 20) + 1]), start()));
    let case = open(&mut service, Some(&set), start()).unwrap();
    let one = communications(&mut service, of(&case)).unwrap().communications.remove(0);
    assert_eq!((one.attachments.len(), one.attachment_set.len()), (2, 1));
    let asked =
        DescribeAttachment { attachment_id: Some(one.attachments[1].attachment_id.clone()), dry_run: None };
    let refused = service.call_case(Input::DescribeAttachment(asked), start());
    assert_eq!(code(refused), "InvalidParameterValueException");
}

#[test]
fn cases_and_their_data_are_kept_within_bounds() {
    let mut service = service(Options { max_cases: 2, kept_bytes: 10, ..Options::default() });
    let set = id(service.call(upload(None, &[6]), start()));
    let first = open(&mut service, Some(&set), start()).unwrap();
    let second = open(&mut service, Some(&set), start()).unwrap();
    let kept = |service: &Service| -> Vec<bool> {
        let all = service.cases().flat_map(|case| &case.communications);
        all.flat_map(|one| service.attached(one)).map(|file| file.stored.data.is_some()).collect()
    };
    assert_eq!(kept(&service), [false, true]);
    communicate(&mut service, add(&first, Some(&set)), start()).unwrap();
    assert_eq!(kept(&service), [false, true, false]);
    resolve(&mut service, &first);
    open(&mut service, None, start()).unwrap();
    assert_eq!(code(communications(&mut service, of(&first))), "CaseIdNotFound");
    // The room of what went with the first case is there again.
    communicate(&mut service, add(&second, Some(&set)), start()).unwrap();
    assert_eq!(kept(&service), [false, true]);
}

#[test]
fn a_reset_forgets_cases_and_goes_on_with_other_ids() {
    let mut service = service(Options::default());
    let first = open(&mut service, None, start()).unwrap();
    service.reset();
    assert_eq!(service.cases().count(), 0);
    assert_eq!(code(communications(&mut service, of(&first))), "CaseIdNotFound");
    assert_ne!(open(&mut service, None, start()).unwrap(), first);
}
