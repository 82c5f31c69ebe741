//! Conformance and fuzz harness for AWS Support's `AddAttachmentsToSet`.
#![doc = include_str!("lib.md")]

pub mod model;
pub mod wire;
