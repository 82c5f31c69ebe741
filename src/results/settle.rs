//! What a failure is charged to that one run alone leaves open.

use std::collections::{BTreeMap, HashSet};

use super::Record;
use crate::client::ClientInfo;
use crate::judge::Mismatch;

/// Decides what each client's failures are charged to. One that loses a name
/// behind odd white space in a header may not read the header at all, or not
/// the white space: it is charged with the plain requirement if a failure that
/// could come of nothing else shows that it breaks it, and with the special
/// one if none does.
pub fn settle(records: &mut [Record]) {
    let mut clients: BTreeMap<ClientInfo, Vec<&mut Mismatch>> = BTreeMap::new();
    for record in records {
        clients.entry(record.client.clone()).or_default().extend(&mut record.mismatches);
    }
    for mut mismatches in clients.into_values() {
        let mut broken = HashSet::new();
        mismatches.sort_by_key(|mismatch| mismatch.otherwise.len());
        for alike in mismatches.chunk_by_mut(|one, other| one.otherwise.len() == other.otherwise.len()) {
            for mismatch in alike.iter_mut() {
                charge(mismatch, &broken);
            }
            broken.extend(alike.iter().map(|mismatch| mismatch.requirement.clone()));
        }
    }
}

/// Charges the first requirement that is known to be broken, or the last.
fn charge(mismatch: &mut Mismatch, broken: &HashSet<String>) {
    let mut otherwise = std::mem::take(&mut mismatch.otherwise).into_iter();
    while !broken.contains(&mismatch.requirement)
        && let Some(next) = otherwise.next()
    {
        mismatch.requirement = next;
    }
}
