//! AWS Signature Version 4: signing a request, and verifying one.
//!
//! Source: "Create a signed AWS API request" (IAM User Guide). What must be
//! signed is `host` and every `x-amz-*` header; any superset is allowed.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningError, SigningSettings, sign as sigv4,
};
use aws_sigv4::sign::v4;
use serde::{Deserialize, Serialize};

use super::{Headers, Request, sha256_hex};
use crate::model::names;

/// How far a request's date may lie from the verifier's clock: the quarter of
/// an hour that the AWS documents name for expired requests.
const MAX_SKEW: Duration = Duration::from_secs(15 * 60);

/// The access key id and the secret access key to sign with where no others
/// are given: those of the AWS documents' examples.
pub const TEST_CREDENTIALS: (&str, &str) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");

/// [`TEST_CREDENTIALS`], without a session token.
#[must_use]
pub fn test_credentials() -> Credentials {
    let (access_key_id, secret_access_key) = TEST_CREDENTIALS;
    Credentials {
        access_key_id: access_key_id.into(),
        secret_access_key: secret_access_key.into(),
        session_token: None,
    }
}

/// An access key, with a session token if it is temporary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: String,
    /// The session token of temporary credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_token: Option<String>,
}

/// Why a signature is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no `Authorization` header.
    #[error("the request is not signed: it has no Authorization header")]
    Missing,
    /// The `Authorization` header is not of the documented form.
    #[error("the Authorization header has no {0}")]
    Malformed(&'static str),
    /// The algorithm is not `AWS4-HMAC-SHA256`.
    #[error("the algorithm is {0}, not AWS4-HMAC-SHA256")]
    Algorithm(String),
    /// Another access key than the one handed out.
    #[error("the access key id is {0}, not the one of the credentials")]
    AccessKey(String),
    /// The credential scope is wrong.
    #[error("the credential scope is {seen}, not {expected}")]
    Scope {
        /// The scope that the documents require.
        expected: String,
        /// The scope that the request has.
        seen: String,
    },
    /// There is no `x-amz-date`, or it is not a date in the basic format.
    #[error("there is no x-amz-date of the form 20150830T123600Z")]
    Date,
    /// The date is too far from the verifier's clock.
    #[error("the request's date is {0} seconds off")]
    Skew(u64),
    /// The session token is missing or another one.
    #[error("x-amz-security-token is not the session token of the credentials")]
    Token,
    /// A header that must be signed is not.
    #[error("the header {0} is not signed")]
    Unsigned(String),
    /// A header that may be there once is there twice, or `SignedHeaders` names
    /// one twice.
    #[error("the header {0} is there, or named as signed, more than once")]
    Repeated(String),
    /// `SignedHeaders` names a header that the request has not.
    #[error("the signed header {0} is not in the request")]
    Absent(String),
    /// `x-amz-content-sha256` is not the digest of the body.
    #[error("x-amz-content-sha256 is not the SHA-256 of the body")]
    Payload,
    /// The signature is not the one that the credentials give.
    #[error("the signature does not match the request and the credentials")]
    Mismatch,
    /// The request cannot be put into canonical form.
    #[error("the request cannot be signed: {0}")]
    Unsignable(String),
}

/// Signs a request: adds `X-Amz-Date`, `X-Amz-Security-Token` for temporary
/// credentials, and `Authorization`.
///
/// # Errors
/// Where a header's value cannot be put into canonical form.
pub fn sign(
    request: &mut Request,
    credentials: &Credentials,
    time: SystemTime,
) -> Result<(), SignatureError> {
    let digest = sha256_hex(&request.body);
    let authorization = authorize(request, digest, &request.headers, credentials, time)?;
    for (name, value) in authorization.iter() {
        request.headers.push(name, value);
    }
    Ok(())
}

/// Verifies a request's signature against the credentials that its sender was
/// given, at the time that the verifier's clock shows.
///
/// # Errors
/// The first rule that the signature breaks.
pub fn verify(request: &Request, credentials: &Credentials, now: SystemTime) -> Result<(), SignatureError> {
    let authorization = request.headers.get("authorization").ok_or(SignatureError::Missing)?;
    let authorization = Authorization::parse(authorization)?;
    // Of two, a service might read the one that is not signed.
    for name in ["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"] {
        if request.headers.all(name).nth(1).is_some() {
            return Err(SignatureError::Repeated(name.into()));
        }
    }
    let signed_names = authorization.signed_names()?;

    let date = request.headers.get("x-amz-date").ok_or(SignatureError::Date)?;
    let time = parse_date(date).ok_or(SignatureError::Date)?;
    if authorization.access_key_id != credentials.access_key_id {
        return Err(SignatureError::AccessKey(authorization.access_key_id.into()));
    }
    let day = date.split_once('T').map_or(date, |(day, _)| day);
    let scope = format!("{day}/{}/{}/aws4_request", names::SIGNING_REGION, names::SIGNING_NAME);
    if authorization.scope != scope {
        return Err(SignatureError::Scope { expected: scope, seen: authorization.scope.into() });
    }
    let skew = now.duration_since(time).unwrap_or_else(|error| error.duration());
    if skew > MAX_SKEW {
        return Err(SignatureError::Skew(skew.as_secs()));
    }
    if request.headers.get("x-amz-security-token") != credentials.session_token.as_deref() {
        return Err(SignatureError::Token);
    }
    let mut values = BTreeMap::<_, Vec<_>>::new();
    for (name, value) in request.headers.iter() {
        let name = name.to_ascii_lowercase();
        let must = name == "host" || name.starts_with("x-amz-");
        if must && !signed_names.contains(&name) {
            return Err(SignatureError::Unsigned(name));
        }
        values.entry(name).or_default().push(value);
    }
    let mut signed = Headers::default();
    for name in &signed_names {
        let values = values.get(name).ok_or_else(|| SignatureError::Absent(name.clone()))?;
        values.iter().for_each(|value| signed.push(name, *value));
    }
    let digest = sha256_hex(&request.body);
    if let Some(claimed) = request.headers.get("x-amz-content-sha256")
        && !claimed.eq_ignore_ascii_case(&digest)
    {
        return Err(SignatureError::Payload);
    }
    let expected = authorize(request, digest, &signed, credentials, time)?;
    let expected = expected.get("authorization").unwrap_or_default();
    if Authorization::parse(expected)?.signature == authorization.signature {
        Ok(())
    } else {
        Err(SignatureError::Mismatch)
    }
}

