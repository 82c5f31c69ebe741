//! Results for a continuous-integration server, as JUnit XML.

use askama::Template;

use super::text::visible;
use super::{Report, terminal};
use crate::client::ClientInfo;
use crate::findings::FindingId;
use crate::judge::Verdict;
use crate::results::{Expectation, Problem, Record, Standing};

#[derive(Template)]
#[template(path = "report/junit.xml", escape = "none")]
struct Suites {
    total: Counts,
    suites: Vec<Suite>,
}

#[derive(Default, Clone, Copy)]
struct Counts {
    tests: usize,
    skipped: usize,
    errors: usize,
    failures: usize,
}

/// Text as XML has it, in elements and attributes.
#[derive(Default)]
struct Xml(String);

impl std::fmt::Display for Xml {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The test cases of one client.
struct Suite {
    name: Xml,
    properties: Vec<(&'static str, Xml)>,
    counts: Counts,
    cases: Vec<Case>,
}

struct Case {
    name: Xml,
    class: Xml,
    /// In seconds.
    time: Option<String>,
    /// None of a case that passed.
    status: Option<Status>,
    notes: Xml,
}

struct Status {
    element: Element,
    message: Xml,
    kind: Xml,
    text: Xml,
}

#[derive(Clone, Copy)]
enum Element {
    Skipped,
    Error,
    Failure,
}

impl std::fmt::Display for Element {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Skipped => "skipped",
            Self::Error => "error",
            Self::Failure => "failure",
        })
    }
}

/// The report: a test suite a client, a test case a fixture, and one for each
/// problem of the run.
///
/// # Errors
/// Where the template cannot be rendered, which no records cause.
pub fn render(report: &Report<'_>) -> Result<String, askama::Error> {
    let mut problems: Vec<_> = report.problems.iter().collect();
    let mut suites = Vec::new();
    for (client, records) in report.table.by_client() {
        let of_client = problems.extract_if(.., |problem| problem.client.as_ref() == Some(client));
        let of_client: Vec<_> = of_client.map(problem).collect();
        let cases = records.into_iter().map(|record| test_case(record, report)).chain(of_client);
        suites.push(Suite::new(Some(client), cases.collect()));
    }
    // A client without records has no suite above.
    for of in problems.chunk_by(|one, other| one.client == other.client) {
        let client = of.first().and_then(|problem| problem.client.as_ref());
        suites.push(Suite::new(client, of.iter().copied().map(problem).collect()));
    }
    let total = suites.iter().fold(Counts::default(), |total, suite| total.plus(suite.counts));
    Ok(Suites { total, suites }.render()? + "\n")
}

impl Suite {
    fn new(client: Option<&ClientInfo>, cases: Vec<Case>) -> Self {
        let properties = client.into_iter().flat_map(|client| {
            [
                ("client.name", text(&client.name)),
                ("client.version", text(&client.version)),
                ("client.language", text(&client.language)),
                ("client.runtime", text(&client.runtime)),
                ("client.title", text(&client.title)),
            ]
        });
        Self {
            name: client.map_or_else(|| text("attachset"), |client| text(&client.to_string())),
            properties: properties.collect(),
            counts: cases.iter().fold(Counts::default(), |counts, case| counts.plus(case.counts())),
            cases,
        }
    }
}

impl Counts {
    fn plus(self, other: Self) -> Self {
        Self {
            tests: self.tests + other.tests,
            skipped: self.skipped + other.skipped,
            errors: self.errors + other.errors,
            failures: self.failures + other.failures,
        }
    }
}

impl Case {
    /// Whether there is nothing to say of it.
    fn is_plain(&self) -> bool {
        self.status.is_none() && self.notes.0.is_empty()
    }

    fn counts(&self) -> Counts {
        let counts = Counts { tests: 1, ..Counts::default() };
        match self.status.as_ref().map(|status| status.element) {
            None => counts,
            Some(Element::Skipped) => Counts { skipped: 1, ..counts },
            Some(Element::Error) => Counts { errors: 1, ..counts },
            Some(Element::Failure) => Counts { failures: 1, ..counts },
        }
    }
}

fn problem(problem: &Problem) -> Case {
    Case {
        name: text(&problem.about),
        class: problem.client.as_ref().map_or_else(|| text("attachset"), |client| text(&client.name)),
        time: None,
        status: Some(Status {
            element: Element::Error,
            message: text(&problem.to_string()),
            kind: text(problem.kind.as_str()),
            text: Xml::default(),
        }),
        notes: Xml::default(),
    }
}

fn test_case(record: &Record, report: &Report<'_>) -> Case {
    let element = match (record.standing(), record.verdict) {
        (Standing::Passed, _) => None,
        (Standing::Skipped, _) => Some(Element::Skipped),
        (Standing::Failed, Verdict::Error) => Some(Element::Error),
        (Standing::Failed, _) => Some(Element::Failure),
    };
    let failure = || {
        let failure = terminal::failure(record, report.requirements);
        text(&anstream::adapter::strip_str(&failure).to_string())
    };
    let is_failed = record.standing() == Standing::Failed;
    let status = element.map(|element| Status {
        element,
        message: text(&record.reason()),
        kind: text(&kind(record)),
        text: if is_failed { failure() } else { Xml::default() },
    });
    let notes = if status.is_none() { text(&record.notes.join("\n")) } else { Xml::default() };
    Case {
        name: text(&record.fixture),
        class: text(&record.client.name),
        time: Some(format!("{}.{:03}", record.took_ms / 1_000, record.took_ms % 1_000)),
        status,
        notes,
    }
}

/// Text without the characters that XML does not have, and with named entities
/// in the place of those that mean something there: some readers of JUnit know no
/// others.
fn text(text: &str) -> Xml {
    let mut out = String::new();
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    Xml(out)
}

fn kind(record: &Record) -> String {
    match (record.expectation, record.mismatches.first()) {
        (Expectation::UnexpectedPass, _) => "unexpected-pass".into(),
        (_, Some(mismatch)) => FindingId::of(mismatch).to_string(),
        (_, None) => record.verdict.as_str().into(),
    }
}
