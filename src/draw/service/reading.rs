//! What the documents say of a request as it is sent: whether it is a call of
//! the operation, and of what.

use super::request::Written;
use crate::fixture::{Level, ServiceRequest, Sign};
use crate::model::{limits, names};
use crate::oracle::json::{self, Features, Json, NotJson, Text};
use crate::wire::encode::from_base64;

/// What a request is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reading {
    /// A call.
    Call(Said),
    /// No call: a server has to refuse it.
    Refused(Broken),
    /// The documents leave open whether it is a call, and of what.
    Open,
}

/// The first rule that a request breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) requirement: &'static str,
    pub(super) level: Level,
    /// Whether the answer is to be one of this protocol.
    pub(super) claimed: bool,
    /// Whether nothing is wrong but that the operation is not known.
    pub(super) unknown: bool,
}

/// What a call says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Said {
    pub(super) set: Option<String>,
    /// The files' names and lengths; none if the member is absent.
    pub(super) files: Option<Vec<(Option<String>, usize)>>,
    pub(super) dry_run: bool,
    /// Whether a server may refuse it all the same.
    pub(super) open: bool,
    /// The rule that a server breaks that refuses it for its form; none where
    /// it is a call in its usual form.
    pub(super) form: Option<&'static str>,
}

/// Reads a request. Its signature counts: it is mutated for a server that
/// verifies it alone.
pub(super) fn read(written: &Written) -> Reading {
    let requirement = "protocol.server-claims";
    let claims = Broken { requirement, level: Level::Must, claimed: false, unknown: false };
    let request = &written.request;
    let mut open = false;
    let target = target(request).filter(|target| *target != names::TARGET);
    let unknown = target.is_some_and(is_operation);
    if request.method != "POST" || target.is_some() && !unknown {
        return Reading::Refused(claims);
    }
    match request.target.split_once('?').map_or((&*request.target, false), |(path, _)| (path, true)) {
        ("/", query) => open |= query,
        _ => return Reading::Refused(Broken { level: Level::Should, ..claims }),
    }
    let mut form = None;
    match content_type(request) {
        ContentType::Usual => {}
        ContentType::Said(requirement) => form = Some(requirement),
        ContentType::Open => open = true,
        ContentType::Other => return Reading::Refused(Broken { level: Level::Should, ..claims }),
    }
    if request.sign != Sign::Valid {
        let requirement = "sigv4.server-verifies";
        return Reading::Refused(Broken { requirement, ..claims });
    }
    let others = ["content-type", "x-amz-target", "authorization"];
    if request.headers.keys().any(|name| !others.contains(&name.as_str())) {
        form = form.or(Some("protocol.server-claims"));
    }
    form = form.or(request.spelling.first().map(|spelling| spelling.requirement()));
    match body(&written.body) {
        Reading::Call(said) if unknown => {
            let unknown = !open && form.is_none() && said.is_plain();
            Reading::Refused(Broken { unknown, ..claims })
        }
        _ if unknown => Reading::Refused(claims),
        Reading::Call(said) => {
            Reading::Call(Said { open: said.open || open, form: form.or(said.form), ..said })
        }
        // What is refused for its body is refused whatever its type is taken for.
        Reading::Refused(broken) => Reading::Refused(Broken { claimed: broken.claimed && !open, ..broken }),
        Reading::Open => Reading::Open,
    }
}

/// The value of the target's field where it is not the call's own.
fn target(request: &ServiceRequest) -> Option<&str> {
    let field = request.headers.get("x-amz-target")?;
    Some(field.as_deref().unwrap_or_default())
}

/// Whether a target names an operation of the service, known or not.
fn is_operation(target: &str) -> bool {
    let operation = target.strip_prefix(names::TARGET_PREFIX).and_then(|rest| rest.strip_prefix('.'));
    operation.is_some_and(|operation| !operation.is_empty())
}

impl Said {
    /// Whether the documented service performs it, whatever was asked before.
    fn is_plain(&self) -> bool {
        let files = self.files.as_ref().map_or(0, Vec::len);
        !self.open
            && !self.dry_run
            && self.set.is_none()
            && (1..=limits::ATTACHMENTS_PER_SET).contains(&files)
    }
}

