use std::time::Duration;

use attachset::model::limits::POSSIBLY_ALLOWED_BYTES;
use attachset::model::{Exception, Input};
use attachset::service::{Options, RateLimit, Upload, choices, message};

use super::{after, code, dry, id, service, start, upload};

#[test]
fn a_call_without_an_id_makes_a_set_that_lives_an_hour() {
    let mut service = service(Options::default());
    let output = service.call(upload(None, &[3]), start()).unwrap();
    assert_eq!(output.expiry_time.as_deref(), Some("2020-05-14T17:04:40.790+0000"));
    let id = output.attachment_set_id.unwrap();
    let set = service.set(&id, start()).unwrap();
    assert_eq!((set.created, set.expires), (start(), after(3_600)));
    assert_eq!(set.attachments[0].bytes, 3);
}

#[test]
fn an_append_gives_the_same_id_and_does_not_extend_the_hour() {
    let mut service = service(Options::default());
    let first = service.call(upload(None, &[1]), start()).unwrap();
    let id = first.attachment_set_id.clone().unwrap();
    let second = service.call(upload(Some(&id), &[2]), after(3_599)).unwrap();
    assert_eq!(first, second);
    assert_eq!(service.set(&id, after(3_599)).unwrap().attachments.len(), 2);
    assert_eq!(code(service.call(upload(Some(&id), &[3]), after(3_600))), "AttachmentSetExpired");
}

#[test]
fn a_set_takes_three_attachments_in_one_call_or_in_several() {
    let mut service = service(Options::default());
    assert_eq!(code(service.call(upload(None, &[1, 1, 1, 1]), start())), "AttachmentSetSizeLimitExceeded");
    assert_eq!(service.sets(start()).count(), 0);
    let id = id(service.call(upload(None, &[1, 1]), start()));
    let over = service.call(upload(Some(&id), &[1, 1]), start());
    assert_eq!(code(over), "AttachmentSetSizeLimitExceeded");
    service.call(upload(Some(&id), &[1]), start()).unwrap();
    let over = service.call(upload(Some(&id), &[1]), start());
    assert_eq!(code(over), "AttachmentSetSizeLimitExceeded");
    assert_eq!(service.set(&id, start()).unwrap().attachments.len(), 3);
}

#[test]
fn the_limit_of_an_attachment_is_on_its_bytes_before_base64() {
    let mut service = service(Options::default());
    service.call(upload(None, &[POSSIBLY_ALLOWED_BYTES]), start()).unwrap();
    let over = service.call(upload(None, &[1, POSSIBLY_ALLOWED_BYTES + 1]), start());
    assert_eq!(code(over), "AttachmentSetSizeLimitExceeded");
}

#[test]
fn an_unknown_id_is_not_found() {
    let mut service = service(Options::default());
    assert_eq!(code(service.call(upload(Some("as-1"), &[1]), start())), "AttachmentSetIdNotFound");
    assert_eq!(code(service.call(upload(Some(""), &[1]), start())), "AttachmentSetIdNotFound");
}

#[test]
fn an_expired_id_is_remembered_for_a_day() {
    let mut service = service(Options::default());
    let id = id(service.call(upload(None, &[1]), start()));
    let day = i64::try_from(choices::REMEMBERED_FOR.as_secs()).unwrap();
    let last = service.call(upload(Some(&id), &[1]), after(3_600 + day - 1));
    assert_eq!(code(last), "AttachmentSetExpired");
    let forgotten = service.call(upload(Some(&id), &[1]), after(3_600 + day));
    assert_eq!(code(forgotten), "AttachmentSetIdNotFound");
}

#[test]
fn new_sets_can_be_limited_in_any_span_of_time() {
    let rate_limit = Some(RateLimit { most: 2, per: Duration::from_secs(10) });
    let mut service = service(Options { rate_limit, ..Options::default() });
    let first = id(service.call(upload(None, &[1]), start()));
    service.call(upload(None, &[1]), after(5)).unwrap();
    assert_eq!(code(service.call(upload(None, &[1]), after(9))), "AttachmentLimitExceeded");
    service.call(upload(Some(&first), &[1]), after(9)).unwrap();
    service.call(upload(None, &[1]), after(10)).unwrap();
    assert_eq!(code(service.call(upload(None, &[1]), after(14))), "AttachmentLimitExceeded");
}

