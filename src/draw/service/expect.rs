//! What a server must answer, and what it breaks if it does not.

use super::world::Answers;
use crate::fixture::{
    Charges, Defect, ErrorPattern, Expected, Form, OutputPattern, Pattern, Rule, Text, Tolerated,
};
use crate::model::Exception;
use crate::service::Refusal;
use crate::wire::outcome::ErrorKind;

/// The statuses of a refusal that is the caller's fault.
const REFUSALS: [u16; 12] = [400, 401, 403, 404, 405, 406, 411, 413, 414, 415, 422, 431];

const FORGOTTEN: &str = "the set may be forgotten already: the documents leave open when an expired set turns \
                         into an unknown one";
const RATE_LIMIT: &str =
    "the server's rate limit on new sets was met, and the documents leave open where it is";
const NO_LENGTH: &str = "a server may ask for a stated length";
const ODD_ID: &str = "another error of the caller's: the id has a form that the service gives to none";

/// What a step must come to, what it breaks where it does not, and of what
/// form its answer must be.
pub(super) struct Expectation {
    pub(super) expected: Expected,
    pub(super) charges: Charges,
    pub(super) form: Vec<Form>,
}

/// The history of a call, as far as it says what a server breaks that answers
/// it otherwise.
pub(super) struct Causes {
    /// What a server breaks that refuses it.
    pub(super) refused: &'static str,
    /// What a server breaks that accepts too large a set.
    pub(super) over: &'static str,
    /// Whether the set is not as young as it was when it was made.
    pub(super) aged: bool,
    /// Whether the id of the set is of no usual form.
    pub(super) odd_id: bool,
    /// The rule by which its form is read, where that is not the usual one.
    pub(super) form: Option<&'static str>,
    /// Whether a new set is asked for by something else than a call.
    pub(super) may_be_limited: bool,
}

/// The expectation of a call that may be answered like this.
pub(super) fn of_call(answers: &Answers, causes: &Causes) -> Expectation {
    let mut expected = Expected::default();
    let mut charges = Charges::from([
        (Defect::Refused, causes.refused.into()),
        (Defect::OtherStatus, "http.server-refusal-status".into()),
    ]);
    if answers.output {
        expected.accept.push(output());
    }
    if causes.may_be_limited {
        expected.tolerate.push(tolerated(code(Exception::AttachmentLimitExceeded), RATE_LIMIT));
    }
    for refusal in &answers.refusals {
        let (accepted, other_error) = match refusal {
            Refusal::Exception(Exception::AttachmentSetIdNotFound) => {
                ("model.not-found-meaning", "model.not-found-meaning")
            }
            Refusal::Exception(Exception::AttachmentSetExpired) => ("seed.one-hour", "model.expired-meaning"),
            Refusal::Exception(Exception::DryRunOperationException) => {
                ("model.error.dry-run-operation", "model.error.dry-run-operation")
            }
            // A set that is too large, and still there, says so.
            Refusal::Exception(_) if causes.aged => (causes.over, "seed.one-hour"),
            Refusal::Exception(_) => (causes.over, "model.size-limit-meaning"),
            Refusal::Invalid(_) | Refusal::DataNotKept | Refusal::NoRoom => {
                ("seed.attachments-required", "seed.attachments-required")
            }
        };
        charges.entry(Defect::Accepted).or_insert_with(|| accepted.into());
        charges.entry(Defect::OtherError).or_insert_with(|| causes.form.unwrap_or(other_error).into());
        match refusal {
            Refusal::Exception(exception) => {
                let status = match exception {
                    // It is only suggested by the model.
                    Exception::DryRunOperationException => Rule::default(),
                    other => {
                        charges.insert(Defect::OtherStatus, "model.http-status".into());
                        Rule(vec![Some(other.status())])
                    }
                };
                let named = Rule(vec![Some(Text::from(exception.code()))]);
                expected.accept.push(error(ErrorPattern { code: named, status, ..service() }));
                if *exception == Exception::AttachmentSetExpired {
                    expected.tolerate.push(tolerated(code(Exception::AttachmentSetIdNotFound), FORGOTTEN));
                }
                if *exception == Exception::AttachmentSetIdNotFound && causes.odd_id {
                    expected.tolerate.push(tolerated(fault(), ODD_ID));
                }
            }
            Refusal::Invalid(_) | Refusal::DataNotKept | Refusal::NoRoom => {
                expected.accept.push(error(service()));
            }
        }
    }
    if answers.open {
        charges.insert(Defect::OtherStatus, "http.server-refusal-status".into());
        expected.accept.push(error(fault()));
    }
    let documented = answers.refusals.iter().all(|refusal| matches!(refusal, Refusal::Exception(_)));
    let mut form = vec![Form::ContentType, Form::RequestId, Form::Json];
    match (answers.output, answers.open, answers.refusals.is_empty()) {
        (true, false, true) => form.push(Form::Ok),
        (false, false, false) if documented => form.push(Form::BareType),
        _ => {}
    }
    Expectation { expected, charges, form }
}