enum ContentType {
    Usual,
    /// To be taken, by this rule.
    Said(&'static str),
    Open,
    Other,
}

fn content_type(request: &ServiceRequest) -> ContentType {
    let Some(field) = request.headers.get("content-type") else { return ContentType::Usual };
    let value = field.as_deref().unwrap_or_default();
    let (media_type, parameters) =
        value.split_once(';').map_or((value, false), |(media_type, _)| (media_type, true));
    match media_type.trim() {
        names::CONTENT_TYPE if parameters => ContentType::Said("protocol.content-type-parameters"),
        names::CONTENT_TYPE => ContentType::Usual,
        other if other.eq_ignore_ascii_case(names::CONTENT_TYPE) => ContentType::Said("http.media-type-case"),
        // The documents do not say how far a server may guess.
        "" | "application/json" | "application/x-amz-json-1.0" => ContentType::Open,
        _ => ContentType::Other,
    }
}

fn refused(requirement: &'static str) -> Reading {
    Reading::Refused(Broken { requirement, level: Level::Should, claimed: true, unknown: false })
}

fn body(bytes: &[u8]) -> Reading {
    let (json, features) = match json::read(bytes) {
        Ok(read) => read,
        // A reader may pass over a mark of the byte order, and have a bound.
        Err(NotJson::Deep) => return Reading::Open,
        Err(_) if bytes.starts_with("\u{feff}".as_bytes()) => return Reading::Open,
        Err(NotJson::Nothing | NotJson::Cut | NotJson::Grammar) => return refused("protocol.json-body"),
    };
    let Json::Object(members) = &json else { return refused("protocol.json-body") };
    if features.duplicate_keys || features.lone_surrogates {
        return Reading::Open;
    }
    let mut said = Said { form: form(members, &features), ..Said::default() };
    for (name, value) in members {
        let Some(name) = name.sound() else { return Reading::Open };
        let taken = match (name, value) {
            ("attachmentSetId" | "attachments" | "dryRun", Json::Null) => Ok(()),
            // What an empty id means, nothing says.
            ("attachmentSetId", Json::String(text)) if text.text.is_empty() => Err(Reading::Open),
            ("attachmentSetId", Json::String(text)) => self::text(text).map(|text| said.set = Some(text)),
            ("dryRun", Json::Boolean(value)) => {
                said.dry_run = *value;
                Ok(())
            }
            ("attachments", Json::Array(items)) => files(items, &mut said),
            ("attachmentSetId" | "attachments" | "dryRun", _) => Err(refused("protocol.shapes")),
            _ => {
                said.open = true;
                Ok(())
            }
        };
        if let Err(reading) = taken {
            return reading;
        }
    }
    Reading::Call(said)
}

fn files(items: &[Json], said: &mut Said) -> Result<(), Reading> {
    let mut files = Vec::new();
    let mut doubt = None;
    for item in items {
        let Json::Object(members) = item else {
            match item {
                // What a null among files means, nothing says.
                Json::Null => doubt = Some(Reading::Open),
                _ => return Err(refused("protocol.shapes")),
            }
            continue;
        };
        let (mut file_name, mut bytes) = (None, None);
        for (name, value) in members {
            let Some(name) = name.sound() else { return Err(Reading::Open) };
            match (name, value) {
                ("fileName" | "data", Json::Null) => {}
                ("fileName", Json::String(text)) => file_name = Some(self::text(text)?),
                ("data", Json::String(text)) => match length(&self::text(text)?)? {
                    Some(length) => bytes = Some(length),
                    None => {
                        said.open = true;
                        bytes = Some(1);
                    }
                },
                ("fileName" | "data", _) => return Err(refused("protocol.shapes")),
                _ => said.open = true,
            }
        }
        said.open |= !file_name.as_deref().is_some_and(is_plain_name) || bytes.is_none_or(|bytes| bytes == 0);
        files.push((file_name, bytes.unwrap_or_default()));
    }
    said.files = Some(files);
    doubt.map_or(Ok(()), Err)
}

fn text(text: &Text) -> Result<String, Reading> {
    match text.invalid_utf8 {
        true => Err(refused("json.utf8")),
        false => Ok(text.text.clone()),
    }
}

/// How many bytes a base64 text stands for; none where some readers take it
/// and others do not.
fn length(text: &str) -> Result<Option<usize>, Reading> {
    let is_known = |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "+/-_=".contains(c);
    match from_base64(text) {
        Ok(bytes) => Ok(Some(bytes.len())),
        Err(_) if text.chars().all(is_known) => Ok(None),
        Err(_) => Err(refused("protocol.blob-base64")),
    }
}

/// Whether nothing about a file's name speaks against it: it ends as the
/// documents name it, and has no character that is more than text.
pub(super) fn is_plain_name(name: &str) -> bool {
    const MOST: usize = 200;
    let types = ["log", "text", "pdf", "jpeg", "doc", "png"];
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    types.contains(&ending) && !stem.is_empty() && name.len() <= MOST && stem.chars().all(is_plain)
}

/// Whether an id has a form that a service may give to one: one that no
/// service gives, it may refuse in another way than as one that is not there.
pub(super) fn is_plain_id(id: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    id.starts_with("as-") && id.len() <= 80 && id.chars().all(is_plain)
}

/// The rule by which a body is read that is not as encoders write it.
fn form(members: &[(Text, Json)], features: &Features) -> Option<&'static str> {
    let order = |members: &[(Text, Json)], names: &[&str]| {
        let known = members.iter().filter_map(|(name, _)| names.iter().position(|known| *known == name.text));
        known.is_sorted()
    };
    let attachments = members.iter().find(|(name, _)| name.text == "attachments").map(|(_, value)| value);
    let files: &[Json] = if let Some(Json::Array(files)) = attachments { files } else { &[] };
    let file_order = |file: &Json| match file {
        Json::Object(members) => order(members, &["fileName", "data"]),
        _ => true,
    };
    let is_null = |(_, value): &(Text, Json)| *value == Json::Null;
    let rules = [
        (members.iter().any(is_null), "protocol.server-null"),
        (features.escapes, "json.escapes"),
        (features.white_space, "json.whitespace"),
        (
            !order(members, &["attachmentSetId", "attachments", "dryRun"]) || !files.iter().all(file_order),
            "json.member-order",
        ),
        (features.beyond_ascii, "json.utf8"),
    ];
    rules.into_iter().find_map(|(holds, requirement)| holds.then_some(requirement))
}
