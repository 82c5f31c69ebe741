//! What the page's script shows, as JSON. Strings that occur again, as most do from
//! client to client, stand in it once, and so do their lines.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::client::ClientInfo;
use crate::findings::Across;
use crate::judge::Verdict;
use crate::report::text::{cut, remark, visible};
use crate::report::{Report, Row, Table};
use crate::results::Record;

/// How much of each text is kept.
const MOST: usize = 6_000;
/// How many exchanges of a run are kept.
const EXCHANGES: usize = 8;
/// Beyond this many bytes, the exchanges of what passed are left out.
const ROOM: usize = 2_000_000;

#[derive(Serialize)]
struct Data<'a> {
    lines: Vec<String>,
    texts: Vec<Vec<usize>>,
    clients: Vec<Client>,
    fixtures: Vec<Fixture>,
    findings: Vec<Finding>,
    /// The label of each defect.
    defects: BTreeMap<&'static str, &'static str>,
    /// What each says, and its sources.
    requirements: BTreeMap<Cow<'a, str>, (Cow<'a, str>, Vec<Source<'a>>)>,
}

/// The title, and the address.
#[derive(Serialize)]
struct Source<'a>(Cow<'a, str>, String);

#[derive(Serialize)]
struct Client {
    /// The part of a link to one of its cells.
    key: String,
    name: String,
    version: String,
    language: String,
    runtime: String,
    title: String,
}

#[derive(Serialize)]
struct Finding {
    defect: &'static str,
    requirement: String,
    /// What it rests on, as a heading, and what there is to add.
    heading: &'static str,
    remark: &'static str,
    /// For each client, the numbers of the fixtures that show it, the simplest
    /// first.
    shown: Vec<Vec<usize>>,
}

#[derive(Serialize)]
struct Fixture {
    id: String,
    title: String,
    level: &'static str,
    cites: Vec<String>,
    cells: Vec<Option<Cell>>,
}

/// A string by its number.
type Text = usize;

#[derive(Serialize)]
struct Cell {
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<Text>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mismatches: Vec<Mismatch>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Text>,
    outcomes: Vec<Text>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    wire: Vec<Wire>,
    /// How many exchanges are left out.
    #[serde(skip_serializing_if = "is_none")]
    more: usize,
    took: u64,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

#[derive(Serialize)]
struct Mismatch {
    step: usize,
    defect: &'static str,
    expected: Text,
    seen: Text,
    requirement: String,
}

#[derive(Serialize)]
struct Wire {
    step: usize,
    at: u64,
    request: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<Text>,
    reply: Text,
}

/// The data, fit to stand in a script element.
pub(super) fn json(report: &Report<'_>, findings: &[Across<'_>]) -> String {
    let all = data(report, findings, |_| true);
    if all.len() <= ROOM { all } else { data(report, findings, |record| record.verdict != Verdict::Pass) }
}

fn data(report: &Report<'_>, findings: &[Across<'_>], has_exchanges: fn(&Record) -> bool) -> String {
    let mut texts = Texts::default();
    let table = &report.table;
    let fixtures = table.rows().map(|row| fixture(row, &mut texts, has_exchanges)).collect();
    let numbers: HashMap<_, _> =
        table.rows().enumerate().map(|(number, row)| (row.fixture.fixture.as_str(), number)).collect();
    let rests_on = |found: &Across<'_>| found.basis(report.requirements);
    let said = |found: &Across<'_>| report.requirements.get(&found.id.requirement);
    let finding = |found: &Across<'_>| Finding {
        defect: found.id.defect.as_str(),
        requirement: visible(&found.id.requirement).into_owned(),
        heading: rests_on(found).heading(),
        remark: said(found).map_or("", |of| remark(rests_on(found), of).trim_start()),
        shown: found
            .cells
            .iter()
            .map(|cell| {
                let records = cell.iter().flat_map(|finding| finding.records());
                records.filter_map(|record| numbers.get(record.fixture.as_str()).copied()).collect()
            })
            .collect(),
    };
    let defects = findings.iter().map(|found| (found.id.defect.as_str(), found.id.defect.words()));
    let data = Data {
        clients: table.clients.iter().map(|of| client(of, table)).collect(),
        requirements: requirements(report),
        findings: findings.iter().map(finding).collect(),
        defects: defects.collect(),
        fixtures,
        texts: in_order(texts.texts),
        lines: in_order(texts.lines),
    };
    // Nothing but `<` can end a script.
    serde_json::to_string(&data).expect("all keys are strings").replace('<', "\\u003c")
}

