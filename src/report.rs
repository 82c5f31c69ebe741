//! Reports, all derived from the records.

pub mod ndjson;
mod table;
pub mod terminal;
mod text;

pub use table::{Counts, Group, Row, Table};
