//! Counts by level: what the documents forbid is one thing, what would hurt a
//! user another.

use crate::fixture::Level;

/// How many there are of each level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Levels {
    /// The documents require it.
    pub must: usize,
    /// The documents advise it, or silence about it would hurt a user.
    pub should: usize,
    /// The documents leave it open.
    pub may: usize,
}

impl Levels {
    /// All of them.
    #[must_use]
    pub fn all(self) -> usize {
        self.must + self.should + self.may
    }

    /// Counts one more.
    pub fn count(&mut self, level: Level) {
        *match level {
            Level::Must => &mut self.must,
            Level::Should => &mut self.should,
            Level::May => &mut self.may,
        } += 1;
    }
}

impl FromIterator<Level> for Levels {
    fn from_iter<I: IntoIterator<Item = Level>>(levels: I) -> Self {
        let mut counts = Self::default();
        levels.into_iter().for_each(|level| counts.count(level));
        counts
    }
}

/// Such as `3 must, 4 should`; `none` where there are none.
impl std::fmt::Display for Levels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let of = [(self.must, Level::Must), (self.should, Level::Should), (self.may, Level::May)];
        let counts = of.iter().filter(|(count, _)| *count > 0);
        let words: Vec<_> = counts.map(|(count, level)| format!("{count} {}", level.as_str())).collect();
        f.write_str(if words.is_empty() { "none" } else { "" })?;
        f.write_str(&words.join(", "))
    }
}
