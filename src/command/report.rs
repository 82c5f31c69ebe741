//! `report`: results files as reports, and the files that reports go to.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};

use super::interrupt::{self, to_the_end};
use super::{Error, Exit, UsageError, load};
use crate::cli::{self, Reports, Selection};
use crate::fixture::Requirements;
use crate::report::github::{self, Places};
use crate::report::{About, Report, findings, html, issue, junit, markdown, ndjson, terminal};
use crate::results::{Merged, Problem, ProblemKind, Record, Results, Searched, Summary, merge};
use crate::text::{escaped, one_line};

pub(super) fn run(options: &cli::Report) -> Result<Exit, Error> {
    interrupt::watch()?;
    let runtime = tokio::runtime::Runtime::new().map_err(UsageError::new)?;
    let mut read = Read::default();
    let to_the_end = runtime.block_on(to_the_end(read.all(&options.results)));
    // A file that is still being read may never end.
    runtime.shutdown_background();
    let to_the_end = to_the_end.transpose()?.is_some();
    let Read { files, mut problems } = read;
    let count = files.len();
    let set = load(&Selection { fixtures: options.fixtures.clone(), ..Selection::default() })?;
    let merged = merge(files);
    for notice in &merged.notices {
        anstream::eprintln!("note: {}", one_line(notice));
    }
    let Merged { records, mut notices, dates, search, .. } = merged;
    problems.extend(merged.problems);
    if records.is_empty() && problems.is_empty() && search.passed == 0 {
        problems.push(Problem {
            kind: ProblemKind::NothingJudged,
            client: None,
            about: "there are no records".into(),
            detail: String::new(),
        });
    }
    let mut outputs = Outputs::default();
    if !to_the_end {
        let were = if count == 1 { "was" } else { "were" };
        let all = options.results.len();
        notices = vec![format!("interrupted: {count} of {all} files {were} read")];
        conclude(&records, Some(search), &set.requirements, &notices, &problems, &mut outputs);
        outputs.end()?;
        return Ok(Exit::Interrupted);
    }
    let files = Files::open(&options.reports, options.findings.as_deref(), None)?;
    let about = About { dates, ..About::now() };
    let report =
        Report::new(&records, &set.requirements, &notices).with_problems(&problems).with_about(about);
    files.write(&report, &mut outputs);
    if let Some((client, finding)) = &options.issue {
        let text = issue::render(&report, &set, client, finding)
            .map_err(|error| UsageError(format!("--issue: {error}")))?;
        outputs.add(super::print(escaped(&text).as_bytes()));
        anstream::eprint!("{}", terminal::problems(&problems));
        outputs.end()?;
        return Ok(if problems.is_empty() { Exit::Conforms } else { Exit::Unexpected });
    }
    if options.reports.github {
        outputs.add(annotate(&report, &Places::default()));
    }
    let exit = conclude(&records, Some(search), &set.requirements, &[], &problems, &mut outputs);
    outputs.end()?;
    Ok(exit)
}

/// The results files that were read.
#[derive(Default)]
struct Read {
    files: Vec<(String, Results)>,
    /// Problems of files in which some records are complete.
    problems: Vec<Problem>,
}

impl Read {
    async fn all(&mut self, paths: &[PathBuf]) -> Result<(), UsageError> {
        for path in paths {
            let name = path.display().to_string();
            let problem = |error: &dyn std::fmt::Display| UsageError(format!("{name}: {error}"));
            let file = path.clone();
            // Not `file::open`: a shell may have put a pipe here, as for what it unpacks.
            let read = move || File::open(file).and_then(|file| ndjson::read_from(BufReader::new(file)));
            let read = tokio::task::spawn_blocking(read).await.map_err(|error| problem(&error))?;
            let (results, error) = read.map_err(|error| problem(&error))?;
            match error {
                None => {}
                // Whole records are worth a report, though not one that is complete.
                Some(error @ ndjson::ReadError::Record { .. }) => self.problems.push(Problem {
                    kind: ProblemKind::DamagedFile,
                    client: None,
                    about: name.clone(),
                    detail: error.to_string(),
                }),
                Some(error) => return Err(problem(&error)),
            }
            self.files.push((name, results));
        }
        Ok(())
    }
}

