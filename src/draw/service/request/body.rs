//! A request's body, as it is written.

use super::super::{Addition, Data, File, Of};
use super::ResponseBuilder;
use crate::draw::response_builder::edited;
use crate::draw::text::quoted;
use crate::fixture::{Body, Repeat};
use crate::wire::encode::base64;

impl ResponseBuilder<'_> {
    /// The body, with no more repetitions than these.
    pub(super) fn body(&self, addition: &Addition, names: &[String], id: Option<&str>, most: u32) -> Body {
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
        if let Some(file) = files.first_mut() {
            for (of, key) in [(Of::FileName, name("fileName")), (Of::Data, name("data"))] {
                match given(of) {
                    Some(Some(value)) => {
                        let member = file.iter_mut().filter(|(name, _)| *name == key);
                        member.for_each(|(_, own)| *own = value.into());
                    }
                    Some(None) => file.retain(|(name, _)| *name != key),
                    None => {}
                }
            }
        }
        let mut items: Vec<_> = files.iter().map(|file| self.object(file)).collect();
        if let Some(given) = given(Of::First).filter(|_| !items.is_empty()) {
            items.splice(..1, given.map(str::to_owned)).for_each(drop);
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
