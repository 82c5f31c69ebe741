//! What `validate` and `check` share: which fixtures run, and what is written
//! of each run.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use super::report::{Files, conclude};
use super::{Exit, UsageError};
use crate::cli::{Run, Shard};
use crate::fixture::Requirements;
use crate::report::{Report, ndjson, terminal};
use crate::results::{Expectation, KnownFailures, Record};

/// Every K-th fixture of N, so that the parts take about as long.
pub(super) fn part<T>(fixtures: Vec<T>, shard: Option<Shard>) -> Result<Vec<T>, UsageError> {
    let Shard { part, of } = shard.unwrap_or(Shard { part: 1, of: 1 });
    let fixtures: Vec<_> = fixtures.into_iter().skip(part - 1).step_by(of).collect();
    match fixtures.is_empty() {
        true => Err(UsageError(format!("--shard {part}/{of}: no fixture is left for this part"))),
        false => Ok(fixtures),
    }
}

/// Reads a list of known failures; `ids` are those of all fixtures.
pub(super) fn known<'a>(
    path: &Path,
    ids: impl Iterator<Item = &'a str> + Clone,
) -> Result<KnownFailures, UsageError> {
    let problem = |error: &dyn std::fmt::Display| UsageError(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| problem(&error))?;
    KnownFailures::parse(&text, ids).map_err(|error| problem(&error))
}

/// Takes the records of a run as they come.
pub(super) struct Recorder<'a> {
    requirements: &'a Requirements,
    files: Files,
    results: Option<ndjson::Writer<BufWriter<File>>>,
    failed: Option<UsageError>,
    progress: ProgressBar,
    records: Vec<Record>,
}

impl<'a> Recorder<'a> {
    /// Opens every file, so that a long run is not in vain.
    pub(super) fn open(options: &Run, requirements: &'a Requirements) -> Result<Self, UsageError> {
        Ok(Self {
            requirements,
            files: Files::open(&options.reports, None)?,
            results: options.results.as_deref().map(results_file).transpose()?,
            failed: None,
            progress: ProgressBar::hidden(),
            records: Vec::new(),
        })
    }

    /// Starts the progress bar of another client or server.
    pub(super) fn begin(&mut self, name: &str, fixtures: usize) {
        self.progress.finish_and_clear();
        // Hidden by itself where standard error is not a terminal.
        self.progress = ProgressBar::new(fixtures as u64);
        if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} {elapsed}") {
            self.progress.set_style(style);
        }
        self.progress.set_message(name.to_owned());
    }

    /// Starts the line of a search, which has no end in sight.
    pub(super) fn begin_search(&mut self) {
        self.progress.finish_and_clear();
        self.progress = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{msg} {elapsed}") {
            self.progress.set_style(style);
        }
    }

    /// Says how a search goes.
    pub(super) fn tell(&self, message: String) {
        self.progress.set_message(message);
    }

    /// Prints a line that stays.
    pub(super) fn note(&self, line: &str) {
        self.progress.suspend(|| anstream::eprintln!("{line}"));
    }

    /// Takes a record, and prints it if it was not expected.
    pub(super) fn add(&mut self, record: Record) {
        if record.expectation != Expectation::Expected {
            let text = terminal::failure(&record, self.requirements);
            self.progress.suspend(|| anstream::eprintln!("{text}"));
        }
        if let Some(Err(error)) = self.results.as_mut().map(|results| results.write(&record)) {
            self.failed = Some(UsageError(format!("--results: {error}")));
        }
        self.records.push(record);
        self.progress.inc(1);
    }

    /// The records so far.
    pub(super) fn records(&self) -> &[Record] {
        &self.records
    }

    /// Writes the reports, the summary and the last line.
    pub(super) fn conclude(self) -> Result<Exit, UsageError> {
        let records = self.write()?;
        conclude(&records)
    }

    /// Writes the reports; gives the records.
    pub(super) fn write(self) -> Result<Vec<Record>, UsageError> {
        self.progress.finish_and_clear();
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        self.files.write(&Report::new(&self.records, self.requirements, &[]))?;
        Ok(self.records)
    }
}

fn results_file(path: &Path) -> Result<ndjson::Writer<BufWriter<File>>, UsageError> {
    let file =
        File::create(path).map_err(|error| UsageError(format!("--results {}: {error}", path.display())))?;
    ndjson::Writer::new(BufWriter::new(file)).map_err(|error| UsageError(format!("--results: {error}")))
}
