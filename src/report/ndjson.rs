//! Results as lines of JSON: a header with the plan of each client's run, then
//! a record a line.

use std::io::{BufRead, Read as _, Write};

use serde::{Deserialize, Serialize, de::Error as _};

use super::today;
use crate::results::{Plan, Record, Results};
use crate::text::{cut, one_line};

/// The version of the format.
const FORMAT: u32 = 1;

/// The longest line that is read, in bytes: a record has far less.
const MAX_LINE: u64 = 16 << 20;
/// The longest file that is read, in bytes.
const MAX_FILE: u64 = 1 << 30;
/// How many characters of an error about a line, which quotes it, are shown.
const SHOWN: usize = 300;

/// The first line of a results file. Of a run that was killed, each client after
/// the first has one with its plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    attachset_results: u32,
    version: String,
    /// The day, in UTC; files of older versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    plans: Vec<Plan>,
}

impl Header {
    fn new(plans: &[Plan]) -> Self {
        let version = env!("CARGO_PKG_VERSION").into();
        Self { attachset_results: FORMAT, version, date: Some(today()), plans: plans.to_vec() }
    }
}

/// Why a results file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file does not start as a results file.
    #[error("line 1: not a results file: {}", brief(.0))]
    Header(serde_json::Error),
    /// The file is of another version of the format.
    #[error("line {0}: the results are of format {1}, this program reads format {FORMAT}")]
    Format(usize, u32),
    /// A line is not a record: the file was cut short or changed.
    #[error("line {line}{}: not a record, the file is cut short or changed: {}; {kept} whole records are kept", and(*others), brief(error))]
    Record {
        /// The line, from 1.
        line: usize,
        /// The error.
        error: serde_json::Error,
        /// How many more lines are none.
        others: usize,
        /// How many whole records there are.
        kept: usize,
    },
}

fn brief(error: &serde_json::Error) -> String {
    cut(&one_line(&error.to_string()), SHOWN).into_owned()
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

/// Reads a results file: its plans, its whole records, and the first error. Files that
/// were written one after the other into one are read as one.
#[must_use]
pub fn read(bytes: &[u8]) -> (Results, Option<ReadError>) {
    // Reading from memory does not fail.
    read_from(bytes).unwrap_or_default()
}

/// The same, line by line: of a line that is too long for a record, no more is
/// held than a record may have.
///
/// # Errors
/// Where the file cannot be read, or has more than 1 GiB.
pub fn read_from(mut file: impl BufRead) -> std::io::Result<(Results, Option<ReadError>)> {
    let mut results = Results::default();
    let mut broken = None;
    let mut others = 0;
    let mut line = Vec::new();
    let mut total = 0;
    for number in 1.. {
        line.clear();
        (&mut file).take(MAX_LINE + 1).read_until(b'\n', &mut line)?;
        let is_too_long = line.len() as u64 > MAX_LINE;
        total += line.len() as u64;
        if is_too_long && !line.ends_with(b"\n") {
            total += skip_line(&mut file)?;
        }
        if total > MAX_FILE {
            return Err(std::io::Error::other(format!("it is longer than {} MiB", MAX_FILE >> 20)));
        }
        if line.is_empty() && number > 1 {
            break;
        }
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        let too_long = || serde_json::Error::custom(format!("it is longer than {} MiB", MAX_LINE >> 20));
        if number == 1 || !is_too_long && line.starts_with(b"{\"attachsetResults\"") {
            let header = if is_too_long { Err(too_long()) } else { serde_json::from_slice::<Header>(line) };
            match header {
                Ok(Header { attachset_results: FORMAT, plans, date, .. }) => {
                    results.plans.extend(plans);
                    results.dates.extend(date.filter(|date| is_date(date)));
                    continue;
                }
                Ok(header) => {
                    return Ok((results, Some(ReadError::Format(number, header.attachset_results))));
                }
                Err(error) if number == 1 => return Ok((results, Some(ReadError::Header(error)))),
                Err(_) => {}
            }
        }
        let record = match is_too_long {
            true => Err(too_long()),
            false if line.is_empty() => continue,
            false => serde_json::from_slice::<Record>(line),
        };
        match record {
            Ok(record) => results.records.push(record.bounded()),
            Err(error) if broken.is_none() => broken = Some((number, error)),
            Err(_) => others += 1,
        }
    }
    let kept = results.records.len();
    let error = broken.map(|(line, error)| ReadError::Record { line, error, others, kept });
    Ok((results, error))
}

/// Whether a string of a file has the form of `2026-11-30`: reports show it as it is.
fn is_date(text: &str) -> bool {
    let is_mark = |(at, byte): (usize, &u8)| match at {
        4 | 7 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    text.len() == 10 && text.as_bytes().iter().enumerate().all(is_mark)
}

/// Passes over the rest of a line; gives its length.
fn skip_line(file: &mut impl BufRead) -> std::io::Result<u64> {
    let mut length = 0;
    loop {
        let there = file.fill_buf()?;
        let end = there.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let used = end.unwrap_or(there.len());
        file.consume(used);
        length += used as u64;
        if end.is_some() || used == 0 {
            return Ok(length);
        }
    }
}
