//! What RFC 9110 and 9112 forbid whoever sends an HTTP/1.1 message, whatever its
//! recipient makes of it.

/// A rule on senders that a message breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breach {
    /// `Content-Length` beside `Transfer-Encoding`.
    TwoFramings,
    /// `Content-Length` in more than one field line, or with more than one value;
    /// the values.
    Lengths(String),
    /// `chunked` applied more than once; the values of `Transfer-Encoding`.
    Codings(String),
    /// A line of the head that ends with LF alone.
    BareLf,
    /// White space between a field's name and its colon; the name.
    SpaceBeforeColon(String),
    /// A field line that is folded over several lines.
    Folded,
    /// A body whose length in bytes is not the stated one: the stated one, and how
    /// many bytes came.
    Length(u64, u64),
    /// So many bytes after the end of the message.
    After(usize),
    /// A field that no message of this status has; its name.
    Bodiless(&'static str),
    /// More than one response with status 100 to one request; how many.
    Continues(usize),
}

/// The end of a head: the length of its lines, and of all up to the body. Lines
/// that end with LF alone are taken for lines.
#[must_use]
pub fn head_len(bytes: &[u8]) -> Option<usize> {
    let mut ends = memchr::memchr_iter(b'\n', bytes);
    ends.find_map(|end| match bytes.get(end + 1..)? {
        [b'\n', ..] => Some(end + 2),
        [b'\r', b'\n', ..] => Some(end + 3),
        _ => None,
    })
}

/// The rules that a head breaks; `status` is that of a response.
#[must_use]
pub fn of_head(head: &[u8], status: Option<u16>) -> Vec<Breach> {
    let mut found = Vec::new();
    let (mut lengths, mut codings) = (Vec::new(), Vec::new());
    let lines = head.split_inclusive(|byte| *byte == b'\n');
    for (number, line) in lines.enumerate() {
        if !line.ends_with(b"\r\n") {
            add(&mut found, Breach::BareLf);
        }
        let line = line.trim_ascii_end();
        if number == 0 || line.is_empty() {
            continue;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            add(&mut found, Breach::Folded);
            continue;
        }
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        let (name, value) = line.split_at(colon);
        let text = |bytes: &[u8]| super::latin1(bytes.trim_ascii());
        if name.ends_with(b" ") || name.ends_with(b"\t") {
            add(&mut found, Breach::SpaceBeforeColon(text(name)));
        }
        let value = text(value.get(1..).unwrap_or_default());
        match text(name) {
            name if name.eq_ignore_ascii_case("content-length") => lengths.push(value),
            name if name.eq_ignore_ascii_case("transfer-encoding") => codings.push(value),
            _ => {}
        }
    }
    let chunked = codings.iter().flat_map(|value| value.split(','));
    let chunked = chunked.filter(|coding| coding.trim().eq_ignore_ascii_case("chunked")).count();
    if !lengths.is_empty() && !codings.is_empty() {
        found.push(Breach::TwoFramings);
    }
    if lengths.len() > 1 || lengths.iter().any(|value| value.contains(',')) {
        found.push(Breach::Lengths(lengths.join(", ")));
    }
    if chunked > 1 || codings.len() > 1 {
        found.push(Breach::Codings(codings.join(", ")));
    }
    if status.is_some_and(|status| status == 204 || status < 200) {
        found.extend((!codings.is_empty()).then_some(Breach::Bodiless("Transfer-Encoding")));
        found.extend((!lengths.is_empty()).then_some(Breach::Bodiless("Content-Length")));
    }
    found
}

/// A head whose field lines a strict reader can read: not folded, and without white
/// space before their colons.
#[must_use]
pub fn repaired(head: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(head.len());
    for (number, line) in head.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if number > 1 && (line.starts_with(b" ") || line.starts_with(b"\t")) {
            out.truncate(out.trim_ascii_end().len());
        }
        match memchr::memchr(b':', line).and_then(|colon| line.split_at_checked(colon)) {
            Some((name, value)) if number > 0 && !line.starts_with(b" ") && !line.starts_with(b"\t") => {
                out.extend_from_slice(name.trim_ascii_end());
                out.extend_from_slice(value);
            }
            _ => out.extend_from_slice(line),
        }
    }
    out
}

fn add(found: &mut Vec<Breach>, breach: Breach) {
    if !found.contains(&breach) {
        found.push(breach);
    }
}

/// What bytes are that follow a body of a stated length: more of a JSON text that
/// was counted wrongly, or something else.
#[must_use]
pub fn of_more(stated: Option<u64>, body: &[u8], more: &[u8]) -> Breach {
    let is_json = |bytes: &[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
    match stated {
        Some(stated) if !is_json(body) && is_json(&[body, more].concat()) => {
            Breach::Length(stated, stated + more.len() as u64)
        }
        _ => Breach::After(more.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_that_is_right_breaks_nothing() {
        let head = b"HTTP/1.1 200\r\nContent-Length: 2\r\nA: b, c\r\nA: chunked\r\n\r\n";
        assert_eq!(of_head(head, Some(200)), []);
        assert_eq!(head_len(head), Some(head.len()));
        assert_eq!(of_head(b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", None), []);
        assert_eq!(head_len(b"POST / HTTP/1.1\r\nA: b\r\n"), None);
    }

    #[test]
    fn each_rule_can_be_broken() {
        let broken =
            |lines: &str, status| of_head(format!("HTTP/1.1 200 OK\r\n{lines}\r\n").as_bytes(), status);
        for (lines, breach) in [
            ("Content-Length: 1\r\ntransfer-encoding: chunked\r\n", Breach::TwoFramings),
            ("Content-Length: 1\r\nContent-Length: 1\r\n", Breach::Lengths("1, 1".into())),
            ("Content-Length: 1,1\r\n", Breach::Lengths("1,1".into())),
            ("Transfer-Encoding: chunked, Chunked\r\n", Breach::Codings("chunked, Chunked".into())),
            ("A: b\n", Breach::BareLf),
            ("A : b\r\n", Breach::SpaceBeforeColon("A".into())),
            ("A: b\r\n c\r\n", Breach::Folded),
        ] {
            assert_eq!(broken(lines, Some(200)), [breach], "{lines}");
        }
        assert_eq!(broken("Content-Length: 0\r\n", Some(204)), [Breach::Bodiless("Content-Length")]);
        assert_eq!(head_len(b"HTTP/1.1 200\nA: b\n\nc"), Some(19));
    }

    #[test]
    fn a_head_can_be_repaired() {
        let broken = b"POST / HTTP/1.1\r\nA \t: b : c\r\n d: e\r\nF:\n\r\n";
        assert_eq!(repaired(broken), b"POST / HTTP/1.1\r\nA: b : c d: e\r\nF:\n\r\n");
    }

    #[test]
    fn what_follows_is_told_from_what_was_not_counted() {
        assert_eq!(of_more(Some(9), b"{\"a\":\"\xd0\xb6", b"\"}"), Breach::Length(9, 11));
        assert_eq!(of_more(Some(2), b"{}", b"{}"), Breach::After(2));
        assert_eq!(of_more(None, b"{", b"}"), Breach::After(1));
    }
}
