//! Which requirement a failure violates, where one run alone leaves it open.

use std::collections::{BTreeMap, HashSet};

use super::{Record, lacks};
use crate::client::ClientInfo;
use crate::judge::Mismatch;

/// Decides which requirement each failure of a client violates. A client that
/// loses a name behind odd white space in a header may not read the header at
/// all, or not the white space: the plain requirement is violated if another
/// failure, which can have no other cause, shows that it is, and the special
/// one if none does.
///
/// The records keep what they may violate, so that the records of several
/// runs, each attributed before, can be attributed again as one run.
pub fn attribute(records: &mut [Record]) {
    let mut clients: BTreeMap<ClientInfo, Vec<&mut Mismatch>> = BTreeMap::new();
    for record in &mut *records {
        clients.entry(record.client.clone()).or_default().extend(&mut record.mismatches);
    }
    for mut mismatches in clients.into_values() {
        let mut violated = HashSet::new();
        mismatches.sort_by_key(|mismatch| candidates(mismatch).count());
        for alike in
            mismatches.chunk_by_mut(|one, other| candidates(one).count() == candidates(other).count())
        {
            for mismatch in alike.iter_mut() {
                let all: Vec<_> = candidates(mismatch).cloned().collect();
                let chosen = all.iter().find(|id| violated.contains(*id)).or(all.last());
                mismatch.requirement = chosen.cloned().expect("the requirement itself is a candidate");
                mismatch.otherwise = if all.len() > 1 { all } else { Vec::new() };
            }
            violated.extend(alike.iter().map(|mismatch| mismatch.requirement.clone()));
        }
    }
    for record in records {
        for mismatch in record.mismatches.iter_mut().filter(|mismatch| !mismatch.otherwise.is_empty()) {
            mismatch.level = lacks::level(record.level, mismatch, &record.client);
        }
    }
}

/// What a mismatch may violate, from the plain to the special requirement.
fn candidates(mismatch: &Mismatch) -> impl Iterator<Item = &String> {
    let first = Some(&mismatch.requirement).filter(|first| !mismatch.otherwise.contains(first));
    first.into_iter().chain(&mismatch.otherwise)
}
