//! Conformance and fuzz harness for AWS Support's `AddAttachmentsToSet`.
#![doc = include_str!("lib.md")]

/// The files of `fixtures/` and `adapters/` as they were when the library was
/// built: `build.rs` writes the tables.
mod embedded {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

mod file;
pub mod fixture;
pub mod judge;
pub mod model;
mod normalize;
pub mod oracle;
#[cfg(feature = "property")]
pub mod property;
pub mod service;
pub mod transcript;
pub mod wire;

#[cfg(feature = "draw")]
pub mod draw;

#[cfg(any(feature = "harness", feature = "serve"))]
mod accept;
#[cfg(feature = "harness")]
pub mod adapter;
#[cfg(all(feature = "draw", feature = "harness"))]
pub mod campaign;
#[cfg(feature = "harness")]
pub mod check;
#[cfg(feature = "harness")]
pub mod client;
#[cfg(feature = "harness")]
pub mod deadline;
#[cfg(feature = "harness")]
mod process;
#[cfg(feature = "harness")]
pub mod replay;
#[cfg(feature = "harness")]
pub mod run;
#[cfg(feature = "harness")]
pub mod runner;
#[cfg(feature = "harness")]
mod select;
#[cfg(feature = "harness")]
pub mod suite;
#[cfg(any(feature = "harness", feature = "serve"))]
mod text;
#[cfg(feature = "harness")]
mod unwind;

#[cfg(feature = "serve")]
pub mod lint;
#[cfg(feature = "serve")]
pub mod serve;

#[cfg(feature = "wiremock")]
pub mod wiremock;

#[cfg(feature = "cli")]
pub mod catalog;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod command;
#[cfg(feature = "harness")]
pub mod findings;
#[cfg(feature = "harness")]
mod glob;
#[cfg(feature = "harness")]
mod nearest;
#[cfg(feature = "harness")]
pub mod report;
#[cfg(feature = "harness")]
pub mod reproduce;
#[cfg(feature = "harness")]
pub mod results;
