//! The output of a call that creates a set.

use super::{EXPIRY, NEW_SET};
use crate::fixture::{Body, Member, Send, ServiceExchange};
use crate::judge::member::member_of;
use crate::judge::{Defect, Judged, describe};
use crate::wire::Response;
use crate::wire::outcome::{Members, Outcome};

/// Whether a step makes a new set, and nothing but an output is right.
pub(super) fn is_creation(step: &ServiceExchange) -> bool {
    let makes_set = match &step.send {
        Send::Call(call) => call.attachment_set_id.is_none(),
        Send::Request(request) => {
            let names_set =
                matches!(&request.body, Some(Body::Json(body)) if body.get("attachmentSetId").is_some());
            request.method == "POST" && !request.headers.contains_key("x-amz-target") && !names_set
        }
        Send::Raw(_) => false,
    };
    makes_set && step.with.is_empty() && step.outcome.accept.iter().all(|of| of.output().is_some())
}

/// Judges an output by what every creation returns (R25): what is captured is
/// judged for itself.
pub(super) fn judge(answer: &Response, output: &Members, judged: &mut Judged<'_>) {
    for (member, requirement) in [(Member::AttachmentSetId, NEW_SET), (Member::ExpiryTime, EXPIRY)] {
        if member_of(answer, output, member).is_none() {
            let expected = format!("{}: a string that is not empty", member.as_str());
            let seen = describe(&Outcome::Output(output.clone()));
            judged.rule(Defect::OtherOutput, requirement, expected, seen);
        }
    }
}
