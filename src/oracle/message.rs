//! An answer as RFC 9112 has it: where its head and body end, and what of it
//! is unusual, undecided or broken.

use super::{Answer, End};

/// What came as an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrived<'a> {
    /// Nothing, or nothing but interim answers.
    Nothing,
    /// Bytes that are no HTTP answer.
    NotHttp,
    /// A head without its end.
    CutHead,
    /// A head that the documents neither allow nor tell what to do with.
    OddHead,
    /// A head whose statements of the body's length cannot be followed.
    NoLength,
    /// A head whose statements of the body's length are left open.
    OddLength,
    /// A body whose chunks cannot be read.
    BadChunks,
    /// A body whose chunks have a form that is left open.
    OddChunks,
    /// A message.
    Message(Message<'a>),
}

/// A final answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message<'a> {
    /// The status code.
    pub status: u16,
    /// The header fields in order: name and value, white space around it left out.
    pub fields: Vec<(&'a str, &'a [u8])>,
    /// The body without its framing.
    pub body: Vec<u8>,
    /// Whether the whole body has come.
    pub whole: bool,
    /// What is unusual about it.
    pub features: Features,
}

/// What is unusual in a message that keeps the grammar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Features {
    /// It has an HTTP/1.0 status line.
    pub http10: bool,
    /// Interim answers came before it.
    pub interim: bool,
    /// There is no reason phrase.
    pub no_reason: bool,
    /// The reason phrase has bytes beyond ASCII.
    pub opaque_reason: bool,
    /// A field's value has bytes beyond ASCII.
    pub opaque_fields: bool,
    /// Spaces other than one stand around a field's value.
    pub padded_fields: bool,
    /// Tabs stand around a field's value.
    pub tabs: bool,
    /// A field that means something to a client has a name in capitals.
    pub capitals: bool,
    /// The bytes of the head.
    pub head: usize,
    /// It is chunked.
    pub chunked: bool,
    /// A chunk has an extension.
    pub extensions: bool,
    /// Fields follow the last chunk.
    pub trailer: bool,
    /// Both a length and a transfer coding are stated.
    pub two_lengths: bool,
    /// It ends with its connection.
    pub close_delimited: bool,
    /// More bytes than it has follow it.
    pub surplus: bool,
}

impl<'a> Message<'a> {
    /// All values of a field.
    pub fn all<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'a [u8]> + 'b {
        self.fields.iter().filter(move |(of, _)| of.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// A field that stands once, as text in which a character is a byte.
    #[must_use]
    pub fn only(&self, name: &str) -> Option<String> {
        let mut values = self.all(name);
        values.next().filter(|_| values.next().is_none()).map(crate::wire::latin1)
    }

    /// Whether a field is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }
}

/// Reads what a client was sent.
#[must_use]
pub fn read(answer: &Answer) -> Arrived<'_> {
    let mut rest = &*answer.bytes;
    let mut features = Features::default();
    loop {
        if rest.is_empty() {
            return Arrived::Nothing;
        }
        let (head, after) = match head(rest) {
            Ok(found) => found,
            Err(arrived) => return arrived,
        };
        let (mut message, is_interim) = match fields(head, std::mem::take(&mut features)) {
            Ok(message) => {
                let is_interim = (100..200).contains(&message.status);
                (message, is_interim)
            }
            Err(arrived) => return arrived,
        };
        if is_interim {
            // Nothing may follow it (RFC 9112 section 9.6).
            if message.all("connection").any(|value| value.eq_ignore_ascii_case(b"close")) {
                return Arrived::OddHead;
            }
            features.interim = true;
            rest = after;
            continue;
        }
        return match body(&mut message, after, answer.end) {
            Ok(()) => Arrived::Message(message),
            Err(arrived) => arrived,
        };
    }
}

/// Splits the head, without the empty line that ends it, from what follows.
fn head(bytes: &[u8]) -> Result<(&[u8], &[u8]), Arrived<'static>> {
    const START: &[u8] = b"HTTP/";
    if !bytes.starts_with(START.get(..bytes.len().min(START.len())).unwrap_or_default()) {
        // RFC 9112 section 2.2 speaks of empty lines before a request alone.
        let starts = bytes.trim_ascii_start();
        let could_be = starts.starts_with(START)
            || bytes.get(..START.len()).is_some_and(|start| start.eq_ignore_ascii_case(START));
        return Err(if could_be { Arrived::OddHead } else { Arrived::NotHttp });
    }
    let end = bytes.windows(4).position(|end| end == b"\r\n\r\n");
    let head = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
    let bare = |at: usize| match head.get(at) {
        Some(b'\n') => at == 0 || head.get(at - 1) != Some(&b'\r'),
        Some(b'\r') => head.get(at + 1).map_or(end.is_some(), |next| *next != b'\n'),
        _ => false,
    };
    if (0..head.len()).any(bare) {
        return Err(Arrived::OddHead);
    }
    match end {
        Some(end) => Ok((head, bytes.get(end + 4..).unwrap_or_default())),
        None => Err(Arrived::CutHead),
    }
}

