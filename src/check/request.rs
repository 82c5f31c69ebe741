//! What a step sends.

use std::collections::{BTreeMap, HashMap};
use std::time::SystemTime;

use serde_json::Value;

use super::Server;
use super::spelling::spelled;
use crate::fixture::{Body, Member, Send, ServiceRequest, Sign, Spelling, Text};
use crate::model::{Input, Operation, OperationShape};
use crate::transcript::{Pace, Sent};
use crate::wire::sign::{Credentials, sign};
use crate::wire::{Headers, Request, encode};

/// What a step sends.
///
/// # Errors
/// The name of a value that it sends and that was not captured.
pub(super) fn sent(
    send: &Send,
    with: &BTreeMap<Member, String>,
    server: &Server,
    captured: &HashMap<&str, String>,
) -> Result<Sent, String> {
    let host = server.endpoint.host();
    match send {
        Send::Call(call) => {
            let mut call = call.clone();
            for (member, name) in with {
                let value = value(captured, name)?;
                match call.operation {
                    None => call.attachment_set_id = Some(Text::Plain(value)),
                    Some(_) => drop(call.input.insert(member.as_str().into(), value.into())),
                }
            }
            let target = server.endpoint.target("/");
            let mut request = Request { target, ..call.request(&host) };
            signed(&mut request, &server.credentials);
            Ok(Sent::Request(request))
        }
        Send::Request(request) => {
            let body = body(request, with, captured)?;
            let signed = other(request, body, server, &host);
            if request.spelling.is_empty() {
                return Ok(Sent::Request(signed));
            }
            let (bytes, pace) = spelled(&signed, &request.spelling);
            Ok(Sent::Raw(bytes, pace))
        }
        Send::Raw(body) => Ok(Sent::Raw(body.to_bytes(), Pace::AtOnce)),
    }
}

/// The operation that is called.
pub(super) fn asked(sent: &Sent) -> &'static OperationShape {
    let target = match sent {
        Sent::Request(request) => request.headers.get("x-amz-target"),
        Sent::Raw(..) => None,
    };
    let named = target.and_then(OperationShape::of_target);
    named.unwrap_or_else(|| Operation::AddAttachmentsToSet.shape())
}

/// A request's body, filled in.
fn body(
    request: &ServiceRequest,
    with: &BTreeMap<Member, String>,
    captured: &HashMap<&str, String>,
) -> Result<Vec<u8>, String> {
    let Some(Body::Json(Value::Object(members))) = &request.body else {
        return Ok(request.body.as_ref().map(Body::to_bytes).unwrap_or_default());
    };
    let mut members = members.clone();
    for (member, name) in with {
        members.insert(member.as_str().into(), value(captured, name)?.into());
    }
    Ok(Value::Object(members).to_string().into_bytes())
}

fn value(captured: &HashMap<&str, String>, name: &str) -> Result<String, String> {
    captured.get(name).cloned().ok_or_else(|| name.into())
}

/// A request that is not, or not quite, a call.
fn other(request: &ServiceRequest, body: Vec<u8>, server: &Server, host: &str) -> Request {
    let call = encode::request(&Input::default(), host);
    let mut headers = Headers::default();
    let others = |name: &str| !request.headers.contains_key(&name.to_ascii_lowercase());
    for (name, value) in call.headers.iter().filter(|(name, _)| others(name)) {
        match name {
            // A length that is not sent is not signed.
            "Content-Length" if request.spelling.contains(&Spelling::Chunked) => {}
            "Content-Length" => headers.push(name, body.len().to_string()),
            _ => headers.push(name, value),
        }
    }
    for (name, value) in &request.headers {
        if let Some(value) = value {
            headers.push(name, value);
        }
    }
    let target = server.endpoint.target(&request.target);
    let mut out = Request { method: request.method.clone(), target, headers, body };
    match request.sign {
        Sign::Valid => signed(&mut out, &server.credentials),
        Sign::WrongSecret => {
            let secret_access_key = format!("{}x", server.credentials.secret_access_key);
            signed(&mut out, &Credentials { secret_access_key, ..server.credentials.clone() });
        }
        Sign::None => {}
    }
    out
}

/// Signs a request. One that has no canonical form goes out unsigned: the
/// fixtures have none, and the server then says so.
fn signed(request: &mut Request, credentials: &Credentials) {
    let _ = sign(request, credentials, SystemTime::now());
}
