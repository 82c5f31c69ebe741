//! Wrong signatures.

use std::time::{Duration, SystemTime};

use attachset::wire::sign::{Credentials, sign};
use attachset::wire::{Request, sha256_hex};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign as sigv4};
use aws_sigv4::sign::v4;

use crate::clients::edit;
use crate::clients::mutant::Defect::{Sign, Signed};
use crate::clients::mutant::{Defect, Mutant, mutant};

pub(crate) static SIGNING: &[Mutant] = &[
    mutant("unsigned", "does not sign", Sign(|_, _| {})),
    mutant(
        "signed-for-own-region",
        "signs for the region that it is in",
        Sign(|request, credentials| {
            sign_for(request, credentials, "eu-west-1", "support");
        }),
    ),
    mutant(
        "signed-for-wrong-service",
        "signs for the name in the target",
        Sign(|request, credentials| {
            sign_for(request, credentials, "us-east-1", "awssupport");
        }),
    ),
    mutant(
        "wrong-secret",
        "signs with the URL-encoded secret",
        Sign(|request, credentials| {
            let secret_access_key = credentials.secret_access_key.replace('/', "%2F");
            right(request, &Credentials { secret_access_key, ..credentials.clone() });
        }),
    ),
    mutant(
        "no-session-token",
        "leaves out the session token",
        Sign(|request, credentials| {
            right(request, &Credentials { session_token: None, ..credentials.clone() });
        }),
    ),
    mutant(
        "session-token-unsigned",
        "adds the session token after signing",
        Sign(|request, credentials| {
            right(request, &Credentials { session_token: None, ..credentials.clone() });
            if let Some(token) = &credentials.session_token {
                request.headers.push("X-Amz-Security-Token", token);
            }
        }),
    ),
    mutant(
        "empty-session-token",
        "sends an empty session token where there is none",
        Sign(|request, credentials| {
            let session_token = Some(credentials.session_token.clone().unwrap_or_default());
            right(request, &Credentials { session_token, ..credentials.clone() });
            if request.headers.get("x-amz-security-token").is_none() {
                request.headers.push("X-Amz-Security-Token", "");
            }
        }),
    ),
    mutant(
        "local-time",
        "signs with its local time as if it were UTC",
        Sign(|request, credentials| {
            let hours = Duration::from_secs(2 * 60 * 60);
            sign(request, credentials, SystemTime::now() + hours).unwrap();
        }),
    ),
    mutant(
        "old-date",
        "signs with the time at which it was started",
        Sign(|request, credentials| {
            let day = Duration::from_secs(24 * 60 * 60);
            sign(request, credentials, SystemTime::now() - day).unwrap();
        }),
    ),
    mutant("clock-by-date", "sets its clock by the Date of each answer", Defect::Clock),
    mutant(
        "empty-payload-hash",
        "signs the hash of an empty body",
        Sign(|request, credentials| {
            let body = std::mem::take(&mut request.body);
            right(request, credentials);
            request.body = body;
        }),
    ),
    mutant(
        "unsigned-payload",
        "sends UNSIGNED-PAYLOAD, as for S3",
        Sign(|request, credentials| {
            request.headers.push("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD");
            right(request, credentials);
        }),
    ),
    mutant(
        "hash-of-text",
        "hashes characters, one byte each, in place of the bytes sent",
        Sign(|request, credentials| {
            let body = std::mem::take(&mut request.body);
            request.body = String::from_utf8_lossy(&body).chars().map(|c| c as u8).collect();
            right(request, credentials);
            request.body = body;
        }),
    ),
    mutant(
        "wrong-body-hash",
        "sends a body hash of something else",
        Sign(|request, credentials| {
            request.headers.push("X-Amz-Content-Sha256", sha256_hex(b""));
            right(request, credentials);
        }),
    ),
    mutant(
        "serialized-twice",
        "signs one serialization of the body and sends another",
        Sign(|request, credentials| {
            right(request, credentials);
            edit::body(&mut request.body, |body| body.replacen("\":", "\": ", 1));
        }),
    ),
    mutant(
        "target-unsigned",
        "adds the target after signing",
        Sign(|request, credentials| {
            let target = request.headers.get("x-amz-target").map(str::to_owned);
            edit::header(&mut request.headers, "X-Amz-Target", None);
            right(request, credentials);
            edit::header(&mut request.headers, "X-Amz-Target", target.as_deref());
        }),
    ),
    mutant(
        "port-unsigned",
        "signs the host without its port",
        Sign(|request, credentials| {
            let host = request.headers.get("host").unwrap_or_default().to_owned();
            edit::header(&mut request.headers, "Host", host.split(':').next());
            right(request, credentials);
            edit::header(&mut request.headers, "Host", Some(&host));
        }),
    ),
    mutant(
        "attempt-unsigned",
        "signs once and counts attempts in a signed header",
        Signed(|request, attempt| {
            if attempt > 1 {
                request.headers.push("amz-sdk-request", format!("attempt={attempt}"));
                edit::header(&mut request.headers, "X-Amz-Date", Some("20150830T123600Z"));
            }
        }),
    ),
];

fn right(request: &mut Request, credentials: &Credentials) {
    sign(request, credentials, SystemTime::now()).unwrap();
}

/// Signs for a scope of choice.
fn sign_for(request: &mut Request, credentials: &Credentials, region: &str, service: &str) {
    let identity = aws_credential_types::Credentials::new(
        &credentials.access_key_id,
        &credentials.secret_access_key,
        credentials.session_token.clone(),
        None,
        "mutants",
    )
    .into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()
        .unwrap()
        .into();
    let uri = format!("http://{}{}", request.headers.get("host").unwrap_or_default(), request.target);
    let body = SignableBody::Bytes(&request.body);
    let signable = SignableRequest::new(&request.method, uri, request.headers.iter(), body).unwrap();
    let (instructions, _) = sigv4(signable, &params).unwrap().into_parts();
    for (name, value) in instructions.headers() {
        request.headers.push(name, value);
    }
}
