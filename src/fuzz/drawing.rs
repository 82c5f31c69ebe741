//! What is drawn: it depends on the seed, on the number, and on what is known
//! when a round begins.

use std::sync::Arc;

use crate::draw::{Draw, Kind, Source, Tree};

/// What draws so far have shown.
#[derive(Clone, Default)]
pub(super) struct Known {
    /// Draws that showed something new.
    pub(super) kept: Vec<Arc<Draw>>,
    /// Sorts of twist that together make the client hang.
    pub(super) hangs: Vec<Vec<Kind>>,
}

/// The draws of a round.
#[derive(Clone)]
pub(super) struct Drawing {
    pub(super) source: Arc<Source>,
    pub(super) guided: bool,
    pub(super) known: Arc<Known>,
}

impl Drawing {
    pub(super) fn tree(&self, number: u64) -> Tree {
        self.source.draw(number, if self.guided { &self.known.kept } else { &[] })
    }

    /// A draw, without what is known to make the client hang.
    pub(super) fn draw(&self, number: u64) -> Draw {
        let mut draw = self.tree(number).current();
        for hang in &self.known.hangs {
            if let [first, ..] = hang.as_slice()
                && hang.iter().all(|kind| draw.kinds().any(|other| other == *kind))
            {
                draw.leave_out(*first);
            }
        }
        draw
    }
}