/// Tells a workflow on GitHub.
pub(super) fn annotate(report: &Report<'_>, places: &Places) -> Result<(), Error> {
    super::print(escaped(&github::annotations(report, places)).as_bytes())?;
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .and_then(|mut file| file.write_all(escaped(&markdown::render(report)).as_bytes()))
        .map_err(|error| Error::Output(format!("GITHUB_STEP_SUMMARY {}: {error}", path.display())))
}

/// Prints the findings, the summary, the problems and the last line, in which
/// each problem counts as failed.
pub(super) fn conclude(
    records: &[Record],
    search: Option<Searched>,
    requirements: &Requirements,
    notices: &[String],
    problems: &[Problem],
    outputs: &mut Outputs,
) -> Exit {
    anstream::eprint!("{}{}", terminal::findings(records, requirements), terminal::summary(records));
    notices.iter().for_each(|notice| anstream::eprintln!("{}", one_line(notice)));
    anstream::eprint!("{}", terminal::problems(problems));
    let mut summary: Summary = records.iter().collect();
    search.into_iter().for_each(|search| summary.count_search(search));
    let is_unexpected = summary.failed > 0 || problems.iter().any(|problem| !problem.kind.is_set_up());
    summary.failed += problems.len();
    outputs.add(super::print(format!("{summary}\n").as_bytes()));
    match (is_unexpected, problems.is_empty()) {
        (true, _) => Exit::Unexpected,
        (false, false) => Exit::NotJudged,
        (false, true) => Exit::Conforms,
    }
}

/// What is written at the end of a run: a failure of one keeps none of the
/// others from being written.
#[derive(Default)]
pub(super) struct Outputs {
    failed: Option<Error>,
}

impl Outputs {
    /// Takes note of what became of an output.
    pub(super) fn add(&mut self, written: Result<(), Error>) {
        if let Err(error) = written {
            match &self.failed {
                Some(_) => anstream::eprintln!("error: {error}"),
                None => self.failed = Some(error),
            }
        }
    }

    /// Writes a file.
    pub(super) fn write(&mut self, path: &Path, text: &str) {
        let written = File::create(path).and_then(|mut file| file.write_all(text.as_bytes()));
        self.add(written.map_err(|error| Error::Output(format!("{}: {error}", path.display()))));
    }

    /// The first failure, once all is written.
    pub(super) fn end(self) -> Result<(), Error> {
        self.failed.map_or(Ok(()), Err)
    }
}

/// The files that reports go to.
#[derive(Default)]
pub(super) struct Files(Vec<(Kind, PathBuf)>);

#[derive(Clone, Copy)]
enum Kind {
    Html,
    Junit,
    Markdown,
    Findings,
}

impl Files {
    /// Tries whether all can be written, so that a long run is not in vain;
    /// `known`, too, which is written elsewhere.
    pub(super) fn open(
        reports: &Reports,
        findings: Option<&Path>,
        known: Option<&Path>,
    ) -> Result<Self, UsageError> {
        let all = [
            (Some(Kind::Html), "html", reports.html.as_deref()),
            (Some(Kind::Junit), "junit", reports.junit.as_deref()),
            (Some(Kind::Markdown), "markdown", reports.markdown.as_deref()),
            (Some(Kind::Findings), "findings", findings),
            (None, "write-known-failures", known),
        ];
        let mut files = Vec::new();
        for (kind, option, path) in all {
            let Some(path) = path else { continue };
            OpenOptions::new()
                .append(true)
                .create(true)
                .open(path)
                .map_err(|error| UsageError(format!("--{option} {}: {error}", path.display())))?;
            files.extend(kind.map(|kind| (kind, path.to_owned())));
        }
        Ok(Self(files))
    }

    /// Writes all of them.
    pub(super) fn write(&self, report: &Report<'_>, outputs: &mut Outputs) {
        for (kind, path) in &self.0 {
            let text = match kind {
                Kind::Html => html::render(report).map_err(|error| error.to_string()),
                Kind::Junit => junit::render(report).map_err(|error| error.to_string()),
                Kind::Markdown => Ok(markdown::render(report)),
                Kind::Findings => Ok(findings::render(report)),
            };
            match text {
                Ok(text) => outputs.write(path, &escaped(&text)),
                Err(error) => outputs.add(Err(Error::Output(format!("{}: {error}", path.display())))),
            }
        }
    }
}
