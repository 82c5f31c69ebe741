//! Results as lines of JSON: a header with the plan of each client's run, then
//! a record a line.

use std::io::Write;

use serde::{Deserialize, Serialize};

use crate::results::{Plan, Record, Results};

/// The version of the format.
const FORMAT: u32 = 1;

/// The first line of a results file. Of a run that was killed, each client after
/// the first has one with its plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    attachset_results: u32,
    version: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    plans: Vec<Plan>,
}

impl Header {
    fn new(plans: &[Plan]) -> Self {
        let version = env!("CARGO_PKG_VERSION").into();
        Self { attachset_results: FORMAT, version, plans: plans.to_vec() }
    }
}

/// Why a results file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file does not start as a results file.
    #[error("line 1: not a results file: {0}")]
    Header(serde_json::Error),
    /// The file is of another version of the format.
    #[error("line {0}: the results are of format {1}, this program reads format {FORMAT}")]
    Format(usize, u32),
    /// A line is not a record: the file was cut short or changed.
    #[error("line {line}{}: not a record, the file is cut short or changed: {error}; {kept} whole records are kept", and(*others))]
    Record {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        error: serde_json::Error,
        /// How many more lines are none.
        others: usize,
        /// How many whole records there are.
        kept: usize,
    },
}

fn and(others: usize) -> String {
    match others {
        0 => String::new(),
        others => format!(" and {others} more"),
    }
}

/// Writes records as they come.
pub struct Writer<W>(W);

impl<W: Write> Writer<W> {
    /// Starts a results file with the plans that are known by now.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn new(out: W, plans: &[Plan]) -> std::io::Result<Self> {
        let mut writer = Self(out);
        writer.line(&Header::new(plans))?;
        Ok(writer)
    }

    /// Adds the plan of a client's run, whose records follow.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn plan(&mut self, plan: &Plan) -> std::io::Result<()> {
        self.line(&Header::new(std::slice::from_ref(plan)))
    }

    /// Adds a record.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&mut self, record: &Record) -> std::io::Result<()> {
        self.line(record)
    }

    /// Writes a line at once, so that a run that is killed leaves whole lines.
    fn line(&mut self, of: &impl Serialize) -> std::io::Result<()> {
        serde_json::to_writer(&mut self.0, of)?;
        self.0.write_all(b"\n")?;
        self.0.flush()
    }
}

/// Reads a results file: its plans, its whole records, and what is wrong with
/// the rest. Files that were written one after the other into one are read as
/// one.
#[must_use]
pub fn read(bytes: &[u8]) -> (Results, Option<ReadError>) {
    let mut results = Results::default();
    let mut broken = None;
    let mut others = 0;
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if index == 0 || line.starts_with(b"{\"attachsetResults\"") {
            match serde_json::from_slice::<Header>(line) {
                Ok(Header { attachset_results: FORMAT, plans, .. }) => {
                    results.plans.extend(plans);
                    continue;
                }
                Ok(header) => return (results, Some(ReadError::Format(index + 1, header.attachset_results))),
                Err(error) if index == 0 => return (results, Some(ReadError::Header(error))),
                Err(_) => {}
            }
        }
        match serde_json::from_slice(line) {
            _ if line.is_empty() => {}
            Ok(record) => results.records.push(record),
            Err(error) if broken.is_none() => broken = Some((index + 1, error)),
            Err(_) => others += 1,
        }
    }
    let kept = results.records.len();
    (results, broken.map(|(line, error)| ReadError::Record { line, error, others, kept }))
}
