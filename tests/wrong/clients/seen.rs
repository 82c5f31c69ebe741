//! Whether a defect shows in what the control saw. Where it does not, a run
//! would be the control's over again.

use std::time::{Duration, SystemTime};

use attachset::client::Call;
use attachset::model::Input;
use attachset::wire::Response;
use attachset::wire::outcome::Outcome;
use attachset::wire::sign::verify;

use crate::clients::edit;
use crate::clients::mutant::Defect;

/// One attempt of the control.
pub(crate) struct Seen {
    pub(crate) call: Call,
    /// The call before, if there was one.
    pub(crate) before: Option<(Input, Outcome)>,
    pub(crate) attempt: u32,
    pub(crate) answer: Result<Response, Outcome>,
    pub(crate) outcome: Outcome,
}

impl Seen {
    pub(crate) fn shows(&self, defect: &Defect) -> bool {
        let Self { call, before, attempt, answer, outcome } = self;
        let request = || Defect::None.request(call, *attempt);
        match defect {
            Defect::None => false,
            // Only the server can tell.
            Defect::Send(_) => true,
            Defect::Clock => {
                let age = answer.as_ref().ok().and_then(edit::age).unwrap_or_default();
                age > Duration::from_secs(60)
            }
            Defect::Local(answer) => answer(&call.input).is_some(),
            Defect::Input(change) => changes(&call.input, change),
            Defect::AfterInput(change) => {
                before.as_ref().is_some_and(|(before, _)| changes(&call.input, |input| change(input, before)))
            }
            Defect::Report(change) => changes(outcome, |outcome| change(outcome, &call.input)),
            Defect::AfterOutcome(change) => {
                before.as_ref().is_some_and(|(_, before)| changes(outcome, |outcome| change(outcome, before)))
            }
            Defect::Request(change) => changes(&request(), change),
            Defect::Attempt(change) => changes(&request(), |request| change(request, *attempt)),
            Defect::Sign(_) | Defect::Signed(_) => {
                let request = defect.signed(request(), call, *attempt, SystemTime::now());
                verify(&request, &call.credentials, SystemTime::now()).is_err()
            }
            Defect::Answer(_)
            | Defect::Name(_)
            | Defect::Message(_)
            | Defect::Member(_)
            | Defect::Outcome(_)
            | Defect::Fatal(_) => answer
                .as_ref()
                .is_ok_and(|answer| defect.read(call.operation, answer).as_ref() != Ok(outcome)),
            Defect::Failure(change) => answer.is_err() && changes(outcome, change),
            Defect::Retry(_) => {
                *attempt < call.max_attempts && self.pause(defect) != self.pause(&Defect::None)
            }
            Defect::Attempts(count) => {
                count(call.max_attempts) != call.max_attempts && self.pause(&Defect::None).is_some()
            }
        }
    }

    fn pause(&self, defect: &Defect) -> Option<Duration> {
        let headers = self.answer.as_ref().map(|answer| answer.headers.clone()).unwrap_or_default();
        defect.pause(&self.outcome, &headers, self.attempt)
    }
}

fn changes<T: Clone + PartialEq>(value: &T, change: impl Fn(&mut T)) -> bool {
    let mut changed = value.clone();
    change(&mut changed);
    changed != *value
}