/// Reads the status line and the header fields.
fn fields(head: &[u8], mut features: Features) -> Result<Message<'_>, Arrived<'static>> {
    features.head = head.len();
    let mut lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let status = status(lines.next().unwrap_or_default(), &mut features)?;
    let mut fields = Vec::new();
    for line in lines {
        let (name, value) = field(line).ok_or(Arrived::OddHead)?;
        let trimmed = value.trim_ascii();
        features.padded_fields |= value.strip_prefix(b" ") != Some(trimmed);
        let tabs = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\t').count();
        features.tabs |= tabs(value) > tabs(trimmed);
        features.opaque_fields |= !value.is_ascii();
        let means = ["x-amzn-errortype", "x-amzn-requestid", "content-type", "content-length"];
        features.capitals |= means.iter().any(|of| of.to_ascii_uppercase() == name);
        fields.push((name, trimmed));
    }
    Ok(Message { status, fields, features, ..Message::default() })
}

/// Reads a field line: its name, and its value with the white space around it.
fn field(line: &[u8]) -> Option<(&str, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at(colon);
    let value = value.get(1..)?;
    let is_token = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
    let in_value = |b: &u8| matches!(b, b'\t' | b' '..=b'~' | 0x80..);
    let is_field = !name.is_empty() && name.iter().all(is_token) && value.iter().all(in_value);
    std::str::from_utf8(name).ok().filter(|_| is_field).map(|name| (name, value))
}

/// Reads `HTTP/1.1 200 OK`.
fn status(line: &[u8], features: &mut Features) -> Result<u16, Arrived<'static>> {
    let mut parts = line.splitn(3, |byte| *byte == b' ');
    match parts.next().unwrap_or_default() {
        b"HTTP/1.1" => {}
        b"HTTP/1.0" => features.http10 = true,
        _ => return Err(Arrived::OddHead),
    }
    let code = parts.next().unwrap_or_default();
    let is_code = code.len() == 3 && code.iter().all(u8::is_ascii_digit);
    let reason = parts.next();
    match reason {
        _ if code.is_empty() || !is_code && reason.is_none() => return Err(Arrived::OddHead),
        _ if !is_code => return Err(Arrived::NotHttp),
        // The space before the reason phrase is there even without one.
        None => return Err(Arrived::OddHead),
        Some(reason) => {
            if !reason.iter().all(|b| matches!(b, b'\t' | b' '..=b'~' | 0x80..)) {
                return Err(Arrived::OddHead);
            }
            features.no_reason = reason.is_empty();
            features.opaque_reason = !reason.is_ascii();
        }
    }
    Ok(code.iter().fold(0, |status, digit| status * 10 + u16::from(digit - b'0')))
}

