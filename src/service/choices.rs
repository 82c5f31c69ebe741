//! What this service does where the documents are silent, and nobody needs to
//! choose otherwise.

use std::time::Duration;

use super::UsedSet;

/// A call without attachments is refused: the documents say "one or more",
/// and an empty set would be of no use to its owner.
pub const MIN_ATTACHMENTS: usize = 1;

/// How many sets live at once, unless [`Options`](super::Options) says
/// otherwise: more than an application's own tests create in an hour.
pub const MAX_SETS: usize = 100_000;

/// How many bytes of attachment data are kept, unless
/// [`Options`](super::Options) says otherwise: one of the largest sets, for
/// whoever sent them to compare.
pub const KEPT_BYTES: usize = 16 << 20;

/// How long after its end a set's id is refused with `AttachmentSetExpired`;
/// then with `AttachmentSetIdNotFound`. The documents do not say when the one
/// turns into the other; a day lets an application that slept overnight see
/// what happened. No more ids are remembered than sets may live.
pub const REMEMBERED_FOR: Duration = Duration::from_secs(86_400);

/// How many bytes of a file's name are stored, of a case's subject, and of
/// whatever else the model has no bound for. A name of any length, and none at
/// all, is accepted; but what is stored has a bound.
pub const STORED_NAME_BYTES: usize = 1_024;

/// How `expiryTime` is written, in the words of `strftime`: as in the one
/// sample that the documents have, `2020-05-14T17:04:40.790+0000`.
pub const EXPIRY_FORMAT: &str = "%Y-%m-%dT%H:%M:%S.%3f%z";

/// The error code of an input that the model or the prose rules out, and for
/// which neither names an error. On the wire, other services of this protocol
/// say `ValidationException`; the common errors page says `ValidationError`.
pub const INVALID_INPUT: &str = "ValidationException";

/// The error code of a call that there is no room for, in the words of the
/// common errors page.
pub const UNAVAILABLE: &str = "ServiceUnavailable";

/// What becomes of a set that a case or a communication took, unless
/// [`Options`](super::Options) says otherwise. The documents say that it is
/// available for an hour, and of no other end; and whoever repeats a call whose
/// response was lost should not be refused.
pub const USED_SET: UsedSet = UsedSet::Stays;

/// How many cases there are at most, unless [`Options`](super::Options) says
/// otherwise: more than an application's own tests open.
pub const MAX_CASES: usize = 10_000;

/// About how many bytes sets and cases take beside the data, unless
/// [`Options`](super::Options) says otherwise: some 150,000 sets with a file
/// each, or 2,000 of the longest communications.
pub const HELD_BYTES: usize = 64 << 20;

/// About how many bytes a live set takes, but for its attachments: its id, its
/// times and its places in the indexes.
pub const SET_BYTES: usize = 320;

/// About how many bytes an attachment takes beside its name and its data.
pub const ATTACHMENT_BYTES: usize = 128;

/// About how many bytes the id of a set takes that has ended.
pub const REMEMBERED_BYTES: usize = 160;

/// About how many bytes a case takes beside its strings and communications.
pub const CASE_BYTES: usize = 640;

/// About how many bytes a communication takes beside its text and attachments.
pub const COMMUNICATION_BYTES: usize = 256;

/// The status of a new case. The documents list what a status can be, and not
/// which comes when.
pub const NEW_STATUS: &str = "unassigned";

/// The status of a case that was resolved.
pub const RESOLVED_STATUS: &str = "resolved";

/// The status of a resolved case after one more communication on it.
pub const REOPENED_STATUS: &str = "reopened";

/// The language of a case whose creator named none: the first that the service
/// had.
pub const LANGUAGE: &str = "en";

/// Who submits cases and communications, for no call says who makes it.
pub const SUBMITTED_BY: &str = "customer@example.com";

/// How `timeCreated` is written, in the words of `strftime`: the documents say
/// ISO 8601.
pub const CREATED_FORMAT: &str = "%Y-%m-%dT%H:%M:%S.%3fZ";
