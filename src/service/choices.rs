//! What this service does where the documents are silent, and nobody needs to
//! choose otherwise.

use std::time::Duration;

/// A call without attachments is refused: the documents say "one or more",
/// and an empty set would be of no use to its owner.
pub const MIN_ATTACHMENTS: usize = 1;

/// How many sets live at once, unless [`Options`](super::Options) says
/// otherwise: an application uses a set soon after it made it, and has no use
/// for one from a thousand sets ago.
pub const MAX_SETS: usize = 1_000;

/// How many bytes of attachment data are kept, unless
/// [`Options`](super::Options) says otherwise: one of the largest sets, for
/// whoever sent them to compare.
pub const KEPT_BYTES: usize = 16 << 20;

/// How long after its end a set's id is answered with `AttachmentSetExpired`;
/// then with `AttachmentSetIdNotFound`. The documents do not say when the one
/// turns into the other; a day lets an application that slept overnight see
/// what happened. No more ids are remembered than sets may live.
pub const REMEMBERED_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// How many bytes of a file's name are stored. A name of any length, and none
/// at all, is accepted, for the model has no bound; but what is stored has.
pub const STORED_NAME_BYTES: usize = 1_024;

/// How `expiryTime` is written, in the words of `strftime`: as in the one
/// sample that the documents have, `2020-05-14T17:04:40.790+0000`.
pub const EXPIRY_FORMAT: &str = "%Y-%m-%dT%H:%M:%S.%3f%z";

/// The error code of an input that the model or the prose rules out, and for
/// which neither names an error. On the wire, other services of this protocol
/// say `ValidationException`; the common errors page says `ValidationError`.
pub const INVALID_INPUT: &str = "ValidationException";
