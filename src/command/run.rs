//! The recorder of `validate`, `check` and `fuzz`: takes the records of a run,
//! and writes the results and the reports.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};

use super::report::{Files, Outputs, annotate, conclude};
use super::results_file::ResultsFile;
use super::{Error, Exit, UsageError};
use crate::cli::{Run, Selection};
use crate::client::ClientInfo;
use crate::file::{self, MAX_LIST};
use crate::fixture::Requirements;
use crate::judge::Verdict;
use crate::report::github::{Places, path_in};
use crate::report::{About, Report, known_failures, terminal};
use crate::results::{Expectation, KnownFailures, Plan, Problem, ProblemKind, Record, Searched, Standing};
use crate::text::{one_line, visible};

/// Takes the records of a run as they come.
pub(super) struct Recorder<'a> {
    options: &'a Run,
    requirements: &'a Requirements,
    files: Files,
    /// The list of known failures that is to be written anew, as it was.
    old_list: String,
    /// Where annotations stand, if there are to be any.
    github: Option<Places>,
    results: Option<ResultsFile>,
    progress: ProgressBar,
    plans: Vec<Plan>,
    records: Vec<Record>,
    /// The fixtures of which a failure was printed.
    printed: HashSet<(ClientInfo, String)>,
    /// What makes the run fail beside its records.
    problems: Vec<Problem>,
}

impl<'a> Recorder<'a> {
    /// Opens every file, so that a long run is not in vain.
    pub(super) fn open(
        options: &'a Run,
        selection: &Selection,
        program: &[String],
        requirements: &'a Requirements,
    ) -> Result<Self, UsageError> {
        Ok(Self {
            options,
            requirements,
            files: Files::open(&options.reports, None, options.write_known_failures.as_deref())?,
            old_list: options.write_known_failures.as_deref().map_or(Ok(String::new()), old_list)?,
            github: options.reports.github.then(|| places(options, selection, program)),
            results: options.results.as_deref().map(ResultsFile::open).transpose()?,
            progress: ProgressBar::hidden(),
            plans: Vec::new(),
            records: Vec::new(),
            printed: HashSet::new(),
            problems: Vec::new(),
        })
    }

