//! What mutations put into an answer: values that programs are known to stumble
//! over, and some beside them.

use crate::model::names;

/// What stands behind a name in answers of older services.
pub(in crate::draw) const URI: &str = ":http://internal.amazon.com/coral/com.amazon.coral.service/";

pub(in crate::draw) const STATUSES: &[u16] = &[
    200, 400, 500, 403, 404, 413, 429, 503, 502, 504, 501, 408, 401, 201, 202, 204, 206, 301, 304, 307, 418,
    599, 0, 99, 600, 999,
];

pub(in crate::draw) const CODES: &[&str] = &[
    "ThrottlingException",
    "Throttling",
    "AccessDeniedException",
    "ExpiredTokenException",
    "ValidationException",
    "UnrecognizedClientException",
    "SubscriptionRequiredException",
    "ServiceUnavailable",
    "InternalFailure",
    "InvalidSignatureException",
    "RequestTimeout",
    "SlowDown",
    "SerializationException",
    "RequestEntityTooLarge",
    "RequestTimeoutException",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "MissingAuthenticationToken",
    "LimitExceededException",
    "TooManyRequestsException",
    "PriorRequestNotComplete",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "UnknownOperationException",
    "attachmentSetExpired",
    "Exception",
    "Error",
    "toString",
    "404",
    "null",
];

pub(in crate::draw) const NAMES: &[&str] = &[
    "x",
    "requestId",
    "attachments",
    "uploadIds",
    "caseId",
    "Output",
    "Error",
    "error",
    "errors",
    "message",
    "Message",
    "errorMessage",
    "code",
    "Code",
    "__type",
    "__Type",
    "status",
    "statusCode",
    "attachmentSetId",
    "AttachmentSetId",
    "attachment_set_id",
    "expiryTime",
    "ExpiryTime",
    "$metadata",
    "ResponseMetadata",
    "__proto__",
    "constructor",
    "$fault",
    "$response",
    "name",
    "stack",
    "toJSON",
    "class",
    "",
];

pub(in crate::draw) const SPELLINGS: &[&str] = &[
    "Message",
    "errorMessage",
    "AttachmentSetId",
    "attachmentsetid",
    "attachment_set_id",
    "ExpiryTime",
    "expirytime",
    "__Type",
    "Code",
    "MESSAGE",
];

/// When a set ends, as the service writes it and as others do: past, never.
pub(in crate::draw) const TIMES: &[&str] = &[
    "2015-10-09T07:19:31.345+0000",
    "2015-10-09T07:19:31.345Z",
    "2030-10-09T07:19:31.345+00:00",
    "2030-02-30T25:00:00.000+0000",
    "9999-12-31T23:59:59.999+0000",
];

/// Texts that programs trim.
pub(in crate::draw) const SPACED: &[&str] = &[" a ", "a\n", "\ta", "a  b", "\u{a0}a", "a\r\n"];

pub(in crate::draw) const BODIES: &[&str] = &[
    "",
    "{}",
    " ",
    "null",
    "[]",
    "17",
    "true",
    "\"as-1\"",
    "{",
    "}",
    "[",
    "{\"attachmentSetId\":\"as-",
    "{\"attachmentSetId\":\"as-1\"",
    "{\"attachmentSetId\":\"as-1\"}{}",
    "{\"attachmentSetId\":\"as-1\"} x",
    "{attachmentSetId:\"as-1\"}",
    "{'attachmentSetId':'as-1'}",
    "<html><body>Bad Gateway</body></html>",
    "<ErrorResponse><Error><Code>Throttling</Code><Message>m</Message></Error></ErrorResponse>",
    "upstream connect error",
    "{\"Output\":{\"__type\":\"com.amazon.coral.service#UnknownOperationException\"},\"Version\":\"1.0\"}",
    "{\"error\":{\"code\":\"AttachmentSetExpired\",\"message\":\"m\"}}",
    "[{\"__type\":\"AttachmentSetExpired\"}]",
    "[{\"attachmentSetId\":\"as-1\",\"expiryTime\":\"2030-10-09T07:19:31.345+0000\"}]",
    "{\"result\":{\"attachmentSetId\":\"as-1\"}}",
    "{\"__proto__\":{\"attachmentSetId\":\"as-1\"}}",
    "\u{feff}{}",
    "//\n{}",
    "{}\0",
    "data: {}\n\n",
];

pub(in crate::draw) const REASONS: &[&str] = &[
    "",
    "OK",
    "Bad Request",
    "Continue",
    "200",
    "a:b",
    "Fran\u{e7}ais",
    "\u{1f600}",
    " ",
    "HTTP/1.1 200 OK",
    "ok\tok",
];

