//! Results as lines of JSON: a header, then a record a line.

use std::io::Write;

use serde::{Deserialize, Serialize};

use crate::results::Record;

/// The version of the format.
const FORMAT: u32 = 1;

/// The first line of a results file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
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
    #[error("line 1: the results are of format {0}, this program reads format {FORMAT}")]
    Format(u32),
    /// A line is not a record: the file was cut short or changed.
    #[error("line {line}: not a record: {error}; the {kept} records before it are whole")]
    Record {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        error: serde_json::Error,
        /// How many whole records stand before it.
        kept: usize,
    },
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
#[must_use]
pub fn read(text: &str) -> (Vec<Record>, Option<ReadError>) {
    let mut lines = text.lines().enumerate();
    let header = lines.next().map_or("", |(_, line)| line);
    match serde_json::from_str::<Header>(header) {
        Ok(Header { attachset_results: FORMAT, .. }) => {}
        Ok(header) => return (Vec::new(), Some(ReadError::Format(header.attachset_results))),
        Err(error) => return (Vec::new(), Some(ReadError::Header(error))),
    }
    let mut records = Vec::new();
    for (index, line) in lines {
        match serde_json::from_str(line) {
            Ok(record) => records.push(record),
            Err(error) => {
                let kept = records.len();
                return (records, Some(ReadError::Record { line: index + 1, error, kept }));
            }
        }
    }
    (records, None)
}
