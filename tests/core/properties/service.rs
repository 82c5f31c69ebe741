//! Sequences of calls and clock steps.

use std::time::Duration;

use attachset::property::{self, CaseStep, End, Step};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

use crate::properties::values;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::common::inputs(1024)))]

    #[test]
    fn the_service_does_as_documented_whatever_is_called_when(steps in vec(step(), 1..60)) {
        property::service_sequence(&steps);
    }

    #[test]
    fn what_goes_into_a_case_comes_back_whatever_is_called_when(steps in vec(case_step(), 1..60)) {
        property::case_sequence(&steps);
    }

    #[test]
    fn what_is_stored_is_what_was_sent(input in values::input(), long in "[a\u{e9}\u{10ffff}]{250,1030}") {
        let mut input = input;
        if let Some(attachment) = input.attachments.iter_mut().flatten().next() {
            attachment.file_name = Some(long);
        }
        property::upload(&input);
    }
}

fn step() -> impl Strategy<Value = Step> {
    let sizes = || weighted(0.95, vec(0..10_usize, 0..=4));
    let set = prop_oneof![4 => Just(None), 6 => any::<usize>().prop_map(Some)];
    let end = prop_oneof![2 => Just(End::Recent), 4 => Just(End::Life), 1 => Just(End::Memory)];
    prop_oneof![
        8 => (set, sizes(), prop::bool::weighted(0.1))
            .prop_map(|(set, sizes, dry_run)| Step::Call { set, sizes, dry_run }),
        2 => (0..100_000_u64).prop_map(|time| Step::Wait(Duration::from_millis(time))),
        1 => (1_700..4_000_u64).prop_map(|time| Step::Wait(Duration::from_secs(time))),
        2 => (any::<usize>(), end, -2..=2_i8).prop_map(|(set, end, off)| Step::WaitFor { set, end, off }),
        1 => weighted(0.2, Just(Step::Reset))
            .prop_map(|step| step.unwrap_or(Step::Wait(Duration::ZERO))),
    ]
}

fn case_step() -> impl Strategy<Value = CaseStep> {
    let set = || weighted(0.7, any::<usize>());
    prop_oneof![
        6 => (weighted(0.4, any::<usize>()), 0..10_usize)
            .prop_map(|(set, bytes)| CaseStep::Upload { set, bytes }),
        2 => set().prop_map(CaseStep::Create),
        6 => (any::<usize>(), set()).prop_map(|(case, set)| CaseStep::Communicate { case, set }),
        1 => any::<usize>().prop_map(CaseStep::Resolve),
        1 => prop_oneof![4 => 0..4_000_u64, 1 => 80_000..100_000_u64]
            .prop_map(|time| CaseStep::Wait(Duration::from_secs(time))),
        1 => weighted(0.2, Just(CaseStep::Reset))
            .prop_map(|step| step.unwrap_or(CaseStep::Wait(Duration::ZERO))),
    ]
}
