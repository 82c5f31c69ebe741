//! The law: it agrees with every fixture, never fails the reference, and its
//! own mistakes are found.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod agreement;
#[path = "../common/mod.rs"]
mod common;