#[test]
fn a_dry_run_says_what_would_happen_and_does_nothing() {
    let rate_limit = Some(RateLimit { most: 1, per: Duration::from_secs(10) });
    let mut service = service(Options { rate_limit, ..Options::default() });
    assert_eq!(code(service.call(dry(upload(None, &[1])), start())), "DryRunOperationException");
    let unknown = service.call(dry(upload(Some("as-1"), &[1])), start());
    assert_eq!(code(unknown), "AttachmentSetIdNotFound");
    assert_eq!(service.sets(start()).count(), 0);
    service.call(upload(None, &[1]), start()).unwrap();
}

#[test]
fn a_call_without_attachments_is_refused() {
    let mut service = service(Options::default());
    assert_eq!(code(service.call(upload(None, &[]), start())), "ValidationException");
    let absent = Upload::new(Input::default(), false);
    assert_eq!(code(service.call(absent, start())), "ValidationException");
}

#[test]
fn an_attachment_may_lack_a_name_or_data_and_its_stored_name_is_bounded() {
    let attachment = |name: Option<String>| attachset::model::Attachment { file_name: name, data: None };
    let input = Input {
        attachments: Some(vec![attachment(None), attachment(Some("\u{fc}".repeat(5_000)))]),
        ..Input::default()
    };
    let mut service = service(Options::default());
    let id = id(service.call(Upload::new(input, false), start()));
    let set = service.set(&id, start()).unwrap();
    assert_eq!(set.attachments[0].bytes, 0);
    assert_eq!(set.attachments[1].file_name.as_ref().unwrap().len(), choices::STORED_NAME_BYTES);
}

#[test]
fn data_is_dropped_unless_it_is_to_be_kept_and_then_the_oldest_goes_first() {
    let mut plain = service(Options { kept_bytes: 0, ..Options::default() });
    let dropped = id(plain.call(upload(None, &[9]), start()));
    assert_eq!(plain.set(&dropped, start()).unwrap().attachments[0].data, None);

    let mut service = service(Options { kept_bytes: 10, ..Options::default() });
    let (old, new) =
        (id(service.call(upload(None, &[6]), start())), id(service.call(upload(None, &[6]), start())));
    let old = service.set(&old, start()).unwrap().clone();
    let new = service.set(&new, start()).unwrap().clone();
    assert_eq!(old.attachments[0].data, None);
    assert_eq!(new.attachments[0].data.as_ref().unwrap().len(), 6);
    assert_eq!(old.attachments[0].bytes, 6);
}

/// A set lives its hour: a new one is refused, and the reason is true.
#[test]
fn one_set_too_many_is_refused_until_one_expires() {
    let mut service = service(Options { max_sets: 2, ..Options::default() });
    let first = id(service.call(upload(None, &[1]), start()));
    let second = id(service.call(upload(None, &[1]), after(60)));
    assert_eq!(code(service.call(upload(None, &[1]), after(60))), "AttachmentLimitExceeded");
    assert_eq!(code(service.call(dry(upload(None, &[1])), after(60))), "AttachmentLimitExceeded");
    for set in [&first, &second] {
        service.call(upload(Some(set), &[1]), after(60)).unwrap();
    }
    service.call(upload(None, &[1]), after(3_600)).unwrap();
    assert_eq!(code(service.call(upload(Some(&first), &[1]), after(3_600))), "AttachmentSetExpired");
    assert_eq!(code(service.call(upload(None, &[1]), after(3_600))), "AttachmentLimitExceeded");
}

#[test]
fn no_more_ids_are_remembered_than_sets_may_live() {
    let mut service = service(Options { max_sets: 2, ..Options::default() });
    let mut at = |hour: i64| id(service.call(upload(None, &[1]), after(3_600 * hour)));
    let ids = [at(0), at(1), at(2), at(3)];
    let answers = ids.map(|id| service.call(upload(Some(&id), &[1]), after(3_600 * 3)).map_err(|e| e.code()));
    assert_eq!(answers[0], Err("AttachmentSetIdNotFound"));
    assert_eq!(answers[1], Err("AttachmentSetExpired"));
    assert_eq!(answers[2], Err("AttachmentSetExpired"));
    assert!(answers[3].is_ok());
}

