//! A request as it is sent, with room for one flaw.

use attachset::wire::{Headers, Request, http1};

use super::Flaw;

pub(super) fn request(request: &Request, flaw: Flaw) -> Vec<u8> {
    let Request { method, target, headers, body } = request;
    let length = body.len().to_string();
    let with = |name: &'static str, value: &str| {
        let mut headers = headers.clone();
        headers.push(name, value);
        headers
    };
    let is_length = |name: &str| name.eq_ignore_ascii_case("content-length");
    let chunked = || [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n0\r\n\r\n"].concat();
    let start = format!("{method} {target} HTTP/1.1");
    let plain = http1::message(&start, headers, body);
    let edited = |from: &str, to: &str| {
        let head = plain.len() - body.len();
        let text = String::from_utf8_lossy(&plain[..head]).replacen(from, to, 1);
        [text.as_bytes(), body].concat()
    };
    match flaw {
        Flaw::NoSuchVersion => edited("HTTP/1.1", "HTTP/1.2"),
        Flaw::LengthAndChunks => http1::message(&start, &with("Transfer-Encoding", "chunked"), &chunked()),
        Flaw::ChunkedTwice => {
            let coded = with("Transfer-Encoding", "chunked, chunked");
            http1::message(&start, &coded.iter().filter(|(name, _)| !is_length(name)).collect(), &chunked())
        }
        Flaw::TwoLengths => http1::message(&start, &with("Content-Length", &length), body),
        Flaw::UnlikeLengths => http1::message(&start, &with("Content-Length", "0"), body),
        Flaw::CountsCharacters => {
            let count = String::from_utf8_lossy(body).chars().count().to_string();
            let counted = |(name, value): (&str, &str)| {
                (name.to_owned(), if is_length(name) { count.clone() } else { value.to_owned() })
            };
            http1::message(&start, &headers.iter().map(counted).collect::<Headers>(), body)
        }
        Flaw::LineEndAfter => [&plain, &b"\r\n"[..]].concat(),
        Flaw::LineEndBefore => [&b"\r\n"[..], &plain].concat(),
        Flaw::LfAlone => edited("\r\n", "\n"),
        Flaw::SpaceBeforeColon => edited("X-Amz-Target:", "X-Amz-Target :"),
        Flaw::Folds => edited("X-Amz-Target: ", "X-Amz-Target:\r\n "),
        _ => plain,
    }
}
