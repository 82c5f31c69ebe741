//! What `validate` and `check` share: which fixtures run, and what is written
//! of each run.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};

use super::report::{Files, annotate, conclude};
use super::{Exit, UsageError};
use crate::cli::{Run, Selection, Shard};
use crate::fixture::Requirements;
use crate::report::github::{Places, path_in};
use crate::report::{Report, ndjson, terminal};
use crate::results::{Expectation, KnownFailures, Record, settle};

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
    requirements: &Requirements,
) -> Result<KnownFailures, UsageError> {
    let problem = |error: &dyn std::fmt::Display| UsageError(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| problem(&error))?;
    KnownFailures::parse(&text, ids, requirements).map_err(|error| problem(&error))
}

/// Whether a run leaves no fixture out.
pub(super) fn is_whole(options: &Run, selection: &Selection) -> bool {
    options.shard.is_none() && selection.only.is_empty() && selection.skip.is_empty()
}

/// Takes the records of a run as they come.
pub(super) struct Recorder<'a> {
    options: &'a Run,
    requirements: &'a Requirements,
    files: Files,
    /// Where annotations stand, if there are to be any.
    github: Option<Places>,
    results: Option<ndjson::Writer<BufWriter<File>>>,
    failed: Option<UsageError>,
    progress: ProgressBar,
    records: Vec<Record>,
    /// How many records there will be.
    planned: usize,
    /// Where the records of the present client or server begin.
    begun: usize,
    /// What is on a list of known failures, and shows no more.
    unshown: Vec<String>,
    /// The fixtures that were not judged, where a run that broke off names them.
    left: Vec<String>,
}

impl<'a> Recorder<'a> {
    /// Opens every file, so that a long run is not in vain.
    pub(super) fn open(
        options: &'a Run,
        selection: &Selection,
        program: &[String],
        requirements: &'a Requirements,
        planned: usize,
    ) -> Result<Self, UsageError> {
        Ok(Self {
            options,
            requirements,
            files: Files::open(&options.reports, None, options.write_known_failures.as_deref())?,
            github: options.reports.github.then(|| places(options, selection, program)),
            results: options.results.as_deref().map(results_file).transpose()?,
            failed: None,
            progress: ProgressBar::hidden(),
            records: Vec::new(),
            planned,
            begun: 0,
            unshown: Vec::new(),
            left: Vec::new(),
        })
    }

    /// Starts the progress bar of another client or server.
    pub(super) fn begin(&mut self, name: &str, fixtures: usize) {
        self.begun = self.records.len();
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

    /// Takes a record; prints it, if each failure is to be printed.
    pub(super) fn add(&mut self, record: Record) {
        if self.options.verbose && record.expectation != Expectation::Expected {
            let text = terminal::failure(&record, self.requirements);
            self.progress.suspend(|| anstream::eprintln!("{text}"));
        }
        if let Some(Err(error)) = self.results.as_mut().map(|results| results.write(&record)) {
            self.failed = Some(UsageError(format!("--results: {error}")));
        }
        self.records.push(record);
        self.progress.inc(1);
    }

    /// The progress bar of the client or server at hand.
    pub(super) fn progress(&self) -> ProgressBar {
        self.progress.clone()
    }

    /// Ends the whole run of a client or server: what is known to fail has
    /// failed by now.
    pub(super) fn end(&mut self, known: &KnownFailures) {
        let records = self.records.get_mut(self.begun..).unwrap_or_default();
        settle(records);
        let client = records.first().map(|record| record.client.to_string()).unwrap_or_default();
        let unshown = known.unshown(records).map(|(id, reason)| {
            format!("{client} shows finding:{id} no more: take it off the list of known failures ({reason})")
        });
        self.unshown.extend(unshown);
    }

    /// Names what a run that broke off has not judged of these fixtures.
    pub(super) fn leave<'i>(&mut self, fixtures: impl Iterator<Item = &'i str>) {
        let is_judged = |id: &str| self.records.iter().any(|record| record.fixture == id);
        self.left = fixtures.filter(|id| !is_judged(id)).map(Into::into).collect();
    }

    /// The records so far.
    pub(super) fn records(&self) -> &[Record] {
        &self.records
    }

    /// Writes the reports, the findings, the summary and the last line.
    pub(super) fn conclude(self, to_the_end: bool) -> Result<Exit, UsageError> {
        let mut notices = self.unshown.clone();
        if !to_the_end {
            let (judged, planned) = (self.records.len(), self.planned);
            notices.push(format!("interrupted: {judged} runs were judged, {} were not", planned - judged));
            if !self.left.is_empty() {
                notices.push(format!("not judged: {}", self.left.join(", ")));
            }
        }
        let (requirements, unshown) = (self.requirements, self.unshown.len());
        let records = self.write(&notices)?;
        let exit = conclude(&records, requirements, &notices, unshown)?;
        Ok(if to_the_end { exit } else { Exit::Interrupted })
    }

    /// Writes the reports; gives the records.
    pub(super) fn write(mut self, notices: &[String]) -> Result<Vec<Record>, UsageError> {
        self.progress.finish_and_clear();
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        settle(&mut self.records);
        let report = Report::new(&self.records, self.requirements, notices);
        self.files.write(&report)?;
        if let Some(places) = &self.github {
            annotate(&report, places)?;
        }
        Ok(self.records)
    }
}

/// The user's own files: of a command, the first part that is one.
fn places(options: &Run, selection: &Selection, program: &[String]) -> Places {
    let root = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
    let place = |path: &Path| path_in(root.as_deref(), path);
    Places {
        program: program.iter().map(Path::new).filter(|path| path.is_file()).find_map(place),
        fixtures: selection.fixtures.as_deref().and_then(place),
        known_failures: options.known_failures.as_deref().and_then(place),
    }
}

fn results_file(path: &Path) -> Result<ndjson::Writer<BufWriter<File>>, UsageError> {
    let file =
        File::create(path).map_err(|error| UsageError(format!("--results {}: {error}", path.display())))?;
    ndjson::Writer::new(BufWriter::new(file)).map_err(|error| UsageError(format!("--results: {error}")))
}