    /// Starts the run of a client or server, and its progress bar.
    pub(super) fn begin(&mut self, plan: Plan, fixtures: usize) {
        self.progress.finish_and_clear();
        // Hidden by itself where standard error is not a terminal.
        self.progress = ProgressBar::new(fixtures as u64);
        if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} {elapsed}") {
            self.progress.set_style(style);
        }
        self.progress.set_message(one_line(&plan.client.name).into_owned());
        self.plan(plan);
    }

    /// Starts the search of a client or server, and its line, which has no end
    /// in sight.
    pub(super) fn begin_search(&mut self, client: &ClientInfo, known: &KnownFailures) {
        self.progress.finish_and_clear();
        self.progress = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{msg} {elapsed}") {
            self.progress.set_style(style);
        }
        self.plan(Plan {
            client: client.clone(),
            fixtures: Vec::new(),
            shard: None,
            more: 0,
            strict: self.options.strict,
            search: None,
            known: known.clone(),
        });
    }

    /// Takes note of what the search that began last came to.
    pub(super) fn searched(&mut self, search: Searched) {
        if let Some(plan) = self.plans.last_mut() {
            plan.search = Some(search);
        }
    }

    fn plan(&mut self, plan: Plan) {
        if let Some(results) = &mut self.results {
            results.plan(&plan);
        }
        self.plans.push(plan);
    }

    /// Says how a search goes.
    pub(super) fn tell(&self, message: String) {
        self.progress.set_message(one_line(&message).into_owned());
    }

    /// Prints a line that stays.
    pub(super) fn note(&self, line: &str) {
        self.progress.suspend(|| anstream::eprintln!("{}", visible(line)));
    }

    /// Takes a record; prints it, if each failure is to be printed.
    pub(super) fn add(&mut self, record: Record) {
        self.print(&record);
        if let Some(results) = &mut self.results {
            results.write(&record);
        }
        self.records.push(record);
        self.progress.inc(1);
    }

    /// Prints a record that is unexpected as far as is known by now.
    fn print(&mut self, record: &Record) {
        if self.options.verbose
            && record.expectation != Expectation::Expected
            && self.printed.insert((record.client.clone(), record.fixture.clone()))
        {
            let text = terminal::failure(record, self.requirements);
            self.progress.suspend(|| anstream::eprintln!("{text}"));
        }
    }

    /// The progress bar of the client or server at hand.
    pub(super) fn progress(&self) -> ProgressBar {
        self.progress.clone()
    }

    /// Takes note of a client that could not be run, or not to the end.
    pub(super) fn not_run(&mut self, name: &str, client: Option<ClientInfo>, error: &UsageError) {
        let kind = ProblemKind::NotRun;
        self.problems.push(Problem { kind, client, about: name.into(), detail: error.to_string() });
    }

    /// Writes the reports, the findings, the summary and the last line.
    pub(super) fn conclude(mut self, to_the_end: bool) -> Result<Exit, Error> {
        let interrupted = || match self.records.len() {
            1 => "interrupted: 1 fixture was run".to_owned(),
            count => format!("interrupted: {count} fixtures were run"),
        };
        let notices: Vec<_> = (!to_the_end).then(interrupted).into_iter().collect();
        self.decide();
        let mut outputs = self.write(&notices);
        let (records, problems) = (&self.records, &self.problems);
        let exit = conclude(records, None, self.requirements, &notices, problems, &mut outputs);
        outputs.end()?;
        Ok(if to_the_end { exit } else { Exit::Interrupted })
    }

    /// Writes the reports of a run that has no verdict, and gives the error that
    /// ended it.
    pub(super) fn give_up(mut self, error: UsageError) -> Result<Exit, Error> {
        self.decide();
        let mut outputs = self.write(&[]);
        if self.records.iter().any(Record::is_judged) {
            conclude(&self.records, None, self.requirements, &[], &self.problems, &mut outputs);
        }
        outputs.end().inspect_err(|_| anstream::eprintln!("error: {error}"))?;
        Err(error.into())
    }

    /// Takes note of test cases that a search was to judge, and has not.
    pub(super) fn not_judged(&mut self, client: &ClientInfo, judged: u64, planned: u64) {
        if judged < planned {
            self.problems.push(Problem {
                kind: ProblemKind::NotRun,
                client: Some(client.clone()),
                about: format!("{} of {planned} generated cases", planned - judged),
                detail: String::new(),
            });
        }
    }

    /// Writes the reports of a search in which so many test cases passed, and
    /// tells what makes it fail beside its findings; gives how much failed.
    /// Where it came to its end and nothing was judged, that is an error.
    pub(super) fn conclude_search(mut self, passed: usize, interrupted: bool) -> Result<usize, Error> {
        self.decide();
        let is_judged = interrupted
            || passed > 0
            || self.records.iter().any(|record| record.verdict != Verdict::Unsupported);
        if !is_judged {
            self.problems.push(Problem {
                kind: ProblemKind::NothingJudged,
                client: None,
                about: "no generated case came to a verdict".into(),
                detail: String::new(),
            });
        }
        self.write(&[]).end()?;
        match self.problems.last() {
            Some(problem) if !is_judged => return Err(UsageError::new(problem).into()),
            _ => anstream::eprint!("{}", terminal::problems(&self.problems)),
        }
        let failed = self.records.iter().filter(|record| record.standing() == Standing::Failed).count();
        Ok(failed + self.problems.len())
    }

    /// Decides what only the whole run shows.
    fn decide(&mut self) {
        self.progress.finish_and_clear();
        let mut records = std::mem::take(&mut self.records);
        let mut found = crate::results::conclude(&mut records, &self.plans);
        // The other shards are other runs'.
        found.retain(|problem| problem.kind != ProblemKind::MissingShard);
        // Why a client could not be run says more than what is missing of it.
        let not_run: Vec<_> = self.problems.iter().filter_map(|problem| problem.client.clone()).collect();
        let is_new = |problem: &Problem| problem.client.as_ref().is_none_or(|of| !not_run.contains(of));
        self.problems.extend(found.into_iter().filter(is_new));
        if self.plans.is_empty() && self.problems.is_empty() {
            let about = "no client was run".into();
            let kind = ProblemKind::NothingJudged;
            self.problems.push(Problem { kind, client: None, about, detail: String::new() });
        }
        records.iter().for_each(|record| self.print(record));
        self.records = records;
    }

    /// Writes the results and every report, whatever becomes of another.
    fn write(&mut self, notices: &[String]) -> Outputs {
        let mut outputs = Outputs::default();
        if let Some(results) = self.results.take() {
            outputs.add(results.end(&self.plans, &self.records));
        }
        let report = Report::new(&self.records, self.requirements, notices)
            .with_problems(&self.problems)
            .with_about(About::now());
        self.files.write(&report, &mut outputs);
        if let Some(path) = &self.options.write_known_failures {
            let known = self.plans.first().map(|plan| plan.known.clone()).unwrap_or_default();
            outputs.write(path, &known_failures::render(&report, &known, &self.old_list));
        }
        if let Some(places) = &self.github {
            outputs.add(annotate(&report, places));
        }
        outputs
    }
}

/// A list of known failures that is to be written anew, as it is. A device has
/// none.
fn old_list(path: &Path) -> Result<String, UsageError> {
    if !path.is_file() {
        return Ok(String::new());
    }
    let problem = |error| UsageError(format!("--write-known-failures {}: {error}", path.display()));
    let old = file::read(path, MAX_LIST).map_err(problem)?;
    Ok(String::from_utf8_lossy(&old).into_owned())
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
