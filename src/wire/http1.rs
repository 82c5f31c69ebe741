//! HTTP/1.1 messages as bytes, by RFC 9112. An incomplete message is not a
//! message.

use super::{Headers, Request, Response, latin1, sender};

/// The most header fields that a message may have.
const MAX_HEADERS: usize = 256;

/// Why bytes are not an HTTP/1.1 message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Http1Error {
    /// The bytes end before the message does.
    #[error("the message is incomplete: {0}")]
    Incomplete(&'static str),
    /// The start line or a header field is malformed.
    #[error("malformed message head: {0}")]
    Head(httparse::Error),
    /// The framing of the body is malformed or contradicts itself.
    #[error("malformed body framing: {0}")]
    Framing(&'static str),
    /// There is more after the message than one message.
    #[error("{0} bytes follow the message")]
    Trailing(usize),
}

/// A request's head, and how its body is framed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHead {
    /// The request, its body still empty.
    pub request: Request,
    /// The minor version of HTTP/1: 0 or 1.
    pub minor: u8,
    /// How many bytes the head took.
    pub len: usize,
    /// How the body is framed, or why that cannot be said.
    pub framing: Result<Framing, Http1Error>,
}

/// How a message's body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// After this many bytes.
    Length(u64),
    /// With a chunk of no length.
    Chunked,
    /// When the connection closes.
    Close,
}

/// Reads a request's head from the start of a connection's bytes, also one that a
/// careful sender would not send: white space before a colon, a folded line,
/// `chunked` twice, two lengths.
///
/// # Errors
/// [`Http1Error::Incomplete`] while the head has not all come.
pub fn request_head(bytes: &[u8]) -> Result<RequestHead, Http1Error> {
    strict_head(bytes).or_else(|error| match (error, memchr::memrchr(b'\n', bytes)) {
        (Http1Error::Head(_), Some(last)) => {
            let start = bytes.iter().take_while(|byte| b"\r\n".contains(byte)).count();
            let end = bytes.get(start..).and_then(sender::head_len).map(|len| start + len);
            let end = end.unwrap_or(last + 1);
            let repaired = sender::repaired(bytes.get(start..end).unwrap_or_default());
            strict_head(&repaired).map(|head| RequestHead { len: end, ..head })
        }
        (error, _) => Err(error),
    })
}

fn strict_head(bytes: &[u8]) -> Result<RequestHead, Http1Error> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut fields);
    let len = match parsed.parse(bytes).map_err(Http1Error::Head)? {
        httparse::Status::Complete(len) => len,
        httparse::Status::Partial => return Err(Http1Error::Incomplete("the head has no end")),
    };
    let request = Request {
        method: parsed.method.unwrap_or_default().into(),
        target: parsed.path.unwrap_or_default().into(),
        headers: headers(parsed.headers),
        body: Vec::new(),
    };
    let framing = match is_chunked(&request.headers) {
        true => Ok(Framing::Chunked),
        false => framing(&request.headers).map(|framing| framing.unwrap_or(Framing::Length(0))),
    };
    Ok(RequestHead { request, minor: parsed.version.unwrap_or(1), len, framing })
}

/// A response's head, and how its body is framed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseHead {
    /// The response, its body still empty.
    pub response: Response,
    /// The minor version of HTTP/1: 0 or 1.
    pub minor: u8,
    /// How the body is framed, or why that cannot be said.
    pub framing: Result<Framing, Http1Error>,
}

/// Reads a response's head, also one that a careful sender would not send: white
/// space before a colon, a folded line, `chunked` twice.
///
/// # Errors
/// [`Http1Error::Incomplete`] while the head has not all come.
pub fn response_head(bytes: &[u8]) -> Result<ResponseHead, Http1Error> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Response::new(&mut fields);
    let mut lenient = httparse::ParserConfig::default();
    lenient.allow_spaces_after_header_name_in_responses(true);
    lenient.allow_obsolete_multiline_headers_in_responses(true);
    if lenient.parse_response(&mut parsed, bytes).map_err(Http1Error::Head)?.is_partial() {
        return Err(Http1Error::Incomplete("the head has no end"));
    }
    let status = parsed.code.unwrap_or_default();
    let headers = headers(parsed.headers);
    let framing = match status {
        100..200 | 204 | 304 => Ok(Framing::Length(0)),
        _ if is_chunked(&headers) => Ok(Framing::Chunked),
        _ => framing(&headers).map(|framing| framing.unwrap_or(Framing::Close)),
    };
    let response = Response { status, headers, body: Vec::new() };
    Ok(ResponseHead { response, minor: parsed.version.unwrap_or(1), framing })
}

/// Reads a whole response, and nothing but that, after any interim (1xx) ones.
///
/// # Errors
/// Where the bytes are not one whole HTTP/1.x response.
pub fn response(mut bytes: &[u8]) -> Result<Response, Http1Error> {
    loop {
        let mut fields = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut parsed = httparse::Response::new(&mut fields);
        let len = match parsed.parse(bytes).map_err(Http1Error::Head)? {
            httparse::Status::Complete(len) => len,
            httparse::Status::Partial => return Err(Http1Error::Incomplete("the head has no end")),
        };
        let status = parsed.code.unwrap_or_default();
        let headers = headers(parsed.headers);
        bytes = bytes.get(len..).unwrap_or_default();
        if (100..200).contains(&status) {
            continue;
        }
        let framing = match status {
            204 | 304 => Framing::Length(0),
            _ => framing(&headers)?.unwrap_or(Framing::Close),
        };
        let (body, used) = body(bytes, framing)?;
        return match bytes.len() - used {
            0 => Ok(Response { status, headers, body }),
            more => Err(Http1Error::Trailing(more)),
        };
    }
}

