//! Failures that turned out to be others once something was left out.

use std::collections::BTreeMap;

use crate::judge::FindingId;

#[derive(Default)]
pub(super) struct Aliases(BTreeMap<FindingId, FindingId>);

impl Aliases {
    pub(super) fn note(&mut self, id: FindingId, other: FindingId) {
        self.0.insert(id, other);
    }

    pub(super) fn contains(&self, id: &FindingId) -> bool {
        self.0.contains_key(id)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &FindingId> {
        self.0.keys()
    }

    /// The first that is found among those that one turned out to be. Two can be
    /// each other's, in different cases.
    pub(super) fn real<'a>(
        &'a self,
        id: &'a FindingId,
        is_found: impl Fn(&FindingId) -> bool,
    ) -> Option<&'a FindingId> {
        let others = std::iter::successors(Some(id), |id| self.0.get(id));
        others.take(self.0.len() + 1).find(|id| is_found(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Defect;

    #[test]
    fn an_alias_stands_for_the_first_that_is_found_of_those_that_it_was() {
        let id =
            |requirement: &str| FindingId { defect: Defect::LostCode, requirement: requirement.to_owned() };
        let [chunked, members, deep, other] = ["chunked", "members", "deep", "other"].map(id);
        let mut aliases = Aliases::default();
        for (id, real) in [(&chunked, &deep), (&deep, &members), (&members, &deep), (&other, &chunked)] {
            aliases.note(id.clone(), real.clone());
        }
        for id in [&chunked, &deep, &members, &other] {
            assert_eq!(aliases.real(id, |id| *id == members), Some(&members));
            assert_eq!(aliases.real(id, |_| false), None);
        }
    }
}
