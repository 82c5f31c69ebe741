//! What the page's script shows, as JSON. Lines of text that occur again, as
//! most do from client to client, stand in it once.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::client::ClientInfo;
use crate::report::text::{cut, visible};
use crate::report::{Report, Row, Table};
use crate::results::Record;

/// How much of each text is kept.
const MOST: usize = 6_000;
/// How many exchanges of a run are kept.
const EXCHANGES: usize = 8;

/// Texts by the numbers of their lines.
#[derive(Default)]
struct Lines {
    numbers: HashMap<String, usize>,
}

type Text = Vec<usize>;

#[derive(Serialize)]
struct Data {
    lines: Vec<String>,
    clients: Vec<Client>,
    fixtures: Vec<Fixture>,
    requirements: BTreeMap<String, (String, String)>,
}

#[derive(Serialize)]
struct Client {
    /// What stands in a link to one of its cells.
    key: String,
    name: String,
    version: String,
    language: String,
}

#[derive(Serialize)]
struct Fixture {
    id: String,
    title: String,
    level: &'static str,
    cites: Vec<String>,
    cells: Vec<Option<Cell>>,
}

#[derive(Serialize)]
struct Cell {
    known: Option<Text>,
    mismatches: Vec<Mismatch>,
    notes: Vec<Text>,
    outcomes: Vec<Text>,
    wire: Vec<Wire>,
    /// How many exchanges are left out.
    more: usize,
    took: u64,
}

#[derive(Serialize)]
struct Mismatch {
    step: usize,
    defect: &'static str,
    words: &'static str,
    expected: Text,
    seen: Text,
    requirement: String,
}

#[derive(Serialize)]
struct Wire {
    step: usize,
    at: u64,
    request: Text,
    signature: Option<Text>,
    reply: Text,
}

/// The data, fit to stand in a script element.
pub(super) fn json(report: &Report<'_>) -> String {
    let mut lines = Lines::default();
    let fixtures = report.table.rows().map(|row| fixture(row, &mut lines)).collect();
    let data = Data {
        clients: report.table.clients.iter().map(|of| client(of, &report.table)).collect(),
        requirements: requirements(report),
        fixtures,
        lines: lines.into_vec(),
    };
    // All keys are strings, so it serializes. Nothing but `<` can end a script.
    serde_json::to_string(&data).unwrap_or_default().replace('<', "\\u003c")
}

impl Lines {
    fn text(&mut self, text: &str) -> Text {
        visible(&cut(text, MOST)).split('\n').map(|line| self.number(line)).collect()
    }

    fn number(&mut self, line: &str) -> usize {
        if let Some(number) = self.numbers.get(line) {
            return *number;
        }
        let number = self.numbers.len();
        self.numbers.insert(line.to_owned(), number);
        number
    }

    fn into_vec(self) -> Vec<String> {
        let mut lines: Vec<_> = self.numbers.into_iter().collect();
        lines.sort_unstable_by_key(|(_, number)| *number);
        lines.into_iter().map(|(line, _)| line).collect()
    }
}

fn client(client: &ClientInfo, table: &Table<'_>) -> Client {
    Client {
        key: visible(&table.key(client)).into_owned(),
        name: visible(&client.name).into_owned(),
        version: visible(&client.version).into_owned(),
        language: visible(&client.language).into_owned(),
    }
}

fn requirements(report: &Report<'_>) -> BTreeMap<String, (String, String)> {
    let records = || report.table.rows().flat_map(|row| row.cells.iter().flatten());
    let cited = records().flat_map(|record| &record.cites);
    let broken = records().flat_map(|record| &record.mismatches).map(|mismatch| &mismatch.requirement);
    cited
        .chain(broken)
        .filter_map(|id| report.requirements.get(id))
        .map(|requirement| (requirement.id.clone(), (requirement.says.clone(), requirement.source.clone())))
        .collect()
}

fn fixture(row: &Row<'_>, lines: &mut Lines) -> Fixture {
    Fixture {
        id: visible(&row.fixture.fixture).into_owned(),
        title: visible(&row.fixture.title).into_owned(),
        level: row.fixture.level.as_str(),
        cites: row.fixture.cites.clone(),
        cells: row.cells.iter().map(|record| record.map(|record| cell(record, lines))).collect(),
    }
}

fn cell(record: &Record, lines: &mut Lines) -> Cell {
    let mismatch = |of: &crate::judge::Mismatch, lines: &mut Lines| Mismatch {
        step: of.step,
        defect: of.defect.as_str(),
        words: of.defect.words(),
        expected: lines.text(&of.expected),
        seen: lines.text(&of.seen),
        requirement: of.requirement.clone(),
    };
    let wire = |of: &crate::results::Wire, lines: &mut Lines| Wire {
        step: of.step,
        at: of.at_ms,
        request: lines.text(&of.request),
        signature: of.signature.as_deref().map(|text| lines.text(text)),
        reply: lines.text(&of.reply),
    };
    Cell {
        known: record.known.as_deref().map(|text| lines.text(text)),
        mismatches: record.mismatches.iter().map(|of| mismatch(of, lines)).collect(),
        notes: record.notes.iter().map(|text| lines.text(text)).collect(),
        outcomes: record.outcomes.iter().map(|text| lines.text(text)).collect(),
        wire: record.wire.iter().take(EXCHANGES).map(|of| wire(of, lines)).collect(),
        more: record.wire.len().saturating_sub(EXCHANGES),
        took: record.took_ms,
    }
}
