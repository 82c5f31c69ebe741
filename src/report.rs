//! Reports, all derived from the records.

pub mod ndjson;
pub mod terminal;
