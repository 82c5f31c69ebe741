//! The results file of a run: written as the run goes, and once more at its
//! end.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::{Error, UsageError};
use crate::report::ndjson::Writer;
use crate::results::{Plan, Record};

/// Records are written as they come, so that a run that is killed leaves them.
/// What a failure rests on, and whether it was expected, is known when the
/// whole run is: at its end a new file, with what the reports say, takes the
/// place of the first in one step. What is no file but a pipe or a device gets
/// the records at the end only.
pub(super) struct ResultsFile {
    /// As the user gave it.
    name: PathBuf,
    /// The file itself, if it is one.
    path: Option<PathBuf>,
    as_they_come: AsTheyCome,
}

/// The file while the run goes.
enum AsTheyCome {
    /// No client has begun.
    Opened(BufWriter<File>),
    Written(Writer<BufWriter<File>>),
    /// Nothing is written before the end: it is no file, or that failed.
    Nothing,
}

impl ResultsFile {
    /// Opens the file, so that a long run is not in vain.
    pub(super) fn open(name: &Path) -> Result<Self, UsageError> {
        let problem = |error| UsageError(format!("--results {}: {error}", name.display()));
        let file = File::create(name).map_err(problem)?;
        if !file.metadata().map_err(problem)?.is_file() {
            return Ok(Self { name: name.into(), path: None, as_they_come: AsTheyCome::Nothing });
        }
        // Of a link, what it leads to is written anew.
        let path = Some(name.canonicalize().map_err(problem)?);
        Ok(Self { name: name.into(), path, as_they_come: AsTheyCome::Opened(BufWriter::new(file)) })
    }

    /// Adds the plan of a client's run.
    pub(super) fn plan(&mut self, plan: &Plan) {
        let written = match std::mem::replace(&mut self.as_they_come, AsTheyCome::Nothing) {
            AsTheyCome::Opened(file) => Writer::new(file, std::slice::from_ref(plan)),
            AsTheyCome::Written(mut writer) => writer.plan(plan).map(|()| writer),
            AsTheyCome::Nothing => return,
        };
        self.as_they_come = written.map_or(AsTheyCome::Nothing, AsTheyCome::Written);
    }

    /// Adds a record. What cannot be written now may be at the end.
    pub(super) fn write(&mut self, record: &Record) {
        if let AsTheyCome::Written(writer) = &mut self.as_they_come
            && writer.write(record).is_err()
        {
            self.as_they_come = AsTheyCome::Nothing;
        }
    }

    /// Writes the results as they are at the end of the run.
    pub(super) fn end(self, plans: &[Plan], records: &[Record]) -> Result<(), Error> {
        let as_they_came = match self.as_they_come {
            AsTheyCome::Written(_) => "; the file has the records as they came",
            _ => "",
        };
        drop(self.as_they_come);
        let written = match &self.path {
            None => File::create(&self.name).and_then(|file| write(file, plans, records)),
            Some(path) => replace(path, plans, records),
        };
        written.map_err(|error| {
            Error::Output(format!("--results {}: {error}{as_they_came}", self.name.display()))
        })
    }
}

/// Writes beside a file, and then in its place.
fn replace(path: &Path, plans: &[Plan], records: &[Record]) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = File::create(&beside)
        .and_then(|file| write(file, plans, records))
        .and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        // Nothing is there to remove where it could not be made.
        let _ = std::fs::remove_file(&beside);
    }
    written
}

fn write(file: File, plans: &[Plan], records: &[Record]) -> std::io::Result<()> {
    let mut out = BufWriter::new(file);
    let mut writer = Writer::new(&mut out, plans)?;
    records.iter().try_for_each(|record| writer.write(record))?;
    out.flush()
}
