//! Files that a user names, read within bounds.

use std::io::{self, Read as _};
use std::path::Path;
#[cfg(feature = "cli")]
use std::path::{Component, PathBuf};

/// The longest fixture or manifest, in bytes.
pub(crate) const MAX_FIXTURE: u64 = 4 << 20;
/// The longest list of known failures, in bytes.
#[cfg(feature = "cli")]
pub(crate) const MAX_LIST: u64 = 1 << 20;
/// The longest input that a fuzzer left, in bytes.
#[cfg(feature = "cli")]
pub(crate) const MAX_INPUT: u64 = 16 << 20;

/// Opens a regular file. Reading from a named pipe or a device could wait for
/// ever, or never end. `/dev/null` is an empty file.
///
/// # Errors
/// Where the path is something else, or the file cannot be opened.
pub(crate) fn open(path: &Path) -> io::Result<std::fs::File> {
    let kind = std::fs::metadata(path)?.file_type();
    if kind.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder, expected a file"));
    }
    if !kind.is_file() && path != Path::new("/dev/null") {
        return Err(io::Error::other("it is a pipe, a socket or a device, expected a regular file"));
    }
    std::fs::File::open(path)
}

/// Reads a regular file of at most so many bytes.
///
/// # Errors
/// As [`open`], and where the file is longer or cannot be read.
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it is longer than {most} bytes")));
    }
    Ok(bytes)
}

/// The place of a file in a folder, for a name whose parts are plain: neither
/// `..` nor a root leads out of the folder.
///
/// # Errors
/// Where the name leads elsewhere, or says nothing.
#[cfg(feature = "cli")]
pub(crate) fn inside(folder: &Path, name: &str) -> io::Result<PathBuf> {
    let is_plain = |part| matches!(part, Component::Normal(_));
    let has_backslash = name.contains('\\');
    match !name.is_empty() && !has_backslash && Path::new(name).components().all(is_plain) {
        true => Ok(folder.join(name)),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("the name {name:?} leads out of the folder {}", folder.display()),
        )),
    }
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_inside_its_folder() {
        let folder = Path::new("folder");
        assert_eq!(
            inside(folder, "client/found/x.json").unwrap_or_default(),
            folder.join("client/found/x.json")
        );
        for name in ["", "..", "../x", "client/../../x", "/etc/x", ".", "a\\..\\..\\x"] {
            assert!(inside(folder, name).is_err(), "{name:?}");
        }
    }
}
