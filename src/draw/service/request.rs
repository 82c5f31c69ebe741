//! A request while twists are done to it.

use std::collections::BTreeMap;

use super::super::sheet::edited;
use super::super::text::{Quoting, quoted};
use super::super::twist::Edit;
use super::{Addition, Data, File, Of, Twist, Which};
use crate::fixture::{Body, Repeat, ServiceRequest, Sign};
use crate::law::json;
use crate::wire::encode::base64;

/// What stands in a body that is read here for the id of a set that is not
/// known yet.
pub(super) const PLACEHOLDER: &str = "as-1";

/// Bodies are read here with no more repetitions than this: what more of them
/// mean is the same.
const READ: u32 = 64;

/// A request as it is sent.
pub(super) struct Written {
    pub(super) request: ServiceRequest,
    /// Its body as far as it has to be read, with an id for the set that it is
    /// filled in with.
    pub(super) body: Vec<u8>,
    /// Whether it can be filled in with the id of a set.
    pub(super) takes_id: bool,
}

/// A request while twists are done to it.
struct Sheet<'a> {
    method: &'static str,
    target: &'static str,
    fields: BTreeMap<&'static str, Option<&'static str>>,
    sign: Sign,
    values: Vec<(Of, Option<&'a str>)>,
    extras: Vec<(&'a str, &'a str, bool)>,
    quoting: Quoting,
    space: &'static str,
    reversed: bool,
    many: Option<u32>,
    padding: Option<u32>,
    depth: Option<u32>,
    body: Option<&'a [u8]>,
    edits: Vec<Edit>,
}

/// The request of an addition whose files have these names.
pub(super) fn written(addition: &Addition, names: &[String], twists: &[Twist]) -> Written {
    let mut sheet = Sheet {
        method: "POST",
        target: "/",
        fields: BTreeMap::new(),
        sign: Sign::Valid,
        values: Vec::new(),
        extras: Vec::new(),
        quoting: Quoting::Plain,
        space: "",
        reversed: false,
        many: None,
        padding: None,
        depth: None,
        body: None,
        edits: Vec::new(),
    };
    twists.iter().for_each(|twist| sheet.twist(twist));
    sheet.written(addition, names)
}

impl<'a> Sheet<'a> {
    fn twist(&mut self, twist: &'a Twist) {
        match twist {
            Twist::Method(method) => self.method = method,
            Twist::Path(path) => self.target = path,
            Twist::Field(name, value) => {
                if *name == "authorization" {
                    self.sign = Sign::None;
                }
                self.fields.insert(name, *value);
            }
            Twist::Sign(sign) => {
                self.sign = *sign;
                self.fields.remove("authorization");
            }
            Twist::Value(of, value) => self.values.push((*of, Some(value))),
            Twist::Without(of) => self.values.push((*of, None)),
            Twist::Extra(name, value, first) => self.extras.push((name, value, *first)),
            Twist::Quoted(form) => self.quoting = *form,
            Twist::Space(space) => self.space = space,
            Twist::Reversed => self.reversed = true,
            Twist::Many(times) => self.many = Some(*times),
            Twist::Padding(bytes) => self.padding = Some(*bytes),
            Twist::Depth(depth) => self.depth = Some(*depth),
            Twist::Body(body) => self.body = Some(body),
            Twist::BodyBytes(edit) => self.edits.push(edit.clone()),
        }
    }

    fn written(&self, addition: &Addition, names: &[String]) -> Written {
        let repeats = self.many.is_some() || self.padding.is_some() || self.depth.is_some();
        let own = self.values.iter().any(|(of, _)| *of == Of::SetId);
        let id = match &addition.set {
            Which::Unknown(id) => Some(id.as_str()),
            Which::New | Which::Made(_) => None,
        };
        let is_made = matches!(addition.set, Which::Made(_)) && !own && !repeats;
        let text = |most| self.body(addition, names, id, most);
        let (mut body, mut takes_id) = (text(u32::MAX), false);
        if is_made
            && let Body::Text(text) = &body
            && let Some(filled) = plain(text)
        {
            takes_id = true;
            body = Body::Json(filled);
        }
        let read = if takes_id { filled(&body) } else { text(READ).to_bytes() };
        let request = ServiceRequest {
            method: self.method.into(),
            target: self.target.into(),
            headers: self
                .fields
                .iter()
                .map(|(name, value)| ((*name).into(), value.map(Into::into)))
                .collect(),
            body: Some(body),
            sign: self.sign,
        };
        Written { request, body: read, takes_id }
    }

    /// The body, with no more repetitions than these.
    fn body(&self, addition: &Addition, names: &[String], id: Option<&str>, most: u32) -> Body {
        if let Some(body) = self.body {
            return Body::from(edited(body, &self.edits).as_slice());
        }
        let parts = self.parts(addition, names, id, most);
        match (parts.as_slice(), self.edits.is_empty()) {
            ([Body::Text(text)], true) => Body::Text(text.clone()),
            ([Body::Text(text)], false) => match edited(text.as_bytes(), &self.edits) {
                bytes if std::str::from_utf8(&bytes).is_ok() => {
                    Body::Text(String::from_utf8_lossy(&bytes).into_owned())
                }
                bytes => Body::from(bytes.as_slice()),
            },
            // What is long is not changed byte by byte.
            _ => Body::Parts(parts),
        }
    }

