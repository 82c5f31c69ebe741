//! Results as lines of JSON: a header, then a record a line.

use std::io::Write;

use serde::{Deserialize, Serialize};

use crate::results::Record;

/// The version of the format.
const FORMAT: u32 = 1;

/// The first line of a results file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    attachset_results: u32,
    version: String,
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
    /// Starts a results file.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn new(mut out: W) -> std::io::Result<Self> {
        let header = Header { attachset_results: FORMAT, version: env!("CARGO_PKG_VERSION").into() };
        serde_json::to_writer(&mut out, &header)?;
        out.write_all(b"\n")?;
        Ok(Self(out))
    }

    /// Adds a record.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&mut self, record: &Record) -> std::io::Result<()> {
        serde_json::to_writer(&mut self.0, record)?;
        self.0.write_all(b"\n")?;
        self.0.flush()
    }
}

/// Reads a results file: its whole records, and what is wrong with the rest.
/// Files that were written one after the other into one are read as one.
#[must_use]
pub fn read(bytes: &[u8]) -> (Vec<Record>, Option<ReadError>) {
    let mut records = Vec::new();
    let mut broken = None;
    let mut others = 0;
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if index == 0 || line.starts_with(b"{\"attachsetResults\"") {
            match serde_json::from_slice::<Header>(line) {
                Ok(Header { attachset_results: FORMAT, .. }) => continue,
                Ok(header) => return (records, Some(ReadError::Format(index + 1, header.attachset_results))),
                Err(error) if index == 0 => return (records, Some(ReadError::Header(error))),
                Err(_) => {}
            }
        }
        match serde_json::from_slice(line) {
            _ if line.is_empty() => {}
            Ok(record) => records.push(record),
            Err(error) if broken.is_none() => broken = Some((index + 1, error)),
            Err(_) => others += 1,
        }
    }
    let kept = records.len();
    (records, broken.map(|(line, error)| ReadError::Record { line, error, others, kept }))
}
