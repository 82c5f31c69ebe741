//! The request as encoders write it: known members, each once and none null.
//!
//! Its files are most of it. Here the end of each is searched for, and its
//! bytes are looked at once more, by the base64 decoder; a JSON parser would
//! first look at each as text.

use memchr::{memchr, memchr2};

use crate::model::{Attachment, Input};
use crate::wire::encode::from_base64;

/// The most attachments that are decoded here: what the decoded input takes
/// is hardly more than the body does.
const MAX_ATTACHMENTS: usize = 100;

/// The input in a body as encoders write it; None for every body that has an
/// oddity, an error or very many attachments: [`input`](super::input) knows
/// what to say of it.
#[must_use]
pub fn plain_input(body: &[u8]) -> Option<Input> {
    let mut json = Json(body);
    let mut input = Input::default();
    json.object(|json, name| match name {
        b"attachmentSetId" => once(&mut input.attachment_set_id, json.text()?),
        b"attachments" => once(&mut input.attachments, json.array(attachment)?),
        b"dryRun" => once(&mut input.dry_run, json.boolean()?),
        _ => None,
    })?;
    json.skip_space();
    json.0.is_empty().then_some(input)
}

fn attachment(json: &mut Json<'_>) -> Option<Attachment> {
    let mut attachment = Attachment::default();
    json.object(|json, name| match name {
        b"fileName" => once(&mut attachment.file_name, json.text()?),
        b"data" => once(&mut attachment.data, json.base64()?),
        _ => None,
    })?;
    Some(attachment)
}

fn once<T>(member: &mut Option<T>, value: T) -> Option<()> {
    member.replace(value).is_none().then_some(())
}

/// What is left to read.
struct Json<'a>(&'a [u8]);

impl<'a> Json<'a> {
    fn skip_space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.0 {
            self.0 = rest;
        }
    }

    fn token(&mut self, token: &[u8]) -> Option<()> {
        self.skip_space();
        self.0 = self.0.strip_prefix(token)?;
        Some(())
    }

    /// Reads what stands between two brackets, with commas between.
    fn list(
        &mut self,
        [open, close]: [&[u8]; 2],
        mut item: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        self.token(open)?;
        if self.token(close).is_some() {
            return Some(());
        }
        loop {
            item(self)?;
            if self.token(close).is_some() {
                return Some(());
            }
            self.token(b",")?;
        }
    }

    /// Reads an object; `member` gets each name and reads its value.
    fn object(&mut self, mut member: impl FnMut(&mut Self, &[u8]) -> Option<()>) -> Option<()> {
        self.list([b"{", b"}"], |json| {
            let name = json.quoted()?;
            json.token(b":")?;
            member(json, name)
        })
    }

    fn array<T>(&mut self, item: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut items = Vec::new();
        self.list([b"[", b"]"], |json| {
            items.push(item(json)?);
            (items.len() <= MAX_ATTACHMENTS).then_some(())
        })?;
        Some(items)
    }

    fn boolean(&mut self) -> Option<bool> {
        if self.token(b"true").is_some() { Some(true) } else { self.token(b"false").map(|()| false) }
    }

    fn text(&mut self) -> Option<String> {
        self.skip_space();
        let start = self.0;
        let len = self.quoted()?.len() + 2;
        serde_json::from_slice(start.get(..len)?).ok()
    }

    fn base64(&mut self) -> Option<Vec<u8>> {
        self.token(b"\"")?;
        // Base64 has no escapes: where the mark is an escaped one, the
        // backslash before it is refused.
        let (data, rest) = self.0.split_at(memchr(b'"', self.0)?);
        self.0 = rest.strip_prefix(b"\"")?;
        from_base64(data).ok()
    }

    /// What stands between the quotation marks of a string, escapes and all;
    /// whether it is a string's content its reader must tell.
    fn quoted(&mut self) -> Option<&'a [u8]> {
        self.token(b"\"")?;
        let start = self.0;
        let mut end = 0;
        loop {
            end += memchr2(b'"', b'\\', start.get(end..)?)?;
            if start.get(end) == Some(&b'"') {
                self.0 = start.get(end + 1..)?;
                return start.get(..end);
            }
            // Past the backslash and what it escapes.
            end += 2;
        }
    }
}
