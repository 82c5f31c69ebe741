//! Draws of which few are needed: they cost pauses or megabytes, or are about
//! something of their own.

use super::choices::Choices;
use super::{Draw, Exchange, Mutation, Setting, Start, call, few_failures, mutation, plain_start, setting};
use crate::model::Exception;

/// A client that may try again, and an answer that bears on whether it does.
pub(super) fn retried(choices: &mut Choices<'_>) -> Draw {
    let failures = if choices.chance(1, 4) { few_failures(choices) } else { Vec::new() };
    let start =
        choices.one_of(&[(1, |_| Start::Output), (4, |choices| Start::Error(choices.pick(&Exception::ALL)))]);
    let mutations = choices.list(0..=1, mutation::of_retries);
    let attempts = if choices.chance(1, 4) { 3 } else { 2 };
    Draw {
        exchanges: vec![Exchange { call: call::plain(), failures, start, mutations }],
        setting: Setting { attempts, session_token: false, serial: 0 },
    }
}

/// A client that may try again, and an answer after which it must not: none
/// that is right pauses.
pub(super) fn refused(choices: &mut Choices<'_>) -> Draw {
    let refusals: Vec<_> = Exception::ALL.into_iter().filter(|exception| exception.status() == 400).collect();
    let start = Start::Error(choices.pick(&refusals));
    Draw {
        exchanges: vec![Exchange { call: call::plain(), failures: Vec::new(), start, mutations: Vec::new() }],
        setting: Setting { attempts: 2, session_token: false, serial: 0 },
    }
}

pub(super) fn large(choices: &mut Choices<'_>) -> Draw {
    let (call, start) = (call::large(choices), Start::Output);
    Draw {
        exchanges: vec![Exchange { call, failures: Vec::new(), start, mutations: Vec::new() }],
        setting: Setting::default(),
    }
}

/// A call behind one whose response was made long ago, and says so.
pub(super) fn aged(choices: &mut Choices<'_>) -> Draw {
    let age = Mutation::Aged(choices.pick(&[3_600, 86_400, 31_536_000]));
    let call = |mutations: &[Mutation], start| {
        let (call, mutations) = (call::plain(), mutations.to_vec());
        Exchange { call, failures: Vec::new(), start, mutations }
    };
    let exchanges = vec![call(&[age], plain_start(choices)), call(&[], plain_start(choices))];
    Draw { exchanges, setting: setting(choices) }
}
