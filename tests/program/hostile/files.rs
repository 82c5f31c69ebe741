//! Files that others wrote: what is wrong with them is said at once.

use std::path::Path;
use std::process::Command;

use super::{attachset, path, said, text};

/// A usage error that says something, in few words.
#[track_caller]
fn refuses(arguments: &[&str], says: &str) {
    let output = said(attachset(arguments).spawn().unwrap());
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains(says), "{stderr:?} does not say {says:?}");
    assert!(stderr.len() < 2_000, "{} bytes", stderr.len());
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A copy of the fixtures of one group.
fn fixtures(dir: &Path) -> String {
    let fixtures = dir.join("fixtures");
    std::fs::create_dir_all(fixtures.join("client/a")).unwrap();
    std::fs::copy(
        concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/requirements.json"),
        fixtures.join("requirements.json"),
    )
    .unwrap();
    path(&fixtures).to_owned()
}

#[test]
fn a_glob_of_very_many_stars_is_refused() {
    let stars = "*".repeat(100_000);
    refuses(&["list", "--only", &stars], "it is longer than 4096 characters");
    refuses(&["list", "--skip", &stars], "it is longer than 4096 characters");
    refuses(&["validate", "--client", &stars], "it is longer than 4096 characters");
    let dir = tempfile::tempdir().unwrap();
    let known = dir.path().join("known");
    std::fs::write(&known, format!("{stars} why")).unwrap();
    refuses(&["validate", "--known-failures", path(&known)], "line 1: ****");
}

#[test]
fn a_list_of_a_million_lines_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let known = dir.path().join("known");
    std::fs::write(&known, "error/* why\n".repeat(1_000_000)).unwrap();
    refuses(&["validate", "--known-failures", path(&known)], "it is longer than 1048576 bytes");
    refuses(&["validate", "--write-known-failures", path(&known)], "it is longer than 1048576 bytes");
    assert_eq!(std::fs::metadata(&known).unwrap().len(), 12_000_000, "it is not lost");
}

#[test]
fn a_pipe_in_the_place_of_a_file_is_not_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let folder = fixtures(dir.path());
    pipe(&Path::new(&folder).join("client/a/b.json"));
    refuses(&["list", "--fixtures", &folder], "b.json: it is a pipe, a socket or a device");
    let known = dir.path().join("known");
    pipe(&known);
    refuses(&["validate", "--known-failures", path(&known)], "known: it is a pipe");
    refuses(&["promote", path(&known)], "known: it is a pipe");
    refuses(&["promote", path(dir.path())], "it is a folder");
}

#[test]
fn a_long_fixture_is_refused_and_so_is_a_folder_without_an_end() {
    let dir = tempfile::tempdir().unwrap();
    let folder = fixtures(dir.path());
    let file = Path::new(&folder).join("client/a/b.json");
    // It has no contents, only a length.
    std::fs::File::create(&file).unwrap().set_len(8 << 30).unwrap();
    refuses(&["list", "--fixtures", &folder], "b.json: it is longer than 4194304 bytes");
    std::fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink(&folder, Path::new(&folder).join("client/a/again")).unwrap();
    refuses(&["list", "--fixtures", &folder], "folders deep; a link may lead back");
}

#[test]
fn of_very_many_problems_the_first_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let folder = fixtures(dir.path());
    for number in 0..500 {
        std::fs::write(Path::new(&folder).join(format!("client/a/{number}.json")), "{").unwrap();
    }
    let output = said(attachset(&["list", "--fixtures", &folder]).spawn().unwrap());
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr.ends_with("\nand 400 more problems\n"), "{stderr}");
}
