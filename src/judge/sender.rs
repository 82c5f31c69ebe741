//! The rules of HTTP on whoever sends a message: a client's requests, a server's
//! responses.

use super::text::cut;
use super::{Defect, Judged};
use crate::oracle::Attribution;
use crate::wire::sender::Breach;

const ONE_FRAMING: &str = "http.sender-one-framing";
const ONE_LENGTH: &str = "http.sender-one-length";
const CHUNKED_ONCE: &str = "http.sender-chunked-once";
const LENGTH: &str = "http.sender-length";
const NOTHING_AFTER: &str = "http.sender-nothing-after";
const LINE_ENDS: &str = "http.sender-line-ends";
const COLON: &str = "http.sender-colon";
const NO_FOLDING: &str = "http.sender-no-folding";
const BODILESS: &str = "http.sender-bodiless";
const EXPECT: &str = "http.server-expect";

pub(super) const REQUIREMENTS: &[&str] = &[
    ONE_FRAMING,
    ONE_LENGTH,
    CHUNKED_ONCE,
    LENGTH,
    NOTHING_AFTER,
    LINE_ENDS,
    COLON,
    NO_FOLDING,
    BODILESS,
    EXPECT,
];

/// Judges the rules that a request breaks.
pub(super) fn judge_request(breaches: &[Breach], judged: &mut Judged<'_>) {
    for breach in breaches {
        let defect = match breach {
            Breach::BareLf | Breach::SpaceBeforeColon(_) | Breach::Folded => Defect::Header,
            _ => Defect::Framing,
        };
        judge(std::slice::from_ref(breach), defect, judged);
    }
}

/// Judges the rules that a message breaks, each a requirement of its own. What the
/// fixture attributes to a defect otherwise plays no part here.
pub(super) fn judge(breaches: &[Breach], defect: Defect, judged: &mut Judged<'_>) {
    for breach in breaches {
        let (requirement, expected, seen) = told(breach);
        let own = Attribution { requirement: requirement.into(), ..Attribution::default() };
        judged.push(defect, expected, seen, own);
    }
}

fn told(breach: &Breach) -> (&'static str, String, String) {
    let (requirement, expected, seen) = match breach {
        Breach::TwoFramings => (
            ONE_FRAMING,
            "Content-Length or Transfer-Encoding",
            "both Content-Length and Transfer-Encoding".into(),
        ),
        Breach::Lengths(values) => {
            (ONE_LENGTH, "one Content-Length", format!("Content-Length: {}", cut(values)))
        }
        Breach::Codings(values) => {
            (CHUNKED_ONCE, "Transfer-Encoding: chunked, once", format!("Transfer-Encoding: {}", cut(values)))
        }
        Breach::BareLf => (LINE_ENDS, "lines that end with CR LF", "a line that ends with LF alone".into()),
        Breach::SpaceBeforeColon(name) => (
            COLON,
            "no white space between a field's name and its colon",
            format!("white space after {}", cut(name)),
        ),
        Breach::Folded => (NO_FOLDING, "field lines that are not folded", "a folded field line".into()),
        Breach::Length(stated, bytes) => {
            let expected = format!("Content-Length: {bytes}, the length of the body in bytes");
            return (LENGTH, expected, format!("Content-Length: {stated}"));
        }
        Breach::After(bytes) => {
            (NOTHING_AFTER, "nothing after the end of the message", format!("{bytes} more bytes"))
        }
        Breach::Bodiless(name) => {
            (BODILESS, "no field on the length of a body that there cannot be", (*name).into())
        }
        Breach::Continues(times) => {
            (EXPECT, "one response with status 100, or none", format!("{times} with status 100"))
        }
    };
    (requirement, expected.into(), seen)
}
