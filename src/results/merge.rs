//! Several results files as one.

use std::collections::BTreeMap;

use super::{Record, settle};
use crate::client::ClientInfo;

/// The records of several files.
#[derive(Debug, Clone, Default)]
pub struct Merged {
    /// One record for each client and fixture, by client, then by fixture.
    pub records: Vec<Record>,
    /// Which records were left out for later ones, in words.
    pub notices: Vec<String>,
}

/// Merges files, each with its name. Where two records are of the same client
/// and fixture, the later one is kept. What is charged is settled.
#[must_use]
pub fn merge(files: impl IntoIterator<Item = (String, Vec<Record>)>) -> Merged {
    let mut kept: BTreeMap<(ClientInfo, String), (usize, Record)> = BTreeMap::new();
    let mut replaced: BTreeMap<(usize, usize, ClientInfo), usize> = BTreeMap::new();
    let mut names = Vec::new();
    for (file, (name, records)) in files.into_iter().enumerate() {
        names.push(name);
        for record in records {
            let key = (record.client.clone(), record.fixture.clone());
            if let Some((earlier, record)) = kept.insert(key, (file, record)) {
                *replaced.entry((earlier, file, record.client)).or_default() += 1;
            }
        }
    }
    let name = |file: usize| names.get(file).map_or("", String::as_str);
    let notice = |((earlier, later, client), count): ((usize, usize, ClientInfo), usize)| {
        let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
        format!("{}: {records} of {client} in place of those in {}", name(later), name(earlier))
    };
    let mut records: Vec<_> = kept.into_values().map(|(_, record)| record).collect();
    settle(&mut records);
    Merged { notices: replaced.into_iter().map(notice).collect(), records }
}
