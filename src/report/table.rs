//! Records as a matrix of fixtures and clients.

use std::collections::{BTreeMap, BTreeSet};

use crate::client::ClientInfo;
use crate::judge::Verdict;
use crate::results::{Levels, Record, Standing};

/// Records as a matrix: a row a fixture, a column a client, rows in groups.
#[derive(Debug, Clone)]
pub struct Table<'a> {
    /// The columns, by name and version.
    pub clients: Vec<&'a ClientInfo>,
    /// The groups, by name.
    pub groups: Vec<Group<'a>>,
}

/// The rows of one group.
#[derive(Debug, Clone)]
pub struct Group<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its rows, by fixture id.
    pub rows: Vec<Row<'a>>,
}

/// One fixture.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// Any of the fixture's records: what it says of the fixture, all say.
    pub fixture: &'a Record,
    /// One cell a client; none where the client did not run the fixture.
    pub cells: Vec<Option<&'a Record>>,
}

impl<'a> Table<'a> {
    /// Lays records out; where two share a cell, the later one stands.
    #[must_use]
    pub fn new(records: &'a [Record]) -> Self {
        let clients: Vec<_> =
            records.iter().map(|record| &record.client).collect::<BTreeSet<_>>().into_iter().collect();
        let mut groups: BTreeMap<&str, BTreeMap<&str, BTreeMap<&ClientInfo, &Record>>> = BTreeMap::new();
        for record in records {
            let fixtures = groups.entry(record.group()).or_default();
            fixtures.entry(&record.fixture).or_default().insert(&record.client, record);
        }
        let row = |of: BTreeMap<&ClientInfo, &'a Record>| {
            let cells = clients.iter().map(|client| of.get(client).copied()).collect();
            of.values().next().map(|fixture| Row { fixture, cells })
        };
        let group = |(name, fixtures): (&'a str, BTreeMap<_, _>)| Group {
            name,
            rows: fixtures.into_values().filter_map(row).collect(),
        };
        let groups = groups.into_iter().map(group).collect();
        Self { clients, groups }
    }

    /// All rows, group by group.
    pub fn rows(&self) -> impl Iterator<Item = &Row<'a>> {
        self.groups.iter().flat_map(|group| &group.rows)
    }

    /// What a client is called in a link or on a command line: its name, with
    /// its version where there are namesakes.
    #[must_use]
    pub fn key(&self, client: &ClientInfo) -> String {
        let namesakes = self.clients.iter().filter(|other| other.name == client.name).count();
        if namesakes > 1 { format!("{}@{}", client.name, client.version) } else { client.name.clone() }
    }

    /// The records of each client, in the order of the rows.
    pub fn by_client(&self) -> impl Iterator<Item = (&'a ClientInfo, Vec<&'a Record>)> {
        self.clients.iter().enumerate().map(|(column, client)| {
            (*client, self.rows().filter_map(|row| row.cells.get(column).copied().flatten()).collect())
        })
    }
}

impl<'a> Group<'a> {
    /// The counts of each client.
    pub fn counts(&self, clients: usize) -> impl Iterator<Item = Counts> {
        (0..clients).map(|column| self.rows.iter().filter_map(|row| *row.cells.get(column)?).collect())
    }

    /// The part of a fixture's id that follows the group.
    #[must_use]
    pub fn short<'b>(&self, id: &'b str) -> &'b str {
        id.strip_prefix(self.name).and_then(|id| id.strip_prefix('/')).unwrap_or(id)
    }
}

/// How many records there are of each verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Passed.
    pub pass: usize,
    /// Tolerated.
    pub tolerated: usize,
    /// Failed.
    pub fail: Levels,
    /// The adapter broke its protocol.
    pub error: usize,
    /// Not to be expressed with the client.
    pub unsupported: usize,
    /// Recorded, not judged.
    pub observed: usize,
    /// Failed as the list of known failures says.
    pub known: Levels,
    /// Unexpected, whatever the verdict.
    pub unexpected: Levels,
}

impl Counts {
    /// Passed or tolerated.
    #[must_use]
    pub fn right(&self) -> usize {
        self.pass + self.tolerated
    }

    /// Right, and expected to be.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.judged().saturating_sub(self.known.all() + self.unexpected.all())
    }

    /// Those that the documents judge.
    #[must_use]
    pub fn judged(&self) -> usize {
        self.right() + self.fail.all() + self.error
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> usize {
        self.judged() + self.unsupported + self.observed
    }

    /// What they come to, in a sentence without its end.
    #[must_use]
    pub fn headline(&self) -> String {
        let mut out = format!("{} of {} correct", self.right(), self.judged());
        if self.fail.all() > 0 {
            out.push_str(&format!("; failed {}", self.fail));
        }
        if self.error > 0 {
            out.push_str(&format!("; {} not judged", self.error));
        }
        match (self.known.all(), self.unexpected.all()) {
            (0, 0) => {}
            (known, 0) => out.push_str(&format!("; all {known} are known failures")),
            (0, unexpected) if unexpected == self.fail.all() + self.error => {
                out.push_str("; none is a known failure");
            }
            (0, unexpected) => out.push_str(&format!("; {unexpected} unexpected")),
            (known, unexpected) => {
                out.push_str(&format!("; {known} known failures, {unexpected} unexpected"));
            }
        }
        out
    }
}

impl<'a> FromIterator<&'a Record> for Counts {
    fn from_iter<I: IntoIterator<Item = &'a Record>>(records: I) -> Self {
        let mut counts = Self::default();
        for record in records {
            match record.verdict {
                Verdict::Pass => counts.pass += 1,
                Verdict::Tolerated => counts.tolerated += 1,
                Verdict::Fail => counts.fail.count(record.broken()),
                Verdict::Error => counts.error += 1,
                Verdict::Unsupported => counts.unsupported += 1,
                Verdict::Observed => counts.observed += 1,
            }
            let judged = !matches!(record.verdict, Verdict::Unsupported | Verdict::Observed);
            match record.standing() {
                Standing::Skipped if judged => counts.known.count(record.broken()),
                Standing::Failed => counts.unexpected.count(record.broken()),
                _ => {}
            }
        }
        counts
    }
}
