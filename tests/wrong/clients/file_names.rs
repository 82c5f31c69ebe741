//! File names that do not arrive as they were given.

use crate::clients::edit;
use crate::clients::mutant::Defect::Input;
use crate::clients::mutant::{Mutant, mutant};

pub(crate) static FILE_NAMES: &[Mutant] = &[
    mutant("names-trimmed", "trims file names", Input(|input| edit::names(input, |name| name.trim().into()))),
    mutant(
        "names-without-folder",
        "sends what follows the last slash of a file name",
        Input(|input| {
            edit::names(input, |name| name.rsplit(['/', '\\']).next().unwrap_or_default().into());
        }),
    ),
    mutant(
        "names-made-safe",
        "replaces what file systems forbid in names",
        Input(|input| {
            edit::names(input, |name| name.replace(['/', '\\', ':', '*', '?', '"', '<', '>', '|'], "_"));
        }),
    ),
    mutant(
        "names-without-controls",
        "drops control characters from file names",
        Input(|input| {
            edit::names(input, |name| name.chars().filter(|c| !c.is_control()).collect());
        }),
    ),
    mutant(
        "names-in-ascii",
        "replaces what is not ASCII in file names",
        Input(|input| {
            edit::names(input, |name| name.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect());
        }),
    ),
    mutant(
        "names-in-plane-0",
        "replaces characters beyond U+FFFF in file names",
        Input(|input| {
            edit::names(input, |name| {
                name.chars().map(|c| if c < '\u{10000}' { c } else { '\u{fffd}' }).collect()
            });
        }),
    ),
    mutant(
        "names-composed",
        "composes accents in file names, as NFC does",
        Input(|input| {
            let pairs = [
                ("a\u{308}", "ä"),
                ("e\u{301}", "é"),
                ("o\u{308}", "ö"),
                ("u\u{308}", "ü"),
                ("n\u{303}", "ñ"),
            ];
            edit::names(input, |name| {
                pairs.iter().fold(name.into(), |name: String, (from, to)| name.replace(from, to))
            });
        }),
    ),
    mutant(
        "names-decomposed",
        "decomposes accents in file names, as a file system does",
        Input(|input| {
            let pairs = [
                ("a\u{308}", "ä"),
                ("e\u{301}", "é"),
                ("o\u{308}", "ö"),
                ("u\u{308}", "ü"),
                ("n\u{303}", "ñ"),
            ];
            edit::names(input, |name| {
                pairs.iter().fold(name.into(), |name: String, (to, from)| name.replace(from, to))
            });
        }),
    ),
    mutant(
        "names-lower-case",
        "lower-cases file names",
        Input(|input| {
            edit::names(input, |name| name.to_lowercase());
        }),
    ),
    mutant(
        "names-cut-at-255",
        "cuts file names at 255 characters",
        Input(|input| {
            edit::names(input, |name| name.chars().take(255).collect());
        }),
    ),
    mutant(
        "names-up-to-nul",
        "takes file names for C strings",
        Input(|input| {
            edit::names(input, |name| name.split('\0').next().unwrap_or_default().into());
        }),
    ),
    mutant(
        "names-html-escaped",
        "escapes file names as HTML",
        Input(|input| {
            edit::names(input, |name| {
                let name = name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                name.replace('"', "&quot;").replace('\'', "&#39;")
            });
        }),
    ),
    mutant(
        "names-url-decoded",
        "decodes percent signs in file names",
        Input(|input| {
            edit::names(input, |name| {
                name.replace("%20", " ").replace("%2F", "/").replace("%2e", ".").replace("%s", "")
            });
        }),
    ),
    mutant(
        "empty-names-dropped",
        "leaves out a file name that is empty",
        Input(|input| {
            for file in edit::files(input) {
                file.file_name = file.file_name.take().filter(|name| !name.is_empty());
            }
        }),
    ),
    mutant(
        "names-invented",
        "gives a file without a name one",
        Input(|input| {
            for file in edit::files(input) {
                file.file_name.get_or_insert_with(|| "attachment".into());
            }
        }),
    ),
];
