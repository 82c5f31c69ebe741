//! What is done to the bytes of a response.

use crate::draw::mutation::Edit;

pub(super) fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|part| part == what)
}

/// Where the final answer begins.
pub(super) fn behind_interim(bytes: &[u8]) -> usize {
    let mut from = 0;
    while let Some(rest) = bytes.get(from..).filter(|rest| rest.starts_with(b"HTTP/1.1 1"))
        && let Some(end) = find(rest, b"\r\n\r\n")
    {
        from += end + 4;
    }
    from
}

/// A place in bytes, given in 65536ths of them.
pub(super) fn place(at: u16, length: usize) -> usize {
    (usize::from(at) * (length + 1)) >> 16
}

pub(in crate::draw) fn edited(bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    edits.iter().fold(bytes.to_vec(), |mut bytes, Edit { at, cut, put }| {
        let from = place(*at, bytes.len());
        let to = from.saturating_add(*cut).min(bytes.len());
        bytes.splice(from..to, put.iter().copied());
        bytes
    })
}

/// A length, and by how much it is off.
pub(super) fn off(length: usize, by: i64) -> String {
    i64::try_from(length).unwrap_or(i64::MAX).saturating_add(by).max(0).to_string()
}

/// A body in chunks, with what stands before and behind each size, and a
/// trailer. A long body is not cut as fine as a short one: readers limit how
/// long all extensions may be, and no document says to what.
pub(super) fn chunked(body: &[u8], size: usize, [before, extension, trailer]: [&str; 3]) -> Vec<u8> {
    let size = size.max(body.len() / 256);
    let line = |length| format!("{before}{length:x}{extension}\r\n");
    let chunk = |chunk: &[u8]| [line(chunk.len()).as_bytes(), chunk, b"\r\n"].concat();
    let mut out: Vec<u8> = body.chunks(size.max(1)).flat_map(chunk).collect();
    out.extend_from_slice(format!("0\r\n{trailer}\r\n").as_bytes());
    out
}