/// Strings and their lines, by number.
#[derive(Default)]
struct Texts {
    lines: HashMap<String, usize>,
    texts: HashMap<Vec<usize>, usize>,
}

impl Texts {
    fn text(&mut self, text: &str) -> Text {
        let text = cut(text, MOST);
        let lines = visible(&text).split('\n').map(|line| number(&mut self.lines, line.to_owned())).collect();
        number(&mut self.texts, lines)
    }
}

fn number<T: std::hash::Hash + Eq>(numbers: &mut HashMap<T, usize>, of: T) -> usize {
    let next = numbers.len();
    *numbers.entry(of).or_insert(next)
}

fn in_order<T>(numbers: HashMap<T, usize>) -> Vec<T> {
    let mut all: Vec<_> = numbers.into_iter().collect();
    all.sort_unstable_by_key(|(_, number)| *number);
    all.into_iter().map(|(of, _)| of).collect()
}

fn client(client: &ClientInfo, table: &Table<'_>) -> Client {
    Client {
        key: visible(&table.key(client)).into_owned(),
        name: visible(&client.name).into_owned(),
        version: visible(&client.version).into_owned(),
        language: visible(&client.language).into_owned(),
        runtime: visible(&client.runtime).into_owned(),
        title: visible(&client.title).into_owned(),
    }
}

fn requirements<'a>(report: &'a Report<'_>) -> BTreeMap<Cow<'a, str>, (Cow<'a, str>, Vec<Source<'a>>)> {
    let records = || report.table.rows().flat_map(|row| row.cells.iter().flatten());
    let cited = records().flat_map(|record| &record.cites);
    let broken = records().flat_map(|record| &record.mismatches).map(|mismatch| &mismatch.requirement);
    cited
        .chain(broken)
        .filter_map(|id| report.requirements.get(id))
        .map(|of| {
            let source = |source: &'a crate::fixture::Source| {
                Source(visible(&source.title), visible(&source.link()).into_owned())
            };
            (visible(&of.id), (visible(&of.says), of.sources.iter().map(source).collect()))
        })
        .collect()
}

fn fixture(row: &Row<'_>, texts: &mut Texts, has_exchanges: fn(&Record) -> bool) -> Fixture {
    let mut cell = |record: &&Record| cell(record, texts, has_exchanges(record));
    Fixture {
        id: visible(&row.fixture.fixture).into_owned(),
        title: visible(&row.fixture.title).into_owned(),
        level: row.fixture.level.as_str(),
        cites: row.fixture.cites.iter().map(|id| visible(id).into_owned()).collect(),
        cells: row.cells.iter().map(|record| record.as_ref().map(&mut cell)).collect(),
    }
}

fn cell(record: &Record, texts: &mut Texts, has_exchanges: bool) -> Cell {
    let kept = if has_exchanges { record.wire.len().min(EXCHANGES) } else { 0 };
    Cell {
        known: record.known.as_deref().map(|text| texts.text(text)),
        mismatches: record
            .mismatches
            .iter()
            .map(|of| Mismatch {
                step: of.step,
                defect: of.defect.as_str(),
                expected: texts.text(&of.expected),
                seen: texts.text(&of.seen),
                requirement: visible(&of.requirement).into_owned(),
            })
            .collect(),
        notes: record.notes.iter().map(|text| texts.text(text)).collect(),
        outcomes: record.outcomes.iter().map(|text| texts.text(text)).collect(),
        wire: record
            .wire
            .iter()
            .take(kept)
            .map(|of| Wire {
                step: of.step,
                at: of.at_ms,
                request: texts.text(&of.request),
                signature: of.signature.as_deref().map(|text| texts.text(text)),
                reply: texts.text(&of.reply),
            })
            .collect(),
        more: record.wire.len() - kept,
        took: record.took_ms,
    }
}