/// Reads the body, by RFC 9112 section 6.3.
fn body(message: &mut Message<'_>, rest: &[u8], end: End) -> Result<(), Arrived<'static>> {
    // These have no body, whatever their fields say.
    if matches!(message.status, 204 | 304) {
        message.whole = true;
        message.features.surplus = !rest.is_empty();
        return Ok(());
    }
    let codings: Vec<_> = message.all("transfer-encoding").collect();
    let lengths: Vec<_> = message.all("content-length").collect();
    message.features.two_lengths = !codings.is_empty() && !lengths.is_empty();
    // A transfer coding overrides what a length says, be it as it may.
    let length = if codings.is_empty() { length(&lengths)? } else { None };
    let used = match (codings.as_slice(), length) {
        ([], None) => {
            message.features.close_delimited = true;
            message.body = rest.to_vec();
            (end == End::Closed).then_some(rest.len())
        }
        ([], Some(length)) => {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            message.body = rest.get(..length).unwrap_or(rest).to_vec();
            (rest.len() >= length).then_some(length)
        }
        ([coding], _) if coding.eq_ignore_ascii_case(b"chunked") && !message.features.http10 => {
            message.features.chunked = true;
            // Who does not know the coding for a tab beside it reads no chunks.
            let unseen = message.features.tabs;
            chunks(message, rest).map_err(|arrived| if unseen { Arrived::OddChunks } else { arrived })?
        }
        _ => return Err(Arrived::OddLength),
    };
    message.whole = used.is_some();
    message.features.surplus = used.is_some_and(|used| used < rest.len());
    Ok(())
}

fn length(lengths: &[&[u8]]) -> Result<Option<u64>, Arrived<'static>> {
    let parts: Vec<_> =
        lengths.iter().flat_map(|value| value.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii).collect();
    let Some(first) = parts.first() else { return Ok(None) };
    let is_number = |part: &&[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    if !parts.iter().all(is_number) || parts.iter().any(|part| part != first) {
        return Err(Arrived::NoLength);
    }
    // RFC 9112 section 6.3: a list of equal lengths may be taken or refused.
    if parts.len() > 1 {
        return Err(Arrived::OddLength);
    }
    let digits = std::str::from_utf8(first).unwrap_or_default();
    Ok(Some(digits.parse().unwrap_or(u64::MAX)))
}

/// Reads chunks into the message's body; how many bytes they took, once the
/// last has come.
fn chunks(message: &mut Message<'_>, bytes: &[u8]) -> Result<Option<usize>, Arrived<'static>> {
    let mut rest = bytes;
    loop {
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            let is_size = |b: &u8| b.is_ascii_hexdigit() || matches!(b, b'\r' | b';');
            let cut = rest.iter().take_while(|byte| **byte != b';').all(is_size);
            return if cut { Ok(None) } else { Err(Arrived::BadChunks) };
        };
        let line = rest.get(..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").ok_or(Arrived::OddChunks)?;
        let size = size(line, &mut message.features)?;
        rest = rest.get(end + 1..).unwrap_or_default();
        if size == 0 {
            return trailer(message, rest).map(|found| found.map(|rest| bytes.len() - rest));
        }
        let Some((chunk, after)) = rest.split_at_checked(size) else {
            message.body.extend_from_slice(rest);
            return Ok(None);
        };
        message.body.extend_from_slice(chunk);
        match after {
            [] | [b'\r'] => return Ok(None),
            [b'\r', b'\n', after @ ..] => rest = after,
            [b'\n', ..] => return Err(Arrived::OddChunks),
            _ => return Err(Arrived::BadChunks),
        }
    }
}

fn size(line: &[u8], features: &mut Features) -> Result<usize, Arrived<'static>> {
    let mut parts = line.splitn(2, |byte| *byte == b';');
    let size = parts.next().unwrap_or_default();
    if let Some(extension) = parts.next() {
        if !extension.iter().all(|byte| matches!(byte, b' '..=b'~')) || extension.is_empty() {
            return Err(Arrived::OddChunks);
        }
        features.extensions = true;
    }
    let is_hexadecimal = |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    if !is_hexadecimal(size) {
        let number = as_languages_write_it(size.trim_ascii());
        return Err(if is_hexadecimal(&number) { Arrived::OddChunks } else { Arrived::BadChunks });
    }
    let digits = std::str::from_utf8(size).unwrap_or_default();
    let size = u64::from_str_radix(digits, 16).map_err(|_| Arrived::BadChunks)?;
    // No answer here is longer than a body may be: what is, is short of it.
    Ok(usize::try_from(size).unwrap_or(usize::MAX))
}

/// The digits of a number as languages write it, `+0x5_0` or `-5`: what is no
/// size by the grammar, and can be told from it all the same.
fn as_languages_write_it(number: &[u8]) -> Vec<u8> {
    let number = number.strip_prefix(b"+").or(number.strip_prefix(b"-")).unwrap_or(number);
    let prefixed = [&b"0x"[..], b"0X"].into_iter().find_map(|prefix| number.strip_prefix(prefix));
    prefixed.unwrap_or(number).iter().copied().filter(|byte| *byte != b'_').collect()
}

/// Reads the trailer and the empty line after it; how much is left then.
fn trailer(message: &mut Message<'_>, mut rest: &[u8]) -> Result<Option<usize>, Arrived<'static>> {
    loop {
        // The last line's own end, or the last empty line, is missing: what
        // that makes of a body that has come is left open.
        let Some(end) = rest.windows(2).position(|end| end == b"\r\n") else {
            return Err(Arrived::OddChunks);
        };
        let line = rest.get(..end).unwrap_or_default();
        rest = rest.get(end + 2..).unwrap_or_default();
        if line.is_empty() {
            return Ok(Some(rest.len()));
        }
        field(line).ok_or(Arrived::OddChunks)?;
        message.features.trailer = true;
    }
}
