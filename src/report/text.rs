//! Text that others wrote, in the forms that reports have.

use std::collections::BTreeMap;

use crate::fixture::{Basis, Requirement, Source};
use crate::judge::Mismatch;
pub(super) use crate::text::{cut, one_line, visible};

/// What was expected and what was seen, each cut around their first difference.
pub(super) fn pair(mismatch: &Mismatch, most: usize) -> [String; 2] {
    let (expected, seen) = (&*mismatch.expected, &*mismatch.seen);
    [around(expected, seen, most), around(seen, expected, most)]
}

/// Text cut to a number of characters, around its first difference from another.
fn around(text: &str, other: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    // The member's name stands before the first colon, and is kept.
    let kept = text.find(": ").map_or(0, |at| at + 2).min(most / 2);
    let same = text.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let room = most.saturating_sub(kept);
    let start = same.saturating_sub(room / 3).clamp(kept, count.saturating_sub(room).max(kept));
    let name: String = text.chars().take(kept).collect();
    let part: String = text.chars().skip(start).take(room).collect();
    let dots = |is_cut: bool| if is_cut { "..." } else { "" };
    format!("{name}{}{part}{}", dots(start > kept), dots(start + room < count))
}

/// Text on one line, cut to a number of characters.
pub(super) fn brief(text: &str, most: usize) -> String {
    let text = visible(text).replace(['\n', '\t'], " ");
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// Ids of fixtures, group by group, in the form that globs have:
/// `error/{json-array,json-null} limit/size`.
pub(super) fn ids<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for id in ids {
        let (group, name) = id.split_once('/').unwrap_or(("", id));
        groups.entry(group).or_default().push(name);
    }
    let group = |(group, names): (&str, Vec<&str>)| match names.as_slice() {
        [name] if group.is_empty() => (*name).to_owned(),
        [name] => format!("{group}/{name}"),
        names => format!("{group}/{{{}}}", names.join(",")),
    };
    visible(&groups.into_iter().map(group).collect::<Vec<_>>().join(" ")).into_owned()
}

/// Text as lines of a width, each behind an indent; what is longer than `most`
/// lines is cut. Lines break after white space and between ids.
pub(super) fn wrapped(text: &str, indent: &str, width: usize, most: usize) -> String {
    let room = width.saturating_sub(indent.len()).max(1);
    let mut lines: Vec<String> = Vec::new();
    let mut line: Vec<char> = Vec::new();
    for piece in text.split_inclusive([' ', ',']) {
        if line.len() + piece.trim_end().chars().count() > room && !line.is_empty() {
            lines.push(line.drain(..).collect());
        }
        line.extend(piece.chars());
        while line.len() > room + 1 {
            lines.push(line.drain(..room).collect());
        }
    }
    lines.push(line.into_iter().collect());
    let cut = lines.len() > most;
    lines.truncate(most);
    if let Some(last) = lines.last_mut().filter(|_| cut) {
        *last = format!("{} …", last.chars().take(room.saturating_sub(2)).collect::<String>().trim_end());
    }
    // What stood within a line may begin one now.
    lines.iter().map(|line| format!("{indent}{}\n", visible(line.trim_end()))).collect()
}

/// Markdown for prose of this project, in which backticks mean code: it stays
/// on its line and in its table cell.
pub(super) fn prose(text: &str) -> String {
    visible(text).replace(['\n', '\t'], " ").replace('&', "&amp;").replace('<', "&lt;").replace('|', "&#124;")
}

/// Markdown for one line of foreign text as code. Where a code span could not
/// hold it, every sign that Markdown or its hosts know becomes an entity.
pub(super) fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let text = visible(text).replace('\n', "\\n").replace('\t', "\\t");
    let plain = |c: char| !matches!(c, '`' | '|' | '<' | '&');
    if text.trim() == text && text.chars().all(plain) {
        return format!("`{text}`");
    }
    let mut out = String::from("<code>");
    for c in text.chars() {
        match c {
            c if c.is_ascii_punctuation() => out.push_str(&format!("&#{};", u32::from(c))),
            c => out.push(c),
        }
    }
    out + "</code>"
}

/// Markdown for foreign text as a block of code that nothing in it can end.
pub(super) fn fence(text: &str) -> String {
    fence_of("text", text)
}

/// The same, with a word for its language.
pub(super) fn fence_of(language: &str, text: &str) -> String {
    let text = visible(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

/// Markdown for sources: links, where they are on the web.
pub(super) fn links(sources: &[Source]) -> String {
    let link = |source: &Source| match &*source.link() {
        url if url.starts_with("https://") => format!("[{}](<{}>)", prose(&source.title), prose(url)),
        path => format!("{} ({})", prose(&source.title), code(path)),
    };
    sources.iter().map(link).collect::<Vec<_>>().join("; ")
}

/// What to say of a requirement that a document states, where a rule of this
/// project makes it count.
pub(super) fn remark(basis: Basis, requirement: &Requirement) -> &'static str {
    match (basis, requirement.basis) {
        (Basis::Project, Basis::Document) => {
            " That it applies to this case is a rule of this project (docs/rulings.md)."
        }
        _ => "",
    }
}
