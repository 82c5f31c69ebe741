//! `report`: results files as reports, and the files that reports go to.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::interrupt::to_the_end;
use super::{Exit, UsageError, load};
use crate::cli::{self, Reports, Selection};
use crate::fixture::Requirements;
use crate::report::github::{self, Places};
use crate::report::{Report, findings, html, issue, junit, known_failures, markdown, ndjson, terminal};
use crate::results::{Merged, Record, Summary, merge};

pub(super) fn run(options: &cli::Report) -> Result<Exit, UsageError> {
    let runtime = tokio::runtime::Runtime::new().map_err(UsageError::new)?;
    let mut read = Read::default();
    let to_the_end = runtime.block_on(to_the_end(read.all(&options.results)));
    // A file that is still being read may never end.
    runtime.shutdown_background();
    let to_the_end = to_the_end?;
    let Read { files, cut } = read;
    let count = files.len();
    let set = load(&Selection { fixtures: options.fixtures.clone(), ..Selection::default() })?;
    let Merged { records, notices } = merge(files);
    for notice in &notices {
        anstream::eprintln!("note: {notice}");
    }
    if !to_the_end {
        let all = options.results.len();
        let interrupted =
            [format!("interrupted: {count} of {all} files {} read", if count == 1 { "was" } else { "were" })];
        conclude(&records, &set.requirements, &interrupted, 0)?;
        return Ok(Exit::Interrupted);
    }
    let outputs = Files::open(&options.reports, options.findings.as_deref(), None)?;
    let notices = [cut.clone(), notices].concat();
    let report = Report::new(&records, &set.requirements, &notices);
    outputs.write(&report)?;
    if let Some((client, finding)) = &options.issue {
        let text = issue::render(&report, &set, client, finding)
            .map_err(|error| UsageError(format!("--issue: {error}")))?;
        super::print(text.as_bytes())?;
        return if cut.is_empty() { Ok(Exit::Conforms) } else { Err(UsageError(cut.join("\nerror: "))) };
    }
    if options.reports.github {
        annotate(&report, &Places::default())?;
    }
    let exit = conclude(&records, &set.requirements, &[], 0)?;
    if cut.is_empty() { Ok(exit) } else { Err(UsageError(cut.join("\nerror: "))) }
}

/// The results files that were read.
#[derive(Default)]
struct Read {
    files: Vec<(String, Vec<Record>)>,
    /// What is wrong with files of which some records are whole.
    cut: Vec<String>,
}

impl Read {
    async fn all(&mut self, paths: &[PathBuf]) -> Result<(), UsageError> {
        for path in paths {
            let name = path.display().to_string();
            let problem = |error: &dyn std::fmt::Display| UsageError(format!("{name}: {error}"));
            let bytes = tokio::fs::read(path).await.map_err(|error| problem(&error))?;
            let (records, error) = ndjson::read(&bytes);
            match error {
                None => {}
                // Whole records are worth a report, though not one that is complete.
                Some(error @ ndjson::ReadError::Record { .. }) => self.cut.push(format!("{name}: {error}")),
                Some(error) => return Err(problem(&error)),
            }
            self.files.push((name, records));
        }
        Ok(())
    }
}

/// Tells a workflow on GitHub.
pub(super) fn annotate(report: &Report<'_>, places: &Places) -> Result<(), UsageError> {
    super::print(github::annotations(report, places).as_bytes())?;
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .and_then(|mut file| file.write_all(markdown::render(report).as_bytes()))
        .map_err(|error| UsageError(format!("GITHUB_STEP_SUMMARY {}: {error}", path.display())))
}

/// Prints the findings, the summary and the last line. So many lines of a list
/// of known failures as are not shown count as failed.
pub(super) fn conclude(
    records: &[Record],
    requirements: &Requirements,
    notices: &[String],
    unshown: usize,
) -> Result<Exit, UsageError> {
    anstream::eprint!("{}{}", terminal::findings(records, requirements), terminal::summary(records));
    for notice in notices {
        anstream::eprintln!("{notice}");
    }
    let mut summary: Summary = records.iter().collect();
    summary.failed += unshown;
    super::print(format!("{summary}\n").as_bytes())?;
    Ok(if summary.failed == 0 { Exit::Conforms } else { Exit::Unexpected })
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
    KnownFailures,
}

impl Files {
    /// Tries whether all can be written, so that a long run is not in vain.
    pub(super) fn open(
        reports: &Reports,
        findings: Option<&Path>,
        known: Option<&Path>,
    ) -> Result<Self, UsageError> {
        let all = [
            (Kind::Html, "html", reports.html.as_deref()),
            (Kind::Junit, "junit", reports.junit.as_deref()),
            (Kind::Markdown, "markdown", reports.markdown.as_deref()),
            (Kind::Findings, "findings", findings),
            (Kind::KnownFailures, "write-known-failures", known),
        ];
        let mut files = Vec::new();
        for (kind, option, path) in all {
            let Some(path) = path else { continue };
            OpenOptions::new()
                .append(true)
                .create(true)
                .open(path)
                .map_err(|error| UsageError(format!("--{option} {}: {error}", path.display())))?;
            files.push((kind, path.to_owned()));
        }
        Ok(Self(files))
    }

    pub(super) fn write(&self, report: &Report<'_>) -> Result<(), UsageError> {
        for (kind, path) in &self.0 {
            let text = match kind {
                Kind::Html => html::render(report).map_err(UsageError::new)?,
                Kind::Junit => junit::render(report).map_err(UsageError::new)?,
                Kind::Markdown => markdown::render(report),
                Kind::Findings => findings::render(report),
                Kind::KnownFailures => known_failures::render(report),
            };
            File::create(path)
                .and_then(|mut file| file.write_all(text.as_bytes()))
                .map_err(|error| UsageError(format!("{}: {error}", path.display())))?;
        }
        Ok(())
    }
}
