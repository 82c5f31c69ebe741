//! The oracle: it agrees with every fixture, never fails the reference, and its
//! own mistakes are found.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod agreement;
mod messages;
mod mutants;
mod names;
mod reference;
mod rulings;
mod tolerated;
