//! `list`, `explain`, `requirements` and `schema`.

use std::fmt::Write as _;
use std::path::Path;

use super::{Error, Exit, UsageError, explain, load, print, select};
use crate::cli::{Explain, SchemaName, Selection};
use crate::file;
use crate::fixture::{Entry, Fixture, Set, cited};
use crate::judge;
use crate::nearest::hint;
use crate::oracle::{self, Answer, Attribution};
use crate::reproduce;
use crate::results::reply_text;
use crate::text::{one_line, visible};

pub(super) fn list(selection: &Selection) -> Result<Exit, Error> {
    let set = load(selection)?;
    let all: Vec<_> = set.entries().collect();
    let fixtures = select(&all, "client/ or service/", |entry| entry.id, selection)?;
    let width = fixtures.iter().map(|fixture| fixture.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    for fixture in &fixtures {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{:<width$}  {:<6}  {}",
            one_line(fixture.id),
            fixture.level.as_str(),
            one_line(fixture.title)
        );
    }
    print(out.as_bytes())?;
    Ok(Exit::Conforms)
}

pub(super) fn explain(options: &Explain) -> Result<Exit, Error> {
    let set = load(&Selection { fixtures: options.fixtures.clone(), ..Selection::default() })?;
    let id = options.id.as_str();
    if options.wire || options.python || options.sh {
        let fixture = set.find(id).ok_or_else(|| no_client_fixture(&set, id))?;
        let text = match (options.wire, options.python) {
            (true, _) => reproduce::wire(fixture),
            (_, true) => reproduce::python(fixture, &set.requirements).into_bytes(),
            _ => {
                let script = reproduce::sh(fixture, &set.requirements);
                let cannot = || UsageError(format!("{id}: a shell cannot serve this; give --python"));
                script.ok_or_else(cannot)?.into_bytes()
            }
        };
        print(&text)?;
        return Ok(Exit::Conforms);
    }
    let text = match (set.entries().find(|entry| entry.id == id), set.requirements.get(id)) {
        (Some(entry), _) => fixture(&set, &entry),
        (None, Some(requirement)) => explain::requirement(&set, requirement),
        (None, None) => explain::finding(&set, id)
            .or_else(|| explain::rule(id))
            .ok_or_else(|| explain::unknown(&set, id))?,
    };
    print(visible(&text).as_bytes())?;
    Ok(Exit::Conforms)
}

/// The mistake of naming a client-role fixture that there is not.
pub(super) fn no_client_fixture(set: &Set, id: &str) -> UsageError {
    let hint = hint(id, set.client.iter().map(|fixture| &fixture.id));
    UsageError(format!("there is no client-role fixture {id:?}{hint}; see `attachset list`"))
}

fn fixture(set: &Set, entry: &Entry<'_>) -> String {
    let level = entry.level.as_str();
    let mut out = format!("{}\n{}\n\n{}\n\nlevel: {level}\n", entry.id, entry.title, entry.why);
    for cited in entry.cites.iter().filter_map(|id| set.requirements.get(id)) {
        let _ = writeln!(out, "cites {}: {} [{}]", cited.id, cited.says, cited.cited());
    }
    if let Some(fixture) = set.find(entry.id) {
        for (defect, Attribution { requirement, otherwise }) in oracle::attributions(fixture) {
            let all = [vec![requirement], otherwise].concat().join(", or else to ");
            let _ = writeln!(out, "attributes {} to {all}", defect.as_str());
        }
        if let Some(beyond) = &fixture.beyond {
            let _ = writeln!(out, "beyond the rules for responses: {beyond}");
        }
        calls(&mut out, fixture);
    }
    if let Some(fixture) = set.find_service(entry.id) {
        for (index, step) in fixture.steps.iter().enumerate() {
            let _ = writeln!(out, "\nstep {}\n{}", index + 1, pretty(step));
        }
    }
    out
}

fn calls(out: &mut String, fixture: &Fixture) {
    for (index, step) in fixture.steps.iter().enumerate() {
        let _ = writeln!(out, "\ncall {}\n{}", index + 1, pretty(&step.call));
        for (index, reply) in step.replies.iter().enumerate() {
            let _ = writeln!(out, "\nreply {}\n{}", index + 1, reply_text(reply));
            let ruling = oracle::rule(step.call.operation(), &Answer::of(reply, fixture.timeout_ms));
            let _ = writeln!(
                out,
                "\nrule for this response ({}): {} [{}]",
                ruling.level.as_str(),
                ruling.says,
                cited(ruling.sources)
            );
            for variation in ruling.variations {
                let _ = writeln!(out, "permitted variation: {variation}");
            }
        }
        let _ = writeln!(out, "\noutcome\n{}", pretty(&step.outcome));
    }
}

pub(super) fn requirements() -> Result<Exit, Error> {
    let set = load(&Selection::default())?;
    let mut out = String::new();
    let mut uncovered = 0;
    let judged = judge::requirements();
    for requirement in &set.requirements.requirements {
        let by: Vec<_> = citing(&set, &requirement.id).collect();
        let _ = writeln!(out, "{}  [{}]\n  {}", requirement.id, requirement.cited(), requirement.says);
        match (by.as_slice(), &requirement.excuse) {
            ([], _) if judged.contains(&requirement.id.as_str()) => {
                out.push_str("  - every client-role fixture whose level is must or should\n");
            }
            ([], None) => {
                uncovered += 1;
                out.push_str("  UNCOVERED\n");
            }
            ([], Some(excuse)) => {
                let _ = writeln!(out, "  no fixture: {excuse}");
            }
            (by, _) => {
                for fixture in by {
                    let _ = writeln!(out, "  - {}", fixture.id);
                }
            }
        }
    }
    print(out.as_bytes())?;
    anstream::eprintln!("{} requirements, {uncovered} uncovered", set.requirements.requirements.len());
    Ok(if uncovered == 0 { Exit::Conforms } else { Exit::Unexpected })
}

fn pretty(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).expect("all keys are strings")
}

pub(super) fn citing<'a>(set: &'a Set, id: &'a str) -> impl Iterator<Item = Entry<'a>> {
    set.entries().filter(move |fixture| fixture.cites.iter().any(|cited| cited == id))
}

pub(super) fn copy(dir: &Path) -> Result<Exit, Error> {
    if std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(UsageError(format!("{}: the folder is not empty; name a new one", dir.display())).into());
    }
    let files = Set::files();
    for (name, bytes) in &files {
        let path = file::inside(dir, name).map_err(UsageError::new)?;
        let write = || {
            std::fs::create_dir_all(path.parent().unwrap_or(dir))?;
            std::fs::write(&path, bytes)
        };
        write().map_err(|error| UsageError(format!("{}: {error}", path.display())))?;
    }
    anstream::eprintln!("{} files written to {}", files.len(), dir.display());
    Ok(Exit::Conforms)
}

pub(super) fn schema(name: SchemaName) -> Result<Exit, Error> {
    let file = match name {
        SchemaName::Fixture => "schema/fixture.json",
        SchemaName::ServiceFixture => "schema/service-fixture.json",
        SchemaName::Requirements => "schema/requirements.json",
    };
    let text =
        Set::files().remove(file).ok_or_else(|| UsageError(format!("{file} is not part of this build")))?;
    print(&text)?;
    Ok(Exit::Conforms)
}