/// What has ended makes room first; then what would take more is refused, and
/// what is there stays.
#[test]
fn sets_beyond_what_may_be_held_are_refused() {
    let each = choices::SET_BYTES + choices::ATTACHMENT_BYTES + "a.log".len();
    let mut service = service(Options { held_bytes: 10 * each, ..Options::default() });
    let ids: Vec<_> = (0..10).map(|_| id(service.call(upload(None, &[1]), start()))).collect();
    assert_eq!(code(service.call(upload(None, &[1]), start())), "AttachmentLimitExceeded");
    assert_eq!(code(service.call(upload(Some(&ids[0]), &[1]), start())), "AttachmentLimitExceeded");
    assert_eq!(service.sets(start()).count(), 10);
    for _ in 0..10 {
        service.call(upload(None, &[1]), after(3_600)).unwrap();
    }
    assert_eq!(code(service.call(upload(Some(&ids[0]), &[1]), after(3_600))), "AttachmentSetIdNotFound");
}

#[test]
fn a_set_ends_after_its_hour_also_where_an_older_one_outlives_it() {
    let mut service = service(Options::default());
    let older = id(service.call(upload(None, &[1]), after(600)));
    // The clock was set back.
    let newer = id(service.call(upload(None, &[1]), start()));
    assert_eq!(code(service.call(upload(Some(&newer), &[1]), after(3600))), "AttachmentSetExpired");
    assert_eq!(service.set(&newer, after(3600)), None);
    assert!(service.sets(after(3600)).map(|set| &*set.id).eq([&*older]));
    assert!(service.call(upload(Some(&older), &[1]), after(3600)).is_ok());
}

#[test]
fn a_set_that_has_ended_stays_ended_when_the_clock_is_set_back() {
    let mut service = service(Options { max_sets: 2, ..Options::default() });
    let older = id(service.call(upload(None, &[1]), after(600)));
    let newer = id(service.call(upload(None, &[1]), start()));
    service.call(upload(Some(&older), &[1]), after(3_600)).unwrap();
    assert_eq!(code(service.call(upload(Some(&newer), &[1]), start())), "AttachmentSetExpired");
    assert_eq!(service.sets(start()).count(), 1);
    // The one that ended makes room.
    service.call(upload(None, &[1]), start()).unwrap();
    service.call(upload(Some(&older), &[1]), start()).unwrap();
}

#[test]
fn a_reset_forgets_sets_and_never_gives_an_id_twice() {
    let mut service = service(Options::default());
    let before = id(service.call(upload(None, &[1]), start()));
    service.reset();
    let after = id(service.call(upload(None, &[1]), start()));
    assert_ne!(before, after);
    assert_eq!(code(service.call(upload(Some(&before), &[1]), start())), "AttachmentSetIdNotFound");
}

#[test]
fn ids_follow_from_the_seed() {
    let mut ids = [0, 0, 1].map(|seed| {
        let mut service = attachset::service::Service::new(Options::default(), seed);
        id(service.call(upload(None, &[1]), start()))
    });
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    assert!(ids.iter_mut().all(|id| id.starts_with("as-")));
}

#[test]
fn every_exception_has_a_message() {
    for exception in Exception::ALL {
        assert!(message(exception).ends_with('.'), "{exception:?}");
    }
}

/// Two services within one bound: what one has taken the other cannot keep, and
/// the other drops data of its own alone.
#[test]
fn services_share_bounds() {
    let rooms = attachset::service::Rooms {
        kept: attachset::service::room::Part::new(10),
        held: attachset::service::room::Part::new(2_000),
    };
    let within = |seed| attachset::service::Service::within(Options::default(), seed, &rooms);
    let (mut one, mut other) = (within(1), within(2));
    let first = id(one.call(upload(None, &[6]), start()));
    let second = id(other.call(upload(None, &[4]), start()));
    let third = id(other.call(upload(None, &[3]), start()));
    let kept = |service: &mut attachset::service::Service, id: &str| {
        service.set(id, start()).unwrap().attachments[0].data.is_some()
    };
    assert!(kept(&mut one, &first) && !kept(&mut other, &second) && kept(&mut other, &third));
    drop(one);
    let fourth = id(other.call(upload(None, &[7]), start()));
    assert!(kept(&mut other, &third) && kept(&mut other, &fourth));

    let mut one = within(3);
    while one.call(upload(None, &[1]), start()).is_ok() {}
    assert_eq!(code(other.call(upload(None, &[1]), start())), "AttachmentLimitExceeded");
    one.reset();
    other.call(upload(None, &[1]), start()).unwrap();
}
