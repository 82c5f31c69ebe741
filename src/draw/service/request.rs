//! A request while mutations are done to it.

mod body;

use std::collections::BTreeMap;

use super::super::mutation::Edit;
use super::super::text::Quoting;
use super::{Addition, Mutation, Of, Which};
use crate::fixture::{Body, ServiceRequest, Sign, Spelling};
use crate::oracle::json;

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

/// A request while mutations are done to it.
struct ResponseBuilder<'a> {
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
pub(super) fn written(addition: &Addition, names: &[String], mutations: &[Mutation]) -> Written {
    let mut builder = ResponseBuilder {
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
    mutations.iter().for_each(|mutation| builder.mutation(mutation));
    builder.written(addition, names)
}

impl<'a> ResponseBuilder<'a> {
    fn mutation(&mut self, mutation: &'a Mutation) {
        match mutation {
            Mutation::Method(method) => self.method = method,
            Mutation::Path(path) => self.target = path,
            Mutation::Field(name, value) => {
                if *name == "authorization" {
                    self.sign = Sign::None;
                }
                self.fields.insert(name, *value);
            }
            Mutation::Sign(sign) => {
                self.sign = *sign;
                self.fields.remove("authorization");
            }
            Mutation::Spelled(spelling) => {
                if !self.spelling.contains(spelling) {
                    self.spelling.push(*spelling);
                }
            }
            Mutation::Value(of, value) => self.values.push((*of, Some(value))),
            Mutation::Without(of) => self.values.push((*of, None)),
            Mutation::Extra(name, value, first) => self.extras.push((name, value, *first)),
            Mutation::Quoted(form) => self.quoting = *form,
            Mutation::Space(space) => self.space = space,
            Mutation::Reversed => self.reversed = true,
            Mutation::Many(times) => self.many = Some(*times),
            Mutation::Padding(bytes) => self.padding = Some(*bytes),
            Mutation::Depth(depth) => self.depth = Some(*depth),
            Mutation::Body(body) => self.body = Some(body),
            Mutation::BodyBytes(edit) => self.edits.push(edit.clone()),
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
    let (json, features) = json::read(text.as_bytes()).ok()?;
    let is_plain = !features.duplicate_keys && json.member("attachmentSetId").is_none();
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