/// The headers that sign a request whose body has this SHA-256 and of which
/// exactly `headers` are signed.
fn authorize(
    request: &Request,
    digest: String,
    headers: &Headers,
    credentials: &Credentials,
    time: SystemTime,
) -> Result<Headers, SignatureError> {
    let unsignable = |error: SigningError| SignatureError::Unsignable(error.to_string());
    let mut settings = SigningSettings::default();
    // The caller says what is signed; the crate would leave out user-agent.
    settings.excluded_headers = None;
    settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
    let identity = aws_credential_types::Credentials::new(
        &credentials.access_key_id,
        &credentials.secret_access_key,
        credentials.session_token.clone(),
        None,
        "attachset",
    )
    .into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(names::SIGNING_REGION)
        .name(names::SIGNING_NAME)
        .time(time)
        .settings(settings)
        .build()
        .map_err(|error| SignatureError::Unsignable(error.to_string()))?
        .into();
    // What the crate adds by itself must not be there twice.
    let added = |name: &str| {
        name.eq_ignore_ascii_case("x-amz-date") || name.eq_ignore_ascii_case("x-amz-security-token")
    };
    let fields: Vec<_> =
        headers.iter().filter(|(name, _)| !added(name)).map(|(name, value)| (name, as_sent(value))).collect();
    let fields = fields.iter().map(|(name, value)| (*name, value.as_ref()));
    let host = request.headers.get("host").unwrap_or("localhost");
    let uri = format!("http://{host}{}", request.target);
    let signable = SignableRequest::new(&request.method, uri, fields, SignableBody::Precomputed(digest))
        .map_err(unsignable)?;
    let (instructions, _signature) = sigv4(signable, &params).map_err(unsignable)?.into_parts();
    Ok(instructions.headers().collect())
}

/// A value, whose characters are bytes, as the text that its bytes are. What is
/// no UTF-8 is signed as the text that ISO 8859-1 makes of it.
fn as_sent(value: &str) -> Cow<'_, str> {
    if value.is_ascii() {
        return Cow::Borrowed(value);
    }
    let bytes: Option<Vec<u8>> = value.chars().map(|c| u8::try_from(c).ok()).collect();
    match bytes.map(String::from_utf8) {
        Some(Ok(text)) => Cow::Owned(text),
        Some(Err(_)) | None => Cow::Borrowed(value),
    }
}

/// The parts of an `Authorization` header.
struct Authorization<'a> {
    access_key_id: &'a str,
    scope: &'a str,
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// The names in `SignedHeaders`, each of which is there once.
    fn signed_names(&self) -> Result<BTreeSet<String>, SignatureError> {
        let mut names = BTreeSet::new();
        match self.signed_headers.iter().find(|name| !names.insert(name.to_ascii_lowercase())) {
            Some(name) => Err(SignatureError::Repeated((*name).into())),
            None => Ok(names),
        }
    }

    fn parse(header: &'a str) -> Result<Self, SignatureError> {
        let (algorithm, rest) =
            header.trim().split_once(' ').ok_or(SignatureError::Malformed("algorithm"))?;
        if algorithm != "AWS4-HMAC-SHA256" {
            return Err(SignatureError::Algorithm(algorithm.into()));
        }
        let part = |name: &'static str| {
            rest.split(',')
                .filter_map(|part| part.trim().split_once('='))
                .find_map(|(key, value)| (key == name).then_some(value))
                .ok_or(SignatureError::Malformed(name))
        };
        let (access_key_id, scope) =
            part("Credential")?.split_once('/').ok_or(SignatureError::Malformed("credential scope"))?;
        Ok(Self {
            access_key_id,
            scope,
            signed_headers: part("SignedHeaders")?.split(';').collect(),
            signature: part("Signature")?,
        })
    }
}

/// A date in the basic format of ISO 8601, such as `20150830T123600Z`.
fn parse_date(date: &str) -> Option<SystemTime> {
    // The parser would take a field with fewer digits.
    if date.len() != "20150830T123600Z".len() {
        return None;
    }
    let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?;
    Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().into())
}
