//! What ways to fail were with something left out.

use std::collections::BTreeMap;

use super::Way;

#[derive(Default)]
pub(super) struct Disguises(BTreeMap<Way, Way>);

impl Disguises {
    pub(super) fn note(&mut self, way: Way, other: Way) {
        self.0.insert(way, other);
    }

    pub(super) fn contains(&self, way: &Way) -> bool {
        self.0.contains_key(way)
    }

    pub(super) fn ways(&self) -> impl Iterator<Item = &Way> {
        self.0.keys()
    }

    /// The first way that is found among those that one was. Two can be each
    /// other's, in different draws.
    pub(super) fn real<'a>(&'a self, way: &'a Way, is_found: impl Fn(&Way) -> bool) -> Option<&'a Way> {
        let others = std::iter::successors(Some(way), |way| self.0.get(way));
        others.take(self.0.len() + 1).find(|way| is_found(way))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Defect;

    #[test]
    fn a_way_is_the_first_that_is_found_of_those_that_it_was() {
        let way = |requirement: &str| (Defect::LostCode, requirement.to_owned());
        let [chunked, members, deep, other] = ["chunked", "members", "deep", "other"].map(way);
        let mut disguises = Disguises::default();
        for (way, real) in [(&chunked, &deep), (&deep, &members), (&members, &deep), (&other, &chunked)] {
            disguises.note(way.clone(), real.clone());
        }
        for way in [&chunked, &deep, &members, &other] {
            assert_eq!(disguises.real(way, |way| *way == members), Some(&members));
            assert_eq!(disguises.real(way, |_| false), None);
        }
    }
}
