//! The plainest error, and the plainest answers for requirements that others
//! hide.

use super::mutation::Part;
use super::mutation::values::URI;
use super::text::Quoting;
use super::{Draw, Exchange, Fault, Mutation, Setting, Start, call};
use crate::model::Exception;
use crate::oracle::name::Place;

/// The exception of the plainest error.
pub(super) const EXCEPTION: Exception = Exception::InternalServerError;
/// A name that the operation's model does not list.
const UNMODELLED: &str = "ValidationException";
/// What stands before a name, to be cut off.
const NAMESPACE: &str = "com.amazonaws.support#";

/// The plainest draw that a client fails for this requirement and for no other
/// reason; none where the requirement is not one of those that others hide.
#[must_use]
pub fn plainest(requirement: &str) -> Option<Draw> {
    let code = EXCEPTION.code();
    let named = |place, name: &str| Mutation::Names(vec![(place, name.into())]);
    let mut start = Start::Error(EXCEPTION);
    let mutation = match requirement {
        "http.incomplete-message" => {
            start = Start::Output;
            Mutation::Stops(Part::Body, 0x8000, Fault::Closed)
        }
        "protocol.error-type-header" => named(Place::Header, code),
        "protocol.error-type-code" => named(Place::Code, code),
        "protocol.error-unmodelled" => named(Place::Type, UNMODELLED),
        "protocol.error-sanitize" => named(Place::Type, &format!("{NAMESPACE}{code}{URI}")),
        "user.code-not-lost" => {
            Mutation::Member { name: ("code".into(), Quoting::Plain), value: "17".into(), first: false }
        }
        _ => return None,
    };
    let exchange = Exchange { call: call::plain(), failures: Vec::new(), start, mutations: vec![mutation] };
    Some(Draw { exchanges: vec![exchange], setting: Setting::default() })
}
