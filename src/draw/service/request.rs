//! A request while twists are done to it.

mod body;

use std::collections::BTreeMap;

use super::super::text::Quoting;
use super::super::twist::Edit;
use super::{Addition, Of, Twist, Which};
use crate::fixture::{Body, ServiceRequest, Sign, Spelling};
use crate::law::json;

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
    spelling: Vec<Spelling>,
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
        spelling: Vec::new(),
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
            Twist::Spelled(spelling) => {
                if !self.spelling.contains(spelling) {
                    self.spelling.push(*spelling);
                }
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
            spelling: self.spelling.clone(),
        };
        Written { request, body: read, takes_id }
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
