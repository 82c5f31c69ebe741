//! Text that others wrote, made fit to show: clients and servers put into
//! their messages whatever they were sent.

use std::borrow::Cow;

/// How lines begin that a CI server may take for a command wherever they
/// stand in a line: GitHub's old form, Azure Pipelines and TeamCity.
const COMMANDS: &[&str] = &["##[", "##vso[", "##teamcity["];

/// Text in which nothing is hidden: what a terminal or a browser would act on or
/// hide stands as an escape such as `\u{1b}`. Line feeds and tabs stay.
#[cfg(feature = "cli")]
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hidden(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out.into()
}

/// Text in which nothing is hidden or obeyed. What a terminal or a browser
/// would act on or hide stands as an escape such as `\u{1b}`, and so does the
/// first character of what a CI server would take for a command. Line feeds and
/// tabs stay.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    let is_command = |text: &str| begins_command(text) || COMMANDS.iter().any(|of| text.starts_with(of));
    if !text.contains(is_hidden) && !text.contains("::") && !text.contains("##") {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut is_start = true;
    for (at, c) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        let is_first = c == ':' && is_start || c == '#';
        if is_hidden(c) || is_first && is_command(rest) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
        is_start = c == '\n' || is_start && c.is_whitespace();
    }
    out.into()
}

/// Whether a line begins as a workflow command of GitHub does. White space
/// before it does not hinder GitHub.
fn begins_command(line: &str) -> bool {
    line.starts_with("::")
}

/// The same on one line: line feeds and tabs stand as `\n` and `\t`.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    match visible(text) {
        text if text.contains(['\n', '\t']) => text.replace('\n', "\\n").replace('\t', "\\t").into(),
        text => text,
    }
}

/// JSON on one line in which nothing is hidden or obeyed, with the same value:
/// only its strings can hold what is escaped.
#[cfg(feature = "cli")]
pub(crate) fn json(text: &str) -> String {
    let is_command = |text: &str| COMMANDS.iter().any(|of| text.starts_with(of));
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if is_hidden(c) || c == '#' && text.get(at..).is_some_and(is_command) {
            let units = c.encode_utf16(&mut [0; 2]).to_vec();
            out.extend(units.into_iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

/// Text cut to a number of characters, with a note about the cut.
#[cfg(feature = "harness")]
pub(crate) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}... (cut)", text.get(..at).unwrap_or_default()).into(),
        None => text.into(),
    }
}

fn is_hidden(c: char) -> bool {
    let control = c.is_control() && !matches!(c, '\n' | '\t');
    // Marks that turn the direction of writing, and characters of no width.
    let format = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
        | '\u{e0000}'..='\u{e007f}');
    control || format
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_as_it_is() {
        for text in ["", "a\n\tb", "std::io::Error", "a ::b", "# of ##", "naïve 日本 🎉", "[::1]:80"] {
            assert!(matches!(visible(text), Cow::Borrowed(_)) || visible(text) == text, "{text:?}");
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn every_control_character_becomes_an_escape() {
        let controls = ('\0'..='\u{9f}').filter(|c| c.is_control() && !matches!(c, '\n' | '\t'));
        for c in controls.chain(['\u{202e}', '\u{2066}', '\u{200b}', '\u{2028}', '\u{feff}']) {
            assert_eq!(visible(&format!("a{c}b")), format!("a\\u{{{:x}}}b", u32::from(c)));
        }
    }

    #[test]
    fn what_a_ci_server_would_obey_does_not_begin_a_line() {
        for (text, shown) in [
            ("::error::x", "\\u{3a}:error::x"),
            ("a\n \t::set-env::x", "a\n \t\\u{3a}:set-env::x"),
            ("a ##[error]x", "a \\u{23}#[error]x"),
            ("##vso[task]", "\\u{23}#vso[task]"),
            ("a\r::error::x", "a\\u{d}::error::x"),
        ] {
            assert_eq!(visible(text), shown);
            assert_eq!(visible(&visible(text)), shown, "twice");
        }
    }

    #[cfg(feature = "cli")]
    #[test]
    fn json_keeps_its_value() {
        let text = "\u{7f}\u{9b}31m\u{202e}\u{2028}\u{e0041}\u{1b} ##[error]x # \n naïve";
        let line = json(&serde_json::to_string(text).unwrap_or_default());
        assert!(!line.contains(is_hidden) && !line.contains("##["), "{line}");
        assert_eq!(serde_json::from_str::<String>(&line).ok().as_deref(), Some(text));
    }

    #[test]
    fn a_line_has_no_line_break() {
        assert_eq!(one_line("a\n::error::b\tc"), "a\\n\\u{3a}:error::b\\tc");
    }
}
