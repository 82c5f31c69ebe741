//! Conformance and fuzz harness for AWS Support's `AddAttachmentsToSet`.
#![doc = include_str!("lib.md")]

pub mod fixture;
pub mod judge;
pub mod model;
pub mod transcript;
pub mod wire;
