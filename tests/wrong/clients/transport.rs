//! HTTP spoken wrongly.

use crate::clients::mutant::Defect::Send;
use crate::clients::mutant::{Mutant, mutant};
use crate::clients::socket::Flaw;

pub(crate) static TRANSPORT: &[Mutant] = &[
    mutant(
        "length-and-chunks",
        "sends a length beside Transfer-Encoding: chunked",
        Send(Flaw::LengthAndChunks),
    ),
    mutant("chunked-twice", "says twice that its body is chunked", Send(Flaw::ChunkedTwice)),
    mutant("two-lengths", "sends Content-Length twice", Send(Flaw::TwoLengths)),
    mutant("unlike-lengths", "sends two lengths, of which one is wrong", Send(Flaw::UnlikeLengths)),
    mutant("counts-characters", "counts its body in characters", Send(Flaw::CountsCharacters)),
    mutant("line-end-after", "ends the body with CR LF", Send(Flaw::LineEndAfter)),
    mutant("line-end-before", "begins with CR LF", Send(Flaw::LineEndBefore)),
    mutant("lf-alone", "ends the request line with LF alone", Send(Flaw::LfAlone)),
    mutant("space-before-colon", "writes white space before a colon", Send(Flaw::SpaceBeforeColon)),
    mutant("folds", "folds a field line", Send(Flaw::Folds)),
    mutant("early-is-error", "takes an answer that comes too early for a failure", Send(Flaw::EarlyIsError)),
    mutant("no-time-out", "has no time-out", Send(Flaw::NoTimeout)),
    mutant("resends", "sends a request again by itself when the connection fails", Send(Flaw::Resends)),
    mutant("runs-in-circles", "follows every redirect, however often", Send(Flaw::FollowsForEver)),
    mutant(
        "keeps-unread",
        "reads the next answer from bytes that were left of the last",
        Send(Flaw::KeepsUnread),
    ),
    mutant(
        "keeps-timed-out",
        "uses a connection again on which an answer is still to come",
        Send(Flaw::KeepsTimedOut),
    ),
    mutant(
        "keeps-closing",
        "uses a connection again that the server said it would close",
        Send(Flaw::KeepsClosing),
    ),
    mutant("takes-interim", "takes an interim answer for the final one", Send(Flaw::TakesInterim)),
    mutant(
        "leaves-final",
        "takes an interim answer for the final one, which it leaves to the next call",
        Send(Flaw::LeavesFinal),
    ),
    mutant(
        "takes-garbage",
        "takes what has no head for a body, as HTTP/0.9 had it",
        Send(Flaw::TakesGarbage),
    ),
    mutant("lower-case-names", "finds headers whose names are in lower case", Send(Flaw::LowerNames)),
    mutant("no-capitals", "finds no header whose name is all in capitals", Send(Flaw::NoCapitals)),
    mutant(
        "keeps-value-space",
        "drops one space before a header's value and no more",
        Send(Flaw::KeepsValueSpace),
    ),
    mutant("needs-reason", "refuses a status line without a reason phrase", Send(Flaw::NeedsReason)),
    mutant("ascii-head", "refuses a head that is not ASCII", Send(Flaw::AsciiHead)),
    mutant("trusts-reason", "goes by the reason phrase", Send(Flaw::TrustsReason)),
    mutant("only-http-1.1", "refuses HTTP/1.0", Send(Flaw::Only11)),
    mutant("few-fields", "has room for 32 header fields", Send(Flaw::FewFields)),
    mutant("first-read", "takes what the first read gives for the body", Send(Flaw::FirstRead)),
    mutant("until-close", "reads to the end of the connection, whatever the length", Send(Flaw::UntilClose)),
    mutant("needs-length", "takes a body without a length for an empty one", Send(Flaw::NeedsLength)),
    mutant("cut-length", "takes a body that ends too early for a whole one", Send(Flaw::CutLength)),
    mutant("ends-on-reset", "takes a reset for the end of the body", Send(Flaw::EndsOnReset)),
    mutant("ends-on-time-out", "takes silence for the end of the body", Send(Flaw::EndsOnTimeout)),
    mutant("ignores-chunks", "does not know chunked bodies", Send(Flaw::IgnoresChunks)),
    mutant("plain-chunk-sizes", "does not know chunk extensions", Send(Flaw::PlainChunkSizes)),
    mutant("chunk-sizes-wrap", "lets a chunk's size overflow", Send(Flaw::ChunkSizesWrap)),
    mutant("decodes-chunks", "decodes each chunk by itself", Send(Flaw::DecodesChunks)),
    mutant("decodes-reads", "decodes by itself what each read gives", Send(Flaw::DecodesReads)),
    mutant("trailers-as-fields", "takes trailer fields for header fields", Send(Flaw::TrailersAsFields)),
    mutant("leaves-trailers", "stops at the last chunk and leaves its trailer", Send(Flaw::LeavesTrailers)),
    mutant("first-length", "goes by the first of two lengths", Send(Flaw::FirstLength)),
    mutant("lenient-length", "passes over a length that is no number", Send(Flaw::LenientLength)),
];
