use std::collections::HashMap;
use std::time::Duration;

use attachset::model::limits::ATTACHMENTS_PER_SET;
use attachset::service::{Options, RateLimit, Service, Set, expiry_text};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::{dry, start, upload};

/// Small limits, so that short sequences reach them.
const MAX_BYTES: usize = 8;
const RATE: RateLimit = RateLimit { sets: 3, per: Duration::from_secs(60) };

#[derive(Debug, Clone)]
enum Action {
    /// Sizes and whether it is a dry run.
    Create(Vec<usize>, bool),
    /// To which of the sets so far, modulo their number.
    Append(usize, Vec<usize>, bool),
    AppendToUnknown(Vec<usize>),
    /// In seconds.
    Advance(i64),
}

fn action() -> impl Strategy<Value = Action> {
    let sizes = || prop::collection::vec(0..=MAX_BYTES + 1, 0..=4);
    prop_oneof![
        4 => (sizes(), prop::bool::weighted(0.1)).prop_map(|(sizes, dry)| Action::Create(sizes, dry)),
        6 => (any::<usize>(), sizes(), prop::bool::weighted(0.1))
            .prop_map(|(which, sizes, dry)| Action::Append(which, sizes, dry)),
        1 => sizes().prop_map(Action::AppendToUnknown),
        2 => (0_i64..100).prop_map(Action::Advance),
        2 => (1_700_i64..4_000).prop_map(Action::Advance),
        1 => Just(Action::Advance(24 * 3_600)),
    ]
}

/// What the documents say, in the plainest way: nothing is ever forgotten.
#[derive(Default)]
struct Model {
    now: i64,
    /// When each set was made, and the sizes in it.
    sets: Vec<(i64, Vec<usize>)>,
    ids: HashMap<String, usize>,
}

impl Model {
    /// What the answer must be: a set's number, or error codes of which any
    /// will do.
    fn expect(
        &mut self,
        which: Option<usize>,
        sizes: &[usize],
        dry: bool,
    ) -> Result<usize, Vec<&'static str>> {
        let mut errors = Vec::new();
        if sizes.is_empty() {
            errors.push("ValidationException");
        }
        let there = match which.map(|which| self.sets.get(which)) {
            None => 0,
            Some(None) => {
                errors.push("AttachmentSetIdNotFound");
                0
            }
            Some(Some((made, there))) => {
                let age = self.now - made;
                if age >= 3_600 {
                    errors.push("AttachmentSetExpired");
                }
                if age >= 3_600 + 24 * 3_600 {
                    errors.push("AttachmentSetIdNotFound");
                }
                there.len()
            }
        };
        if there + sizes.len() > ATTACHMENTS_PER_SET || sizes.iter().any(|size| *size > MAX_BYTES) {
            errors.push("AttachmentSetSizeLimitExceeded");
        }
        let recent = self.sets.iter().filter(|(made, _)| self.now - made < 60).count();
        if which.is_none() && recent >= RATE.sets {
            errors.push("AttachmentLimitExceeded");
        }
        if errors.is_empty() && dry {
            errors.push("DryRunOperationException");
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let number = which.unwrap_or(self.sets.len());
        if which.is_none() {
            self.sets.push((self.now, Vec::new()));
        }
        self.sets[number].1.extend(sizes);
        Ok(number)
    }
}

fn snapshot(service: &mut Service, now: Timestamp) -> Vec<Set> {
    service.sets(now).cloned().collect()
}

fn check(actions: Vec<Action>) -> Result<(), TestCaseError> {
    let options = Options {
        max_attachment_bytes: MAX_BYTES,
        rate_limit: Some(RATE),
        kept_bytes: 20,
        ..Options::default()
    };
    let mut service = Service::new(options, 7);
    let mut model = Model::default();
    for action in actions {
        let (which, sizes, is_dry) = match action {
            Action::Advance(seconds) => {
                model.now += seconds;
                continue;
            }
            Action::Create(sizes, dry) => (None, sizes, dry),
            Action::AppendToUnknown(sizes) => (Some(usize::MAX), sizes, false),
            Action::Append(which, sizes, dry) => {
                (Some(which.checked_rem(model.sets.len()).unwrap_or(usize::MAX)), sizes, dry)
            }
        };
        let id = which.map(|which| {
            let known = model.ids.iter().find(|(_, number)| **number == which);
            known.map_or_else(|| "as-unknown".to_owned(), |(id, _)| id.clone())
        });
        let now = start() + SignedDuration::from_secs(model.now);
        let before = snapshot(&mut service, now);
        let call = upload(id.as_deref(), &sizes);
        let answer = service.call(if is_dry { dry(call) } else { call }, now);
        match (model.expect(which, &sizes, is_dry), answer) {
            (Ok(number), Ok(output)) => {
                let answered = output.attachment_set_id.unwrap_or_default();
                prop_assert!(id.is_none_or(|id| id == answered), "the id is echoed");
                let known = model.ids.insert(answered, number);
                prop_assert!(known.is_none_or(|known| known == number), "an id stands for one set");
                let expires = start() + SignedDuration::from_secs(model.sets[number].0 + 3_600);
                prop_assert_eq!(output.expiry_time, Some(expiry_text(expires)));
            }
            (Err(codes), Err(refusal)) => {
                prop_assert!(codes.contains(&refusal.code()), "{} is none of {codes:?}", refusal.code());
                prop_assert_eq!(before, snapshot(&mut service, now), "a refused call changes nothing");
            }
            (expected, answer) => prop_assert!(false, "expected {expected:?}, was {answer:?}"),
        }
        let mut kept = 0;
        for set in snapshot(&mut service, now) {
            let (made, sizes) = &model.sets[model.ids[&*set.id]];
            prop_assert!(model.now - made < 3_600, "a set is gone after its hour");
            prop_assert_eq!(&set.attachments.iter().map(|stored| stored.bytes).collect::<Vec<_>>(), sizes);
            kept +=
                set.attachments.iter().filter_map(|stored| Some(stored.data.as_ref()?.len())).sum::<usize>();
        }
        prop_assert!(kept <= 20, "{kept} bytes are kept");
    }
    Ok(())
}

proptest! {
    #[test]
    fn the_service_does_as_documented_whatever_is_called_when(
        actions in prop::collection::vec(action(), 1..60),
    ) {
        check(actions)?;
    }
}