pub(in crate::draw) const CONTENT_TYPES: &[Option<&str>] = &[
    None,
    Some(""),
    Some(names::CONTENT_TYPE),
    Some("Application/X-Amz-Json-1.1"),
    Some("application/x-amz-json-1.0"),
    Some("application/json"),
    Some("application/x-amz-json-1.1; charset=utf-8"),
    Some("application/x-amz-json-1.1; charset=latin1"),
    Some("text/html"),
    Some("text/plain; charset=utf-16"),
    Some("application/cbor"),
    Some("application/octet-stream"),
];

pub(in crate::draw) const FIELDS: &[&str] = &[
    "x-amzn-requestid",
    "x-amzn-errortype",
    "x-amz-crc32",
    "content-encoding",
    "location",
    "x-a",
    "set-cookie",
    "attachmentSetId",
    "expiryTime",
    "x-amzn-query-error",
    "retry-after",
    "x-amz-retry-after",
    "connection",
];

/// No time in `date`, which clients set their clocks by.
pub(in crate::draw) const KNOWN_FIELDS: &[(&str, &str)] = &[
    ("x-amz-crc32", "1"),
    ("x-amz-crc32", "x"),
    ("content-encoding", "identity"),
    ("content-encoding", "gzip"),
    ("attachmentSetId", "as-2"),
    ("expiryTime", "never"),
    ("date", "yesterday"),
    ("set-cookie", "a=b; Max-Age=x"),
    ("keep-alive", "timeout=0"),
    ("location", "/elsewhere"),
    ("retry-after", "0"),
    ("x-amz-retry-after", "x"),
    ("x-amzn-query-error", "Other;Sender"),
    ("x-amzn-requestid", ""),
    ("x-amzn-requestid", "a b"),
    ("x-amz-request-id", "other"),
    ("content-length-", "1"),
    ("upgrade", "h2c"),
    ("alt-svc", "h2=\":1\""),
    ("link", "</a>; rel=preload"),
];

pub(in crate::draw) const LENGTHS: &[&str] =
    &["", "-1", "+5", "0x10", "1e2", "5 5", "5,6", "a", "99999999999999999999", "0", "00"];

/// Before the size of a chunk: the last leaves it the same in 64 bits.
pub(in crate::draw) const SIZES: &[&str] = &["0", "0000", "-", "+", " ", "0x", "10000000000000000"];

pub(in crate::draw) const PIECES: &[&str] = &[
    "", "\n", "\r", "\r\n", "\0", " ", "\t", "\"", "\\", "{", "}", "[", "]", ":", ",", "\u{feff}", "\u{e9}",
    "\\u0000", "\\ud800", "\\u00", "null", "1e999", "\r\n ", "/**/", "\r\n\r\n", "\u{b}",
];

/// White space between the tokens of a body.
pub(in crate::draw) const SPACES: &[&str] = &[" ", "\n", "\t", "\r\n", "  \n"];

pub(in crate::draw) const VERSIONS: &[&str] =
    &["HTTP/1.0", "HTTP/1.0", "HTTP/2", "HTTP/1.2", "http/1.1", "ICY"];

/// White space before and behind a field's value.
pub(in crate::draw) const PADDING: &[(&str, &str)] =
    &[("", ""), ("  ", " "), ("\t", ""), (" ", "\t"), (" ", "   ")];

pub(in crate::draw) const INTERIM: &[u16] = &[100, 102, 103, 110, 199];

/// Bytes behind the end of a response.
pub(in crate::draw) const SURPLUS: &[&str] =
    &["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "\r\n", "0\r\n\r\n"];

pub(in crate::draw) const EXTENSIONS: &[&str] = &["", "", "", ";a", ";a=b", ";a=\"b\"", " ", ";"];

pub(in crate::draw) const TRAILERS: &[&str] =
    &["", "", "", "x-amzn-errortype: AttachmentSetExpired\r\n", "X-A: b\r\n", "a\r\n"];

pub(in crate::draw) const CODINGS: &[&str] =
    &["gzip", "chunked, chunked", "identity", "xchunked", "gzip, chunked", "CHUNKED"];

/// What stands before a name.
pub(in crate::draw) const NAMESPACES: &[&str] =
    &["", "com.amazonaws.support#", "aws.protocoltests.json10#", "a#", "#", "a.b#c#"];

/// What stands behind it.
pub(in crate::draw) const URIS: &[&str] = &["", URI, ":", ":a", ":a#b", ":http://caf\u{e9}/"];