/// A message's bytes: start line, header fields, body as it is.
#[must_use]
pub fn message(start_line: &str, headers: &Headers, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024 + body.len());
    let mut text = |text: &str| out.extend(text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')));
    text(start_line);
    text("\r\n");
    for (name, value) in headers.iter() {
        text(name);
        text(": ");
        text(value);
        text("\r\n");
    }
    text("\r\n");
    out.extend_from_slice(body);
    out
}

/// A request as bytes.
#[must_use]
pub fn request_bytes(request: &Request) -> Vec<u8> {
    message(&format!("{} {} HTTP/1.1", request.method, request.target), &request.headers, &request.body)
}

fn headers(fields: &[httparse::Header<'_>]) -> Headers {
    fields.iter().map(|field| (field.name, latin1(field.value))).collect()
}

/// What may stand around a value (RFC 9110 section 5.6.3): no other white space
/// does, of which there is more in the characters of a head's bytes.
const BLANK: [char; 2] = [' ', '\t'];

/// Whether a body is chunked, and nothing else, once or more often.
fn is_chunked(headers: &Headers) -> bool {
    let mut codings = headers.all("transfer-encoding").flat_map(|value| value.split(',')).peekable();
    codings.peek().is_some() && codings.all(|of| of.trim_matches(BLANK).eq_ignore_ascii_case("chunked"))
}

/// RFC 9112 section 6.3: chunked wins over a length, lengths must agree.
fn framing(headers: &Headers) -> Result<Option<Framing>, Http1Error> {
    if headers.get("transfer-encoding").is_some() {
        let codings: Vec<_> = headers.all("transfer-encoding").flat_map(|value| value.split(',')).collect();
        return match codings.as_slice() {
            [coding] if coding.trim_matches(BLANK).eq_ignore_ascii_case("chunked") => {
                Ok(Some(Framing::Chunked))
            }
            _ => Err(Http1Error::Framing("a transfer coding other than chunked")),
        };
    }
    let mut length = None;
    for value in headers.all("content-length").flat_map(|value| value.split(',')) {
        let value = value.trim_matches(BLANK);
        if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Http1Error::Framing("the Content-Length is not a number"));
        }
        let value = value.parse().map_err(|_| Http1Error::Framing("the Content-Length is too large"))?;
        if length.replace(value).is_some_and(|before| before != value) {
            return Err(Http1Error::Framing("two Content-Length values disagree"));
        }
    }
    Ok(length.map(Framing::Length))
}

/// Reads a body from the bytes after the head; also how many bytes it took.
///
/// # Errors
/// [`Http1Error::Incomplete`] while the body has not all come.
pub fn body(bytes: &[u8], framing: Framing) -> Result<(Vec<u8>, usize), Http1Error> {
    match framing {
        Framing::Close => Ok((bytes.to_vec(), bytes.len())),
        Framing::Length(length) => usize::try_from(length)
            .ok()
            .and_then(|length| Some((bytes.get(..length)?.to_vec(), length)))
            .ok_or(Http1Error::Incomplete("the body is shorter than its Content-Length")),
        Framing::Chunked => {
            let mut chunks = Chunks::default();
            match chunks.read(bytes)? {
                Some(used) => Ok((chunks.body, used)),
                None => Err(Http1Error::Incomplete("the last chunk is missing")),
            }
        }
    }
}

const NO_SIZE: Http1Error = Http1Error::Framing("a chunk's size is not a hexadecimal number");

/// A chunked body in the making (RFC 9112 section 7.1).
#[derive(Debug, Default)]
pub struct Chunks {
    /// What has come so far, without the framing.
    pub body: Vec<u8>,
    /// How many of the connection's bytes are behind `body`.
    used: usize,
}

impl Chunks {
    /// Reads on from where the last call left off. `bytes` is all that has
    /// come after the head, from the start. Gives the length of the framed
    /// body once it has all come.
    ///
    /// # Errors
    /// Where a chunk's framing is malformed.
    pub fn read(&mut self, bytes: &[u8]) -> Result<Option<usize>, Http1Error> {
        loop {
            let rest = bytes.get(self.used..).unwrap_or_default();
            // To httparse a line without a size is the last chunk.
            if rest.first().is_some_and(|digit| !digit.is_ascii_hexdigit()) {
                return Err(NO_SIZE);
            }
            let (line, size) = match httparse::parse_chunk_size(rest) {
                Ok(httparse::Status::Complete(found)) => found,
                Ok(httparse::Status::Partial) => return Ok(None),
                Err(_) => return Err(NO_SIZE),
            };
            let size = usize::try_from(size).map_err(|_| Http1Error::Framing("a chunk is too large"))?;
            if size == 0 {
                let rest = rest.get(line..).unwrap_or_default();
                return Ok(trailer_len(rest)?.map(|trailer| self.used + line + trailer));
            }
            let Some(end) = line.checked_add(size).and_then(|end| end.checked_add(2)) else {
                return Err(Http1Error::Framing("a chunk is too large"));
            };
            let Some(framed) = rest.get(line..end) else { return Ok(None) };
            let (chunk, crlf) = framed.split_at(size);
            if crlf != b"\r\n" {
                return Err(Http1Error::Framing("a chunk is longer than its size"));
            }
            self.body.extend_from_slice(chunk);
            self.used += end;
        }
    }
}

/// The length of the trailer section and the empty line that ends it.
fn trailer_len(bytes: &[u8]) -> Result<Option<usize>, Http1Error> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_HEADERS];
    match httparse::parse_headers(bytes, &mut fields).map_err(Http1Error::Head)? {
        httparse::Status::Complete((len, _)) => Ok(Some(len)),
        httparse::Status::Partial => Ok(None),
    }
}
