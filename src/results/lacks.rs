//! What is not held against a client that does not claim to have it.

use crate::client::ClientInfo;
use crate::fixture::{Claim, Defect, Level, Requirement};
use crate::judge::{Judgement, Mismatch, Verdict, is_advice};

const OWN_POLICY: &str = "observed: the client has a retry policy of its own, which need not retry this";

/// A judgement with less weight where it rests on what the client's manifest
/// says that it does not have.
pub(super) fn weigh(judgement: &Judgement, client: &ClientInfo) -> Judgement {
    let mut weighed = judgement.clone();
    for mismatch in &mut weighed.mismatches {
        mismatch.level = level(mismatch.level, mismatch, client);
    }
    if client.lacks.contains(&Claim::StandardRetries) {
        weighed.mismatches.retain(|mismatch| !is_asked_by_the_standard_mode_alone(mismatch));
        if weighed.mismatches.len() < judgement.mismatches.len() {
            weighed.notes.push(OWN_POLICY.into());
        }
        if weighed.mismatches.is_empty() && judgement.verdict == Verdict::Fail {
            weighed.verdict = Verdict::Observed;
        }
    }
    weighed
}

/// How binding a failure is in a fixture of this level.
pub(super) fn level(fixture: Level, mismatch: &Mismatch, client: &ClientInfo) -> Level {
    let lacks_protocol = client.lacks.contains(&Claim::AwsJson11);
    let is_less = is_advice(&mismatch.requirement) || lacks_protocol && is_about_naming(mismatch);
    // What fails where the rest is observed is advice, too.
    if is_less || fixture == Level::May { Level::Should } else { fixture }
}

/// Whether a failure is one to find an error's name where the protocol puts it.
fn is_about_naming(mismatch: &Mismatch) -> bool {
    matches!(mismatch.defect, Defect::LostCode | Defect::WrongCode)
        || claim(mismatch) == Some(Claim::AwsJson11)
}

/// Whether a failure is that no further attempt came. A retry too many, such as
/// of `AttachmentSetExpired`, is no matter of policy.
fn is_asked_by_the_standard_mode_alone(mismatch: &Mismatch) -> bool {
    mismatch.defect == Defect::TooFewRequests && claim(mismatch) == Some(Claim::StandardRetries)
}

/// What a client has to claim for the requirement to bind it in full.
fn claim(mismatch: &Mismatch) -> Option<Claim> {
    Requirement::built_in(&mismatch.requirement)?.claim
}