    fn parts(&self, addition: &Addition, names: &[String], id: Option<&str>, most: u32) -> Vec<Body> {
        let mut parts = Parts::default();
        let name = |name: &str| quoted(name, self.quoting);
        let given =
            |of: Of| self.values.iter().rev().find(|(other, _)| *other == of).map(|(_, value)| *value);
        // A member's value as it is written, unless it is not there.
        let value = |of: Of, own: Option<String>| match given(of) {
            Some(value) => value.map(str::to_owned),
            None => own,
        };
        let mut members: Vec<(String, Member)> = Vec::new();
        if let Some(id) = value(Of::SetId, id.map(|id| quoted(id, self.quoting))) {
            members.push((name("attachmentSetId"), Member::Text(id)));
        }
        let files = addition.files.iter().zip(names);
        let mut files: Vec<_> = files.map(|(file, name)| self.file(file, name)).collect();
        let first = files.first_mut().map(|file| {
            let of = |of: Of, member: &mut Vec<(String, String)>, key: &str| match given(of) {
                Some(Some(value)) => {
                    member.iter_mut().filter(|(name, _)| name == key).for_each(|(_, of)| *of = value.into());
                }
                Some(None) => member.retain(|(name, _)| name != key),
                None => {}
            };
            of(Of::FileName, file, &name("fileName"));
            of(Of::Data, file, &name("data"));
        });
        let mut items: Vec<_> = files.iter().map(|file| self.object(file)).collect();
        if let (Some(()), Some(given)) = (first, given(Of::First)) {
            match given {
                Some(value) => items.splice(..1, [value.to_owned()]).for_each(drop),
                None => items.splice(..1, []).for_each(drop),
            }
        }
        match given(Of::Attachments) {
            Some(Some(value)) => members.push((name("attachments"), Member::Text(value.into()))),
            Some(None) => {}
            None => members.push((name("attachments"), Member::Items(items))),
        }
        let dry_run = addition.dry_run.map(|dry_run| dry_run.to_string());
        if let Some(dry_run) = value(Of::DryRun, dry_run) {
            members.push((name("dryRun"), Member::Text(dry_run)));
        }
        if self.reversed {
            members.reverse();
        }
        for (key, value, first) in &self.extras {
            let at = if *first { 0 } else { members.len() };
            members.insert(at, (name(key), Member::Text((*value).into())));
        }
        if let Some(bytes) = self.padding {
            members.push((name("color"), Member::Padding(bytes)));
        }
        if let Some(depth) = self.depth {
            members.insert(0, (name("color"), Member::Depth(depth)));
        }
        let space = self.space;
        parts.text(&format!("{space}{{{space}"));
        for (index, (name, member)) in members.iter().enumerate() {
            if index > 0 {
                parts.text(&format!("{space},{space}"));
            }
            parts.text(&format!("{name}{space}:{space}"));
            match member {
                Member::Text(text) => parts.text(text),
                Member::Items(items) => self.items(items, most, &mut parts),
                Member::Padding(bytes) => {
                    parts.text("\"");
                    parts.repeat("a", (*bytes).min(most));
                    parts.text("\"");
                }
                Member::Depth(depth) => {
                    parts.repeat("[", (*depth).min(most));
                    parts.repeat("]", (*depth).min(most));
                }
            }
        }
        parts.text(&format!("{space}}}{space}"));
        parts.0
    }

    fn items(&self, items: &[String], most: u32, parts: &mut Parts) {
        let space = self.space;
        parts.text(&format!("[{space}"));
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                parts.text(&format!("{space},{space}"));
            }
            parts.text(item);
            if let (0, Some(times)) = (index, self.many) {
                parts.repeat(&format!(",{item}"), times.saturating_sub(1).min(most));
            }
        }
        parts.text(&format!("{space}]"));
    }

    fn file(&self, file: &File, name: &str) -> Vec<(String, String)> {
        let data = match &file.data {
            Data::Bytes(bytes) => base64(bytes),
            // A file of megabytes goes out in a call.
            Data::Large(_) => String::new(),
        };
        let member = |name: &str, value: &str| (quoted(name, self.quoting), quoted(value, self.quoting));
        let mut members = vec![member("fileName", name), member("data", &data)];
        if self.reversed {
            members.reverse();
        }
        members
    }

    fn object(&self, members: &[(String, String)]) -> String {
        let space = self.space;
        let each: Vec<_> =
            members.iter().map(|(name, value)| format!("{name}{space}:{space}{value}")).collect();
        format!("{{{space}{}{space}}}", each.join(&format!("{space},{space}")))
    }
}

/// A member's value.
enum Member {
    Text(String),
    Items(Vec<String>),
    Padding(u32),
    Depth(u32),
}

/// A body in parts.
#[derive(Default)]
struct Parts(Vec<Body>);

impl Parts {
    fn text(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Body::Text(last)) => last.push_str(text),
            _ => self.0.push(Body::Text(text.into())),
        }
    }

    fn repeat(&mut self, text: &str, times: u32) {
        if times > 0 {
            self.0.push(Body::Repeat(Repeat { repeat: text.into(), times }));
        }
    }
}

/// A body's members, if it is an object that can be written again and mean the
/// same.
fn plain(text: &str) -> Option<serde_json::Value> {
    let (json, marks) = json::read(text.as_bytes()).ok()?;
    let is_plain = !marks.twins && json.member("attachmentSetId").is_none();
    let value = json.to_value().filter(|_| is_plain)?;
    value.is_object().then_some(value)
}

/// A body with an id filled in.
fn filled(body: &Body) -> Vec<u8> {
    match body {
        Body::Json(serde_json::Value::Object(members)) => {
            let mut members = members.clone();
            members.insert("attachmentSetId".into(), PLACEHOLDER.into());
            serde_json::Value::Object(members).to_string().into_bytes()
        }
        other => other.to_bytes(),
    }
}