/// A call in chunks may be refused for want of a length (RFC 9110 section 15.5.12).
pub(super) fn or_length_required(of: &mut Expectation) {
    let pattern = ErrorPattern { status: Rule(vec![Some(411)]), ..service() };
    of.expected.tolerate.push(tolerated(pattern, NO_LENGTH));
    of.form.clear();
}

/// The expectation of what has to be refused by a requirement; where it is of
/// the protocol, the answer is so, too.
pub(super) fn of_refused(requirement: &str, claimed: bool) -> Expectation {
    Expectation {
        expected: accept([error(fault())]),
        charges: Charges::from([
            (Defect::Accepted, requirement.into()),
            (Defect::OtherStatus, "http.server-refusal-status".into()),
        ]),
        form: if claimed { vec![Form::ContentType, Form::Named] } else { Vec::new() },
    }
}

/// The expectation of an operation that is not known.
pub(super) fn of_unknown() -> Expectation {
    let of = of_refused("protocol.server-claims", false);
    let unknown = Rule(vec![Some(Text::from("UnknownOperationException"))]);
    Expectation {
        expected: accept([error(ErrorPattern { code: unknown, ..fault() })]),
        charges: of.charges.into_iter().chain([(Defect::OtherError, "model.common-errors".into())]).collect(),
        form: of.form,
    }
}

/// The expectation of a request of which nothing is said but that a server
/// does not fail over it; where it is very long, it need not read it.
pub(super) fn of_open(long: bool) -> Expectation {
    let refusal = if long { ErrorPattern::default() } else { fault() };
    Expectation {
        expected: accept([output(), error(refusal)]),
        charges: Charges::from([(Defect::OtherStatus, "http.server-refusal-status".into())]),
        form: Vec::new(),
    }
}

/// The expectation of what is to end in an error of some kind, or in an output
/// if it may.
pub(super) fn of_raw(requirement: &str, may_be_taken: bool) -> Expectation {
    let taken = may_be_taken.then(output);
    Expectation {
        expected: accept([error(ErrorPattern::default())].into_iter().chain(taken)),
        charges: Charges::from([(Defect::Accepted, requirement.into())]),
        form: Vec::new(),
    }
}

/// The expectation of a call of an operation on cases that goes well.
pub(super) fn of_case(refused: &str, other_output: &str) -> Expectation {
    Expectation {
        expected: accept([output()]),
        charges: Charges::from([
            (Defect::Refused, refused.into()),
            (Defect::OtherOutput, other_output.into()),
        ]),
        form: Vec::new(),
    }
}

/// The expectation of a call of an operation on cases that is refused with one
/// of these.
pub(super) fn of_refused_case(exceptions: &[Exception], requirement: &str) -> Expectation {
    let mut expected = accept(exceptions.iter().map(|exception| error(code(*exception))));
    if exceptions.contains(&Exception::AttachmentSetExpired) {
        expected.tolerate.push(tolerated(code(Exception::AttachmentSetIdNotFound), FORGOTTEN));
    }
    Expectation {
        expected,
        charges: Charges::from([
            (Defect::Accepted, requirement.into()),
            (Defect::OtherError, requirement.into()),
        ]),
        form: Vec::new(),
    }
}

/// Success, and nothing more said of it.
pub(super) fn success() -> Expected {
    accept([output()])
}

/// A set that is full.
pub(super) fn full() -> Expected {
    accept([error(code(Exception::AttachmentSetSizeLimitExceeded))])
}

fn accept(patterns: impl IntoIterator<Item = Pattern>) -> Expected {
    Expected { accept: patterns.into_iter().collect(), tolerate: Vec::new() }
}

fn output() -> Pattern {
    Pattern::Output(OutputPattern::default())
}

fn error(pattern: ErrorPattern) -> Pattern {
    Pattern::Error(pattern)
}

fn tolerated(pattern: ErrorPattern, reason: &str) -> Tolerated {
    Tolerated { pattern: error(pattern), reason: reason.into() }
}

/// An error of the service.
fn service() -> ErrorPattern {
    ErrorPattern { kind: Rule(vec![Some(ErrorKind::Service)]), ..ErrorPattern::default() }
}

/// An error that is the caller's fault.
fn fault() -> ErrorPattern {
    ErrorPattern { status: Rule(REFUSALS.map(Some).into()), ..service() }
}

fn code(exception: Exception) -> ErrorPattern {
    ErrorPattern { code: Rule(vec![Some(Text::from(exception.code()))]), ..service() }
}
